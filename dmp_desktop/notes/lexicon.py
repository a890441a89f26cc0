"""Finds the terms of a table in a note: longest first, whole words, plural or not, whatever blanks or hyphens join them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from dmp_desktop.notes.folding import fold, words
from dmp_desktop.terminology import read_table

Word = tuple[int, int, str]
_JOINTS = frozenset({"", " ", "-", "'", "  ", " - ", "."})


@dataclass(frozen=True, slots=True)
class Hit:
    """`row` is the row of the table; `start` and `end` are offsets in the note."""

    start: int
    end: int
    row: tuple[str, ...]


def _stem(word: str) -> str:
    """A word without its plural mark."""
    return word[:-1] if len(word) > 3 and word[-1] in "sx" else word


class Lexicon:
    """Terms indexed by their first word."""

    def __init__(self, rows: Iterable[tuple[str, ...]]) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = {}
        for row in rows:
            stems = tuple(_stem(word) for _, _, word in words(fold(row[0])))
            self._by_first.setdefault(stems[0], []).append((stems, row))
        for terms in self._by_first.values():
            terms.sort(key=lambda term: -len(term[0]))

    def find(self, folded: str, note_words: list[Word]) -> list[Hit]:
        """Hits in order, never overlapping."""
        hits: list[Hit] = []
        index, by_first = 0, self._by_first
        while index < len(note_words):
            terms = by_first.get(_stem(note_words[index][2]))
            length = _match(terms, folded, note_words, index, hits) if terms else 0
            index += length or 1
        return hits


def _match(
    terms: list[tuple[tuple[str, ...], tuple[str, ...]]],
    folded: str,
    note_words: list[Word],
    index: int,
    hits: list[Hit],
) -> int:
    for stems, row in terms:
        last = index + len(stems)
        if last > len(note_words):
            continue
        found = note_words[index:last]
        if all(_stem(word[2]) == stem for word, stem in zip(found, stems, strict=True)) and all(
            folded[left[1] : right[0]] in _JOINTS for left, right in pairwise(found)
        ):
            hits.append(Hit(found[0][0], found[-1][1], row))
            return len(stems)
    return 0


@cache
def lexicon(table: str) -> Lexicon:
    """The lexicon of `resources/codes/TABLE.tsv`, made on first use."""
    return Lexicon(read_table(table))
