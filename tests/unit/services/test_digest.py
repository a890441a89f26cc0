"""What is new: by others, since my last document, in local time."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from benchmarks.digest import DOCTOR, LIMIT_MS, chronic_record
from dmp_desktop.domain.clinical import DocumentFacts, Quote
from dmp_desktop.domain.documents import Author, Code, DocumentEntry
from dmp_desktop.domain.people import Patient
from dmp_desktop.errors import CdaError, DmpError
from dmp_desktop.services.digest import DigestService, category, local_date
from dmp_desktop.services.facts import FactsReader
from tests.helpers.clock import FakeClock
from tests.helpers.facts import PDF, result, treatment
from tests.helpers.facts import entry as document
from tests.helpers.outbox import PATIENT

ME, OTHER = "810002422979", "801234567897"


def entry(
    number: int, day: str, author: str = OTHER, type_code: str = "11502-2", class_code: str = "10"
) -> DocumentEntry:
    return DocumentEntry(
        f"2.25.{number}",
        f"Document {number}",
        Code(type_code, "2.16.840.1.113883.6.1"),
        Code(class_code, "1.2.250.1.213.1.1.4.1"),
        Code("f", "s"),
        datetime.fromisoformat(day).replace(tzinfo=UTC),
        authors=(Author("PETIT", "Luc", author),),
    )


def digest(*entries: DocumentEntry):  # type: ignore[no-untyped-def]
    return DigestService(lambda: ME, FakeClock()).digest(PATIENT, entries)


def test_what_others_deposited_since_my_last_document() -> None:
    found = digest(
        entry(1, "2026-03-01"),
        entry(2, "2026-03-12", ME),
        entry(3, "2026-10-27", class_code="42", type_code="x"),
        entry(4, "2026-11-02"),
    )
    assert found.since == date(2026, 3, 12)
    assert [line.entry.unique_id for line in found.lines if line.entry] == ["2.25.4", "2.25.3"]
    assert found.counts == {"Biologie": 1, "Prescription": 1}
    assert [line.icon for line in found.lines] == ["lab", "pill"]


def test_a_first_visit_shows_two_years() -> None:
    found = digest(entry(1, "2024-11-01"), entry(2, "2024-12-01"))
    assert found.since is None
    assert [line.entry.unique_id for line in found.lines if line.entry] == ["2.25.2"]


def test_nothing_new() -> None:
    assert digest(entry(1, "2026-11-01", ME)).lines == ()


def test_a_type_nobody_knows_is_still_listed() -> None:
    assert category(entry(1, "2026-01-01", type_code="?", class_code="?"))[1] == "Autre document"


@pytest.mark.parametrize(
    ("zone", "moment", "expected"),
    [
        ("Europe/Paris", datetime(2026, 11, 1, 23, 30, tzinfo=UTC), date(2026, 11, 2)),
        ("Europe/Paris", datetime(2026, 7, 1, 22, 30, tzinfo=UTC), date(2026, 7, 2)),
        ("America/Martinique", datetime(2026, 7, 1, 2, 30, tzinfo=UTC), date(2026, 6, 30)),
        ("Indian/Reunion", datetime(2026, 7, 1, 21, 0, tzinfo=UTC), date(2026, 7, 2)),
    ],
)
def test_dates_are_those_of_the_workstation(
    monkeypatch: pytest.MonkeyPatch, zone: str, moment: datetime, expected: date
) -> None:
    with monkeypatch.context() as there:
        there.setenv("TZ", zone)
        time.tzset()
        assert local_date(moment) == expected
    time.tzset()


class Record:
    """Documents whose facts are given; what is asked of the server is counted."""

    def __init__(self, facts: dict[str, DocumentFacts]) -> None:
        self.facts = facts
        self.fetched: list[str] = []

    def content(self, patient: Patient, asked: DocumentEntry) -> bytes:
        self.fetched.append(asked.unique_id)
        return asked.unique_id.encode()

    def extract(self, untrusted_cda: bytes) -> DocumentFacts:
        if untrusted_cda.decode() not in self.facts:
            raise CdaError("cda-xml", "x", "y")
        return self.facts[untrusted_cda.decode()]

    def service(self) -> DigestService:
        return DigestService(lambda: ME, FakeClock(), FactsReader(self.content, self.extract))


def test_what_changed_inside_the_loudest_first() -> None:
    lab, letter, drug = (document(f"2026-11-0{day}") for day in (1, 3, 2))
    record = Record(
        {
            lab.unique_id: DocumentFacts((result("2823-3", 6.4, "mmol/L", "2026-11-01", flag="AA"),)),
            letter.unique_id: DocumentFacts(conclusions=(Quote("Conclusion", "FEVG 55 %"),)),
            drug.unique_id: DocumentFacts((treatment("Apixaban 5 mg"),)),
        }
    )
    service = record.service()
    found = service.digest(PATIENT, [lab, letter, drug])
    assert [(line.severity, line.text) for line in found.lines] == [
        ("critical", "Potassium 6,4 mmol/L"),
        ("warning", "+ Apixaban 5 mg"),
        ("info", "« FEVG 55 % »"),
    ]
    service.digest(PATIENT, [lab, letter, drug])
    assert len(record.fetched) == 3


def test_what_is_marked_as_seen_has_no_line_and_is_still_counted() -> None:
    one, other = document("2026-11-01"), document("2026-11-02")
    service = Record({one.unique_id: DocumentFacts(), other.unique_id: DocumentFacts()}).service()
    seen = service.digest(PATIENT, [one]).marked(frozenset())
    found = service.digest(PATIENT, [one, other], seen)
    assert [line.entry for line in found.lines] == [other]
    assert (found.seen, found.counts) == (1, {"Biologie": 2})
    assert service.digest(PATIENT, [one, other], found.marked(seen)).lines == ()


def test_counts_of_the_chosen_types() -> None:
    found = DigestService(lambda: ME, FakeClock()).digest(
        PATIENT,
        [entry(1, "2026-11-01"), entry(2, "2026-11-02", type_code="x", class_code="42")],
        types=frozenset({"Biologie"}),
    )
    assert found.counts == {"Biologie": 1, "Autre document": 1}


def test_a_document_that_cannot_be_read_keeps_its_title_and_this_is_told() -> None:
    broken = document("2026-11-01", "CR illisible")
    found = Record({}).service().digest(PATIENT, [broken])
    assert (found.lines[0].text, found.partial) == ("CR illisible", True)


def test_without_the_server_the_titles_stand() -> None:
    def unreachable(patient: Patient, asked: DocumentEntry) -> bytes:
        raise DmpError("x", "y", "z")

    paper = document("2026-11-01", "Ordonnance", form=PDF)
    found = DigestService(lambda: ME, FakeClock(), FactsReader(unreachable)).digest(PATIENT, [paper])
    assert (found.lines[0].text, found.partial) == ("Ordonnance", True)


def test_the_titles_come_first_then_critical_results_then_what_needs_earlier_documents() -> None:
    lab, drug, paper = document("2026-11-01"), document("2026-11-02", type_code="x"), document("2026-11-03", form=PDF)
    before = document("2020-01-01", type_code="x")
    record = Record(
        {
            lab.unique_id: DocumentFacts((result("2823-3", 6.4, "mmol/L", "2026-11-01", flag="AA"),)),
            drug.unique_id: DocumentFacts((treatment("Apixaban 5 mg"), treatment("Ramipril 5 mg"))),
            before.unique_id: DocumentFacts((treatment("Ramipril 5 mg"),)),
        }
    )
    parts: list[tuple[list[str], int]] = []
    found = record.service().digest(
        PATIENT,
        [lab, drug, paper, before],
        on_part=lambda part: parts.append(([line.text for line in part.lines], len(record.fetched))),
    )
    assert parts == [
        (["Document", "Document", "Document"], 0),
        (["Potassium 6,4 mmol/L", "Document", "Document"], 1),
        (["Potassium 6,4 mmol/L", "Document", "Document"], 2),
        (["Potassium 6,4 mmol/L", "+ Apixaban 5 mg", "Document"], 3),
        (["Potassium 6,4 mmol/L", "+ Apixaban 5 mg", "Document"], 4),
    ]
    assert record.fetched[0] == lab.unique_id
    assert (found.complete, found.partial) == (True, False)


def test_what_was_read_before_the_network_failed_is_told() -> None:
    lab, letter = document("2026-11-01"), document("2026-11-02", type_code="x")
    facts = DocumentFacts((result("2823-3", 6.4, "mmol/L", "2026-11-01", flag="AA"),))

    def content(patient: Patient, asked: DocumentEntry) -> bytes:
        if asked is letter:
            raise DmpError("x", "y", "z")
        return b""

    reader = FactsReader(content, lambda _cda: facts)
    found = DigestService(lambda: ME, FakeClock(), reader).digest(PATIENT, [lab, letter])
    assert [(line.severity, line.text) for line in found.lines] == [
        ("critical", "Potassium 6,4 mmol/L"),
        ("info", "Document"),
    ]
    assert found.partial


def test_own_documents_and_those_of_before_the_last_visit_are_never_new() -> None:
    found = digest(
        entry(1, "2026-11-05"), entry(2, "2026-11-06", ME), entry(3, "2026-11-07", ME), entry(4, "2026-11-06")
    )
    assert (found.lines, found.counts, found.since) == ((), {}, date(2026, 11, 7))


def test_facts_do_not_outlive_the_record() -> None:
    lab = document("2026-11-01")
    record = Record({lab.unique_id: DocumentFacts()})
    reader = FactsReader(record.content, record.extract)
    reader.read(PATIENT, [lab])
    assert reader.known(PATIENT, [lab])
    reader.forget()
    assert not reader.known(PATIENT, [lab])


@pytest.mark.slow
@pytest.mark.alone
def test_the_chronic_patient_within_its_budget(tmp_path: Path) -> None:
    """400 documents fetched over HTTPS into the encrypted cache, nothing of them in memory: 300 ms, two new years or a few weeks."""
    with chronic_record(tmp_path) as record:
        for me in (DOCTOR, None):
            cold = record.service(me).digest(record.patient, record.entries)
            took = []
            for _ in range(5):
                service, parts = record.service(me), []
                started = time.perf_counter()
                found = service.digest(
                    record.patient,
                    record.entries,
                    on_part=parts.append,
                )
                took.append((time.perf_counter() - started) * 1e3)
                assert found == cold
                assert any(line.severity == "critical" for line in parts[1].lines)
            assert min(took) < LIMIT_MS
            assert any(line.text.startswith("«") for line in found.lines)
        assert len(record.entries) == 400


def test_a_note_sent_during_the_visit_takes_nothing_new_away() -> None:
    """« Rien de nouveau » would be said of documents that nobody has looked at."""
    today = FakeClock().now().date()
    former, new = entry(1, "2026-11-06", ME), entry(2, "2026-11-10")
    mine, beside = entry(3, f"{today}", ME), entry(4, f"{today}")
    found = digest(former, new, mine, beside)
    assert found.since == date(2026, 11, 6)
    assert {line.entry.unique_id for line in found.lines if line.entry} == {"2.25.2", "2.25.4"}
    assert digest(new, mine).since is None
