"""From the cards to the list over the real wire: how many requests, and that a list brought up to date is the whole list."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dmp_desktop.cda.build import BuildRequest, Parent, build
from dmp_desktop.cda.read import entry_from_cda
from dmp_desktop.dmp import names
from dmp_desktop.dmp.metadata import SIGNATURE_CLASS
from dmp_desktop.domain.documents import Availability, Code, DocumentEntry, DocumentFormat, Submission
from dmp_desktop.domain.people import Context, Encounter
from dmp_desktop.domain.ports import FindCriteria, TransportReply
from dmp_desktop.platform.clock import SystemClock
from dmp_desktop.sandbox import Sandbox
from dmp_desktop.sandbox.model import Kind
from dmp_desktop.services.documents import PatientCache, render
from dmp_desktop.services.dossier import DossierService
from dmp_desktop.services.folding import fold
from dmp_desktop.services.listing import RECENT
from dmp_desktop.storage.cache import CacheStore
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.sealing import Seal
from tests.helpers.outbox import KEY
from tests.helpers.owned import seals_of
from tests.helpers.sandbox_client import SENDER, Connection, patient_of
from tests.helpers.seeded import seeded


class Workstation:
    """Our client and the record's service, with the requests that left."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.connection = Connection(sandbox)
        self.asked: list[str] = []
        post = self.connection.transport.post

        def counted(path: str, body: bytes, headers: Mapping[str, str]) -> TransportReply:
            self.asked.append(path)
            return post(path, body, headers)

        self.connection.transport.post = counted  # type: ignore[method-assign, assignment]
        self.database = Database.open(folder / "a.db", KEY)
        clock = SystemClock()
        cache = PatientCache(CacheStore(self.database, Seal(KEY, "cache"), seals_of(KEY), clock))
        client = self.connection.client
        self.dossier = DossierService(lambda: client, cache, render, lambda: "810002422979", clock)
        self.patient = patient_of(sandbox, "chronic")

    def close(self) -> None:
        self.connection.transport.close()
        self.database.close()

    def open(self, *, older: bool = True) -> tuple[list[DocumentEntry], int]:
        """The list as the window asks for it, and the number of requests from the cards to it."""
        self.dossier.forget()
        self.asked.clear()
        assert self.dossier.status(self.patient).readable
        return self.dossier.entries(self.patient, older=older), len(self.asked)

    def truth(self) -> set[str]:
        found = self.connection.client.find(self.patient.ins, FindCriteria())
        return {entry.entry_uuid for entry in found if entry.class_code != SIGNATURE_CLASS}

    def deposit(self, replaced: DocumentEntry | None = None, together: int = 1) -> list[DocumentEntry]:
        """Documents of the doctor's own in one lot, signature included."""
        account, now = self.connection.account, datetime.now(UTC).replace(microsecond=0)
        parent = Parent(replaced.unique_id, replaced.unique_id, 1) if replaced else None
        documents = []
        for number in range(together):
            unique_id, form = f"2.25.{uuid.uuid4().int}", DocumentFormat.STRUCTURED
            encounter = Encounter(now - timedelta(minutes=5 + number))
            context = Context(self.patient, account.professional, account.facility, encounter)
            request = BuildRequest(context, f"TA 14/{number}.", unique_id, now, replaces=parent, format=form)
            built = build(request)
            documents.append((replace(entry_from_cda(built.cda), patient=self.patient.ins), built.cda))
        entry = documents[0][0]
        self.connection.client.submit(
            Submission(
                unique_id=f"2.25.{uuid.uuid4().int}",
                patient=self.patient.ins,
                author=entry.authors[0],
                content_type=Code("SA07", "1.2.250.1.71.4.2.4", "Cabinet individuel"),
                source_id=SENDER,
                documents=tuple(documents),
                replaced_entry_uuids={entry.unique_id: replaced.entry_uuid} if replaced else {},
            )
        )
        names = [document.unique_id for document, _content in documents]
        return self.connection.client.find_by_unique_id(self.patient.ins, names)


@pytest.fixture
def station(tmp_path: Path) -> Iterator[tuple[Sandbox, Workstation]]:
    with Sandbox(seeded(tmp_path / "sandbox")) as sandbox:
        workstation = Workstation(sandbox, tmp_path)
        yield sandbox, workstation
        workstation.close()


def test_three_requests_from_the_cards_to_the_list(station: tuple[Sandbox, Workstation]) -> None:
    _sandbox, doctor = station
    recent, requests = doctor.open(older=False)
    assert requests == 2
    begins = datetime.now(UTC) - RECENT
    assert all(entry.service_start is None or entry.service_start >= begins for entry in recent)
    assert 0 < len(recent) < 400
    doctor.dossier.clear()
    whole, requests = doctor.open()
    assert (len(whole), requests) == (400, 3)
    assert doctor.asked == [names.PATIENTS, names.REGISTRY, names.REGISTRY]
    assert doctor.open() == (whole, 2)


@pytest.mark.slow
def test_a_list_brought_up_to_date_is_the_whole_list(station: tuple[Sandbox, Workstation]) -> None:
    sandbox, doctor = station
    (first,) = doctor.deposit()
    assert {entry.entry_uuid for entry in doctor.open()[0]} == doctor.truth()
    (second,) = doctor.deposit(replaced=first)
    (other,) = doctor.deposit()
    found, requests = doctor.open()
    assert {entry.entry_uuid for entry in found} == doctor.truth() >= {second.entry_uuid, other.entry_uuid}
    assert first.entry_uuid not in doctor.truth()
    assert requests == 4  # the kept list was told after the first
    for status in (Availability.ARCHIVED, Availability.DELETED):
        (known,) = [
            one for one in sandbox.registry.objects(doctor.patient.ins.value, Kind.ENTRY) if one.id == other.entry_uuid
        ]
        sandbox.registry.put(replace(known, status=status.value), doctor.patient.ins.value)
        found, _ = doctor.open()
        assert {entry.entry_uuid for entry in found} == doctor.truth()
        assert other.entry_uuid not in doctor.truth()


def test_what_came_with_a_document_is_beside_it(station: tuple[Sandbox, Workstation]) -> None:
    """Documents of one lot; the lot's signature is no document."""
    _sandbox, doctor = station
    doctor.open()
    one, other = doctor.deposit(together=2)
    found, _requests = doctor.open()
    doctor.asked.clear()
    rows = fold(found, doctor.dossier.links(doctor.patient, one))
    assert len(doctor.asked) == 2
    beside = {row.entry.unique_id: [sibling.unique_id for sibling in row.siblings] for row in rows if row.siblings}
    assert beside == {one.unique_id: [other.unique_id], other.unique_id: [one.unique_id]}


@pytest.mark.slow
def test_many_deposits_come_by_batches_of_twenty(station: tuple[Sandbox, Workstation]) -> None:
    _sandbox, doctor = station
    doctor.open()
    for _ in range(21):
        doctor.deposit()
    found, requests = doctor.open()
    assert {entry.entry_uuid for entry in found} == doctor.truth()
    assert requests == 1 + 1 + 2 + 3  # 21 sets; 21 documents and 21 signatures
