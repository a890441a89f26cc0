"""The doctor's own abbreviations go before ours, and say so."""

from __future__ import annotations

from dmp_desktop import notes
from dmp_desktop.domain.notes import Confidence, OwnTerm, ProposalKind, ProposalStatus

ICD, ATC = "2.16.840.1.113883.6.3", "2.16.840.1.113883.6.73"
TERMS = (
    OwnTerm("ttc", ProposalKind.PROBLEM, "G44.2", ICD, "Céphalée de tension"),
    OwnTerm("doli", ProposalKind.TREATMENT, "N02BE01", ATC, "Doliprane"),
    OwnTerm("HTA", ProposalKind.PROBLEM, "I15.9", ICD, "HTA secondaire"),
    OwnTerm("vg", ProposalKind.VACCINATION, "J07BB02", ATC, "Vaccin grippe"),
)


def test_read_with_status_and_warning() -> None:
    problem, drug = notes.propose("pas de TTC, doli 1 g 3/j", own_terms=TERMS)
    assert (problem.code, problem.label, problem.status) == ("G44.2", "Céphalée de tension", ProposalStatus.ABSENT)
    assert (drug.code, drug.label, drug.value["schedule"]) == ("N02BE01", "Doliprane", "3/j")
    for item in (problem, drug):
        assert (item.confidence, item.accepted) == (Confidence.MEDIUM, False)
        assert "Votre abréviation." in item.warnings


def test_goes_before_the_lexicon() -> None:
    (found,) = notes.propose("HTA", own_terms=TERMS)
    assert found.code == "I15.9"
    assert notes.propose("HTA")[0].code == "I10"


def test_vaccination() -> None:
    (found,) = notes.propose("VG fait ce jour lot A3B21", own_terms=TERMS)
    assert (found.kind, found.code, found.value["lot"]) == (ProposalKind.VACCINATION, "J07BB02", "A3B21")


def test_terms_without_letters_say_nothing() -> None:
    empty = OwnTerm("--", ProposalKind.PROBLEM, None, None, "rien")
    assert notes.propose("-- HTA", own_terms=(empty,))[0].code == "I10"
