"""Every transaction of our client with the stand-in, heard as it goes by: what was said, and what was answered."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from lxml import etree

from dmp_desktop.cda.build import Parent
from dmp_desktop.cda.read import entry_from_cda
from dmp_desktop.domain.access import AccessMode, AuthorisationFilter, DossierDate, PersonQuery
from dmp_desktop.domain.documents import Availability, DocumentEntry, Visibility
from dmp_desktop.domain.insi import TraitQuery, VitaleQuery
from dmp_desktop.domain.people import Patient, Sex
from dmp_desktop.domain.ports import FindCriteria, Transport, TransportReply
from dmp_desktop.errors import DmpError
from dmp_desktop.sandbox import Sandbox
from tests.contract.test_dmp_repository import build, lot
from tests.helpers.insi_client import InsiConnection
from tests.helpers.sandbox_client import Connection, patient_of


@dataclass
class Heard:
    """A transport that keeps what passes: (request, answer), envelopes alone or as the roots of packages."""

    transport: Transport
    exchanges: list[tuple[etree._Element, etree._Element]] = field(default_factory=list)

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> TransportReply:
        reply = self.transport.post(path, body, headers)
        content = reply.read()
        self.exchanges.append((envelope(body), envelope(content)))
        return Told(reply.status, reply.headers, content)

    def close(self) -> None:
        self.transport.close()


def envelope(body: bytes) -> etree._Element:
    found = re.search(rb"<([\w.-]+:)?Envelope.*?</([\w.-]+:)?Envelope>", body, re.DOTALL)
    assert found
    return etree.fromstring(found[0])


@dataclass
class Told:
    status: int
    headers: Mapping[str, str]
    content: bytes

    def read(self) -> bytes:
        return self.content

    def chunks(self) -> Iterator[bytes]:
        yield self.content


def refused(ask: Callable[[], object]) -> None:
    with pytest.raises(DmpError):
        ask()


def whole_day(folder: Path) -> list[tuple[etree._Element, etree._Element]]:
    """Every transaction at least once, with refusals, by the doctor and by the secretary, then both questions to INSi."""
    heard: list[Heard] = []

    def listen(transport: Transport) -> Transport:
        heard.append(Heard(transport))
        return heard[-1]

    with Sandbox(folder) as sandbox:
        patient, child, absent = (patient_of(sandbox, story) for story in ("ordinary", "child", "none"))
        with Connection(sandbox, heard=listen) as doctor, Connection(sandbox, "secretary", heard=listen) as office:
            administration(doctor, patient, child, absent)
            reading(doctor, patient, child)
            deposited = depositing(doctor, patient)
            changing(doctor, patient, deposited)
            for_the_structure(office, doctor, patient)
        with InsiConnection(sandbox) as insi:
            insi.client._transport = listen(insi.client._transport)
            identities(insi, sandbox)
    return [exchange for one in heard for exchange in one.exchanges]


def administration(connection: Connection, patient: Patient, child: Patient, absent: Patient) -> None:
    """TD0.2, TD0.3, TD0.4, TD1.3a, TD1.6, TD0.5."""
    dmp, ins = connection.client, patient.ins
    for one in (patient, child, absent):
        dmp.status(one.ins)
    dmp.withdraw(ins)
    dmp.authorise(ins, attending=True)
    dmp.authorise(ins)
    for by in DossierDate:
        dmp.records(datetime(2020, 1, 1, tzinfo=UTC), by)
    dmp.administrative(child.ins)
    refused(lambda: dmp.administrative(absent.ins))
    for which in AuthorisationFilter:
        dmp.professionals(ins, which)
    regulation = dmp.in_mode(AccessMode.CENTRE_15)
    assert patient.address
    regulation.search_person(PersonQuery(patient.birth_family))
    regulation.search_person(
        PersonQuery(
            patient.birth_family, patient.first_given, patient.birth_date, Sex.FEMALE, patient.address.city, patient.address.postal_code
        )
    )  # fmt: skip
    regulation.search_person(PersonQuery("TEST-<&>", sex=Sex.UNKNOWN))


def reading(connection: Connection, patient: Patient, child: Patient) -> None:
    """TD3.1 by its six queries, TD3.2 of one and of several, in every mode."""
    dmp, ins = connection.client, patient.ins
    list(dmp.in_mode(AccessMode.NORMAL, secret=True).find(child.ins, FindCriteria()))
    list(dmp.in_mode(AccessMode.BRIS_DE_GLACE).find(ins, FindCriteria(authors=("DUPONT",))))
    few = sorted(dmp.find(ins, FindCriteria()), key=lambda entry: entry.size)[:3]
    dmp.find_by_unique_id(ins, [entry.unique_id for entry in few])
    dmp.find_by_entry_uuid(ins, [entry.entry_uuid for entry in few])
    dmp.find_associations(ins, [entry.entry_uuid for entry in few])
    dmp.find_submissions(ins, datetime(2026, 1, 1, tzinfo=UTC))
    dmp.find_by_reference(ins, ["1^^^&1.2.3&ISO^urn:ihe:iti:xds:2013:order"])
    dmp.retrieve(ins, few[0])
    assert len(list(dmp.retrieve_many(ins, few))) == 3
    refused(lambda: dmp.retrieve(ins, replace(few[0], unique_id="1.2.3")))


def depositing(connection: Connection, patient: Patient) -> DocumentEntry:
    """TD2.1a, refused when it is sent again, then TD2.1b."""
    dmp, ins = connection.client, patient.ins
    first = build(connection, patient)
    dmp.submit(lot(first, patient))
    refused(lambda: dmp.submit(lot(first, patient)))
    (entry,) = dmp.find_by_unique_id(ins, [first.unique_id])
    second = build(connection, patient, Parent(first.unique_id, first.unique_id, 1))
    dmp.submit(lot(second, patient, {second.unique_id: entry.entry_uuid}, Visibility.INVISIBLE_PATIENT))
    (entry,) = dmp.find_by_unique_id(ins, [second.unique_id])
    return entry


def changing(connection: Connection, patient: Patient, hidden: DocumentEntry) -> None:
    """TD3.3b, TD3.3a and back, TD3.3d and back, TD3.3c, one refusal."""
    dmp, ins = connection.client, patient.ins
    entry = hidden
    for visibility in (frozenset(), frozenset({Visibility.MASQUE_PS}), frozenset[Visibility]()):
        dmp.set_visibility(ins, entry, visibility)
        (entry,) = dmp.find_by_unique_id(ins, [hidden.unique_id])
    refused(lambda: dmp.set_status(ins, hidden, Availability.DELETED))
    for status in (Availability.ARCHIVED, Availability.APPROVED, Availability.DELETED):
        dmp.set_status(ins, entry, status)
        entry = replace(entry, status=status)


def for_the_structure(office: Connection, doctor: Connection, patient: Patient) -> None:
    """TD2.2, then what a secretary may ask before TD3.3c, and what she may not read."""
    built = build(doctor, patient)
    sent = lot(built, patient)
    office.client.submit(
        replace(sent, documents=((replace(entry_from_cda(built.cda), patient=patient.ins), built.cda),))
    )
    office.client.authorise(patient.ins)
    office.client.find_references(patient.ins, [built.unique_id])
    refused(lambda: list(office.client.find(patient.ins, FindCriteria())))


def identities(insi: InsiConnection, sandbox: Sandbox) -> None:
    """Both questions, each outcome of the one by traits, a fault."""
    asked = TraitQuery("TEST-ADRTROIS", ("DOMINIQUE",), Sex.FEMALE, date(1997, 2, 26), "2A020")
    insi.client.by_traits(asked)
    insi.client.by_traits(replace(asked, birth_family="TEST-INCONNU"))
    insi.client.by_traits(TraitQuery("TEST-HOMONYME", ("PIERRE",), Sex.MALE, date(1970, 1, 20)))
    insi.client.by_vitale(VitaleQuery("20150714", 1, "181066311304262"))
    sandbox.insi.faults.siram_100 = 1
    refused(lambda: insi.client.by_traits(asked))
