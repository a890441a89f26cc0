"""The header: whose document, by whom, when; and the XDS metadata it implies (reference dmp-transactions §5.5)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime

from dmp_desktop.cda.read.values import birth_date, code, interval, known_digits, name_parts, utc
from dmp_desktop.cda.xml import Element, attribute, child, children, parse, template_ids, text
from dmp_desktop.domain.documents import Author, Code, DocumentEntry
from dmp_desktop.domain.ins import INS_OIDS, InsIdentity
from dmp_desktop.errors import CdaError
from dmp_desktop.terminology import document_class, format_code
from dmp_desktop.terminology.oids import DOCUMENT_CLASS, FORMAT_ANS, PS_IDNAT, STRUCT_IDNAT

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNKNOWN = Code("", "")


@dataclass(frozen=True, slots=True, repr=False)
class DocumentPatient:
    """The patient as a document names them; empty when it does not. `birth_digits`: as far as it is told, `1978` or `197803`."""

    ins: InsIdentity | None
    birth_family: str
    birth_given: str
    first_given: str
    used_family: str
    used_given: str
    sex: str
    birth_date: date | None
    birth_digits: str
    birth_place_cog: str
    birth_place: str

    def __repr__(self) -> str:
        """Never shows an identity: representations end up in logs."""
        return "DocumentPatient(…)"


@dataclass(frozen=True, slots=True)
class DocumentIdentifiers:
    """Names of one version of a document: its own id, that of the set of versions, its rank."""

    unique_id: str
    set_id: str
    version: int


def entry_from_cda(cda: bytes) -> DocumentEntry:
    """XDS metadata of a document: every code from its header, hash and size from its bytes.

    Raises CdaError when it cannot be read at all. What is missing stays empty: `check` says what must not be.
    """
    return entry_from_document(parse(cda), cda)


def entry_from_document(document: Element, cda: bytes) -> DocumentEntry:
    """As `entry_from_cda`, on a document already parsed."""
    identifiers = document_identifiers(document)
    type_code = code(child(document, "code")) or _UNKNOWN
    events = children(document, "documentationOf")
    low, high = interval(child(events[0], "serviceEvent", "effectiveTime")) if events else ("", "")
    confidentiality = code(child(document, "confidentialityCode"))
    legal = child(document, "legalAuthenticator")
    patient = read_patient(document)
    facility = child(document, "componentOf", "encompassingEncounter", "location", "healthCareFacility", "code")
    return DocumentEntry(
        unique_id=identifiers.unique_id,
        title=text(child(document, "title")),
        type_code=type_code,
        class_code=document_class(type_code.code) or Code("", DOCUMENT_CLASS),
        format_code=document_format(document),
        creation_time=utc(attribute(child(document, "effectiveTime"), "value")) or _EPOCH,
        patient=patient.ins,
        version=identifiers.version,
        hash_sha1=hashlib.sha1(cda, usedforsecurity=False).hexdigest(),  # ITI TF-3 §4.2.3.2.10
        size=len(cda),
        language=attribute(child(document, "languageCode"), "code"),
        service_start=utc(low) if low else None,
        service_stop=utc(high) if high else None,
        facility_type=code(facility),
        practice_setting=_practice_setting(events[0]) if events else None,
        confidentiality=(confidentiality,) if confidentiality else (),
        events=tuple(event for event in (code(child(item, "serviceEvent", "code")) for item in events) if event),
        authors=tuple(_author(author) for author in children(document, "author")),
        legal_authenticator=None if legal is None else _person(child(legal, "assignedEntity"), "assignedPerson"),
        source_patient_info=_patient_info(patient),
        replaces=_identifier(child(document, "relatedDocument", "parentDocument", "id")),
    )


def source_of_document(document: Element) -> str:
    """As `source_of`, straight from the header: the facts of a record are read by the hundred."""
    low, _ = interval(child(document, "documentationOf", "serviceEvent", "effectiveTime"))
    made = utc(attribute(child(document, "effectiveTime"), "value")) or _EPOCH
    author = child(document, "author")
    name = "" if author is None else _author(author).display_name
    return _quoted_source(text(child(document, "title")), name, (utc(low) if low else None) or made)


def source_of(entry: DocumentEntry) -> str:
    """A document as a source is quoted: title, author, date of the act (or of the document)."""
    author = entry.authors[0].display_name if entry.authors else ""
    return _quoted_source(entry.title, author, entry.service_start or entry.creation_time)


def _quoted_source(title: str, author: str, when: datetime) -> str:
    return ", ".join(part for part in (title, author, f"{when.astimezone():%d/%m/%Y}") if part)


def document_identifiers(document: Element) -> DocumentIdentifiers:
    version = attribute(child(document, "versionNumber"), "value")
    return DocumentIdentifiers(
        unique_id=_identifier(child(document, "id")),
        set_id=_identifier(child(document, "setId")),
        version=int(version) if version.isdigit() and len(version) < 9 else 1,
    )


def identifiers_from_cda(cda: bytes) -> DocumentIdentifiers:
    """What a replacement needs to know of the document it replaces. Raises CdaError."""
    identifiers = document_identifiers(parse(cda))
    if not identifiers.unique_id or not identifiers.set_id:
        raise CdaError("cda-id", "Le document à remplacer n'a pas d'identifiant.", "Choisissez un autre document.")
    return identifiers


def document_format(document: Element) -> Code:
    """formatCode: by media type for an unstructured body, else by the header's templateIds."""
    body = child(document, "component", "nonXMLBody", "text")
    try:
        return format_code(template_ids(document), None if body is None else attribute(body, "mediaType"))
    except KeyError:
        return Code("", FORMAT_ANS)


def read_patient(document: Element) -> DocumentPatient:
    """The first recordTarget."""
    role = child(document, "recordTarget", "patientRole")
    patient = child(role, "patient")
    name = child(patient, "name")
    ins = next((item for item in children(role, "id") if attribute(item, "root") in INS_OIDS), None)
    address = child(patient, "birthplace", "place", "addr")
    born = attribute(child(patient, "birthTime"), "value")
    return DocumentPatient(
        ins=None if ins is None else InsIdentity(attribute(ins, "extension"), attribute(ins, "root")),
        birth_family=name_parts(name, "family", "BR") or name_parts(name, "family", None),
        birth_given=name_parts(name, "given", None),
        first_given=name_parts(name, "given", "BR"),
        used_family=name_parts(name, "family", "CL") or name_parts(name, "family", "SP"),
        used_given=name_parts(name, "given", "CL"),
        sex=attribute(child(patient, "administrativeGenderCode"), "code"),
        birth_date=birth_date(born),
        birth_digits=known_digits(born),
        birth_place_cog=text(child(address, "county")),
        birth_place=text(child(address, "city")),
    )


def _identifier(element: Element | None) -> str:
    root, extension = attribute(element, "root"), attribute(element, "extension")
    return f"{root}^{extension}" if extension else root


def _practice_setting(event: Element) -> Code | None:
    organisation = child(event, "serviceEvent", "performer", "assignedEntity", "representedOrganization")
    return code(child(organisation, "standardIndustryClassCode"))


def _author(author: Element) -> Author:
    role = child(author, "functionCode")
    return _person(child(author, "assignedAuthor"), "assignedPerson", attribute(role, "displayName"))


def _person(entity: Element | None, person: str, role: str = "") -> Author:
    """An assignedAuthor or assignedEntity; a device shows its software's name."""
    name = child(entity, person, "name")
    device = child(entity, "assignedAuthoringDevice")
    ids = children(entity, "id")
    main = next((item for item in ids if attribute(item, "root") == PS_IDNAT), ids[0] if ids else None)
    organisation = child(entity, "representedOrganization")
    places = children(organisation, "id")
    place = next((item for item in places if attribute(item, "root") == STRUCT_IDNAT), None)
    family = " ".join(text(part) for part in children(name, "family"))
    return Author(
        family=family or text(child(device, "softwareName")) or text(child(device, "manufacturerModelName")),
        given=" ".join(text(part) for part in children(name, "given")),
        person_id=attribute(main, "extension"),
        person_root=attribute(main, "root"),
        institution=text(child(organisation, "name")),
        institution_id=attribute(place, "extension"),
        specialty=code(child(entity, "code")),
        role=role,
    )


def _patient_info(patient: DocumentPatient) -> tuple[str, ...]:
    """XDS sourcePatientInfo: PID-5 birth name (type L) and used name (type D), PID-7, PID-8 (HL7 v2 escapes applied)."""
    given = patient.birth_given or patient.first_given
    lines = [f"PID-5|{_escaped(patient.birth_family)}^{_escaped(given)}^^^^^L"] if patient.birth_family else []
    if patient.used_family or patient.used_given:
        family, used = patient.used_family or patient.birth_family, patient.used_given or patient.first_given
        lines.append(f"PID-5|{_escaped(family)}^{_escaped(used)}^^^^^D")
    if patient.birth_date:
        lines.append(f"PID-7|{patient.birth_date:%Y%m%d}")
    if patient.sex in {"M", "F"}:
        lines.append(f"PID-8|{patient.sex}")
    elif patient.sex:
        lines.append("PID-8|U")
    return tuple(lines)


def _escaped(value: str) -> str:
    """HL7 v2.5 §2.7 escape sequences."""
    for char, sequence in (("\\", "\\E\\"), ("|", "\\F\\"), ("^", "\\S\\"), ("&", "\\T\\"), ("~", "\\R\\")):
        value = value.replace(char, sequence)
    return value
