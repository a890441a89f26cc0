"""TD3.1 and TD3.2 over the scripted patients."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dmp_desktop.sandbox import Sandbox
from dmp_desktop.sandbox.model import Kind
from tests.helpers.dmp_wire import APPROVED, DEPRECATED, QUERY, RETRIEVE, Answer, Caller, query_body, retrieve_body

ARCHIVED = "urn:asip:ci-sis:2010:StatusType:Archived"
FIND_SETS = "urn:uuid:f26abbcb-ac74-4422-8a30-edb644bbc1a9"
GET_DOCUMENTS = "urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4"
GET_ASSOCIATIONS = "urn:uuid:a7ae438b-4bc2-4642-93e9-be891f7bb155"
GET_BOTH = "urn:uuid:bab9529a-4a10-40b3-a01f-f68a615d247a"
BY_REFERENCE = "urn:uuid:12941a89-e02e-4be5-967c-ce4bfc8fe492"
UNIQUE_ID = "urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab"


def entries(answer: Answer) -> list[Any]:
    assert answer.status == 200, answer.fault
    return list(answer.body.iter("{*}ExtrinsicObject"))


def slot(entry: Any, name: str) -> str:
    return str(entry.findtext(f"{{*}}Slot[@name='{name}']/{{*}}ValueList/{{*}}Value"))


def unique_id(entry: Any) -> str:
    return str(entry.find(f"{{*}}ExternalIdentifier[@identificationScheme='{UNIQUE_ID}']").get("value"))


def query(caller: Caller, ins: str, name: str, **slots: str | list[str]) -> Answer:
    return caller.call("/registry", QUERY, query_body(name, {f"${key}": value for key, value in slots.items()}), ins)


def cx(ins: str) -> str:
    return f"'{ins}^^^&1.2.250.1.213.1.4.10&ISO^NH'"


@pytest.mark.parametrize(("story", "count"), [("ordinary", 60), ("chronic", 400), ("child", 32)])
def test_approved_documents(doctor: Caller, patients: dict[str, str], story: str, count: int) -> None:
    assert len(entries(doctor.find(patients[story]))) == count


def test_other_statuses_are_asked_for(doctor: Caller, patients: dict[str, str]) -> None:
    assert len(entries(doctor.find(patients["chronic"], status=ARCHIVED))) == 3
    deprecated = entries(doctor.find(patients["chronic"], status=DEPRECATED))
    assert deprecated
    assert {entry.get("status") for entry in deprecated} == {DEPRECATED}


def test_documents_masked_by_others_are_hidden(sandbox: Sandbox, doctor: Caller, patients: dict[str, str]) -> None:
    stored = sandbox.registry.objects(patients["ordinary"], Kind.ENTRY)
    masked = {found.unique_id for found in stored if "MASQUE_PS" in found.confidentiality}
    seen = {unique_id(entry) for entry in entries(doctor.find(patients["ordinary"]))}
    hidden = sorted(masked - seen)
    assert hidden
    assert masked & seen, "her own masked documents stay visible"
    assert doctor.retrieve(patients["ordinary"], hidden[0]).errors[0][0] == "XDSDocumentUniqueIdError"
    answer = query(doctor, patients["ordinary"], GET_DOCUMENTS, XDSDocumentEntryUniqueId=f"('{hidden[0]}')")
    assert entries(answer) == []


def test_criteria(doctor: Caller, patients: dict[str, str]) -> None:
    ins = patients["chronic"]
    every = entries(doctor.find(ins))
    biology = entries(doctor.find(ins, TypeCode="('11502-2^^2.16.840.1.113883.6.1')"))
    assert len(biology) == 136
    both = entries(doctor.find(ins, ClassCode="('31^^1.2.250.1.213.1.1.4.1','42^^1.2.250.1.213.1.1.4.1')"))
    assert len(both) == 18 + 72 + 20 + 2
    recent = (datetime.now(UTC) - timedelta(days=365)).strftime("%Y%m%d%H%M%S")
    after = entries(doctor.find(ins, ServiceStartTimeFrom=recent))
    before = entries(doctor.find(ins, ServiceStartTimeTo=recent))
    assert len(after) + len(before) == len(every)
    assert all(slot(entry, "serviceStartTime") >= recent for entry in after)
    assert 20 < len(after) < 80
    hers = entries(doctor.find(ins, AuthorPerson="('810002422979%')"))
    assert 0 < len(hers) < len(every)
    masked = entries(doctor.find(ins, ConfidentialityCode="('MASQUE_PS^^1.2.250.1.213.1.1.4.13')"))
    assert len(masked) == 4
    no_scheme = doctor.find(ins, TypeCode="('11502-2')")
    assert no_scheme.errors[0][0] == "XDSRegistryError"


@pytest.mark.parametrize(
    ("slots", "code"),
    [
        ({"XDSDocumentEntryStatus": f"('{APPROVED}')"}, "XDSStoredQueryMissingParam"),
        ({"XDSDocumentEntryPatientId": "{cx}"}, "XDSStoredQueryMissingParam"),
        ({"XDSDocumentEntryPatientId": "({cx})", "XDSDocumentEntryStatus": f"('{APPROVED}')"}, "XDSRegistryError"),
        ({"XDSDocumentEntryPatientId": "{cx}", "XDSDocumentEntryStatus": APPROVED}, "XDSRegistryError"),
        (
            {"XDSDocumentEntryPatientId": ["{cx}", "{cx}"], "XDSDocumentEntryStatus": "('x')"},
            "XDSStoredQueryParamNumber",
        ),
        ({"XDSDocumentEntryPatientId": "'1^^^&1.2&ISO^NH'", "XDSDocumentEntryStatus": "('x')"}, "XDSUnknownPatientId"),
        (
            {
                "XDSDocumentEntryPatientId": "{cx}",
                "XDSDocumentEntryStatus": f"('{APPROVED}')",
                "XDSDocumentEntryCreationTimeFrom": "'2026'",
            },
            "XDSRegistryError",
        ),
    ],
)
def test_wrong_queries_are_refused(
    doctor: Caller, patients: dict[str, str], slots: dict[str, str | list[str]], code: str
) -> None:
    def fill(value: str | list[str]) -> str | list[str]:
        mine = cx(patients["ordinary"])
        return value.replace("{cx}", mine) if isinstance(value, str) else [v.replace("{cx}", mine) for v in value]

    find = "urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d"
    answer = query(doctor, patients["ordinary"], find, **{name: fill(value) for name, value in slots.items()})
    assert answer.errors[0][0] == code


def test_other_patient_than_the_vihf(doctor: Caller, patients: dict[str, str]) -> None:
    answer = doctor.find(patients["chronic"], vihf=doctor.vihf(patients["ordinary"]))
    assert [code for code, _ in answer.errors] == ["XDSPatientIdDoesNotMatch"]


def test_unknown_query(doctor: Caller, patients: dict[str, str]) -> None:
    answer = query(doctor, patients["ordinary"], "urn:uuid:00000000-0000-4000-8000-000000000000")
    assert answer.errors[0][0] == "XDSUnknownStoredQuery"


def test_version_chain_by_associations(doctor: Caller, patients: dict[str, str]) -> None:
    old = entries(doctor.find(patients["chronic"], status=DEPRECATED))[0]
    answer = query(doctor, patients["chronic"], GET_BOTH, XDSDocumentEntryEntryUUID=f"('{old.get('id')}')")
    links = list(answer.body.iter("{*}Association"))
    replaced = [link for link in links if link.get("associationType").endswith(":RPLC")]
    assert old.get("id") in {link.get("targetObject") for link in replaced}
    members = [link for link in links if link.get("associationType").endswith(":HasMember")]
    assert [link.get("targetObject") for link in members] == [old.get("id")]


def test_consultation_flow_by_submission_sets(doctor: Caller, patients: dict[str, str]) -> None:
    """FindSubmissionSets since a date, GetAssociations, GetDocuments (reference §2.3)."""
    since = (datetime.now(UTC) - timedelta(days=60)).strftime("%Y%m%d%H%M%S")
    sets = query(
        doctor,
        patients["chronic"],
        FIND_SETS,
        XDSSubmissionSetPatientId=cx(patients["chronic"]),
        XDSSubmissionSetStatus=f"('{APPROVED}')",
        XDSSubmissionSetSubmissionTimeFrom=since,
    )
    identifiers = [package.get("id") for package in sets.body.iter("{*}RegistryPackage")]
    assert identifiers
    wanted = "(" + ",".join(f"'{identifier}'" for identifier in identifiers) + ")"
    links = query(doctor, patients["chronic"], GET_ASSOCIATIONS, uuid=wanted)
    targets = [link.get("targetObject") for link in links.body.iter("{*}Association")]
    uuids = "(" + ",".join(f"'{target}'" for target in targets) + ")"
    found = query(doctor, patients["chronic"], GET_DOCUMENTS, XDSDocumentEntryEntryUUID=uuids)
    assert len(entries(found)) == len(targets)


def test_reference_query_needs_its_list(doctor: Caller, patients: dict[str, str]) -> None:
    answer = query(
        doctor,
        patients["ordinary"],
        BY_REFERENCE,
        XDSDocumentEntryPatientId=cx(patients["ordinary"]),
        XDSDocumentEntryStatus=f"('{APPROVED}')",
    )
    assert answer.errors[0][0] == "XDSStoredQueryMissingParam"


def test_object_references(doctor: Caller, patients: dict[str, str]) -> None:
    answer = doctor.find(patients["ordinary"], return_type="ObjectRef")
    assert len(list(answer.body.iter("{*}ObjectRef"))) == 60
    assert entries(answer) == []


def test_retrieved_bytes_are_those_described(doctor: Caller, patients: dict[str, str]) -> None:
    described = entries(doctor.find(patients["ordinary"]))[:5]
    answer = doctor.retrieve(patients["ordinary"], *map(unique_id, described))
    assert len(answer.parts) == 5
    for entry, content in zip(described, answer.parts.values(), strict=True):
        assert hashlib.sha1(content, usedforsecurity=False).hexdigest() == slot(entry, "hash")
        assert len(content) == int(slot(entry, "size"))
        assert f'<id root="{unique_id(entry)}"/>'.encode() in content


def test_what_cannot_be_retrieved(doctor: Caller, patients: dict[str, str]) -> None:
    entry = entries(doctor.find(patients["ordinary"]))[0]
    by_uuid = doctor.retrieve(patients["ordinary"], entry.get("id"))
    assert by_uuid.errors[0][0] == "XDSDocumentUniqueIdError"
    other = doctor.retrieve(patients["chronic"], unique_id(entry))
    assert other.errors[0][0] == "XDSDocumentUniqueIdError"
    some = doctor.retrieve(patients["ordinary"], unique_id(entry), "1.2.3")
    assert some.body.find("{*}RegistryResponse").get("status").endswith("PartialSuccess")
    assert len(some.parts) == 1


def test_each_document_has_its_own_error(sandbox: Sandbox, doctor: Caller, patients: dict[str, str]) -> None:
    """Two that are there, in the order asked for, and one error for each of the others, which its location names."""
    ins = patients["ordinary"]
    first, second = entries(doctor.find(ins))[:2]
    seen = {entry.get("id") for entry in entries(doctor.find(ins))}
    hidden = next(
        found.unique_id
        for found in sandbox.registry.objects(ins, Kind.ENTRY)
        if "MASQUE_PS" in found.confidentiality and found.id not in seen
    )
    body = retrieve_body(unique_id(second), "1.2.3", unique_id(first), hidden)
    elsewhere = retrieve_body("1.2.4", repository="1.2.3.4")
    more = elsewhere[elsewhere.index("<DocumentRequest>") : elsewhere.index("</RetrieveDocumentSetRequest>")]
    body = body.replace("</RetrieveDocumentSetRequest>", more + "</RetrieveDocumentSetRequest>")
    answer = doctor.call("/repository", RETRIEVE, body, ins)
    assert answer.body.find("{*}RegistryResponse").get("status") == "urn:ihe:iti:2007:ResponseStatusType:PartialSuccess"
    given = [row.findtext("{*}DocumentUniqueId") for row in answer.body.iter("{*}DocumentResponse")]
    assert given == [unique_id(second), unique_id(first)]
    digests = [hashlib.sha1(part, usedforsecurity=False).hexdigest() for part in answer.parts.values()]
    assert digests == [slot(second, "hash"), slot(first, "hash")]
    errors = [(e.get("errorCode"), e.get("location")) for e in answer.body.iter("{*}RegistryError")]
    assert errors == [
        ("XDSDocumentUniqueIdError", "1.2.3"),
        ("XDSDocumentUniqueIdError", hidden),
        ("XDSUnknownRepositoryId", "1.2.3.4"),
    ]


def test_nothing_found_is_a_failure_that_names_each(doctor: Caller, patients: dict[str, str]) -> None:
    answer = doctor.retrieve(patients["ordinary"], "1.2.3", "1.2.4", "1.2.5")
    assert answer.body.find("{*}RegistryResponse").get("status").endswith(":Failure")
    assert [e.get("location") for e in answer.body.iter("{*}RegistryError")] == ["1.2.3", "1.2.4", "1.2.5"]
    assert (answer.parts, list(answer.body.iter("{*}DocumentResponse"))) == ({}, [])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<DocumentUniqueId>1.2.3</DocumentUniqueId>", ""),
        ("<DocumentUniqueId>1.2.3<", "<DocumentUniqueId> <"),
        ("<RepositoryUniqueId>1.2.250.1.213.4.1.1.1.2</RepositoryUniqueId>", ""),
        ("</DocumentRequest>", "<DocumentUniqueId>1.2.4</DocumentUniqueId></DocumentRequest>"),
        ("</RetrieveDocumentSetRequest>", "{again}</RetrieveDocumentSetRequest>"),
        ("DocumentRequest>", "Document>"),
    ],
)
def test_wrong_requests_of_documents(doctor: Caller, patients: dict[str, str], old: str, new: str) -> None:
    body = retrieve_body("1.2.3")
    assert old in body
    again = body[body.index("<DocumentRequest>") : body.index("</RetrieveDocumentSetRequest>")]
    body = body.replace(old, new.replace("{again}", again))
    assert doctor.call("/repository", RETRIEVE, body, patients["ordinary"]).fault[0] == "soap:DMPInvalidMessage"


def test_unknown_repository(doctor: Caller, patients: dict[str, str]) -> None:
    body = retrieve_body("1.2.3", repository="1.2.3.4")
    assert doctor.call("/repository", RETRIEVE, body, patients["ordinary"]).errors[0][0] == "XDSUnknownRepositoryId"


@pytest.mark.parametrize("story", ["closed", "none", "forbidden", "empty"])
def test_records_that_cannot_be_read(doctor: Caller, patients: dict[str, str], story: str) -> None:
    expected = {"closed": "soap:DMPClosed", "none": "soap:DMPNotFound"}.get(
        story, "soap:DMPAccessDeniedByRightsService"
    )
    assert doctor.find(patients[story]).fault[0] == expected
    assert doctor.retrieve(patients[story], "1.2.3").fault[0] == expected
