"""Problems of the lexicon with their status; never ticked beforehand: coding a diagnosis is a choice."""

from __future__ import annotations

import re

from dmp_desktop.domain.notes import Confidence, Proposal, ProposalKind
from dmp_desktop.notes.folding import words
from dmp_desktop.notes.lexicon import Hit, Word, lexicon
from dmp_desktop.notes.status import find_status
from dmp_desktop.notes.structure import Structure
from dmp_desktop.terminology.oids import ICD10

_PERCENT = re.compile(r"[ ]?(?:a |:|=)?[ ]?\d{1,3}[ ]?%")
_ABBREVIATION = "Abréviation de deux lettres : à vérifier."


def find_problems(note: str, folded: str, structure: Structure, note_words: list[Word] | None = None) -> list[Proposal]:
    """In the order of the note."""
    hits = lexicon("problems").find(folded, words(folded) if note_words is None else note_words)
    return [_proposal(note, folded, structure, hit) for hit in hits if _meant(note, folded, hit)]


def _meant(note: str, folded: str, hit: Hit) -> bool:
    """Two letters mean a problem only in capitals and not before a percentage (`IC à 82%` is a confidence interval)."""
    if hit.row[3] != "context":
        return True
    return note[hit.start : hit.end].isupper() and not _PERCENT.match(folded, hit.end)


def _proposal(note: str, folded: str, structure: Structure, hit: Hit) -> Proposal:
    _, code, label, flag = hit.row
    status, warnings = find_status(folded, structure.at(hit.start), hit.start, hit.end)
    if flag == "context":
        warnings = (*warnings, _ABBREVIATION)
    return Proposal(
        kind=ProposalKind.PROBLEM,
        label=label,
        start=hit.start,
        end=hit.end,
        text=note[hit.start : hit.end],
        status=status,
        code=code,
        system=ICD10,
        confidence=Confidence.LOW if warnings else Confidence.MEDIUM,
        warnings=warnings,
    )
