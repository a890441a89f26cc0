"""Names proposed while the doctor types: she chooses, nothing is corrected, nothing is coded."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from rapidfuzz import fuzz, process

from dmp_desktop.domain.notes import OwnTerm, ProposalKind
from dmp_desktop.notes.folding import fold
from dmp_desktop.terminology import read_table
from dmp_desktop.terminology.oids import ATC, ICD10

_SHORTEST = 2  # letters: below, everything begins so
_SHORTEST_FUZZY = 4  # letters: below, everything looks like it
_LONGEST = 60  # characters of a word or term
_CLOSE = 75.0  # similarity (0..100) from which a misspelling is recognised


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`term` takes the place of the word typed; `label` says what it means; `score` is 100 for an exact beginning."""

    term: str
    kind: ProposalKind
    label: str
    code: str | None
    system: str | None
    score: float


def suggest(word: str, *, limit: int = 5, own_terms: Iterable[OwnTerm] = ()) -> tuple[Suggestion, ...]:
    """Terms that begin like `word`, the doctor's own first and short ones before long, then those that are spelled like it."""
    typed = fold(word.strip())
    if not _SHORTEST <= len(typed) <= _LONGEST:
        return ()
    own = [
        Suggestion(term.term, term.kind, term.label, term.code, term.system, 100.0)
        for term in own_terms
        if fold(term.term).startswith(typed)
    ]
    names, rows = _names()
    first = bisect_left(names, typed)
    last = bisect_left(names, typed + "\U0010ffff", first)
    begun = sorted(range(first, last), key=lambda index: (len(names[index]), names[index]))[:limit]
    found = {index: 100.0 for index in begun}
    if len(found) < limit and len(typed) >= _SHORTEST_FUZZY:
        close = process.extract(typed, names, scorer=fuzz.ratio, limit=limit, score_cutoff=_CLOSE)
        for _, score, index in close:
            found.setdefault(index, score)
    listed = [_suggestion(rows[index], score) for index, score in found.items()]
    return tuple([*own, *listed][:limit])


def _suggestion(row: tuple[ProposalKind, tuple[str, ...]], score: float) -> Suggestion:
    kind, columns = row
    if kind is ProposalKind.TREATMENT:
        label = columns[2] if len(columns) > 2 and columns[2] else columns[0]
        return Suggestion(columns[0], kind, label, columns[1] or None, ATC, score)
    return Suggestion(columns[0], kind, columns[2], columns[1], ICD10, score)


@cache
def _names() -> tuple[list[str], list[tuple[ProposalKind, tuple[str, ...]]]]:
    """Folded names in order, and the row of each."""
    rows = [(ProposalKind.TREATMENT, row) for row in read_table("drugs")]
    rows += [(ProposalKind.PROBLEM, row) for row in read_table("problems") if row[3] != "absent"]
    pairs = sorted(((fold(row[0]), kind, row) for kind, row in rows), key=lambda item: (item[0], item[1]))
    return [name for name, _, _ in pairs], [(kind, row) for _, kind, row in pairs]
