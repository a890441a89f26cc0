"""Where in a document the words of a search stand: how often, the lines to show, and the place to open it at."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from operator import itemgetter

from dmp_desktop.domain.search import Hit
from dmp_desktop.storage.search_memory import IndexedDocument
from dmp_desktop.storage.search_text import GAP

SNIPPET = 120
"""Longest snippet, ellipses included, in characters."""
_BEFORE = 40  # characters shown before the first word found
_AFTER = SNIPPET - _BEFORE
_LOOKED_AT = 5  # places looked at for each term: the best snippet is seldom further
_ELLIPSIS = "…"
_BLANKS = " \n"  # the only ones `search_text.indexed` leaves
_start = itemgetter(0)


def hit_in(document: IndexedDocument, needles: Sequence[str]) -> Hit:
    """Where most of the `needles` (`Term.needles`) stand together, the earliest such place."""
    folded = document.words.folded
    found: list[tuple[int, str]] = []
    count = 0
    for needle in needles:
        position = folded.find(needle)
        looked = 0
        while position >= 0 and looked < _LOOKED_AT:
            found.append((position, needle))
            looked += 1
            position = folded.find(needle, position + 1)
        if GAP in needle:  # words that follow each other may stand over themselves ("x x" in "x x x"): counted once
            count += folded.count(needle)
        else:
            count += looked if position < 0 else looked + folded.count(needle, position)
    best = 0
    if len(needles) > 1:
        found.sort()
        best = _densest(found)
    return _cut(document, found, best, count)


def _densest(found: Sequence[tuple[int, str]]) -> int:
    """The first place from which a snippet shows as many different needles as it can."""
    wanted = len({needle for _, needle in found})
    best = most = 0
    for index, (first, _) in enumerate(found):
        end = bisect_right(found, first + _AFTER, index, key=_start)
        shown = len({needle for _, needle in found[index:end]}) if end - index > most else 0
        if shown > most:
            best, most = index, shown
            if most == wanted:
                break
    return best


def _cut(document: IndexedDocument, found: Sequence[tuple[int, str]], best: int, count: int) -> Hit:
    words, (first, needle) = document.words, found[best]
    text, folded = words.text, words.folded
    word = folded.count(GAP, 0, first + 1)
    start, end = words.starts[word], words.ends[word + needle.strip().count(GAP)]
    index = bisect_right(words.passages, start, key=_start) - 1
    low, section_code, section_title = words.passages[index]
    high = words.passages[index + 1][0] - 1 if index + 1 < len(words.passages) else len(text)
    left, right = _window(text, low, high, start)
    before = _ELLIPSIS if left > low else ""
    spans = [(start, min(end, right))]
    for position, other in found:
        if position != first and abs(position - first) <= SNIPPET:
            if position > first:
                near = word + folded.count(GAP, first + 1, position + 1)
            else:
                near = word - folded.count(GAP, position + 1, first + 1)
            span = words.starts[near], words.ends[near + other.strip().count(GAP)]
            if left <= span[0] and span[1] <= right:
                spans.append(span)
    return Hit(
        unique_id=document.unique_id,
        title=document.title,
        created=document.created,
        count=count,
        snippet=before + text[left:right].replace("\n", " ") + (_ELLIPSIS if right < high else ""),
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
        spaces = [place for blank in _BLANKS if (place := text.find(blank, left, start)) >= 0]
        left = min(spaces, default=left - 1) + 1
    right = min(high, left + SNIPPET - 2)
    if right < high:
        last = max(text.rfind(" ", start, right), text.rfind("\n", start, right))
        right = last if last > start else right
    return left, right


def _merged(spans: list[tuple[int, int]], shift: int) -> tuple[tuple[int, int], ...]:
    """Shifted, in order, none inside or over another."""
    if len(spans) == 1:
        return ((spans[0][0] + shift, spans[0][1] + shift),)
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start + shift < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end + shift, merged[-1][1]))
        else:
            merged.append((start + shift, end + shift))
    return tuple(merged)
