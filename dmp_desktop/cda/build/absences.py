"""That no allergy is known, however the record of another software or a form says it, as the value set codes it."""

from __future__ import annotations

import re
from dataclasses import replace

from dmp_desktop.domain.clinical import ClinicalItem, ItemKind
from dmp_desktop.domain.documents import Code
from dmp_desktop.domain.notes import ProposalStatus
from dmp_desktop.terminology import ValueSet, coded
from dmp_desktop.terminology.oids import ABSENT_OR_UNKNOWN, SNOMED_CT
from dmp_desktop.terminology.wording import plain

_ANY, _DRUG, _FOOD, _PLACE = "allergies", "medication-allergies", "food-allergies", "environmental-allergies"
# SNOMED CT: situations, and the allergies to any substance, drug or food that C-CDA denies.
_SNOMED = {
    "716186003": _ANY,
    "160244002": _ANY,
    "419199007": _ANY,
    "409137002": _DRUG,
    "416098002": _DRUG,
    "429625007": _FOOD,
    "414285001": _FOOD,
    "428607008": _PLACE,
}
_KINDS = (
    (_DRUG, re.compile(r"medic\w*|drugs?|medications?")),
    (_FOOD, re.compile(r"alim\w*|foods?")),
    (_PLACE, re.compile(r"environn?ement\w*|environmental")),
)
_ABOUT = re.compile(r"(?:allerg\w*|hypersensibil\w*|intoleran\w*)")
_NEGATED = re.compile(r"(?:pas|aucune?|absence|sans|non?|ni|neant|0|ras)\b|\w.*[:=] ?(?:non|aucune?|neant|0|ras)\b")
# What may stand around them and names no substance.
_NEUTRAL = re.compile(
    r"(?:pas|aucune?s?|absence|sans|no|non|ni|neant|ras|0|d|de|des|du|l|la|les|a|ce|jour|et|ou|or|notre|sa|ma|connaissance"
    r"|connu\w*|known|declare\w*|signale\w*|rapporte\w*|notable\w*|particuli\w*|retrouve\w*|note\w*|documente\w*)"
)


def stated(item: ClinicalItem) -> tuple[ClinicalItem, ...]:
    """The item; one for each statement it makes when it is the absence, in words or in another code, of any known allergy."""
    if item.kind is not ItemKind.ALLERGY or item.status is not ProposalStatus.ABSENT or item.agent is not None:
        return (item,)
    if item.code is not None and item.code.system == ABSENT_OR_UNKNOWN:
        return (item,)
    return tuple(_coded(item, code) for code in _codes(item)) or (item,)


def _codes(item: ClinicalItem) -> list[Code]:
    told = _said(item.label)
    if not told and item.code is not None and item.code.system == SNOMED_CT and item.code.code in _SNOMED:
        told = [_SNOMED[item.code.code]]
    return [code for kind in told if (code := coded(ValueSet.NO_ALLERGY, f"no-known-{kind}"))]


def _said(label: str) -> list[str]:
    """Which kinds the words deny; none where they name a substance, or say no allergy at all."""
    words = re.findall(r"\w+", plain(label))
    rest = [word for word in words if not _ABOUT.fullmatch(word) and not _NEUTRAL.fullmatch(word)]
    kinds = [kind for kind, words_of_kind in _KINDS if any(words_of_kind.fullmatch(word) for word in rest)]
    about = any(_ABOUT.fullmatch(word) for word in words)
    if not about or not all(any(known.fullmatch(word) for _, known in _KINDS) for word in rest):
        return []
    return kinds or [_ANY]


def _coded(item: ClinicalItem, code: Code) -> ClinicalItem:
    """In its own words where they say the absence; `Allergie : absente` in a column of its own does not."""
    return replace(item, code=code, label=item.label if _NEGATED.match(plain(item.label)) else code.display)
