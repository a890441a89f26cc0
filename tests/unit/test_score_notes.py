"""The scorer of notes, on tiny invented cases; and the form of the notes themselves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dmp_desktop import cli
from tests import score_notes
from tests.helpers.note_gold import gold_errors
from tests.score_notes import Scores, quantity, rhythm, score, score_note, unit

NOTES = Path(__file__).resolve().parents[1] / "data" / "notes"
FOLDERS = sorted(folder for folder in NOTES.iterdir() if folder.is_dir())

NOTE = "TA 14/8, poids 70 kg. HTA. Pas de fièvre. Doliprane 1 g x3/j 5 jours. HbA1c 7,2 %. Vaccin grippe fait."
PRESSURE = {
    "kind": "vital",
    "text": "TA 14/8",
    "code": "8480-6/8462-4",
    "value": {"systolic": 140, "diastolic": 80},
    "unit": "mm[Hg]",
    "tickable": True,
}
WEIGHT = {"kind": "vital", "text": "poids 70 kg", "code": "29463-7", "value": 70, "unit": "kg", "tickable": True}
HYPERTENSION = {"kind": "problem", "text": "HTA", "cim10": "I10", "status": "present"}
FEVER = {"kind": "problem", "text": "fièvre", "cim10": ["R50", "R68"], "status": "absent"}
DRUG = {
    "kind": "treatment",
    "text": "Doliprane 1 g x3/j 5 jours",
    "drug": "Doliprane",
    "strength": "1 g",
    "schedule": ["3/j", "1-1-1"],
    "duration_days": 5,
    "action": "start",
}
HBA1C = {"kind": "result", "text": "HbA1c 7,2 %", "label": "HbA1c", "value": 7.2, "unit": "%"}
VACCINE = {"kind": "vaccination", "text": "Vaccin grippe", "status": "done", "lot": None}


def proposal(kind: str, text: str, **more: Any) -> dict[str, Any]:
    start = NOTE.index(text)
    plain = {"status": "present", "value": None, "unit": None, "code": None, "accepted": False}
    return {"kind": kind, "text": text, "start": start, "end": start + len(text)} | plain | more


def pressure(**more: Any) -> dict[str, Any]:
    value = {"systolic": 140, "diastolic": 80}
    return proposal(
        "vital", "TA 14/8", **{"code": "85354-9", "value": value, "unit": "mm[Hg]", "accepted": True} | more
    )


def scored(golds: list[dict[str, Any]], proposals: list[dict[str, Any]]) -> Scores:
    scores = Scores()
    score_note(scores, NOTE, golds, proposals)
    return scores


def counts(scores: Scores, kind: str) -> tuple[int, int, int]:
    count = scores.kinds[kind]
    return count.found, count.missed, count.spurious


def test_right_vitals() -> None:
    weight = proposal("vital", "70 kg", code="29463-7", value=70000, unit="g", accepted=True)
    scores = scored([PRESSURE, WEIGHT], [pressure(), weight])
    assert counts(scores, "vital") == (2, 0, 0)
    assert scores.wrong_ticks == 0
    assert scores.shares["vital.ticked"].rate == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"value": {"systolic": 14, "diastolic": 8}},
        {"value": 140},
        {"value": None},
        {"code": "8867-4"},
        {"start": 9, "end": 20},
    ],
)
def test_a_wrong_vital_is_missed_and_spurious_and_a_wrong_tick(wrong: dict[str, Any]) -> None:
    scores = scored([PRESSURE], [pressure(**wrong)])
    assert counts(scores, "vital") == (0, 1, 1)
    assert scores.wrong_ticks == 1
    assert scores.shares["vital.ticked"].rate == 0


def test_a_tick_on_what_is_not_surely_of_today_is_wrong_though_the_value_is_right() -> None:
    home = PRESSURE | {"tickable": False}
    scores = scored([home], [pressure()])
    assert (scores.wrong_ticks, counts(scores, "vital")) == (1, (0, 0, 0))
    assert scores.shares["vital.unticked"].rate == 0
    scores = scored([home], [pressure(accepted=False)])
    assert (scores.wrong_ticks, counts(scores, "vital")) == (0, (0, 0, 0))
    assert scores.shares["vital.unticked"].rate == 1
    assert counts(scored([home], []), "vital") == (0, 0, 0)


def test_a_ticked_problem_is_a_wrong_tick() -> None:
    assert scored([HYPERTENSION], [proposal("problem", "HTA", code="I10", accepted=True)]).wrong_ticks == 1


def test_problems_are_compared_by_category_then_status() -> None:
    given = [
        proposal("problem", "HTA", code="I10.9"),
        proposal("problem", "Pas de fièvre", code="R68", status="present"),
    ]
    scores = scored([HYPERTENSION, FEVER], given)
    assert counts(scores, "problem") == (2, 0, 0)
    assert (scores.shares["status"].right, scores.shares["status"].total) == (1, 2)
    assert scores.shares["status.absent"].rate == 0
    assert scores.shares["status.present"].rate == 1


def test_a_wrong_code_does_not_match() -> None:
    assert counts(scored([HYPERTENSION], [proposal("problem", "HTA", code="I15")]), "problem") == (0, 1, 1)
    assert counts(scored([HYPERTENSION], [proposal("problem", "HTA")]), "problem") == (0, 1, 1)


def test_missing_spurious_and_twice_the_same() -> None:
    one = proposal("problem", "HTA", code="I10")
    assert counts(scored([HYPERTENSION, FEVER], [one]), "problem") == (1, 1, 0)
    assert counts(scored([HYPERTENSION], [one, one]), "problem") == (1, 0, 1)
    assert counts(scored([], [one]), "problem") == (0, 0, 1)


def test_an_optional_item_counts_neither_way_and_gives_way_to_one_that_counts() -> None:
    one = proposal("problem", "HTA", code="I10")
    optional = HYPERTENSION | {"optional": True}
    assert counts(scored([optional], [one]), "problem") == (0, 0, 0)
    assert counts(scored([optional], []), "problem") == (0, 0, 0)
    assert counts(scored([optional, HYPERTENSION], [one]), "problem") == (1, 0, 0)


def test_treatments_meet_by_the_name_of_the_drug() -> None:
    value = {"drug": "doliprane", "strength": "1000mg", "schedule": "1-1-1", "duration_days": 3, "action": "start"}
    scores = scored([DRUG], [proposal("treatment", "Doliprane 1 g x3/j 5 jours", value=value)])
    assert counts(scores, "treatment") == (1, 0, 0)
    rates = {name: share.rate for name, share in scores.shares.items()}
    assert rates == {
        "treatment.strength": 1,
        "treatment.schedule": 1,
        "treatment.duration_days": 0,
        "treatment.action": 1,
    }
    away = proposal("treatment", "1 g x3/j 5 jours", value=value)
    assert counts(scored([DRUG], [away]), "treatment") == (0, 1, 1)


def test_results_need_their_value() -> None:
    right = proposal("result", "HbA1c 7,2 %", value="7,2", unit="%")
    assert counts(scored([HBA1C], [right]), "result") == (1, 0, 0)
    assert counts(scored([HBA1C], [right | {"value": 72}]), "result") == (0, 1, 1)


def test_a_result_in_words_is_compared_by_its_sense() -> None:
    negative = HBA1C | {"value": "négatif", "unit": None}
    for value, found in {"neg": 1, "Négative": 1, "+": 0, "7.2": 0}.items():
        scores = scored([negative], [proposal("result", "HbA1c 7,2 %", value=value)])
        assert scores.kinds["result"].found == found
        assert "result.numbers" not in scores.shares


def test_vaccinations_and_their_status() -> None:
    scores = scored([VACCINE], [proposal("vaccination", "Vaccin grippe", status="planned")])
    assert counts(scores, "vaccination") == (1, 0, 0)
    assert scores.shares["vaccination.status"].rate == 0


def test_kinds_do_not_mix() -> None:
    scores = scored([HYPERTENSION], [proposal("reason", "HTA")])
    assert (counts(scores, "problem"), counts(scores, "reason")) == ((0, 1, 0), (0, 0, 1))


def test_forms_of_strengths_and_schedules() -> None:
    assert quantity("1 g") == quantity("1000 mg") == quantity("1000")
    assert quantity("2 grammes") == quantity("2 g")
    assert quantity("75 microgrammes") == quantity("75 µg") == quantity("0,075mg") != quantity("75")
    assert quantity("500/125") != quantity("500")
    assert quantity("40mg/j") == quantity("40 mg") != quantity("40 mg/kg/j")
    assert quantity(None) is None
    assert unit("mUI/L") == unit("m[IU]/L") != unit("U/L")
    assert unit("µmol/l") == unit("umol/L")
    assert rhythm("1 - 0 - 1") == rhythm("1-0-1-0") != rhythm("1-0-1-1")
    assert rhythm("3/jour") == rhythm("3/j") != rhythm(None)


def folder_of(tmp_path: Path, *items: dict[str, Any]) -> Path:
    (tmp_path / "001-x.txt").write_text(NOTE, "utf-8")
    (tmp_path / "001-x.json").write_text(json.dumps({"age": 40, "sex": "F", "style": "x", "items": items}), "utf-8")
    return tmp_path


def test_the_scores_of_a_folder_are_those_of_what_the_command_prints(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scores = score(folder_of(tmp_path, PRESSURE, HYPERTENSION, FEVER, DRUG))
    assert cli.main(["note", "propose", str(tmp_path / "001-x.txt"), "--json"]) == 0
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    by_hand = scored([PRESSURE, HYPERTENSION, FEVER, DRUG], printed)
    assert scores.notes == 1
    assert (scores.kinds, scores.shares, scores.wrong_ticks) == (by_hand.kinds, by_hand.shares, by_hand.wrong_ticks)


def test_details_of_held_out_notes_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    held_out = tmp_path / "held_out"
    held_out.mkdir()
    folder_of(held_out, PRESSURE)
    with pytest.raises(ValueError, match="held_out"):
        score(held_out, details=True)
    with pytest.raises(SystemExit):
        score_notes.main([str(held_out), "--details"])
    assert not score(held_out).details
    assert score_notes.main([str(held_out)]) in (0, 1)
    assert "spurious" not in capsys.readouterr().out


@pytest.mark.parametrize(
    "wrong",
    [
        HYPERTENSION | {"text": "HTAP"},
        HYPERTENSION | {"text": "HT"},
        HYPERTENSION | {"nth": 2},
        HYPERTENSION | {"status": "done"},
        HYPERTENSION | {"cim10": "HTA"},
        HYPERTENSION | {"tickable": True},
        DRUG | {"drug": "Efferalgan"},
        DRUG | {"action": "renew"},
        PRESSURE | {"value": 14},
        WEIGHT | {"unit": "g"},
        {"kind": "sign", "text": "HTA"},
    ],
)
def test_a_malformed_gold_is_told(tmp_path: Path, wrong: dict[str, Any]) -> None:
    assert not gold_errors(folder_of(tmp_path, HYPERTENSION, DRUG, PRESSURE, WEIGHT, HBA1C, VACCINE))
    assert len(gold_errors(folder_of(tmp_path, wrong))) == 1


def test_a_note_without_gold_is_told(tmp_path: Path) -> None:
    (tmp_path / "002-y.txt").write_text(NOTE, "utf-8")
    assert gold_errors(tmp_path) == ["002-y: one of the two files is missing"]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_notes_are_well_formed(folder: Path) -> None:
    assert list(folder.glob("*.txt"))
    assert gold_errors(folder) == []
