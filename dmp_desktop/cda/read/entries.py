"""Coded entries -> plain dicts (design/cli.md, `cda data`). What an entry means is told by its templateIds, never by its place.

templateIds: IHE PCC TF-2 and CI-SIS "modèles de contenus CDA" (reference cda.md, "Entries").
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dmp_desktop.cda.read.values import interval, iso, number
from dmp_desktop.cda.xml import XSI_TYPE, Element, Q, attribute, child, children, template_ids, text
from dmp_desktop.terminology.oids import ATC

_PCC = "1.3.6.1.4.1.19376.1.5.3.1.4"
PROBLEM = f"{_PCC}.5"
ALLERGY = f"{_PCC}.6"
TREATMENT = f"{_PCC}.7"
VACCINATION = f"{_PCC}.12"
VITAL_SIGN = f"{_PCC}.13.2"
PROCEDURE = f"{_PCC}.19"
LAB_RESULT = "1.3.6.1.4.1.19376.1.3.1.6"  # IHE PaLM
_RANK = "1.2.250.1.213.1.1.3.82"  # FR-Rang-de-la-vaccination

Item = dict[str, Any]


class Labels:
    """Finds the words an entry points at in the narrative; the index is made once, when first needed."""

    def __init__(self, document: Element) -> None:
        self._document = document
        self._index: dict[str, Element] | None = None

    def text(self, reference: str) -> str:
        if self._index is None:
            self._index = {element.get("ID", ""): element for element in self._document.iter() if element.get("ID")}
        return text(self._index.get(reference.removeprefix("#")))

    def of(self, coded: Element | None, *fallbacks: Element | None) -> str:
        """displayName, else the words pointed at, else the words written, else the code."""
        display = attribute(coded, "displayName")
        if display:
            return display
        for place in (child(coded, "originalText"), *fallbacks):
            reference = attribute(child(place, "reference"), "value")
            words = (self.text(reference) if reference.startswith("#") else "") or text(place)
            if words:
                return words
        return attribute(coded, "code")


def read_entries(document: Element) -> dict[str, list[Item]]:
    """Lists by kind: problems, allergies, treatments, vaccinations, results, vitals, procedures."""
    labels = Labels(document)
    found: dict[str, list[Item]] = {
        name: [] for name in ("problems", "allergies", "treatments", "vaccinations", "results", "vitals", "procedures")
    }
    tags = [f"{Q}{name}" for name in ("observation", "substanceAdministration", "procedure")]
    for element in document.iter(*tags):
        ids = set(template_ids(element))
        for template, kind, reader in _READERS:
            if template in ids:
                item = reader(element, labels)
                if item is not None:
                    found[kind].append(item)
                break
    return found


def _coded(element: Element | None) -> Item:
    return {"code": attribute(element, "code") or None, "system": attribute(element, "codeSystem") or None}


def _period(element: Element) -> Item:
    low, high = interval(child(element, "effectiveTime"))
    return {"start": iso(low), "end": iso(high)}


def _concern_status(element: Element) -> str:
    """statusCode of the concern act around an observation, or ''."""
    parent = element.getparent()
    act = None if parent is None else parent.getparent()
    return "" if act is None else attribute(child(act, "statusCode"), "code")


def _status(element: Element) -> str:
    if element.get("negationInd") == "true":
        return "absent"
    return {"completed": "history", "active": "present"}.get(_concern_status(element), "present")


def _problem(element: Element, labels: Labels) -> Item | None:
    value = child(element, "value")
    label = labels.of(value, child(element, "text"), value)
    if not label:
        return None
    return {"label": label, **_coded(value), "status": _status(element), **_period(element)}


def _allergy(element: Element, labels: Labels) -> Item | None:
    value = child(element, "value")
    agent = child(element, "participant", "participantRole", "playingEntity")
    agent_code = child(agent, "code")
    name = labels.of(agent_code) or text(child(agent, "name"))
    label = labels.of(value, child(element, "text")) or name
    if not label:
        return None
    return {
        "label": label,
        **_coded(value),
        "agent": name or None,
        "agent_code": attribute(agent_code, "code") or None,
        "agent_system": attribute(agent_code, "codeSystem") or None,
        "status": _status(element),
        **_period(element),
    }


def _product(element: Element, labels: Labels) -> tuple[str, Item, Element | None]:
    """Name, code and material of what is given."""
    material = child(element, "consumable", "manufacturedProduct", "manufacturedMaterial")
    coded = child(material, "code")
    label = labels.of(coded) or text(child(material, "name")) or labels.of(None, child(element, "text"))
    atc = [item for item in children(coded, "translation") if attribute(item, "codeSystem") == ATC]
    own = attribute(coded, "code") if attribute(coded, "codeSystem") == ATC else ""
    return label, {**_coded(coded), "atc": (attribute(atc[0], "code") if atc else own) or None}, material


def _treatment(element: Element, labels: Labels) -> Item | None:
    """Subordinate administrations (parts of a split dose) carry no product and are left out."""
    label, coded, _ = _product(element, labels)
    if not label:
        return None
    dose = child(element, "doseQuantity")
    low = dose if attribute(dose, "value") else child(dose, "low")
    return {
        "label": label,
        **coded,
        **_period(element),
        "dose": number(attribute(low, "value")) if attribute(low, "value") else None,
        "dose_unit": attribute(low, "unit") or None,
        "text": labels.of(None, child(element, "text")) or None,
        "negated": element.get("negationInd") == "true",
    }


def _vaccination(element: Element, labels: Labels) -> Item | None:
    label, coded, material = _product(element, labels)
    if not label:
        return None
    low, _ = interval(child(element, "effectiveTime"))
    ranks = [item for item in element.iter(f"{Q}observation") if _RANK in template_ids(item)]
    rank = attribute(child(ranks[0], "value"), "value") if ranks else ""
    return {
        "label": label,
        **coded,
        "date": iso(low),
        "lot": text(child(material, "lotNumberText")) or None,
        "site": labels.of(child(element, "approachSiteCode")) or None,
        "rank": int(rank) if rank.isdigit() else None,
        "done": element.get("negationInd") != "true",
    }


def _value(element: Element, labels: Labels) -> tuple[Any, str | None]:
    """(value, unit) of an observation, whatever its data type."""
    value = child(element, "value")
    if value is None:
        return None, None
    kind = (value.get(XSI_TYPE) or "").rpartition(":")[2]
    if kind in {"CD", "CE", "CV", "CO"}:
        return labels.of(value) or None, None
    if kind in {"IVL_PQ", "IVL_INT", "RTO"}:
        low, high = child(value, "low"), child(value, "high")
        bounds = [f">= {attribute(low, 'value')}"] if attribute(low, "value") else []
        bounds += [f"<= {attribute(high, 'value')}"] if attribute(high, "value") else []
        return " et ".join(bounds) or text(value) or None, attribute(low, "unit") or attribute(high, "unit") or None
    written = attribute(value, "value")
    return (number(written) if written else text(value) or None), attribute(value, "unit") or None


def _range(element: Element) -> tuple[Any, Any]:
    """First reference range that has bounds."""
    for reference in children(element, "referenceRange"):
        bounds = child(reference, "observationRange", "value")
        low, high = attribute(child(bounds, "low"), "value"), attribute(child(bounds, "high"), "value")
        if low or high:
            return (number(low) if low else None), (number(high) if high else None)
    return None, None


def _result(element: Element, labels: Labels) -> Item | None:
    coded = child(element, "code")
    value, unit = _value(element, labels)
    label = labels.of(coded)
    if not label and value is None:
        return None
    low, high = _range(element)
    return {
        "loinc": attribute(coded, "code") or None,
        "label": label,
        "value": value,
        "unit": unit,
        "low": low,
        "high": high,
        "flag": attribute(child(element, "interpretationCode"), "code") or None,
        "date": iso(_date(element)),
    }


def _date(element: Element) -> str:
    """Own time, else that of the nearest act or organizer around."""
    node: Element | None = element
    while node is not None and node.tag != f"{Q}section":
        low, high = interval(child(node, "effectiveTime"))
        if low or high:
            return low or high
        node = node.getparent()
    return ""


def _vital(element: Element, labels: Labels) -> Item | None:
    result = _result(element, labels)
    return None if result is None else {key: result[key] for key in ("loinc", "label", "value", "unit", "date")}


def _procedure(element: Element, labels: Labels) -> Item | None:
    coded = child(element, "code")
    label = labels.of(coded, child(element, "text"))
    low, high = interval(child(element, "effectiveTime"))
    return {"label": label, **_coded(coded), "date": iso(low or high)} if label else None


# The most precise template first: an allergy is also a problem, a vital sign also a simple observation.
_READERS: tuple[tuple[str, str, Callable[[Element, Labels], Item | None]], ...] = (
    (ALLERGY, "allergies", _allergy),
    (PROBLEM, "problems", _problem),
    (VITAL_SIGN, "vitals", _vital),
    (LAB_RESULT, "results", _result),
    (VACCINATION, "vaccinations", _vaccination),
    (TREATMENT, "treatments", _treatment),
    (PROCEDURE, "procedures", _procedure),
)
