"""Problems of the lexicon with their status; never ticked beforehand: coding a diagnosis is a choice."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dmp_desktop.domain.notes import Confidence, Proposal, ProposalKind
from dmp_desktop.notes.lexicon import OWN_WARNING, Hit, OwnHits, Word, lexicon, with_own
from dmp_desktop.notes.status import find_status
from dmp_desktop.notes.structure import Structure
from dmp_desktop.terminology.oids import ICD10

_NOT_SAID = re.compile(
    r"(?<![a-z])(?:si|en cas (?:de|d')|prevention|prevenir|info(?:rmation)?s?|conseils?|depistage|risques? (?:de|d')"
    r"|vaccin\w*|serologies?|test|contage|contact (?:avec|de)|cas de|epidemie de|recherche de)"
    r"(?![a-z])(?!, )(?:(?!, |sinon|donc|mais|car )[^.;:\n]){0,40}$"
)
_ABBREVIATED = 3  # years: below, two letters are not read
_PERCENT = re.compile(r"[ ]?(?:a |:|=)?[ ]?\d{1,3}[ ]?%")
_ABBREVIATION = "Abréviation de deux lettres : à vérifier."


def find_problems(
    note: str, folded: str, structure: Structure, note_words: Sequence[Word], own: OwnHits, age: int | None
) -> list[Proposal]:
    """In the order of the note. What is only feared (`revoir si fièvre`) or prevented is no problem. `age` is in whole years."""
    hits = with_own(lexicon("problems").find(folded, note_words), own, ProposalKind.PROBLEM)
    return [_proposal(note, folded, structure, hit) for hit in hits if _meant(note, folded, structure, hit, age)]


def _meant(note: str, folded: str, structure: Structure, hit: Hit, age: int | None) -> bool:
    """Two letters mean a problem only in capitals and not before a percentage (`IC à 82%` is a confidence interval)."""
    if _NOT_SAID.search(folded, max(structure.at(hit.start).start, hit.start - 60), hit.start):
        return False
    if hit.own or hit.row[3] != "context":
        return True
    if age is not None and age < _ABBREVIATED:
        return False  # `FA` of an infant is the fontanelle
    return note[hit.start : hit.end].isupper() and not _PERCENT.match(folded, hit.end)


def _proposal(note: str, folded: str, structure: Structure, hit: Hit) -> Proposal:
    _, code, label, flag = hit.row if hit.row else ("", "", "", "own")
    status, warnings = find_status(folded, structure.at(hit.start), hit.start, hit.end)
    doubtful = bool(warnings) or flag == "context"
    if flag == "context":
        warnings = (*warnings, _ABBREVIATION)
    if hit.own:
        code, label, warnings = hit.own.code or "", hit.own.label, (*warnings, OWN_WARNING)
    return Proposal(
        kind=ProposalKind.PROBLEM,
        label=label,
        start=hit.start,
        end=hit.end,
        text=note[hit.start : hit.end],
        status=status,
        code=code or None,
        system=hit.own.system if hit.own else ICD10,
        confidence=Confidence.LOW if doubtful else Confidence.MEDIUM,
        warnings=warnings,
    )
