"""Vaccinations: done, planned or refused, with lot and site.

Their words never make a disease: `Vaccin Covid` is not COVID-19.
"""

from __future__ import annotations

import re

from dmp_desktop.domain.notes import Confidence, Proposal, ProposalKind, ProposalStatus
from dmp_desktop.notes.lexicon import Hit, Word, lexicon
from dmp_desktop.notes.structure import Section, Structure
from dmp_desktop.terminology.oids import ATC

_TRIGGER = re.compile(r"(?<![a-z])(?:vaccin\w{0,8}|vacc|rappels?|injection)(?![a-z])")
_REFUSED = re.compile(r"[^,;\n]{0,12}?\b(?:refus\w{0,3}|ne souhaite pas|decline)\b|[ ]{0,2}:[ ]?non\b")
_REFUSED_LEFT = re.compile(
    r"(?:refus\w{0,3}(?: (?:du|de|le|la))?(?: vaccin\w{0,6})?|pas de(?: vaccin)?)[ ]{0,3}(?:anti)?$"
)
_PLANNED = re.compile(
    r"[^,;\n]{0,15}?\b(?:a prevoir|prevue?s?|a faire|propose\w{0,2}|programme\w{0,2}|prescrits?|ordonnance)\b"
)
_DONE = re.compile(
    r"\b(?:ce jour|faits?|faites?|realise\w{0,2}|injecte\w{0,2}|lot|a jour|dose [1-4]|oct|nov|(?:19|20)\d\d)\b"
)
_LOT = re.compile(r"\blot[ ]?(?:n°)?[ ]?:?[ ]?([a-z0-9-]{3,14})")
_SITE = re.compile(r"\b(?:deltoide|cuisse|bras|fesse)(?:[ ](?:gauche|droite?|[gd]))?(?![a-z])")
_ASK = "Complétez lot, site et date."


def find_vaccinations(
    note: str, folded: str, structure: Structure, note_words: list[Word]
) -> tuple[list[Proposal], list[tuple[int, int]]]:
    """Proposals, and the spans in which no problem must be read."""
    found: list[Proposal] = []
    spans: list[tuple[int, int]] = []
    for hit in lexicon("vaccines").find(folded, note_words):
        if hit.row[2] == "disease" and not _announced(folded, structure, hit):
            continue
        found.append(_proposal(note, folded, structure, hit))
        spans.append((hit.start, hit.end))
    return found, spans


def _announced(folded: str, structure: Structure, hit: Hit) -> bool:
    """A disease's name is a vaccine beside `vaccin` in its clause, or refused or planned on a line of vaccines."""
    clause = structure.at(hit.start)
    if _TRIGGER.search(folded, clause.start, clause.end) or clause.section is Section.VACCINE:
        return True
    tail = folded[hit.end : min(clause.end, hit.end + 30)]
    decided = _REFUSED.match(tail) or _PLANNED.match(tail)
    return bool(decided and _TRIGGER.search(folded, clause.line_start, clause.start))


def _proposal(note: str, folded: str, structure: Structure, hit: Hit) -> Proposal:
    clause = structure.at(hit.start)
    tail = folded[hit.end : min(clause.end, hit.end + 60)]
    lot, site = _LOT.search(tail), _SITE.search(tail)
    place = note[hit.end + site.start() : hit.end + site.end()] if site else None
    status = _status(folded[max(clause.start, hit.start - 40) : hit.start], tail, folded[clause.start : clause.end])
    return Proposal(
        kind=ProposalKind.VACCINATION,
        label=f"Vaccin {note[hit.start : hit.end]}" if hit.row[2] == "disease" else note[hit.start : hit.end],
        start=hit.start,
        end=hit.end,
        text=note[hit.start : hit.end],
        status=status,
        value={"lot": lot[1].upper() if lot else None, "site": place},
        code=hit.row[1],
        system=ATC,
        confidence=Confidence.MEDIUM,
        warnings=(_ASK,) if status is ProposalStatus.DONE and not (lot and site) else (),
    )


def _status(left: str, tail: str, clause: str) -> ProposalStatus:
    if _REFUSED.match(tail) or _REFUSED_LEFT.search(left):
        return ProposalStatus.REFUSED
    if _PLANNED.match(tail):
        return ProposalStatus.PLANNED
    return ProposalStatus.DONE if _DONE.search(clause) else ProposalStatus.HISTORY
