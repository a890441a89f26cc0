"""PATCH: status, securityLabel and isArchived, by both kinds of patch, seen by XDS; everything else is refused and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from lxml import etree

from dmp_desktop.sandbox import Sandbox
from tests.helpers.dmp_lot import Lot
from tests.helpers.dmp_update import ARCHIVED, DELETED, Update
from tests.helpers.dmp_wire import APPROVED, Caller
from tests.helpers.fhir_raw import (
    CONFIDENTIALITY,
    IS_ARCHIVED,
    IS_DELETED,
    RESTRICTIONS,
    URIS,
    FhirCaller,
    FhirLot,
    Json,
    archiving,
    concept,
    deleting,
    masking,
    operation,
    parameters,
)
from tests.helpers.seeded import seeded

BOTH = pytest.mark.parametrize("pointer", [True, False], ids=["JSON Patch", "FHIRPath Patch"])
UPDATE, DENIED = "XDSMetadataUpdateError", "DMPAccessDeniedByRightsService"
OTHER = {
    "identifier": [{"system": "urn:oid:1.2.250.1.71.4.2.1", "value": "899999999999"}],
    "name": [{"family": "TEST-AUTRE", "given": ["Claude"]}],
}


@pytest.fixture(scope="module")
def fhir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FhirCaller]:
    """A patient whose attending doctor is another one."""
    with Sandbox(seeded(tmp_path_factory.mktemp("fhir-patch"))) as running, Caller(running.ready, "doctor") as caller:
        found = FhirCaller(caller, next(str(p["ins"]) for p in running.ready["patients"] if p["story"] == "ordinary"))
        yield found
        found.close()


def deposited(fhir: FhirCaller, *restrictions: str, by_other: bool = False) -> FhirLot:
    lot = FhirLot(fhir.ins, restrictions=restrictions)
    if by_other:
        lot.document["contained"][0] |= OTHER
    assert lot.send(fhir).status == 200
    return lot


def xds(fhir: FhirCaller, unique_id: str, status: str = APPROVED) -> Any:
    """The ExtrinsicObject the raw stored query finds, or None."""
    rows = fhir.caller.find(fhir.ins, status=status).body.iter("{*}ExtrinsicObject")
    return next((row for row in rows if row.xpath(f"*[@value='{unique_id}']")), None)


def labels(resource: Json) -> set[str]:
    return {coding["code"] for row in resource["securityLabel"] for coding in row["coding"]}


@BOTH
def test_archived_then_back(fhir: FhirCaller, *, pointer: bool) -> None:
    lot = deposited(fhir)
    answer = fhir.patch(lot.unique_id, archiving(True, pointer=pointer))
    assert (answer.status, answer.json["status"]) == (200, "current")
    assert answer.json["extension"] == [{"url": IS_ARCHIVED, "valueBoolean": True}]
    assert xds(fhir, lot.unique_id) is None
    assert xds(fhir, lot.unique_id, ARCHIVED) is not None
    assert fhir.patch(lot.unique_id, archiving(False, pointer=pointer)).status == 200
    assert xds(fhir, lot.unique_id) is not None


@BOTH
def test_deleted_as_the_draft_says(fhir: FhirCaller, *, pointer: bool) -> None:
    lot = deposited(fhir)
    (before,) = fhir.found(lot.unique_id)
    answer = fhir.patch(lot.unique_id, deleting(pointer=pointer))
    assert (answer.status, answer.json["status"]) == (200, "entered-in-error")
    assert fhir.found(lot.unique_id) == []
    for kind in ("DocumentReference", "Binary"):
        assert fhir.get(f"{kind}/{before['id']}").refusal == (404, "XDSDocumentUniqueIdError")
    assert fhir.patch(lot.unique_id, archiving(True)).refusal == (404, "XDSDocumentUniqueIdError")
    assert xds(fhir, lot.unique_id) is None
    assert b"XDSDocumentUniqueIdError" in fhir.caller.retrieve(fhir.ins, lot.unique_id).content


@BOTH
def test_deleted_as_pdsm_says_later(fhir: FhirCaller, *, pointer: bool) -> None:
    """isDeleted goes with superseded; neither is enough alone."""
    lot = deposited(fhir)
    flag = {"url": IS_DELETED, "valueBoolean": True}
    if pointer:
        mark = [{"op": "add", "path": "/extension/-", "value": flag}]
        both: Any = [*mark, {"op": "replace", "path": "/status", "value": "superseded"}]
        one: Any = mark
    else:
        parts = [{"name": "url", "valueUri": IS_DELETED}, {"name": "value", "valueBoolean": True}]
        added = operation("add", "DocumentReference", name={"valueString": "extension"}, value={"part": parts})
        one = parameters(added)
        superseded = operation("replace", "DocumentReference.status", value={"valueCode": "superseded"})
        both = parameters(added, superseded)
    assert fhir.patch(lot.unique_id, one).refusal == (422, UPDATE)
    assert xds(fhir, lot.unique_id) is not None
    assert fhir.patch(lot.unique_id, both).status == 200
    assert xds(fhir, lot.unique_id) is None
    assert fhir.found(lot.unique_id) == []


def test_superseded_alone_is_refused(fhir: FhirCaller) -> None:
    lot = deposited(fhir)
    told = [{"op": "replace", "path": "/status", "value": "superseded"}]
    assert fhir.patch(lot.unique_id, told).refusal == (422, UPDATE)


@BOTH
def test_masked_then_unmasked(fhir: FhirCaller, *, pointer: bool) -> None:
    lot = deposited(fhir)
    masked = fhir.patch(lot.unique_id, masking(pointer=pointer))
    assert (masked.status, labels(masked.json)) == (200, {"N", "MASQUE_PS"})
    assert (masked.json["meta"]["versionId"], masked.headers["ETag"]) == ("2", 'W/"2"')
    assert b"MASQUE_PS" in _text(xds(fhir, lot.unique_id))
    path = "DocumentReference.securityLabel.where(coding.code='MASQUE_PS')"
    back: Any = [{"op": "remove", "path": "/securityLabel/1"}] if pointer else parameters(operation("delete", path))
    shown = fhir.patch(lot.unique_id, back)
    assert (shown.status, labels(shown.json), shown.headers["ETag"]) == (200, {"N"}, 'W/"3"')
    assert b"MASQUE_PS" not in _text(xds(fhir, lot.unique_id))


def _text(entry: Any) -> bytes:
    return bytes(etree.tostring(entry))


REPLACED = f"DocumentReference.securityLabel.coding.where(system='{RESTRICTIONS}').code"


@pytest.mark.parametrize(
    "body",
    [
        [{"op": "remove", "path": "/securityLabel/1"}],
        [
            {"op": "test", "path": "/securityLabel/1/coding/0/code", "value": "INVISIBLE_PATIENT"},
            {"op": "replace", "path": "/securityLabel", "value": [concept(CONFIDENTIALITY, "N")]},
        ],
        parameters(operation("delete", "DocumentReference.securityLabel[1]")),
    ],
)
def test_made_visible_to_the_patient(fhir: FhirCaller, body: Any) -> None:
    lot = deposited(fhir, "INVISIBLE_PATIENT")
    assert labels(fhir.patch(lot.unique_id, body).json) == {"N"}


@pytest.mark.parametrize(
    "body",
    [
        parameters(operation("replace", REPLACED, value={"valueCode": "MASQUE_PS"})),
        parameters(
            operation(
                "replace",
                "DocumentReference.securityLabel[1]",
                value={"valueCodeableConcept": concept(RESTRICTIONS, "MASQUE_PS")},
            )
        ),
        [{"op": "replace", "path": "/securityLabel/1", "value": concept(RESTRICTIONS, "MASQUE_PS")}],
    ],
)
def test_one_restriction_replaced_by_another(fhir: FhirCaller, body: Any) -> None:
    """Each form of the replacement: two transactions at once, both allowed."""
    lot = deposited(fhir, "INVISIBLE_PATIENT")
    assert labels(fhir.patch(lot.unique_id, body).json) == {"N", "MASQUE_PS"}


def test_what_is_visible_to_the_patient_stays_so(fhir: FhirCaller) -> None:
    lot = deposited(fhir)
    assert fhir.patch(lot.unique_id, masking("INVISIBLE_PATIENT")).refusal == (
        422,
        "XDSMetadataUpdateOperationError",
    )


def test_archived_and_masked_at_once(fhir: FhirCaller) -> None:
    lot = deposited(fhir)
    both: Any = [*archiving(True), *masking()]
    answer = fhir.patch(lot.unique_id, both)
    assert (answer.status, labels(answer.json)) == (200, {"N", "MASQUE_PS"})
    assert answer.json["extension"][0]["valueBoolean"] is True


def test_deleted_and_masked_at_once_is_refused(fhir: FhirCaller) -> None:
    lot = deposited(fhir)
    both: Any = [*deleting(), *masking()]
    assert fhir.patch(lot.unique_id, both).refusal == (422, UPDATE)
    assert xds(fhir, lot.unique_id) is not None


def test_designated_by_each_of_its_names(fhir: FhirCaller) -> None:
    lot = deposited(fhir)
    first = fhir.found(lot.unique_id)[0]
    fhir.patch(lot.unique_id, masking())
    lid = first["identifier"][0]["value"]
    for value, archived in ((f"{URIS}%7C{lid}", True), (f"{URIS}%7Curn:oid:{lot.unique_id}", False)):
        body = archiving(archived)
        answer = fhir.send(
            "PATCH", f"DocumentReference?identifier={value}", body, Content_Type="application/json-patch+json"
        )
        assert answer.json["extension"][0]["valueBoolean"] is archived
    assert fhir.patch(first["id"], archiving(True)).status == 200


def test_if_match_is_the_version(fhir: FhirCaller) -> None:
    lot = deposited(fhir)
    assert fhir.patch(lot.unique_id, archiving(True), If_Match='W/"2"').refusal == (412, "XDSMetadataVersionError")
    assert fhir.patch(lot.unique_id, archiving(True), If_Match='W/"1"').status == 200


NO_OTHER = (405, UPDATE)
NO_EFFECT = (422, UPDATE)
BAD = (400, "DMPInvalidMessage")
ADD = {"op": "add", "path": "/securityLabel/-"}


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ([{"op": "replace", "path": "/description", "value": "x"}], NO_OTHER),
        ([{"op": "replace", "path": "/content/0/attachment/title", "value": "x"}], NO_OTHER),
        ([{"op": "remove", "path": "/author"}], NO_OTHER),
        ([{"op": "replace", "path": "", "value": {}}], NO_OTHER),
        (parameters(operation("replace", "DocumentReference.description", value={"valueString": "x"})), NO_OTHER),
        (parameters(operation("delete", "DocumentReference.author[0]")), NO_OTHER),
        (parameters(operation("insert", "DocumentReference.securityLabel")), NO_OTHER),
        (
            parameters(
                operation("add", "DocumentReference", name={"valueString": "title"}, value={"valueString": "x"})
            ),
            NO_OTHER,
        ),
        ([{"op": "add", "path": "/extension/-", "value": {"url": "urn:x", "valueBoolean": True}}], NO_OTHER),
        ([{"op": "add", "path": "/extension/-", "value": {"url": IS_ARCHIVED, "valueBoolean": True}}], NO_OTHER),
        (archiving(False), NO_EFFECT),
        ([{"op": "test", "path": "/status", "value": "current"}], NO_EFFECT),
        ([{"op": "test", "path": "/status", "value": "superseded"}, *deleting()], NO_EFFECT),
        ([{"op": "replace", "path": "/securityLabel/9", "value": concept(RESTRICTIONS, "MASQUE_PS")}], NO_EFFECT),
        ([{"op": "remove", "path": "/securityLabel/x"}], NO_EFFECT),
        ([{**ADD, "path": "/securityLabel/5", "value": concept(RESTRICTIONS, "MASQUE_PS")}], NO_EFFECT),
        (parameters(operation("delete", "DocumentReference.securityLabel[7]")), NO_EFFECT),
        (parameters(operation("delete", "DocumentReference.securityLabel.where(coding.code='R')")), NO_EFFECT),
        (parameters(operation("replace", REPLACED, value={"valueCode": "MASQUE_PS"})), NO_EFFECT),
        ([{"op": "replace", "path": "/extension/0/valueBoolean", "value": "oui"}], BAD),
        ([{"op": "replace", "path": "/status", "value": 3}], BAD),
        ([{"op": "replace", "path": "/securityLabel", "value": "x"}], BAD),
        ([{"op": "replace", "path": "/securityLabel", "value": []}], BAD),
        ([{"op": "move", "from": "/status", "path": "/securityLabel"}], BAD),
        ([{"op": "add", "path": "/securityLabel/-"}], BAD),
        ([{"op": "replace", "path": "status", "value": "x"}], BAD),
        ([{"op": "replace", "path": "/status~2", "value": "x"}], BAD),
        ([{"op": ["replace"], "path": "/status", "value": "x"}], BAD),
        (["x"], BAD),
        ([], BAD),
        ({"resourceType": "DocumentReference", "status": "current"}, BAD),
        ({"resourceType": "Parameters", "parameter": []}, BAD),
        (parameters({"name": "other", "part": []}), BAD),
        (parameters({"name": "operation", "part": [{"name": "type", "valueCode": "delete"}]}), BAD),
        (parameters(operation("replace", "DocumentReference.status")), BAD),
        (parameters(operation("replace", "DocumentReference.securityLabel[0]")), BAD),
        (parameters(operation("add", "DocumentReference", name={"valueString": "securityLabel"})), BAD),
        (
            parameters(
                operation("add", "DocumentReference", name={"valueString": "securityLabel"}),
                operation("replace", REPLACED, value={"valueCode": "MASQUE_PS"}),
            ),
            BAD,
        ),
        (
            parameters(
                operation("add", "DocumentReference", name={"valueString": "securityLabel"}),
                operation("delete", "DocumentReference.securityLabel.where(coding.code='R')"),
            ),
            BAD,
        ),
        ([{**ADD, "value": {"text": "sans code"}}], (422, "XDSRegistryMetadataError")),
        ([{**ADD, "value": concept("http://example.org", "MASQUE_PS")}], (422, "XDSRegistryMetadataError")),
    ],
)
def test_what_a_patch_cannot_do(fhir: FhirCaller, body: Any, refusal: tuple[int, str]) -> None:
    (before,) = fhir.found(_kept(fhir))
    assert fhir.patch(_kept(fhir), body).refusal == refusal
    assert fhir.found(_kept(fhir)) == [before]


_KEPT: list[str] = []


def _kept(fhir: FhirCaller) -> str:
    """uniqueId of a document that all refusals are asked of."""
    if not _KEPT:
        _KEPT.append(deposited(fhir).unique_id)
    return _KEPT[0]


@pytest.mark.parametrize(
    ("query", "refusal"),
    [
        ("", BAD),
        ("?type=11488-4", BAD),
        ("?identifier=2.25.1&status=current", BAD),
        ("?identifier=", (400, "XDSStoredQueryMissingParam")),
        ("?identifier=2.25.1", (404, "XDSDocumentUniqueIdError")),
    ],
)
def test_a_patch_designates_one_document(fhir: FhirCaller, query: str, refusal: tuple[int, str]) -> None:
    answer = fhir.send(
        "PATCH", f"DocumentReference{query}", archiving(True), Content_Type="application/json-patch+json"
    )
    assert answer.refusal == refusal


def test_two_documents_are_not_changed_by_one_patch(fhir: FhirCaller) -> None:
    one, two = deposited(fhir), deposited(fhir)
    query = f"?identifier={one.unique_id},{two.unique_id}"
    answer = fhir.send(
        "PATCH", f"DocumentReference{query}", archiving(True), Content_Type="application/json-patch+json"
    )
    assert answer.refusal == (412, UPDATE)


@pytest.mark.parametrize("media", ["application/fhir+xml", "text/plain", "application/merge-patch+json"])
def test_a_patch_of_another_kind_is_refused(fhir: FhirCaller, media: str) -> None:
    assert fhir.patch(_kept(fhir), archiving(True), Content_Type=media).refusal == (415, "DMPInvalidMessage")


@pytest.mark.parametrize("body", [b"", b"{", b"[[[", b'[{"op":"test","op":"add"}]', b"\xff"])
def test_a_patch_that_is_no_json_is_refused(fhir: FhirCaller, body: bytes) -> None:
    path = f"DocumentReference?identifier={_kept(fhir)}"
    for media in ("application/json-patch+json", "application/fhir+json"):
        assert fhir.send("PATCH", path, body, Content_Type=media).refusal == BAD


def test_a_replaced_document_is_neither_archived_nor_masked(fhir: FhirCaller) -> None:
    lot = deposited(fhir)
    (old,) = fhir.found(lot.unique_id)
    assert FhirLot(fhir.ins, replaces=old).send(fhir).status == 200
    assert fhir.patch(old["id"], archiving(True)).refusal == NO_EFFECT
    assert fhir.patch(old["id"], masking()).refusal == (422, "XDSMetadataUpdateOperationError")
    assert fhir.patch(old["id"], deleting()).status == 200


@pytest.mark.parametrize("mode", ["bris_de_glace", "centre_15"])
def test_nothing_changes_in_break_glass(fhir: FhirCaller, mode: str) -> None:
    vihf = replace(fhir.caller.vihf(fhir.ins), purpose=mode)
    for body in (archiving(True), masking(), deleting()):
        assert fhir.patch(_kept(fhir), body, vihf).refusal == (403, DENIED)
    assert labels(fhir.found(_kept(fhir))[0]) == {"N"}


@pytest.mark.parametrize(("body", "allowed"), [(archiving(True), False), (deleting(), False), (masking(), True)])
def test_the_document_of_another_may_be_masked_only(fhir: FhirCaller, body: Any, *, allowed: bool) -> None:
    """§4, doctor who is not the attending one."""
    answer = fhir.patch(deposited(fhir, by_other=True).unique_id, body)
    assert answer.status == (200 if allowed else 403)
    assert allowed or answer.error == DENIED


def test_once_masked_the_document_of_another_is_unknown(fhir: FhirCaller) -> None:
    lot = deposited(fhir, by_other=True)
    (before,) = fhir.found(lot.unique_id)
    answer = fhir.patch(lot.unique_id, masking())
    assert (answer.status, labels(answer.json)) == (200, {"N", "MASQUE_PS"})
    assert fhir.found(lot.unique_id) == []
    for kind in ("DocumentReference", "Binary"):
        assert fhir.get(f"{kind}/{before['id']}").status == 404
    assert fhir.patch(before["id"], archiving(True)).status == 404


@pytest.mark.parametrize("identity", ["secretary", "structure"])
def test_the_office_deletes_and_learns_nothing(fhir: FhirCaller, identity: str) -> None:
    """§4: TD3.3c on what the structure has fed; of the document it may know the reference only."""
    lot, other = deposited(fhir), deposited(fhir)
    assert fhir.caller.authorise(fhir.ins, "AJOUT").status == 200
    with Caller(fhir.caller.ready, identity) as caller:
        office = FhirCaller(caller, fhir.ins)
        assert caller.authorise(fhir.ins, "AJOUT").status == 200
        for body in (archiving(True), masking()):
            assert office.patch(other.unique_id, body).refusal == (403, DENIED)
        answer = office.patch(lot.unique_id, deleting())
        office.close()
    assert answer.status == 200
    assert b"TEST-X" not in answer.content
    assert b"Compte rendu" not in answer.content
    assert fhir.found(lot.unique_id) == []


@pytest.mark.parametrize("status", [ARCHIVED, DELETED])
def test_what_xds_changes_fhir_sees(fhir: FhirCaller, status: str) -> None:
    lot = Lot(fhir.ins)
    lot.send(fhir.caller)
    (before,) = fhir.found(lot.unique_id)
    assert not Update(fhir.ins, ((f"urn:uuid:{before['id']}", APPROVED, status),)).send(fhir.caller).errors
    after = fhir.found(lot.unique_id)
    if status == DELETED:
        assert after == []
    else:
        assert after == [{**before, "extension": [{"url": IS_ARCHIVED, "valueBoolean": True}]}]
