"""What the scripted records share: identifiers drawn in order, days counted back from now, one plan a document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from uuid import UUID

from dmp_desktop.domain.documents import Availability
from dmp_desktop.domain.people import Patient
from dmp_desktop.sandbox.records.authors import WRITERS, Writer, patient_herself
from dmp_desktop.sandbox.records.facts import Delivery, DeliveryLine, Drug, Intake, Order, OrderLine
from dmp_desktop.sandbox.records.kinds import DELIVERY, ORDER, KindOfDocument
from dmp_desktop.sandbox.records.plan import PARIS, Plan, Section

OID_UUID = "2.25"
"""Root of the OIDs made of a UUID (ITU-T X.667)."""
PATIENT = "patient"
"""Key of the patient as author."""


class Identifiers:
    """UUIDs and OIDs from one source of chance: the order of calls decides everything."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def uuid(self) -> UUID:
        return UUID(int=self._random.getrandbits(128), version=4)

    def oid(self) -> str:
        return f"{OID_UUID}.{self.uuid().int}"


class Scribe:
    """Makes the scripted documents of one patient."""

    def __init__(self, patient: Patient, now: datetime, identifiers: Identifiers) -> None:
        self.patient = patient
        self.now = now
        self._ids = identifiers

    def day(self, ago: int) -> date:
        """So many days before now; on Friday rather than at the weekend."""
        found = (self.now - timedelta(days=ago)).astimezone(PARIS).date()
        return found - timedelta(days=max(0, found.weekday() - 4))

    def writer(self, key: str) -> Writer:
        return patient_herself(self.patient) if key == PATIENT else WRITERS[key]

    def plan(
        self, kind: KindOfDocument, writer: str, title: str, day: date, content: object = None, **more: Any
    ) -> Plan:
        """A document of a day, written within the hour. `more` are fields of Plan."""
        start = datetime.combine(day, time(9 + len(title) % 8, 10), PARIS)
        last = self.now - timedelta(hours=2)
        fields: dict[str, Any] = {
            "patient": self.patient,
            "kind": kind,
            "writer": self.writer(writer),
            "title": title,
            "created": min(start + timedelta(minutes=25), last).astimezone(UTC),
            "service_start": min(start, last - timedelta(minutes=25)).astimezone(UTC),
            "unique_id": self._ids.oid(),
            "entry_uuid": f"urn:uuid:{self._ids.uuid()}",
            "set_id": self._ids.oid(),
            "content": content,
        }
        return Plan(**{**fields, **more})

    def paper(self, kind: KindOfDocument, writer: str, title: str, day: date, *told: str, **more: Any) -> Plan:
        """A document of plain paragraphs."""
        return self.plan(kind, writer, title, day, sections=(Section("55112-7", title, told),), **more)

    def order(self, writer: str, day: date, *lines: OrderLine) -> Plan:
        return self.plan(ORDER, writer, "Ordonnance de médicaments", day, Order(day, lines))

    def line(self, drug: Drug, intake: Intake, days: int, **more: Any) -> OrderLine:
        return OrderLine(str(self._ids.uuid()).upper(), drug, intake, days, **more)

    def delivery(self, order: Plan, pharmacy: str, day: date, replaced: dict[Drug, Drug] | None = None) -> Plan:
        """The drugs of an order handed over, some replaced by another of the same substance."""
        lines = tuple(
            DeliveryLine(line, (replaced or {}).get(line.drug, line.drug)) for line in order.told(Order).lines
        )
        told = Delivery(day, order.unique_id, order.created, order.writer, lines)
        return self.plan(DELIVERY, pharmacy, "Dispensation de médicaments", day, told)


def versions(*plans: Plan) -> Iterator[Plan]:
    """Documents that replace each other, the oldest first: one setId, only the last Approved."""
    for rank, plan in enumerate(plans):
        yield replace(
            plan,
            set_id=plans[0].set_id,
            version=rank + 1,
            replaces=plans[rank - 1].unique_id if rank else "",
            status=Availability.APPROVED if rank + 1 == len(plans) else Availability.DEPRECATED,
        )
