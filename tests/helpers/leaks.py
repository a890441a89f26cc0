"""Finds words in bytes however they were written: UTF-8, UTF-16LE, base64 at any alignment, hexadecimal; any case, accents or not.
And codes of four digits, which only a text can be said to hold."""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Iterable
from datetime import date

SHORTEST = 6
"""Characters: shorter words turn up by chance in encrypted bytes."""


def spellings(word: str) -> set[str]:
    """A word as typed, in capitals, in small letters, and each without its accents."""
    plain = "".join(one for one in unicodedata.normalize("NFD", word) if not unicodedata.combining(one))
    return {way(text) for text in (word, plain) for way in (str, str.upper, str.lower, str.title)}


def in_base64(raw: bytes) -> set[bytes]:
    """What every base64 text that holds `raw` contains, whatever precedes and follows it: one part for each alignment."""
    parts = set()
    for before in range(3):
        whole = base64.b64encode(b"\0" * before + raw)
        first = (before * 8 + 5) // 6  # characters that depend on what precedes
        last = (before + len(raw)) * 8 // 6  # those after it depend on what follows
        parts.add(whole[first:last])
        parts.add(whole[first:last].translate(bytes.maketrans(b"+/", b"-_")))
    return parts


def dates(day: date) -> set[str]:
    """A day, as files, screens, cards and messages write it."""
    return {f"{day:%d/%m/%Y}", f"{day:%Y-%m-%d}", f"{day:%Y%m%d}", f"{day:%d%m%Y}"}


class Searcher:
    """Looks for `words` in bytes, and for `codes` (a PIN) in what is text: there they stand between other signs than letters and
    digits. In encrypted bytes and in base64 four digits turn up by chance."""

    def __init__(self, words: Iterable[str], codes: Iterable[str] = ()) -> None:
        self._codes = {code: re.compile(rf"(?<![0-9A-Za-z+/=]){code}(?![0-9A-Za-z+/=])") for code in codes}
        self._exact: dict[bytes, str] = {}
        self._folded: dict[bytes, str] = {}
        for word in words:
            if len(word) < SHORTEST:
                raise ValueError(f"too short to be looked for: {word}")
            for spelling in spellings(word):
                for raw in (spelling.encode(), spelling.encode("utf-16-le")):
                    self._folded[raw.lower()] = word
                    self._folded[raw.hex().encode()] = word
                    self._exact |= dict.fromkeys(in_base64(raw), word)

    def found(self, data: bytes) -> set[str]:
        """The words that are in `data`."""
        folded = data.lower()
        exact = {word for part, word in self._exact.items() if part in data}
        return self._codes_in(data) | exact | {word for part, word in self._folded.items() if part in folded}

    def _codes_in(self, data: bytes) -> set[str]:
        try:
            text = data.decode()
        except UnicodeDecodeError:
            return set()
        return {code for code, alone in self._codes.items() if alone.search(text)}
