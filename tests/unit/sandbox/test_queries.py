"""TD3.1: each stored query by each of its criteria, and each rule on parameters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.sandbox import Sandbox, Tolerances, checks, criteria, search
from dmp_desktop.sandbox.ebrim import oddities, read_lot
from dmp_desktop.sandbox.model import Kind, RegistryObject
from tests.helpers.dmp_lot import PERSON, Lot, slot
from tests.helpers.dmp_wire import APPROVED, DEPRECATED, QUERY, Answer, Caller, query_body
from tests.helpers.seeded import seeded

Slots = dict[str, str | list[str]]
PATIENT, STATUS = "$XDSDocumentEntryPatientId", "$XDSDocumentEntryStatus"
SET_PATIENT, SET_STATUS = "$XDSSubmissionSetPatientId", "$XDSSubmissionSetStatus"
REFERENCES = "$XDSDocumentEntryReferenceIdList"
BY_UUID, BY_UNIQUE_ID = "$XDSDocumentEntryEntryUUID", "$XDSDocumentEntryUniqueId"
ACCESSION = "2026-77^^^&1.2.250.1.999.7&ISO^urn:ihe:iti:xds:2013:accession"
ORDER = "O-12^^^&1.2.250.1.999.7&ISO^urn:ihe:iti:xds:2013:order"
CONFIDENTIALITY, RESTRICTIONS = "2.16.840.1.113883.5.25", "1.2.250.1.213.1.1.4.13"
STABLE = "urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1"
ON_DEMAND = "urn:uuid:34268e47-fdf5-41a6-ba33-82133c465248"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(seeded(tmp_path_factory.mktemp("queries"))) as running:
        yield running


@pytest.fixture(scope="module")
def asker(own: Sandbox) -> Iterator[Caller]:
    with Caller(own.ready, "doctor") as caller:
        yield caller


@pytest.fixture(scope="module")
def ins(own: Sandbox) -> str:
    return next(str(p["ins"]) for p in own.ready["patients"] if p["story"] == "ordinary")


@pytest.fixture(scope="module")
def lots(asker: Caller, ins: str) -> dict[str, Lot]:
    """Three deposits: of one accession, of two references, invisible to the patient."""
    references = "urn:ihe:iti:xds:2013:referenceIdList"
    escaped = [value.replace("&", "&amp;") for value in (ACCESSION, ORDER)]
    made = {
        "one": Lot(ins, more_slots=slot(references, escaped[0])),
        "two": Lot(ins, more_slots=slot(references, *escaped)),
        "hidden": Lot(ins, restrictions=("INVISIBLE_PATIENT",)),
    }
    for lot in made.values():
        assert lot.send(asker).errors == []
    return made


def cx(ins: str) -> str:
    return f"'{ins}^^^&1.2.250.1.213.1.4.10&ISO^NH'"


def ask(caller: Caller, ins: str, query: str, slots: Slots, return_type: str = "LeafClass") -> Answer:
    answer = caller.call("/registry", QUERY, query_body(query, slots, return_type), ins)
    assert answer.status == 200, answer.fault
    return answer


def rows(answer: Answer, name: str = "ExtrinsicObject") -> list[Any]:
    assert answer.errors == []
    return list(answer.body.iter(f"{{*}}{name}"))


def ids(answer: Answer, name: str = "ExtrinsicObject") -> set[str]:
    return {row.get("id") for row in rows(answer, name)}


def refusals(answer: Answer) -> list[str]:
    return [code for code, _ in answer.errors]


def entry(own: Sandbox, lot: Lot) -> RegistryObject:
    known = own.registry.object(lot.unique_id)
    assert known is not None
    return known[0]


# FindDocumentsByReferenceId


def by_reference(caller: Caller, ins: str, *values: str, **more: str) -> Answer:
    slots: Slots = {
        PATIENT: cx(ins),
        STATUS: f"('{APPROVED}')",
        **{f"$XDSDocumentEntry{k}": v for k, v in more.items()},
    }
    body = query_body(search.FIND_BY_REFERENCE, slots)
    repeated = "".join(
        f'<rim:Slot name="{REFERENCES}"><rim:ValueList><rim:Value>{value.replace("&", "&amp;")}</rim:Value>'
        "</rim:ValueList></rim:Slot>"
        for value in values
    )
    answer = caller.call("/registry", QUERY, body.replace("</rim:AdhocQuery>", repeated + "</rim:AdhocQuery>"), ins)
    assert answer.status == 200, answer.fault
    return answer


def test_by_reference(own: Sandbox, asker: Caller, ins: str, lots: dict[str, Lot]) -> None:
    one, two = entry(own, lots["one"]).id, entry(own, lots["two"]).id
    assert ids(by_reference(asker, ins, f"('{ACCESSION}')")) == {one, two}
    assert ids(by_reference(asker, ins, f"('{ORDER}')")) == {two}
    assert ids(by_reference(asker, ins, f"('{ORDER}','{ACCESSION}')")) == {one, two}, "alternatives in one slot"
    assert ids(by_reference(asker, ins, f"('{ORDER}')", f"('{ACCESSION}')")) == {two}, (
        "a repeated slot adds a condition"
    )
    assert ids(by_reference(asker, ins, f"('{ACCESSION[1:]}')")) == set()
    other_class = "('42^^1.2.250.1.213.1.1.4.1')"
    assert ids(by_reference(asker, ins, f"('{ACCESSION}')", ClassCode=other_class)) == set()


def test_references_are_identifiers(asker: Caller, ins: str) -> None:
    assert refusals(by_reference(asker, ins, "('2026-77')")) == ["XDSRegistryError"]
    assert refusals(by_reference(asker, ins, f"'{ACCESSION}'")) == ["XDSRegistryError"]
    assert refusals(by_reference(asker, ins)) == ["XDSStoredQueryMissingParam"]


# Answers


@pytest.mark.parametrize("story", ["ordinary", "chronic", "child"])
def test_what_is_answered_keeps_to_the_rules_of_what_is_sent(own: Sandbox, asker: Caller, story: str) -> None:
    """And has what ITI-18 adds: hash, size, repository, status, logical id, version."""
    patient = next(p["patient"] for p in own.ready["patients"] if p["story"] == story)
    identity = InsIdentity(patient["ins"], patient["ins_oid"])
    body = asker.find(identity.value).body
    lot = read_lot(body, {})
    subject = checks.Subject(lot, identity, Tolerances(), oddities(body))
    rules = {rule: code for rule, code in checks.METADATA.items() if rule is not checks.one_submission_set}
    assert checks.run(subject, rules) == []
    assert len(lot.entries) > 30
    for found, row in zip(lot.entries, rows(asker.find(identity.value)), strict=True):
        assert found.status == APPROVED
        assert found.lid.startswith("urn:uuid:")
        assert row.find("{*}VersionInfo").get("versionName") == "1"
        assert found.slot("repositoryUniqueId") == "1.2.250.1.213.4.1.1.1.2"
        assert len(found.slot("hash")) == 40
        assert found.slot("size").isdecimal()


# FindDocuments

CODED = {
    "ClassCode": criteria.ENTRY_CODES["$XDSDocumentEntryClassCode"],
    "TypeCode": criteria.ENTRY_CODES["$XDSDocumentEntryTypeCode"],
    "FormatCode": criteria.ENTRY_CODES["$XDSDocumentEntryFormatCode"],
    "PracticeSettingCode": criteria.ENTRY_CODES["$XDSDocumentEntryPracticeSettingCode"],
    "HealthcareFacilityTypeCode": criteria.ENTRY_CODES["$XDSDocumentEntryHealthcareFacilityTypeCode"],
    "ConfidentialityCode": criteria.ENTRY_CODES["$XDSDocumentEntryConfidentialityCode"],
}


def visible(own: Sandbox, asker: Caller, ins: str) -> list[RegistryObject]:
    """What FindDocuments gives without a criterion, as it is stored."""
    listed = ids(asker.find(ins))
    return [found for found in own.registry.objects(ins, Kind.ENTRY) if found.id in listed]


@pytest.mark.parametrize("name", CODED)
@pytest.mark.parametrize("form", ["list", "values"])
def test_codes_are_alternatives(
    own: Sandbox, asker: Caller, ins: str, lots: dict[str, Lot], name: str, form: str
) -> None:
    """In one list or in several values of the slot: it is the same."""
    entries = visible(own, asker, ins)
    known = sorted({f"{code.node}^^{code.coding_scheme}" for found in entries for code in found.coded(CODED[name])})
    wanted = known[-2:]
    expected = {
        found.id
        for found in entries
        if {f"{code.node}^^{code.coding_scheme}" for code in found.coded(CODED[name])} & set(wanted)
    }
    value = (
        "(" + ",".join(f"'{code}'" for code in wanted) + ")" if form == "list" else [f"('{code}')" for code in wanted]
    )
    assert expected
    assert ids(asker.find(ins, **{name: value})) == expected
    other_scheme = wanted[0].partition("^^")[0] + "^^1.2.3"
    assert ids(asker.find(ins, **{name: f"('{other_scheme}')"})) == set()


def test_a_repeated_slot_adds_a_condition(own: Sandbox, asker: Caller, ins: str, lots: dict[str, Lot]) -> None:
    body = query_body(search.FIND_DOCUMENTS, {PATIENT: cx(ins), STATUS: f"('{APPROVED}')"})
    repeated = "".join(
        f'<rim:Slot name="$XDSDocumentEntryConfidentialityCode"><rim:ValueList><rim:Value>{value}</rim:Value>'
        "</rim:ValueList></rim:Slot>"
        for value in (f"('N^^{CONFIDENTIALITY}')", f"('INVISIBLE_PATIENT^^{RESTRICTIONS}')")
    )
    answer = asker.call("/registry", QUERY, body.replace("</rim:AdhocQuery>", repeated + "</rim:AdhocQuery>"), ins)
    expected = {found.id for found in visible(own, asker, ins) if {"N", "INVISIBLE_PATIENT"} <= found.confidentiality}
    assert entry(own, lots["hidden"]).id in expected
    assert ids(answer) == expected


@pytest.mark.parametrize("name", ["creationTime", "serviceStartTime", "serviceStopTime"])
def test_periods(own: Sandbox, asker: Caller, ins: str, lots: dict[str, Lot], name: str) -> None:
    """From is inclusive, To exclusive; what has no date matches."""
    entries = visible(own, asker, ins)
    bound = sorted(found.slot(name) for found in entries if found.slot(name))[len(entries) // 2]
    criterion = name[0].upper() + name[1:]
    after, before = (ids(asker.find(ins, **{criterion + end: bound})) for end in ("From", "To"))
    undated = {found.id for found in entries if not found.slot(name)}
    assert after == undated | {found.id for found in entries if found.slot(name) >= bound}
    assert before == undated | {found.id for found in entries if found.slot(name) < bound}
    assert bool(undated) == (name == "serviceStopTime")
    year = ids(asker.find(ins, **{criterion + "From": bound[:4]}))
    assert year == undated | {found.id for found in entries if found.slot(name)[:4] >= bound[:4]}


def test_authors_of_documents(own: Sandbox, asker: Caller, ins: str) -> None:
    entries = visible(own, asker, ins)
    expected = {f.id for f in entries if any("^DUPONT^" in value for value in f.author_values("authorPerson"))}
    assert ids(asker.find(ins, AuthorPerson="('%^DUPONT^%')")) == expected
    assert ids(asker.find(ins, AuthorPerson="('%^DUPON_^%','%^NOBODY^%')")) == expected
    assert ids(asker.find(ins, AuthorPerson="('DUPONT')")) == set()


def test_types_of_documents(asker: Caller, ins: str) -> None:
    assert ids(asker.find(ins, Type=f"('{STABLE}')")) == ids(asker.find(ins))
    assert ids(asker.find(ins, Type=f"('{ON_DEMAND}')")) == set()


def test_statuses_are_alternatives(asker: Caller, ins: str) -> None:
    both = ids(ask(asker, ins, search.FIND_DOCUMENTS, {PATIENT: cx(ins), STATUS: f"('{APPROVED}','{DEPRECATED}')"}))
    assert both == ids(asker.find(ins)) | ids(asker.find(ins, status=DEPRECATED))


# FindSubmissionSets


def sets(caller: Caller, ins: str, **more: str | list[str]) -> Answer:
    slots: Slots = {SET_PATIENT: cx(ins), SET_STATUS: f"('{APPROVED}')"}
    return ask(caller, ins, search.FIND_SETS, {**slots, **{f"$XDSSubmissionSet{k}": v for k, v in more.items()}})


def test_sets_by_each_criterion(own: Sandbox, asker: Caller, ins: str, lots: dict[str, Lot]) -> None:
    everyone = own.registry.objects(ins, Kind.SET)
    assert ids(sets(asker, ins), "RegistryPackage") == {found.id for found in everyone}
    mine = {f.id for f in everyone if f.external["urn:uuid:554ac39e-e3fe-47fe-b233-965d2a147832"] == "1.2.250.1.999.1"}
    assert len(mine) == len(lots)
    assert ids(sets(asker, ins, SourceId="('1.2.250.1.999.1')"), "RegistryPackage") == mine
    assert ids(sets(asker, ins, ContentType="('07^^1.2.250.1.213.2.2')"), "RegistryPackage") >= mine
    assert ids(sets(asker, ins, ContentType="('03^^1.2.250.1.213.2.2')"), "RegistryPackage") == set()
    since = sorted(found.slot("submissionTime") for found in everyone)[-10]
    recent = {found.id for found in everyone if found.slot("submissionTime") >= since}
    assert ids(sets(asker, ins, SubmissionTimeFrom=since), "RegistryPackage") == recent
    assert ids(sets(asker, ins, SubmissionTimeTo=since), "RegistryPackage") == {f.id for f in everyone} - recent
    hers = {f.id for f in everyone if any("^DUPONT^" in value for value in f.author_values("authorPerson"))}
    assert ids(sets(asker, ins, AuthorPerson="'%^DUPONT^%'"), "RegistryPackage") == hers
    assert refusals(sets(asker, ins, AuthorPerson="('%^DUPONT^%')")) == ["XDSRegistryError"], "a single value there"
    assert PERSON.startswith("810002422979^DUPONT")


# GetDocuments, GetAssociations, GetDocumentsAndAssociations


@pytest.mark.parametrize("query", [search.GET_DOCUMENTS, search.GET_DOCUMENTS_AND_ASSOCIATIONS])
def test_documents_by_their_two_names(own: Sandbox, asker: Caller, ins: str, lots: dict[str, Lot], query: str) -> None:
    found = [entry(own, lots[name]) for name in ("one", "two")]
    uuids = "(" + ",".join(f"'{f.id}'" for f in found) + ")"
    uniques = [f"('{f.unique_id}')" for f in found]
    for slots in ({BY_UUID: uuids}, {BY_UNIQUE_ID: uniques}):
        assert ids(ask(asker, ins, query, slots)) == {f.id for f in found}  # type: ignore[arg-type]
    assert ids(ask(asker, ins, query, {BY_UUID: f"('{found[0].unique_id}')"})) == set()
    assert ids(ask(asker, ins, query, {BY_UNIQUE_ID: f"('{found[0].id}')"})) == set()
    assert len(rows(ask(asker, ins, query, {BY_UUID: f"('{found[0].id}','{found[0].id}')"}))) == 1
    assert refusals(ask(asker, ins, query, {})) == ["XDSStoredQueryMissingParam"]
    both: Slots = {BY_UUID: uuids, BY_UNIQUE_ID: uniques}
    assert refusals(ask(asker, ins, query, both)) == ["XDSStoredQueryParamNumber"]


def test_associations_of_documents(own: Sandbox, asker: Caller, ins: str, lots: dict[str, Lot]) -> None:
    found = entry(own, lots["one"])
    both = ask(asker, ins, search.GET_DOCUMENTS_AND_ASSOCIATIONS, {BY_UUID: f"('{found.id}')"})
    links = rows(both, "Association")
    assert [link.get("targetObject") for link in links] == [found.id]
    alone = ask(asker, ins, search.GET_ASSOCIATIONS, {"$uuid": f"('{found.id}')"})
    assert ids(alone, "Association") == {link.get("id") for link in links}
    submission = links[0].get("sourceObject")
    of_set = rows(ask(asker, ins, search.GET_ASSOCIATIONS, {"$uuid": [f"('{submission}')"]}), "Association")
    kinds = sorted(link.get("associationType").rpartition(":")[2] for link in of_set)
    assert kinds == ["HasMember", "HasMember", "signs"]
    assert refusals(ask(asker, ins, search.GET_ASSOCIATIONS, {})) == ["XDSStoredQueryMissingParam"]


def test_nothing_of_another_patient(own: Sandbox, asker: Caller, ins: str) -> None:
    chronic = next(p["ins"] for p in own.ready["patients"] if p["story"] == "chronic")
    other = own.registry.objects(chronic, Kind.ENTRY)[0]
    named = f"('{other.id}')"
    assert ids(ask(asker, ins, search.GET_DOCUMENTS, {BY_UUID: named})) == set()
    assert ids(ask(asker, ins, search.GET_ASSOCIATIONS, {"$uuid": named}), "Association") == set()
    assert ids(ask(asker, ins, search.GET_DOCUMENTS_AND_ASSOCIATIONS, {BY_UUID: named}), "Association") == set()


@pytest.mark.parametrize("query", search.QUERIES)
def test_references_are_the_same_objects(
    own: Sandbox, asker: Caller, ins: str, lots: dict[str, Lot], query: str
) -> None:
    """ObjectRef gives the ids of what LeafClass gives."""
    found = entry(own, lots["two"])
    slots: dict[str, Slots] = {
        search.FIND_DOCUMENTS: {PATIENT: cx(ins), STATUS: f"('{APPROVED}')"},
        search.FIND_BY_REFERENCE: {PATIENT: cx(ins), STATUS: f"('{APPROVED}')", REFERENCES: f"('{ORDER}')"},
        search.FIND_SETS: {SET_PATIENT: cx(ins), SET_STATUS: f"('{APPROVED}')"},
        search.GET_DOCUMENTS: {BY_UUID: f"('{found.id}')"},
        search.GET_ASSOCIATIONS: {"$uuid": f"('{found.id}')"},
        search.GET_DOCUMENTS_AND_ASSOCIATIONS: {BY_UUID: f"('{found.id}')"},
    }
    leaves = list(ask(asker, ins, query, slots[query]).body.find("{*}RegistryObjectList"))
    references = list(ask(asker, ins, query, slots[query], "ObjectRef").body.find("{*}RegistryObjectList"))
    assert leaves
    assert {reference.tag.partition("}")[2] for reference in references} == {"ObjectRef"}
    assert [reference.get("id") for reference in references] == [leaf.get("id") for leaf in leaves]


# Rules on parameters


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"$XDSDocumentEntryTypCode": "('11488-4^^2.16.840.1.113883.6.1')"}, "XDSRegistryError"),
        ({REFERENCES: f"('{ORDER}')"}, "XDSRegistryError"),
        ({BY_UUID: "('urn:uuid:00000000-0000-4000-8000-000000000001')"}, "XDSRegistryError"),
        ({STATUS: "('Approved')"}, "XDSRegistryError"),
        ({STATUS: []}, "XDSStoredQueryMissingParam"),
        ({STATUS: f"'{APPROVED}'"}, "XDSRegistryError"),
        ({PATIENT: []}, "XDSStoredQueryMissingParam"),
        ({"$XDSDocumentEntryClassCode": "'10^^1.2.250.1.213.1.1.4.1'"}, "XDSRegistryError"),
        ({"$XDSDocumentEntryClassCode": "(10^^1.2.250.1.213.1.1.4.1)"}, "XDSRegistryError"),
        ({"$XDSDocumentEntryClassCode": "('10^1.2.250.1.213.1.1.4.1')"}, "XDSRegistryError"),
        ({"$XDSDocumentEntryClassCode": "('10^^1.2.250.1.213.1.1.4.1'"}, "XDSRegistryError"),
        ({"$XDSDocumentEntryAuthorPerson": "'%DUPONT%'"}, "XDSRegistryError"),
        ({"$XDSDocumentEntryCreationTimeFrom": ["2025", "2026"]}, "XDSStoredQueryParamNumber"),
        ({"$XDSDocumentEntryCreationTimeFrom": "2026-11-22"}, "XDSRegistryError"),
        ({"$XDSDocumentEntryServiceStopTimeTo": "('2026')"}, "XDSRegistryError"),
    ],
)
def test_wrong_parameters(asker: Caller, ins: str, more: Slots, code: str) -> None:
    slots: Slots = {PATIENT: cx(ins), STATUS: f"('{APPROVED}')", **more}
    assert refusals(ask(asker, ins, search.FIND_DOCUMENTS, slots)) == [code]


@pytest.mark.parametrize("name", [STATUS, "$XDSDocumentEntryClassCode"])
def test_a_slot_that_may_not_be_repeated(asker: Caller, ins: str, name: str) -> None:
    slots: Slots = {
        PATIENT: cx(ins),
        STATUS: f"('{APPROVED}')",
        "$XDSDocumentEntryClassCode": "('10^^1.2.250.1.213.1.1.4.1')",
    }
    body = query_body(search.FIND_DOCUMENTS, slots)
    start = body.index(f'<rim:Slot name="{name}"')
    piece = body[start : body.index("</rim:Slot>", start) + len("</rim:Slot>")]
    answer = asker.call("/registry", QUERY, body.replace(piece, piece + piece), ins)
    assert refusals(answer) == ["XDSStoredQueryParamNumber"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('returnComposedObjects="true"', 'returnComposedObjects="false"'),
        ('returnComposedObjects="true"', ""),
        ('returnType="LeafClass"', 'returnType="LeafClassWithRepositoryItem"'),
        ('returnType="LeafClass"', ""),
    ],
)
def test_the_form_of_the_answer_is_asked_for(asker: Caller, ins: str, old: str, new: str) -> None:
    body = query_body(search.FIND_DOCUMENTS, {PATIENT: cx(ins), STATUS: f"('{APPROVED}')"})
    assert old in body
    assert asker.call("/registry", QUERY, body.replace(old, new), ins).fault[0] == "soap:DMPInvalidMessage"
