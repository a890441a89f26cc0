"""Which results of a message its text does not show: people read the text alone, so those are added to it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from dmp_desktop.domain.identity import folded
from dmp_desktop.domain.received import ReceivedResult, result_line

HEADING: Final = "Résultats transmis en plus du texte :"
_SEARCHED: Final = 500
"""Results of one message that are looked for; of more, all are added: a report has some dozens."""
_PLACES: Final = 20
_ABOVE: Final = 3
"""Lines between the name of a result and its value in a second unit."""
_LONGEST: Final = 1_000
"""Characters of a line where a name is looked for."""
_IN_NUMBER = re.compile(r"(?<=\d),(?=\d)")
_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+")
_FIGURES = r"\d[\d.,]{0,20}"
_RANGE = re.compile(
    rf"{_FIGURES}\s{{0,9}}(?:-|–|à|a)\s{{0,9}}{_FIGURES}|(?:inf|sup)\.?\s{{0,9}}(?:à|a)?\s{{0,9}}{_FIGURES}"
    rf"|\([^()\d]{{0,20}}[<>≤≥][^()]{{0,40}}\)",
    re.IGNORECASE,
)
"""What is usual: its bounds are nobody's value."""
_WORD = re.compile(r"[^\s*<>=:;()\[\]]+")


def with_results(lines: Sequence[str], results: Sequence[ReceivedResult]) -> list[str]:
    """The same lines, and a line for each result they do not show: its value, near its name. Nothing to add the second time."""
    shown = _Shown(lines)
    more = [line for one in results if (line := _line(one)) not in shown.lines and not shown.has(one, len(results))]
    if not more:
        return list(lines)
    begun = any(line.strip() for line in lines)
    heading = [] if HEADING in shown.lines else [HEADING]
    return [*(lines if begun else ()), *([""] if begun and heading else ()), *heading, *more]


class _Shown:
    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = frozenset(" ".join(line.split()) for line in lines)
        self._all = lines
        self._near: dict[int, str] = {}
        self._words: list[frozenset[str]] = []
        self._places: dict[str, list[int]] = {}
        for number, line in enumerate(lines):
            words = _shown_words(line)
            self._words.append(words)
            for word in words:
                places = self._places.setdefault(word, [])
                if len(places) < _PLACES:
                    places.append(number)

    def has(self, result: ReceivedResult, among: int) -> bool:
        words = _words(result.value)
        if among > _SEARCHED or not words:
            return False
        name = " ".join(folded(result.label or result.code).split()[:2])
        if not name:
            return False  # nothing tells whose value stands there
        rarest = min((self._places.get(word, []) for word in words), key=len)
        return any(words <= self._words[place] and self._named(name, place) for place in rarest)

    def _named(self, name: str, place: int) -> bool:
        if place not in self._near:
            lines = self._all[max(place - _ABOVE, 0) : place + 1]
            self._near[place] = f" {' '.join(folded(line[:_LONGEST]) for line in lines)} "
        return f" {name} " in self._near[place]


def _words(told: str) -> frozenset[str]:
    """« 13,3 » and « 13.3 » are one; « 10.0 » and « 100 » are not."""
    return frozenset(_WORD.findall(_IN_NUMBER.sub(".", told.casefold())))


def _shown_words(line: str) -> frozenset[str]:
    """Of a line of a text, but for what is usual. « 2.920 » there may be the value 2920, as it may be 2.920."""
    words = _words(_RANGE.sub(" ", line))
    return words | {word.replace(".", "") for word in words if _THOUSANDS.fullmatch(word)}


def _line(result: ReceivedResult) -> str:
    return " ".join(result_line(result).split())
