"""Slow and obvious entries of a consultation, element by element (reference cda.md, "Entries"), for `reference_body`."""

from __future__ import annotations

from dataclasses import dataclass

from dmp_desktop.domain.clinical import ClinicalItem
from dmp_desktop.domain.documents import Code
from dmp_desktop.domain.notes import ProposalStatus
from tests.unit.cda.reference_header import Element, add

XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
LOINC = "2.16.840.1.113883.6.1"
SYSTEMS = {
    LOINC: "LOINC",
    "2.16.840.1.113883.6.96": "SNOMED CT",
    "2.16.840.1.113883.6.3": "CIM-10",
    "2.16.840.1.113883.6.73": "ATC",
    "1.2.250.1.213.2.5": "CCAM",
    "1.2.250.1.213.2.3.1": "CIS",
}
CIS = "1.2.250.1.213.2.3.1"
HL7 = "2.16.840.1.113883.10.20.1."
PCC = "1.3.6.1.4.1.19376.1.5.3.1."
ANS = "1.2.250.1.213.1.1."


@dataclass
class Said:
    """One fact: where it stands (`topic`, `row`), its words (an ID), its moment (TS or '')."""

    item: ClinicalItem
    topic: str
    time: str
    words: str = ""
    row: str = ""


def decimal(value: float) -> str:
    return f"{value:.12f}".rstrip("0").rstrip(".")


def drug(item: ClinicalItem) -> str:
    strength = item.dosage.strength if item.dosage else ""
    return item.label if strength.replace(" ", "") in item.label.replace(" ", "") else f"{item.label} {strength}"


def loinc(parent: Element, code: str, label: str) -> Element:
    return add(parent, "code", code=code, displayName=label, codeSystem=LOINC, codeSystemName="LOINC")


def snomed(parent: Element, code: str, label: str) -> None:
    add(parent, "code", code=code, displayName=label, codeSystem="2.16.840.1.113883.6.96", codeSystemName="SNOMED CT")


def put_code(element: Element, code: Code | None, label: str) -> None:
    if code is None:
        element.set("nullFlavor", "UNK")
        return
    element.set("code", code.code)
    element.set("displayName", code.display or label)
    element.set("codeSystem", code.system)
    if code.system in SYSTEMS:
        element.set("codeSystemName", SYSTEMS[code.system])


def refer(parent: Element, name: str, words: str) -> None:
    add(add(parent, name), "reference", value=f"#{words}")


def coded(parent: Element, name: str, fact: Said, code: Code | None = None) -> None:
    element = add(parent, name, **({XSI_TYPE: "CD"} if name == "value" else {}))
    put_code(element, code or fact.item.code, fact.item.label)
    refer(element, "originalText", fact.words if fact.item.code else f"{fact.row}-name")


def act(parent: Element, name: str, classes: tuple[str, str], *templates: str, **attributes: str) -> Element:
    node = add(parent, name, classCode=classes[0], moodCode=classes[1], **attributes)
    for template in templates:
        add(node, "templateId", root=template)
    return node


def low_high(parent: Element, item: ClinicalItem, *, both: bool) -> None:
    for name, day in (("low", item.start), ("high", item.end)):
        if name == "low" or both:
            add(parent, name, **({"value": day.strftime("%Y%m%d")} if day else {"nullFlavor": "UNK"}))


def effective(parent: Element, time: str) -> None:
    add(parent, "effectiveTime", **({"value": time} if time else {"nullFlavor": "UNK"}))


def observation(parent: Element, fact: Said, *templates: str, code: Code | None = None) -> None:
    node = act(parent, "observation", ("OBS", "EVN"), *templates)
    add(node, "id")
    coded(node, "code", fact, code)
    refer(node, "text", fact.row)
    add(node, "statusCode", code="completed")
    effective(node, fact.time)
    value = fact.item.value
    if isinstance(value, float | int):
        unit = {"unit": fact.item.unit} if fact.item.unit not in ("", "1") else {}
        add(node, "value", **{XSI_TYPE: "PQ"}, value=decimal(value), **unit)
    else:
        add(node, "value", value or fact.item.comment or fact.item.label, **{XSI_TYPE: "ED"})


def vitals(parent: Element, facts: list[Said]) -> None:
    for time in dict.fromkeys(fact.time for fact in facts):
        templates = (f"{HL7}32", f"{HL7}35", f"{PCC}4.13.1", f"{ANS}3.49")
        node = act(add(parent, "entry"), "organizer", ("CLUSTER", "EVN"), *templates)
        add(node, "id")
        loinc(node, "85353-1", "Signes vitaux")
        add(node, "statusCode", code="completed")
        effective(node, time)
        for fact in facts:
            if fact.time == time:
                component = add(node, "component", typeCode="COMP")
                observation(component, fact, f"{HL7}31", f"{PCC}4.13", f"{PCC}4.13.2", f"{ANS}3.50")


def results(parent: Element, facts: list[Said]) -> None:
    node = act(add(parent, "entry"), "organizer", ("CLUSTER", "EVN"), f"{ANS}3.208")
    add(node, "id")
    loinc(node, "26436-6", "Biologie polyvalente")
    add(node, "statusCode", code="completed")
    for fact in facts:
        observation(add(node, "component"), fact, f"{PCC}4.13", f"{ANS}3.48", f"{ANS}3.209")


def habits(parent: Element, facts: list[Said]) -> None:
    for fact in facts:
        other = None if fact.item.code else Code("11345-6", LOINC, "Autre élément social")
        observation(add(parent, "entry"), fact, f"{HL7}33", f"{PCC}4.13", f"{PCC}4.13.4", f"{ANS}3.52", code=other)


def concern(parent: Element, fact: Said, kinds: tuple[str, ...], inner: tuple[str, ...]) -> Element:
    """The observation of a new concern, its value left to write."""
    absent = fact.item.status is ProposalStatus.ABSENT
    over = absent or fact.topic == "history"
    node = act(add(parent, "entry"), "act", ("ACT", "EVN"), f"{HL7}27", f"{PCC}4.5.1", *kinds)
    add(node, "id")
    add(node, "code", nullFlavor="NA")
    add(node, "statusCode", code="completed" if over else "active")
    low_high(add(node, "effectiveTime"), fact.item, both=over)
    relation = add(node, "entryRelationship", typeCode="SUBJ", inversionInd="false")
    thing = act(relation, "observation", ("OBS", "EVN"), *inner, negationInd="true" if absent else "false")
    add(thing, "id")
    if fact.topic == "allergy":
        snomed(thing, "420134006", "propension aux effets indésirables")
    else:
        snomed(thing, "282291009", "interprétation diagnostique")
    refer(thing, "text", fact.row)
    add(thing, "statusCode", code="completed")
    low_high(add(thing, "effectiveTime"), fact.item, both=over)
    return thing


def reaction(thing: Element, fact: Said) -> None:
    if not fact.item.comment:
        return
    relation = add(thing, "entryRelationship", typeCode="MFST", inversionInd="false")
    templates = (f"{HL7}28", f"{HL7}54", f"{PCC}4.5", f"{ANS}3.37")
    node = act(relation, "observation", ("OBS", "EVN"), *templates, negationInd="false")
    add(node, "id")
    label = "symptôme rapporté par le patient ou le répondant"
    add(node, "code", code="418799008", displayName=label, codeSystem="2.16.840.1.113883.6.96")
    refer(node, "text", f"{fact.row}-how")
    add(node, "statusCode", code="completed")
    add(add(node, "effectiveTime"), "low", nullFlavor="UNK")
    refer(add(node, "value", **{XSI_TYPE: "CD"}, nullFlavor="UNK"), "originalText", f"{fact.row}-how")


def certainty(thing: Element, fact: Said) -> None:
    if fact.item.status is not ProposalStatus.SUSPECTED:
        return
    relation = add(thing, "entryRelationship", typeCode="SUBJ", inversionInd="true")
    node = act(relation, "observation", ("OBS", "EVN"), f"{PCC}4.13", f"{ANS}3.48", f"{ANS}3.171")
    add(node, "id")
    loinc(node, "66455-7", "Certitude")
    refer(node, "text", fact.row)
    add(node, "statusCode", code="completed")
    add(node, "effectiveTime", nullFlavor="UNK")
    system = "2.16.840.1.113883.4.642.1.1075"
    add(node, "value", **{XSI_TYPE: "CD"}, code="unconfirmed", displayName="Non confirmé", codeSystem=system)


def problems(parent: Element, facts: list[Said]) -> None:
    for fact in facts:
        thing = concern(parent, fact, (f"{PCC}4.5.2", f"{ANS}3.39"), (f"{HL7}28", f"{PCC}4.5", f"{ANS}3.37"))
        coded(thing, "value", fact)
        certainty(thing, fact)


def allergies(parent: Element, facts: list[Said]) -> None:
    for fact in facts:
        inner = (f"{HL7}18", f"{HL7}28", f"{PCC}4.5", f"{PCC}4.6", f"{ANS}3.41")
        thing = concern(parent, fact, (f"{PCC}4.5.3", f"{ANS}3.40"), inner)
        value = add(thing, "value", **{XSI_TYPE: "CD"})
        refer(value, "originalText", fact.words if fact.item.code else f"{fact.row}-name")
        role = add(add(thing, "participant", typeCode="CSM"), "participantRole", classCode="MANU")
        agent = add(role, "playingEntity", classCode="MMAT")
        code = add(agent, "code")
        put_code(code, fact.item.code, fact.item.label)
        refer(code, "originalText", f"{fact.row}-name")
        add(agent, "name", fact.item.label)
        reaction(thing, fact)
        certainty(thing, fact)


def family(parent: Element, facts: list[Said]) -> None:
    node = act(add(parent, "entry"), "organizer", ("CLUSTER", "EVN"), f"{HL7}23", f"{PCC}4.15", f"{ANS}3.59")
    add(node, "statusCode", code="completed")
    subject = add(node, "subject", typeCode="SBJ")
    add(subject, "templateId", root=f"{PCC}4.15.2")
    add(subject, "templateId", root=f"{ANS}3.60")
    add(add(subject, "relatedSubject", classCode="PRS"), "code", nullFlavor="UNK")
    for fact in facts:
        component = add(node, "component", typeCode="COMP")
        thing = act(component, "observation", ("OBS", "EVN"), f"{HL7}22", f"{PCC}4.13", f"{PCC}4.13.3", f"{ANS}3.51")
        add(thing, "id")
        snomed(thing, "282291009", "interprétation diagnostique")
        refer(thing, "text", fact.row)
        add(thing, "statusCode", code="completed")
        add(thing, "effectiveTime", nullFlavor="UNK")
        coded(thing, "value", fact)


def procedures(parent: Element, facts: list[Said]) -> None:
    for fact in facts:
        node = act(add(parent, "entry"), "procedure", ("PROC", "EVN"), f"{PCC}4.19", f"{HL7}29", f"{ANS}3.62")
        add(node, "id")
        coded(node, "code", fact)
        refer(node, "text", fact.row)
        add(node, "statusCode", code="completed")
        effective(node, fact.time)


def devices(parent: Element, facts: list[Said]) -> None:
    for fact in facts:
        node = act(add(parent, "entry"), "supply", ("SPLY", "EVN"), f"{HL7}34", f"{ANS}3.20")
        add(node, "id")
        refer(node, "text", fact.row)
        low_high(add(node, "effectiveTime", **{XSI_TYPE: "IVL_TS"}), fact.item, both=False)
        role = add(add(node, "participant", typeCode="DEV"), "participantRole", classCode="MANU")
        add(role, "id", nullFlavor="UNK")
        coded(add(role, "playingDevice", classCode="DEV", determinerCode="INSTANCE"), "code", fact)
