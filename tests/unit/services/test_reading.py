"""Pages of the whole record: the latest first, told while they grow, ended when asked, nothing read left out of the account."""

from __future__ import annotations

from datetime import UTC, datetime

from dmp_desktop.domain.clinical import ClinicalItem, DocumentFacts, Dosage, ItemKind, Origin
from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.domain.ins import OID_INS_TEST, InsIdentity, InsStatus
from dmp_desktop.domain.notes import Proposal, ProposalKind
from dmp_desktop.domain.people import Patient, Sex
from dmp_desktop.errors import CdaError
from dmp_desktop.services.facts import FactsReader
from dmp_desktop.services.reading import FIRST_SLICE, Reach, ReadingService
from dmp_desktop.services.synthesis import Section
from tests.helpers.facts import PDF, entry, result, treatment

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
LEA = Patient(
    InsIdentity("285035145412390", OID_INS_TEST, InsStatus.QUALIFIEE), "TEST-MARTIN", "Léa", "Léa", Sex.FEMALE,
    NOW.date(), "51454", "Reims",
)  # fmt: skip


class Clock:
    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return 0.0


class Record:
    """Documents with their facts; counts what is fetched."""

    def __init__(self) -> None:
        self.entries: list[DocumentEntry] = []
        self.facts: dict[bytes, DocumentFacts] = {}
        self.fetched: list[str] = []

    def add(self, document: DocumentEntry, *items: ClinicalItem) -> DocumentEntry:
        self.entries.append(document)
        self.facts[document.unique_id.encode()] = DocumentFacts(items)
        return document

    def service(self) -> ReadingService:
        return ReadingService(FactsReader(self._content, self._extract), Clock(), coded)

    def _content(self, _patient: Patient, document: DocumentEntry) -> bytes:
        self.fetched.append(document.unique_id)
        return document.unique_id.encode()

    def _extract(self, content: bytes) -> DocumentFacts:
        if content not in self.facts:
            raise CdaError("illisible", "Ce document ne peut pas être lu.")
        return self.facts[content]


def coded(proposal: Proposal, _day: object) -> tuple[ClinicalItem, ...]:
    return (ClinicalItem(ItemKind(proposal.kind.value), proposal.label, proposal.status, dosage=Dosage(text="1/j")),)


def problem(label: str) -> ClinicalItem:
    return ClinicalItem(ItemKind.PROBLEM, label)


def years(count: int) -> Record:
    """One problem a document, two documents a month, the oldest first."""
    record = Record()
    for number in range(count):
        day = f"20{10 + number // 24:02}-{number % 24 // 2 + 1:02}-{1 + number % 2:02}"
        record.add(entry(day), problem(f"Problème {number}"))
    return record


def test_pages_grow_by_doubling_the_latest_documents_first() -> None:
    record, sizes, reached = years(60), [], []
    made = record.service().synthesis(
        LEA, record.entries, on_page=lambda one: sizes.append(len(one.page.facts)), on_reach=reached.append
    )
    assert sizes == [FIRST_SLICE, 2 * FIRST_SLICE, 4 * FIRST_SLICE]
    assert len(made.page.facts) == 60
    assert record.fetched[0] == record.entries[-1].unique_id
    assert [reach.read for reach in reached] == list(range(1, 61))
    assert made.reach == Reach(60, 60, 60)
    assert made.reach.complete


def test_stopped_it_tells_what_it_stands_on() -> None:
    record = years(60)
    made = record.service().synthesis(LEA, record.entries, stop=lambda: len(record.fetched) >= 20)
    assert (made.reach.read, made.reach.structured, made.reach.complete) == (20, 60, False)
    assert len(made.page.facts) == 20
    assert len(record.fetched) == 20


def test_a_record_is_fetched_once_for_all_pages_until_it_is_forgotten() -> None:
    record = years(5)
    service = record.service()
    service.synthesis(LEA, record.entries)
    service.labs(LEA, record.entries)
    service.treatments(LEA, record.entries)
    assert len(record.fetched) == 5
    service.forget()
    service.labs(LEA, record.entries)
    assert len(record.fetched) == 10


def test_unstructured_and_unreadable_documents_are_counted_not_fetched_not_hidden() -> None:
    record = Record()
    record.add(entry("2026-01-01"), problem("HTA"))
    record.add(entry("2026-02-01", form=PDF))
    broken = entry("2026-03-01")
    record.entries.append(broken)
    made = record.service().synthesis(LEA, record.entries)
    assert made.reach == Reach(3, 2, 2, (broken,))
    assert made.page.failed == (broken,)
    assert len(record.fetched) == 2


def test_reports_without_results_join_at_the_end() -> None:
    record, seen = Record(), []
    scanned = record.add(entry("2026-09-01", form=PDF))
    for number in range(FIRST_SLICE + 1):
        record.add(entry(f"2026-01-{number + 1:02}"), result("2823-3", 4.0 + number / 10, "mmol/L", "2026-01-01"))
    made = record.service().labs(LEA, record.entries, on_page=lambda one: seen.append(one.page.unexploitable))
    assert seen == [()]
    assert made.page.unexploitable == (scanned,)


def test_the_note_has_its_column() -> None:
    record = Record()
    record.add(entry("2026-11-01", "Ordonnance", "57833-6"), treatment("Ramipril 5 mg", Origin.PRESCRIBED))
    note = Proposal(ProposalKind.TREATMENT, "Ramipril 5 mg", 0, 8, "ramipril")
    noise = Proposal(ProposalKind.PROBLEM, "Toux", 0, 4, "toux")
    made = record.service().treatments(LEA, record.entries, (note, noise))
    (row,) = made.page.rows
    assert [len(row.of(origin)) for origin in (Origin.PRESCRIBED, Origin.NOTE)] == [1, 1]


def test_nothing_known_is_an_empty_page_not_a_statement() -> None:
    made = Record().service().synthesis(LEA, [])
    assert made.page.of(Section.ALLERGIES) == ()
    assert made.reach.complete
