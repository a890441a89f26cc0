"""Treatments side by side: one row a substance, marks that are facts, time lines that do not invent ends."""

from __future__ import annotations

from datetime import date

from dmp_desktop.domain.clinical import ClinicalItem, Dosage, ItemKind, Origin
from dmp_desktop.domain.notes import ProposalStatus
from dmp_desktop.services.facts import ReadDocument
from dmp_desktop.services.medication import Mark, MedicationRow, reconcile
from tests.helpers.facts import PDF, entry, read, treatment

TODAY = date(2026, 11, 22)
PRESCRIPTION, DISPENSATION = "57833-6", "60593-1"


def rows(*documents: ReadDocument, note: tuple[ClinicalItem, ...] = ()) -> dict[str, MedicationRow]:
    return {row.key: row for row in reconcile(documents, TODAY, note).rows}


def prescribed(label: str, start: date, end: date | None = None, **more: str) -> ReadDocument:
    line = treatment(label, Origin.PRESCRIBED, start=start, end=end, **more)
    return read(entry(start.isoformat(), "Ordonnance", PRESCRIPTION), line)


def dispensed(label: str, day: date, **more: str) -> ReadDocument:
    return read(
        entry(day.isoformat(), "Délivrance", DISPENSATION), treatment(label, Origin.DISPENSED, start=day, **more)
    )


def in_note(label: str, status: ProposalStatus = ProposalStatus.PRESENT) -> ClinicalItem:
    return ClinicalItem(ItemKind.TREATMENT, label, status, dosage=Dosage(text=f"{label} 1/j"))


def test_brand_generic_and_inn_are_one_row_with_a_column_each() -> None:
    found = rows(
        prescribed("DOLIPRANE 1000 mg, comprimé", date(2026, 11, 1), dosage="1 à 3 fois par jour"),
        dispensed("PARACETAMOL MYLAN 500 mg", date(2026, 11, 2), atc="N02BE01"),
        read(entry("2026-10-01", type_code="REMB"), treatment("EFFERALGAN 1G", Origin.REIMBURSED)),
        note=(in_note("Paracétamol"),),
    )
    (row,) = found.values()
    assert (row.key, row.label, row.atc, row.current) == ("paracetamol", "Paracétamol", "N02BE01", True)
    assert [len(row.of(origin)) for origin in Origin] == [0, 1, 1, 1, 1]
    assert row.of(Origin.PRESCRIBED)[0].dosage == "1 à 3 fois par jour"
    assert row.of(Origin.NOTE)[0].entry is None


def test_missing_needs_a_record_that_tells_of_deliveries() -> None:
    alone = rows(prescribed("Ramipril 5 mg", date(2026, 10, 1)))
    assert not alone["ramipril"].marks
    told = rows(
        prescribed("Ramipril 5 mg", date(2026, 10, 1)),
        prescribed("Bisoprolol 2,5 mg", date(2026, 10, 1)),
        dispensed("BISOPROLOL EG 2,5 mg", date(2026, 10, 3)),
    )
    assert told["ramipril"].marks == {Mark.MISSING}
    assert not told["bisoprolol"].marks
    before = rows(prescribed("Ramipril 5 mg", date(2026, 10, 1)), dispensed("Bisoprolol", date(2026, 9, 1)))
    assert not before["ramipril"].marks


def test_two_current_products_of_one_substance() -> None:
    found = rows(
        prescribed("DOLIPRANE 1000 mg", date(2026, 11, 1)),
        prescribed("EFFERALGAN 500 mg", date(2026, 11, 5)),
        prescribed("Ramipril 5 mg", date(2026, 8, 1), date(2026, 10, 31)),
        prescribed("Ramipril 10 mg", date(2026, 11, 1)),
    )
    assert Mark.DUPLICATE in found["paracetamol"].marks
    assert Mark.DUPLICATE not in found["ramipril"].marks


def test_an_association_and_its_part_point_at_each_other() -> None:
    found = rows(prescribed("CODOLIPRANE", date(2026, 11, 1)), prescribed("DOLIPRANE", date(2026, 11, 5)))
    assert {row.shares for row in found.values()} == {("Paracetamol",), ("Codeine + paracetamol",)}
    assert all(Mark.DUPLICATE in row.marks for row in found.values())


def test_a_note_repeating_a_prescription_is_no_duplicate() -> None:
    found = rows(prescribed("DOLIPRANE 1000 mg", date(2026, 11, 1)), note=(in_note("paracétamol"),))
    assert not found["paracetamol"].marks


def test_stopped_and_restarted() -> None:
    found = rows(
        prescribed("Amoxicilline 1 g", date(2026, 9, 1), date(2026, 9, 7)),
        prescribed("Ramipril 5 mg", date(2026, 1, 1)),
        prescribed("Bisoprolol 2,5 mg", date(2025, 1, 1), date(2025, 3, 31)),
        prescribed("Bisoprolol 2,5 mg", date(2026, 9, 1)),
        prescribed("Atorvastatine 40 mg", date(2026, 6, 1), date(2026, 8, 31)),
        prescribed("Atorvastatine 40 mg", date(2026, 9, 10)),
        note=(in_note("ramipril", ProposalStatus.STOPPED),),
    )
    assert found["amoxicilline"].marks == {Mark.STOPPED}
    assert found["ramipril"].marks == {Mark.STOPPED}
    assert not found["ramipril"].current
    assert found["bisoprolol"].marks == {Mark.RESTARTED}
    assert not found["atorvastatine"].marks


def test_time_line_leaves_unknown_ends_open() -> None:
    found = rows(
        prescribed("Ramipril 5 mg", date(2026, 8, 1), date(2026, 10, 31)),
        dispensed("RAMIPRIL EG 5 mg", date(2026, 8, 3)),
        read(entry("2026-09-01", type_code="SYNTH"), treatment("Ramipril")),
    )
    bars = [(bar.origin, bar.start, bar.end) for bar in found["ramipril"].segments]
    assert bars == [
        (Origin.PRESCRIBED, date(2026, 8, 1), date(2026, 10, 31)),
        (Origin.DISPENSED, date(2026, 8, 3), None),
        (Origin.LISTED, None, None),
    ]


def test_papers_that_no_program_can_read_are_listed() -> None:
    paper = entry("2026-09-01", type_code=PRESCRIPTION, form=PDF)
    letter = entry("2026-09-01", type_code="11488-4", form=PDF)
    assert reconcile([read(paper), read(letter)], TODAY).unexploitable == (paper,)


def test_one_product_code_is_one_row_whatever_the_words() -> None:
    found = rows(
        prescribed("Spécialité X 10", date(2026, 11, 1), cis="60000001"),
        dispensed("SPEC X (RAMIPRIL) CPR", date(2026, 11, 2), cis="60000001", substances=("ramipril",)),
        prescribed("Spécialité Y 10", date(2026, 11, 1), cis="60000002"),
    )
    assert {key: len(row.lines) for key, row in found.items()} == {"ramipril": 2, "specialite y 10": 1}
