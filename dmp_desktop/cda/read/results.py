"""Laboratory results and vital signs: observations with a value, their limits, and the earlier results they quote."""

from __future__ import annotations

from typing import Any

from dmp_desktop.cda.read.labels import Labels
from dmp_desktop.cda.read.values import interval, iso, number
from dmp_desktop.cda.xml import XSI_TYPE, Element, Q, attribute, child, children, text
from dmp_desktop.terminology.oids import LOINC

Item = dict[str, Any]


def result(element: Element, labels: Labels) -> Item | None:
    """One observation; `written` is its value as the document writes it."""
    coded = child(element, "code")
    value, unit, written = value_of(element, labels)
    label = labels.of(coded)
    if not label and value is None:
        return None
    low, high, range_unit = _range(element)
    return {
        "loinc": _loinc(coded),
        "label": label,
        "value": value,
        "unit": unit,
        "low": low,
        "high": high,
        "flag": attribute(child(element, "interpretationCode"), "code") or None,
        "date": iso(date_of(element)),
        "written": written,
        "comparable": range_unit in (None, unit),
        "specimen": _specimen(element, labels),
        "laboratory": _laboratory(element),
    }


def vital(element: Element, labels: Labels) -> Item | None:
    found = result(element, labels)
    return None if found is None else {key: found[key] for key in ("loinc", "label", "value", "unit", "date")}


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
    kind = (value.get(XSI_TYPE) or "").rpartition(":")[2]
    if kind in {"CD", "CE", "CV", "CO"}:
        words = labels.of(value)
        return words or None, None, words
    if kind in {"IVL_PQ", "IVL_INT", "RTO"}:
        low, high = child(value, "low"), child(value, "high")
        bounds = " et ".join(bound for bound in (_bound(low, ">"), _bound(high, "<")) if bound) or text(value)
        return bounds or None, attribute(low, "unit") or attribute(high, "unit") or None, bounds
    written = attribute(value, "value") or text(value)
    plain = number(written) if attribute(value, "value") else written or None
    return plain, attribute(value, "unit") or None, written


def date_of(element: Element) -> str:
    """Own time, else that of the nearest act or organizer around."""
    node: Element | None = element
    while node is not None and node.tag != f"{Q}section":
        low, high = interval(child(node, "effectiveTime"))
        if low or high:
            return low or high
        node = node.getparent()
    return ""


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
        germ = child(node, "specimen", "specimenRole", "specimenPlayingEntity")
        if attribute(germ, "classCode") == "MIC":
            return labels.of(child(germ, "code")) or None
    return None


def _laboratory(element: Element) -> str | None:
    """The organisation that did the analysis, when an act around says so."""
    for node in (element, *element.iterancestors()):
        if node.tag == f"{Q}section":
            break
        name = text(child(node, "performer", "assignedEntity", "representedOrganization", "name"))
        if name:
            return name
    return None
