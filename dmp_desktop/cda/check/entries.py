"""Rules on coded data: parts of each entry (reference cda.md, "Entries"), dates and numbers that are some, absences in words."""

from __future__ import annotations

import math
from dataclasses import dataclass

from dmp_desktop.cda.check.body import anchors, has_words
from dmp_desktop.cda.check.findings import Report
from dmp_desktop.cda.check.templates import ENTRY
from dmp_desktop.cda.read.values import utc
from dmp_desktop.cda.xml import XSI_TYPE, Element, Q, attribute, child, children, local, text
from dmp_desktop.terminology import is_icd10, vital_sign_by_code
from dmp_desktop.terminology.oids import ABSENT_OR_UNKNOWN, ICD10, SNOMED_CT

_REFERENCE = "text/reference"


@dataclass(frozen=True, slots=True)
class Shape:
    """One model of entry: its name and the children, by path, without which it says nothing."""

    name: str
    parts: tuple[str, ...]


_CONCERN = ("id", "code", "statusCode", "effectiveTime/low", "entryRelationship/observation")
_SIMPLE = ("id", "code", _REFERENCE, "statusCode", "effectiveTime")
_OBSERVATION = (*_SIMPLE, "value")
_CONDITION = ("id", "code", _REFERENCE, "statusCode", "effectiveTime/low", "value/originalText")
SHAPES = {
    f"{ENTRY}39": Shape("un problème", _CONCERN),
    f"{ENTRY}40": Shape("une allergie", _CONCERN),
    f"{ENTRY}37": Shape("un problème", _CONDITION),
    f"{ENTRY}41": Shape("une allergie", _CONDITION),
    f"{ENTRY}62": Shape("un acte", ("id", "code", _REFERENCE, "statusCode")),
    f"{ENTRY}42": Shape("un traitement", ("id", _REFERENCE, "statusCode", "consumable/manufacturedProduct")),
    f"{ENTRY}43": Shape("un produit de santé", ("manufacturedMaterial/code", "manufacturedMaterial/name")),
    f"{ENTRY}45": Shape(
        "une vaccination", ("id", "code", _REFERENCE, "statusCode", "effectiveTime", "consumable/manufacturedProduct")
    ),
    f"{ENTRY}82": Shape("un rang vaccinal", ("code", "statusCode", "value")),
    f"{ENTRY}49": Shape("des signes vitaux", ("id", "code", "statusCode", "effectiveTime", "component/observation")),
    f"{ENTRY}48": Shape("une observation", _SIMPLE),
    f"{ENTRY}50": Shape("un signe vital", _OBSERVATION),
    f"{ENTRY}51": Shape("un antécédent familial", _OBSERVATION),
    f"{ENTRY}59": Shape(
        "des antécédents familiaux", ("statusCode", "subject/relatedSubject/code", "component/observation")
    ),
    f"{ENTRY}171": Shape("une certitude", _OBSERVATION),
    f"{ENTRY}208": Shape("des résultats", ("statusCode",)),
    f"{ENTRY}52": Shape("un mode de vie", _SIMPLE),
}

# Codes that say there is nothing: HL7 IPS "Absent and unknown data", and SNOMED CT.
_ABSENT_SNOMED = frozenset({"716186003", "409137002", "428607008", "160245001", "787481004"})
_TIMES = ("effectiveTime", "time", "low", "high", "center")
_QUANTITIES = frozenset({"PQ", "INT", "REAL"})


def _body(document: Element) -> Element | None:
    return child(document, "component", "structuredBody")


def check_shapes(document: Element, report: Report) -> None:
    body = _body(document)
    for template in () if body is None else body.iter(f"{Q}templateId"):
        shape = SHAPES.get(attribute(template, "root"))
        entry = template.getparent()
        if shape is None or entry is None:
            continue
        for part in shape.parts:
            if child(entry, *part.split("/")) is None:
                report.error("entry-part", f"Une donnée codée ({shape.name}) est incomplète.", entry, part)


def check_entry_codes(document: Element, report: Report) -> None:
    body = _body(document)
    for element in () if body is None else body.iter(f"{Q}code", f"{Q}value"):
        if element.get("code") is None:
            continue
        if not attribute(element, "codeSystem"):
            report.error("entry-code-system", "La nomenclature d'une donnée codée manque.", element, "@codeSystem")
        if not attribute(element, "displayName"):
            report.warn("entry-code-label", "Le libellé d'une donnée codée manque.", element, "@displayName")


def check_entry_times(document: Element, report: Report) -> None:
    body = _body(document)
    for element in () if body is None else body.iter(*(f"{Q}{name}" for name in _TIMES)):
        stamp = element.get("value")
        if stamp is None or _is_quantity(element):
            continue
        if utc(stamp.strip()) is None:
            report.error("entry-time", "Une date n'existe pas.", element, "@value")


def _is_quantity(bound: Element) -> bool:
    """`low` and `high` also bound quantities: those have a unit, or stand in a value or a dose."""
    parent = bound.getparent()
    return bound.get("unit") is not None or (
        parent is not None and local(parent) in {"value", "doseQuantity", "rateQuantity"}
    )


def check_quantities(document: Element, report: Report) -> None:
    body = _body(document)
    for element in () if body is None else body.iter(f"{Q}value"):
        kind = (element.get(XSI_TYPE) or "").rpartition(":")[2]
        if kind in _QUANTITIES and element.get("nullFlavor") is None and not _is_number(attribute(element, "value")):
            report.error("quantity", "Une mesure n'est pas un nombre.", element, "@value")


def _is_number(value: str) -> bool:
    try:
        return math.isfinite(float(value)) and "_" not in value
    except ValueError:
        return False


def check_negations(document: Element, report: Report) -> None:
    """HL7 BL: another spelling is an absence for one reader and a presence for the next."""
    body = _body(document)
    for element in () if body is None else body.iter(f"{Q}*"):
        if element.get("negationInd", "false") not in ("true", "false"):
            report.error("negation", "Une négation doit être true ou false.", element, "@negationInd")


def check_lots(document: Element, report: Report) -> None:
    """Told here, where official examples do it; refused in a vaccination note (`kinds`)."""
    body = _body(document)
    for element in () if body is None else body.iter(f"{Q}lotNumberText"):
        if element.get("nullFlavor") is None and not text(element):
            report.warn("lot", "Un numéro de lot est annoncé et manque.", element)


def check_plausible(document: Element, report: Report) -> None:
    """Vital signs outside what a person can have, in the unit of their code."""
    body = _body(document)
    for element in () if body is None else body.iter(f"{Q}observation"):
        sign = vital_sign_by_code().get(attribute(child(element, "code"), "code"))
        value = child(element, "value")
        number = attribute(value, "value")
        same = sign is not None and attribute(value, "unit") == sign.unit and _is_number(number)
        if sign is not None and same and not sign.plausible(float(number)):
            report.warn("implausible", "Une mesure est hors de ce qui est possible.", element, "value/@value")


def check_diseases(document: Element, report: Report) -> None:
    body = _body(document)
    for element in () if body is None else body.iter(f"{Q}value"):
        if (
            attribute(element, "codeSystem") == ICD10
            and element.get("code")
            and not is_icd10(attribute(element, "code"))
        ):
            report.warn("icd10", "Un code CIM-10 n'est pas dans notre table.", element, "@code")


def check_absences(document: Element, report: Report) -> None:
    """An absence is the gravest thing a document can say: a reader must find it in words."""
    body = _body(document)
    if body is None:
        return
    targets = anchors(document)
    for element in body.iter(f"{Q}observation", f"{Q}act", f"{Q}substanceAdministration", f"{Q}procedure"):
        if not _states_absence(element):
            continue
        names = [attribute(item, "value").lstrip("#") for item in _references(element)]
        if not any(name in targets and has_words(targets[name]) for name in names):
            report.error("absence-words", "Une absence est codée sans être écrite dans le texte.", element, _REFERENCE)


def _states_absence(element: Element) -> bool:
    if element.get("negationInd") == "true":
        return True
    for coded in (*children(element, "code"), *children(element, "value")):
        system, value = attribute(coded, "codeSystem"), attribute(coded, "code")
        if system == ABSENT_OR_UNKNOWN and value.startswith("no-known"):
            return True
        if system == SNOMED_CT and value in _ABSENT_SNOMED:
            return True
    return False


def _references(element: Element) -> list[Element]:
    """Those of the entry itself, of its code and of its value; not those of entries inside it."""
    holders = [*children(element, "text")]
    for coded in (*children(element, "code"), *children(element, "value")):
        holders += children(coded, "originalText")
    return [reference for holder in holders for reference in children(holder, "reference")]
