"""Whose is it? A disease of a relative is never the patient's; a relative who only speaks or comes along tells nothing."""

from __future__ import annotations

import re
from enum import StrEnum

from dmp_desktop.notes.folding import words
from dmp_desktop.notes.lexicon import lexicon


class Kin(StrEnum):
    """`LISTED`: after a comma, in a sentence that began with a relative's disease; `UNRELATED`: of a spouse, not of the blood."""

    NO = "no"
    YES = "yes"
    LISTED = "listed"
    UNRELATED = "unrelated"


RELATIVE = (
    r"(?:(?:gd|grande?s?|arriere|demi|beaux?|belle)?[- ]?(?:peres?|meres?|freres?|soeurs?|sours?|parents?|maman|mamie"
    r"|papa|papi"
    r"|jumeaux?|jumelle)|oncles?|tantes?|cousine?s?|neveux?|nieces?|fils|filles?|mari|epoux|epouse|conjointe?|compagnon"
    r"|compagne"
    r"|fratrie|famille|petits?[- ](?:fils|filles?|enfants?)|(?<=son )enfant|(?<=ses )enfants"
    r"|(?<=sa )(?:femme|copine)|(?<=son )copain)"
)
# `amenée par sa mère`, `selon la maman`; `mère de 3 enfants`, `fille de 5 ans` are the patient.
_NOT_KIN = re.compile(
    r"\b(?:par|avec|selon|d'apres|de|presence de|avis de) (?:sa |son |ses |la |le |les |leurs? )?$"
    r"|\b(?:vit|habite|loge)\b[^,;]{0,20}$"
)
_OF = re.compile(r"\bde (?:sa |son |ses |la |le |les )$")
_THEMSELVES = re.compile(
    r" (?:(?:de|agee? de) (?:\d|deux|trois|quatre|cinq)|d'une? |celibataire|au foyer|allaitante|porteuse|\d{1,2} (?:ans"
    r"|mois))"
    r"|(?: \w+){0,2} (?:dit|disent|signal|rapport|decri|note|constat|trouv|evoqu|inquiet|pense|vu|remarqu|expliqu|demand"
    r"|souhait"
    r"|refus|amen|accompagn|present)"
)
_LEFT = re.compile(
    rf"(?<![a-z-]){RELATIVE}(?![a-z])|(?<![a-z])(?:familia\w{{1,4}}|cote (?:maternel|paternel)|heredite"
    rf"|(?:patient |sujet )?source(?= (?:vih|vhb|vhc|hiv|syphilis))|(?:atcd"
    rf"|antecedents?) fam)(?![a-z])"
)
# The patient comes back into the sentence.
_BACK = re.compile(
    r"\b(?:patiente?|lui|elle[- ]meme|perso\w*|mais|consult\w*|vient(?! d[e'] ?\w+(?:er|ir|re)\b)|venue?|ce jour"
    r"|aujourd'hui|presente|se plaint)\b"
)
_RIGHT = re.compile(
    rf"(?: (?:dans|pendant|ds) l'enfance)?(?: (?!quand|lors|vit|habite|est|surveille|mesure|pris)[a-z]{{2,20}}){{0,2}}"
    rf" ?\(?(?:chez|de|du cote de|cote) "
    rf"(?:sa |son |ses |la |le |les |une? |leurs? |l')?{RELATIVE}(?![a-z])"
    rf"| ?\(?(?:du |chez |cote )?{RELATIVE}(?![a-z])(?! ?:)"
    r"| ?\(?(?:dans (?:la (?:famille|fratrie|classe)|l'entourage)|(?:cote )?(?:maternel|paternel)|familiaux|fam\))"
)
_BY_MARRIAGE = re.compile(
    r"(?<![a-z])(?:mari|epoux|epouse|conjointe?|compagnon|compagne|femme|copine|copain|(?:beau|belle)s?[- ]\w+)(?![a-z])"
)
_FAR = 40  # characters between a relative and the disease, without a colon


def kinship(left: str, right: str) -> Kin:
    """Is what stands between `left` and `right` (folded, one clause) a relative's?"""
    told = _RIGHT.match(right)
    if told and not re.match(rf" {RELATIVE} (?:dit|signal|inquiet|rapport)", right):
        return Kin.UNRELATED if _BY_MARRIAGE.search(told[0]) else Kin.YES
    cut = 0
    for match in _BACK.finditer(left):
        cut = match.end()
    said = left[cut:]
    found = None
    for match in _LEFT.finditer(said):
        if not _THEMSELVES.match(said, match.end()) and not _comes_along(said, match.start()):
            found = match
    if found is None:
        return Kin.NO
    between = said[found.end() :]
    theirs = Kin.UNRELATED if _BY_MARRIAGE.search(found[0]) else Kin.YES
    if re.match(r"(?: \w+| \([^)]*\)){0,3} ?:", between):
        return theirs
    first, comma, _ = between.partition(",")
    if not comma:
        return theirs if len(between) <= _FAR else Kin.NO
    return Kin.LISTED if lexicon("problems").find(first, words(first)) else Kin.NO


def _comes_along(said: str, start: int) -> bool:
    """`avec sa mère`; but `cancer de sa mère` is hers."""
    before = said[max(0, start - 40) : start]
    return bool(_NOT_KIN.search(before)) and not (
        _OF.search(before) and not re.search(r"(?:presence|avis) de \w+ $", before)
    )
