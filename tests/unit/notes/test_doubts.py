"""A doubt, a contradiction, a past, another person: none of them is a plain statement of the patient."""

from __future__ import annotations

import pytest

from dmp_desktop import notes
from dmp_desktop.domain.notes import Confidence, Proposal, ProposalKind, ProposalStatus

DOUBTED = "Allergie incertaine dans la note."
CONTRADICTED = "La note dit aussi le contraire : à vérifier."


def of_kind(text: str, kind: ProposalKind) -> list[Proposal]:
    return [item for item in notes.propose(text) if item.kind is kind]


@pytest.mark.parametrize(
    ("text", "substance", "reaction"),
    [
        ("Amoxicilline : allergie (choc anaphylactique).", "Amoxicilline", "choc anaphylactique"),
        ("Amoxicilline : allergique (urticaire)", "Amoxicilline", "urticaire"),
        ("Codéine : intolérance (vomissements).", "Codéine", "vomissements"),
        ("Amoxicilline 1 g = allergie", "Amoxicilline", None),
        ("HTA, amoxicilline (allergie)", "amoxicilline", None),
        ("- Ibuprofène -> allergie, œdème de Quincke", "Ibuprofène", "œdème de Quincke"),
        ("Pénicilline : allergie dans l'enfance", "Pénicilline", "dans l'enfance"),
        ("Amoxicilline : allergie grave", "Amoxicilline", "grave"),
    ],
)
def test_a_substance_before_its_allergy(text: str, substance: str, reaction: str | None) -> None:
    (found,) = [item for item in notes.propose(text) if item.text != "HTA"]
    assert (found.kind, found.status) == (ProposalKind.ALLERGY, ProposalStatus.PRESENT)
    assert found.value == {"substance": substance, "reaction": reaction}
    assert not found.accepted


@pytest.mark.parametrize(
    ("text", "treatments", "allergies"),
    [
        ("Aerius : allergie saisonnière", 1, 0),
        ("Amoxicilline : allergie écartée", 0, 0),
        ("Paracétamol 1 g 3/j. Allergie : pénicilline", 1, 1),
        ("Amoxicilline 1 g 3/j, pas d'allergie", 1, 1),
        ("Augmentin allergie ? non", 1, 0),
    ],
)
def test_a_drug_before_an_allergy_that_is_not_of_it(text: str, treatments: int, allergies: int) -> None:
    assert len(of_kind(text, ProposalKind.TREATMENT)) == treatments
    assert len(of_kind(text, ProposalKind.ALLERGY)) == allergies


@pytest.mark.parametrize(
    "text",
    [
        "Allergie : pénicilline ?",
        "Allergie : pénicilline ? à confirmer",
        "Allergie : pénicilline (?)",
        "Allergie : pénicilline (à confirmer)",
        "Allergie ? pénicilline",
        "Allergie pénicilline non confirmée",
        "Pénicilline : allergie ?",
    ],
)
def test_a_doubt_about_an_allergy(text: str) -> None:
    (found,) = notes.propose(text)
    assert (found.kind, found.status) == (ProposalKind.ALLERGY, ProposalStatus.SUSPECTED)
    assert found.value["substance"].lower() == "pénicilline"
    assert found.value["reaction"] is None
    assert (found.confidence, found.accepted) == (Confidence.LOW, False)
    assert DOUBTED in found.warnings


@pytest.mark.parametrize(
    "text",
    [
        "Allergie paracétamol non retenue",
        "Allergie au paracétamol (non retenue)",
        "Allergie au paracétamol écartée",
        "Allergie au paracétamol : non retenue",
    ],
)
def test_an_allergy_that_is_excluded(text: str) -> None:
    assert notes.propose(text) == ()


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Tabac 20 PA sevré", ProposalStatus.HISTORY),
        ("Tabagisme 20 PA, sevré en 2010", ProposalStatus.HISTORY),
        ("Tabac : 15 PA (sevré depuis 2 ans)", ProposalStatus.HISTORY),
        ("Tabac 10 PA, arrêté en 2015", ProposalStatus.HISTORY),
        ("Tabac 20 PA non sevré", ProposalStatus.PRESENT),
        ("Tabac 20 PA, alcool sevré", ProposalStatus.PRESENT),
        ("Tabac 20 PA", ProposalStatus.PRESENT),
    ],
)
def test_weaned(text: str, status: ProposalStatus) -> None:
    assert of_kind(text, ProposalKind.PROBLEM)[0].status is status


@pytest.mark.parametrize("text", ["contre-indication au vaccin fièvre jaune", "Vaccin ROR contre-indiqué"])
def test_a_vaccine_that_must_not_be_given(text: str) -> None:
    (found,) = notes.propose(text)
    assert (found.kind, found.status) == (ProposalKind.VACCINATION, ProposalStatus.REFUSED)
    assert (found.confidence, found.accepted) == (Confidence.LOW, False)
    assert found.warnings == ("Contre-indiqué d'après la note, non refusé : à vérifier.",)


def test_no_contraindication_to_a_vaccine_done() -> None:
    (found,) = of_kind("Pas de contre-indication, vaccin grippe fait ce jour", ProposalKind.VACCINATION)
    assert found.status is ProposalStatus.DONE


@pytest.mark.parametrize(
    "text", ["Pas de diabète. Diabète de type 2", "Diabète de type 2. Pas de diabète.", "DT2. Pas de diabète"]
)
def test_a_contradiction_is_told_on_both(text: str) -> None:
    found = of_kind(text, ProposalKind.PROBLEM)
    assert len(found) == 2
    assert all(CONTRADICTED in item.warnings and item.confidence is Confidence.LOW for item in found)


@pytest.mark.parametrize("text", ["Pas de diabète. HTA", "Pas de douleur thoracique. Douleur abdominale"])
def test_other_problems_are_no_contradiction(text: str) -> None:
    assert all(CONTRADICTED not in item.warnings for item in notes.propose(text))


@pytest.mark.parametrize(
    "text",
    [
        "Conjoint diabétique",
        "mari : HTA",
        "Sa femme est diabétique",
        "diabète chez son mari",
        "ATCD familiaux : conjoint diabétique",
    ],
)
def test_who_is_no_blood_relation_tells_nothing(text: str) -> None:
    assert notes.propose(text) == ()


def test_a_blood_relation_is_family() -> None:
    (found,) = notes.propose("Mère diabétique")
    assert found.status is ProposalStatus.FAMILY


@pytest.mark.parametrize(
    ("text", "ticks"),
    [
        ("Motif : renouvellement. TA 145/85, FC 70, poids 80 kg.", 3),
        ("Motif : renouvellement. TA 145/85\nPoids 80 kg", 2),
        ("Motif : fièvre 39,5", 0),
        ("Motif :\nfièvre 39,5", 0),
    ],
)
def test_a_reason_ends_with_its_sentence(text: str, ticks: int) -> None:
    found = of_kind(text, ProposalKind.VITAL)
    assert sum(item.accepted for item in found) == ticks
