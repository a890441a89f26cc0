"""INSi's traits against ours: only what it told, writing aside, a line each."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from dmp_desktop.domain.identity import StrictTraits
from dmp_desktop.domain.insi import InsiTraits
from dmp_desktop.domain.people import Sex
from dmp_desktop.services.identity_traits import adopted, compare, unusable
from tests.helpers.identities import told

HERE = StrictTraits("Test-D’Œuvré", "Marie-Ange", "Marie-Ange Zoé", Sex.FEMALE, date(1997, 2, 26), "2A020")
TOLD = InsiTraits("TEST D'OEUVRE", "MARIE ANGE", ("MARIE", "ANGE", "ZOE", "LEA"), Sex.FEMALE, "1997-02-26", "2A020")


def lines(here: StrictTraits, answered: InsiTraits) -> list[str]:
    return [divergence.line for divergence in compare(here, answered)]


def test_writing_and_complements_are_no_divergence() -> None:
    assert lines(HERE, TOLD) == []
    assert lines(replace(HERE, birth_place_cog=""), TOLD) == []


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"birth_family": "TEST-AUTRE"}, "Nom de naissance : Test-D’Œuvré ici, TEST-AUTRE pour l'INSi"),
        ({"given": ("ANGE", "MARIE")}, "Premier prénom : Marie-Ange ici, ANGE MARIE pour l'INSi"),
        ({"given": ("MARIE", "ANGE", "LEA")}, "Prénoms de naissance : Marie-Ange Zoé ici, MARIE ANGE LEA pour l'INSi"),
        ({"given": (), "first_given": "LEA"}, "Premier prénom : Marie-Ange ici, LEA pour l'INSi"),
        ({"sex": Sex.MALE}, "Sexe : féminin ici, masculin pour l'INSi"),
        ({"birth_date": "1997-02-27"}, "Date de naissance : 26/02/1997 ici, 27/02/1997 pour l'INSi"),
        ({"birth_place_cog": "2B033"}, "Lieu de naissance : 2A020 ici, 2B033 pour l'INSi"),
    ],
)
def test_one_line_a_trait(change: dict[str, object], line: str) -> None:
    assert lines(HERE, replace(TOLD, **change)) == [line]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "absent",
    [
        {"birth_family": ""},
        {"given": (), "first_given": ""},
        {"sex": Sex.UNKNOWN},
        {"birth_date": ""},
        {"birth_place_cog": ""},
    ],
)
def test_what_is_not_told_is_not_compared(absent: dict[str, object]) -> None:
    other = StrictTraits("TEST-X", "X", "X", Sex.MALE, date(1960, 1, 1), "75056")
    assert len(compare(other, TOLD)) == 5
    assert len(compare(other, replace(TOLD, **absent))) == 4  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"birth_date": "1997-00-00"}, "le jour ou le mois"), ({"birth_date": "1997-02-00"}, "le jour ou le mois"),
        ({"birth_date": ""}, "la date de naissance"), ({"birth_date": "1997-02-30"}, "la date de naissance"),
        ({"birth_family": ""}, "le nom"), ({"given": (), "first_given": ""}, "le prénom"), ({"sex": Sex.UNKNOWN}, "le sexe"),
        ({"sex": Sex.UNKNOWN, "birth_family": ""}, "le nom ni le sexe"),
    ],
)  # fmt: skip
def test_what_may_not_be_taken(change: dict[str, object], word: str) -> None:
    answered = replace(TOLD, **change)  # type: ignore[arg-type]
    assert word in unusable(answered)
    with pytest.raises(ValueError, match="unusable"):
        adopted(HERE, answered)


def test_no_traits_may_not_be_taken() -> None:
    assert unusable(None)
    assert unusable(TOLD) == ""


def test_what_is_taken() -> None:
    assert adopted(HERE, TOLD) == StrictTraits(
        "TEST D'OEUVRE", "Marie-Ange", "MARIE ANGE ZOE LEA", Sex.FEMALE, date(1997, 2, 26), "2A020"
    )
    other = replace(HERE, first_given="LEA", birth_given="LEA")
    assert adopted(other, TOLD).first_given == "MARIE ANGE"
    assert adopted(None, TOLD).first_given == "MARIE ANGE"
    bare = replace(TOLD, given=(), birth_place_cog="")
    assert adopted(HERE, bare) == replace(HERE, birth_family="TEST D'OEUVRE")
    assert adopted(other, bare).birth_given == "MARIE ANGE"
    assert adopted(HERE, replace(TOLD, first_given="")).birth_given == "MARIE ANGE ZOE LEA"


def test_its_own_traits_never_diverge() -> None:
    assert compare(HERE, told(HERE)) == ()
