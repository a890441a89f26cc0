"""A note made readable by rules: folded, numbers in figures, single blanks; every offset leads back to the note."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field

from dmp_desktop.notes.folding import fold
from dmp_desktop.notes.numbers import HALF, UNIT_WORDS, WORDS, half_sign, in_figures, unit_sign

_BLANKS = re.compile(r"  +")
# Punctuation said aloud; `point` alone is read so only in a note that says another sign too (`point de côté`).
_SAID = re.compile(r"(?<![a-z])(?:virgule|deux points|a la ligne)(?![a-z])")
_SPOKEN = re.compile(
    r" (?P<colon>deux points)(?![a-z])|(?P<line> (?:point )?(?:a la ligne|nouvelle ligne))(?![a-z])"
    r"|(?P<stop> point(?: final)?)(?= |\n|$)"
    r"|(?P<decimal>(?<=\d) virgule (?=\d))|(?P<comma> virgule)(?![a-z])"
)
_MARKS = {"colon": " :", "line": ".\n", "stop": ".", "decimal": ",", "comma": ","}
_FRACTIONS = re.compile(r"[½¼¾]")
_SIGNS = {"½": "1/2", "¼": "1/4", "¾": "3/4"}


@dataclass(frozen=True, slots=True)
class Reading:
    """`note` and `folded` are character for character alike, and are what the rules read; `edits` are where they differ from
    the text typed: (start in `note`, end in `note`, start in the text, end in the text), in order."""

    note: str
    folded: str
    edits: list[tuple[int, int, int, int]] = field(default_factory=list)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """`note[start:end]`, not empty, in the text typed; an edited stretch is taken whole."""
        return self._origin(start)[0], self._origin(end - 1)[1]

    def _origin(self, offset: int) -> tuple[int, int]:
        """The text typed behind the character at `offset`."""
        index = bisect_right(self.edits, offset, key=lambda edit: edit[0]) - 1
        if index < 0:
            return offset, offset + 1
        _, end, first, last = self.edits[index]
        if offset < end:
            return first, last
        return offset - end + last, offset - end + last + 1


def read(text: str) -> Reading:
    """Linear in the length of `text`."""
    folded = fold(text)
    changes = []
    if _SAID.search(folded):
        changes = [(match.start(), match.end(), _MARKS[match.lastgroup or ""]) for match in _SPOKEN.finditer(folded)]
    changes += [(match.start(), match.end(), in_figures(match[0])) for match in WORDS.finditer(folded)]
    changes += [(match.start(), match.end(), half_sign(match)) for match in HALF.finditer(folded)]
    changes += [(match.start(), match.end(), unit_sign(match[0])) for match in UNIT_WORDS.finditer(folded)]
    changes += [(match.start(), match.end(), " ") for match in _BLANKS.finditer(folded)]
    changes += [(match.start(), match.end(), _SIGNS[match[0]]) for match in _FRACTIONS.finditer(folded)]
    if not changes:
        return Reading(text, folded)
    note_parts: list[str] = []
    folded_parts: list[str] = []
    edits: list[tuple[int, int, int, int]] = []
    at = made = 0
    for start, end, new in sorted(changes):
        if start < at:
            continue
        note_parts += [text[at:start], new]
        folded_parts += [folded[at:start], new]
        made += start - at
        edits.append((made, made + len(new), start, end))
        made += len(new)
        at = end
    return Reading("".join([*note_parts, text[at:]]), "".join([*folded_parts, folded[at:]]), edits)
