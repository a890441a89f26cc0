"""Looking for words in a text as it is shown, without case or accents, each hit at its own place."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from itertools import accumulate

from dmp_desktop.ui.widgets.html_slices import JOINER

MAX_FOUND = 500
"""Places looked for in one document; beyond, nobody goes from one to the next."""

_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_PLAIN = {
    code: base
    for code in range(0xC0, 0x250)
    if len(base := unicodedata.normalize("NFD", chr(code))[0].lower()) == 1 and base != chr(code)
}
_BLANKS = {code: " " for code in (0x09, 0x0A, 0xA0, 0x2007, 0x2009, 0x202F, 0x2028, 0x2029, 0xFDD0, 0xFDD1)}
"""With what Qt writes where a table's cells begin and end."""
_QUOTES = {0x2019: "'", 0x2018: "'"}
_TABLE = _PLAIN | _BLANKS | _QUOTES
_CUT = re.compile(f"{JOINER} +")  # in a folded text
_BREAK = re.compile(f"{JOINER}[\n\t]*")


def folded(text: str) -> str:
    """Of the same length as Qt counts it: one character for one UTF-16 unit."""
    return _ASTRAL.sub("\ufffd\ufffd", text.translate(_TABLE)).lower()


def places(text: str, wanted: str, start: int = 0, end: int | None = None) -> list[int]:
    """Where `wanted` begins in `text`, both folded; the first MAX_FOUND."""
    found: list[int] = []
    position = text.find(wanted, start, end) if wanted else -1
    while position >= 0 and len(found) < MAX_FOUND:
        found.append(position)
        position = text.find(wanted, position + len(wanted), end)
    return found


class ShownText:
    """The folded text of a document as its pieces come, and where its words stand: what was cut inside a word is whole again."""

    def __init__(self) -> None:
        self._chunks: list[str] = []
        self._text: str | None = ""
        self._starts: list[int] = []
        self._removed: list[int] = []

    def add(self, text: str) -> None:
        """What follows, as the document holds it."""
        self._chunks.append(folded(text))
        self._text = None

    def find(self, wanted: str) -> list[tuple[int, int]]:
        """(start, end) in the document of each place that holds `wanted`, folded."""
        text = self._joined()
        return [(self._shown(at), self._shown(at + len(wanted) - 1) + 1) for at in places(text, wanted)]

    def _joined(self) -> str:
        if self._text is None:
            whole = "".join(self._chunks)
            cuts = list(_CUT.finditer(whole))
            gone = list(accumulate(cut.end() - cut.start() for cut in cuts))
            self._removed = [0, *gone]
            self._starts = [cut.start() - before for cut, before in zip(cuts, self._removed, strict=False)]
            self._text = _CUT.sub("", whole) if cuts else whole
        return self._text

    def _shown(self, position: int) -> int:
        return position + self._removed[bisect_right(self._starts, position)] if self._removed else position


def joined(text: str) -> str:
    """The text without the breaks that were put inside words."""
    return _BREAK.sub("", text)
