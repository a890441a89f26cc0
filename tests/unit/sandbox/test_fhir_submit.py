"""A document deposited by FHIR is found by SOAP, and the other way; what is refused leaves nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dmp_desktop.sandbox import Sandbox
from tests.helpers.dmp_lot import Lot
from tests.helpers.dmp_wire import Caller
from tests.helpers.fhir_raw import FhirCaller, FhirLot, archiving


@pytest.fixture(scope="module")
def fhir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FhirCaller]:
    with Sandbox(tmp_path_factory.mktemp("fhir-submit")) as running, Caller(running.ready, "doctor") as caller:
        ins = next(str(p["ins"]) for p in running.ready["patients"] if p["story"] == "ordinary")
        found = FhirCaller(caller, ins)
        yield found
        found.close()


def test_deposited_by_fhir_read_by_soap(fhir: FhirCaller) -> None:
    lot = FhirLot(fhir.ins)
    assert lot.send(fhir).status == 200
    assert list(fhir.caller.retrieve(fhir.ins, lot.unique_id).parts.values()) == [lot.content]
    assert (lot.send(fhir).status, lot.send(fhir).error) == (409, "XDSDuplicateUniqueIdInRegistry")


def test_deposited_by_soap_read_by_fhir(fhir: FhirCaller) -> None:
    lot = Lot(fhir.ins)
    lot.send(fhir.caller)
    (found,) = fhir.search(identifier=f"urn:oid:{lot.unique_id}").resources
    assert fhir.get(found["content"][0]["attachment"]["url"], Accept="text/xml").content == lot.content


def test_replacement_needs_its_patch(fhir: FhirCaller) -> None:
    first = FhirLot(fhir.ins)
    first.send(fhir)
    (old,) = fhir.search(identifier=f"urn:oid:{first.unique_id}").resources
    alone = FhirLot(fhir.ins, replaces=old)
    alone.entries.pop()
    assert (alone.send(fhir).status, alone.send(fhir).error) == (422, "XDSReplaceFailed")
    assert FhirLot(fhir.ins, replaces=old).send(fhir).status == 200
    assert fhir.get(f"DocumentReference/{old['id']}").json["status"] == "superseded"


def test_simplified_publish_then_archive(fhir: FhirCaller) -> None:
    lot = FhirLot(fhir.ins)
    assert fhir.send("POST", "DocumentReference", lot.simplified).status == 201
    assert fhir.patch(lot.unique_id, archiving(True)).json["extension"][0]["valueBoolean"] is True
    assert fhir.patch(lot.unique_id, [{"op": "replace", "path": "/description", "value": "x"}]).status == 405
