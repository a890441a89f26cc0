"""CIM-10: labels of the codes of three and four characters, and a search by the beginnings of words."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from functools import cache
from heapq import nsmallest
from typing import Final

from dmp_desktop.domain.documents import Code
from dmp_desktop.terminology.oids import ICD10
from dmp_desktop.terminology.resources import read_table

_WORD: Final = re.compile(r"[a-z0-9]+")
_CODE: Final = re.compile(r"[a-z]\d[\d.]*")
_AFTER_ANY: Final = "\U0010ffff"  # sorts after whatever a word may go on with


@cache
def _labels() -> dict[str, str]:
    return {row[0]: row[1] for row in read_table("cim10")}


def icd10_label(code: str) -> str | None:
    """Official French label; that of the category for a longer code we do not hold (`M25.56` -> M25.5); None when unknown."""
    labels = _labels()
    return labels.get(code) or labels.get(code[:5]) or labels.get(code[:3])


def is_icd10(code: str) -> bool:
    """Is it one of those we hold? The official rules refuse a code that does not exist."""
    return code in _labels()


@cache
def _entries() -> tuple[Code, ...]:
    """Shortest label first: what a search should show first is the plain disease, not its rare forms."""
    return tuple(
        Code(code, ICD10, label) for code, label in sorted(_labels().items(), key=lambda item: (len(item[1]), item[0]))
    )


@cache
def _index() -> tuple[list[str], list[int]]:
    """(words, in order; the entry each comes from)."""
    pairs = sorted(
        (word, rank)
        for rank, entry in enumerate(_entries())
        for word in set(_words(entry.display)) | {entry.code.lower()}
    )
    return [word for word, _ in pairs], [rank for _, rank in pairs]


def icd10_search(text: str, limit: int = 20) -> tuple[Code, ...]:
    """Codes whose label holds a word that begins with each word of `text`, or whose code begins so. Nothing for nothing.

    The first call builds the index (about 0.2 s); later ones take a few milliseconds at most.
    """
    wanted = [text.strip().lower()] if _CODE.fullmatch(text.strip().lower()) else _words(text)
    if not wanted:
        return ()
    words, ranks = _index()
    found: set[int] | None = None
    for word in sorted(wanted, key=len, reverse=True):
        matching = ranks[bisect_left(words, word) : bisect_left(words, word + _AFTER_ANY)]
        found = set(matching) if found is None else found.intersection(matching)
        if not found:
            return ()
    return tuple(_entries()[rank] for rank in nsmallest(limit, found or ()))


def _words(text: str) -> list[str]:
    flat = unicodedata.normalize("NFD", text.lower().replace("œ", "oe").replace("æ", "ae"))
    return _WORD.findall("".join(char for char in flat if not unicodedata.combining(char)))
