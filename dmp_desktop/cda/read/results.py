"""Laboratory results and vital signs: observations with a value, their limits, and the earlier results they quote."""

from __future__ import annotations

import re
from typing import Any

from dmp_desktop.cda.read.labels import Labels
from dmp_desktop.cda.read.once import once
from dmp_desktop.cda.read.standing import interrupted, negated, standing, withdrawn
from dmp_desktop.cda.read.values import interval, iso, number
from dmp_desktop.cda.xml import XSI_TYPE, Element, Q, attribute, child, children, text
from dmp_desktop.domain.notes import ProposalStatus
from dmp_desktop.terminology.oids import LOINC
from dmp_desktop.terminology.wording import plain

Item = dict[str, Any]

_CODED = frozenset({"CD", "CE", "CV", "CO"})
# HL7 ObservationInterpretation, the most serious first; the last but one stands for those we do not know.
_FLAGS: tuple[frozenset[str], ...] = (
    frozenset({"HH", "LL", "AA", "HU", "LU"}),
    frozenset({"H", "L", "A", ">", "<", "HX", "LX"}),
    frozenset({"POS", "DET", "R", "RR", "I", "IND", "E"}),
    frozenset(),
    frozenset({"N", "NEG", "ND", "S", "SS"}),
)
_INEQUALITY = re.compile(r"(<=|>=|<|>|≤|≥)\s*(-?\d+(?:[.,]\d+)?)")
_OPERATORS = {"≤": "<=", "≥": ">="}
# Beginnings of words that name what was analysed in the title of a section.
_MATERIALS = (
    ("urin", "Urine"),
    ("ecbu", "Urine"),
    ("seri", "Sérum"),
    ("plasma", "Plasma"),
    ("sang", "Sang"),
    ("hemato", "Sang"),
    ("copro", "Selles"),
    ("selle", "Selles"),
    ("lcr", "LCR"),
    ("lcs", "LCR"),
    ("cephalo", "LCR"),
)


def result(element: Element, labels: Labels) -> Item | None:
    """One observation; `written` is its value as the document writes it."""
    coded = child(element, "code")
    value, unit, written = value_of(element, labels)
    operator, bound = inequality(written)
    label = labels.of(coded)
    if not label and value is None:
        return None
    low, high, range_unit = _range(element)
    return {
        "loinc": _loinc(coded),
        "code": attribute(coded, "code") or None,
        "system": attribute(coded, "codeSystem") or None,
        "label": label,
        "value": value,
        "unit": unit,
        "low": low,
        "high": high,
        "flag": _worst_flag(element),
        "date": iso(date_of(element)),
        "status": _status(element),
        "written": written,
        "operator": operator,
        "bound": bound,
        "limits_unit": None if range_unit == unit else range_unit,
        "specimen": _specimen(element, labels),
        "material": _material(element, labels),
        "material_hint": _material_hint(element),
        "laboratory": _laboratory(element),
    }


def vital(element: Element, labels: Labels) -> Item | None:
    found = result(element, labels)
    return None if found is None else {key: found[key] for key in ("loinc", "label", "value", "unit", "date", "status")}


def quantity(element: Element, labels: Labels) -> Item | None:
    """A simple observation (IHE PCC .13) that measures or counts something; boxes ticked and words are none.

    `simple`: without a LOINC code its name means something only in its place ("Impédance" of each lead of a pacemaker).
    """
    value = child(element, "value")
    measured = _type(value) in {"PQ", "INT", "REAL"} and attribute(value, "value")
    found = result(element, labels) if measured else None
    return None if found is None else found | {"simple": True}


def _status(element: Element) -> str:
    """A coded finding denied is absent; a quantity denied was not measured, like an analysis given up without a value."""
    value = child(element, "value")
    if negated(element):
        return ProposalStatus.ABSENT if _type(value) in _CODED else ProposalStatus.NOT_DONE
    given_up = value is None and interrupted(element) and not withdrawn(element)
    return ProposalStatus.NOT_DONE if given_up else standing(element) or ProposalStatus.DONE


def _worst_flag(element: Element) -> str | None:
    """Several interpretations may stand side by side (H, then HH): the most serious of them."""
    flags = [attribute(one, "code") for one in children(element, "interpretationCode")]
    return min(filter(None, flags), key=_seriousness, default=None)


def _seriousness(flag: str) -> int:
    return next((rank for rank, flags in enumerate(_FLAGS) if flag in flags), len(_FLAGS) - 2)


def quoted_results(element: Element, labels: Labels) -> list[Item]:
    """Earlier results that a laboratory puts beside this one (CI-SIS "antériorités": REFR, no template of their own)."""
    found = []
    for link in children(element, "entryRelationship"):
        earlier = child(link, "observation")
        if link.get("typeCode") == "REFR" and earlier is not None and not children(earlier, "templateId"):
            item = result(earlier, labels)
            if item is not None:
                found.append(item)
    return found


def value_of(element: Element, labels: Labels) -> tuple[Any, str | None, str]:
    """(value, unit, value as written) of an observation, whatever its data type."""
    value = child(element, "value")
    if value is None:
        return None, None, ""
    kind = _type(value)
    if kind in _CODED:
        words = labels.of(value)
        return words or None, None, words
    if kind in {"IVL_PQ", "IVL_INT", "RTO"}:
        low, high = child(value, "low"), child(value, "high")
        bounds = " et ".join(bound for bound in (_bound(low, ">"), _bound(high, "<")) if bound) or text(value)
        return bounds or None, attribute(low, "unit") or attribute(high, "unit") or None, bounds
    written = attribute(value, "value") or text(value)
    plain = number(written) if attribute(value, "value") else written or None
    return plain, attribute(value, "unit") or None, written


def inequality(written: str) -> tuple[str, float | None]:
    """`> 10000` -> (">", 10000.0), where the value is that and nothing else."""
    found = _INEQUALITY.fullmatch(written.strip())
    return (_OPERATORS.get(found[1], found[1]), float(found[2].replace(",", "."))) if found else ("", None)


def _type(value: Element | None) -> str:
    return attribute(value, XSI_TYPE).rpartition(":")[2]


def date_of(element: Element) -> str:
    """Own time, else that of the nearest act or organizer around."""
    node: Element | None = element
    while node is not None and node.tag != f"{Q}section":
        moment = _moment(node)
        if moment:
            return moment
        node = node.getparent()
    return ""


@once
def _moment(act: Element) -> str:
    low, high = interval(child(act, "effectiveTime"))
    return low or high


def _bound(bound: Element | None, sign: str) -> str:
    """`<= 1.0`; inclusive unless it says otherwise (HL7 data types, IVL)."""
    written = attribute(bound, "value")
    open_end = attribute(bound, "inclusive") == "false"
    return f"{sign}{'' if open_end else '='} {written}" if written else ""


def _loinc(coded: Element | None) -> str | None:
    """The LOINC code, own or translated; a laboratory's own code is none."""
    for place in (coded, *children(coded, "translation")):
        if attribute(place, "codeSystem") == LOINC:
            return attribute(place, "code") or None
    return None


def _range(element: Element) -> tuple[Any, Any, str | None]:
    """(low, high, unit) of the range called normal, else of the first that has bounds."""
    found = []
    for reference in children(element, "referenceRange"):
        bounds = child(reference, "observationRange", "value")
        low, high = child(bounds, "low"), child(bounds, "high")
        if attribute(low, "value") or attribute(high, "value"):
            called = attribute(child(reference, "observationRange", "interpretationCode"), "code")
            found.append((called != "N", low, high))
    if not found:
        return None, None, None
    _, low, high = min(found, key=lambda item: item[0])
    ends = [number(attribute(end, "value")) if attribute(end, "value") else None for end in (low, high)]
    return ends[0], ends[1], attribute(low, "unit") or attribute(high, "unit") or None


def _specimen(element: Element, labels: Labels) -> str | None:
    """The germ that the observation, or the isolate it is part of, is about."""
    for node in (element, *element.iterancestors(f"{Q}organizer")):
        germ = _first_specimen(node)
        if attribute(germ, "classCode") == "MIC":
            return labels.of(child(germ, "code")) or None
    return None


@once
def _first_specimen(node: Element) -> Element | None:
    return child(node, "specimen", "specimenRole", "specimenPlayingEntity")


def _material(element: Element, labels: Labels) -> str | None:
    """What was analysed, as the observation, or an act or organizer around it, declares it; where that names several, none."""
    for node in (element, *element.iterancestors(f"{Q}organizer", f"{Q}act", f"{Q}section")):
        if node.tag == f"{Q}section":
            return None
        named = _materials(node, labels)
        if named:
            return next(iter(named)) if len(named) == 1 else None
    return None


@once
def _materials(node: Element, labels: Labels) -> frozenset[str]:
    played = [one for one in _specimens(node) if attribute(one, "classCode") != "MIC"]
    return frozenset(labels.of(child(one, "code")) or text(child(one, "name")) for one in played) - {""}


def _specimens(node: Element) -> list[Element]:
    """The specimen of an act itself, and that of the sampling beside the observations (IHE PaLM specimen collection)."""
    roles = [child(one, "specimenRole", "specimenPlayingEntity") for one in children(node, "specimen")]
    for link in (*children(node, "component"), *children(node, "entryRelationship")):
        sampling = child(link, "procedure")
        parts = (part for part in children(sampling, "participant") if part.get("typeCode") == "PRD")
        roles += [child(part, "participantRole", "playingEntity") for part in parts]
    return [role for role in roles if role is not None]


def _material_hint(element: Element) -> str | None:
    """What the title of the nearest section with such a word names; where it names several, none."""
    for section in element.iterancestors(f"{Q}section"):
        named = _titled(section)
        if named:
            return next(iter(named)) if len(named) == 1 else None
    return None


@once
def _titled(section: Element) -> frozenset[str]:
    words = re.findall(r"\w+", plain(text(child(section, "title"))))
    return frozenset(name for start, name in _MATERIALS for word in words if word.startswith(start))


def _laboratory(element: Element) -> str | None:
    """The organisation that did the analysis, when an act around says so."""
    for node in (element, *element.iterancestors()):
        if node.tag == f"{Q}section":
            break
        name = _performer(node)
        if name:
            return name
    return None


@once
def _performer(act: Element) -> str:
    return text(child(act, "performer", "assignedEntity", "representedOrganization", "name"))
