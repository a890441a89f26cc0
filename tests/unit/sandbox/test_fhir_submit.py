"""ITI-65 and ITI-105: a document deposited by FHIR is found by SOAP, and the other way; what is refused leaves nothing."""

from __future__ import annotations

import base64
import copy
import hashlib
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from dmp_desktop.sandbox import Sandbox
from dmp_desktop.sandbox.model import Kind
from tests.helpers.dmp_lot import Lot, cda, oid
from tests.helpers.dmp_wire import DEPRECATED, Caller
from tests.helpers.fhir_raw import (
    INS_SYSTEM,
    RESTRICTIONS,
    FhirCaller,
    FhirLot,
    Json,
    archiving,
    concept,
    masking,
    operation,
    parameters,
)
from tests.helpers.seeded import seeded

RIM = "{urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0}"
METADATA, BAD = (422, "XDSRegistryMetadataError"), (400, "DMPInvalidMessage")


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(seeded(tmp_path_factory.mktemp("fhir-submit"))) as running:
        yield running


@pytest.fixture(scope="module")
def fhir(own: Sandbox) -> Iterator[FhirCaller]:
    with Caller(own.ready, "doctor") as caller:
        found = FhirCaller(caller, next(str(p["ins"]) for p in own.ready["patients"] if p["story"] == "ordinary"))
        yield found
        found.close()


def count(own: Sandbox, fhir: FhirCaller) -> int:
    """How many objects the registry keeps."""
    return sum(len(own.registry.objects(fhir.ins, kind)) for kind in (Kind.ENTRY, Kind.SET))


def entry_of(fhir: FhirCaller, unique_id: str, **more: Any) -> Any:
    """The ExtrinsicObject the raw stored query finds."""
    rows = fhir.caller.find(fhir.ins, **more).body.iter(f"{RIM}ExtrinsicObject")
    return next((row for row in rows if row.xpath(f"*[@value='{unique_id}']")), None)


def slots(entry: Any) -> dict[str, list[str]]:
    return {row.get("name"): [value.text for value in row.iter(f"{RIM}Value")] for row in entry.findall(f"{RIM}Slot")}


def test_deposited_by_fhir_read_by_soap(fhir: FhirCaller) -> None:
    lot = FhirLot(fhir.ins)
    assert lot.send(fhir).status == 200
    assert list(fhir.caller.retrieve(fhir.ins, lot.unique_id).parts.values()) == [lot.content]


def test_deposited_by_soap_read_by_fhir(fhir: FhirCaller) -> None:
    lot = Lot(fhir.ins)
    lot.send(fhir.caller)
    (found,) = fhir.found(lot.unique_id)
    assert fhir.get(found["content"][0]["attachment"]["url"], Accept="text/xml").content == lot.content


def test_metadata_are_what_xds_would_have_had(fhir: FhirCaller) -> None:
    """Slots, codes and authors of a deposit by FHIR, as the raw stored query gives them."""
    lot = FhirLot(fhir.ins, restrictions=("INVISIBLE_PATIENT",))
    lot.send(fhir)
    entry = entry_of(fhir, lot.unique_id)
    found = slots(entry)
    assert found["creationTime"] == ["20261122100000"]
    assert (found["serviceStartTime"], found["serviceStopTime"]) == (["20261122090000"], ["20261122092000"])
    assert found["languageCode"] == ["fr-FR"]
    assert found["size"] == [str(len(lot.content))]
    assert found["hash"] == [hashlib.sha1(lot.content).hexdigest()]
    assert found["legalAuthenticator"] == ["810002422979^DUPONT^Camille^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS"]
    assert found["sourcePatientId"] == [f"{fhir.ins}^^^&1.2.250.1.213.1.4.10&ISO^NH"]
    assert found["sourcePatientInfo"] == ["PID-5|TEST-X^Y^^^^^L", "PID-7|19790312", "PID-8|F"]
    cxi = f"{lot.unique_id}^^^&1.2.250.1.999.1&ISO^urn:ihe:iti:xds:2013:order"
    assert found["urn:ihe:iti:xds:2013:referenceIdList"] == [cxi]
    rows = {
        row.get("nodeRepresentation"): [value.text for value in row.iter(f"{RIM}Value")]
        for row in entry.findall(f"{RIM}Classification")
    }
    assert rows.pop("") == [
        "810002422979^DUPONT^Camille^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS",
        "Cabinet des Lilas^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^410002422979001",
    ]
    assert rows == {
        "11488-4": ["2.16.840.1.113883.6.1"],
        "10": ["1.2.250.1.213.1.1.4.1"],
        "N": ["2.16.840.1.113883.5.25"],
        "INVISIBLE_PATIENT": ["1.2.250.1.213.1.1.4.13"],
        "SA07": ["1.2.250.1.71.4.2.4"],
        "AMBULATOIRE": ["1.2.250.1.213.1.1.4.9"],
        "ESSAI": ["1.2.250.1.213.1.1.4.24"],
        "urn:ihe:iti:xds-sd:pdf:2008": ["1.3.6.1.4.1.19376.1.2.3"],
    }


def test_what_was_sent_comes_back(fhir: FhirCaller) -> None:
    """Every element the client sent, where the mapping keeps it."""
    lot = FhirLot(fhir.ins)
    lot.send(fhir)
    (found,) = fhir.found(lot.unique_id)
    for name in ("masterIdentifier", "subject", "description", "status"):
        assert found[name] == lot.document[name], name
    sent = lot.attachment
    kept = found["content"][0]["attachment"]
    for name in ("contentType", "language", "size", "hash", "title"):
        assert kept[name] == sent[name], name
    assert kept["creation"] == found["date"] == "2026-11-22T10:00:00Z"
    assert found["context"]["period"] == lot.document["context"]["period"]
    assert found["context"]["related"] == lot.document["context"]["related"]


def test_the_answer_says_where_each_thing_is(fhir: FhirCaller) -> None:
    lot = FhirLot(fhir.ins)
    answer = lot.send(fhir)
    assert (answer.json["resourceType"], answer.json["type"]) == ("Bundle", "transaction-response")
    made, document, binary = (row["response"] for row in answer.json["entry"])
    assert {row["status"] for row in (made, document, binary)} == {"201 Created"}
    assert fhir.get(document["location"]).json["masterIdentifier"] == lot.document["masterIdentifier"]
    assert fhir.get(made["location"]).json["title"] == "Lot"
    assert document["etag"] == fhir.get(document["location"]).headers["ETag"] == 'W/"1"'


def test_the_full_url_becomes_the_id(fhir: FhirCaller) -> None:
    lot = FhirLot(fhir.ins)
    lot.send(fhir)
    (found,) = fhir.found(lot.unique_id)
    assert f"urn:uuid:{found['id']}" == lot.entries[1]["fullUrl"]


def test_a_full_url_already_used_gives_way(fhir: FhirCaller) -> None:
    """fullUrl names inside the message only: a known one is replaced, not refused."""
    first, second = FhirLot(fhir.ins), FhirLot(fhir.ins)
    first.send(fhir)
    second.entries[1]["fullUrl"] = first.entries[1]["fullUrl"]
    second.list["entry"][0]["item"]["reference"] = first.entries[1]["fullUrl"]
    assert second.send(fhir).status == 200
    assert fhir.found(second.unique_id)[0]["id"] != fhir.found(first.unique_id)[0]["id"]


def test_two_documents_in_one_lot(fhir: FhirCaller) -> None:
    one, two = FhirLot(fhir.ins), FhirLot(fhir.ins)
    one.entries += two.entries[1:]
    one.list["entry"] += two.list["entry"]
    assert one.send(fhir).status == 200
    (found,) = fhir.lists(("identifier", f"urn:oid:{one.set_unique_id}")).resources
    assert len(found["entry"]) == 2
    for lot in (one, two):
        assert fhir.get(f"Binary/{fhir.found(lot.unique_id)[0]['id']}").content == lot.content


def test_one_bad_document_refuses_the_lot(own: Sandbox, fhir: FhirCaller) -> None:
    before = count(own, fhir)
    one, two = FhirLot(fhir.ins), FhirLot(fhir.ins)
    two.attachment["size"] += 1
    one.entries += two.entries[1:]
    one.list["entry"] += two.list["entry"]
    assert one.send(fhir).refusal == (422, "XDSRepositoryMetadataError")
    assert count(own, fhir) == before


def test_a_pdf_comes_back_as_a_pdf(fhir: FhirCaller) -> None:
    lot = FhirLot(fhir.ins, content=b"%PDF-1.4\n\x00\xff")
    lot.attachment["contentType"] = lot.binary["contentType"] = "application/pdf"
    assert lot.send(fhir).status == 200
    found = fhir.get(f"Binary/{fhir.found(lot.unique_id)[0]['id']}")
    assert (found.headers["Content-Type"], found.content) == ("application/pdf", lot.content)


def test_application_xml_is_taken_as_a_cda(fhir: FhirCaller) -> None:
    lot = FhirLot(fhir.ins)
    lot.attachment["contentType"] = lot.binary["contentType"] = "application/xml"
    assert lot.send(fhir).status == 200
    assert fhir.found(lot.unique_id)[0]["content"][0]["attachment"]["contentType"] == "text/xml"
    wrong = FhirLot(fhir.ins, content=b"<x/>")
    wrong.attachment["contentType"] = wrong.binary["contentType"] = "application/xml"
    assert wrong.send(fhir).refusal == (422, "XDSRepositoryMetadataError")


def test_a_document_already_known_is_refused(fhir: FhirCaller) -> None:
    lot = FhirLot(fhir.ins)
    assert lot.send(fhir).status == 200
    assert lot.send(fhir).refusal == (409, "XDSDuplicateUniqueIdInRegistry")
    assert lot.publish(fhir).refusal == (409, "XDSDuplicateUniqueIdInRegistry")


def test_a_set_already_known_is_refused(fhir: FhirCaller) -> None:
    lot = FhirLot(fhir.ins)
    lot.send(fhir)
    assert FhirLot(fhir.ins, set_unique_id=lot.set_unique_id).send(fhir).refusal == (
        409,
        "XDSDuplicateUniqueIdInRegistry",
    )


def test_replaced_by_both_wires(fhir: FhirCaller) -> None:
    first = FhirLot(fhir.ins)
    first.send(fhir)
    (old,) = fhir.found(first.unique_id)
    second = FhirLot(fhir.ins, replaces=old)
    answer = second.send(fhir)
    assert [row["response"]["status"][:3] for row in answer.json["entry"]] == ["201", "201", "201", "200"]
    (new,) = fhir.found(second.unique_id)
    assert new["relatesTo"] == [{"code": "replaces", "target": {"reference": f"DocumentReference/{old['id']}"}}]
    assert fhir.get(f"DocumentReference/{old['id']}").json["status"] == "superseded"
    assert entry_of(fhir, first.unique_id) is None
    assert entry_of(fhir, first.unique_id, status=DEPRECATED) is not None
    third = Lot(fhir.ins, replaces_uuid=f"urn:uuid:{new['id']}", replaces_unique_id=second.unique_id)
    assert not third.send(fhir.caller).errors
    (last,) = fhir.found(third.unique_id)
    assert last["relatesTo"] == [{"code": "replaces", "target": {"reference": f"DocumentReference/{new['id']}"}}]
    assert fhir.get(f"DocumentReference/{new['id']}").json["status"] == "superseded"


def test_a_document_whose_metadata_changed_is_replaced_by_its_old_id(fhir: FhirCaller) -> None:
    first = FhirLot(fhir.ins)
    first.send(fhir)
    (old,) = fhir.found(first.unique_id)
    fhir.patch(first.unique_id, masking())
    second = FhirLot(fhir.ins, replaces=old)
    assert second.send(fhir).status == 200
    assert fhir.get(f"DocumentReference/{old['id']}").json["status"] == "superseded"


REPLACE = (422, "XDSReplaceFailed")


def _without_patch(lot: FhirLot) -> None:
    lot.entries.pop()


def _without_relation(lot: FhirLot) -> None:
    del lot.document["relatesTo"]
    lot.content = cda(lot.unique_id, lot.ins)
    lot.binary["data"] = base64.b64encode(lot.content).decode()
    lot.attachment["size"] = len(lot.content)
    lot.attachment["hash"] = base64.b64encode(hashlib.sha1(lot.content).digest()).decode()


def _patch_twice(lot: FhirLot) -> None:
    lot.entries.append({**copy.deepcopy(lot.entries[-1]), "fullUrl": f"urn:uuid:{uuid.uuid4()}"})


def _patch_to(code: str) -> Callable[[FhirLot], None]:
    def edit(lot: FhirLot) -> None:
        lot.entries[-1]["resource"] = parameters(
            operation("replace", "DocumentReference.status", value={"valueCode": code})
        )

    return edit


def _appends(lot: FhirLot) -> None:
    lot.document["relatesTo"][0]["code"] = "signs"


def _elsewhere(lot: FhirLot) -> None:
    target = f"DocumentReference/{uuid.uuid4()}"
    lot.document["relatesTo"][0]["target"]["reference"] = target
    lot.entries[-1]["request"]["url"] = target


@pytest.mark.parametrize(
    ("edit", "refusal"),
    [
        (_without_patch, REPLACE),
        (_without_relation, REPLACE),
        (_patch_twice, REPLACE),
        (_patch_to("entered-in-error"), METADATA),
        (_appends, METADATA),
        (_elsewhere, REPLACE),
    ],
)
def test_a_replacement_and_its_patch_go_together(
    own: Sandbox, fhir: FhirCaller, edit: Callable[[FhirLot], None], refusal: tuple[int, str]
) -> None:
    first = FhirLot(fhir.ins)
    first.send(fhir)
    (old,) = fhir.found(first.unique_id)
    lot = FhirLot(fhir.ins, replaces=old)
    edit(lot)
    before = count(own, fhir)
    assert lot.send(fhir).refusal == refusal
    assert count(own, fhir) == before
    assert fhir.found(first.unique_id) == [old]


def test_a_document_is_replaced_once(fhir: FhirCaller) -> None:
    first = FhirLot(fhir.ins)
    first.send(fhir)
    (old,) = fhir.found(first.unique_id)
    assert FhirLot(fhir.ins, replaces=old).send(fhir).status == 200
    assert FhirLot(fhir.ins, replaces=old).send(fhir).refusal == REPLACE


Edit = Callable[[FhirLot], object]


def _put(path: str, value: Any) -> Edit:
    """Change, or take away (None), what a path of the lot says: `document.content.0.format`."""

    def edit(lot: FhirLot) -> None:
        first, *steps, last = path.split(".")
        holder: Any = getattr(lot, first)
        for step in steps:
            holder = holder[int(step) if step.isdigit() else step]
        key: Any = int(last) if last.isdigit() else last
        if value is None:
            del holder[key]
        else:
            holder[key] = value

    return edit


REFUSALS: dict[str, tuple[Edit, tuple[int, str]]] = {
    **{
        f"document without {name}": (_put(f"document.{name}", None), METADATA)
        for name in [
            "masterIdentifier",
            "type",
            "category",
            "subject",
            "date",
            "author",
            "custodian",
            "securityLabel",
            "context",
            "content.0.format",
            "content.0.attachment.title",
            "content.0.attachment.creation",
            "content.0.attachment.hash",
            "content.0.attachment.size",
            "content.0.attachment.url",
            "context.facilityType",
            "context.practiceSetting",
            "context.sourcePatientInfo",
            "context.period",
            "context.period.start",
            "authenticator",
        ]
    },
    **{
        f"list without {name}": (_put(f"list.{name}", None), METADATA)
        for name in ["identifier", "code", "subject", "date", "source", "extension", "extension.0", "extension.1"]
    },
    "document without content": (_put("document.content", None), BAD),
    "document without status": (_put("document.status", None), BAD),
    "list without status": (_put("list.status", None), BAD),
    "binary without data": (_put("binary.data", None), BAD),
    "two contents": (lambda lot: lot.document["content"].append(lot.document["content"][0]), METADATA),
    "superseded": (_put("document.status", "superseded"), METADATA),
    "already archived": (
        _put(
            "document.extension",
            [
                {
                    "url": "https://interop.esante.gouv.fr/ig/fhir/pdsm/StructureDefinition/pdsm-ext-is-archived",
                    "valueBoolean": True,
                }
            ],
        ),
        METADATA,
    ),
    "a folder": (_put("list.code.coding.0.code", "folder"), METADATA),
    "a list that is a snapshot": (_put("list.mode", "snapshot"), METADATA),
    "no usual identifier": (_put("list.identifier.0.use", "official"), METADATA),
    "masterIdentifier no OID": (_put("document.masterIdentifier.value", "urn:uuid:x"), METADATA),
    "unknown code system": (_put("document.type.coding.0.system", "http://example.org"), METADATA),
    "two codings": (
        lambda lot: lot.document["type"]["coding"].append(lot.document["type"]["coding"][0]),
        METADATA,
    ),
    "text without coding": (_put("document.type", {"text": "x"}), METADATA),
    "unknown restriction": (
        lambda lot: lot.document["securityLabel"].append(concept(RESTRICTIONS, "SECRET")),
        METADATA,
    ),
    "no confidentiality level": (_put("document.securityLabel", [concept(RESTRICTIONS, "MASQUE_PS")]), METADATA),
    "author nowhere": (_put("document.author.0.reference", "#nobody"), METADATA),
    "author elsewhere": (_put("document.author.0.reference", "Practitioner/1"), METADATA),
    "caret in a name": (_put("document.contained.0.name.0.family", "A^B"), METADATA),
    "a day that does not exist": (_put("document.content.0.attachment.creation", "2026-02-30"), METADATA),
    "an hour that does not exist": (_put("document.content.0.attachment.creation", "2026-11-22T25:00:00Z"), BAD),
    "a time without a zone": (_put("document.content.0.attachment.creation", "2026-11-22T10:00:00"), BAD),
    "hash no base64": (_put("document.content.0.attachment.hash", "£££"), METADATA),
    "hash of something else": (
        _put("document.content.0.attachment.hash", base64.b64encode(bytes(20)).decode()),
        (409, "XDSNonIdenticalHash"),
    ),
    "size of something else": (_put("document.content.0.attachment.size", 1), (422, "XDSRepositoryMetadataError")),
    "size of a text": (_put("document.content.0.attachment.size", "12"), BAD),
    "data and url": (_put("document.content.0.attachment.data", "AA=="), (422, "XDSMissingDocument")),
    "binary absent": (lambda lot: lot.entries.pop(), (422, "XDSMissingDocument")),
    "binary too many": (
        lambda lot: lot.entries.append({**lot.entries[2], "fullUrl": f"urn:uuid:{uuid.uuid4()}"}),
        (422, "XDSMissingDocumentMetadata"),
    ),
    "binary of another type": (_put("binary.contentType", "text/plain"), METADATA),
    "binary no base64": (_put("binary.data", "£"), METADATA),
    "not the CDA described": (
        _put("document.masterIdentifier.value", "urn:oid:1.2.3"),
        (422, "XDSRepositoryMetadataError"),
    ),
    "no list": (lambda lot: lot.entries.pop(0), METADATA),
    "two lists": (
        lambda lot: lot.entries.append({**copy.deepcopy(lot.entries[0]), "fullUrl": f"urn:uuid:{uuid.uuid4()}"}),
        METADATA,
    ),
    "no document": (lambda lot: lot.entries.__delitem__(slice(1, None)), METADATA),
    "a document out of the list": (_put("list.entry", None), METADATA),
    "an entry of nothing": (
        _put("list.entry.0.item.reference", "urn:uuid:00000000-0000-4000-8000-000000000000"),
        METADATA,
    ),
    "PUT": (_put("entries.1.request.method", "PUT"), METADATA),
    "another address": (_put("entries.1.request.url", "List"), METADATA),
    "fullUrl of the network": (_put("entries.1.fullUrl", "https://example.org/1"), BAD),
    "fullUrl twice": (lambda lot: lot.entries.append(lot.entries[2]), BAD),
    "no fullUrl": (_put("entries.1.fullUrl", None), BAD),
    "no request": (_put("entries.1.request", None), BAD),
    "an unknown element": (_put("document.comment", "x"), BAD),
    "a number for a text": (_put("document.description", 3), BAD),
    "an empty text": (_put("document.description", ""), BAD),
    "an object for a list": (_put("document.author", {"reference": "#author"}), BAD),
    "an empty list": (_put("document.author", []), BAD),
    "null": (lambda lot: lot.document.update(description=None), BAD),
    "half a character": (_put("document.description", "\ud800"), BAD),
    "a character of control": (_put("document.description", "a\x00b"), BAD),
    "an element whose name is half a character": (_put("document.\ud800", "x"), BAD),
    "another resource": (_put("entries.2.resource", {"resourceType": "Observation", "status": "final"}), BAD),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_is_no_lot_is_refused_and_leaves_nothing(own: Sandbox, fhir: FhirCaller, name: str) -> None:
    edit, refusal = REFUSALS[name]
    lot = FhirLot(fhir.ins)
    edit(lot)
    before = count(own, fhir)
    answer = lot.send(fhir)
    assert answer.refusal == refusal, answer.content
    assert count(own, fhir) == before


def test_a_depth_without_end_is_refused(fhir: FhirCaller) -> None:
    row = b'{"url":"x","extension":[' * 400 + b'{"url":"x"}' + b"]}" * 400
    body = b'{"resourceType":"Bundle","type":"transaction","entry":[{"fullUrl":"u","resource":{"resourceType":"List","extension":[%s]}}]}'
    assert fhir.send("POST", "", body % row).refusal == BAD


@pytest.mark.parametrize("kind", ["batch", "searchset", "document"])
def test_only_a_transaction_deposits(fhir: FhirCaller, kind: str) -> None:
    lot = FhirLot(fhir.ins)
    assert fhir.send("POST", "", {**lot.bundle, "type": kind}).refusal == BAD


PATIENT: dict[str, Edit] = {
    "document": _put("document.subject.identifier.value", "149052123190591"),
    "list": _put("list.subject.identifier.value", "149052123190591"),
    "authority": _put("document.subject.identifier.system", "urn:oid:1.2.250.1.213.1.4.8"),
    "conditional reference": _put(
        "document.subject", {"reference": f"Patient?identifier={INS_SYSTEM}|149052123190591"}
    ),
}


@pytest.mark.parametrize("name", PATIENT)
def test_a_lot_of_another_patient_is_refused(own: Sandbox, fhir: FhirCaller, name: str) -> None:
    lot = FhirLot(fhir.ins)
    PATIENT[name](lot)
    before = count(own, fhir)
    answer = lot.send(fhir)
    assert (answer.status, answer.error) in {(403, "XDSPatientIdDoesNotMatch"), (403, "DMPPatientIdDoesNotMatch")}
    assert count(own, fhir) == before


@pytest.mark.parametrize(
    "subject",
    [
        {"reference": "Patient?identifier=urn:oid:1.2.250.1.213.1.4.10|{ins}"},
        {"reference": "Patient?identifier=urn:oid:1.2.250.1.213.1.4.10%7C{ins}"},
        {"reference": "#source"},
    ],
)
def test_the_patient_may_be_named_otherwise(fhir: FhirCaller, subject: Json) -> None:
    lot = FhirLot(fhir.ins)
    lot.document["subject"] = {"reference": subject["reference"].replace("{ins}", fhir.ins)}
    assert lot.send(fhir).status == 200


@pytest.mark.parametrize("author", ["Organization", "Patient", "Device", "person alone"])
def test_each_kind_of_author(fhir: FhirCaller, author: str) -> None:
    """What it is in XDS, and the same resource coming back."""
    made: dict[str, tuple[Json, dict[str, str]]] = {
        "Organization": (
            {"name": "Labo", "identifier": [{"system": "urn:oid:1.2.250.1.71.4.2.2", "value": "410002422979001"}]},
            {"authorInstitution": "Labo^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^410002422979001"},
        ),
        "Patient": (
            {"name": [{"family": "TEST-X", "given": ["Y"]}], "identifier": [{"system": INS_SYSTEM, "value": fhir.ins}]},
            {"authorPerson": f"{fhir.ins}^TEST-X^Y^^^^^^&1.2.250.1.213.1.4.10&ISO^D^^^NH"},
        ),
        "Device": (
            {
                "deviceName": [{"name": "Lecteur", "type": "user-friendly-name"}],
                "identifier": [{"system": "urn:oid:1.2.250.1.999", "value": "1.2.3"}],
            },
            {"authorPerson": "1.2.3^Lecteur^^^^^^^&1.2.250.1.999&ISO^U^^^RI"},
        ),
    }
    lot = FhirLot(fhir.ins)
    if author == "person alone":
        lot.document["author"] = [{"reference": "#author-person"}]
        wanted = {"authorPerson": "810002422979^DUPONT^Camille^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS"}
    else:
        resource, wanted = made[author]
        lot.document["contained"].append({"resourceType": author, "id": "other", **resource})
        lot.document["author"] = [{"reference": "#author"}, {"reference": "#other"}]
    answer = lot.send(fhir)
    assert answer.status == 200, answer.content
    rows = entry_of(fhir, lot.unique_id).findall(f"{RIM}Classification")
    told = [slots(row) for row in rows if row.get("nodeRepresentation") == ""]
    assert {name: [value] for name, value in wanted.items()} in told


def test_a_specialty_and_a_role_are_kept(fhir: FhirCaller) -> None:
    lot = FhirLot(fhir.ins)
    specialty = {"system": "urn:oid:1.2.250.1.213.1.1.4.5", "code": "G15_10/SM26", "display": "Médecin"}
    lot.document["contained"][2] |= {"specialty": [{"coding": [specialty]}], "code": [{"text": "Rédacteur"}]}
    assert lot.send(fhir).status == 200
    rows = entry_of(fhir, lot.unique_id).findall(f"{RIM}Classification")
    (told,) = [slots(row) for row in rows if row.get("nodeRepresentation") == ""]
    assert told["authorSpecialty"] == ["G15_10/SM26^Médecin^1.2.250.1.213.1.1.4.5"]
    assert told["authorRole"] == ["Rédacteur"]
    (found,) = fhir.found(lot.unique_id)
    role = next(row for row in found["contained"] if row["resourceType"] == "PractitionerRole")
    assert (role["specialty"], role["code"]) == ([{"coding": [specialty]}], [{"text": "Rédacteur"}])


def _signed(lot: FhirLot, signer: Any, *, content: bytes = b"") -> None:
    """The XAdES signature of the lot as one more document of it."""
    other = Lot(lot.ins, lot.unique_id, lot.set_unique_id, content=content or lot.content)
    signature = FhirLot(lot.ins, restrictions=("MASQUE_PS", "INVISIBLE_PATIENT"), content=other.signature(signer))
    nos = "https://mos.esante.gouv.fr/NOS/"
    signature.document["type"] = concept(f"{nos}TRE_A12-NomenclatureASTM/FHIR/TRE-A12-NomenclatureASTM", "E1762")
    urn = f"{nos}TRE_A10-NomenclatureURN/FHIR/TRE-A10-NomenclatureURN"
    signature.document["category"] = [concept(urn, "urn:oid:1.3.6.1.4.1.19376.1.2.1.1.1")]
    signature.document["content"][0]["format"]["code"] = "http://www.w3.org/2000/09/xmldsig#"
    signature.attachment["title"] = "Source"
    lot.entries += signature.entries[1:]
    lot.list["entry"] += signature.list["entry"]


def test_a_signature_signs_the_lot_it_comes_in(fhir: FhirCaller) -> None:
    lot = FhirLot(fhir.ins)
    _signed(lot, fhir.caller.sign)
    answer = lot.send(fhir)
    assert answer.status == 200, answer.content


def test_a_signature_of_something_else_is_refused(own: Sandbox, fhir: FhirCaller) -> None:
    lot = FhirLot(fhir.ins)
    _signed(lot, fhir.caller.sign, content=cda(lot.unique_id, "279035121518989", oid()))
    before = count(own, fhir)
    assert lot.send(fhir).status == 422
    assert count(own, fhir) == before


def test_simplified_publish(fhir: FhirCaller) -> None:
    lot = FhirLot(fhir.ins)
    answer = lot.publish(fhir)
    assert (answer.status, answer.json) == (201, fhir.found(lot.unique_id)[0])
    assert fhir.get(answer.headers["Location"]).json == answer.json
    assert list(fhir.caller.retrieve(fhir.ins, lot.unique_id).parts.values()) == [lot.content]
    reference = f"DocumentReference/{answer.json['id']}"
    lists = [row for row in fhir.lists(("_sort", "-date"), ("_count", "20")).resources if "entry" in row]
    (made,) = [row for row in lists if {"item": {"reference": reference}} in row["entry"]]
    assert made["contained"][0]["identifier"][0]["value"] == "810002422979"


PUBLISHED: dict[str, tuple[Edit, tuple[int, str]]] = {
    "url": (_put("document.content.0.attachment.url", "Binary/1"), METADATA),
    "no data": (_put("document.content.0.attachment.data", None), METADATA),
    "no content": (_put("document.content", None), BAD),
    "relatesTo": (
        _put("document.relatesTo", [{"code": "replaces", "target": {"reference": "DocumentReference/1"}}]),
        METADATA,
    ),
    "hash": (
        _put("document.content.0.attachment.hash", base64.b64encode(bytes(20)).decode()),
        (409, "XDSNonIdenticalHash"),
    ),
    "size": (_put("document.content.0.attachment.size", 3), (422, "XDSRepositoryMetadataError")),
    "patient": (_put("document.subject.identifier.value", "149052123190591"), (403, "XDSPatientIdDoesNotMatch")),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_what_cannot_be_published_alone(own: Sandbox, fhir: FhirCaller, name: str) -> None:
    edit, refusal = PUBLISHED[name]
    lot = FhirLot(fhir.ins)
    lot.document = lot.simplified
    edit(lot)
    before = count(own, fhir)
    assert fhir.send("POST", "DocumentReference", lot.document).refusal == refusal
    assert count(own, fhir) == before


def test_published_then_hidden_from_who_published(fhir: FhirCaller) -> None:
    """A secretary feeds for the doctor a document masked to professionals: she is told that it is kept."""
    with Caller(fhir.caller.ready, "secretary") as caller:
        office = FhirCaller(caller, fhir.ins)
        lot = FhirLot(fhir.ins, restrictions=("MASQUE_PS",))
        answer = lot.publish(office)
        office.close()
    assert (answer.status, answer.json["masterIdentifier"]) == (201, lot.document["masterIdentifier"])
    assert fhir.found(lot.unique_id)


@pytest.mark.parametrize("identity", ["secretary", "structure"])
def test_the_office_feeds_for_its_structure_only(fhir: FhirCaller, identity: str) -> None:
    with Caller(fhir.caller.ready, identity) as caller:
        office = FhirCaller(caller, fhir.ins)
        other = FhirLot(fhir.ins)
        other.document["contained"][1]["identifier"][0]["value"] = "499999999999001"
        assert other.send(office).refusal == METADATA
        assert FhirLot(fhir.ins).send(office).status == 200
        office.close()


@pytest.mark.parametrize("fault", ["drop_before_commit", "drop_after_commit"])
def test_a_lost_line_keeps_all_or_nothing(own: Sandbox, fhir: FhirCaller, fault: str) -> None:
    lot = FhirLot(fhir.ins)
    setattr(own.faults, fault, 1)
    with pytest.raises(OSError):  # noqa: PT011  # which one, TLS decides
        lot.send(fhir)
    assert len(fhir.found(lot.unique_id)) == (fault == "drop_after_commit")
    again = lot.send(fhir)
    assert again.status == (409 if fault == "drop_after_commit" else 200)


def test_simplified_publish_then_archive(fhir: FhirCaller) -> None:
    lot = FhirLot(fhir.ins)
    assert lot.publish(fhir).status == 201
    assert fhir.patch(lot.unique_id, archiving(True)).json["extension"][0]["valueBoolean"] is True


def test_a_closed_record_takes_nothing(own: Sandbox, fhir: FhirCaller) -> None:
    for story, refusal in (("closed", (422, "DMPClosed")), ("none", (404, "DMPNotFound"))):
        other = FhirCaller(fhir.caller, next(str(p["ins"]) for p in own.ready["patients"] if p["story"] == story))
        assert FhirLot(other.ins).send(other).refusal == refusal
        assert FhirLot(other.ins).publish(other).refusal == refusal
        other.close()


def test_a_reference_to_a_document_of_the_record(fhir: FhirCaller) -> None:
    """List.entry may name a document that is there already: the set refers to it."""
    first = FhirLot(fhir.ins)
    first.send(fhir)
    (old,) = fhir.found(first.unique_id)
    lot = FhirLot(fhir.ins)
    lot.list["entry"].append({"item": {"reference": f"DocumentReference/{old['id']}"}})
    assert lot.send(fhir).status == 200
    (found,) = fhir.lists(("identifier", f"urn:oid:{lot.set_unique_id}")).resources
    assert f"DocumentReference/{old['id']}" in {row["item"]["reference"] for row in found["entry"]}


@pytest.mark.parametrize("media", ["application/fhir+xml", "text/plain", "", "application/json-patch+json"])
def test_a_lot_is_json(fhir: FhirCaller, media: str) -> None:
    assert FhirLot(fhir.ins).send(fhir, Content_Type=media).refusal == (415, "DMPInvalidMessage")


@pytest.mark.parametrize("media", ["application/json", "application/fhir+json; charset=UTF-8; fhirVersion=4.0"])
def test_json_by_its_other_names(fhir: FhirCaller, media: str) -> None:
    assert FhirLot(fhir.ins).send(fhir, Content_Type=media).status == 200


@pytest.mark.parametrize("purpose", ["bris_de_glace"])
def test_a_document_is_fed_in_break_glass(fhir: FhirCaller, purpose: str) -> None:
    vihf = replace(fhir.caller.vihf(fhir.ins), purpose=purpose)
    assert FhirLot(fhir.ins).send(fhir, vihf).status == 200


def test_identifier_system_is_that_of_uris(fhir: FhirCaller) -> None:
    lot = FhirLot(fhir.ins)
    lot.document["masterIdentifier"]["system"] = "urn:oid:1.2.3"
    assert lot.send(fhir).refusal == METADATA
