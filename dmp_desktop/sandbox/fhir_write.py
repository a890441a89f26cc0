"""FHIR resources as registry objects: what a DocumentReference or a List of MHD says in XDS (the tables of docs/adr/0016)."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote

from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.sandbox import fhir_names, names
from dmp_desktop.sandbox.fhir_errors import wrong
from dmp_desktop.sandbox.fhir_names import Json
from dmp_desktop.sandbox.fhir_people import authenticator, author_slots, contained, source_slots
from dmp_desktop.sandbox.fhir_read import REFERENCES
from dmp_desktop.sandbox.fhir_values import (
    classification,
    concepts,
    cx,
    hash_to_hex,
    oid_of,
    plain,
    to_dtm,
)
from dmp_desktop.sandbox.model import Classification, Kind, RegistryObject, Slots

_CONDITIONAL = "Patient?identifier="
MIME_TYPES = {"application/xml": "text/xml"}
"""The draft writes a CDA's media type so; XDS and the DMP `text/xml`."""


def document_entry(found: Json, identifier: str) -> RegistryObject:
    """The entry of a DocumentReference, under a name of the message. Raises Refused."""
    _expect(found.get("status") == "current", "Un document déposé a le statut current", "DocumentReference.status")
    _require(
        found, "DocumentReference", "masterIdentifier", "type", "category", "subject", "date", "author", "custodian"
    )
    _require(found, "DocumentReference", "securityLabel", "content", "context")
    _expect(len(found["content"]) == 1, "Un document et un seul par fiche", "DocumentReference.content")
    content, context = found["content"][0], found["context"]
    attachment = content["attachment"]
    _require(attachment, "DocumentReference.content.attachment", "title", "creation")
    _require(content, "DocumentReference.content", "format")
    _require(context, "DocumentReference.context", "period", "facilityType", "practiceSetting", "sourcePatientInfo")
    _expect(not archived_asked(found), "Un document déposé n'est pas archivé", "DocumentReference.extension")
    codes = (
        *concepts(names.TYPE_CODE, found["type"]),
        *concepts(names.CLASS_CODE, *found["category"]),
        *concepts(names.CONFIDENTIALITY, *found["securityLabel"]),
        *concepts(names.FACILITY_CODE, context["facilityType"]),
        *concepts(names.PRACTICE_CODE, context["practiceSetting"]),
        *concepts(names.EVENT_CODE, *context.get("event", [])),
        classification(names.FORMAT_CODE, content["format"]),
        *(Classification(names.AUTHOR, slots=author_slots(found, reference)) for reference in found["author"]),
    )
    return RegistryObject(
        id=identifier,
        kind=Kind.ENTRY,
        name=str(attachment["title"]),
        description=str(found.get("description", "")),
        mime_type=MIME_TYPES.get(attachment["contentType"], str(attachment["contentType"])),
        object_type=names.STABLE_DOCUMENT,
        status="",
        slots=_slots(found, attachment, context),
        classifications=codes,
        external={
            names.ENTRY_PATIENT_ID: patient_cx(found),
            names.ENTRY_UNIQUE_ID: _uri_oid(found["masterIdentifier"], "DocumentReference.masterIdentifier"),
        },
    )


def _slots(found: Json, attachment: Json, context: Json) -> Slots:
    period = context["period"]
    slots: dict[str, tuple[str, ...]] = {"creationTime": (to_dtm(attachment["creation"]),)}
    if "start" in period:
        slots["serviceStartTime"] = (to_dtm(period["start"]),)
    if "end" in period:
        slots["serviceStopTime"] = (to_dtm(period["end"]),)
    if "language" in attachment:
        slots["languageCode"] = (str(attachment["language"]),)
    if "hash" in attachment:
        slots["hash"] = (hash_to_hex(attachment["hash"]),)
    if "size" in attachment:
        slots["size"] = (str(attachment["size"]),)
    if "authenticator" in found:
        slots["legalAuthenticator"] = (authenticator(found, found["authenticator"]),)
    related = tuple(_cxi(row.get("identifier", {})) for row in context.get("related", []))
    if related:
        slots[REFERENCES] = related
    return {**slots, **source_slots(contained(found, context["sourcePatientInfo"], "Patient"))}


def _cxi(identifier: Json) -> str:
    kind = ((identifier.get("type") or {}).get("coding") or [{}])[0].get("code", "")
    if not identifier.get("value") or not kind:
        raise wrong("Un identifiant de référence est sans valeur ou sans type", "DocumentReference.context.related")
    system = oid_of(identifier.get("system", ""))
    return cx(identifier, plain(kind)) if system else f"{plain(identifier['value'])}^^^^{plain(kind)}"


def submission_set(found: Json, identifier: str) -> RegistryObject:
    """The SubmissionSet of a List. Raises Refused."""
    _require(found, "List", "identifier", "code", "subject", "date", "source", "extension")
    _expect(found["status"] == "current" and found["mode"] == "working", "Un lot est current et working", "List.status")
    kinds = [(row.get("system"), row.get("code")) for row in found["code"].get("coding", [])]
    _expect(
        kinds == [(fhir_names.LIST_TYPES, fhir_names.SUBMISSION_SET)],
        "La List n'est pas un lot de soumission",
        "List.code",
    )
    unique = [row for row in found["identifier"] if row.get("use") == "usual"]
    _expect(len(unique) == 1, "Un identifiant d'usage usual est attendu", "List.identifier")
    extensions = {row["url"]: row for row in found["extension"]}
    for url in (fhir_names.DESIGNATION, fhir_names.SOURCE_ID):
        _expect(url in extensions, "Extension obligatoire absente : designationType, sourceId", "List.extension")
    source = extensions[fhir_names.SOURCE_ID].get("valueIdentifier", {})
    return RegistryObject(
        id=identifier,
        kind=Kind.SET,
        name=str(found.get("title", "")),
        description=str(found.get("note", [{"text": ""}])[0]["text"]),
        status="",
        slots={"submissionTime": (to_dtm(found["date"]),)},
        classifications=(
            *concepts(names.CONTENT_TYPE, extensions[fhir_names.DESIGNATION].get("valueCodeableConcept", {})),
            Classification(names.SET_AUTHOR, slots=author_slots(found, found["source"])),
        ),
        external={
            names.SET_PATIENT_ID: patient_cx(found),
            names.SET_SOURCE_ID: _uri_oid(source, "List.extension"),
            names.SET_UNIQUE_ID: _uri_oid(unique[0], "List.identifier"),
        },
    )


def patient_cx(found: Json) -> str:
    """The patient of `subject`: by identifier, by a conditional reference, or a contained resource."""
    subject = found["subject"]
    reference = str(subject.get("reference", ""))
    if reference.startswith("#"):
        identifier = contained(found, subject, "Patient").get("identifier", [{}])[0]
    elif reference.startswith(_CONDITIONAL):
        system, _, value = unquote(reference.removeprefix(_CONDITIONAL)).partition("|")
        identifier = {"system": system, "value": value}
    else:
        identifier = subject.get("identifier", {})
    return cx(identifier, "NH")


def same_patient(identifier: Json, patient: InsIdentity) -> bool:
    return (identifier.get("value"), oid_of(identifier.get("system", ""))) == (patient.value, patient.oid)


def archived_asked(found: Json) -> bool:
    """What the extension isArchived says; absent is false."""
    rows = {row["url"]: row.get("valueBoolean") for row in found.get("extension", [])}
    return rows.get(fhir_names.IS_ARCHIVED) is True


def _uri_oid(identifier: Json, where: str) -> str:
    oid = oid_of(identifier.get("value", ""))
    _expect(
        identifier.get("system") == fhir_names.URIS and bool(oid),
        "Identifiant urn:oid: attendu (urn:ietf:rfc:3986)",
        where,
    )
    return oid


def _require(found: Mapping[str, object], where: str, *wanted: str) -> None:
    for name in wanted:
        _expect(name in found, "Élément obligatoire absent", f"{where}.{name}")


def _expect(holds: bool, text: str, where: str) -> None:
    if not holds:
        raise wrong(text, where)
