"""Who is expected on a day, sealed: the table says how many people are on which day, and nothing of them."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from dmp_desktop.domain.arrivals import Arrival, DayList, Decide, DmpTold, Expected, Stage, Step
from dmp_desktop.domain.people import Sex
from dmp_desktop.domain.ports import Clock
from dmp_desktop.errors import StorageError
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.schema import arrival as table
from dmp_desktop.storage.sealing import Seal
from dmp_desktop.storage.subject import patient_from_plain, plain_patient

log = logging.getLogger(__name__)


class SealedArrivals:
    """An ArrivalStore of one workstation. Methods raise StorageError."""

    def __init__(self, database: Database, seal: Seal, clock: Clock) -> None:
        self._database = database
        self._seal = seal
        self._clock = clock

    def of(self, day: date) -> DayList:
        """A row that does not open is counted, and bars nobody else's."""
        with self._database.read() as connection:
            return self._read(connection, day)

    def update(self, day: date, decide: Decide) -> Sequence[Arrival]:
        """One transaction, of the one writer there is: nobody changes the list while `decide` looks at it."""
        with self._database.write() as connection:
            known = {one.arrival_id: one for one in self._read(connection, day).arrivals}
            written = []
            for one in decide(tuple(known.values())):
                former = known.get(one.arrival_id)
                now = replace(one, day=day, revision=former.revision + 1 if former else 1)
                values = {
                    "revision": now.revision,
                    "updated_at": self._clock.now(),
                    "sealed": self._seal.seal(encode(now), _place(now)),
                }
                statement = insert(table).values(arrival_id=now.arrival_id, day=day.isoformat(), **values)
                connection.execute(statement.on_conflict_do_update(index_elements=["arrival_id"], set_=values))
                written.append(now)
        return written

    def days(self) -> list[date]:
        with self._database.read() as connection:
            found = connection.execute(sa.select(table.c.day).distinct()).scalars()
            return sorted(date.fromisoformat(one) for one in found)

    def forget(self, day: date) -> int:
        with self._database.write() as connection:
            return int(connection.execute(table.delete().where(table.c.day == day.isoformat())).rowcount)

    def _read(self, connection: sa.Connection, day: date) -> DayList:
        rows = connection.execute(sa.select(table).where(table.c.day == day.isoformat())).all()
        found = []
        for row in rows:
            try:
                clear = self._seal.open(row.sealed, f"arrival/{row.arrival_id}/{row.day}")
            except StorageError as error:
                log.warning("an arrival cannot be read: %s", error.code)
                continue
            found.append(replace(decode(clear, row.arrival_id, day), revision=row.revision))
        return DayList(tuple(found), len(rows) - len(found))


def _place(one: Arrival) -> str:
    """A row moved to another day does not open."""
    return f"arrival/{one.arrival_id}/{one.day.isoformat()}"


def encode(one: Arrival) -> bytes:
    """Without the day and the id it is kept under."""
    told, dmp = one.expected, one.dmp
    content = {
        "expected": {
            "family": told.family,
            "given": told.given,
            "birth_date": told.birth_date and told.birth_date.isoformat(),
            "sex": told.sex,
            "at": _text(told.at),
            "ins": told.ins,
            "doctor": told.doctor,
            "rpps": told.rpps,
            "uid": told.uid,
            "patient": told.patient and plain_patient(told.patient),
        },
        "source": one.source,
        "person": one.person,
        "dmp": dmp and {"at": dmp.at.isoformat(), "exists": dmp.exists, "closed": dmp.closed, "access": dmp.access},
        "steps": [
            {"stage": step.stage, "at": step.at.isoformat(), "by": step.by, "by_name": step.by_name}
            for step in one.steps
        ],
        "withdrawn": one.withdrawn,
        "moved_from": _text(one.moved_from),
        "place": one.place,
    }
    return json.dumps(content, ensure_ascii=False).encode()


def decode(content: bytes, arrival_id: str, day: date) -> Arrival:
    """The inverse of `encode`."""
    stored: dict[str, Any] = json.loads(content)
    told, dmp = stored["expected"], stored["dmp"]
    born, patient = told["birth_date"], told["patient"]
    expected = Expected(
        **told
        | {
            "birth_date": born and date.fromisoformat(born),
            "sex": Sex(told["sex"]),
            "at": _moment(told["at"]),
            "patient": patient and patient_from_plain(patient),
        }
    )
    return Arrival(
        arrival_id=arrival_id,
        day=day,
        expected=expected,
        source=stored["source"],
        person=stored["person"],
        dmp=dmp and DmpTold(**dmp | {"at": datetime.fromisoformat(dmp["at"])}),
        steps=tuple(
            Step(Stage(step["stage"]), datetime.fromisoformat(step["at"]), step["by"], step["by_name"])
            for step in stored["steps"]
        ),
        withdrawn=stored["withdrawn"],
        moved_from=_moment(stored["moved_from"]),
        place=stored["place"],
    )


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
