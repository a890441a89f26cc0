"""A number beside a label is not always the measure of the day: only that one may be ticked beforehand."""

from __future__ import annotations

import pytest

from dmp_desktop import notes
from dmp_desktop.domain.notes import Proposal, ProposalKind
from dmp_desktop.notes.vital_context import NOT_TODAY


def vitals(text: str) -> list[Proposal]:
    return [item for item in notes.propose(text) if item.kind is ProposalKind.VITAL]


@pytest.mark.parametrize(
    "text",
    [
        "perte de poids 8 kg",
        "Perte de poids : 12 kg",
        "prise de poids de 12 kg",
        "poids 12 kg perdus",
        "a perdu 12 kg",
        "12 kg en moins",
        "poids - 12 kg",
        "amaigrissement de 12 kg",
        "excès de poids 20 kg",
    ],
)
def test_a_change_of_weight_is_not_a_weight(text: str) -> None:
    assert vitals(text) == []


@pytest.mark.parametrize("text", ["Poids 82 kg, perte de 4 kg", "Poids 82 kg (-3 kg)", "Perte d'appétit. Poids 82 kg"])
def test_a_weight_beside_a_change_is_kept(text: str) -> None:
    (found,) = vitals(text)
    assert (found.value, found.accepted) == (82, True)


@pytest.mark.parametrize(
    "text",
    [
        "FC 80 hier",
        "FC hier 80",
        "Sat 92% hier",
        "TA 14/8 hier à la pharmacie",
        "TA 14/8 (hier)",
        "TA 14/8, hier à la pharmacie",
        "Temp 39 à domicile",
        "temp à la maison 39,5",
        "TA à la maison 13/7",
        "automesure 13/7",
        "TA 13/7 en automesure",
        "TA 13/7 prise par l'infirmière",
        "Hier TA 14/8, FC 80",
        "A la pharmacie TA 14/8, FC 80",
        "Hier T 39,1 ce jour apyrétique",
        "Dernière TA 13/7",
        "T 39,5 cette nuit",
        "Poids 82 kg le 12/03",
    ],
)
def test_measured_elsewhere_or_before_is_shown_and_not_ticked(text: str) -> None:
    found = vitals(text)
    assert found
    for item in found:
        assert not item.accepted
        assert NOT_TODAY in item.warnings


@pytest.mark.parametrize(
    "text",
    [
        "fièvre depuis hier, T° 38,5",
        "Visite à domicile : TA 13/7",
        "TA ce jour 13/7",
        "TA 13/7 ce jour",
        "TA 13/7, FC 70, revoir dans 3 mois",
        "Tousse depuis hier. FC 80",
        "Examen clinique : TA 13/7",
        "Maison de retraite, TA 13/7",
    ],
)
def test_of_the_day_stays_ticked(text: str) -> None:
    assert all(item.accepted for item in vitals(text))
    assert vitals(text)


@pytest.mark.parametrize("text", ["TA 9/6 TA 14/8", "TA 14/8 puis 9/6", "TA 14/8, TA hier 13/7"])
def test_two_pressures_none_ticked(text: str) -> None:
    assert [item.accepted for item in vitals(text)] == [False, False]


def test_one_digit() -> None:
    (found,) = vitals("TA 9/6")
    assert found.value == {"systolic": 90, "diastolic": 60}
    assert [item.value for item in vitals("TA 13/7, 5/10")] == [{"systolic": 130, "diastolic": 70}]


def test_a_label_never_takes_the_number_of_the_next_one() -> None:
    found = {item.label: item.value for item in vitals("pouls afebrile poids 64 kg")}
    assert list(found.values()) == [64]
    (pressure,) = vitals("tension imprenable poids 64")
    assert (pressure.value, pressure.code) == (64, "29463-7")


@pytest.mark.parametrize("text", ["Poids 78 -> 76 kg", "Poids 78 kg => 76 kg", "T° 39 chez la nounou", "sat 92 → 96"])
def test_which_value_is_of_today_is_asked(text: str) -> None:
    assert [item.accepted for item in vitals(text)] == [False]


@pytest.mark.parametrize("text", ["TA à la maison 15/10, ici 13/8", "La TA était à 16/9, aujourd'hui 13/8"])
def test_the_measure_of_the_day_is_shown_beside_the_one_of_elsewhere(text: str) -> None:
    assert [(item.value["systolic"], item.accepted) for item in vitals(text)][1] == (130, False)


def test_a_date_after_today_is_no_pressure() -> None:
    assert vitals("vue aujourd'hui 15/3") == []
    assert vitals("Vu ce jour 12/10") == []


def test_the_last_word_tells_birth_from_today() -> None:
    assert [item.accepted for item in vitals("PN 3450 g, poids ce jour 3520 g")] == [True]
    assert [item.accepted for item in vitals("Poids ce jour 3520 g, né à terme T 50 cm")] == [True, False]


def test_of_an_adult_25_kg_is_asked() -> None:
    (found,) = (item for item in notes.propose("Poids 25 kg", age=44) if item.kind is ProposalKind.VITAL)
    assert not found.accepted
