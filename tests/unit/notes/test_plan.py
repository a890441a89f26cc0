"""Reason, follow-up, sick leave, vaccines: mentions, with the numbers that are said."""

from __future__ import annotations

from typing import Any

import pytest

from dmp_desktop import notes
from dmp_desktop.domain.notes import Proposal, ProposalKind, ProposalStatus

K, S = ProposalKind, ProposalStatus


def of_kind(text: str, kind: ProposalKind) -> list[Proposal]:
    return [item for item in notes.propose(text) if item.kind is kind]


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("RDV 3 mois", 90),
        ("Rv dans 3 mois", 90),
        ("Revoir à 48 h", 2),
        ("revoir dans trois mois", 90),
        ("Prochain RDV à 16-18 mois", 480),
        ("Contrôle plaie 15 j", 15),
        ("Revoir J7", 7),
        ("Revoir demain", None),
        ("RDV le 14/12", None),
        ("Je repasse jeudi", None),
        ("Reconsulter si fièvre ou douleur", None),
        ("RDV résultats", None),
    ],
)
def test_follow_up(text: str, days: int | None) -> None:
    (found,) = of_kind(text, K.FOLLOW_UP)
    assert (found.value, found.status) == (days, S.PLANNED)


@pytest.mark.parametrize("text", ["Revue à 3 semaines. Va mieux.", "Pas de nouveau rendez-vous", "Revue le 13/8"])
def test_no_follow_up(text: str) -> None:
    assert of_kind(text, K.FOLLOW_UP) == []


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("Arrêt de travail 5 jours", 5),
        ("Arrêt pathologique 14 jours", 14),
        ("Prolongation AT 1 mois", 30),
        ("at du 22 au 26/11", 5),
        ("AT jusqu'au 06/12 inclus", None),
        ("Prolongation d'arrêt jusqu'au 20/12", None),
    ],
)
def test_sick_leave(text: str, days: int | None) -> None:
    (found,) = of_kind(text, K.SICK_LEAVE)
    assert found.value == days
    assert found.warnings


@pytest.mark.parametrize("text", ["Pas d'arrêt", "sans arrêt 3 jours", "arrêt Kardegic 5j avant extraction"])
def test_no_sick_leave(text: str) -> None:
    assert of_kind(text, K.SICK_LEAVE) == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Motif : renouvellement", "renouvellement"),
        ("Vient pour mal de gorge depuis trois jours", "mal de gorge"),
        ("consulte pr lombalgie. TA 12/7", "lombalgie"),
        ("Vient avec sa mère pour acné du visage.", "acné du visage"),
    ],
)
def test_reason(text: str, reason: str) -> None:
    (found,) = of_kind(text, K.REASON)
    assert found.label == reason


@pytest.mark.parametrize(
    ("text", "status", "value"),
    [
        ("Priorix lot AMJRC482A cuisse droite", S.DONE, {"lot": "AMJRC482A", "site": "cuisse droite"}),
        ("Revaxis fait ce jour", S.DONE, {"lot": None}),
        ("Rappel dTP fait ce jour (Revaxis lot U7712)", S.DONE, {}),
        ("2e dose Gardasil lot X12 bras G ce jour", S.DONE, {"rank": 2, "site": "bras G"}),
        ("Gardasil dose 1 lot X12", S.DONE, {"rank": 1}),
        ("Prevenar 20 à prévoir", S.PLANNED, {}),
        ("Boostrix prévu à 28 SA", S.PLANNED, {}),
        ("Covid à faire", S.PLANNED, {}),
        ("Grippe refusée", S.REFUSED, {}),
        ("Revaxis fait le 12/03/2024", S.DONE, {"date": "12/03/2024"}),
        ("Revaxis fait en 2019", S.DONE, {"date": "2019"}),
        ("Revaxis fait ce jour, prochain rappel 2036", S.DONE, {"date": "ce jour"}),
        ("Vaccins ce jour : Hexyon lot V3H12, Prevenar lot GK2290", S.DONE, {"date": "ce jour"}),
        ("Vaccins ce jour : Hexyon lot V3H12, Prevenar fait en octobre", S.DONE, {"date": ""}),
        ("Vu ce jour pour renouvellement, Prevenar fait", S.DONE, {"date": None}),
        ("Prevenar fait en octobre, ce jour RAS", S.DONE, {"date": ""}),
        ("VHB vaccinée, Ac anti-HBs 320 UI en 2021", S.DONE, {"date": None}),
        ("Revaxis 2009 et 2019 ok", S.DONE, {"date": ""}),
    ],
)
def test_vaccination(text: str, status: ProposalStatus, value: dict[str, Any]) -> None:
    found = of_kind(text, K.VACCINATION)[-1]
    assert found.status is status
    assert {key: found.value[key] for key in value} == value
    assert of_kind(text, K.PROBLEM) == []


def test_spoken_punctuation() -> None:
    text = "gorge rouge virgule toux point Motif deux points angine point à la ligne Doliprane 1 gramme point"
    found = notes.propose(text)
    assert [text[item.start : item.end] for item in found] == [item.text for item in found]
    assert [item.label for item in found if item.kind is K.REASON] == ["angine"]


def test_point_is_a_word_where_no_sign_is_said() -> None:
    assert {item.kind for item in notes.propose("point de côté depuis ce matin, toux")} == {K.PROBLEM}


def test_a_follow_up_ends_with_its_sentence() -> None:
    text = "Contrôle douleur par paracetamol. Shingrix dans 1 an"
    assert not [item for item in notes.propose(text) if item.kind is ProposalKind.FOLLOW_UP]
