"""`Pas d'allergie sauf …` is an allergy: "none known" there could kill."""

from __future__ import annotations

import pytest

from dmp_desktop import notes
from dmp_desktop.domain.notes import Confidence, Proposal, ProposalKind, ProposalStatus
from dmp_desktop.notes.allergies import NO_KNOWN_ALLERGY


def allergies(text: str) -> list[Proposal]:
    return [item for item in notes.propose(text) if item.kind is ProposalKind.ALLERGY]


@pytest.mark.parametrize(
    ("text", "substances"),
    [
        ("pas d'allergie sauf pénicilline", ["pénicilline"]),
        ("Pas d'allergie connue hormis amoxicilline", ["amoxicilline"]),
        ("Aucune allergie excepté l'iode", ["iode"]),
        ("pas d'allergie en dehors de la pénicilline", ["pénicilline"]),
        ("pas d'allergie autre que la pénicilline", ["pénicilline"]),
        ("aucune allergie connue sauf iode", ["iode"]),
        ("Allergies : aucune sauf latex et iode", ["latex", "iode"]),
        ("Allergie : non, à part pénicilline", ["pénicilline"]),
        ("sans allergie sauf arachide", ["arachide"]),
    ],
)
def test_exception_is_the_allergy(text: str, substances: list[str]) -> None:
    found = allergies(text)
    assert [item.label for item in found] == substances
    assert all(item.status is ProposalStatus.PRESENT and not item.accepted for item in found)


@pytest.mark.parametrize("text", ["Allergie : 0 penicilline", "Allergies : aucune pénicilline"])
def test_zero_then_a_substance_is_asked(text: str) -> None:
    (found,) = allergies(text)
    assert found.value["substance"].endswith("nicilline")
    assert (found.confidence, found.accepted, len(found.warnings)) == (Confidence.LOW, False, 2)


@pytest.mark.parametrize("text", ["Pas d'allergie à la pénicilline", "pas allergique à la pénicilline"])
def test_one_substance_denied_is_not_none_known(text: str) -> None:
    assert notes.propose(text) == ()


@pytest.mark.parametrize(
    "text", ["Allergie : aucune connue à ce jour, toux", "Allergie : 0 HTA", "Allergies : RAS", "sans allergie connue"]
)
def test_none_known(text: str) -> None:
    (found,) = allergies(text)
    assert (found.code, found.accepted) == (NO_KNOWN_ALLERGY, False)


def test_contradiction_is_said() -> None:
    none, lactose = allergies("Pas d'allergie. Intolérance au lactose")
    assert (none.code, none.confidence) == (NO_KNOWN_ALLERGY, Confidence.LOW)
    assert len(none.warnings) == 2
    assert lactose.label == "lactose"


@pytest.mark.parametrize("text", ["Allergie : 0 HTA", "fièvre 0 HTA traitée"])
def test_zero_answers_what_stands_before(text: str) -> None:
    found = [item for item in notes.propose(text) if item.text == "HTA"]
    assert [item.status for item in found] == [ProposalStatus.PRESENT]
    assert found[0].warnings


@pytest.mark.parametrize(
    ("text", "substances"),
    [
        ("Allergie Bactrim (Lyell !)", ["Bactrim"]),
        ("Allergie arachide, Anapen à l'école", ["arachide"]),
        ("Allergie(s) : pénicilline", ["pénicilline"]),
        ("Allergies :\n- pénicilline\n- latex", ["pénicilline", "latex"]),
        ("allergique aux acariens et au chat", ["acariens", "chat"]),
        ("Allergie : pénicilline, HTA traitée", ["pénicilline"]),
        ("Intolérance codéine", ["codéine"]),
        ("bilan allergie demandé", []),
        ("patient allergique pénicilline", ["pénicilline"]),
        ("All : pénicilline", ["pénicilline"]),
        ("rhinite allergique aux pollens", []),
        ("allergie saisonnière", []),
    ],
)
def test_substances(text: str, substances: list[str]) -> None:
    assert [item.label for item in allergies(text)] == substances


def test_a_list_of_allergies_does_not_hide_diseases() -> None:
    items = notes.propose("Allergie : pénicilline, HTA traitée")
    assert [item.text for item in items if item.kind is ProposalKind.PROBLEM] == ["HTA"]


def test_uncertain_allergy_keeps_its_doubt() -> None:
    (found,) = allergies("Allergie : amoxicilline ? éruption à 4 ans, jamais testée")
    assert (found.label, found.status, found.confidence) == ("amoxicilline", ProposalStatus.SUSPECTED, Confidence.LOW)
    assert "Allergie incertaine dans la note." in found.warnings


@pytest.mark.parametrize(
    "text",
    [
        "Allergies (médicamenteuses) : aucune",
        "Allergie : ø",
        "ATCD allergiques : aucun",
        "pas allergique",
        "ni allergie",
    ],
)
def test_none_known_in_other_words(text: str) -> None:
    assert [item.code for item in allergies(text)] == [NO_KNOWN_ALLERGY]


@pytest.mark.parametrize(
    "text",
    [
        "Père : allergie pénicilline",
        "Fils allergique à l'arachide",
        "mère allergique à l'amoxicilline",
        "Allergie pénicilline chez la mère",
        "ATCD fam : allergie pénicilline",
    ],
)
def test_an_allergy_of_a_relative_is_theirs(text: str) -> None:
    (found,) = allergies(text)
    assert found.status is ProposalStatus.FAMILY


@pytest.mark.parametrize(
    "text",
    ["vu avec sa mère, allergie amox", "Selon la mère allergie à l'amoxicilline", "Amené par son père. Allergie amox"],
)
def test_a_relative_who_tells_of_it_leaves_it_to_the_patient(text: str) -> None:
    (found,) = allergies(text)
    assert (found.status, found.warnings) == (ProposalStatus.PRESENT, ("À confirmer avec le patient.",))


@pytest.mark.parametrize("text", ["mère diabétique, allergie pénicilline", "Allergie amox (mère)"])
def test_whose_allergy_is_asked_in_doubt(text: str) -> None:
    (found,) = allergies(text)
    assert found.status is ProposalStatus.PRESENT
    assert "Allergie d'un proche ? À vérifier." in found.warnings


@pytest.mark.parametrize(
    "text",
    [
        "Allergie pénicilline écartée",
        "Allergie suspectée à l'amoxicilline, éliminée par tests",
        "Allergique à l'amoxicilline : non",
        "Père : pas d'allergie",
    ],
)
def test_an_allergy_that_is_none_is_not_proposed_nor_read_as_a_treatment(text: str) -> None:
    assert notes.propose(text) == ()


def test_what_was_taken_without_harm_is_no_allergen() -> None:
    (found,) = allergies("Allergie pénicilline non confirmée, a pris Augmentin depuis")
    assert found.label == "pénicilline"
    assert "Allergie incertaine dans la note." in found.warnings


def test_the_exception_may_follow_at_once() -> None:
    assert [item.label for item in allergies("Pas d'allergie à part les pollens")] == ["pollens"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Pas d'allergie médicamenteuse", "no-known-medication-allergies"),
        ("Pas d'allergie alimentaire", "no-known-food-allergies"),
        ("Pas d'allergie connue", NO_KNOWN_ALLERGY),
        ("Allergies : 0", NO_KNOWN_ALLERGY),
    ],
)
def test_the_absence_is_of_what_was_asked_about(text: str, code: str) -> None:
    (found,) = allergies(text)
    assert (found.code, found.status) == (code, ProposalStatus.ABSENT)


def test_the_list_of_allergens_stops_before_the_treatment() -> None:
    found = notes.propose("allergie aux betalactamines donc pas d'Augmentin, Pyostacine 1g x3 7 j")
    named = [(item.kind, item.label, item.status) for item in found]
    assert named == [
        (ProposalKind.ALLERGY, "betalactamines", ProposalStatus.PRESENT),
        (ProposalKind.TREATMENT, "Augmentin", ProposalStatus.ABSENT),
        (ProposalKind.TREATMENT, "Pyostacine", ProposalStatus.PRESENT),
    ]
    assert [item.label for item in allergies("Allergies : amox, Bactrim 800 mg 1/j")] == ["amox"]
