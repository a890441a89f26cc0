"""Every form in which a French doctor writes or dictates a measure; and what is no measure of the patient's, of today."""

from __future__ import annotations

from typing import Any

import pytest

from dmp_desktop import notes
from dmp_desktop.domain.notes import Proposal, ProposalKind


def vitals(text: str, age: int | None = None) -> list[Proposal]:
    return [item for item in notes.propose(text, age=age) if item.kind is ProposalKind.VITAL]


@pytest.mark.parametrize(
    ("text", "high", "low"),
    [
        ("TA 14-8", 140, 80),
        ("TA=14/8", 140, 80),
        ("T.A. : 13,5/8", 135, 80),
        ("ta à 14 / 8", 140, 80),
        ("TA 140 sur 80", 140, 80),
        ("tension correcte à 13/7", 130, 70),
        ("tension artérielle contrôlée à 135/85 mmHg", 135, 85),
        ("PAS 140 PAD 80", 140, 80),
        ("PAS/PAD 140/80", 140, 80),
        ("tension quatorze huit", 140, 80),
        ("tension à 14 8", 140, 80),
        ("tension treize cinq sur huit", 135, 80),
        ("tension artérielle cent trente sur quatre-vingt", 130, 80),
        ("tension cent quarante quatre-vingts", 140, 80),
        ("14/8 de tension", 140, 80),
        ("TA élevée ce jour 16/9", 160, 90),
        ("TA 14\\8", 140, 80),
    ],
)
def test_pressure(text: str, high: int, low: int) -> None:
    (found,) = vitals(text)
    assert (found.value, found.accepted) == ({"systolic": high, "diastolic": low}, True)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("FC régulière à 72 bpm", [72]),
        ("coeur régulier à 72/min", [72]),
        ("polypnée à 40", [40]),
        ("sat 98% en air ambiant", [98]),
        ("saturation à l'air ambiant 96", [96]),
        ("98 % de saturation", [98]),
        ("saturation quatre-vingt-dix-huit pour cent", [98]),
        ("T° 38°5", [38.5]),
        ("température à trente-huit cinq", [38.5]),
        ("température rectale 39,1", [39.1]),
        ("apyrétique (36°9)", [36.9]),
        ("poids 72kg500", [72.5]),
        ("P 3kg450 T 50cm", [3.45, 50]),
        ("elle pèse cinquante-huit kilos et demi", [58.5]),
        ("taille un mètre soixante-dix", [170]),
        ("mesure 1 m 65", [165]),
        ("T : 68,5 cm", [68.5]),
        ("tour de taille 102 cm", [102]),
        ("PA 98 cm", [98]),
        ("périmètre abdominal 100", [100]),
        ("tension quatorze huit saturation 98 pouls soixante-douze", [{"systolic": 140, "diastolic": 80}, 98, 72]),
        ("Constantes : FC 80 FR 16 sat 99 T 37.1", [80, 16, 99, 37.1]),
        ("T° 37,2 ; TA non prise", [37.2]),
        ("Pds 58,2 (60,1 en août)", [58.2]),
        ("Température 37 9.", [37.9]),
    ],
)
def test_labelled_forms_are_ticked(text: str, values: list[Any]) -> None:
    found = vitals(text)
    assert [item.value for item in found] == values
    assert all(item.accepted for item in found)


@pytest.mark.parametrize(
    "text",
    [
        "a perdu 4 kg en 2 mois",
        "+2 kg",
        "poids -3kg",
        "objectif tensionnel 13/8",
        "TA cible 130/80",
        "Objectif TA < 13/8, objectif poids 75",
        "PN 3200 g",
        "poids de naissance 3,2 kg",
        "père : TA 16/9",
        "TA de sa femme 15/9",
        "sa mère mesure 1m60 et pèse 60 kg",
        "consulter si T > 39",
        "si température supérieure à 38,5",
        "paracétamol si T° > 38,5",
        "IDE : appeler si sat < 90, si T > 38,5 ou TA > 18/10",
        "EVA 5/10",
        "acuité visuelle 10/10",
        "TG 2,10",
        "sac de 20 kg",
        "pas 14 jours",
        "TA 14/08/2020",
        "kyste mesure 35 mm",
        "Lasègue 40°",
        "saturation de la transferrine 18 %",
        "S2 P2",
        "1 dose 5kg",
    ],
)
def test_nothing_measured(text: str) -> None:
    assert vitals(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "TA bras D 14/8, bras G 13/8",
        "TA D : 145/85 G : 140/80",
        "TA couché 14/8, debout 12/7",
        "TA 160/90 contrôlée à 145/85 après 10 min",
        "TA 165/95 D 160/90 G",
        "TA 17/9 -> 15/8",
        "TA 17/9 → 15/8",
        "TA 14/8, puis au repos 13/7",
    ],
)
def test_both_pressures_are_listed_and_none_is_ticked(text: str) -> None:
    found = vitals(text)
    assert len(found) == 2
    assert not any(item.accepted for item in found)
    assert any("2e valeur" in warning for warning in found[1].warnings)


@pytest.mark.parametrize(
    "text",
    [
        "Passée aux urgences hier : TA 17/10, FC 90",
        "né à terme, poids 3250 g, T 50 cm, PC 34 cm",
        "12/08/2023 : TA 15/9",
        "TA la semaine dernière 16/9",
        "TA moyenne 135/80 (automesure)",
        "FC 110 à l'effort",
        "ECG : rythme sinusal 72/min",
        "FC 60 à 70",
        "poids 66 kg 3 enfants",
        "tension à 15",
        "17 de tension",
        "PAS 140",
        "je trouve 12/8",
        "138/84",
        "82 kg / 1m72",
        "88 kg pour 1m78",
        "12,3kg 88cm",
        "4850 g",
        "36°8",
        "38,5 de fièvre",
        "Ici 38,2",
        "Maman : poids 12 kg",
        "Taille 1m7",
        "FC 120 si effort",
        "Poids 80 à son arrivée",
        "Poids : 72 lb",
    ],
)
def test_doubtful_is_never_ticked(text: str) -> None:
    assert not any(item.accepted for item in vitals(text))


def test_own_measure_among_those_of_others() -> None:
    text = "Son mari a une tension à 16/9, elle s'inquiète pour la sienne : je trouve 12/8."
    (found,) = vitals(text)
    assert (found.value, found.accepted) == ({"systolic": 120, "diastolic": 80}, False)


@pytest.mark.parametrize(
    ("text", "age"), [("FR 12", 0), ("FC 45", 1), ("Taille 172", 4), ("TA 20/10", 3), ("Poids 20 kg", 60)]
)
def test_not_at_that_age(text: str, age: int) -> None:
    (found,) = vitals(text, age)
    assert not found.accepted
    assert found.warnings


def test_offsets_lead_back_to_words() -> None:
    text = "alors   tension quatorze huit\tet température trente-huit virgule cinq voilà"
    assert [item.text for item in vitals(text)] == ["tension quatorze huit", "température trente-huit virgule cinq"]
    assert all(text[item.start : item.end] == item.text for item in notes.propose(text))


@pytest.mark.parametrize(
    "text",
    [
        "Vu avec sa femme (TA 16/9 elle)",
        "le bébé pèse 3,4 kg",
        "garder TA autour de 13/8",
        "elle a pris sa tension : 17/9",
        "FC 55 la nuit",
        "taille 1m70 à 20 ans",
        "TA 18/10 à l'arrivée",
        "TA connue à 15/9",
        "O2 pour sat 92",
        "Téléconsultation. Poids 58 kg, T° 38,5",
        "Tel de la patiente : T° 38,5",
        "S : T° 39,2, toux",
        "HDM : FC 120",
        "Motif : TA 17/9",
        "consulte pour TA 17/9",
        "T° 38,5 depuis 3 jours",
        "T° montée à 39,5",
        "SpO2 96 après aérosol",
        "Poids 82 kg, taille 128 cm, IMC 27",
        "Poids 8 kg, taille 172 cm",
        "TA 15/14",
    ],
)
def test_told_or_incoherent_is_never_ticked(text: str) -> None:
    assert not any(item.accepted for item in vitals(text))


@pytest.mark.parametrize("text", ["Contrôle TA le 12/10", "TA du 12/10 à revoir", "RDV TA 12/12/2026"])
def test_a_date_is_no_pressure(text: str) -> None:
    assert vitals(text) == []


def test_the_systolic_pressure_alone_can_be_coded() -> None:
    (found,) = (item for item in notes.propose("PAS 140") if item.kind is ProposalKind.VITAL)
    assert (found.value, found.unit, found.code, found.accepted) == (140, "mm[Hg]", "8480-6", False)
