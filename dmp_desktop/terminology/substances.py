"""What a medicine is made of, from whatever a document tells of it: substances, ATC code, brand name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import takewhile

from dmp_desktop.terminology.resources import read_table
from dmp_desktop.terminology.vocabulary import Drug, drug
from dmp_desktop.terminology.wording import plain

_JOINED = " + "
_SUBSTANCE_LEVEL = 7
"""Characters of an ATC code that names a substance (5th level)."""
_NAME = re.compile(r"[a-z][a-z'\-]*")
_SALT = re.compile(
    r"^(?:chlorhydrate|bromhydrate|sulfate|maleate|fumarate|besilate|tartrate|acetate|citrate|phosphate) (?:de |d')"
)
_LONGEST_NAME = 5
_STRENGTH = re.compile(r"([0-9]+(?:[.,][0-9]+)?) *(mg|g|µg|μg|mcg|microgrammes?|ui|ml|%)(?![a-z])")
_MILLIGRAMS = {"g": 1000.0, "mg": 1.0} | dict.fromkeys(("µg", "μg", "mcg", "microgramme", "microgrammes"), 0.001)


@dataclass(frozen=True, slots=True)
class Substance:
    """What two products have in common. `key` is the same for the same substances; `names` are INNs without accents.

    `names` is empty when nothing told them: the key is then the ATC code, or the product's own name.
    """

    key: str
    label: str
    names: frozenset[str] = frozenset()
    atc: str = ""


@cache
def _by_atc() -> dict[str, str]:
    """ATC code of a substance -> its INNs, those most names of the drug table agree on."""
    told: dict[str, Counter[str]] = {}
    for _, atc, dci in read_table("drugs"):
        if dci and len(atc) == _SUBSTANCE_LEVEL:
            told.setdefault(atc, Counter())[dci] += 1
    return {atc: names.most_common(1)[0][0] for atc, names in told.items()}


@cache
def _of_name(label: str) -> tuple[frozenset[str], str]:
    """(INNs, ATC) of the drug names a label begins with (`ramipril hydrochlorothiazide`); nothing when it begins otherwise."""
    words = []
    for word in _SALT.sub("", plain(label)).replace(",", " ").replace("/", " ").split():
        if not _NAME.fullmatch(word):
            break
        words.append(word)
    names: set[str] = set()
    codes = []
    while words:
        known = _longest(words)
        if known is None or (names and known.dci != known.name):  # a second name counts only as a substance
            break
        names |= _split(known.dci)
        codes.append(known.atc.code)
        words = words[len(known.name.split()) :]
    return frozenset(names), codes[0] if len(codes) == 1 else ""


def _longest(words: list[str]) -> Drug | None:
    """The longest drug name that the words begin with."""
    counts = range(min(len(words), _LONGEST_NAME), 0, -1)
    return next((known for count in counts if (known := drug(" ".join(words[:count])))), None)


def substance(label: str, atc: str = "", written: Iterable[str] = ()) -> Substance:
    """The substances of a product: those of its ATC code, else those of its name unless more are written, else those written.

    A name that a reader sees is worth more than a coded ingredient that contradicts it: real documents hold copied ingredients.
    """
    full = atc if len(atc) == _SUBSTANCE_LEVEL else ""
    named, named_atc = _of_name(label)
    told = _written(written)
    names = _split(_by_atc().get(full, "")) or (told if named <= told else named)
    code = full or (named_atc if len(named_atc) == _SUBSTANCE_LEVEL and names == named else "")
    if names:
        joined = _JOINED.join(sorted(names))
        return Substance(joined, joined, names, code)
    return Substance(code or plain(label), label, frozenset(), code)


def accented(names: str) -> str:
    """Substances as French writes them (`paracetamol` -> `paracétamol`), word by word; words of no known accent stay."""
    return " ".join(_accents().get(word, word) for word in names.split())


@cache
def _accents() -> dict[str, str]:
    return {plain(word): word for (word,) in read_table("inn_accents")}


def named(label: str) -> tuple[str, str]:
    """(name, strength) a label writes: `DOLIPRANE 1 g, comprimé` -> (`doliprane`, `1000 mg`), without salt or laboratory.

    The name is a brand or an INN; one that the table does not know ends before the first figure. No strength is ''.
    """
    words = _SALT.sub("", plain(label)).replace(",", " ").replace("/", " ").split()
    known = _longest(words)
    name = known.name if known else " ".join(takewhile(lambda word: not word[0].isdigit(), words))
    return name, " ".join(_strength(number, unit) for number, unit in _STRENGTH.findall(plain(label)))


def _strength(number: str, unit: str) -> str:
    factor = _MILLIGRAMS.get(unit)
    value = float(number.replace(",", "."))
    return f"{value * factor:g} mg" if factor else f"{value:g} {unit}"


def _written(names: Iterable[str]) -> frozenset[str]:
    """Substances as a document writes them, as INNs where the table knows them (`amoxicilline trihydratée`)."""
    found: set[str] = set()
    for name in names:
        known, _ = _of_name(name)
        found |= known or {plain(name)}
    return frozenset(found)


def _split(dci: str) -> frozenset[str]:
    return frozenset(part for part in dci.split(_JOINED) if part)
