"""Allergies, and their absence. Never ticked beforehand, one way or the other: a false negative kills."""

from __future__ import annotations

import re
from dataclasses import replace

from dmp_desktop.domain.notes import Confidence, Proposal, ProposalKind, ProposalStatus
from dmp_desktop.notes.folding import words
from dmp_desktop.notes.lexicon import lexicon
from dmp_desktop.notes.structure import Structure

ABSENT_OR_UNKNOWN = "2.16.840.1.113883.5.1150.1"  # JDV AbsentOrUnknownAllergy CI-SIS
NO_KNOWN_ALLERGY = "no-known-allergies"
_CUE = re.compile(
    r"(?<![a-z])((?:pas|absence|sans|ni|nie)(?: d'| de | toute | )|aucune |0 )?"
    r"(?:allergies?|allergique(?= (?:aux?|a) )|intolerances?|intolerante?(?= (?:aux?|a) ))"
    r"(?:[ ](?:medicamenteuses?|alimentaires?|connues?)){0,3}[ ]{0,2}([:=]|aux? |a la |a l'|a )?[ ]{0,2}"
)
_NONE = re.compile(r"(?:0|neant|ras|non|aucune?|sans|nc|pas)\b")
# What follows is an allergy after all.
_EXCEPT = re.compile(
    r"(?<![a-z])(?:sauf|hormis|excepte\w{0,2}|en dehors d(?:es?|u|')|(?:mis )?a part|a l'exception d(?:es?|u|')"
    r"|autres? qu(?:e|')"
    r"|si ce n'est|uniquement|seulement)[ :]{0,3}(?:a |au |aux )?"
)
# What may follow `0` or `aucune` without naming a substance.
_NOTHING_MORE = re.compile(
    r"[ ]{0,3}(?:connue?s?|a ce jour|a (?:ma|sa|notre) connaissance|medicamenteuses?|alimentaires?|declaree?s?|signalee?s?"
    r"|notables?|particulieres?|rapportee?s?|retrouvee?s?|notee?s?|allergies?|intolerances?|ni|et|ou|de|d'|contact"
    r"|respiratoires?"
    r"|selon \w{1,20}| )*[ ]{0,3}(?=[,.;()\-/+]|$)"
)
_SEPARATOR = re.compile(r",|\bet\b|\+|/")
_ARTICLE = re.compile(r"(?:aux? |a la |a l'|la |les |le |l')[ ]*")
_CONFIRM = "À confirmer avec le patient."
_UNCLEAR = "« 0 » ou « aucune » suivi d'une substance : allergie ou non ?"
_CONTRADICTED = "La note cite aussi une allergie."


def find_allergies(note: str, folded: str, structure: Structure) -> tuple[list[Proposal], list[tuple[int, int]]]:
    """Proposals, and the spans in which no problem and no drug must be read."""
    found: list[Proposal] = []
    spans: list[tuple[int, int]] = []
    for match in _CUE.finditer(folded):
        if any(start <= match.start() < end for start, end in spans):
            continue
        end = min(structure.at(match.start()).end, match.end() + 120)
        items, covered = _read(note, folded, match, end)
        found += items
        spans += [(match.start(), covered)] if covered else []
    return _consistent(found), spans


def _read(note: str, folded: str, match: re.Match[str], end: int) -> tuple[list[Proposal], int]:
    """What one mention says, and where it stops (0: it says nothing). `aucune sauf l'iode` is the iode, never "none known"."""
    none = _NONE.match(folded, match.end(), end)
    denied = bool(match[1] or none)
    exception = _EXCEPT.search(folded, match.end(), end) if denied else None
    if exception:
        return _substances(note, folded, match.start(), exception.end(), end), end
    if none:
        stop = none.end()
        if _NOTHING_MORE.match(folded, stop, end) or _is_problem(folded[stop:end]):
            return [_none_known(note, match.start(), match.end())], match.end()
        return [_doubtful(item) for item in _substances(note, folded, match.start(), stop, end)], end
    if denied and match[2] and match[2].startswith("a"):
        return [], end  # `pas d'allergie à la pénicilline` tells of one substance only: nothing to code
    if denied:
        return [_none_known(note, match.start(), match.end())], match.end()
    if match[2]:
        return _substances(note, folded, match.start(), match.end(), end), end
    return [], 0


def _is_problem(words_after: str) -> bool:
    """Does another matter begin there (`Allergie : 0 HTA`)?"""
    first = words_after.split(",", 1)[0]
    return bool(lexicon("problems").find(first, words(first)))


def _doubtful(item: Proposal) -> Proposal:
    return replace(item, confidence=Confidence.LOW, warnings=(*item.warnings, _UNCLEAR))


def _consistent(found: list[Proposal]) -> list[Proposal]:
    """A note that names a substance somewhere does not say that none is known."""
    named = any(item.code != NO_KNOWN_ALLERGY for item in found)
    if not named:
        return found
    return [
        replace(item, confidence=Confidence.LOW, warnings=(*item.warnings, _CONTRADICTED))
        if item.code == NO_KNOWN_ALLERGY
        else item
        for item in found
    ]


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
