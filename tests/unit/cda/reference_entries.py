"""Entries built element by element, slowly and plainly: what the templates must say."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from lxml import etree

from dmp_desktop.domain.clinical import ClinicalItem, ItemKind
from dmp_desktop.domain.documents import Code
from dmp_desktop.domain.notes import ProposalStatus
from dmp_desktop.terminology.oids import SYSTEM_NAMES

NS = "urn:hl7-org:v3"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
TYPE = f"{{{XSI}}}type"
PCC = "1.3.6.1.4.1.19376.1.5.3.1.4."
CISIS = "1.2.250.1.213.1.1.3."
CCD = "2.16.840.1.113883.10.20.1."
SNOMED = {"codeSystem": "2.16.840.1.113883.6.96"}
LOINC = {"codeSystem": "2.16.840.1.113883.6.1", "codeSystemName": "LOINC"}
Element = Any


def add(parent: Element, name: str, *templates: str, **attributes: str) -> Element:
    child = etree.SubElement(parent, f"{{{NS}}}{name}", attributes)
    for root in templates:
        add(child, "templateId", root=root)
    return child


def typed(parent: Element, name: str, kind: str, **attributes: str) -> Element:
    child = add(parent, name, **attributes)
    child.set(TYPE, kind)
    return child


def entry(**attributes: str) -> Element:
    return etree.Element(f"{{{NS}}}entry", attributes, nsmap={None: NS, "xsi": XSI})


def attributes_of(code: Code | None, label: str) -> dict[str, str]:
    if code is None:
        return {"nullFlavor": "UNK"}
    found = {"code": code.code, "displayName": code.display or label, "codeSystem": code.system}
    return found | ({"codeSystemName": SYSTEM_NAMES[code.system]} if code.system in SYSTEM_NAMES else {})


def refer(parent: Element, row: str) -> None:
    add(add(parent, "text"), "reference", value=f"#{row}")


def original(parent: Element, words: str) -> None:
    add(add(parent, "originalText"), "reference", value=f"#{words}")


def limit(parent: Element, name: str, day: Any) -> None:
    add(parent, name, **({"value": f"{day:%Y%m%d}"} if day else {"nullFlavor": "UNK"}))


def concern(item: ClinicalItem, row: str, identifiers: Any) -> Element:
    """A problem or an allergy that goes on, or a problem that is over."""
    allergy = item.kind is ItemKind.ALLERGY
    over = item.status in (ProposalStatus.HISTORY, ProposalStatus.ABSENT)
    root = entry()
    act = add(
        root,
        "act",
        f"{CCD}27",
        f"{PCC}5.1",
        f"{PCC}5.3" if allergy else f"{PCC}5.2",
        f"{CISIS}40" if allergy else f"{CISIS}39",
        classCode="ACT",
        moodCode="EVN",
    )
    add(act, "id", root=next(identifiers))
    add(act, "code", nullFlavor="NA")
    add(act, "statusCode", code="completed" if over else "active")
    period(act, item, over)
    link = add(act, "entryRelationship", typeCode="SUBJ", inversionInd="false")
    own = (
        (f"{CCD}18", f"{CCD}28", f"{PCC}5", f"{PCC}6", f"{CISIS}41")
        if allergy
        else (f"{CCD}28", f"{PCC}5", f"{CISIS}37")
    )
    negated = "true" if item.status is ProposalStatus.ABSENT else "false"
    observation = add(link, "observation", *own, classCode="OBS", moodCode="EVN", negationInd=negated)
    inner = next(identifiers)
    add(observation, "id", root=inner)
    meaning = (
        ("420134006", "propension aux effets indésirables") if allergy else ("282291009", "interprétation diagnostique")
    )
    add(observation, "code", code=meaning[0], displayName=meaning[1], **SNOMED, codeSystemName="SNOMED CT")
    refer(observation, row)
    add(observation, "statusCode", code="completed")
    period(observation, item, over)
    value = typed(observation, "value", "CD", **({} if allergy else attributes_of(item.code, item.label)))
    original(value, f"{row}-name")
    if allergy:
        agent(observation, item, row)
        reaction(observation, item, row, identifiers)
    certainty(observation, item, row, identifiers)
    return root


def period(parent: Element, item: ClinicalItem, over: bool) -> None:
    time = add(parent, "effectiveTime")
    limit(time, "low", item.start)
    if over:
        limit(time, "high", item.end)


def agent(observation: Element, item: ClinicalItem, row: str) -> None:
    role = add(add(observation, "participant", typeCode="CSM"), "participantRole", classCode="MANU")
    entity = add(role, "playingEntity", classCode="MMAT")
    original(add(entity, "code", **attributes_of(item.code, item.label)), f"{row}-name")
    add(entity, "name").text = item.label


def reaction(observation: Element, item: ClinicalItem, row: str, identifiers: Any) -> None:
    if not item.comment:
        return
    link = add(observation, "entryRelationship", typeCode="MFST", inversionInd="false")
    found = add(
        link,
        "observation",
        f"{CCD}28",
        f"{CCD}54",
        f"{PCC}5",
        f"{CISIS}37",
        classCode="OBS",
        moodCode="EVN",
        negationInd="false",
    )
    add(found, "id", root=next(identifiers))
    add(found, "code", code="418799008", displayName="symptôme rapporté par le patient ou le répondant", **SNOMED)
    refer(found, f"{row}-how")
    add(found, "statusCode", code="completed")
    limit(add(found, "effectiveTime"), "low", None)
    original(typed(found, "value", "CD", nullFlavor="UNK"), f"{row}-how")


def certainty(observation: Element, item: ClinicalItem, row: str, identifiers: Any) -> None:
    if item.status is not ProposalStatus.SUSPECTED:
        return
    link = add(observation, "entryRelationship", typeCode="SUBJ", inversionInd="true")
    said = add(link, "observation", f"{PCC}13", f"{CISIS}48", f"{CISIS}171", classCode="OBS", moodCode="EVN")
    add(said, "id", root=next(identifiers))
    add(said, "code", code="66455-7", displayName="Certitude", **LOINC)
    refer(said, row)
    add(said, "statusCode", code="completed")
    add(said, "effectiveTime", nullFlavor="UNK")
    system = "2.16.840.1.113883.4.642.1.1075"
    typed(said, "value", "CD", code="unconfirmed", displayName="Non confirmé", codeSystem=system)


def treatment(item: ClinicalItem, row: str, identifiers: Any, *, hours: str, dose: str, name: str) -> Element:
    """A treatment without CIS; `hours` between two intakes and `dose` of each, both known."""
    root = entry(typeCode="DRIV")
    act = add(
        root,
        "substanceAdministration",
        f"{CCD}24",
        f"{PCC}7",
        f"{CISIS}42",
        f"{PCC}7.1",
        classCode="SBADM",
        moodCode="EVN",
    )
    add(act, "id", root=next(identifiers))
    drug = {"codeSystem": "2.16.840.1.113883.5.4", "codeSystemName": "HL7:ActCode"}
    add(act, "code", code="DRUG", displayName="Médicament", **drug)
    refer(act, row)
    add(act, "statusCode", code="completed")
    assert item.start is not None
    assert item.dosage is not None
    assert item.dosage.duration_days is not None
    time = typed(act, "effectiveTime", "IVL_TS")
    limit(time, "low", item.start)
    limit(time, "high", item.start + timedelta(days=item.dosage.duration_days))
    often = typed(act, "effectiveTime", "PIVL_TS", operator="A", institutionSpecified="true")
    add(often, "period", value=hours, unit="h")
    quantity = add(act, "doseQuantity")
    add(quantity, "low", value=dose)
    add(quantity, "high", value=dose)
    product = add(add(act, "consumable"), "manufacturedProduct", f"{CCD}53", f"{PCC}7.2", f"{CISIS}43")
    material = add(product, "manufacturedMaterial")
    code = add(material, "code", nullFlavor="UNK")
    original(code, f"{row}-name")
    add(code, "translation", **attributes_of(item.code, item.label))
    add(material, "name").text = name
    return root


def vital(item: ClinicalItem, row: str, identifiers: Any, value: str) -> Element:
    """One dated measure, alone in its group. The inner identifier is drawn first."""
    inner, outer = next(identifiers), next(identifiers)
    assert item.start is not None
    day = f"{item.start:%Y%m%d}"
    root = entry()
    group = add(
        root, "organizer", f"{CCD}32", f"{CCD}35", f"{PCC}13.1", f"{CISIS}49", classCode="CLUSTER", moodCode="EVN"
    )
    add(group, "id", root=outer)
    add(group, "code", code="85353-1", displayName="Signes vitaux", **LOINC)
    add(group, "statusCode", code="completed")
    add(group, "effectiveTime", value=day)
    measure = add(
        add(group, "component", typeCode="COMP"),
        "observation",
        f"{CCD}31",
        f"{PCC}13",
        f"{PCC}13.2",
        f"{CISIS}50",
        classCode="OBS",
        moodCode="EVN",
    )
    add(measure, "id", root=inner)
    original(add(measure, "code", **attributes_of(item.code, item.label)), f"{row}-name")
    refer(measure, row)
    add(measure, "statusCode", code="completed")
    add(measure, "effectiveTime", value=day)
    typed(measure, "value", "PQ", value=value, unit=item.unit)
    return root
