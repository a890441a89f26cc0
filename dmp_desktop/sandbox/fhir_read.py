"""Registry objects as FHIR resources: DocumentReference and List of a submission set (the tables of docs/adr/0016)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dmp_desktop.domain.documents import Availability
from dmp_desktop.sandbox import fhir_names, names
from dmp_desktop.sandbox.fhir_errors import absent
from dmp_desktop.sandbox.fhir_names import Json
from dmp_desktop.sandbox.fhir_people import author, source_patient
from dmp_desktop.sandbox.fhir_values import (
    authority,
    coding,
    concept,
    from_dtm,
    hash_from_hex,
    patient_reference,
    person,
    uri,
    without_empty,
)
from dmp_desktop.sandbox.model import Association, Kind, RegistryObject
from dmp_desktop.sandbox.requests import Request
from dmp_desktop.sandbox.visibility import is_visible

TOLD_STATUSES = {
    Availability.APPROVED.value: "current",
    Availability.ARCHIVED.value: "current",
    Availability.DEPRECATED.value: "superseded",
}
_SUBSETTED = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}
REFERENCES = "urn:ihe:iti:xds:2013:referenceIdList"


@dataclass(frozen=True, slots=True)
class Shelf:
    """The documents of a record as FHIR has them: the latest version of each one's metadata, those the asker may see."""

    request: Request
    documents: dict[str, RegistryObject]
    """By lid."""
    lids: dict[str, str]
    """lid of each entryUUID, old ones too."""

    @classmethod
    def of(cls, request: Request) -> Shelf:
        latest: dict[str, RegistryObject] = {}
        lids = {}
        for found in request.store.objects(request.patient.value, Kind.ENTRY):
            lids[found.id] = found.lid
            if found.lid not in latest or found.version > latest[found.lid].version:
                latest[found.lid] = found
        profile = request.profile
        seen = {lid: found for lid, found in latest.items() if is_visible(found, request, profile)}
        return cls(request, seen, lids)

    def by_id(self, identifier: str) -> RegistryObject:
        """A document by the `id` of any of its versions. Raises Refused."""
        found = self.documents.get(self.lids.get(f"urn:uuid:{identifier}", ""))
        if found is None:
            raise absent()
        return found

    def is_latest(self, found: RegistryObject) -> bool:
        return found.lid in self.documents and self.documents[found.lid].id == found.id

    def written(self, name: str) -> Json:
        """A document, by its uniqueId or entryUUID, as who has just written it is told: it may be hidden from him by now."""
        found = self.request.store.object(name)
        if found is None:
            raise absent()
        return self.resources([found[0]])[0]

    def relations(self, wanted: Iterable[RegistryObject]) -> dict[str, list[Json]]:
        """`relatesTo` by lid, of links whose target the asker may see."""
        lids = {found.lid for found in wanted}
        ids = [identifier for identifier, lid in self.lids.items() if lid in lids]
        rows: dict[str, list[Json]] = {}
        for link in self.request.store.associations(*ids) if ids else ():
            lid, target = self.lids.get(link.source, ""), self.documents.get(self.lids.get(link.target, ""))
            if lid in lids and target and link.type in fhir_names.RELATIONS:
                row = {"code": fhir_names.RELATIONS[link.type], "target": {"reference": document_url(target)}}
                rows.setdefault(lid, []).append(row)
        return rows

    def resources(self, wanted: Iterable[RegistryObject]) -> list[Json]:
        """The resources of some documents."""
        found = list(wanted)
        relations = self.relations(found)
        return [document_reference(self.request, entry, relations.get(entry.lid, [])) for entry in found]


def resource_id(found: RegistryObject) -> str:
    return found.id.removeprefix("urn:uuid:")


def document_url(found: RegistryObject) -> str:
    return f"DocumentReference/{resource_id(found)}"


def reference_only(found: RegistryObject, status: str) -> Json:
    """As much of a document as a secretary or a structure is given: that it is there (reference §4), in what R4 requires."""
    return {
        "resourceType": "DocumentReference",
        "id": resource_id(found),
        "meta": {"tag": [_SUBSETTED]},
        "status": status,
        "content": [{"attachment": {"url": f"Binary/{resource_id(found)}"}}],
    }


def document_reference(request: Request, entry: RegistryObject, relations: list[Json]) -> Json:
    """PDSm Comprehensive DocumentReference of an entry."""
    inside: list[Json] = []
    authors = [author(code, f"author-{rank}", inside) for rank, code in enumerate(entry.coded(names.AUTHOR), 1)]
    legal = entry.slot("legalAuthenticator")
    if legal:
        inside.append({**person(legal), "id": "authenticator"})
    inside.append(source_patient(entry))
    archived = entry.status == Availability.ARCHIVED.value
    attachment = {
        "contentType": entry.mime_type,
        "language": entry.slot("languageCode"),
        "url": f"Binary/{resource_id(entry)}",
        "size": int(entry.slot("size") or 0),
        "hash": hash_from_hex(entry.slot("hash")),
        "title": entry.name,
        "creation": from_dtm(entry.slot("creationTime")),
    }
    formats = entry.coded(names.FORMAT_CODE)
    return without_empty(
        {
            "resourceType": "DocumentReference",
            "id": resource_id(entry),
            "meta": {"versionId": str(entry.version)},
            "contained": inside,
            "extension": [{"url": fhir_names.IS_ARCHIVED, "valueBoolean": archived}],
            "masterIdentifier": uri(f"urn:oid:{entry.unique_id}"),
            "identifier": [uri(entry.lid)],
            "status": TOLD_STATUSES[entry.status],
            "type": next(map(concept, entry.coded(names.TYPE_CODE)), {}),
            "category": [concept(code) for code in entry.coded(names.CLASS_CODE)],
            "subject": patient_reference(request.patient),
            "date": from_dtm(entry.slot("creationTime")),
            "author": authors,
            "authenticator": {"reference": "#authenticator"} if legal else {},
            "custodian": {"identifier": uri(f"urn:oid:{names.DMP_DEVICE_OID}"), "display": "DMP"},
            "relatesTo": relations,
            "description": entry.description,
            "securityLabel": [concept(code) for code in entry.coded(names.CONFIDENTIALITY)],
            "content": [
                without_empty(
                    {"attachment": without_empty(attachment), "format": coding(formats[0]) if formats else {}}
                )
            ],
            "context": _context(entry),
        }
    )


def _context(entry: RegistryObject) -> Json:
    start, stop = (from_dtm(entry.slot(name)) for name in ("serviceStartTime", "serviceStopTime"))
    return without_empty(
        {
            "event": [concept(code) for code in entry.coded(names.EVENT_CODE)],
            "period": without_empty({"start": start, "end": stop}),
            "facilityType": next(map(concept, entry.coded(names.FACILITY_CODE)), {}),
            "practiceSetting": next(map(concept, entry.coded(names.PRACTICE_CODE)), {}),
            "sourcePatientInfo": {"reference": "#source-patient"},
            "related": [_related(value) for value in entry.slots.get(REFERENCES, ())],
        }
    )


def _related(cxi: str) -> Json:
    parts = [*cxi.split("^"), "", "", "", "", ""]
    kind = {"coding": [{"system": fhir_names.URIS, "code": parts[4]}]}
    return {"identifier": without_empty({"type": kind, "system": authority(parts[3]), "value": parts[0]})}


def submission_list(request: Request, found: RegistryObject, links: Iterable[Association], shelf: Shelf) -> Json:
    """PDSm SubmissionSet Comprehensive; its entries are the documents it added or changed."""
    inside: list[Json] = []
    sources = [author(code, "source", inside) for code in found.coded(names.SET_AUTHOR)]
    lids = (shelf.lids.get(link.target, "") for link in links if link.source == found.id and link.type != names.SIGNS)
    items = dict.fromkeys(lid for lid in lids if lid in shelf.documents)
    designation = [
        {"url": fhir_names.DESIGNATION, "valueCodeableConcept": concept(code)}
        for code in found.coded(names.CONTENT_TYPE)
    ]
    source_id = uri(f"urn:oid:{found.external.get(names.SET_SOURCE_ID, '')}")
    return without_empty(
        {
            "resourceType": "List",
            "id": resource_id(found),
            "meta": {"versionId": str(found.version)},
            "contained": inside,
            "extension": [*designation, {"url": fhir_names.SOURCE_ID, "valueIdentifier": source_id}],
            "identifier": [{"use": "usual", **uri(f"urn:oid:{found.unique_id}")}, {"use": "official", **uri(found.id)}],
            "status": "current",
            "mode": "working",
            "title": found.name,
            "code": {"coding": [{"system": fhir_names.LIST_TYPES, "code": fhir_names.SUBMISSION_SET}]},
            "subject": patient_reference(request.patient),
            "date": from_dtm(found.slot("submissionTime")),
            "source": sources[0] if sources else {},
            "note": [{"text": found.description}] if found.description else [],
            "entry": [{"item": {"reference": document_url(shelf.documents[lid])}} for lid in items],
        }
    )
