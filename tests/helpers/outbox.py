"""Invented documents for the outbox, short enough to read, and the parts it is made of."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

from dmp_desktop.domain.documents import Author, BuiltDocument, Code, DocumentEntry, DocumentFormat, DocumentKind
from dmp_desktop.domain.ins import OID_INS_TEST, InsIdentity, InsStatus
from dmp_desktop.domain.people import Address, Patient, Sex
from dmp_desktop.storage.clinic import ClinicDatabase
from dmp_desktop.storage.clinic_address import ClinicAddress
from dmp_desktop.storage.outbox import OutboxStore
from dmp_desktop.storage.outbox_file import OutboxFile
from dmp_desktop.storage.sealing import Seal
from tests.helpers.postgres import PASSWORD

KEY = bytes(range(32))
FINGERPRINT = "0011223344556677"  # of the practice key
INS = "279035121518989"
AUTHOR = "810002422979"
SOURCE_ID = "1.2.250.1.999.1"
PATIENT = Patient(
    InsIdentity(INS, OID_INS_TEST, InsStatus.QUALIFIEE),
    "TEST-PATIENTE",
    "MARIE CLAUDE",
    "MARIE",
    Sex.FEMALE,
    date(1979, 3, 12),
    "51215",
    address=Address("1 rue Haute", "10200", "Dolancourt"),
)


def built(number: int, text: str = "", *, author: str = AUTHOR, ins: str = INS, replaces: str = "") -> BuiltDocument:
    """A document whose bytes are the JSON that `read_metadata` reads: the outbox looks no further into a CDA."""
    unique_id = f"2.25.{number}"
    content = {"unique_id": unique_id, "author": author, "ins": ins, "replaces": replaces, "text": text}
    return BuiltDocument(
        unique_id, json.dumps(content).encode(), DocumentKind.CONSULTATION, DocumentFormat.STRUCTURED, "Compte rendu"
    )


def read_metadata(cda: bytes) -> DocumentEntry:
    content = json.loads(cda)
    return DocumentEntry(
        unique_id=content["unique_id"],
        title="Compte rendu",
        type_code=Code("11488-4", "2.16.840.1.113883.6.1"),
        class_code=Code("10", "1.2.250.1.213.1.1.4.1"),
        format_code=Code("urn:asipSante:modelesHorsProfils:2011", "1.3.6.1.4.1.19376.1.2.3"),
        creation_time=datetime(2026, 11, 20, 9, 0, tzinfo=UTC),
        patient=InsIdentity(content["ins"], OID_INS_TEST),
        authors=(Author("DUPONT", "Camille", content["author"], "1.2.250.1.71.4.2.1"),) if content["author"] else (),
        facility_type=Code("SA07", "1.2.250.1.71.4.2.4", "Cabinet individuel"),
        confidentiality=(Code("N", "2.16.840.1.113883.5.25"),),
        replaces=content["replaces"],
    )


class Everyone:
    """A Liveness in which a set of owners is dead."""

    def __init__(self, owner: str = "me") -> None:
        self.owner = owner
        self.dead: set[str] = set()

    def is_dead(self, owner: str) -> bool:
        return owner in self.dead


def open_database(where: str) -> OutboxFile | ClinicDatabase:
    """`where`: the address of a clinic's database (tests/helpers/postgres.py), or a file."""
    if where.startswith("postgresql:"):
        return ClinicDatabase.open(ClinicAddress.parse(where), PASSWORD, FINGERPRINT)
    return OutboxFile.of(Path(where))


def open_store(where: Path | str) -> tuple[OutboxFile | ClinicDatabase, OutboxStore]:
    database = open_database(str(where))
    return database, OutboxStore(database, Seal(KEY, "outbox"))
