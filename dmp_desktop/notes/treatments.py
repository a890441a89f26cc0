"""Treatments quoted in a note: drug, strength, schedule, duration, and whether they start or stop.

Never ticked, never turned into a prescription. A stop verb before or after the drug is looked for first.
"""

from __future__ import annotations

import re

from dmp_desktop.domain.notes import Confidence, Proposal, ProposalKind, ProposalStatus
from dmp_desktop.notes.lexicon import Hit, Word, lexicon
from dmp_desktop.notes.schedule import read_posology
from dmp_desktop.notes.structure import Section, Structure
from dmp_desktop.terminology.oids import ATC

_STOP_LEFT = re.compile(
    r"(?<![a-z])(?:arret(?:er|e|ee|es|ons)?|stop(?:per|pe)?|suspen\w{1,6}|sevrage|interrompre"
    r"|interruption|ne plus prendre|retirer|relais)(?![a-z])(?: (?:de|du|des|d'|le|la|les|l'|par|son|sa))?[^,.;:\n+]{0,20}$"
)
_STOP_RIGHT = re.compile(r"[ ]{0,2}[:,(]?[ ]?(?:a )?(?:arret(?:ee?|er)?|stop(?:pe|pee)?|suspendue?|interrompue?)\b")
_ABSENT_LEFT = re.compile(r"(?<![a-z])(?:pas d'|pas de |sans |jamais de |ni )[^,.;:\n]{0,15}$")
_CONTINUE = re.compile(
    r"(?<![a-z])(?:poursuite|poursuivre|continuer?|sous|renouvel\w{1,8}|idem)(?![a-z])[^,.;:\n]{0,25}$"
)
_CHANGE = re.compile(
    r"(?<![a-z])(?:augment\w{1,5}|diminu\w{1,5}|major\w{1,6}|passer|remplac\w{1,5}|switch)(?![a-z])[^,.;:\n]{0,25}$"
)
_STRENGTH = re.compile(
    r"(?<![\d/])(\d{1,4}(?:[.,]\d{1,3})?(?: ?/ ?\d{1,4}(?:[.,]\d{1,3})?)?) ?"
    r"(mg/kg/j|mg/kg|mg/24 ?h|mg/j|mg/ml|mg|mcg|ug|g/j|g|ui/j|ui/kg|ui|ml|%|bouffees?|dose-poids)(?![a-z])"
)
_BARE = re.compile(r"[ ]{1,2}(\d{2,4}(?:[.,]\d{1,2})?(?:/\d{1,4})?)(?= |,|$|:)(?! ?(?:j|jours?|mois|sem)\b)")
# Words between a separator and the next drug belong to that one (`…, arrêter ibuprofène`).
_NEXT_LEAD = re.compile(r"[,+][^,+\d]{0,40}$")
_CURRENT = re.compile(r"(?:habituel|en cours|actuel|renouvel)")


def find_treatments(note: str, folded: str, structure: Structure, note_words: list[Word]) -> list[Proposal]:
    """In the order of the note."""
    hits = lexicon("drugs").find(folded, note_words)
    found = []
    for index, hit in enumerate(hits):
        following = hits[index + 1].start if index + 1 < len(hits) else len(folded)
        found.append(_proposal(note, folded, structure, hit, following))
    return found


def _proposal(note: str, folded: str, structure: Structure, hit: Hit, following: int) -> Proposal:
    clause = structure.at(hit.start)
    left = folded[max(clause.start, hit.start - 60) : hit.start]
    end = min(clause.end, following)
    lead = _NEXT_LEAD.search(folded, hit.end, end) if end == following else None
    end = lead.start() if lead else end
    segment = folded[hit.end : end]
    status, action = _action(folded, left, segment, clause.section is Section.TREATMENT, clause.line_start)
    strength, rest = _strength(segment, note[hit.end : end])
    going = action in {"start", "continue", "change"} and status is not ProposalStatus.ABSENT
    posology = read_posology(rest) if going else None
    length = _used(note[hit.end : end])
    value = {
        "drug": note[hit.start : hit.end],
        "strength": strength,
        "schedule": posology.schedule if posology else None,
        "duration_days": posology.duration_days if posology else None,
        "action": action,
    }
    known = bool(strength and posology and posology.schedule)
    return Proposal(
        kind=ProposalKind.TREATMENT,
        label=note[hit.start : hit.end].capitalize(),
        start=hit.start,
        end=hit.end + length,
        text=note[hit.start : hit.end + length],
        status=status,
        value=value,
        code=hit.row[1],
        system=ATC,
        confidence=Confidence.HIGH if known else Confidence.MEDIUM if strength or not going else Confidence.LOW,
        warnings=posology.warnings if posology else (),
    )


def _action(folded: str, left: str, segment: str, in_list: bool, line_start: int) -> tuple[ProposalStatus, str]:
    if _STOP_LEFT.search(left) or _STOP_RIGHT.match(segment):
        return ProposalStatus.STOPPED, "stop"
    if _ABSENT_LEFT.search(left):
        return ProposalStatus.ABSENT, "stop"
    if _CHANGE.search(left):
        return ProposalStatus.PRESENT, "change"
    if _CONTINUE.search(left) or (in_list and _CURRENT.search(folded, line_start, line_start + 40)):
        return ProposalStatus.PRESENT, "continue"
    return ProposalStatus.PRESENT, "start"


def _strength(segment: str, original: str) -> tuple[str | None, str]:
    """(strength, what is left to read). Looked for within 25 characters of the drug's name."""
    match = _STRENGTH.search(segment, 0, 60)
    if match and match.start() <= 25:
        number = match[1].replace(" ", "")
        unit = original[match.start(2) : match.end(2)].replace(" ", "")
        spaced = " " if match[2].startswith(("bouffee", "dose")) else ""
        return f"{number}{spaced}{unit}", f"{segment[: match.start()]} {segment[match.end() :]}"
    bare = _BARE.match(segment)
    if bare:
        return bare[1], segment[bare.end() :]
    return None, segment


def _used(tail: str) -> int:
    """Length of the words that belong to the treatment: to the end of the clause, without the closing punctuation."""
    return len(tail.rstrip(" ,;:.-+\t\n(")) if len(tail) <= 160 else 0
