"""The words of notes: enough of them, none twice for the matcher, none that ordinary French would fire."""

from __future__ import annotations

import re

import pytest

from dmp_desktop import terminology
from dmp_desktop.notes.folding import fold, words
from dmp_desktop.notes.lexicon import lexicon


def _matched(term: str) -> tuple[str, ...]:
    """What the matcher sees of a term: its folded words, without their plural."""
    return tuple(re.sub(r"(?<=...)s$|(?<=....)x$", "", word) for _, _, word in words(fold(term)))


def _codes(note: str) -> list[str]:
    folded = fold(note)
    return [hit.row[1] for hit in lexicon("problems").find(folded, words(folded)) if hit.row[3] == "plain"]


def test_problems_are_many() -> None:
    rows = terminology.read_table("problems")
    assert len(rows) >= 1000
    assert len({row[1] for row in rows}) >= 800


@pytest.mark.parametrize("table", ["problems", "drugs"])
def test_no_term_hides_another(table: str) -> None:
    seen: dict[tuple[str, ...], str] = {}
    for row in terminology.read_table(table):
        key = _matched(row[0])
        assert key, row[0]
        assert key not in seen, (row[0], seen[key])
        seen[key] = row[0]


@pytest.mark.parametrize(
    ("note", "code"),
    [
        ("Œdème de Quincke en 2012", "T78.3"),
        ("oedeme de quincke", "T78.3"),
        ("FA paroxystique sous Eliquis", "I48.0"),
        ("IRC stade 3b", "N18.3"),
        ("Angine, TROD strepto positif", "J03.9"),
        ("Gonalgies D", "M25.56"),
        ("rhinopharingite fébrile", "J00"),
        ("Maladie cœliaque", "K90.0"),
        ("syndrome anxio-dépressif réactionnel", "F41.2"),
        ("DT 2 déséquilibré", "E11.9"),
        ("plaie de l'arcade", "S01.8"),
        ("Dengue au retour de Martinique", "A97.9"),
    ],
)
def test_words_of_practice(note: str, code: str) -> None:
    assert _codes(note)[0] == code


@pytest.mark.parametrize(
    "note",
    [
        "Bien que le patient ait peu dormi, il ira au contrôle.",
        "2 gouttes dans chaque œil matin et soir",
        "Revoir en déc avec les résultats, sinon en sept.",
        "Injection IM dans le deltoïde gauche",
        "Je lui ai dit de garder le pied surélevé et le moral.",
        "Tous les 3 jours, pour tous",
        "BAV à contrôler par l'ophtalmologiste",
    ],
)
def test_ordinary_words_mean_no_disease(note: str) -> None:
    assert _codes(note) == []


@pytest.mark.parametrize(
    ("name", "atc", "dci"),
    [
        ("doliprane", "N02BE01", "paracetamol"),
        ("kardegic", "B01AC06", "acide acetylsalicylique"),
        ("eliquis", "B01AF02", "apixaban"),
        ("ventoline", "R03AC02", "salbutamol"),
        ("augmentin", "J01CR02", "amoxicilline + acide clavulanique"),
        ("levothyrox", "H03AA01", "levothyroxine"),
        ("entresto", "C09DX04", "sacubitril + valsartan"),
        ("ozempic", "A10BJ06", "semaglutide"),
        ("lyrica", "N02BF02", "pregabaline"),
        ("trimbow", "R03AL09", "formoterol + glycopyrronium + beclometasone"),
        ("triplixam", "C09BX01", "perindopril + amlodipine + indapamide"),
        ("seroplex", "N06AB10", "escitalopram"),
        ("mirena", "G02BA03", "levonorgestrel"),
        ("uvedose", "A11CC05", "colecalciferol"),
    ],
)
def test_drugs_have_their_substance(name: str, atc: str, dci: str) -> None:
    assert {row[0]: row[1:] for row in terminology.read_table("drugs")}[name] == (atc, dci)


def test_most_drugs_have_a_substance() -> None:
    rows = terminology.read_table("drugs")
    assert sum(bool(row[2]) for row in rows) >= 3500
    assert {row[1] for row in rows if "+" in row[2]}.isdisjoint(
        {"N02BE01", "J01CA04"}
    )  # one substance, never an association
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9 '.+,-]*", row[2]) for row in rows if row[2])
