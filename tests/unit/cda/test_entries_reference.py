"""C14N of the entries' templates against the same entries built element by element."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from lxml import etree

from dmp_desktop.cda.build.entries import entries
from dmp_desktop.domain.clinical import ClinicalItem, Dosage, ItemKind
from dmp_desktop.domain.documents import Code
from dmp_desktop.domain.notes import ProposalStatus
from dmp_desktop.terminology.oids import ATC, ICD10, LOINC
from tests.unit.cda import reference_entries
from tests.unit.cda.test_facts import XSI, coded, item


def ids(name: str) -> Iterator[str]:
    """The same names in the same order for whoever asks."""
    return (f"{name}-{rank}" for rank in itertools.count(1))


LABEL = 'Douleur <aiguë> & "vive"\n'
CONCERNS = tuple(
    ClinicalItem(kind, LABEL, status, code, start, end, comment=comment)
    for kind, status, comment in (
        (ItemKind.PROBLEM, ProposalStatus.PRESENT, ""),
        (ItemKind.PROBLEM, ProposalStatus.SUSPECTED, ""),
        (ItemKind.PROBLEM, ProposalStatus.ABSENT, ""),
        (ItemKind.PROBLEM, ProposalStatus.HISTORY, ""),
        (ItemKind.ALLERGY, ProposalStatus.PRESENT, "urticaire & <œdème>"),
        (ItemKind.ALLERGY, ProposalStatus.SUSPECTED, ""),
    )
    for code in (None, Code("I10", ICD10, "Hypertension & co"), Code("T89", "2.16.840.1.113883.6.139"))
    for start, end in ((None, None), (date(2020, 1, 2), date(2021, 3, 4)))
)


def made(*items: ClinicalItem) -> Any:
    ((topic, facts),) = coded(*items).facts.items()
    found = entries(topic, facts, ids("made").__next__)
    return etree.fromstring(f'<x xmlns="urn:hl7-org:v3" xmlns:xsi="{XSI[1:-1]}">{found}</x>')[0]


def same(built: Any, wanted: Any) -> bool:
    return bool(
        etree.tostring(built, method="c14n", exclusive=True) == etree.tostring(wanted, method="c14n", exclusive=True)
    )


@pytest.mark.parametrize("fact", CONCERNS)
def test_concern(fact: ClinicalItem) -> None:
    row = {ItemKind.ALLERGY: "allergy-1"}.get(fact.kind, "problem-1")
    row = "history-1" if fact.status is ProposalStatus.HISTORY else row
    assert same(made(fact), reference_entries.concern(fact, row, ids("made")))


def test_treatment() -> None:
    dosage = Dosage("1g", "1/2-0-1/2", 90)
    fact = item(
        ItemKind.TREATMENT, "Metformine & <co>", code=Code("A10BA02", ATC), start=date(2026, 1, 1), dosage=dosage
    )
    wanted = reference_entries.treatment(
        fact, "treatment-1", ids("made"), hours="12", dose="0.5", name="Metformine & <co> 1 g"
    )
    assert same(made(fact), wanted)


def test_vital() -> None:
    fact = item(ItemKind.VITAL, code=Code("29463-7", LOINC, "Poids"), start=date(2026, 1, 1), value=82.5, unit="kg")
    assert same(made(fact), reference_entries.vital(fact, "vital-1", ids("made"), "82.5"))
