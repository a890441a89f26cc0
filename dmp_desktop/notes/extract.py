"""All extractors on one note; the readings that mask others go first."""

from __future__ import annotations

from collections.abc import Iterable

from dmp_desktop.domain.notes import Proposal
from dmp_desktop.notes.allergies import find_allergies
from dmp_desktop.notes.folding import fold, words
from dmp_desktop.notes.plan import find_plan
from dmp_desktop.notes.problems import find_problems
from dmp_desktop.notes.results import find_results
from dmp_desktop.notes.structure import Structure
from dmp_desktop.notes.treatments import find_treatments
from dmp_desktop.notes.vaccinations import find_vaccinations
from dmp_desktop.notes.vitals import find_vitals

MAX_NOTE = 200_000  # characters; beyond, nothing is proposed: it is not a consultation note


def propose(text: str, *, age: int | None = None) -> tuple[Proposal, ...]:
    """What a note holds that could be coded, sorted by position. Offsets are those of `text`; nothing is ever changed in it.

    Rules only: no network, no model, the same note always gives the same proposals. Accepted beforehand: vital signs that are
    labelled, plausible and alone of their kind. `age`, in whole years, narrows what is plausible.
    """
    if len(text) > MAX_NOTE:
        return ()
    folded = fold(text)
    note_words = words(folded)
    structure = Structure(folded)
    allergies, allergy_spans = find_allergies(text, folded, structure)
    vaccinations, vaccine_spans = find_vaccinations(text, folded, structure, note_words)
    treatments = [
        item
        for item in find_treatments(text, folded, structure, note_words)
        if not any(start <= item.start < end for start, end in allergy_spans)
    ]
    taken = [*allergy_spans, *vaccine_spans, *((item.start, item.end) for item in treatments)]
    vitals = find_vitals(text, folded, structure, age)
    results = _outside(find_results(text, folded, note_words), [(item.start, item.end) for item in vitals])
    problems = _outside(find_problems(text, folded, structure, note_words), taken)
    found = [*allergies, *vaccinations, *treatments, *vitals, *results, *problems, *find_plan(text, folded, structure)]
    return tuple(sorted(found, key=lambda item: (item.start, item.end, item.kind)))


def _outside(proposals: Iterable[Proposal], spans: list[tuple[int, int]]) -> list[Proposal]:
    """Those that touch none of the spans."""
    if not spans:
        return list(proposals)
    return [item for item in proposals if not any(start < item.end and item.start < end for start, end in spans)]
