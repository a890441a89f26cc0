"""A slow and obvious header builder, element by element, to hold the compiled templates against."""

from __future__ import annotations

from lxml import etree

from dmp_desktop.cda.build import BuildRequest
from dmp_desktop.domain.people import Facility, Professional
from dmp_desktop.terminology import encounter_kind, facility_type, practice_setting, specialty

NS = "urn:hl7-org:v3"
Element = etree._Element


def add(parent: Element, name: str, text: str | None = None, **attributes: str) -> Element:
    element = etree.SubElement(parent, f"{{{NS}}}{name}", attributes)  # type: ignore[arg-type]
    element.text = text
    return element


def coded(parent: Element, name: str, code: object) -> None:
    add(parent, name, code=code.code, displayName=code.display, codeSystem=code.system)  # type: ignore[attr-defined]


def person(parent: Element, name: str, who: Professional) -> None:
    node = add(add(parent, name), "name")
    add(node, "family", who.family)
    add(node, "given", who.given)
    for part in ("prefix", "suffix"):
        if getattr(who, part):
            add(node, part, getattr(who, part))


def telecom(parent: Element, phone: str | None) -> None:
    if phone:
        add(parent, "telecom", value=phone.replace(" ", ""))


def organisation(parent: Element, name: str, facility: Facility) -> Element:
    node = add(parent, name)
    add(node, "id", root="1.2.250.1.71.4.2.2", extension=facility.id)
    add(node, "name", facility.name)
    return node


def professional(parent: Element, request: BuildRequest) -> None:
    who = request.context.professional
    add(parent, "id", root="1.2.250.1.71.4.2.1", extension="8" + who.rpps)
    coded(parent, "code", specialty(who.specialty))
    telecom(parent, who.phone)
    person(parent, "assignedPerson", who)
    organisation(parent, "representedOrganization", request.context.facility)


def stamp(moment: object) -> str:
    return moment.strftime("%Y%m%d%H%M%S%z")  # type: ignore[attr-defined, no-any-return]


def period(parent: Element, request: BuildRequest) -> None:
    node = add(parent, "effectiveTime")
    add(node, "low", value=stamp(request.context.encounter.start))
    if request.context.encounter.end:
        add(node, "high", value=stamp(request.context.encounter.end))


def patient(root: Element, request: BuildRequest) -> None:
    who = request.context.patient
    role = add(add(root, "recordTarget"), "patientRole")
    add(role, "id", root=who.ins.oid, extension=who.ins.value)
    place = who.address
    lines = [place.line, f"{place.postal_code} {place.city}".strip()] if place else []
    if any(lines):
        address = add(role, "addr", use="H")
        for line in filter(None, lines):
            add(address, "streetAddressLine", line)
    telecom(role, who.phone)
    telecom(role, f"mailto:{who.email}" if who.email else None)
    node = add(role, "patient")
    name = add(node, "name")
    add(name, "family", who.birth_family, qualifier="BR")
    add(name, "given", who.birth_given)
    add(name, "given", who.first_given, qualifier="BR")
    if who.used_family:
        add(name, "family", who.used_family, qualifier="CL")
    if who.used_given:
        add(name, "given", who.used_given, qualifier="CL")
    label = {"F": "Féminin", "M": "Masculin", "UN": "Inconnu"}[who.sex.value]
    add(node, "administrativeGenderCode", code=who.sex.value, displayName=label, codeSystem="2.16.840.1.113883.5.1")
    add(node, "birthTime", value=who.birth_date.strftime("%Y%m%d"))
    born = add(add(add(node, "birthplace"), "place"), "addr")
    add(born, "county", who.birth_place_cog)
    if who.birth_place:
        add(born, "city", who.birth_place)


def identity(root: Element, request: BuildRequest) -> None:
    add(root, "realmCode", code="FR")
    add(root, "typeId", root="2.16.840.1.113883.1.3", extension="POCD_HD000040")
    for template in ("2.16.840.1.113883.2.8.2.1", "1.2.250.1.213.1.1.1.1", "1.3.6.1.4.1.19376.1.5.3.1.1.1"):
        add(root, "templateId", root=template)
    title = "CR ou fiche de consultation ou de visite"
    add(root, "id", root=request.unique_id)
    add(root, "code", code="11488-4", displayName=title, codeSystem="2.16.840.1.113883.6.1")
    add(root, "title", title)
    add(root, "effectiveTime", value=stamp(request.now))
    add(root, "confidentialityCode", code="N", displayName="Normal", codeSystem="2.16.840.1.113883.5.25")
    add(root, "languageCode", code="fr-FR")
    add(root, "setId", root=request.set_id)
    add(root, "versionNumber", value=str(request.version))


def reference_header(request: BuildRequest) -> Element:
    """Everything but the last `component`."""
    context = request.context
    root = etree.Element(
        f"{{{NS}}}ClinicalDocument", nsmap={None: NS, "xsi": "http://www.w3.org/2001/XMLSchema-instance"}
    )
    identity(root, request)
    patient(root, request)
    author = add(root, "author")
    add(author, "time", value=stamp(request.now))
    professional(add(author, "assignedAuthor"), request)
    custodian = add(add(root, "custodian"), "assignedCustodian")
    organisation(custodian, "representedCustodianOrganization", context.facility)
    for recipient in context.recipients:
        node = add(add(root, "informationRecipient"), "intendedRecipient")
        add(node, "id", root="1.2.250.1.71.4.2.1", extension="8" + recipient.rpps)
        telecom(node, recipient.phone)
        person(node, "informationRecipient", recipient)
    legal = add(root, "legalAuthenticator")
    add(legal, "time", value=stamp(request.now))
    add(legal, "signatureCode", code="S")
    professional(add(legal, "assignedEntity"), request)
    if context.attending:
        participant = add(root, "participant", typeCode="INF")
        system = "2.16.840.1.113883.5.88"
        add(participant, "functionCode", code="PCP", displayName="Médecin traitant", codeSystem=system)
        add(participant, "time", nullFlavor="NA")
        entity = add(participant, "associatedEntity", classCode="PROV")
        add(entity, "id", root="1.2.250.1.71.4.2.1", extension="8" + context.attending.rpps)
        coded(entity, "code", specialty(context.attending.specialty))
        telecom(entity, context.attending.phone)
        person(entity, "associatedPerson", context.attending)
    act(root, request)
    return root


def act(root: Element, request: BuildRequest) -> None:
    context = request.context
    event = add(add(root, "documentationOf"), "serviceEvent")
    period(event, request)
    entity = add(add(event, "performer", typeCode="PRF"), "assignedEntity")
    add(entity, "id", root="1.2.250.1.71.4.2.1", extension="8" + context.professional.rpps)
    person(entity, "assignedPerson", context.professional)
    place = organisation(entity, "representedOrganization", context.facility)
    coded(place, "standardIndustryClassCode", practice_setting(context.facility.practice_setting))
    if request.replaces:
        parent = add(add(root, "relatedDocument", typeCode="RPLC"), "parentDocument")
        add(parent, "id", root=request.replaces.unique_id)
        add(parent, "versionNumber", value=str(request.replaces.version))
    encounter = add(add(root, "componentOf"), "encompassingEncounter")
    coded(encounter, "code", encounter_kind(context.encounter.kind))
    period(encounter, request)
    facility = add(add(encounter, "location"), "healthCareFacility")
    coded(facility, "code", facility_type(context.facility.sector))
