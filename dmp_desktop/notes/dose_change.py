"""`5 mg -> 10 mg`, `5 mg passé à 10 mg`: the dose that is left is never coded; when it is not sure which one is, neither is."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dmp_desktop.notes.strength import NUMBER, is_strength

TWO_DOSES = "Deux doses lues : posologie laissée dans le texte."
CHANGED = "Dose changée : posologie à préciser."
_UNIT = r"(?:mg|gr?|ug|mcg|microg|ui|u)(?![a-z0-9])(?! ?/ ?(?:kg|l\b|ml|dl))"
_VERB = (
    r"(?<![a-z])(?:passe\w{0,3}|passage|(?:re)?mont\w{1,4}|augment\w{1,6}|diminu\w{1,6}|major\w{1,6}|(?:a|re)?baiss\w{1,4}"
    r"|redui\w{1,5}|reduction|(?:re)?descend\w{1,4}|doubl\w{1,4}|ramen\w{1,4}|porte\w{0,2}|titr\w{1,6}|adapt\w{1,6}"
    r"|ajust\w{1,6}|modifi\w{1,4}|change\w{0,2})(?![a-z])"
)
_FIRST = re.compile(rf"[^,;.:>\d→]{{0,25}}?:? ?(?:{NUMBER})(?: ?{_UNIT})?")
_BECOMES = re.compile(rf"(?:[-=]*>|→|{_VERB}[^\d.,;\n]{{0,25}}?(?<![a-z])(?:a|au|vers|:)) ?({NUMBER})( ?{_UNIT})?")
# Between the two doses: how often the first one is taken, and nothing else.
_INTAKES = (
    r"(?: |,|et\b|ou\b|puis\b|le\b|au\b|par\b|j(?:our)?\b|/|x|-|matins?\b|midis?\b|soirs?\b|coucher\b|cps?\b|gel\b"
    r"|\d(?=[ /x-]| ?(?:cp|gel|fois)\b)|fois\b)*"
)
_TO = re.compile(rf"{_INTAKES}(?<![a-z])a ({NUMBER})( ?{_UNIT})?")
_BOTH = re.compile(rf"(?! ?[/+]){_INTAKES}(?<![a-z])(?:a |ou )?(?:{NUMBER}) ?{_UNIT}(?! ?/? ?(?:max|par prise))")
_SOME_DAY = re.compile(r"(?<![a-z])(?:si|dans|ds|a partir|apres|objectif)(?![a-z])")
_MAYBE = re.compile(rf"{_VERB}[^.;\n]{{0,40}}?(?<![\d.,])(?:{NUMBER}) ?{_UNIT}")
_LATER = re.compile(
    rf"[.;,\n] ?[-*•]? ?(?:(?:a|on|je|est|l'a|ete|dose|poso\w*|donc) ){{0,3}}{_VERB}[^.;\n]{{0,30}}?"
    rf"(?<![\d.,])(?:{NUMBER}) ?{_UNIT}"
)
_REACH = 90  # characters after the first dose in which a change of it is looked for
_LATER_REACH = 120  # in the sentences that follow


@dataclass(frozen=True, slots=True)
class Change:
    """`dose`: where the new one is in the words read, None when it is not sure which one holds."""

    dose: tuple[int, int] | None


def find_change(segment: str, changing: bool) -> Change | None:
    """In the folded words that follow a drug's name. `changing`: a verb before the name says that its dose changes."""
    first = _FIRST.match(segment)
    if first is None:
        return None
    after = first.end()
    reach = after + _REACH
    becomes = _BECOMES.search(segment, after, reach)
    if becomes is None and (changing or segment.startswith(" de ")):
        becomes = _TO.match(segment, after, reach)
    if becomes and _is_dose(becomes, segment):
        if _SOME_DAY.search(segment, after, becomes.end()):
            return Change(None)
        return Change((becomes.start(1), becomes.end()))
    if _BOTH.match(segment, after, reach) or _MAYBE.search(segment, after, reach):
        return Change(None)
    return None


def changed_later(folded: str, end: int, following: int) -> bool:
    """Do the words after `end` give the drug another dose? `following` is where the next drug is named."""
    return _LATER.search(folded, end, min(following, end + _LATER_REACH)) is not None


def _is_dose(match: re.Match[str], segment: str) -> bool:
    """`-> 10 mg`, `baissé à 75`; not `passé à 2/j`."""
    return bool(match[2]) or is_strength(match[1], segment[match.end(1) :])
