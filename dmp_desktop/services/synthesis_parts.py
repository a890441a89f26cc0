"""What the synthesis never merges: two doses, two products, two sides, two wordings of one document."""

from __future__ import annotations

import re

from dmp_desktop.domain.clinical import ClinicalItem, ItemKind
from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.domain.notes import ProposalStatus
from dmp_desktop.terminology.substances import named
from dmp_desktop.terminology.wording import plain

Told = tuple[ClinicalItem, DocumentEntry]


def parts(told: list[Told]) -> list[list[Told]]:
    """By strength and side; what names none goes with the only one there is, unless a document tells both."""
    found: dict[tuple[str, ...], list[Told]] = {}
    for one in told:
        found.setdefault(marks_of(one[0]), []).append(one)
    if len(found) == 2 and () in found and not set.intersection(*map(_documents, found.values())):
        return _by_name(told)
    return [part for same in found.values() for part in _by_name(same)]


def _by_name(told: list[Told]) -> list[list[Told]]:
    """Two brands of one substance that one document tells are two treatments, wherever else they are told."""
    if len(told) == 1:
        return [told]
    names: dict[str, list[Told]] = {}
    for one in told:
        names.setdefault(name_of(one[0]), []).append(one)
    shared = len(names) > 1 and sum(len(_documents(part)) for part in names.values()) > len(_documents(told))
    return list(names.values()) if shared else [told]


def _documents(told: list[Told]) -> set[str]:
    return {entry.unique_id for _, entry in told}


def name_of(item: ClinicalItem) -> str:
    return named(item.label)[0] if item.kind is ItemKind.TREATMENT and not none_known(item) else ""


def marks_of(item: ClinicalItem) -> tuple[str, ...]:
    """What tells two products of one substance, or two sides of one problem: strength, slow release, right and left."""
    words = plain(item.label)
    if item.kind is not ItemKind.TREATMENT or none_known(item):
        return tuple(side for side, pattern in _SIDES_OF.items() if pattern.search(words))
    strength = strength_of(item)
    slow = "lp" if _SLOW.search(words) else ""
    return tuple(part for part in (strength, slow) if part)


def strength_of(item: ClinicalItem) -> str:
    """That of the product: `2.5 mg`, `0.1 mg`; where its unit is not understood, the bare numbers of its name."""
    return named(item.label)[1] or " ".join(_NUMBER.findall(plain(item.label)))


# As French writes sides, and the shorthand of operation reports (PTH D, genou G).
_SIDES_OF = {
    "right": re.compile(r"\b(?:droite?s?|dte?|d)\b(?!')"),
    "left": re.compile(r"\b(?:gauches?|gche?|g)\b(?!')"),
    "both": re.compile(r"\bbilatera"),
}
_NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]+)?")
_SLOW = re.compile(r"\b(?:lp|liberation (?:prolongee|modifiee))\b")


def by_words(same: list[Told]) -> list[list[Told]]:
    """What one document tells in two ways, or codes as two products, is two statements: never one with two wordings."""
    if len(same) == 1:
        return [same]
    found: dict[tuple[str, str], list[Told]] = {}
    for one in same:
        item = one[0]
        found.setdefault((plain(item.label), item.product.cis if item.product else ""), []).append(one)
    codes = {cis for _, cis in found if cis}
    shared = sum(len(_documents(part)) for part in found.values()) > len(_documents(same))
    return list(found.values()) if shared or len(codes) > 1 else [same]


def none_known(item: ClinicalItem) -> bool:
    """An absence of anything: "no-known-…" (IPS), by SNOMED CT, or an "allergy to substance" denied, as C-CDA writes it."""
    if item.status is not ProposalStatus.ABSENT:
        return False
    coded = item.code is not None and (item.code.code.startswith("no-") or item.code.code in _NONE_KNOWN)
    return coded or plain(item.label).startswith(("aucun", "pas d'allergie", "absence d'allergie"))


# SNOMED CT: no known allergy, no known drug allergy, no current problem; allergy to substance (which is denied).
_NONE_KNOWN = frozenset({"716186003", "409137002", "160245001", "419199007"})
