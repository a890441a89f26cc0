"""Treatments side by side: one row a substance, marks that are facts, time lines that do not invent ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from dmp_desktop.cda.read import entry_from_cda
from dmp_desktop.domain.clinical import ClinicalItem, Dosage, ItemKind, Origin
from dmp_desktop.domain.documents import Author, Availability
from dmp_desktop.domain.notes import ProposalStatus
from dmp_desktop.sandbox.patients import STORIES
from dmp_desktop.sandbox.records.bodies import write_document
from dmp_desktop.sandbox.records.timeline import plans
from dmp_desktop.services.facts import ReadDocument, read_all
from dmp_desktop.services.medication import Mark, MedicationRow, reconcile
from tests.helpers.facts import PDF, entry, read, treatment

TODAY = date(2026, 11, 22)
PRESCRIPTION, DISPENSATION = "57833-6", "60593-1"


def rows(*documents: ReadDocument, note: tuple[ClinicalItem, ...] = ()) -> dict[str, MedicationRow]:
    return {row.key: row for row in reconcile(documents, TODAY, note).rows}


def prescribed(label: str, start: date, end: date | None = None, by: str = "TEST-MEDECIN", **more: str) -> ReadDocument:
    line = treatment(label, Origin.PRESCRIBED, start=start, end=end, **more)
    order = entry(start.isoformat(), "Ordonnance", PRESCRIPTION)
    return read(replace(order, authors=(Author(by, "Luc", f"80{by}"),) if by else ()), line)


def listed(label: str, day: date, **more: str) -> ReadDocument:
    return read(entry(day.isoformat(), "Synthèse", "SYNTH"), treatment(label, **more))


def doubled(*documents: ReadDocument, note: tuple[ClinicalItem, ...] = ()) -> bool:
    return any(Mark.DUPLICATE in row.marks for row in rows(*documents, note=note).values())


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
    assert {row.shares for row in found.values()} == {("Paracétamol",), ("Codéine + paracétamol",)}
    assert all(Mark.DUPLICATE in row.marks for row in found.values())


NOVEMBER, OCTOBER = date(2026, 11, 1), date(2026, 10, 1)
LATER, LATE = date(2027, 1, 31), date(2026, 11, 20)


@pytest.mark.parametrize("again", ["ramipril", "RAMIPRIL 5", "Triatec 5 mg cp", "ramipril 10 mg"])
def test_what_is_told_again_is_no_duplicate(again: str) -> None:
    """By a list, a dispensation, a reimbursement, the note; in other words, without a code, at the dose of another day."""
    order = prescribed("RAMIPRIL EG 5 mg, comprimé sécable", NOVEMBER, cis="60000001")
    assert not doubled(order, listed(again, LATE))
    assert not doubled(listed("Ramipril 5 mg", OCTOBER), listed(again, LATE))
    assert not doubled(order, dispensed(again, LATE))
    assert not doubled(order, read(entry("2026-11-20", type_code="REMB"), treatment(again, Origin.REIMBURSED)))
    assert not doubled(order, note=(in_note(again),))
    assert not doubled(order, listed(again, LATE), dispensed(again, LATE), note=(in_note(again),))


@pytest.mark.parametrize("again", ["ramipril 5mg", "RAMIPRIL BIOGARAN 5 mg, gélule", "Ramipril 10 mg", "TRIATEC 5 mg"])
def test_what_the_same_prescriber_orders_later_takes_the_place_of_it(again: str) -> None:
    for end in (None, LATER):
        assert not doubled(prescribed("Ramipril 5 mg", OCTOBER, end), prescribed(again, NOVEMBER, LATER))
    assert not doubled(prescribed("Ramipril 5 mg", OCTOBER, by=""), prescribed(again, NOVEMBER, by="TEST-AUTRE"))


@pytest.mark.parametrize(("by", "expected"), [("TEST-MEDECIN", False), ("TEST-AUTRE", True)])
@pytest.mark.parametrize("other", ["TRIATEC 5 mg", "Ramipril 10 mg"])
def test_another_prescriber_of_another_product_doubles_it_as_long_as_both_run(
    other: str, by: str, expected: bool
) -> None:
    assert doubled(prescribed("Ramipril 5 mg", OCTOBER, LATER), prescribed(other, NOVEMBER, by=by)) is expected
    assert not doubled(prescribed("Ramipril 5 mg", OCTOBER, LATE), prescribed(other, NOVEMBER, by=by))
    assert not doubled(prescribed("Ramipril 5 mg", OCTOBER, LATER), prescribed(other, date(2026, 12, 1), by=by))


def test_another_prescriber_of_the_same_product_renews_it_unless_both_periods_overlap_for_long() -> None:
    first, code = date(2026, 9, 1), {"cis": "60000001"}
    for words in ({"label": "Ramipril 5 mg", **code}, {"label": "RAMIPRIL EG 5 mg"}, {"label": "ramipril"}):
        again = {"start": LATE, "by": "TEST-AUTRE", **words}
        assert not doubled(prescribed("Ramipril 5 mg", first, **code), prescribed(**again))
        assert not doubled(
            prescribed("Ramipril 5 mg", first, date(2026, 12, 10), **code), prescribed(**again, end=LATER)
        )
        assert doubled(prescribed("Ramipril 5 mg", first, LATER, **code), prescribed(**again, end=LATER))


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("LEVOTHYROX 25 µg", "LEVOTHYROX 100 µg"), False),
        (("Ramipril 5 mg", "TRIATEC 2,5 mg"), False),
        (("Ramipril/hydrochlorothiazide 5 mg/12,5 mg", "Ramipril 2,5 mg"), False),
        (("DOLIPRANE 1000 mg", "EFFERALGAN 500 mg"), True),
        (("CODOLIPRANE", "DOLIPRANE"), True),
    ],
)
def test_lines_of_one_prescription_complete_each_other_but_for_two_brands(
    lines: tuple[str, str], expected: bool
) -> None:
    order = entry("2026-11-01", "Ordonnance", PRESCRIPTION)
    assert doubled(read(order, *(treatment(line, Origin.PRESCRIBED, start=NOVEMBER) for line in lines))) is expected


def test_an_association_that_is_only_listed_doubles_nothing() -> None:
    assert not doubled(listed("CODOLIPRANE", OCTOBER), prescribed("DOLIPRANE", NOVEMBER))


def test_what_stopped_no_longer_doubles() -> None:
    stop = ClinicalItem(ItemKind.TREATMENT, "Ramipril", ProposalStatus.STOPPED)
    orders = prescribed("TRIATEC 5 mg", OCTOBER), prescribed("Ramipril 10 mg", NOVEMBER, by="TEST-AUTRE")
    assert doubled(*orders)
    assert not doubled(*orders, read(entry("2026-11-10"), stop))


def test_a_document_that_stops_one_product_and_lists_another_changes_it() -> None:
    letter = entry("2026-11-10")
    stop = ClinicalItem(ItemKind.TREATMENT, "Ramipril 5 mg", ProposalStatus.STOPPED)
    changed = rows(prescribed("Ramipril 5 mg", OCTOBER), read(letter, stop, treatment("Ramipril 10 mg")))["ramipril"]
    assert (changed.current, Mark.STOPPED in changed.marks) == (True, False)
    same = rows(prescribed("Ramipril 5 mg", OCTOBER), read(letter, stop, treatment("ramipril 5 mg")))["ramipril"]
    assert (same.current, Mark.STOPPED in same.marks) == (False, True)


def test_a_renewal_is_not_missing_while_the_last_box_lasts() -> None:
    """Another treatment was handed over since: that alone proves nothing."""
    furosemide = dispensed("Furosémide 40 mg", date(2026, 11, 18))
    renewed = prescribed("Ramipril 5 mg", date(2026, 11, 17))
    assert not rows(renewed, dispensed("Ramipril 5 mg", date(2026, 11, 3)), furosemide)["ramipril"].marks
    over = dispensed("Ramipril 5 mg", date(2026, 10, 1))
    assert rows(renewed, over, furosemide)["ramipril"].marks == {Mark.MISSING}


def test_the_chronic_patient() -> None:
    """Nine treatments told by lists, prescriptions, dispensations, reimbursements; one really prescribed by two doctors."""
    now = datetime(2026, 11, 22, 10, tzinfo=UTC)
    story = next(story for story in STORIES if story.name == "chronic")
    written = [write_document(plan) for plan in plans(story, now) if plan.status is Availability.APPROVED]
    found = reconcile(read_all((entry_from_cda(cda), cda) for cda in written), now.date()).rows
    assert {row.key: row.marks for row in found if row.marks} == {
        "bisoprolol": {Mark.DUPLICATE},
        "mirtazapine": {Mark.MISSING},
        "paracetamol": {Mark.STOPPED},
        "rosuvastatine": {Mark.STOPPED},
    }
    current = {row.key for row in found if row.current}
    assert current == {
        "atorvastatine", "bisoprolol", "clopidogrel", "furosemide", "metformine", "mirtazapine", "ramipril",
    }  # fmt: skip
    double = next(row for row in found if row.key == "bisoprolol")
    signers = {line.signer for line in double.of(Origin.PRESCRIBED) if line.current(now.date())}
    assert len(signers) == 2


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
