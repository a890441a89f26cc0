"""Is what the note names present, absent, past, of the family, or only suspected? Doubt is told, never guessed away."""

from __future__ import annotations

import re

from dmp_desktop.domain.notes import ProposalStatus
from dmp_desktop.notes.structure import Clause, Section

_REACH = 160  # characters a cue may reach; bounds the work on very long lines
_NEGATION = re.compile(
    r"(?<![a-z0-9])(?:pas (?:d'|de |du |d )?|absence (?:d'|de )|sans |aucune? |ni |nie |jamais (?:d'|de )|0 "
    r"|disparition (?:d'|de ))"
)
_JUST_NOT = re.compile(r"(?<![a-z])non[ -]$")
_NOT_NEGATION = re.compile(
    r"pas d'amelioration|pas seulement|sans doute|pas de doute|pas exclu|ne peut pas exclure|pas mieux"
)
_RESTART = re.compile(r"\b(?:mais|avec|puis|par contre|sauf|en revanche|hormis)\b|[>=]|:(?! ?0)")
_POSITIVE = re.compile(
    r"[^,;]{0,25}?\b(?:depuis|persist\w*|present\w*|major\w*|importante?s?|intenses?|moderee?s?|retrouvee?s?|connue?s?|aggrav\w*)\b"
    r"|\s?\+{1,3}"
)
_RIGHT_ABSENT = re.compile(
    r"\s?(?::|=)?\s?(?:0(?![.,]?\d)|neg(?:atif\w*|ative\w*)?\b|absente?s?\b|non(?! \w+ment)\b|elimine\w*|\(-\)|-(?=[\s,.]|$))"
)
_FAMILY = re.compile(
    r"(?<!par sa )(?<!par son )(?<!avec sa )(?<!avec son )(?<![a-z])"
    r"(?:pere|mere|freres?|soeurs?|so?ur|oncle|tante|cousine?s?|fils|fille|gd[- ]?(?:pere|mere)"
    r"|grands?[- ]?(?:pere|mere|parents)|familia\w{1,4}|jumeau|jumelle)(?![a-z])[^,.;\n]{0,40}$"
)
_SUSPECTED = re.compile(
    r"(?<![a-z])(?:suspicion|suspect\w{0,4}|probables?|possibles?|eventuel\w{0,4}|hypothese|a eliminer|eliminer"
    r"|evoqu\w{1,4}|depistage|crainte|risque|rechercher?|si|en cas (?:de|d'))(?![a-z])[^,.;\n]{0,30}$"
)
_RIGHT_SUSPECTED = re.compile(r"\s{0,2}\?|\s{0,2}(?:probable|possible|suspectee?|a confirmer|a eliminer)\b")
_PAST = re.compile(r"(?<![a-z])(?:atcd|antecedents?|ancien(?:ne)?s?|notion)(?![a-z])[^,.;\n]{0,30}$")
_RIGHT_PAST = re.compile(
    r"\s{0,2}(?:[gd] )?\(?(?:en |de |depuis )?(?:19|20)\d\d(?!\d)"
    r"|\s{0,2}(?:sevree?|gueri\w{0,2}|operee?|opere|resolue?|stoppe|arrete)\b"
)
_LIST_WARNING = "Absence déduite d'une énumération : à vérifier."


def find_status(folded: str, clause: Clause, start: int, end: int) -> tuple[ProposalStatus, tuple[str, ...]]:
    """Status of `folded[start:end]` within its clause, and the warnings on how it was read."""
    left = folded[max(clause.start, start - _REACH) : start]
    right = folded[end : min(clause.end, end + 40)]
    absent, warnings = _absent(left, right)
    if absent:
        return ProposalStatus.ABSENT, warnings
    if clause.section is Section.FAMILY or _FAMILY.search(left):
        return ProposalStatus.FAMILY, ()
    if _SUSPECTED.search(left) or _RIGHT_SUSPECTED.match(right):
        return ProposalStatus.SUSPECTED, ()
    if clause.section is Section.HISTORY or _PAST.search(left) or _past(right):
        return ProposalStatus.HISTORY, ()
    return ProposalStatus.PRESENT, ()


def _past(right: str) -> bool:
    match = _RIGHT_PAST.match(right)
    return match is not None and "depuis" not in match[0]


def _absent(left: str, right: str) -> tuple[bool, tuple[str, ...]]:
    if _RIGHT_ABSENT.match(right) or _JUST_NOT.search(left):
        return True, ()
    cut = 0
    for match in _RESTART.finditer(left):
        cut = match.end()
    scope = _NOT_NEGATION.sub(lambda match: "." * len(match[0]), left[cut:])
    cue = None
    for cue in _NEGATION.finditer(scope):  # noqa: B007 - the last one is wanted
        pass
    if cue is None:
        return False, ()
    between = scope[cue.end() :]
    if "," not in between:
        return len(between) < 60, ()
    if _POSITIVE.match(right):
        return False, ()
    return True, (_LIST_WARNING,)
