"""XDS metadata out: a submission as ebRIM 3.0 objects, in the order the DMP wants (reference §5, ITI TF-3 §4.2)."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from dmp_desktop.dmp import hl7, names
from dmp_desktop.dmp.xmltext import xml
from dmp_desktop.domain.documents import Author, Availability, Code, DocumentEntry, Submission, Visibility
from dmp_desktop.domain.ins import INS_OIDS
from dmp_desktop.terminology import oids

SIGNATURE_ID = "signature"

# The signature of the lot is an entry of its own (reference §6).
SIGNATURE_CLASS = Code("urn:oid:1.3.6.1.4.1.19376.1.2.1.1.1", "URN", "Digital Signature")
SIGNATURE_TYPE = Code("E1762", "ASTM", "Full Document")
SIGNATURE_FORMAT = Code("http://www.w3.org/2000/09/xmldsig#", "URN", "Default Signature Style")
SIGNATURE_EVENT = Code("1.2.840.10065.1.12.1.14", "1.2.840.10065.1.12", "Source")
CONFIDENTIALITY_NORMAL = Code("N", oids.CONFIDENTIALITY, "Normal")
VISIBILITY_CODES = {
    Visibility.MASQUE_PS: Code("MASQUE_PS", oids.DMP_CONFIDENTIALITY, "Masqué aux professionnels de santé"),
    Visibility.INVISIBLE_PATIENT: Code("INVISIBLE_PATIENT", oids.DMP_CONFIDENTIALITY, "Non visible par le patient"),
    Visibility.INVISIBLE_REPRESENTANTS_LEGAUX: Code(
        "INVISIBLE_REPRESENTANTS_LEGAUX",
        oids.DMP_CONFIDENTIALITY,
        "Non visible par les représentants légaux du patient",
    ),
}
_OBJECT_TYPE = "urn:oasis:names:tc:ebxml-regrep:ObjectType:RegistryObject"


@dataclass(frozen=True, slots=True)
class Lot:
    """The metadata of one ITI-41 and the content ids of its documents, in order: the documents, then the signature."""

    xml: str
    document_ids: tuple[str, ...]


def lot(submission: Submission, signature: bytes, now: datetime, submission_uuid: uuid.UUID) -> Lot:
    """`SubmitObjectsRequest` of a submission with its signature document."""
    set_id = f"urn:uuid:{submission_uuid}"
    parts = [submission_set(submission, set_id, now)]
    ids = []
    for number, (entry, _content) in enumerate(submission.documents, 1):
        ids.append(f"document{number}")
        parts.append(_extrinsic_object(ids[-1], entry))
    ids.append(SIGNATURE_ID)
    parts.append(_extrinsic_object(SIGNATURE_ID, signature_entry(submission, signature, now, submission_uuid)))
    original = slot("SubmissionSetStatus", ["Original"])
    parts += [association(names.HAS_MEMBER, set_id, member, original) for member in ids]
    parts.append(association(names.SIGNS, SIGNATURE_ID, set_id))
    for member, (entry, _content) in zip(ids, submission.documents, strict=False):
        if replaced := submission.replaced_entry_uuids.get(entry.unique_id):
            parts.append(association(names.RPLC, member, replaced))
    return Lot(_request(parts), tuple(ids))


def package(submission: Submission, files: Sequence[str], now: datetime, submission_uuid: uuid.UUID) -> str:
    """`SubmitObjectsRequest` of a set on a medium (METADATA.XML, ITI TF-2 §3.32.4.1.2): `files` names each document, in order.

    It is not signed. Only a document of the same set can be told as replaced: the entryUUID of another one is its registry's.
    """
    set_id = f"urn:uuid:{submission_uuid}"
    entries = [entry for entry, _content in submission.documents]
    ids = [f"document{number}" for number in range(1, len(entries) + 1)]
    original = slot("SubmissionSetStatus", ["Original"])
    parts = [submission_set(submission, set_id, now)]
    parts += [_extrinsic_object(*told) for told in zip(ids, entries, files, strict=True)]
    parts += [association(names.HAS_MEMBER, set_id, member, original) for member in ids]
    inside = {entry.unique_id: member for member, entry in zip(ids, entries, strict=True)}
    for member, entry in zip(ids, entries, strict=True):
        if replaced := inside.get(entry.replaces):
            parts.append(association(names.RPLC, member, replaced))
    return _request(parts)


def _request(objects: Iterable[str]) -> str:
    return (
        f'<lcm:SubmitObjectsRequest xmlns:lcm="{names.LCM}" xmlns:rim="{names.RIM}"><rim:RegistryObjectList>'
        f"{''.join(objects)}</rim:RegistryObjectList></lcm:SubmitObjectsRequest>"
    )


def signature_entry(submission: Submission, signature: bytes, now: datetime, unique: uuid.UUID) -> DocumentEntry:
    """The entry of the lot's signature: for machines only, hidden from everyone but its author.

    Each try signs anew (SigningTime), so the identifier follows the bytes: a repository that kept an earlier try's signature
    does not take this one for the same document with another hash.
    """
    model = submission.documents[0][0]
    digest = hashlib.sha1(signature, usedforsecurity=False).hexdigest()
    return DocumentEntry(
        unique_id=f"2.25.{uuid.uuid5(unique, digest).int}",
        title="Source",
        type_code=SIGNATURE_TYPE,
        class_code=SIGNATURE_CLASS,
        format_code=SIGNATURE_FORMAT,
        creation_time=now,
        patient=submission.patient,
        mime_type="text/xml",
        hash_sha1=digest,
        size=len(signature),
        language="art",
        service_start=model.service_start or now,
        facility_type=model.facility_type,
        practice_setting=model.practice_setting,
        confidentiality=(
            CONFIDENTIALITY_NORMAL,
            VISIBILITY_CODES[Visibility.MASQUE_PS],
            VISIBILITY_CODES[Visibility.INVISIBLE_PATIENT],
        ),
        events=(SIGNATURE_EVENT,),
        authors=(submission.author,),
        legal_authenticator=model.legal_authenticator,
        source_patient_info=model.source_patient_info,
    )


def utc(moment: datetime) -> str:
    """XDS DTM: `yyyyMMddHHmmss` in UTC."""
    return moment.astimezone(UTC).strftime("%Y%m%d%H%M%S")


def person(author: Author) -> str:
    """authorPerson, data type XCN. The identifier's type follows who assigned it: IDNPS for a national person identifier (EI for
    an employee's, structure/internal), NH for a patient's INS, RI with name type U for a device."""
    if author.person_root in INS_OIDS:
        name_type, kind = "D", "NH"
    elif author.person_root == oids.PS_IDNAT:
        name_type, kind = "D", "EI" if "/" in author.person_id else "IDNPS"
    else:
        name_type, kind = "U", "RI"
    identifier, family, given = (hl7.escape(part) for part in (author.person_id, author.family, author.given))
    return f"{identifier}^{family}^{given}^^^^^^&{author.person_root}&ISO^{name_type}^^^{kind}"


def institution(author: Author) -> str:
    """authorInstitution, data type XON."""
    name = hl7.escape(author.institution)
    if not author.institution_id:
        return name
    return f"{name}^^^^^&{oids.STRUCT_IDNAT}&ISO^IDNST^^^{hl7.escape(author.institution_id)}"


def submission_set(submission: Submission, set_id: str, now: datetime) -> str:
    """The RegistryPackage of a lot."""
    content = submission.content_type
    return (
        f'<rim:RegistryPackage id="{set_id}" objectType="{_OBJECT_TYPE}:RegistryPackage" status="{Availability.APPROVED}">'
        + slot("submissionTime", [utc(now)])
        + _name(submission.title or "Lot de soumission")
        + _classification(set_id, names.SET_NODE, node=True)
        + _author(set_id, names.SET_AUTHOR, submission.author)
        + coded(set_id, names.SET_CONTENT_TYPE, content)
        + _identifier(set_id, names.SET_PATIENT_ID, "XDSSubmissionSet.patientId", submission.patient.cx)
        + _identifier(set_id, names.SET_SOURCE_ID, "XDSSubmissionSet.sourceId", submission.source_id)
        + _identifier(set_id, names.SET_UNIQUE_ID, "XDSSubmissionSet.uniqueId", submission.unique_id)
        + "</rim:RegistryPackage>"
    )


def _extrinsic_object(object_id: str, entry: DocumentEntry, file: str = "") -> str:
    """`file`: the name of the document on a medium."""
    if entry.patient is None or entry.facility_type is None or entry.practice_setting is None:
        raise ValueError("entry without patient, facility type or practice setting")
    slots = slot("creationTime", [utc(entry.creation_time)]) + slot("languageCode", [entry.language])
    if entry.hash_sha1:
        slots += slot("hash", [entry.hash_sha1])
    if entry.size:
        slots += slot("size", [str(entry.size)])
    if entry.legal_authenticator:
        slots += slot("legalAuthenticator", [person(entry.legal_authenticator)])
    if entry.service_start:
        slots += slot("serviceStartTime", [utc(entry.service_start)])
    if entry.service_stop:
        slots += slot("serviceStopTime", [utc(entry.service_stop)])
    if file:
        slots += slot("URI", [file])
    slots += slot("sourcePatientId", [entry.patient.cx])
    if entry.source_patient_info:
        slots += slot("sourcePatientInfo", entry.source_patient_info)
    codes = [
        (names.ENTRY_CLASS, entry.class_code),
        (names.ENTRY_TYPE, entry.type_code),
        (names.ENTRY_FORMAT, entry.format_code),
        (names.ENTRY_FACILITY, entry.facility_type),
        (names.ENTRY_PRACTICE, entry.practice_setting),
        *((names.ENTRY_CONFIDENTIALITY, code) for code in entry.confidentiality),
        *((names.ENTRY_EVENT, code) for code in entry.events),
    ]
    return (
        f'<rim:ExtrinsicObject id="{object_id}" mimeType="{xml(entry.mime_type)}" objectType="{names.ENTRY}">'
        + slots
        + _name(entry.title)
        + (f"<rim:Description>{_localized(entry.comments)}</rim:Description>" if entry.comments else "")
        + "".join(_author(object_id, names.ENTRY_AUTHOR, author) for author in entry.authors)
        + "".join(coded(object_id, scheme, code) for scheme, code in codes)
        + _identifier(object_id, names.ENTRY_PATIENT_ID, "XDSDocumentEntry.patientId", entry.patient.cx)
        + _identifier(object_id, names.ENTRY_UNIQUE_ID, "XDSDocumentEntry.uniqueId", entry.unique_id)
        + "</rim:ExtrinsicObject>"
    )


def _author(target: str, scheme: str, author: Author) -> str:
    slots = ""
    if author.institution:
        slots += slot("authorInstitution", [institution(author)])
    if author.person_id:
        slots += slot("authorPerson", [person(author)])
    if author.role:
        slots += slot("authorRole", [author.role])
    if author.specialty:
        code = author.specialty
        slots += slot("authorSpecialty", [f"{code.code}^{code.display}^{code.system}"])
    return _classification(target, scheme, slots)


def coded(target: str, scheme: str, code: Code) -> str:
    """A coded value of `target`."""
    content = slot("codingScheme", [code.system]) + _name(code.display or code.code)
    return _classification(target, scheme, content, representation=code.code)


def _classification(
    target: str, scheme: str, content: str = "", representation: str = "", *, node: bool = False
) -> str:
    kind = "classificationNode" if node else "classificationScheme"
    shown = "" if node else f' nodeRepresentation="{xml(representation)}"'
    return (
        f'<rim:Classification id="{_id(target, scheme, content, representation)}" {kind}="{scheme}" '
        f'classifiedObject="{target}"{shown} objectType="{_OBJECT_TYPE}:Classification">{content}</rim:Classification>'
    )


def _identifier(target: str, scheme: str, name: str, value: str) -> str:
    return (
        f'<rim:ExternalIdentifier id="{_id(target, scheme)}" identificationScheme="{scheme}" registryObject="{target}" '
        f'objectType="{_OBJECT_TYPE}:ExternalIdentifier" value="{xml(value)}">{_name(name)}</rim:ExternalIdentifier>'
    )


def association(kind: str, source: str, target: str, slots: str = "") -> str:
    """A link between two objects of the message or of the registry."""
    return (
        f'<rim:Association id="{_id(kind, source, target)}" associationType="{kind}" sourceObject="{source}" '
        f'targetObject="{xml(target)}" objectType="{_OBJECT_TYPE}:Association">{slots}</rim:Association>'
    )


def slot(name: str, values: Iterable[str]) -> str:
    """A named list of values."""
    content = "".join(f"<rim:Value>{xml(value)}</rim:Value>" for value in values)
    return f'<rim:Slot name="{name}"><rim:ValueList>{content}</rim:ValueList></rim:Slot>'


def _name(text: str) -> str:
    return f"<rim:Name>{_localized(text)}</rim:Name>"


def _localized(text: str) -> str:
    return f'<rim:LocalizedString xml:lang="fr-FR" charset="UTF-8" value="{xml(text)}"/>'


def _id(*parts: str) -> str:
    """An id unique within the message and the same at each try: derived from what it names."""
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, '|'.join(parts))}"
