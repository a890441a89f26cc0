"""Which dose, and is it taken? A dose that is replaced, a drug not taken, only thought of, or on a condition is never coded silently."""

from __future__ import annotations

import pytest

from dmp_desktop import notes
from dmp_desktop.domain.notes import Confidence, Proposal, ProposalKind, ProposalStatus

NEEDED = "À prendre si besoin."
INSULIN = "Unités d'insuline : posologie non codée."
TWO_DOSES = "Deux doses lues : posologie laissée dans le texte."
CHANGED_LATER = "La note arrête ou change aussi ce traitement : à vérifier."


def treatments(text: str) -> list[Proposal]:
    return [item for item in notes.propose(text) if item.kind is ProposalKind.TREATMENT]


@pytest.mark.parametrize(
    ("text", "strength", "schedule"),
    [
        ("Ramipril 5 mg -> 10 mg 1/j", "10mg", "1/j"),
        ("Ramipril 5 → 10 mg 1/j", "10mg", "1/j"),
        ("Ramipril 5 mg passé à 10 mg 1/j", "10mg", "1/j"),
        ("Bisoprolol 2,5 mg remonté à 5 mg 1/j", "5mg", "1/j"),
        ("Bisoprolol 2,5 mg 1/j, augmenté à 5 mg 1/j", "5mg", "1/j"),
        ("Ramipril 10 mg diminué à 5 mg le soir", "5mg", "0-0-1"),
        ("Lévothyrox 100 baissé à 75 1/j", "75", "1/j"),
        ("Passer ramipril de 5 mg à 10 mg 1/j", "10mg", "1/j"),
        ("Augmenter ramipril 5 mg à 10 mg 1/j", "10mg", "1/j"),
        ("Ramipril 5 mg 2/j, passer à 10 mg", "10mg", None),
        ("Metformine 500 mg x2/j augmentée à 1000 mg x3/j", "1000mg", "3/j"),
        ("Ramipril 10 mg 1/j au lieu de 5 mg", "10mg", "1/j"),
    ],
)
def test_the_second_dose_of_a_change(text: str, strength: str, schedule: str | None) -> None:
    (found,) = treatments(text)
    assert (found.value["strength"], found.value["schedule"]) == (strength, schedule)
    assert found.value["action"] == "change"
    assert schedule or found.warnings


@pytest.mark.parametrize(
    "text",
    [
        "Paracétamol 500 mg à 1 g 3/j",
        "Ramipril 5 mg matin et 10 mg soir",
        "Ramipril 5 mg 1/j, diminuer de 2,5 mg",
        "Ramipril 5 mg 1/j. Passé à 10 mg 1/j.",
        "Ramipril 5 mg 1/j. On augmente à 10 mg.",
        "Levothyrox 75 µg 1/j, TSH 5, je passe à 88 µg 1/j",
        "Ramipril 5 mg 1/j, à augmenter dans 15 jours à 10 mg",
    ],
)
def test_two_doses_that_may_both_be_meant(text: str) -> None:
    (found,) = treatments(text)
    assert (found.value["strength"], found.value["schedule"]) == (None, None)
    assert TWO_DOSES in found.warnings


@pytest.mark.parametrize(
    "text",
    [
        "Lantus 22 UI le soir",
        "Lantus 22 le soir",
        "Lantus 22 U le soir",
        "Lantus 18 -> 22 UI le soir",
        "Novorapid 6 UI matin midi soir",
        "Toujeo 30UI 1/j",
        "insuline Lantus 22 UI",
        "Insuline lente : Lantus 22 UI le soir",
    ],
)
def test_units_of_insulin_are_neither_a_strength_nor_tablets(text: str) -> None:
    (found,) = treatments(text)
    assert (found.value["strength"], found.value["schedule"]) == (None, None)
    assert found.warnings == (INSULIN,)
    assert found.code != "A10A"


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("ne prend pas son ramipril 5 mg 1/j", ProposalStatus.ABSENT),
        ("N'a pas pris son ramipril 5 mg 1/j", ProposalStatus.ABSENT),
        ("ramipril 5 mg 1/j non pris", ProposalStatus.ABSENT),
        ("Bisoprolol 2,5 mg 1/j jamais commencé", ProposalStatus.ABSENT),
        ("ibuprofène 400 mg 3/j à éviter", ProposalStatus.ABSENT),
        ("sa femme prend du ramipril 5 mg 1/j", ProposalStatus.FAMILY),
        ("son mari est sous ramipril 5 mg 1/j", ProposalStatus.FAMILY),
        ("envisager amlodipine 5 mg 1/j", ProposalStatus.PLANNED),
        ("discuter amlodipine 5 mg 1/j", ProposalStatus.PLANNED),
        ("à discuter : amlodipine 5 mg 1/j", ProposalStatus.PLANNED),
        ("À discuter :\n- amlodipine 5 mg 1/j", ProposalStatus.PLANNED),
        ("si échec amlodipine 5 mg 1/j", ProposalStatus.PLANNED),
        ("Si échec : amlodipine 5 mg 1/j", ProposalStatus.PLANNED),
        ("amlodipine 5 mg 1/j si échec", ProposalStatus.PLANNED),
        ("amlodipine 5 mg 1/j à débuter dans 3 mois", ProposalStatus.PLANNED),
        ("amlodipine 5 mg 1/j à envisager", ProposalStatus.PLANNED),
        ("amlodipine 5 mg 1/j à débuter ce jour", ProposalStatus.PRESENT),
        ("discuté avec lui, amlodipine 5 mg 1/j", ProposalStatus.PRESENT),
    ],
)
def test_a_drug_that_is_not_taken(text: str, status: ProposalStatus) -> None:
    (found,) = treatments(text)
    assert found.status is status
    if status is ProposalStatus.PLANNED:
        assert found.confidence is Confidence.LOW
        assert found.warnings[0] == "Envisagé seulement, d'après la note."


@pytest.mark.parametrize(
    "text",
    [
        "AINS à éviter : ibuprofène, kétoprofène",
        "Asthme, médicaments contre-indiqués : ibuprofène, kétoprofène 100 mg",
        "À éviter :\n- ibuprofène\n- kétoprofène",
    ],
)
def test_a_heading_holds_for_its_list(text: str) -> None:
    assert [item.status for item in treatments(text)] == [ProposalStatus.ABSENT, ProposalStatus.ABSENT]


def test_a_heading_ends_with_its_list() -> None:
    found = treatments("À éviter :\n- ibuprofène\n\nOrdonnance :\n- paracétamol 1 g 3/j")
    assert [item.status for item in found] == [ProposalStatus.ABSENT, ProposalStatus.PRESENT]
    found = treatments("AINS à éviter : ibuprofène, je prescris paracétamol 1 g 3/j")
    assert [item.status for item in found] == [ProposalStatus.ABSENT, ProposalStatus.PRESENT]


@pytest.mark.parametrize(
    "text",
    [
        "Si fièvre : paracétamol 1 g x 3/j",
        "si douleur, tramadol 50 mg 3/j",
        "En cas de crise : tramadol 50 mg 3/j",
        "Antalgique si douleurs : paracétamol 1 g 3/j",
        "Si fièvre ou douleur :\n- paracétamol 1 g 3/j",
    ],
)
def test_a_condition_before_the_drug(text: str) -> None:
    (found,) = treatments(text)
    assert found.value["schedule"] is None
    assert NEEDED in found.warnings


@pytest.mark.parametrize(
    "text",
    ["Revoir si fièvre. Paracétamol 1 g 3/j", "Reconsulter si fièvre, amoxicilline 1 g 3/j", "Paracétamol 1 g 3/j"],
)
def test_a_condition_of_another_matter(text: str) -> None:
    (found,) = treatments(text)
    assert (found.value["schedule"], found.warnings) == ("3/j", ())


@pytest.mark.parametrize("text", ["ne prend pas régulièrement son ramipril 5 mg", "prend mal son ramipril 5 mg 1/j"])
def test_taken_badly_is_taken(text: str) -> None:
    (found,) = treatments(text)
    assert found.status is ProposalStatus.PRESENT


@pytest.mark.parametrize(
    "text",
    [
        "Ramipril 5 mg 1/j. Arrêt ramipril.",
        "Traitement : ramipril 5 mg 1/j. CAT : augmenter ramipril 10 mg 1/j",
        "Triatec 5 mg 1/j\nArrêt ramipril",
        "Traitement : ramipril 5 mg 1/j\nOrdonnance : ramipril 10 mg 1/j",
    ],
)
def test_a_treatment_told_twice(text: str) -> None:
    found = treatments(text)
    assert len(found) == 2
    assert all(CHANGED_LATER in item.warnings for item in found)


def test_a_treatment_told_twice_alike() -> None:
    assert [item.warnings for item in treatments("Sous ramipril 5 mg 1/j\nOrdonnance : ramipril 5 mg 1/j")] == [(), ()]
