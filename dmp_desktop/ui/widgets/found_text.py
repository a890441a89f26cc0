"""Looking for words in a text as it is shown, without case or accents, each hit at its own place."""

from __future__ import annotations

import re
import unicodedata

MAX_FOUND = 500
"""Places looked for in one document; beyond, nobody goes from one to the next."""

_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_PLAIN = {
    code: base
    for code in range(0xC0, 0x250)
    if len(base := unicodedata.normalize("NFD", chr(code))[0].lower()) == 1 and base != chr(code)
}
_BLANKS = {code: " " for code in (0x09, 0x0A, 0xA0, 0x2007, 0x2009, 0x202F, 0x2028, 0x2029)}
_QUOTES = {0x2019: "'", 0x2018: "'"}
_TABLE = _PLAIN | _BLANKS | _QUOTES


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
