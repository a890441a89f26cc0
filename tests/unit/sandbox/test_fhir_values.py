"""FHIR and XDS metadata, each into the other: what is lost on the way would be lost in the record."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest

from dmp_desktop.sandbox import Sandbox, fhir_schema
from dmp_desktop.sandbox.fhir_errors import Refused
from dmp_desktop.sandbox.fhir_names import scheme_of, system_of
from dmp_desktop.sandbox.fhir_values import from_dtm, hash_from_hex, hash_to_hex, organization, person, to_dtm, xcn, xon
from dmp_desktop.sandbox.fhir_write import document_entry
from dmp_desktop.sandbox.model import Classification, Kind, RegistryObject
from tests.helpers.dmp_wire import Caller
from tests.helpers.fhir_raw import INS_SYSTEM, FhirCaller


@pytest.mark.parametrize(
    ("text", "dtm"),
    [
        ("2026-01-02T00:30:00+01:00", "20260101233000"),
        ("2026-03-29T03:00:00+02:00", "20260329010000"),
        ("2026-01-02T10:00:00Z", "20260102100000"),
        ("2026-01-02", "20260102"),
        ("2026", "2026"),
    ],
)
def test_times_are_utc(text: str, dtm: str) -> None:
    assert to_dtm(text) == dtm
    assert to_dtm(from_dtm(dtm)) == dtm


def test_an_hour_without_minutes_is_completed() -> None:
    assert from_dtm("2026010210") == "2026-01-02T10:00:00Z"


def test_hash_is_the_base64_of_the_digest() -> None:
    """The pair printed by MHD for an empty file."""
    assert hash_from_hex("da39a3ee5e6b4b0d3255bfef95601890afd80709") == "2jmj7l5rSw0yVb/vlWAYkK/YBwk="
    assert hash_to_hex("2jmj7l5rSw0yVb/vlWAYkK/YBwk=") == "da39a3ee5e6b4b0d3255bfef95601890afd80709"


@pytest.mark.parametrize(
    "value",
    [
        "810002422979^DUPONT^Camille^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS",
        "410002422979001/CPET0001^MARTIN^Sophie^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^EI",
        "297022A02077878^TEST-X^Y^^^^^^&1.2.250.1.213.1.4.10&ISO^D^^^NH",
        "1.2.3^Lecteur^^^^^^^&1.2.250.1.999&ISO^U^^^RI",
    ],
)
def test_persons_come_back_as_they_were(value: str) -> None:
    assert xcn(person(value)) == value


@pytest.mark.parametrize("system", ["1.2.250.1.71.4.2.1", "1.2.250.1.213.1.4.10"])
def test_a_first_name_that_is_not_known_is_not_printed(system: str) -> None:
    """FHIR has no empty text."""
    assert person(f"899999999999^TEST-X^^^^^^^&{system}&ISO^D^^^IDNPS")["name"] == [{"family": "TEST-X"}]


def test_structures_come_back_as_they_were() -> None:
    value = "Cabinet des Lilas^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^410002422979001"
    assert xon(organization(value)) == value


@pytest.mark.parametrize("name", ["A^B", "A&B", "A|B", "A~B"])
def test_a_name_may_not_break_out_of_its_component(name: str) -> None:
    with pytest.raises(Refused):
        xcn({"resourceType": "Practitioner", "name": [{"family": name}]})


def test_systems_are_understood_both_ways() -> None:
    for scheme in ("2.16.840.1.113883.6.1", "1.2.250.1.213.1.1.4.13", "URN", "ASTM", "1.2.3.4"):
        assert scheme_of(system_of(scheme)) == scheme
    assert scheme_of("urn:oid:2.16.840.1.113883.6.1") == "2.16.840.1.113883.6.1"
    assert scheme_of("http://example.org/unknown") == ""


@pytest.mark.parametrize(
    ("found", "where"),
    [
        ({"resourceType": "Binary", "contentType": "text/xml"}, "Binary.data"),
        ({"resourceType": "Binary", "contentType": "text/xml", "data": ""}, "Binary.data"),
        ({"resourceType": "Binary", "contentType": "text/xml", "data": "AA==", "size": 1}, "Binary.size"),
        ({"resourceType": "List", "status": "current", "mode": "working", "note": []}, "List.note"),
        ({"resourceType": "List", "status": "current", "mode": 3}, "List.mode"),
        ({"resourceType": "List", "status": "current", "mode": "working", "date": "2026-13-01"}, "List.date"),
    ],
)
def test_structure_is_that_of_r4(found: dict[str, Any], where: str) -> None:
    with pytest.raises(Refused) as caught:
        fhir_schema.check(found, found["resourceType"], found["resourceType"])
    assert (caught.value.status, caught.value.where) == (400, where)


@pytest.fixture
def seeded(sandbox: Sandbox, patients: dict[str, str]) -> tuple[list[dict[str, Any]], list[RegistryObject]]:
    """All documents of a chronic patient, old ones too, as FHIR gives them and as they are."""
    ins = patients["chronic"]
    with Caller(sandbox.ready, "doctor") as caller:
        fhir = FhirCaller(caller, ins)
        query = {"patient.identifier": f"{INS_SYSTEM}|{ins}", "status": "current,superseded", "_count": "200"}
        found = fhir.get(f"DocumentReference?{urlencode(query)}").resources
        fhir.close()
    return found, sandbox.registry.objects(ins, Kind.ENTRY)


def _comparable(entry: RegistryObject) -> tuple[object, ...]:
    """What a submission tells: not what the registry adds, nor the order or the labels of codes."""
    slots = {name: value for name, value in entry.slots.items() if name != "repositoryUniqueId"}

    def key(code: Classification) -> tuple[object, ...]:
        return code.scheme, code.node, tuple(sorted(code.slots.items()))

    return (
        slots,
        entry.name,
        entry.description,
        entry.mime_type,
        dict(entry.external),
        sorted(map(key, entry.classifications)),
    )


def test_every_seeded_document_comes_back_the_same(
    seeded: tuple[list[dict[str, Any]], list[RegistryObject]],
) -> None:
    found, entries = seeded
    by_unique_id = {entry.unique_id: entry for entry in entries}
    assert len(found) > 20
    for resource in found:
        fhir_schema.check(resource, "DocumentReference", "DocumentReference")
        told = document_entry({**resource, "status": "current", "extension": []}, "document")
        stored = by_unique_id[told.unique_id]
        assert _comparable(told) == _comparable(replace(stored, id="document"))
