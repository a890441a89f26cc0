"""A note cut into clauses, each in the section its lead announces (`ATCD :`, `Allergie :`, `R/`, `=>` …)."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from enum import StrEnum


class Section(StrEnum):
    NONE = ""
    FAMILY = "family"
    HISTORY = "history"
    ALLERGY = "allergy"
    REASON = "reason"
    CONCLUSION = "conclusion"
    TREATMENT = "treatment"
    VACCINE = "vaccine"


@dataclass(frozen=True, slots=True)
class Clause:
    """`start:end` in the note; `line_start` is where its line begins; `body` is where the words after the lead begin."""

    start: int
    end: int
    line_start: int
    body: int
    section: Section


_LEADS = re.compile(
    r"[ \-*•>\t]{0,6}(?:"
    r"(?P<family>(?:atcd|antecedents?)\s?(?:fam\w{0,7})\.?|fam)"
    r"|(?P<history>(?:atcd|antecedents?)(?:\s?(?:perso|med|chir|psy|gyn)\w{0,10}){0,2}\.?)"
    r"|(?P<allergy>allergies?|intolerances?)"
    r"|(?P<reason>motif|mdc)"
    r"|(?P<conclusion>ccl|conclusion|au total|diag(?:nostic)?|d/|=>|dg)"
    r"|(?P<treatment>rx|r/|ordonnance|ord|ttt(?: (?:habituel|en cours|actuel))?|traitements?(?: (?:habituel|en cours|actuel))?"
    r"|prescription|renouvellement)"
    r"|(?P<vaccine>vaccin\w{0,8}|vacc|rappels?)"
    r")(?![a-z])[ ]{0,3}(?P<colon>[:=]?)[ ]{0,3}"
)
# A sentence ends at a full stop that is not a decimal point, at a semicolon, at a line end.
_ENDS = re.compile(r"\n|;|(?<=[a-z0-9)%°+\"])\.(?=\s|$)")
_NEEDS_COLON = frozenset({"reason", "treatment", "conclusion", "allergy", "vaccine", "family"})


class Structure:
    """Clauses of a folded note, in order."""

    def __init__(self, folded: str) -> None:
        self.clauses = list(_split(folded))
        self._starts = [clause.start for clause in self.clauses]

    def at(self, offset: int) -> Clause:
        """The clause that holds `offset`."""
        return self.clauses[max(0, bisect_right(self._starts, offset) - 1)]


def _split(folded: str) -> list[Clause]:
    clauses: list[Clause] = []
    start = line_start = 0
    section, sticky = Section.NONE, False
    for end, closing in [(match.start(), match.end()) for match in _ENDS.finditer(folded)] + [
        (len(folded), len(folded))
    ]:
        lead, body, alone = _lead(folded, start, end)
        at_line = start == line_start
        blank = not folded[start:end].strip()
        if lead:
            section, sticky = lead, alone and at_line
        elif at_line and (blank or not sticky):
            section, sticky = Section.NONE, False
        clauses.append(Clause(start, end, line_start, body, section))
        start = closing
        if folded[end:closing] == "\n":
            line_start = closing
    return clauses


def _lead(folded: str, start: int, end: int) -> tuple[Section | None, int, bool]:
    """(section announced or None, where the words begin, whether the lead stands alone on its line)."""
    begin = start
    while begin < end and folded[begin] == " ":
        begin += 1
    match = _LEADS.match(folded, begin, end)
    if match is None or match.lastgroup is None:
        return None, start, False
    name = next(group for group in Section if group and match[group.value])
    lead = match[name.value]
    if name.value in _NEEDS_COLON and not match["colon"] and not lead.endswith(("/", ">")):
        return None, start, False
    return name, match.end(), not folded[match.end() : end].strip()
