"""Text of other software, whose encoding nobody tells: UTF-8, UTF-16, Windows, DOS or an old Mac; line ends of all of them."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from itertools import islice
from typing import Final

_LINE_END = re.compile(r"\r\n|\n|\r")
_LETTER = re.compile("[\x80-\ufffc\U00010000-\U0010ffff]")
_HIGH = re.compile(rb"[\x80-\xff]")
_MOST_JUDGED: Final = 20_000
"""Bytes above 127 that are looked at to tell an encoding: far more than a report holds, and never slow."""
_CODE_PAGES: Final = ("cp1252", "cp850", "mac_roman")
NAMES: Final = {"cp850": "DOS (page 850)", "mac_roman": "Mac"}
_WEIGHTS: Final = {
    **dict.fromkeys("éèàêçùôîâûëïœ", 4),
    **dict.fromkeys("ÉÈÀÇÊ°µ²³", 2),
    **dict.fromkeys("’«»€ÂÎÔÙÛËÏŒ–—…•\xa0", 1),
    "\ufffd": -4,
}

GUESSED = "Les accents sont lus selon l'encodage {name}, que le fichier n'annonce pas : vérifiez-les."
DAMAGED = "Des caractères du fichier sont illisibles : ils sont remplacés par « \ufffd »."


@dataclass(frozen=True, slots=True, repr=False)
class OldText:
    """`encoding` is a codec of Python. `warnings` are in French, and quote nothing of the text."""

    text: str
    encoding: str
    warnings: tuple[str, ...] = ()

    @property
    def lines(self) -> list[str]:
        """Without their ends, whichever they are; a form feed or another control character ends none."""
        return _LINE_END.split(self.text)


def old_text(untrusted: bytes, encoding: str = "") -> OldText | None:
    """None for what is no text (it holds zero bytes). The mark of the end of a file of DOS (0x1A) is no part of it. `encoding`:
    where it is known, a codec of Python."""
    text, encoding = (untrusted.decode(encoding, "replace"), "") if encoding else _decoded(untrusted)
    text = text.rstrip("\x1a")
    if "\x00" in text:
        return None
    warnings = [DAMAGED] if "\ufffd" in text else []
    if encoding in NAMES:
        warnings.insert(0, GUESSED.format(name=NAMES[encoding]))
    return OldText(text, encoding, tuple(warnings))


def _decoded(untrusted: bytes) -> tuple[str, str]:
    if untrusted.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return untrusted.decode("utf-16", "replace"), "utf-16"
    text = untrusted.decode("utf-8-sig", "replace")
    broken = text.count("\ufffd")
    # One letter of UTF-8 hardly ever comes about in another encoding: a text with more letters than faults is a damaged UTF-8.
    if not broken or sum(1 for _ in islice(_LETTER.finditer(text), broken + 1)) > broken:
        return text, "utf-8"
    spots = [found.start() for found in islice(_HIGH.finditer(untrusted), _MOST_JUDGED)]
    read = {name: untrusted.decode(name, "replace") for name in _CODE_PAGES}
    best = max(_CODE_PAGES, key=lambda name: _likeliness(read[name], spots))  # the first one, of equals
    return read[best], best


def _likeliness(text: str, spots: list[int]) -> int:
    """How French the letters at these places are: one byte is one character in every code page."""
    score = 0
    for spot in spots:
        char, before, after = text[spot], text[spot - 1 : spot], text[spot + 1 : spot + 2]
        shouted = text[max(spot - 2, 0) : spot]
        if char.isupper() and before.islower():  # « sÈrum »
            score -= 2
        elif char.islower() and (after.isupper() or (len(shouted) == 2 and shouted.isupper() and not after.islower())):
            score -= 2  # « RêSULTATS », « DOSê »
        elif char.isalpha() and char == before:  # « ÄÄÄ », a line drawn in DOS
            score -= 3
        else:
            score += _WEIGHTS.get(char, 0)
    return score
