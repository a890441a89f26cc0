"""From the domain to FHIR resources: a lot as an ITI-65 Bundle, a change as a FHIRPath Patch, a consent (docs/adr/0016)."""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from dmp_desktop.dmp import hl7
from dmp_desktop.dmp.fhir import names
from dmp_desktop.dmp.metadata import VISIBILITY_CODES
from dmp_desktop.domain.documents import Author, Availability, Code, DocumentEntry, Submission, Visibility
from dmp_desktop.domain.ins import INS_OIDS, InsIdentity
from dmp_desktop.terminology import oids

Resource = dict[str, Any]

_SEXES = {"M": "male", "F": "female", "O": "other", "U": "unknown"}
_DOCUMENT = "DocumentReference"


def lot(submission: Submission, now: datetime, signature: tuple[DocumentEntry, bytes]) -> bytes:
    """The transaction of a lot, its signature the last document.

    Its fullUrls, which become the ids, follow the uniqueIds: they are the same at each try.
    """
    list_url = full_url(submission.unique_id)
    resources: list[tuple[str, Resource]] = []
    patches: list[Resource] = []
    for described, content in (*submission.documents, signature):
        entry = _measured(described, content)
        binary_url = full_url(entry.unique_id, "Binary")
        replaced = submission.replaced_entry_uuids.get(entry.unique_id, "")
        binary = {
            "resourceType": "Binary",
            "contentType": entry.mime_type,
            "data": base64.b64encode(content).decode(),
        }
        document = _document(entry, binary_url, entry_id(replaced))
        resources += [(full_url(entry.unique_id), document), (binary_url, binary)]
        if replaced:
            url = f"{_DOCUMENT}/{entry_id(replaced)}"
            superseded = _parameters([_operation("replace", "DocumentReference.status", valueCode="superseded")])
            named = full_url(entry.unique_id, "PATCH")
            patches.append({"fullUrl": named, "resource": superseded, "request": {"method": "PATCH", "url": url}})
    documents = [url for url, resource in resources if resource["resourceType"] == _DOCUMENT]
    created = [
        {"fullUrl": url, "resource": resource, "request": {"method": "POST", "url": resource["resourceType"]}}
        for url, resource in [(list_url, _list(submission, documents, now)), *resources]
    ]
    bundle = {"resourceType": "Bundle", "meta": {"profile": [names.BUNDLE_PROFILE]}, "type": "transaction"}
    return encoded({**bundle, "entry": created + patches})


def visibility_patch(before: frozenset[Visibility], after: frozenset[Visibility]) -> bytes | None:
    """Exactly these restrictions, the confidentiality of the document itself (N, R, V) untouched; None when nothing changes."""
    operations = [
        _operation("delete", f"DocumentReference.securityLabel.where(coding.code='{gone.code}')")
        for gone in sorted(before - after)
    ]
    operations += [
        _operation("add", _DOCUMENT, name="securityLabel", valueCodeableConcept=_concept(VISIBILITY_CODES[added]))
        for added in sorted(after - before)
    ]
    return encoded(_parameters(operations)) if operations else None


def status_patch(status: Availability) -> bytes:
    """Archived, back, or deleted (a draft calls the last `entered-in-error`)."""
    if status is Availability.DELETED:
        return encoded(_parameters([_operation("replace", "DocumentReference.status", valueCode="entered-in-error")]))
    path = f"DocumentReference.extension.where(url='{names.IS_ARCHIVED}').value"
    archived = status is Availability.ARCHIVED
    return encoded(_parameters([_operation("replace", path, valueBoolean=archived)]))


def consent(patient: InsIdentity, now: datetime, *, given: bool, attending: bool) -> bytes:
    """TD0.3: the patient's consent to my access, or its end; as the attending doctor."""
    provision: Resource = {"type": "permit"}
    if attending:
        provision["actor"] = [
            {
                "role": {"coding": [{"code": names.ATTENDING_ROLE}]},
                "reference": {"type": "Practitioner", "display": "Moi"},
            }
        ]
    scope, category, rule = (
        {"coding": [{"system": system, "code": code}]}
        for system, code in (names.CONSENT_SCOPE, names.CONSENT_CATEGORY, names.CONSENT_RULE)
    )
    return encoded({
        "resourceType": "Consent",
        "status": "active" if given else "inactive",
        "scope": scope,
        "category": [category],
        "patient": _subject(patient),
        "dateTime": instant(now),
        "policyRule": rule,
        "provision": provision,
    })  # fmt: skip


def encoded(resource: Resource) -> bytes:
    return json.dumps(resource, ensure_ascii=False, separators=(",", ":")).encode()


def instant(moment: datetime) -> str:
    """To the second, as XDS: what comes back is what was sent."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def full_url(unique_id: str, part: str = "") -> str:
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, f'{unique_id}{part}')}"


def entry_id(entry_uuid: str) -> str:
    """The id of a resource by the entryUUID of XDS."""
    return entry_uuid.removeprefix("urn:uuid:")


def _measured(entry: DocumentEntry, content: bytes) -> DocumentEntry:
    """The profile wants hash and size, which an entry may leave to the server."""
    digest = entry.hash_sha1 or hashlib.sha1(content, usedforsecurity=False).hexdigest()
    return replace(entry, hash_sha1=digest, size=entry.size or len(content))


def _document(entry: DocumentEntry, binary_url: str, replaced: str) -> Resource:
    if entry.patient is None or entry.facility_type is None or entry.practice_setting is None:
        raise ValueError("entry without patient, facility type or practice setting")
    people = _People()
    attachment = {
        "contentType": entry.mime_type,
        "language": entry.language,
        "url": binary_url,
        "size": entry.size,
        "hash": base64.b64encode(bytes.fromhex(entry.hash_sha1)).decode(),
        "title": entry.title,
        "creation": instant(entry.creation_time),
    }
    period = {"start": entry.service_start, "end": entry.service_stop}
    context = {
        "event": [_concept(code) for code in entry.events],
        "period": {name: instant(time) for name, time in period.items() if time},
        "facilityType": _concept(entry.facility_type),
        "practiceSetting": _concept(entry.practice_setting),
        "sourcePatientInfo": people.add(_source_patient(entry.patient, entry.source_patient_info)),
    }
    return _told({
        "resourceType": _DOCUMENT,
        "masterIdentifier": _urn(entry.unique_id),
        "status": "current",
        "type": _concept(entry.type_code),
        "category": [_concept(entry.class_code)],
        "subject": _subject(entry.patient),
        "date": instant(entry.creation_time),
        "author": [people.author(author) for author in entry.authors],
        "authenticator": people.add(_person(entry.legal_authenticator)) if entry.legal_authenticator else {},
        "custodian": _custodian(entry),
        "relatesTo": [{"code": "replaces", "target": {"reference": f"{_DOCUMENT}/{replaced}"}}] if replaced else [],
        "description": entry.comments,
        "securityLabel": [_concept(code) for code in entry.confidentiality],
        "content": [{"attachment": _told(attachment), "format": _coding(entry.format_code)}],
        "context": _told(context),
        "contained": people.contained,
    })  # fmt: skip


def _list(submission: Submission, documents: Iterable[str], now: datetime) -> Resource:
    people = _People()
    return _told({
        "resourceType": "List",
        "extension": [
            {"url": names.DESIGNATION, "valueCodeableConcept": _concept(submission.content_type)},
            {"url": names.SOURCE_ID, "valueIdentifier": _urn(submission.source_id)},
        ],
        "identifier": [{"use": "usual", **_urn(submission.unique_id)}],
        "status": "current",
        "mode": "working",
        "title": submission.title or "Lot de soumission",
        "code": {"coding": [{"system": names.LIST_TYPES, "code": "submissionset"}]},
        "subject": _subject(submission.patient),
        "date": instant(now),
        "source": people.author(submission.author),
        "entry": [{"item": {"reference": url}} for url in documents],
        "contained": people.contained,
    })  # fmt: skip


class _People:
    """The resources contained in another one, numbered as they are added; the same one only once."""

    def __init__(self) -> None:
        self.contained: list[Resource] = []

    def add(self, resource: Resource) -> Resource:
        for known in self.contained:
            if {**known, "id": ""} == {**resource, "id": ""}:
                return {"reference": f"#{known['id']}"}
        number = f"c{len(self.contained) + 1}"
        self.contained.append({**resource, "id": number})
        return {"reference": f"#{number}"}

    def author(self, author: Author) -> Resource:
        """A patient or a device by itself, an organization that is the only author, or a person in their organization."""
        person = _person(author) if author.person_id or author.family else {}
        if person and person["resourceType"] != "Practitioner":
            return self.add(person)
        organization = self.add(_organization(author)) if author.institution else {}
        if organization and not person and not author.specialty and not author.role:
            return organization
        return self.add(_told({
            "resourceType": "PractitionerRole",
            "practitioner": self.add(person) if person else {},
            "organization": organization,
            "code": [{"text": author.role}] if author.role else [],
            "specialty": [_concept(author.specialty)] if author.specialty else [],
        }))  # fmt: skip


def _person(author: Author) -> Resource:
    """Practitioner, Patient or Device, by who assigned the identifier; its type as in XCN."""
    name = {"family": author.family, "given": [author.given] if author.given else []}
    identifier = {"system": names.system(author.person_root), "value": author.person_id}
    if author.person_root in INS_OIDS:
        kind, told, coded = "Patient", {"name": [_told(name)]}, "NH"
    elif author.person_root == oids.PS_IDNAT:
        kind, told, coded = "Practitioner", {"name": [_told(name)]}, "EI" if "/" in author.person_id else "IDNPS"
    else:
        device = {"name": author.family, "type": "user-friendly-name"}
        kind, told, coded = "Device", {"deviceName": [device] if author.family else []}, "RI"
    identified = {**_told(identifier), "type": {"coding": [{"code": coded}]}} if author.person_id else {}
    return _told({"resourceType": kind, "identifier": [identified] if identified else [], **told})


def _organization(author: Author) -> Resource:
    identified = {"system": names.system(oids.STRUCT_IDNAT), "value": author.institution_id}
    identifier = [identified] if author.institution_id else []
    return _told({"resourceType": "Organization", "identifier": identifier, "name": author.institution})


def _source_patient(patient: InsIdentity, traits: Iterable[str]) -> Resource:
    """The patient as the sender knows them: `PID-5|`, `PID-7|` and `PID-8|` lines of XDS."""
    found: Resource = {"resourceType": "Patient", "identifier": [_ins(patient)], "name": []}
    for line in traits:
        field, _, value = line.partition("|")
        parts = [hl7.unescape(part) for part in value.split("^")] + [""] * 7
        if field == "PID-5":
            use = "usual" if parts[6] == "D" else "official"
            found["name"].append(_told({"use": use, "family": parts[0], "given": [parts[1]] if parts[1] else []}))
        elif field == "PID-7" and len(value) == 8 and value.isdecimal():
            found["birthDate"] = f"{value[:4]}-{value[4:6]}-{value[6:]}"
        elif field == "PID-8" and value in _SEXES:
            found["gender"] = _SEXES[value]
    return _told(found)


def _custodian(entry: DocumentEntry) -> Resource:
    """The structure of the first author that has one keeps what it deposits; else the DMP itself."""
    kept = next((author for author in entry.authors if author.institution_id), None)
    system, value, name = (
        (oids.STRUCT_IDNAT, kept.institution_id, kept.institution) if kept else (oids.DMP_HOST, "DMP", "DMP")
    )
    return {"identifier": {"system": names.system(system), "value": value}, "display": name}


def _subject(patient: InsIdentity) -> Resource:
    return {"type": "Patient", "identifier": _ins(patient)}


def _ins(patient: InsIdentity) -> Resource:
    return {"system": f"urn:oid:{patient.oid}", "value": patient.value}


def _urn(unique_id: str) -> Resource:
    return {"system": names.URI, "value": f"urn:oid:{unique_id}"}


def _concept(code: Code) -> Resource:
    return {"coding": [_coding(code)]}


def _coding(code: Code) -> Resource:
    return _told({"system": names.system(code.system), "code": code.code, "display": code.display})


def _parameters(operations: list[Resource]) -> Resource:
    return {"resourceType": "Parameters", "parameter": operations}


def _operation(kind: str, path: str, name: str = "", **value: object) -> Resource:
    """One operation of FHIRPath Patch (FHIR R4 §3.1.0.9.2)."""
    parts: list[Resource] = [{"name": "type", "valueCode": kind}, {"name": "path", "valueString": path}]
    if name:
        parts.append({"name": "name", "valueString": name})
    if value:
        parts.append({"name": "value", **value})
    return {"name": "operation", "part": parts}


def _told(resource: Resource) -> Resource:
    """Without what is empty: FHIR has no empty strings, objects or lists."""
    return {name: value for name, value in resource.items() if value not in ("", [], {}, None)}
