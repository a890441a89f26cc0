"""Posology, and what happens to each drug: what is not simple is not guessed, a stop is never a prescription."""

from __future__ import annotations

import pytest

from dmp_desktop import notes
from dmp_desktop.domain.notes import Proposal, ProposalKind, ProposalStatus


def treatments(text: str) -> list[Proposal]:
    return [item for item in notes.propose(text) if item.kind is ProposalKind.TREATMENT]


@pytest.mark.parametrize(
    ("text", "strength", "schedule", "days"),
    [
        ("ramipril 5mg 1 cp par jour le matin", "5mg", "1-0-0", None),
        ("amoxicilline 1g x2/j 7j", "1g", "2/j", 7),
        ("amoxicilline 500 1 gél x 3 par jour pendant 6j", "500", "3/j", 6),
        ("paracétamol 1g 1cpx3/j", "1g", "3/j", None),
        ("ibuprofene 400 1 cp 3 fois / jour pdt 5j", "400", "3/j", 5),
        ("bisoprolol 2,5 mg : 1/2 le matin", "2,5mg", "1/2-0-0", None),
        ("zopiclone 7,5 ½ cp au coucher", "7,5", "0-0-1/2", None),
        ("Eliquis 2,5 1-0-1", "2,5", "1-0-1", None),
        ("Périndopril 2 1-0-0", "2", "1-0-0", None),
        ("Eliquis 5 x2", "5", "2/j", None),
        ("lasilix 40 : 2 le matin", "40", "2-0-0", None),
        ("Entresto 24/26 1-0-1", "24/26", "1-0-1", None),
        ("augmentin 1g/125 3x/j 8 jours", "1g/125", "3/j", 8),
        ("metformine 1000 1-0-0-1", "1000", "1-0-0-1", None),
        ("metformine 1000 1/0/1", "1000", "1-0-1", None),
        ("xarelto 20 mg un comprimé par jour au dîner", "20mg", "0-0-1", None),
        ("amoxicilline un gramme matin et soir pendant six jours", "1g", "1-0-1", 6),
        ("gaviscon 1 sachet après chaque repas", None, "1-1-1", None),
        ("lantus 20 UI le soir", None, None, None),
        ("omeprazole 20mg 1 gel le soir QSP 1 mois AR 2", "20mg", "0-0-1", 30),
        ("doliprane 1g 1 cp 3x/j si douleurs", "1g", "3/j", None),
        ("Uvedose 100 000 UI ce jour", "100 000UI", None, None),
        ("kardegic 75 1 sachet/j, revoir dans 3 mois", "75", "1/j", None),
        ("Subutex 8 mg 1/j, 28 jours, délivrance fractionnée 7 j", "8mg", "1/j", 28),
        ("paracétamol, éviction 2 jours", None, None, None),
    ],
)
def test_posology(text: str, strength: str | None, schedule: str | None, days: int | None) -> None:
    (found,) = treatments(text)
    value = found.value
    assert (value["strength"], value["schedule"], value["duration_days"]) == (strength, schedule, days)


@pytest.mark.parametrize(
    "text",
    [
        "solupred 60 mg le matin pendant 5 jours puis arrêt",
        "doxycycline 100 mg 2 cp/j le 1er jour puis 1/j",
        "prednisone 20 mg décroissance 5 mg par palier, 1/j",
        "methotrexate 15 mg 1 fois par semaine",
        "uvedose 1 ampoule tous les 3 mois",
        "levothyrox 75 1/j jours alternés",
        "doliprane 1 g 1 à 3/j",
        "doliprane 1 g si besoin max 3/j",
        "ventoline 2 bouffées matin et soir",
        "Vit D 3 gttes/j",
        "spasfon 2 cp x 3/j",
        "monuril 1 sachet en une prise",
        "fluconazole 150 mg dose unique",
        "doliprane 1 dose-poids x 4/j",
        "metformine 1000 1 cp et demi matin",
        "kardegic 75 1/j le lundi",
    ],
)
def test_not_simple_is_null_and_said(text: str) -> None:
    (found,) = treatments(text)
    assert found.value["schedule"] is None
    assert found.warnings


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("prescription : amoxicilline 1 g 2/j", "start"),
        ("je débute ramipril 5 mg", "start"),
        ("ajout amlodipine 5", "start"),
        ("On passe à candésartan 8 mg le matin", "start"),
        ("poursuite ramipril 5 mg", "continue"),
        ("HTA sous ramipril 5", "continue"),
        ("TTT : ramipril 5 1/j", "continue"),
        ("ttt habituel : ramipril 5 1/j", "continue"),
        ("ttt idem : ramipril 5 1/j", "continue"),
        ("Renouvellement. HTA équilibrée. Amlodipine 5 mg 1/j", "continue"),
        ("Plavix maintenu", "continue"),
        ("arrêt Kardegic", "stop"),
        ("Bisoprolol 1,25 : stop (bradycardie)", "stop"),
        ("hydroxyzine le soir, que j'arrête", "stop"),
        ("suspendre metformine 48h", "stop"),
        ("sevrage alprazolam", "stop"),
        ("relais du Previscan", "stop"),
        ("relais par Eliquis 5", "start"),
        ("augmenter bisoprolol à 5 mg", "change"),
        ("bisoprolol augmenté à 5 mg/j", "change"),
        ("Triatec 2,5 -> 5 mg/j", "change"),
        ("deroxat 20 : diminuer", "change"),
    ],
)
def test_action(text: str, action: str) -> None:
    (found,) = treatments(text)
    assert found.value["action"] == action
    assert (found.status is ProposalStatus.STOPPED) == (action == "stop")
    assert not found.accepted


def test_one_replaced_by_another() -> None:
    first, second = treatments("Tahor 40 remplacé par Crestor 10 le soir")
    assert (first.value["action"], second.value["action"]) == ("stop", "start")
    assert (second.value["strength"], second.value["schedule"]) == ("10", "0-0-1")


def test_list_of_a_renewal() -> None:
    found = treatments("Renouvellement 3 mois :\nEliquis 2,5 1-0-1\nBisoprolol 2,5 1-0-0\n\nRamipril 5 arrêté")
    assert [(item.value["action"], item.value["duration_days"]) for item in found] == [
        ("continue", 90),
        ("continue", 90),
        ("stop", None),
    ]


@pytest.mark.parametrize("text", ["pas d'ibuprofène", "éviter ibuprofène", "ibuprofène contre-indiqué"])
def test_denied_is_absent(text: str) -> None:
    (found,) = treatments(text)
    assert found.status is ProposalStatus.ABSENT


@pytest.mark.parametrize("text", ["OMI 0", "potassium 4,2 mmol/l", "metformne 1 g 2/j", "Allergie : amoxicilline 1 g"])
def test_no_treatment(text: str) -> None:
    assert treatments(text) == []


def test_posology_does_not_swallow_what_follows() -> None:
    items = notes.propose("Tolère bien sertraline 50 mg, angoisses persistantes, TA 12/7")
    assert {item.kind for item in items} >= {ProposalKind.TREATMENT, ProposalKind.PROBLEM, ProposalKind.VITAL}


@pytest.mark.parametrize(
    ("text", "statuses"),
    [
        ("N'a jamais pris de Levothyrox.", [ProposalStatus.ABSENT]),
        ("Contre-indication à l'aspirine", [ProposalStatus.ABSENT]),
        ("ancien traitement : Tahor 10", [ProposalStatus.STOPPED]),
        ("a cessé Lexomil", [ProposalStatus.STOPPED]),
        ("Ne veut plus de Lyrica", [ProposalStatus.ABSENT]),
        ("essai Laroxyl échec, Cymbalta 60", [ProposalStatus.STOPPED, ProposalStatus.PRESENT]),
        ("sous Previscan, switch Eliquis 5 x2", [ProposalStatus.PRESENT, ProposalStatus.PRESENT]),
        ("Orelox l'an dernier", [ProposalStatus.STOPPED]),
        ("Cortisone évitée", [ProposalStatus.ABSENT]),
        ("mari sous Viagra, mère sous Levothyrox", [ProposalStatus.FAMILY, ProposalStatus.FAMILY]),
        ("Sa fille prend la Ventoline", [ProposalStatus.FAMILY]),
        ("la mère a donné Doliprane", [ProposalStatus.PRESENT]),
        ("Tramadol mal toléré, relais par codéine", [ProposalStatus.STOPPED, ProposalStatus.PRESENT]),
        ("Relais Eliquis par Xarelto 20", [ProposalStatus.STOPPED, ProposalStatus.PRESENT]),
        ("Bisoprolol stoppé par le cardio. Relais amlodipine 5", [ProposalStatus.STOPPED, ProposalStatus.PRESENT]),
        ("Lovenox 0,6 x2 relais par Previscan", [ProposalStatus.PRESENT, ProposalStatus.PRESENT]),
    ],
)
def test_what_is_taken_no_more_or_never_was(text: str, statuses: list[ProposalStatus]) -> None:
    assert [item.status for item in treatments(text)] == statuses


@pytest.mark.parametrize(
    ("text", "strength", "schedule"),
    [
        ("Eliquis 5 matin et soir", "5", "1-0-1"),
        ("Bisoprolol 5 le matin", "5", "1-0-0"),
        ("Coversyl 4 le soir", "4", "0-0-1"),
        ("Doliprane 2 matin et soir", None, "2-0-2"),
        ("Lexomil 1/4 matin midi 1/2 soir", None, "1/4-1/4-1/2"),
        ("Metformine 1000 x2, HbA1c 7.1", "1000", "2/j"),
    ],
)
def test_a_strength_is_never_a_number_of_tablets(text: str, strength: str | None, schedule: str) -> None:
    (found,) = treatments(text)
    assert (found.value["strength"], found.value["schedule"]) == (strength, schedule)


def test_units_of_insulin_are_no_tablets() -> None:
    (found,) = treatments("Lantus 20 le soir")
    assert (found.value["strength"], found.value["schedule"]) == (None, None)
    assert found.warnings == ("Unités d'insuline : posologie non codée.",)
