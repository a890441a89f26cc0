"""Lower case without accents, character for character: offsets in the folded text are offsets in the note."""

from __future__ import annotations

import re
import unicodedata

_SIGNS = {
    "’": "'",
    "‘": "'",
    "–": "-",
    "—": "-",
    "−": "-",
    "‑": "-",
    "µ": "u",
    "μ": "u",
    "×": "x",
    "œ": "o",
    "æ": "a",
    "ø": "0",
}


class _Table(dict[int, str]):
    """Fills itself: one character in, one character out."""

    def __missing__(self, point: int) -> str:
        char = chr(point)
        if char.isspace() and char != "\n":
            folded = " "
        elif char in _SIGNS:
            folded = _SIGNS[char]
        else:
            base = unicodedata.normalize("NFD", char)[0].lower()
            folded = base if len(base) == 1 else char
            folded = _SIGNS.get(folded, folded)
        self[point] = folded
        return folded


_TABLE = _Table()
_WORD = re.compile(r"[a-z0-9]+")


def fold(text: str) -> str:
    """Same length as `text`."""
    return text.translate(_TABLE)


def words(folded: str) -> list[tuple[int, int, str]]:
    """(start, end, word) of every run of letters and digits."""
    return [(match.start(), match.end(), match[0]) for match in _WORD.finditer(folded)]
