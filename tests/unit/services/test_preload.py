"""Records fetched ahead: in what order, at what pace, for whom, and when no more. No thread, no waiting: the clock is moved."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dmp_desktop.domain.access import Authorization, DossierStatus
from dmp_desktop.domain.documents import Code, DocumentEntry
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.people import Patient
from dmp_desktop.errors import CardError, DmpDesktopError, DmpError
from dmp_desktop.platform.clock import SystemClock
from dmp_desktop.services.preload import LIST_ENTRY_BYTES, Limits, Preloader, PreloadWorker
from tests.helpers.clock import FakeClock
from tests.helpers.outbox import PATIENT

CODE = Code("10", "1.2.250.1.213.1.1.4.1")
LIMITS = Limits(
    patients=2, documents=5, patient_bytes=500, total_bytes=800, bytes_per_second=1000, idle_seconds=5, retry_seconds=60
)
DOWN = DmpError("DmpInjoignable", "Le DMP est injoignable.", retryable=True)
REFUSED = DmpError("XDSRepositoryError", "L'entrepôt du DMP a signalé une erreur.")


def patient(number: int) -> Patient:
    return replace(PATIENT, ins=InsIdentity(f"27903512151{number:04}", PATIENT.ins.oid))


def entry(number: int, size: int = 100) -> DocumentEntry:
    day = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number)
    return DocumentEntry(f"2.25.{number}", f"Document {number}", CODE, CODE, CODE, day, size=size)


class Record:
    """A DMP that answers at once, or fails as told."""

    def __init__(self, *entries: DocumentEntry) -> None:
        self.entries = list(entries)
        self.asked: list[str] = []
        self.errors: list[DmpDesktopError] = []
        self.unreadable: set[str] = set()
        self.cached: set[str] = set()
        self.fetching = threading.Event()

    def _ask(self, what: str, patient: Patient) -> None:
        self.asked.append(f"{what} {patient.ins.value[-1]}")
        if self.errors:
            raise self.errors.pop(0)

    def check(self, patient: Patient) -> DossierStatus:
        self._ask("status", patient)
        right = Authorization.INTERDIT if patient.ins.value in self.unreadable else Authorization.VALIDE
        return DossierStatus(exists=True, authorization=right)

    def preload(self, patient: Patient) -> list[DocumentEntry]:
        self._ask("list", patient)
        return self.entries

    def fetch(self, patient: Patient, entry: DocumentEntry) -> bytes:
        self._ask(entry.unique_id, patient)
        self.fetching.set()
        return b"x" * entry.size

    def kept(self, patient: Patient) -> frozenset[str]:
        return frozenset(self.cached)


class Line:
    def __init__(self, record: Record, limits: Limits = LIMITS) -> None:
        self.record = record
        self.clock = FakeClock()
        self.preloader = Preloader(record, self.clock, limits)

    def run(self, patients: Iterable[Patient] = (), steps: int = 100) -> list[str]:
        """What is asked until nothing is left to do, the clock moved as told each time."""
        if patients:
            self.preloader.plan(patients)
        for _ in range(steps):
            delay = self.preloader.step()
            if delay is None:
                break
            self.clock.advance(delay)
        asked, self.record.asked = self.record.asked, []
        return asked


def test_status_then_list_then_documents_the_latest_first_a_patient_after_the_other() -> None:
    line = Line(Record(entry(1), entry(3), entry(2)))
    assert line.run([patient(1), patient(2), patient(3)]) == [
        "status 1", "list 1", "2.25.3 1", "2.25.2 1", "2.25.1 1",
        "status 2", "list 2", "2.25.3 2", "2.25.2 2", "2.25.1 2",
    ]  # fmt: skip
    assert line.preloader.step() is None


def test_nothing_is_fetched_for_who_may_not_be_read() -> None:
    record = Record(entry(1))
    record.unreadable = {patient(1).ins.value}
    assert Line(record).run([patient(1), patient(2)]) == ["status 1", "status 2", "list 2", "2.25.1 2"]


def test_what_is_there_is_not_fetched_again() -> None:
    record = Record(entry(1), entry(2))
    record.cached = {"2.25.2"}
    assert Line(record).run([patient(1)]) == ["status 1", "list 1", "2.25.1 1"]


def test_each_patient_has_a_budget_and_so_has_the_day() -> None:
    record = Record(entry(1, 50), entry(2, 400), entry(3, 300))
    line = Line(record)
    assert line.run([patient(1)]) == ["status 1", "list 1", "2.25.3 1", "2.25.1 1"]  # 400 does not fit beside 300
    assert line.run([patient(2)]) == ["status 2", "list 2", "2.25.3 2", "2.25.1 2"]
    assert line.run([patient(3)]) == ["status 3", "list 3", "2.25.1 3"]  # 100 left of the day
    many = Line(Record(*(entry(number, 1) for number in range(20))))
    assert len(many.run([patient(1)])) == 2 + LIMITS.documents


def test_the_line_is_left_to_others() -> None:
    """250 bytes at 1,000 a second: a quarter of a second; a list counts by its entries."""
    line = Line(Record(entry(1, 250), entry(2, 100)))
    line.preloader.plan([patient(1)])
    assert line.preloader.step() == 0.0
    assert line.preloader.step() == 2 * LIST_ENTRY_BYTES / 1000
    line.record.asked.clear()
    assert line.preloader.step() == 2 * LIST_ENTRY_BYTES / 1000
    assert line.record.asked == []
    line.clock.advance(2 * LIST_ENTRY_BYTES / 1000)
    assert line.preloader.step() == pytest.approx(0.1)


def test_the_doctor_comes_first() -> None:
    line = Line(Record(entry(1)))
    line.preloader.plan([patient(1)])
    line.preloader.asked()
    line.preloader.answered()
    assert line.preloader.step() == 5.0
    line.clock.advance(4)
    line.preloader.asked()
    line.preloader.answered()
    assert line.preloader.step() == 5.0
    assert line.record.asked == []
    line.clock.advance(5)
    assert line.preloader.step() == 0.0
    assert line.record.asked == ["status 1"]


def test_nothing_is_fetched_while_the_doctor_waits_however_long() -> None:
    line = Line(Record(entry(1)))
    line.preloader.plan([patient(1)])
    for _ in range(2):
        line.preloader.asked()
    line.preloader.answered()
    line.clock.advance(60)
    assert line.preloader.step() == 5.0
    assert line.record.asked == []
    line.preloader.answered()
    assert line.preloader.step() == 5.0
    line.clock.advance(5)
    assert line.preloader.step() == 0.0


def test_sign_out_ends_it() -> None:
    line = Line(Record(entry(1)))
    line.run([patient(1)], steps=2)
    line.preloader.forget()
    assert line.run() == []


def test_sign_out_meanwhile_is_not_undone_by_the_answer() -> None:
    record = Record(entry(1))
    line = Line(record)
    line.preloader.plan([patient(1)])

    def leave(patient: Patient) -> DossierStatus:
        line.preloader.forget()
        return DossierStatus(exists=True, authorization=Authorization.VALIDE)

    record.check = leave  # type: ignore[method-assign]
    assert line.preloader.step() is None
    assert line.run() == []


def test_a_card_that_leaves_ends_it() -> None:
    record = Record(entry(1))
    record.errors = [CardError("CarteAbsente", "Votre carte CPS n'est pas dans le lecteur.")]
    assert Line(record).run([patient(1), patient(2)]) == ["status 1"]


def test_out_of_reach_is_tried_again_later_some_times() -> None:
    record = Record(entry(1))
    record.errors = [DOWN]
    line = Line(record)
    line.preloader.plan([patient(1)])
    assert line.preloader.step() == 60
    assert line.preloader.step() == 60
    assert line.record.asked == ["status 1"]
    line.clock.advance(60)
    assert line.run() == ["status 1", "status 1", "list 1", "2.25.1 1"]
    record.errors = [DOWN] * 3
    assert line.run([patient(1), patient(2)]) == ["status 1"] * 3 + ["status 2", "list 2", "2.25.1 2"]


def test_what_is_refused_is_left_alone() -> None:
    record = Record(entry(1), entry(2))
    line = Line(record)
    line.run([patient(1)], steps=2)
    record.errors = [REFUSED]
    assert line.run() == ["2.25.2 1", "2.25.1 1"]
    record.errors = [REFUSED]
    assert line.run([patient(2), patient(3)])[:3] == ["status 2", "status 3", "list 3"]


def test_a_new_plan_keeps_what_was_begun() -> None:
    line = Line(Record(entry(1)))
    line.run([patient(1), patient(2)], steps=1)
    assert line.run([patient(3), patient(1)]) == ["status 3", "list 3", "2.25.1 3", "list 1", "2.25.1 1"]


@pytest.mark.parametrize("end", ["left", "stop"])
def test_the_worker_runs_until_it_is_told_to_end(end: str) -> None:
    record = Record(entry(1))
    worker = PreloadWorker(Preloader(record, SystemClock(), replace(LIMITS, bytes_per_second=10**9)))
    worker.plan([patient(1)])
    assert record.fetching.wait(60)
    getattr(worker, end)()
    worker.stop()
    record.asked.clear()
    worker.plan([patient(2)])
    assert record.asked == []
