"""All extractors on one note; the readings that mask others go first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from dmp_desktop.domain.notes import OwnTerm, Proposal, ProposalKind
from dmp_desktop.notes.allergies import find_allergies
from dmp_desktop.notes.folding import words
from dmp_desktop.notes.lexicon import lexicon, own_lexicon, with_own
from dmp_desktop.notes.mask import Mask
from dmp_desktop.notes.plan import find_plan
from dmp_desktop.notes.problems import find_problems
from dmp_desktop.notes.reading import Reading, read
from dmp_desktop.notes.results import find_answers, find_results
from dmp_desktop.notes.structure import Structure
from dmp_desktop.notes.treatments import find_treatments
from dmp_desktop.notes.vaccinations import find_vaccinations
from dmp_desktop.notes.vitals import find_vitals

MAX_NOTE = 200_000  # characters; beyond, nothing is proposed: it is not a consultation note


def propose(text: str, *, age: int | None = None, own_terms: Iterable[OwnTerm] = ()) -> tuple[Proposal, ...]:
    """What a note holds that could be coded, sorted by position. Offsets are those of `text`; nothing is ever changed in it.

    Rules only: no network, no model, the same note always gives the same proposals. Accepted beforehand: vital signs that are
    labelled, plausible and alone of their kind. `age`, in whole years, narrows what is plausible. `own_terms` are the doctor's
    own abbreviations; they go before our lexicons.
    """
    if len(text) > MAX_NOTE:
        return ()
    reading = read(text)
    note, folded = reading.note, reading.folded
    note_words = words(folded)
    structure = Structure(folded)
    own = own_lexicon(tuple(own_terms)).find(folded, note_words)
    allergies, allergy_spans = find_allergies(note, folded, structure)
    taken = Mask(len(folded), allergy_spans)
    drugs = with_own(lexicon("drugs").find(folded, note_words), own, ProposalKind.TREATMENT)
    vaccinations = find_vaccinations(note, folded, structure, note_words, drugs, own)
    for item in vaccinations:
        taken.take(item.start, item.end)
    treatments = _outside(find_treatments(note, folded, structure, drugs), taken)
    for item in treatments:
        taken.take(item.start, item.end)
    answers = _outside(find_answers(note, folded), taken)
    for item in answers:
        taken.take(item.start, item.end)
    problems = _outside(find_problems(note, folded, structure, note_words, own, age), taken)
    vitals = find_vitals(note, folded, structure, age)
    measured = Mask(len(folded), [(item.start, item.end) for item in vitals])
    for item in answers:
        measured.take(item.start, item.end)
    results = _outside(find_results(note, folded, note_words), measured)
    found = [
        *allergies,
        *vaccinations,
        *treatments,
        *vitals,
        *results,
        *answers,
        *problems,
        *find_plan(note, folded, structure),
    ]
    return tuple(
        sorted((_typed(item, reading, text) for item in found), key=lambda item: (item.start, item.end, item.kind))
    )


def _outside(proposals: Iterable[Proposal], taken: Mask) -> list[Proposal]:
    """Those that touch nothing taken; of a treatment, its name alone counts."""
    return [
        item
        for item in proposals
        if taken.free(item.start, item.start + 1 if item.kind is ProposalKind.TREATMENT else item.end)
    ]


def _typed(item: Proposal, reading: Reading, text: str) -> Proposal:
    """The same proposal, tied to the text as it was typed."""
    if not reading.edits:
        return item
    start, end = reading.span(item.start, item.end)
    return replace(item, start=start, end=end, text=text[start:end])
