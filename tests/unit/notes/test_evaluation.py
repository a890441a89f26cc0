"""The targets of the brief on notes no rule was written from (tests/data/notes/README.md); the table: tests/score_notes.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.score_notes import Scores, score

NOTES = Path(__file__).parents[2] / "data" / "notes"


@pytest.fixture(scope="module")
def unseen() -> Scores:
    return score(NOTES / "held_out")


def test_a_third_of_the_notes_is_unseen(unseen: Scores) -> None:
    seen = len(list((NOTES / "dev").glob("*.txt")))
    assert seen + unseen.notes >= 120
    assert unseen.notes * 3 >= seen + unseen.notes


@pytest.mark.parametrize(("kind", "precision", "recall"), [("vital", 0.98, 0.95), ("treatment", 0.95, 0.90)])
def test_precision_and_recall(unseen: Scores, kind: str, precision: float, recall: float) -> None:
    assert unseen.kinds[kind].precision >= precision
    assert unseen.kinds[kind].recall >= recall


def test_status(unseen: Scores) -> None:
    assert unseen.share("status").rate >= 0.97


@pytest.mark.parametrize("folder", ["dev", "held_out"])
def test_nothing_is_ticked_wrongly(folder: str) -> None:
    assert score(NOTES / folder).wrong_ticks == 0
