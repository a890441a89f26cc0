"""Finds the terms of a table in a note: longest first, whole words, plural or not, whatever blanks or hyphens join them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise

from dmp_desktop.domain.notes import OwnTerm, ProposalKind
from dmp_desktop.notes.folding import words
from dmp_desktop.notes.mask import Mask
from dmp_desktop.notes.reading import read
from dmp_desktop.terminology import read_table

Word = tuple[int, int, str]
MAX_HITS = 2000  # of one lexicon in one note: bounds the work on absurd ones
OWN_WARNING = "Votre abréviation."
OwnHits = dict[ProposalKind, list["Hit"]]
_NAMES = frozenset({"drugs", "vaccines"})
_JOINTS = frozenset({"", " ", "-", "'", "  ", " - ", "."})


@dataclass(frozen=True, slots=True)
class Hit:
    """`row` is the row of the table, or `own` the doctor's term; `start` and `end` are offsets in the note."""

    start: int
    end: int
    row: tuple[str, ...]
    own: OwnTerm | None = None


def _stem(word: str) -> str:
    """A word without its plural mark; `toux` is no plural, and not `tous`."""
    return word[:-1] if (len(word) > 3 and word[-1] == "s") or (len(word) > 4 and word[-1] == "x") else word


class Lexicon:
    """Terms indexed by their first word. `names`: letter for letter, a name has no plural (`Omix` is not `OMI`)."""

    def __init__(self, rows: Iterable[tuple[str, ...]], *, names: bool = False) -> None:
        self._key: Callable[[str], str] = str if names else _stem
        self._by_first: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = {}
        for row in rows:
            stems = tuple(self._key(word) for _, _, word in words(read(row[0]).folded))
            if stems:
                self._by_first.setdefault(stems[0], []).append((stems, row))
        for terms in self._by_first.values():
            terms.sort(key=lambda term: -len(term[0]))

    def find(self, folded: str, note_words: Sequence[Word]) -> list[Hit]:
        """Hits in order, never overlapping; the first `MAX_HITS` only."""
        hits: list[Hit] = []
        taken, by_first, key = 0, self._by_first, self._key
        for index, (_, _, word) in enumerate(note_words):
            terms = by_first.get(key(word))
            if terms and index >= taken:
                taken = index + self._match(terms, folded, note_words, index, hits)
                if len(hits) >= MAX_HITS:
                    break
        return hits

    def _match(
        self,
        terms: list[tuple[tuple[str, ...], tuple[str, ...]]],
        folded: str,
        note_words: Sequence[Word],
        index: int,
        hits: list[Hit],
    ) -> int:
        second = self._key(note_words[index + 1][2]) if index + 1 < len(note_words) else ""
        for stems, row in terms:
            last = index + len(stems)
            if last > len(note_words) or (len(stems) > 1 and stems[1] != second):
                continue
            found = note_words[index:last]
            if all(self._key(word[2]) == stem for word, stem in zip(found, stems, strict=True)) and all(
                folded[left[1] : right[0]] in _JOINTS for left, right in pairwise(found)
            ):
                hits.append(Hit(found[0][0], found[-1][1], row))
                return len(stems)
        return 0


@cache
def lexicon(table: str) -> Lexicon:
    """The lexicon of `resources/codes/TABLE.tsv`, made on first use."""
    return Lexicon(read_table(table), names=table in _NAMES)


class OwnLexicon:
    """The doctor's own terms, of every kind."""

    def __init__(self, terms: tuple[OwnTerm, ...]) -> None:
        self._terms = terms
        self._lexicon = Lexicon((term.term, str(rank)) for rank, term in enumerate(terms))

    def find(self, folded: str, note_words: Sequence[Word]) -> OwnHits:
        if not self._terms:
            return {}
        found: OwnHits = {}
        for hit in self._lexicon.find(folded, note_words):
            term = self._terms[int(hit.row[1])]
            found.setdefault(term.kind, []).append(Hit(hit.start, hit.end, (), term))
        return found


@lru_cache(maxsize=8)
def own_lexicon(terms: tuple[OwnTerm, ...]) -> OwnLexicon:
    """Compiled once for the same terms."""
    return OwnLexicon(terms)


def with_own(hits: list[Hit], own: OwnHits, kind: ProposalKind) -> list[Hit]:
    """`hits` of our lexicon, less those the doctor's own terms cover, and the doctor's of that kind; in order."""
    if not own:
        return hits
    spans = [(hit.start, hit.end) for kind_hits in own.values() for hit in kind_hits]
    covered = Mask(max(end for _, end in spans), spans)
    kept = [hit for hit in hits if covered.free(hit.start, hit.end)]
    return sorted([*kept, *own.get(kind, [])], key=lambda hit: hit.start)
