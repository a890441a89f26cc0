"""Where in a document the words of a search stand: how often, the lines to show, and the place to open it at."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter

from dmp_desktop.storage.search_text import GAP, IndexedText

SNIPPET = 120
"""Longest snippet, ellipses included, in characters."""
_BEFORE = 40  # characters shown before the first word found
_AFTER = SNIPPET - _BEFORE
_LOOKED_AT = 5  # places looked at for each term: the best snippet is seldom further
_ELLIPSIS = "…"
_BLANK = re.compile(r"\s")
_start = itemgetter(0)


@dataclass(frozen=True, slots=True, repr=False)
class Place:
    """The best place of a document for a search; the fields are those of `domain.search.Hit`."""

    count: int
    snippet: str
    spans: tuple[tuple[int, int], ...]
    section_code: str
    section_title: str
    anchor: str
    occurrence: int


def best_place(document: IndexedText, needles: Sequence[str]) -> Place:
    """Where most of the `needles` (`Term.needles`) stand together, the earliest such place."""
    folded = document.folded
    found = sorted((position, needle) for needle in needles for position in _positions(folded, needle))
    count = sum(folded.count(needle) for needle in needles)
    if not found:
        return Place(count, "", (), "", "", "", 0)
    return _cut(document, found, _densest(found), count)


def _positions(folded: str, needle: str) -> Iterator[int]:
    position = folded.find(needle)
    for _ in range(_LOOKED_AT):
        if position < 0:
            return
        yield position
        position = folded.find(needle, position + 1)


def _densest(found: Sequence[tuple[int, str]]) -> int:
    """The first place from which a snippet shows as many different needles as it can."""
    wanted = len({needle for _, needle in found})
    best = most = 0
    for index, (first, _) in enumerate(found):
        shown = len({needle for position, needle in found[index:] if position <= first + _AFTER})
        if shown > most:
            best, most = index, shown
            if most == wanted:
                break
    return best


def _cut(document: IndexedText, found: Sequence[tuple[int, str]], best: int, count: int) -> Place:
    text, (first, needle) = document.text, found[best]
    word = document.folded.count(GAP, 0, first + 1)
    start, end = document.starts[word], document.ends[word + needle.strip().count(GAP)]
    index = bisect_right(document.passages, start, key=_start) - 1
    low, section_code, section_title = document.passages[index]
    high = document.passages[index + 1][0] - 1 if index + 1 < len(document.passages) else len(text)
    left, right = _window(text, low, high, start)
    before = _ELLIPSIS if left > low else ""
    spans = [(start, min(end, right))]
    for position, other in found:
        if position != first and abs(position - first) <= SNIPPET:
            near = (
                word
                + document.folded.count(GAP, first + 1, position + 1)
                - document.folded.count(GAP, position + 1, first + 1)
            )
            span = document.starts[near], document.ends[near + other.strip().count(GAP)]
            if left <= span[0] and span[1] <= right:
                spans.append(span)
    return Place(
        count=count,
        snippet=before + _BLANK.sub(" ", text[left:right]) + (_ELLIPSIS if right < high else ""),
        spans=_merged(spans, len(before) - left),
        section_code=section_code,
        section_title=section_title,
        anchor=text[start:end],
        occurrence=text.count(text[start:end], low, start),
    )


def _window(text: str, low: int, high: int, start: int) -> tuple[int, int]:
    """Bounds of the snippet inside its passage, on whole words where there are any."""
    if high - low <= SNIPPET:
        return low, high
    left = max(low, min(start - _BEFORE, high - SNIPPET + 2))
    if left > low:
        space = _BLANK.search(text, left, start)
        left = space.end() if space else left
    right = min(high, left + SNIPPET - 2)
    if right < high:
        last = max(text.rfind(" ", start, right), text.rfind("\n", start, right))
        right = last if last > start else right
    return left, right


def _merged(spans: list[tuple[int, int]], shift: int) -> tuple[tuple[int, int], ...]:
    """Shifted, in order, none inside or over another."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start + shift < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end + shift, merged[-1][1]))
        else:
            merged.append((start + shift, end + shift))
    return tuple(merged)
