"""Allergies, and their absence. Never ticked beforehand, one way or the other: a false negative kills."""

from __future__ import annotations

import re

from dmp_desktop.domain.notes import Confidence, Proposal, ProposalKind, ProposalStatus
from dmp_desktop.notes.structure import Structure

ABSENT_OR_UNKNOWN = "2.16.840.1.113883.5.1150.1"  # JDV AbsentOrUnknownAllergy CI-SIS
NO_KNOWN_ALLERGY = "no-known-allergies"
_CUE = re.compile(
    r"(?<![a-z])(pas d'|aucune |0 |absence d')?"
    r"(?:allergies?|allergique(?= (?:aux?|a) )|intolerances?|intolerante?(?= (?:aux?|a) ))"
    r"(?:[ ](?:medicamenteuses?|alimentaires?|connues?)){0,3}[ ]{0,2}([:=]|aux? |a la |a l'|a )?[ ]{0,2}"
)
_NONE = re.compile(r"(?:0|neant|ras|non|aucune?|sans|nc|pas)\b")
_SEPARATOR = re.compile(r",|\bet\b|\+|/")
_ARTICLE = re.compile(r"(?:aux? |a la |a l'|la |les |le |l')[ ]*")
_CONFIRM = "À confirmer avec le patient."


def find_allergies(note: str, folded: str, structure: Structure) -> tuple[list[Proposal], list[tuple[int, int]]]:
    """Proposals, and the spans in which no problem and no drug must be read."""
    found: list[Proposal] = []
    spans: list[tuple[int, int]] = []
    for match in _CUE.finditer(folded):
        if any(start <= match.start() < end for start, end in spans):
            continue
        end = min(structure.at(match.start()).end, match.end() + 120)
        if match[1] or _NONE.match(folded, match.end(), end):
            found.append(_none_known(note, match.start(), match.end()))
            spans.append((match.start(), match.end()))
        elif match[2]:
            found += _substances(note, folded, match.start(), match.end(), end)
            spans.append((match.start(), end))
    return found, spans


def _none_known(note: str, start: int, end: int) -> Proposal:
    end -= len(note[start:end]) - len(note[start:end].rstrip(" :="))
    return Proposal(
        kind=ProposalKind.ALLERGY,
        label="Pas d'allergie connue",
        start=start,
        end=end,
        text=note[start:end],
        status=ProposalStatus.ABSENT,
        code=NO_KNOWN_ALLERGY,
        system=ABSENT_OR_UNKNOWN,
        warnings=(_CONFIRM,),
    )


def _substances(note: str, folded: str, cue: int, start: int, end: int) -> list[Proposal]:
    """One proposal a substance; what stands in brackets is the reaction."""
    found: list[Proposal] = []
    reaction = re.search(r"\(([^)]{1,80})\)", note[start:end])
    plain = re.sub(r"\([^)]{0,80}\)?", lambda match: " " * len(match[0]), folded[start:end])
    at = 0
    for piece in [*_SEPARATOR.finditer(plain), None]:
        stop = piece.start() if piece else len(plain)
        words = plain[at:stop]
        left = at + len(words) - len(words.lstrip())
        article = _ARTICLE.match(plain, left, stop)
        left = article.end() if article else left
        right = left + len(plain[left:stop].rstrip(" .:-"))
        if right > left:
            label = note[start + left : start + right]
            found.append(
                Proposal(
                    kind=ProposalKind.ALLERGY,
                    label=label,
                    start=cue if not found else start + left,
                    end=start + right,
                    text=note[cue if not found else start + left : start + right],
                    value={"substance": label, "reaction": reaction[1] if reaction else None},
                    confidence=Confidence.MEDIUM,
                    warnings=(_CONFIRM,),
                )
            )
        at = piece.end() if piece else stop
    return found
