"""One substance under its names: brand, INN, salt, ATC code, what a document writes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmp_desktop.terminology.substances import accented, named, substance
from dmp_desktop.terminology.wording import plain


@pytest.mark.parametrize(
    ("label", "atc", "written", "key"),
    [
        ("DOLIPRANE 1000 mg, comprimé", "", (), "paracetamol"),
        ("Paracétamol 1 g", "", (), "paracetamol"),
        ("PARACETAMOL MYLAN 500 mg", "N02BE01", ("Paracetamol",), "paracetamol"),
        ("Kardégic 75", "", (), "acide acetylsalicylique"),
        ("CHLORHYDRATE DE METFORMINE 500", "", (), "metformine"),
        ("RAMIPRIL HYDROCHLOROTHIAZIDE ARROW 5 mg", "", (), "hydrochlorothiazide + ramipril"),
        ("AMOXICILLINE/ACIDE CLAVULANIQUE 1 g", "J01CR02", (), "acide clavulanique + amoxicilline"),
        ("AMOXICILLINE EG 1G", "", ("amoxicilline trihydratée",), "amoxicilline"),
        ("LUDEAL CPR3/21", "", ("ETHINYLESTRADIOL", "LEVONORGESTREL"), "ethinylestradiol + levonorgestrel"),
        ("Préparation magistrale", "", (), "preparation magistrale"),
        ("PRODUIT INCONNU", "A99AA99", (), "A99AA99"),
    ],
)
def test_key(label: str, atc: str, written: tuple[str, ...], key: str) -> None:
    assert substance(label, atc, written).key == key


def test_a_name_is_worth_more_than_an_ingredient_that_contradicts_it() -> None:
    """The official IPS example gives paracetamol as the ingredient of a thyroid hormone."""
    assert substance("LEVOTHYROX 75 microgrammes", "", ("Paracetamol",)).names == {"levothyroxine"}


def test_an_association_shares_a_substance_and_is_none_of_its_parts() -> None:
    whole, part = substance("CODOLIPRANE"), substance("DOLIPRANE")
    assert whole.key != part.key
    assert whole.names & part.names == {"paracetamol"}


@given(st.text(max_size=40), st.text(max_size=8), st.lists(st.text(max_size=12), max_size=3))
def test_any_text_has_a_key(label: str, atc: str, written: list[str]) -> None:
    assert substance(label, atc, written) == substance(label, atc, written)


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        ("codeine + paracetamol", "codéine + paracétamol"),
        ("metformine", "metformine"),
        ("acide acetylsalicylique", "acide acétylsalicylique"),
        ("Préparation du Dr X", "Préparation du Dr X"),
    ],
)
def test_substances_are_shown_with_their_accents_and_stay_the_same(names: str, shown: str) -> None:
    assert accented(names) == shown
    assert plain(shown) == plain(names)


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("DOLIPRANE 1000 mg, comprimé", ("doliprane", "1000 mg")),
        ("Paracétamol 1G", ("paracetamol", "1000 mg")),
        ("RAMIPRIL EG 5 mg, comprimé sécable", ("ramipril", "5 mg")),
        ("bisoprolol (fumarate de) 2,5mg", ("bisoprolol", "2.5 mg")),
        ("LEVOTHYROX 75 microgrammes", ("levothyrox", "0.075 mg")),
        ("COVERAM 5 mg/10 mg", ("coveram", "5 mg 10 mg")),
        ("Spécialité X 10", ("specialite x", "")),
        ("", ("", "")),
    ],
)
def test_the_name_and_the_strength_a_label_writes(label: str, expected: tuple[str, str]) -> None:
    assert named(label) == expected
