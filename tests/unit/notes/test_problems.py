"""The words of a problem: what the same letters mean elsewhere, and what denies itself."""

from __future__ import annotations

import pytest

from dmp_desktop import notes
from dmp_desktop.domain.notes import ProposalKind, ProposalStatus

PRESENT, ABSENT = ProposalStatus.PRESENT, ProposalStatus.ABSENT
HISTORY, FAMILY = ProposalStatus.HISTORY, ProposalStatus.FAMILY


def problems(text: str) -> list[tuple[str | None, ProposalStatus]]:
    return [(item.code, item.status) for item in notes.propose(text) if item.kind is ProposalKind.PROBLEM]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Grippe à traiter", [("J11.1", PRESENT)]),
        ("GRIPPE A LA MAISON", [("J11.1", PRESENT)]),
        ("Grippe A confirmée", [("J10.1", PRESENT)]),
        ("Gastro depuis hier", [("A09.9", PRESENT)]),
        ("Avis gastro demandé, vu par le gastro", []),
        ("Goutte", [("M10.9", PRESENT)]),
        ("goutte au gros orteil", [("M10.9", PRESENT)]),
        ("2 gouttes dans l'œil, 1 goutte le soir, goutte à goutte", []),
        ("fume 10 cig/j", [("F17.2", PRESENT)]),
        ("ne fume pas", [("F17.2", ABSENT)]),
        ("Ne fume plus depuis 10 ans", [("F17.20", HISTORY)]),
        ("Éviter le saumon fumé", []),
        ("Apyrétique, eupnéique", [("R50.9", ABSENT), ("R06.0", ABSENT)]),
        ("pas encore apyrétique", []),
        ("Asthme dans l'enfance", [("J45.9", HISTORY)]),
        ("Asthme ds l'enfance", [("J45.9", HISTORY)]),
        ("eczéma petite enfance", [("L30.9", HISTORY)]),
        ("Asthme dans l'enfance chez la mère", [("J45.9", FAMILY)]),
        ("Son frère vient de faire un infarctus", [("I21.9", FAMILY)]),
        ("Ses petits-enfants ont eu la varicelle", [("B01.9", FAMILY)]),
        ("Varicelle à la crèche", []),
        ("mère EP à 40 ans ! Fume 8 cig/j", [("I26.9", FAMILY), ("F17.2", PRESENT)]),
        ("chute de tension", [("I95.9", PRESENT)]),
        ("à bout de souffle", [("R06.0", PRESENT)]),
        ("reflux hépato-jugulaire absent", [("R09.8", ABSENT)]),
        ("brûlures à la miction", [("R30.0", PRESENT)]),
        ("Syndrome pyramidal gauche", [("R29.8", PRESENT)]),
        ("HTO au lever", []),
        ("TCA 1,2", []),
        ("Nodule ACR 4", []),
        ("carence en vitamine C", [("E56.9", PRESENT)]),
        ("déficit en vitamine D", [("E55.9", PRESENT)]),
        ("stent iliaque", [("Z95.8", HISTORY)]),
        ("VIH TPHA neg", [("B24", ABSENT)]),
        ("VIH, syphilis et VHC négatifs", [("B24", ABSENT), ("A53.9", ABSENT)]),
        ("Source VIH neg VHC +", [("B18.2", FAMILY)]),
        ("PCR grippe en cours", []),
        ("Tous les 3 jours. Toux", [("R05", PRESENT)]),
        ("IVG refusée", [("O04", ABSENT)]),
        ("rubéole immunisée", []),
        ("Peur du VIH, immunisée rubéole", []),
        ("désir de grossesse", [("Z31.9", PRESENT)]),
        ("poids avant grossesse", []),
        ("Covid : 3 doses", []),
        ("Grippe et covid faits en octobre", []),
        ("grippe et otite", [("J11.1", PRESENT), ("H66.9", PRESENT)]),
    ],
)
def test_what_the_words_mean(text: str, wanted: list[tuple[str, ProposalStatus]]) -> None:
    assert problems(text) == wanted
