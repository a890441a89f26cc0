"""One record, two wires: what is done by one protocol is there by the other, down to the last field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dmp_desktop.cda.build import Parent
from dmp_desktop.dmp import names
from dmp_desktop.dmp.metadata import SIGNATURE_CLASS
from dmp_desktop.domain.documents import Availability, DocumentEntry, Visibility
from dmp_desktop.domain.people import Patient
from dmp_desktop.domain.ports import FindCriteria
from dmp_desktop.errors import DmpError
from dmp_desktop.sandbox import Sandbox
from dmp_desktop.services.updates import changes_since, deposited_since, merged
from tests.contract.test_dmp_repository import build, lot
from tests.helpers.sandbox_client import Connection, patient_of
from tests.helpers.seeded import seeded

EVERY = FindCriteria(statuses=(Availability.APPROVED, Availability.DEPRECATED, Availability.ARCHIVED))


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(seeded(tmp_path_factory.mktemp("sandbox"))) as running:
        yield running


@pytest.fixture(scope="module")
def xds(sandbox: Sandbox) -> Iterator[Connection]:
    with Connection(sandbox) as connection:
        yield connection


@pytest.fixture(scope="module")
def fhir(sandbox: Sandbox) -> Iterator[Connection]:
    with Connection(sandbox, protocol="fhir") as connection:
        yield connection


@pytest.fixture(scope="module")
def patient(sandbox: Sandbox) -> Patient:
    return patient_of(sandbox, "ordinary")


def comparable(entry: DocumentEntry) -> DocumentEntry:
    """Only XDS names the repository, and writes a dot for the first name that a device has not."""
    authors = tuple(replace(one, given=one.given.strip(".")) for one in entry.authors)
    legal = entry.legal_authenticator
    legal = replace(legal, given=legal.given.strip(".")) if legal else None
    return replace(entry, repository_id="", authors=authors, legal_authenticator=legal)


def listed(connection: Connection, patient: Patient) -> dict[str, DocumentEntry]:
    """By entryUUID."""
    return {entry.entry_uuid: comparable(entry) for entry in connection.client.find(patient.ins, EVERY)}


@pytest.mark.parametrize("story", ["ordinary", "chronic", "child"])
def test_the_same_list_field_by_field(xds: Connection, fhir: Connection, sandbox: Sandbox, story: str) -> None:
    whose = patient_of(sandbox, story)
    here, there = listed(fhir, whose), listed(xds, whose)
    assert here.keys() == there.keys()
    assert len(here) > 5
    for entry_uuid, entry in there.items():
        for field in DocumentEntry.__slots__:
            assert getattr(here[entry_uuid], field) == getattr(entry, field), field


@pytest.mark.parametrize("one_way", [True, False], ids=["fhir to xds", "xds to fhir"])
def test_deposited_by_one_read_replaced_and_changed_by_the_other(
    xds: Connection, fhir: Connection, patient: Patient, *, one_way: bool
) -> None:
    here, there = (fhir, xds) if one_way else (xds, fhir)
    first = build(here, patient)
    here.client.submit(lot(first, patient))
    (entry,) = there.client.find_by_unique_id(patient.ins, [first.unique_id])
    assert there.client.retrieve(patient.ins, entry) == first.cda
    with pytest.raises(DmpError, match="XDSDuplicateUniqueIdInRegistry"):
        there.client.submit(lot(first, patient))
    there.client.set_visibility(patient.ins, entry, frozenset({Visibility.MASQUE_PS}))
    (masked,) = here.client.find_by_unique_id(patient.ins, [first.unique_id])
    assert (masked.visibility, masked.version) == ({Visibility.MASQUE_PS}, 2)
    second = build(there, patient, Parent(first.unique_id, first.unique_id, 1))
    there.client.submit(lot(second, patient, {second.unique_id: masked.entry_uuid}))
    (old,) = here.client.find_by_unique_id(patient.ins, [first.unique_id])
    assert old.status is Availability.DEPRECATED
    (new,) = here.client.find_by_unique_id(patient.ins, [second.unique_id])
    for connection in (here, there):
        _, links = connection.client.find_by_entry_uuid(patient.ins, [new.entry_uuid])
        assert (names.RPLC, new.entry_uuid, old.entry_uuid) in {(one.kind, one.source, one.target) for one in links}
        _, links = connection.client.find_by_entry_uuid(patient.ins, [old.entry_uuid])
        assert (names.RPLC, new.entry_uuid, old.entry_uuid) in {(one.kind, one.source, one.target) for one in links}
    here.client.set_status(patient.ins, new, Availability.ARCHIVED)
    (new,) = there.client.find_by_unique_id(patient.ins, [second.unique_id])
    assert new.status is Availability.ARCHIVED


def test_what_came_since_is_told_alike(xds: Connection, fhir: Connection, patient: Patient) -> None:
    """The news of a record, by either wire: the documents, their lot's signature, their sets and their times."""
    before = datetime.now(UTC) - timedelta(seconds=2)
    deposits = []
    for connection in (xds, fhir):
        deposits.append(build(connection, patient))
        connection.client.submit(lot(deposits[-1], patient))
    told = [changes_since(connection.client, patient.ins, before) for connection in (xds, fhir)]
    assert told[0] is not None
    assert told[1] is not None
    entries = [set(map(comparable, merged((), found))) for found in told if found]
    assert entries[0] == entries[1]
    assert {built.unique_id for built in deposits} <= {one.unique_id for one in entries[0]}
    assert sum(one.class_code.code == SIGNATURE_CLASS.code for one in entries[0]) >= 2
    fresh = {one.entry_uuid for one in entries[0] if one.unique_id in {built.unique_id for built in deposits}}
    times = [
        {
            uuid: time
            for uuid, time in deposited_since(connection.client, patient.ins, before, None).items()
            if uuid in fresh
        }
        for connection in (xds, fhir)
    ]
    assert times[0] == times[1]
    assert len(times[0]) == 2


def test_the_links_of_a_document_and_of_a_set(xds: Connection, fhir: Connection, patient: Patient) -> None:
    before = datetime.now(UTC) - timedelta(seconds=2)
    built = build(xds, patient)
    xds.client.submit(lot(built, patient))
    (entry,) = xds.client.find_by_unique_id(patient.ins, [built.unique_id])
    (one,) = [
        found.entry_uuid
        for found in xds.client.find_submissions(patient.ins, before)
        if entry.entry_uuid in {link.target for link in fhir.client.find_associations(patient.ins, [found.entry_uuid])}
    ]
    for asked in ([entry.entry_uuid], [one]):
        links = [
            {link for link in connection.client.find_associations(patient.ins, asked) if link.kind != names.SIGNS}
            for connection in (xds, fhir)
        ]
        assert links[0] == links[1]
        assert links[0]
    assert fhir.client.find_associations(patient.ins, []) == []


def test_references_find_the_same(xds: Connection, fhir: Connection, patient: Patient) -> None:
    reference = "4711^^^&1.2.250.1.999.7&ISO^urn:ihe:iti:xds:2013:order"
    for connection in (xds, fhir):
        assert connection.client.find_by_reference(patient.ins, [reference]) == []


def test_what_the_draft_does_not_carry_is_said(fhir: Connection, xds: Connection, patient: Patient) -> None:
    told = fhir.client.administrative(patient.ins)
    assert told.attached_to_mes == xds.client.administrative(patient.ins).attached_to_mes
    assert (told.opposes_break_glass, told.opposes_emergency, told.representatives) == (None, None, None)
    for ask in (
        lambda: fhir.client.records(datetime.now(UTC), None),
        lambda: fhir.client.professionals(patient.ins, None),
        lambda: fhir.client.search_person(None),
    ):
        with pytest.raises(DmpError, match="AbsentDeFhir") as caught:
            ask()
        assert not caught.value.retryable
    for transaction in ("TD0.4", "TD0.5", "TD1.6"):
        assert "FHIR" in fhir.client.lacks(transaction)
    assert fhir.client.lacks("TD0.2") is None
