"""`Amoxicilline : allergie (choc)`: the substance stands before the word that makes an allergy of it."""

from __future__ import annotations

import re

from dmp_desktop.notes.folding import words
from dmp_desktop.notes.lexicon import lexicon

_LINK = re.compile(r"(?: \d[\d., ]*(?:mg|g))? ?(?:[:=(→]|[-=]+>|-) ?")
# Given against an allergy (ATC): antihistamines, nose, asthma, eyes, cortisone, desensitisation.
_AGAINST = ("R06", "R01", "R03", "S01", "H02", "D07", "V01")
_CLASS = re.compile(
    r"(?<![a-z])(?:penicillines?|pnc|betalactam\w*|cephalosporines?|quinolones?|macrolides?|cyclines?|sulfamides?|ains|iode"
    r"|statines?|iec|opiaces?|morphiniques?|latex|produits? de contraste)(?![a-z])"
)
_REACH = 60  # characters before the word in which the substance is looked for


def substance_before(folded: str, first: int, cue: int) -> tuple[int, int] | None:
    """Where the substance is that an allergy told at `cue` is of, not before `first`; None when none stands there."""
    left = max(first, cue - _REACH)
    said = folded[left:cue]
    spans = [
        (hit.start, hit.end) for hit in lexicon("drugs").find(said, words(said)) if not hit.row[1].startswith(_AGAINST)
    ] + [match.span() for match in _CLASS.finditer(said)]
    for start, end in spans:
        if _LINK.fullmatch(said, end):
            return left + start, left + end
    return None
