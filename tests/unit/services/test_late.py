"""A letter written before the last visit and deposited after it is new; through the real server too."""

from __future__ import annotations

import os
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Event

from dmp_desktop.cda.build import BuildRequest, build
from dmp_desktop.cda.read import entry_from_cda
from dmp_desktop.domain.clinical import DocumentFacts
from dmp_desktop.domain.documents import Code, DocumentEntry, DocumentFormat, Submission
from dmp_desktop.domain.people import Context, Encounter, Patient
from dmp_desktop.errors import DmpError
from dmp_desktop.platform.clock import SystemClock
from dmp_desktop.sandbox import Sandbox
from dmp_desktop.services import documents
from dmp_desktop.services.digest import Digest, DigestService
from dmp_desktop.services.dossier import DossierService
from dmp_desktop.services.facts import FactsReader
from dmp_desktop.services.late import Deposits, LateDeposits
from dmp_desktop.services.record import RecordList
from dmp_desktop.storage.cache import CacheStore
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.sealing import Seal
from tests.helpers.clock import FakeClock
from tests.helpers.facts import entry, result, treatment
from tests.helpers.outbox import PATIENT
from tests.helpers.owned import seals_of
from tests.helpers.sandbox_client import SENDER, Connection, patient_of
from tests.helpers.seeded import seeded

ME = "810002422979"
VISIT = date(2026, 3, 12)
CAME = datetime(2026, 9, 1, 9, tzinfo=UTC)


def document(day: str, title: str, me: bool = False, **changes: object) -> DocumentEntry:
    made = entry(day, title, type_code="x")
    authors = tuple(replace(one, person_id=ME) for one in made.authors) if me else made.authors
    return replace(made, entry_uuid=f"urn:uuid:{title}", authors=authors, **changes)  # type: ignore[arg-type]


MINE = document("2026-03-12", "Ma consultation", me=True)
OLD = document("2025-01-10", "Courrier ancien")
LATE = document("2026-02-01", "Courrier tardif")
NEW = document("2026-05-01", "Compte rendu")


class Registry:
    """Tells when documents were deposited; what it is asked is kept."""

    def __init__(self, *late: DocumentEntry) -> None:
        self.deposits = {one.entry_uuid: CAME for one in late}
        self.asked: list[datetime] = []
        self.down = False

    def deposited(self, patient: Patient, since: datetime) -> Deposits:
        self.asked.append(since)
        if self.down:
            raise DmpError("x", "y", "z", retryable=True)
        return self.deposits


def digest(registry: Registry, entries: Sequence[DocumentEntry]) -> Digest:
    return DigestService(lambda: ME, FakeClock(), None, LateDeposits(registry.deposited)).digest(PATIENT, entries)


def test_it_is_new_in_the_order_of_its_deposit_and_says_when_it_came() -> None:
    registry = Registry(LATE)
    found = digest(registry, [MINE, OLD, LATE, NEW])
    assert [(line.text, line.date) for line in found.lines] == [
        ("Courrier tardif", date(2026, 2, 1)),
        ("Compte rendu", date(2026, 5, 1)),
    ]
    assert found.lines[0].detail.endswith(", déposé le 01/09/2026")
    assert "déposé" not in found.lines[1].detail
    assert (found.since, sum(found.counts.values()), found.complete) == (VISIT, 2, True)
    assert [moment.astimezone().date() for moment in registry.asked] == [VISIT]


def test_neither_a_changed_visibility_nor_an_own_document_came_late() -> None:
    changed = replace(LATE, version=2)
    own = document("2026-01-01", "Ma note", me=True)
    assert digest(Registry(changed, own), [MINE, changed, own]).lines == ()


def test_what_is_new_by_its_date_says_no_deposit() -> None:
    assert [line.detail for line in digest(Registry(NEW), [MINE, NEW]).lines] == ["Luc TEST-AUTEUR"]


def test_without_an_answer_a_document_came_when_it_was_written() -> None:
    registry = Registry(LATE)
    registry.down = True
    found = digest(registry, [MINE, LATE, NEW])
    assert ([line.text for line in found.lines], found.partial, found.complete) == (["Compte rendu"], False, True)


def test_out_of_reach_or_at_a_first_opening_nothing_is_asked() -> None:
    registry = Registry(LATE)
    digest(registry, RecordList([MINE, LATE], offline_since=CAME))
    digest(registry, [LATE, NEW])
    assert registry.asked == []


def test_a_list_is_asked_about_once_until_it_changes() -> None:
    registry = Registry(LATE)
    service = DigestService(lambda: ME, FakeClock(), None, LateDeposits(registry.deposited))
    found = [service.digest(PATIENT, [MINE, LATE], seen) for seen in (frozenset(), frozenset({LATE.unique_id}))]
    assert [len(one.lines) for one in found] == [1, 0]
    assert len(registry.asked) == 1
    service.digest(PATIENT, [MINE, LATE, NEW])
    assert len(registry.asked) == 2


def test_critical_results_do_not_wait_for_the_deposits() -> None:
    """The registry answers only once they were told."""
    lab, late = replace(NEW, title="Biologie"), LATE
    facts = {
        lab.unique_id: DocumentFacts((result("2823-3", 6.4, "mmol/L", "2026-05-01", flag="AA"),)),
        late.unique_id: DocumentFacts((treatment("Apixaban 5 mg"),)),
    }
    parts: list[list[str]] = []
    told = Event()

    def deposited(patient: Patient, since: datetime) -> Deposits:
        assert told.wait(60)
        return {late.entry_uuid: CAME}

    def on_part(part: Digest) -> None:
        parts.append([line.text for line in part.lines])
        if part.lines[0].severity == "critical":
            told.set()

    reader = FactsReader(lambda _patient, one: one.unique_id.encode(), lambda cda: facts[cda.decode()])
    with ThreadPoolExecutor(1) as executor:
        service = DigestService(lambda: ME, FakeClock(), reader, LateDeposits(deposited, executor))
        mine = replace(MINE, format_code=Code("urn:ihe:iti:xds-sd:pdf:2008", "f"))
        found = service.digest(PATIENT, [mine, lab, late], on_part=on_part)
    assert parts[:2] == [["Biologie"], ["Potassium 6,4 mmol/L"]]
    assert all(part[0] == "Potassium 6,4 mmol/L" for part in parts[1:])
    assert [line.text for line in found.lines] == ["Potassium 6,4 mmol/L", "+ Apixaban 5 mg"]


def test_through_the_real_server(tmp_path: Path) -> None:
    """A colleague's last visit was some weeks ago; the doctor deposits a letter of the year before."""
    clock = SystemClock()
    with (
        Sandbox(seeded(tmp_path / "sandbox")) as sandbox,
        Connection(sandbox) as connection,
        Database.open(tmp_path / "a.db", os.urandom(32)) as database,
    ):
        patient = patient_of(sandbox, "chronic")
        cache = documents.PatientCache(
            CacheStore(database, Seal(os.urandom(32), "cache"), seals_of(os.urandom(32)), clock)
        )
        colleague = ""
        dossier = DossierService(lambda: connection.client, cache, documents.render, lambda: colleague, clock)
        entries = dossier.entries(patient)
        colleague = last_author(entries, clock.now() - timedelta(days=30))
        service = DigestService(lambda: colleague, clock, None, LateDeposits(dossier.deposited))
        before = service.digest(patient, entries)
        letter = clock.now() - timedelta(days=400)
        name = deposit(connection, patient, letter)
        found = service.digest(patient, dossier.entries(patient))
        assert found.since is not None
        assert found.since > letter.date()
        lines = [line for line in found.lines if line.entry and line.entry.unique_id == name]
        assert [f"déposé le {clock.now().astimezone():%d/%m/%Y}" in line.detail for line in lines] == [True]
        assert len(found.lines) == len(before.lines) + 1


def last_author(entries: Sequence[DocumentEntry], before: datetime) -> str:
    """Who wrote last before a moment, the doctor apart."""
    written = [one for one in entries if one.creation_time < before and one.authors[0].person_id not in ("", ME)]
    return max(written, key=lambda one: one.creation_time).authors[0].person_id


def deposit(connection: Connection, patient: Patient, when: datetime) -> str:
    """A letter of that moment, deposited now; its uniqueId."""
    account = connection.account
    context = Context(patient, account.professional, account.facility, Encounter(when - timedelta(minutes=15)))
    request = BuildRequest(
        context,
        "Motif : douleur ancienne.",
        f"2.25.{uuid.uuid4().int}",
        when.replace(microsecond=0),
        format=DocumentFormat.STRUCTURED,
    )
    built = build(request)
    letter = replace(entry_from_cda(built.cda), patient=patient.ins)
    kind = Code("SA07", "1.2.250.1.71.4.2.4", "Cabinet individuel")
    lot = f"2.25.{uuid.uuid4().int}"
    sent = Submission(lot, patient.ins, letter.authors[0], kind, SENDER, ((letter, built.cda),), "", {})
    connection.client.submit(sent)
    return built.unique_id
