"""A result is a number with its own unit: another unit is another code, a goal is no result."""

from __future__ import annotations

import pytest

from dmp_desktop import notes
from dmp_desktop.domain.notes import Proposal, ProposalKind


def results(text: str) -> list[Proposal]:
    return [item for item in notes.propose(text) if item.kind is ProposalKind.RESULT]


@pytest.mark.parametrize(
    ("text", "value", "unit", "code"),
    [
        ("créat 84 µmol/L", 84, "umol/L", "14682-9"),
        ("créat 12 mg/L", 12, "mg/L", "2160-0"),
        ("Uricémie 95 mg/L", 95, "mg/L", "3084-1"),
        ("glycémie 5,5 mmol/L", 5.5, "mmol/L", "14749-6"),
        ("T4L 12 pmol/L", 12, "pmol/L", "14920-3"),
        ("HbA1c 53 mmol/mol", 53, "mmol/mol", "59261-8"),
        ("VEMS 62%", 62, "%", None),
        ("Plaquettes 250 G/L", 250, "10*9/L", "777-3"),
        ("PNN 1200/mm3", 1200, "/mm3", "26499-4"),
        ("fibrinogène 4 g/L", 4, "g/L", "3255-7"),
        ("DFG 45 ml/min", 45, "mL/min/{1.73_m2}", "62238-1"),
    ],
)
def test_the_code_goes_with_the_unit(text: str, value: float, unit: str, code: str | None) -> None:
    (found,) = results(text)
    assert (found.value, found.unit, found.code) == (value, unit, code)


def test_a_unit_that_is_not_understood_is_not_replaced() -> None:
    (found,) = results("T3L 3 abc/ml")
    assert (found.unit, found.code, found.warnings) == (None, None, ("Unité non reconnue : à vérifier.",))


@pytest.mark.parametrize("text", ["Objectif HbA1c 7%", "cible LDL < 0,7", "INR 2-3", "objectif d'INR 2,5", "ACR 4"])
def test_a_goal_is_no_result(text: str) -> None:
    assert results(text) == []
