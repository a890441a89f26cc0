"""ITI-65 and ITI-105: a lot comes in as FHIR, is checked and stored by what checks and stores those of XDS (TD2.1, TD2.2).

Nothing in PDSm carries the lot's XAdES signature: a lot without one is taken; one that has it is verified.
"""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

from dmp_desktop.sandbox import fhir_names, lot_checks, names, submit, syntax
from dmp_desktop.sandbox.checks import Rule
from dmp_desktop.sandbox.directory import PEOPLE, STRUCTURES
from dmp_desktop.sandbox.ebrim import Oddities
from dmp_desktop.sandbox.fhir_errors import Refused, malformed, wrong
from dmp_desktop.sandbox.fhir_names import Json
from dmp_desktop.sandbox.fhir_values import unbase64
from dmp_desktop.sandbox.fhir_write import document_entry, submission_set
from dmp_desktop.sandbox.model import Association, Classification, Kind, Lot, RegistryObject, dtm
from dmp_desktop.sandbox.requests import Request
from dmp_desktop.sandbox.vihf import SECTOR_SYSTEM

_DOCUMENT = "DocumentReference/"
_SUPERSEDED = [
    {"name": "type", "valueCode": "replace"},
    {"name": "path", "valueString": "DocumentReference.status"},
    {"name": "value", "valueCode": "superseded"},
]


def provide(request: Request, bundle: Json) -> Json:
    """ITI-65: the transaction-response, once everything is durable. Raises SoapFault, RegistryRefusal or Refused."""
    if bundle["type"] != "transaction":
        raise malformed("Un Bundle de type transaction est attendu", "Bundle.type")
    entries = bundle["entry"]
    for rank, entry in enumerate(entries):
        _check_request(entry, f"Bundle.entry[{rank}]")
    full_urls = [entry["fullUrl"] for entry in entries]
    if len(set(full_urls)) != len(full_urls):
        raise malformed("Deux entrées ont le même fullUrl", "Bundle.entry")
    lot = _lot(request, entries)
    uuids = _deposit(request, lot)
    return {
        "resourceType": "Bundle",
        "type": "transaction-response",
        "entry": [{"response": _response(entry, uuids)} for entry in entries],
    }


def publish(request: Request, found: Json) -> str:
    """ITI-105: one document with its bytes; gives its id."""
    attachment = found.get("content", [{}])[0].get("attachment", {})
    if "data" not in attachment or "url" in attachment:
        raise wrong("Le document est dans attachment.data, sans url", "DocumentReference.content.attachment")
    if "relatesTo" in found:
        raise wrong("Un remplacement passe par un lot (ITI-65)", "DocumentReference.relatesTo")
    entry = document_entry(found, "document")
    content = unbase64(attachment["data"])
    made = own_set(request)
    lot = Lot((made,), (entry,), (), (_member(made.id, entry.id),), {entry.id: content})
    return _deposit(request, lot)[entry.id].removeprefix("urn:uuid:")


def own_set(request: Request) -> RegistryObject:
    """The SubmissionSet of what comes without one: the asker's, of the structure's sector (ours)."""
    person, place = PEOPLE[request.vihf.national_id], STRUCTURES[request.vihf.structure_id]
    kind = "EI" if "/" in person.national_id else "IDNPS"
    author = {
        "authorPerson": (
            f"{person.national_id}^{person.family}^{person.given}^^^^^^&{names.PROFESSIONAL_OID}&ISO^D^^^{kind}",
        ),
        "authorInstitution": (f"{place.name}^^^^^&{names.STRUCTURE_OID}&ISO^IDNST^^^{place.id}",),
    }
    patient = request.patient
    return RegistryObject(
        id="set",
        kind=Kind.SET,
        status="",
        slots={"submissionTime": (dtm(request.now),)},
        classifications=(
            Classification(names.CONTENT_TYPE, place.sector, place.sector, {"codingScheme": (SECTOR_SYSTEM,)}),
            Classification(names.SET_AUTHOR, slots=author),
        ),
        external={
            names.SET_PATIENT_ID: f"{patient.value}^^^&{patient.oid}&ISO^NH",
            names.SET_SOURCE_ID: names.DMP_DEVICE_OID,
            names.SET_UNIQUE_ID: f"2.25.{uuid4().int}",
        },
    )


def _check_request(entry: Json, where: str) -> None:
    kind, asked = entry["resource"]["resourceType"], entry["request"]
    if kind == "Parameters":
        fits = asked["method"] == "PATCH" and asked["url"].startswith(_DOCUMENT)
    else:
        fits = kind in {"List", "DocumentReference", "Binary"} and (asked["method"], asked["url"]) == ("POST", kind)
    if not fits:
        raise wrong("Cette interaction n'a pas sa place dans un lot", f"{where}.request")
    if not syntax.is_uuid(entry["fullUrl"]):
        raise malformed("fullUrl est un urn:uuid: en minuscules", f"{where}.fullUrl")


def _lot(request: Request, entries: list[Json]) -> Lot:
    by_kind: dict[str, list[Json]] = {"List": [], "DocumentReference": [], "Binary": [], "Parameters": []}
    for entry in entries:
        by_kind[entry["resource"]["resourceType"]].append(entry)
    sets = tuple(submission_set(entry["resource"], entry["fullUrl"]) for entry in by_kind["List"])
    documents = tuple(document_entry(entry["resource"], entry["fullUrl"]) for entry in by_kind["DocumentReference"])
    contents = _contents(by_kind["DocumentReference"], by_kind["Binary"])
    links = [_item(request, entry, row) for entry in by_kind["List"] for row in entry["resource"].get("entry", [])]
    relations = [link for entry in by_kind["DocumentReference"] for link in _relations(request, entry)]
    links += relations
    links += [_link(names.SIGNS, found.id, sets[0].id) for found in documents if found.is_signature and sets]
    _check_superseded(request, by_kind["Parameters"], relations)
    return Lot(sets, documents, (), tuple(links), contents)


def _contents(documents: list[Json], binaries: list[Json]) -> dict[str, bytes]:
    """The bytes by document: each one's `url` is the fullUrl of a Binary of the same media type."""
    left = {entry["fullUrl"]: entry["resource"] for entry in binaries}
    contents = {}
    for entry in documents:
        attachment = entry["resource"]["content"][0]["attachment"]
        for name in ("hash", "size", "url"):
            if name not in attachment:
                raise wrong("Élément obligatoire absent", f"DocumentReference.content.attachment.{name}")
        binary = left.pop(attachment["url"], None)
        if "data" in attachment or binary is None:
            raise Refused(422, "XDSMissingDocument", "Un document annoncé n'est pas joint, dans un Binary du lot")
        if binary["contentType"] != attachment["contentType"]:
            raise wrong("Le type du Binary n'est pas celui de la fiche", "Binary.contentType")
        contents[entry["fullUrl"]] = unbase64(binary["data"])
    if left:
        raise Refused(422, "XDSMissingDocumentMetadata", "Un document joint n'est pas décrit")
    return contents


def _item(request: Request, entry: Json, row: Json) -> Association:
    target = str(row["item"].get("reference", ""))
    if target.startswith(_DOCUMENT):
        link = _member(entry["fullUrl"], current(request, target))
        return replace(link, slots={"SubmissionSetStatus": ("Reference",)})
    return _member(entry["fullUrl"], target)


def _relations(request: Request, entry: Json) -> list[Association]:
    found = []
    for row in entry["resource"].get("relatesTo", []):
        if row["code"] not in fhir_names.LINKS:
            raise wrong("Relation inconnue entre documents", "DocumentReference.relatesTo.code")
        target = current(request, str(row["target"].get("reference", "")))
        found.append(_link(fhir_names.LINKS[row["code"]], entry["fullUrl"], target))
    return found


def current(request: Request, reference: str) -> str:
    """entryUUID of the latest version of a document of the record, or of what is named where it is unknown."""
    identifier = f"urn:uuid:{reference.removeprefix(_DOCUMENT)}" if reference.startswith(_DOCUMENT) else reference
    known = request.store.object(identifier)
    latest = request.store.object(known[0].unique_id) if known and known[0].kind is Kind.ENTRY else None
    return latest[0].id if latest else identifier


def _check_superseded(request: Request, patches: list[Json], relations: list[Association]) -> None:
    """A replacement says what becomes of what it replaces, and only that (MHD 4.2, draft TD2.1b)."""
    replaced = [link.target for link in relations if link.type in names.REPLACING]
    patched = []
    for entry in patches:
        rows = entry["resource"]["parameter"]
        parts = rows[0].get("part", [])
        if len(rows) != 1 or rows[0]["name"] != "operation" or sorted(parts, key=str) != sorted(_SUPERSEDED, key=str):
            raise wrong(
                "Dans un lot, un PATCH ne fait que passer un document remplacé à superseded", "Bundle.entry.resource"
            )
        patched.append(current(request, entry["request"]["url"]))
    if sorted(patched) != sorted(replaced):
        text = "Chaque document remplacé (replaces), et lui seul, passe à superseded dans le lot"
        raise Refused(422, "XDSReplaceFailed", text)


def _deposit(request: Request, lot: Lot) -> dict[str, str]:
    rules: dict[Rule, str] = dict(lot_checks.RULES)
    if not any(entry.is_signature for entry in lot.entries):
        del rules[lot_checks.signature_present]
        if not lot.entries:
            raise wrong("Le lot ne contient aucun document")
    return submit.deposit(request, lot, Oddities(), rules)


def _response(entry: Json, uuids: dict[str, str]) -> Json:
    kind = entry["resource"]["resourceType"]
    if kind == "Parameters":
        return {"status": "200 OK", "location": entry["request"]["url"]}
    made = uuids.get(entry["fullUrl"], "")
    if kind == "Binary":  # it has no life of its own: it is read by its document's id
        return {"status": "201 Created"}
    return {"status": "201 Created", "location": f"{kind}/{made.removeprefix('urn:uuid:')}", "etag": 'W/"1"'}


def _member(source: str, target: str) -> Association:
    return replace(_link(names.HAS_MEMBER, source, target), slots={"SubmissionSetStatus": ("Original",)})


def _link(kind: str, source: str, target: str) -> Association:
    return Association(f"urn:uuid:{uuid4()}", kind, source, target)
