"""Reason, sick leave, follow-up: mentions, never acts (the legal notice of sick leave is made elsewhere)."""

from __future__ import annotations

import re

from dmp_desktop.domain.notes import Confidence, Proposal, ProposalKind, ProposalStatus
from dmp_desktop.notes.structure import Section, Structure

_SICK_LEAVE = re.compile(
    r"(?<![a-z/])(at|aat|arret(?: de travail)?|itt)[ ]?(?:initiale?|prolongation|prol)?[ ]?(?:de |: ?)?"
    r"(\d{1,3})[ ]?(jours?|j|semaines?|sem|mois)(?![a-z])"
)
_DRUG_STOP = re.compile(r"[ ]?(?:avant|apres)\b")
_FOLLOW_UP = re.compile(
    r"(?<![a-z])(?:rdv|a revoir|revoir|revue?|controle|reevaluation|reconsult\w{0,6}|prochaine consultation)[ ]{0,2}"
    r"(?:dans |ds |a |de |:[ ]?)?(?:(j|s|m)(\d{1,2})|(\d{1,3})[ ]?(jours?|j|h|heures?|semaines?|sem|mois|ans?))(?![a-z0-9])"
)
_REASON = re.compile(
    r"(?<![a-z])(?:consulte pour|vient pour|venue? pour|cs pour|adressee? pour)[ :]{1,3}([^.;\n]{3,160})"
)
_DAYS = {"j": 1.0, "s": 7.0, "m": 30.0, "a": 365.0, "h": 1 / 24}
_AMBIGUOUS = "« AT » : arrêt de travail ou accident du travail ?"
_ELSEWHERE = "L'avis d'arrêt de travail se fait dans amelipro ou votre logiciel."


def find_plan(note: str, folded: str, structure: Structure) -> list[Proposal]:
    return [*_sick_leaves(note, folded), *_follow_ups(note, folded), *_reasons(note, folded, structure)]


def _sick_leaves(note: str, folded: str) -> list[Proposal]:
    found = []
    for match in _SICK_LEAVE.finditer(folded):
        if match[1].startswith("arret") and _DRUG_STOP.match(folded, match.end()):
            continue
        ambiguous = match[1] == "at"
        found.append(
            Proposal(
                kind=ProposalKind.SICK_LEAVE,
                label="Arrêt de travail",
                start=match.start(),
                end=match.end(),
                text=note[match.start() : match.end()],
                value=round(int(match[2]) * _DAYS[match[3][0]]),
                unit="d",
                confidence=Confidence.LOW if ambiguous else Confidence.MEDIUM,
                warnings=(_AMBIGUOUS, _ELSEWHERE) if ambiguous else (_ELSEWHERE,),
            )
        )
    return found


def _follow_ups(note: str, folded: str) -> list[Proposal]:
    found = []
    for match in _FOLLOW_UP.finditer(folded):
        days = int(match[2] or match[3]) * _DAYS[(match[1] or match[4])[0]]
        found.append(
            Proposal(
                kind=ProposalKind.FOLLOW_UP,
                label="Prochain rendez-vous",
                start=match.start(),
                end=match.end(),
                text=note[match.start() : match.end()],
                status=ProposalStatus.PLANNED,
                value=max(1, round(days)),
                unit="d",
                confidence=Confidence.MEDIUM,
            )
        )
    return found


def _reasons(note: str, folded: str, structure: Structure) -> list[Proposal]:
    """What follows `Motif :` or `consulte pour`; the first one only."""
    spans = [(clause.body, clause.end) for clause in structure.clauses if clause.section is Section.REASON]
    match = _REASON.search(folded)
    spans += [(match.start(1), match.end(1))] if match else []
    for start, end in spans:
        text = note[start:end]
        left, right = start + len(text) - len(text.lstrip()), start + len(text.rstrip(" ,-\t\n\r"))
        if right > left:
            return [
                Proposal(
                    kind=ProposalKind.REASON,
                    label=note[left:right],
                    start=left,
                    end=right,
                    text=note[left:right],
                    confidence=Confidence.MEDIUM,
                )
            ]
    return []
