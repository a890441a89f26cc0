"""Units of measure: UCUM codes, as people read and write them in France."""

from __future__ import annotations

import unicodedata
from functools import cache

from dmp_desktop.terminology.resources import read_table


@cache
def _printed() -> dict[str, str]:
    return {row[0]: row[1] for row in read_table("ucum")}


@cache
def _written() -> dict[str, str]:
    """Writings -> UCUM: as printed first (`G/L` is not `g/L`), then codes and the rest without regard to case."""
    rows = read_table("ucum")
    found: dict[str, str] = {}
    for code, printed, _ in rows:
        found.setdefault(printed, code)
    for code, _, _ in rows:
        found.setdefault(_fold(code), code)
    for code, printed, synonyms in rows:
        for text in (printed, *filter(None, synonyms.split(";"))):
            found.setdefault(_fold(text), code)
    return found


def is_ucum(unit: str) -> bool:
    """Is it one of ours, written as UCUM writes it?"""
    return unit in _printed()


def unit_label(ucum: str) -> str:
    """A UCUM unit as people read it; the code itself when it is not one of ours."""
    return _printed().get(ucum, ucum)


def unit_from_text(text: str) -> str | None:
    """The UCUM code of a unit as people write it (`mmHg`, `g/l`, `µmol/l`, `comprimé` is none); None when not known."""
    text = text.strip()
    return text if text in _printed() else _written().get(text) or _written().get(_fold(text))


def _fold(text: str) -> str:
    """Lower case, without accents, blanks or the two signs for micro."""
    flat = unicodedata.normalize("NFKD", text.lower().replace("µ", "u").replace("μ", "u"))
    return "".join(char for char in flat if not unicodedata.combining(char) and not char.isspace())
