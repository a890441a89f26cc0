"""Rules on what every coded part has, whatever its model (CDA R2 schema, IHE PCC): its classes, a value or why there is none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from dmp_desktop.cda.check.findings import Report
from dmp_desktop.cda.check.templates import ENTRY
from dmp_desktop.cda.xml import XSI_TYPE, Element, Q, child, local, template_ids

_ALLERGY: Final = f"{ENTRY}41"
_STATEMENTS: Final = ("act", "encounter", "observation", "observationMedia", "organizer", "procedure", "supply")
_LINKS: Final = ("entry", "entryRelationship", "component")
_TIMES: Final = ("effectiveTime", "low", "high", "center")
_NESTED: Final = ("templateId", "realmCode", "typeId", "seperatableInd", "sequenceNumber")


def check_structure(document: Element, report: Report) -> None:
    """Every element of the entries of the body."""
    body = child(document, "component", "structuredBody")
    for component in () if body is None else body.iter(f"{Q}component"):
        if not any(local(one) not in _NESTED for one in component):
            report.error("part-empty", "Une partie du document est vide.", component)
    for entry in () if body is None else body.iter(f"{Q}entry"):
        for element in entry.iter(f"{Q}*"):
            for rule in _RULES.get(local(element), ()):
                rule(element, report)


def _check_classes(element: Element, report: Report) -> None:
    for name in ("classCode", "moodCode"):
        if not element.get(name):
            report.error("part-class", "La nature d'une donnée codée manque.", element, f"@{name}")


def _check_link(element: Element, report: Report) -> None:
    if local(element) in ("entryRelationship", "participant") and not element.get("typeCode"):
        report.error("part-link", "Le lien d'une donnée codée avec ce qu'elle complète manque.", element, "@typeCode")
    if not any(local(one) not in _NESTED for one in element):
        report.error("part-empty", "Une donnée codée est vide.", element)


def _check_status(element: Element, report: Report) -> None:
    if not element.get("code") and element.get("nullFlavor") is None:
        report.error("part-status", "L'état d'une donnée codée manque.", element, "@code")


def _check_coded(element: Element, report: Report) -> None:
    """A code, why there is none, or words; a label or a system alone says nothing."""
    if element.get("code") or element.get("nullFlavor") is not None:
        return
    if element.get("codeSystem") or element.get("displayName") or (local(element) != "value" and not len(element)):
        report.error("part-code", "Un code est annoncé et manque.", element, "@code")


def _check_time(element: Element, report: Report) -> None:
    """The first one: a second may repeat it in another way, of which nothing more is known."""
    told = any(element.get(name) is not None for name in ("value", "nullFlavor", "unit")) or len(element)
    if not told and next(element.itersiblings(element.tag, preceding=True), None) is None:
        report.error("part-time", "Une date est annoncée et manque, sans qu'il soit dit pourquoi.", element, "@value")


def _check_value(element: Element, report: Report) -> None:
    holder = element.getparent()
    if holder is None or local(holder) != "observation":
        return
    if not element.get(XSI_TYPE):
        report.error("part-type", "Le type d'une valeur codée manque.", element, "@xsi:type")
    _check_coded(element, report)


def _check_reference(element: Element, report: Report) -> None:
    """To words in the narrative; ten official examples leave that of a treatment empty, which no official rule refuses."""
    holder = element.getparent()
    statement = holder.getparent() if holder is not None and local(holder) in ("text", "originalText") else None
    if statement is not None and local(statement) != "substanceAdministration" and not element.attrib:
        report.error("part-reference", "Une donnée codée ne dit pas où elle est écrite.", element, "@value")


def _check_agent(element: Element, report: Report) -> None:
    """What an allergy is to."""
    holder = element.getparent()
    if holder is None or _ALLERGY not in template_ids(holder):
        return
    path = "participantRole/playingEntity/code/originalText/reference"
    if child(element, *path.split("/")) is None:
        report.error("part-agent", "Ce à quoi le patient est allergique n'est pas nommé.", element, path)


_RULES: Final[dict[str, tuple[Callable[[Element, Report], None], ...]]] = {
    **dict.fromkeys((*_STATEMENTS, "substanceAdministration"), (_check_classes,)),
    **dict.fromkeys(_LINKS, (_check_link,)),
    **dict.fromkeys(_TIMES, (_check_time,)),
    **dict.fromkeys(("code", "routeCode", "approachSiteCode", "translation"), (_check_coded,)),
    "statusCode": (_check_status,),
    "value": (_check_value,),
    "reference": (_check_reference,),
    "participant": (_check_link, _check_agent),
}
