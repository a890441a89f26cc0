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
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Clause:
    """`start:end` in the note; `line_start` is where its line begins; `body` is where the words after the lead begin; `heading`
    is where the lead that announced the section begins (-1: none)."""

    start: int
    end: int
    line_start: int
    body: int
    section: Section
    heading: int = -1


_LEADS = re.compile(
    r"[ \-*•>\t]{0,6}(?:"
    r"(?P<family>(?:atcds?|antecedents?)[ -]{0,3}\(?fam\w{0,7}\.?\)?|familiaux|fam|af)"
    r"|(?P<history>perso\w{0,6}(?=\s?:)|(?:atcds?|antecedents?)(?:[\s/,-]?(?:perso|med|chir|psy|gyn|obst)\w{0,10}){0,3}\.?)"
    r"|(?P<allergy>allergies?|intolerances?)"
    r"|(?P<reason>motif|mdc)"
    r"|(?P<conclusion>ccl|conclusion|au total|diag(?:nostic)?|d/|=>|dg)"
    r"|(?P<treatment>(?:renouvellement|renouv\.?|rx|ordo(?:nnance)?|ttt)(?: [^:\n]{1,30}(?= ?:))|rx|r/|ordo(?:nnance)?"
    r"|ord|(?:ttt|tt|traitements?)(?: (?:habituels?|en cours|actuels?|de fond"
    r"|au long cours|prescrit|du jour))?"
    r"|prescriptions?|med(?:icament)?s|renouvellement)"
    r"|(?P<vaccine>vaccin\w{0,8}|vacc|rappels?)"
    r"|(?P<other>ex(?:amen)?(?: clinique)?|ex clin\w*|clinique|hdm|histoire de la maladie|interrogatoire|biologie|bio|bilan"
    r"|aujourd'hui|ce jour|mode de vie|mdv|cat|plan|suivi|[soap]/)"
    r")(?![a-z])[ ]{0,3}(?P<colon>[:=]?)[ ]{0,3}"
)
# A sentence ends at a full stop that is not a decimal point, at an exclamation mark, a semicolon, a line end.
_ENDS = re.compile(r"\n|;|!(?=\s|$)|(?<=[a-z0-9)%°+\"])\.(?=\s|$)")
_NEEDS_COLON = frozenset({"reason", "treatment", "conclusion", "allergy", "vaccine", "other"})
# In a note typed on one line, what follows the sentence of the lead is another matter.
_ONE_SENTENCE = frozenset({Section.FAMILY, Section.HISTORY})
_SHORT_FAMILY = frozenset({"familiaux", "fam", "af"})
# Once a heading has bullets, the first line without one is no longer under it.
_BULLET = re.compile(r"\s*[-*•>]")


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
    section, sticky, listed, heading, whole_line = Section.NONE, False, False, -1, False
    several_lines = "\n" in folded.strip()
    for end, closing in [(match.start(), match.end()) for match in _ENDS.finditer(folded)] + [
        (len(folded), len(folded))
    ]:
        blank = not folded[start:end].strip()
        lead, body, alone = (None, start, False) if blank else _lead(folded, start, end)
        at_line = start == line_start
        if lead:
            section, sticky, listed, heading = lead, alone and at_line, False, start
            whole_line = several_lines and at_line
        elif not at_line and section in _ONE_SENTENCE and not whole_line:
            section, heading = Section.NONE, -1
        elif at_line:
            bullet = _BULLET.match(folded, start, end) is not None
            if blank or not sticky or (listed and not bullet):
                section, sticky, heading = Section.NONE, False, -1
            listed = bullet
        if not blank or not clauses:
            clauses.append(Clause(start, end, line_start, body, section, heading))
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
    alone = not folded[match.end() : end].strip()
    whole_line = alone and folded[max(0, start - 1) : start] in {"", "\n"} and folded[end : end + 1] in {"", "\n"}
    unsure = name.value in _NEEDS_COLON or lead in _SHORT_FAMILY
    if unsure and not (match["colon"] or whole_line or lead.endswith(("/", ">"))):
        return None, start, False
    return name, match.end(), alone
