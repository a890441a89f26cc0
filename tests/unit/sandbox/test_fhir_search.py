"""ITI-67 and ITI-66: each search parameter against the same choice made here over everything, and what a search may not say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from dmp_desktop.sandbox import Sandbox
from tests.helpers.dmp_lot import Lot
from tests.helpers.dmp_wire import Caller
from tests.helpers.fhir_raw import (
    CONFIDENTIALITY,
    FORM,
    INS_SYSTEM,
    NOS,
    RESTRICTIONS,
    FhirCaller,
    FhirLot,
    Json,
    archiving,
    masking,
)
from tests.helpers.seeded import seeded

EVERY = "current,superseded"
CLASSES = f"{NOS}TRE_A03-ClasseDocument/FHIR/TRE-A03-ClasseDocument"


@pytest.fixture(scope="module")
def fhir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FhirCaller]:
    """The chronic patient, with a document that has every element, an archived one, a masked one."""
    with Sandbox(seeded(tmp_path_factory.mktemp("fhir-search"))) as running, Caller(running.ready, "doctor") as caller:
        found = FhirCaller(caller, next(str(p["ins"]) for p in running.ready["patients"] if p["story"] == "chronic"))
        first, archived, masked = FhirLot(found.ins), FhirLot(found.ins), FhirLot(found.ins)
        for lot in (first, archived, masked):
            assert lot.send(found).status == 200
        assert FhirLot(found.ins, replaces=found.found(first.unique_id)[0]).send(found).status == 200
        assert found.patch(archived.unique_id, archiving(True)).status == 200
        assert found.patch(masked.unique_id, masking()).status == 200
        yield found
        found.close()


def everything(fhir: FhirCaller, kind: str = "DocumentReference") -> list[Json]:
    """All resources, by following the links."""
    found, path = [], ""
    while True:
        answer = fhir.get(path) if path else listed(fhir, kind)
        found += answer.resources
        following = [row["url"] for row in answer.json["link"] if row["relation"] == "next"]
        if not following:
            assert len(found) == answer.json["total"]
            return found
        path = following[0]


def listed(fhir: FhirCaller, kind: str) -> Any:
    return fhir.search(status=EVERY, _count="200") if kind == "DocumentReference" else fhir.lists(("_count", "200"))


@pytest.fixture(scope="module")
def documents(fhir: FhirCaller) -> list[Json]:
    return everything(fhir)


@pytest.fixture(scope="module")
def lists(fhir: FhirCaller) -> list[Json]:
    return everything(fhir, "List")


def codes(*rows: Json) -> set[str]:
    return {coding["code"] for row in rows for coding in row["coding"]}


def people(resource: Json, part: str = "author") -> list[Json]:
    """The practitioners who are authors."""
    rows = resource[part] if isinstance(resource[part], list) else [resource[part]]
    names = {f"{row['reference'].removeprefix('#')}-person" for row in rows}
    return [row for row in resource["contained"] if row["id"] in names and row["resourceType"] == "Practitioner"]


def family(resource: Json, start: str) -> bool:
    return any(row["name"][0].get("family", "").lower().startswith(start) for row in people(resource))


Choice = Callable[[Json], bool]
CRITERIA: dict[str, Choice] = {
    "type=11488-4": lambda r: "11488-4" in codes(r["type"]),
    "type=http://loinc.org|11488-4": lambda r: "11488-4" in codes(r["type"]),
    "type=urn:oid:2.16.840.1.113883.6.1|11488-4,57833-6": lambda r: bool({"11488-4", "57833-6"} & codes(r["type"])),
    "category=31": lambda r: "31" in codes(*r["category"]),
    f"category={CLASSES}|31": lambda r: "31" in codes(*r["category"]),
    "facility=SA07": lambda r: "SA07" in codes(r["context"]["facilityType"]),
    "setting=AMBULATOIRE": lambda r: "AMBULATOIRE" in codes(r["context"]["practiceSetting"]),
    "format=urn:ihe:iti:xds-sd:pdf:2008": lambda r: r["content"][0]["format"]["code"] == "urn:ihe:iti:xds-sd:pdf:2008",
    "event=ESSAI": lambda r: "ESSAI" in codes(*r["context"].get("event", [])),
    "security-label=MASQUE_PS": lambda r: "MASQUE_PS" in codes(*r["securityLabel"]),
    f"security-label={RESTRICTIONS}|MASQUE_PS": lambda r: "MASQUE_PS" in codes(*r["securityLabel"]),
    "security-label=MASQUE_PS&security-label=N": lambda r: {"MASQUE_PS", "N"} <= codes(*r["securityLabel"]),
    "date=2026-11": lambda r: r["date"].startswith("2026-11"),
    "date=eq2026-11-22": lambda r: r["date"].startswith("2026-11-22"),
    "date=ge2022": lambda r: r["date"] >= "2022",
    "date=gt2022": lambda r: r["date"] >= "2023",
    "date=le2022": lambda r: r["date"] < "2023",
    "date=lt2022-06-15": lambda r: r["date"] < "2022-06-15",
    "creation=ge2022-06&creation=lt2023": lambda r: "2022-06" <= r["date"] < "2023",
    "date=ge2026-11-22T11:00:00+01:00": lambda r: r["date"] >= "2026-11-22T10:00:00Z",
    "date=gt2026-11-22T09:59:59Z": lambda r: r["date"] > "2026-11-22T09:59:59Z",
    "date=lt2026-11-22T10:00:00Z": lambda r: r["date"] < "2026-11-22T10:00:00Z",
    "period=2022": lambda r: r["context"]["period"]["start"] < "2023" and r["context"]["period"]["end"] >= "2022",
    "period=2026-11-22T09:10:00Z": lambda r: (
        r["context"]["period"]["start"] <= "2026-11-22T09:10:00Z" <= r["context"]["period"]["end"]
    ),
    "period-start=ge2022": lambda r: r["context"]["period"]["start"] >= "2022",
    "period-end=lt2022": lambda r: r["context"]["period"]["end"] < "2022",
    "author.family=dup": lambda r: family(r, "dup"),
    "author.given=camille": lambda r: any("Camille" in row["name"][0].get("given", []) for row in people(r)),
    "author=810002422979": lambda r: any(row["identifier"][0]["value"] == "810002422979" for row in people(r)),
    "author=urn:oid:1.2.250.1.71.4.2.1|810002422979": lambda r: any(
        row["identifier"][0]["value"] == "810002422979" for row in people(r)
    ),
    "isArchived=true": lambda r: r["extension"][0]["valueBoolean"],
    "isArchived=false": lambda r: not r["extension"][0]["valueBoolean"],
    "type=11488-4&date=ge2022&isArchived=false": lambda r: (
        "11488-4" in codes(r["type"]) and r["date"] >= "2022" and not r["extension"][0]["valueBoolean"]
    ),
}


@pytest.mark.parametrize("criteria", CRITERIA)
def test_each_criterion_chooses_the_same(fhir: FhirCaller, documents: list[Json], criteria: str) -> None:
    """One row: some are chosen, some are not where the values differ, and they are those chosen here."""
    pairs = [tuple(row.split("=", 1)) for row in criteria.split("&")]
    answer = fhir.search(*pairs, status=EVERY, _count="200", _elements="id")  # type: ignore[arg-type]
    wanted = [row["id"] for row in documents if CRITERIA[criteria](row)]
    assert wanted
    assert answer.json["total"] == len(wanted)
    assert answer.ids == wanted[:200]


def test_status_is_heard(fhir: FhirCaller, documents: list[Json]) -> None:
    for status in ("current", "superseded"):
        count = sum(row["status"] == status for row in documents)
        assert fhir.search(status=status).json["total"] == count > 0


@pytest.mark.parametrize(
    "value", ["{unique}", "urn:ietf:rfc:3986|urn:oid:{unique}", "urn:oid:{unique}", "urn:uuid:{id}", "{lid}"]
)
def test_a_document_is_found_by_each_of_its_names(fhir: FhirCaller, documents: list[Json], value: str) -> None:
    one = next(row for row in documents if row["meta"]["versionId"] == "2")
    unique = one["masterIdentifier"]["value"].removeprefix("urn:oid:")
    text = value.format(unique=unique, id=one["id"], lid=one["identifier"][0]["value"])
    assert fhir.search(identifier=text, status=EVERY).ids == [one["id"]]
    assert fhir.search(_id=one["id"]).ids == [one["id"]]


def test_an_identifier_of_another_system_is_no_name(fhir: FhirCaller, documents: list[Json]) -> None:
    unique = documents[0]["masterIdentifier"]["value"].removeprefix("urn:oid:")
    assert fhir.search(identifier=f"urn:oid:1.2.3|{unique}").json["total"] == 0


@pytest.mark.parametrize("name", ["related", "related:identifier"])
def test_a_reference_identifier_finds_its_document(fhir: FhirCaller, documents: list[Json], name: str) -> None:
    one = next(row for row in documents if "related" in row["context"])
    value = one["context"]["related"][0]["identifier"]["value"]
    for text in (value, f"urn:oid:1.2.250.1.999.1|{value}"):
        assert fhir.search((name, text), status=EVERY).ids == [one["id"]]
    assert fhir.search((name, f"urn:oid:1.2.3|{value}"), status=EVERY).ids == []


def test_a_replacement_is_found_by_what_it_replaces(fhir: FhirCaller, documents: list[Json]) -> None:
    one = next(row for row in documents if "relatesTo" in row)
    target = one["relatesTo"][0]["target"]["reference"]
    assert fhir.search(relatesto=target, status=EVERY).ids == [one["id"]]
    assert one["id"] not in fhir.search(relatesto=f"DocumentReference/{one['id']}", status=EVERY).ids


def test_pages_hold_everything_once(fhir: FhirCaller, documents: list[Json]) -> None:
    assert len(documents) > 400
    assert len({row["id"] for row in documents}) == len(documents)


def test_a_page_is_of_100_at_first_and_never_of_more_than_200(fhir: FhirCaller) -> None:
    assert len(fhir.search().resources) == 100
    assert len(fhir.search(_count="201").resources) == 200
    assert fhir.search(_count="0").json.get("entry", []) == []


def test_the_next_page_keeps_the_criteria(fhir: FhirCaller) -> None:
    answer = fhir.search(type="11488-4", _count="7")
    (following,) = [row["url"] for row in answer.json["link"] if row["relation"] == "next"]
    second = fhir.get(following)
    assert len(second.ids) == 7
    assert not set(second.ids) & set(answer.ids)
    assert all("11488-4" in codes(row["type"]) for row in second.resources)
    assert second.json["total"] == answer.json["total"]


def test_sorted_by_date(fhir: FhirCaller) -> None:
    for order in ("date", "-date"):
        dates = [row["date"] for row in fhir.search(_sort=order, _count="200").resources]
        assert dates == sorted(dates, reverse=order == "-date")
        assert len(set(dates)) > 50


def test_entries_say_where_they_are(fhir: FhirCaller) -> None:
    row = fhir.search(_count="1").json["entry"][0]
    assert row["search"] == {"mode": "match"}
    assert fhir.get(row["fullUrl"]).json == row["resource"]


def test_a_form_asks_as_an_address_does(fhir: FhirCaller) -> None:
    form = urlencode([fhir.whose, ("status", "current"), ("_count", "5")]).encode()
    answer = fhir.send("POST", "DocumentReference/_search", form, Content_Type=FORM)
    assert (answer.status, answer.ids) == (200, fhir.search(_count="5").ids)
    lists = urlencode([fhir.whose, ("status", "current"), ("code", "submissionset"), ("_count", "5")]).encode()
    assert fhir.send("POST", "List/_search", lists, Content_Type=FORM).ids == fhir.lists(("_count", "5")).ids


def test_a_search_is_posted_as_a_form_only(fhir: FhirCaller) -> None:
    assert fhir.send("POST", "DocumentReference/_search", b"{}").refusal == (415, "DMPInvalidMessage")


def test_patient_may_be_written_with_a_colon(fhir: FhirCaller) -> None:
    name, value = fhir.whose
    pairs = [(name.replace(".", ":"), value), ("status", "current"), ("_count", "3")]
    assert fhir.query("DocumentReference", *pairs).ids == fhir.search(_count="3").ids


MISSING = (400, "XDSStoredQueryMissingParam")
WRONG = (400, "XDSRegistryError")
TWICE = (400, "XDSStoredQueryParamNumber")


@pytest.mark.parametrize(
    ("criteria", "refusal"),
    [
        ("status=current", MISSING),
        ("@", MISSING),
        ("@&status=", MISSING),
        ("@&status=current&type=", WRONG),
        ("@&status=current&type=11488-4,", WRONG),
        ("@&status=entered-in-error", WRONG),
        ("@&status=current&unknown=x", WRONG),
        ("@&status=current&type:not=11488-4", WRONG),
        ("@&status=current&type=http://example.org|1", WRONG),
        ("@&status=current&date=hier", WRONG),
        ("@&status=current&date=ne2026", WRONG),
        ("@&status=current&date=2026-13", WRONG),
        ("@&status=current&date=2026-11-22T10:00", WRONG),
        ("@&status=current&isArchived=oui", WRONG),
        ("@&status=current&_sort=title", WRONG),
        ("@&status=current&_count=-1", WRONG),
        ("@&status=current&_count=x", WRONG),
        ("@&status=current&_elements=content", WRONG),
        ("@&status=current&status=superseded", TWICE),
        ("@&@&status=current", TWICE),
        ("@&status=current&_count=1&_count=2", TWICE),
        ("patient.identifier=279035121518989&status=current", WRONG),
    ],
)
def test_what_cannot_be_searched_is_said(fhir: FhirCaller, criteria: str, refusal: tuple[int, str]) -> None:
    query = criteria.replace("@", f"patient.identifier={INS_SYSTEM}|{fhir.ins}")
    pairs = [tuple(row.split("=", 1)) for row in query.split("&")]
    assert fhir.query("DocumentReference", *pairs).refusal == refusal  # type: ignore[arg-type]


def test_a_date_that_does_not_exist_is_refused(fhir: FhirCaller) -> None:
    assert fhir.search(date="2026-02-30").refusal == WRONG
    assert fhir.search(date="2026-02-30T10:00:00Z").refusal == WRONG


def named(found: Json, part: str, value: object) -> bool:
    return any(row["name"][0].get(part) == value for row in people(found, "source"))


LISTS: dict[str, Choice] = {
    "date=ge2022": lambda r: r["date"] >= "2022",
    "date=lt2022&date=ge2020": lambda r: "2020" <= r["date"] < "2022",
    "designationType=07": lambda r: "07" in codes(r["extension"][0]["valueCodeableConcept"]),
    "designationType=urn:oid:1.2.250.1.213.2.2|07": lambda r: "07" in codes(r["extension"][0]["valueCodeableConcept"]),
    "sourceId=urn:oid:1.2.250.1.999.1": lambda r: (
        r["extension"][1]["valueIdentifier"]["value"] == "urn:oid:1.2.250.1.999.1"
    ),
    "source.family=dupont": lambda r: named(r, "family", "DUPONT"),
    "source.given=Cam": lambda r: named(r, "given", ["Camille"]),
}


@pytest.mark.parametrize("criteria", LISTS)
def test_each_criterion_chooses_the_same_lots(fhir: FhirCaller, lists: list[Json], criteria: str) -> None:
    pairs = [tuple(row.split("=", 1)) for row in criteria.split("&")]
    answer = fhir.lists(("_count", "200"), *pairs)  # type: ignore[arg-type]
    wanted = [row["id"] for row in lists if LISTS[criteria](row)]
    assert 0 < len(wanted) < len(lists)
    assert (answer.json["total"], answer.ids) == (len(wanted), wanted[:200])


def test_a_lot_is_found_by_each_of_its_names(fhir: FhirCaller, lists: list[Json]) -> None:
    one = lists[7]
    for row in one["identifier"]:
        assert fhir.lists(("identifier", row["value"])).ids == [one["id"]]
    assert fhir.get(f"List/{one['id']}").json == one
    assert fhir.get("List/00000000-0000-4000-8000-000000000000").status == 404


def test_the_lot_deposited_comes_back_as_it_was_sent(fhir: FhirCaller) -> None:
    lot = FhirLot(fhir.ins)
    lot.send(fhir)
    (found,) = fhir.lists(("identifier", f"urn:oid:{lot.set_unique_id}")).resources
    (document,) = fhir.found(lot.unique_id)
    for name in ("status", "mode", "title", "code", "subject", "date", "note"):
        assert found[name] == lot.list[name], name
    assert [row["item"]["reference"] for row in found["entry"]] == [f"DocumentReference/{document['id']}"]
    assert found["extension"][1] == lot.list["extension"][1]


@pytest.mark.parametrize("code", ["", "folder", "http://example.org|folder"])
def test_only_submission_sets_are_listed(fhir: FhirCaller, code: str) -> None:
    answer = fhir.query("List", fhir.whose, ("status", "current"), ("code", code))
    assert answer.refusal == (WRONG if code else MISSING)


@pytest.mark.parametrize("query", ["status=superseded", "_elements=id", "type=11488-4"])
def test_what_cannot_be_asked_of_lots(fhir: FhirCaller, query: str) -> None:
    name, value = query.split("=")
    pairs = {"status": "current", "code": "submissionset", name: value}
    assert fhir.query("List", fhir.whose, *pairs.items()).refusal == WRONG


def test_xds_and_fhir_list_the_same(fhir: FhirCaller, documents: list[Json]) -> None:
    """The same documents, ids and titles, told by the raw stored query."""
    body = fhir.caller.find(fhir.ins).body
    rim = "{urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0}"
    there = {
        row.get("id").removeprefix("urn:uuid:"): row.find(f"{rim}Name/{rim}LocalizedString").get("value")
        for row in body.iter(f"{rim}ExtrinsicObject")
    }
    here = {
        row["id"]: row["content"][0]["attachment"]["title"]
        for row in everything(fhir)
        if row["status"] == "current" and not row["extension"][0]["valueBoolean"]
    }
    assert here == there


def test_the_signature_of_a_lot_is_a_document_of_its_author(fhir: FhirCaller) -> None:
    lot = Lot(fhir.ins)
    lot.send(fhir.caller)
    (document,) = fhir.found(lot.unique_id)
    (found,) = fhir.lists(("identifier", f"urn:oid:{lot.set_unique_id}")).resources
    references = [row["item"]["reference"] for row in found["entry"]]
    assert references[0] == f"DocumentReference/{document['id']}"
    (signature,) = (fhir.get(reference).json for reference in references[1:])
    assert codes(signature["type"]) == {"E1762"}
    assert codes(*signature["securityLabel"]) == {"N", "MASQUE_PS", "INVISIBLE_PATIENT"}
    assert CONFIDENTIALITY in {coding["system"] for row in signature["securityLabel"] for coding in row["coding"]}


def test_only_the_latest_metadata_is_found(fhir: FhirCaller) -> None:
    lot = FhirLot(fhir.ins)
    lot.send(fhir)
    (before,) = fhir.found(lot.unique_id)
    after = fhir.patch(lot.unique_id, masking()).json
    assert after["id"] != before["id"]
    assert [row["id"] for row in fhir.found(lot.unique_id)] == [after["id"]]
    assert fhir.get(f"DocumentReference/{before['id']}").json["id"] == after["id"]
    assert fhir.get(f"Binary/{before['id']}").content == lot.content
