"""TD3.2 of several documents, and of documents of any size to a file: from the sandbox, then from servers that misbehave."""

from __future__ import annotations

import hashlib
import json
import random
import subprocess
import sys
import uuid
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dmp_desktop.dmp import mtom, names
from dmp_desktop.dmp.identity import Pkcs12Identity
from dmp_desktop.dmp.large_retrieval import RetrievalClient
from dmp_desktop.dmp.transport import HttpsTransport
from dmp_desktop.domain.documents import Code, DocumentEntry
from dmp_desktop.domain.ins import OID_INS_TEST, InsIdentity, InsStatus
from dmp_desktop.domain.people import Patient
from dmp_desktop.domain.ports import FindCriteria
from dmp_desktop.errors import DmpError, StorageError
from dmp_desktop.platform.clock import SystemClock
from dmp_desktop.sandbox import Sandbox
from dmp_desktop.sandbox.names import ENTRY_UNIQUE_ID
from tests.helpers import signers
from tests.helpers.clock import SeededEntropy
from tests.helpers.sandbox_client import SENDER, Connection, patient_of
from tests.helpers.tls_server import tls_server
from tests.unit.dmp.test_vihf import CALLER, SOFTWARE

INS = InsIdentity("279035121518989", OID_INS_TEST, InsStatus.QUALIFIEE)
LARGE = 50_000_000
RSS_MB = 8.0


@pytest.fixture(scope="module")
def patient(sandbox: Sandbox) -> Patient:
    return patient_of(sandbox, "ordinary")


@pytest.fixture(scope="module")
def listed(doctor: Connection, patient: Patient) -> list[DocumentEntry]:
    return list(doctor.client.find(patient.ins, FindCriteria()))


def test_several_documents_in_one_request(doctor: Connection, patient: Patient, listed: list[DocumentEntry]) -> None:
    found = dict(doctor.client.retrieve_many(patient.ins, [*listed, listed[0]]))
    assert {entry.unique_id for entry in found} == {entry.unique_id for entry in listed}
    for entry, content in found.items():
        assert hashlib.sha1(content).hexdigest() == entry.hash_sha1
    assert list(doctor.client.retrieve_many(patient.ins, [])) == []


def test_what_is_sound_is_given_before_what_is_not_is_told(
    doctor: Connection, patient: Patient, listed: list[DocumentEntry]
) -> None:
    unknown = replace(listed[0], unique_id="2.25.1", entry_uuid="urn:uuid:1")
    altered = replace(listed[1], hash_sha1="0" * 40)
    for wrong, code in ((unknown, "XDSDocumentUniqueIdError"), (altered, "XDSNonIdenticalHash")):
        given = []
        with pytest.raises(DmpError) as caught:
            given.extend(doctor.client.retrieve_many(patient.ins, [wrong, *listed[2:]]))
        assert caught.value.code == code
        given = []
        arriving = doctor.client.retrieve_many(patient.ins, [wrong, *listed[2:]])
        given = [next(arriving)[0].unique_id for _ in listed[2:]]
        assert set(given) == {entry.unique_id for entry in listed[2:]}


def test_a_document_to_a_file_and_nothing_beside_it(
    doctor: Connection, patient: Patient, listed: list[DocumentEntry], tmp_path: Path
) -> None:
    file = tmp_path / "document.xml"
    file.write_bytes(b"former")
    doctor.client.retrieve_to(patient.ins, listed[0], file)
    assert file.read_bytes() == doctor.client.retrieve(patient.ins, listed[0])
    with pytest.raises(DmpError):
        doctor.client.retrieve_to(patient.ins, replace(listed[1], size=1), file)
    assert list(tmp_path.iterdir()) == [file]
    assert hashlib.sha1(file.read_bytes()).hexdigest() == listed[0].hash_sha1


def test_a_place_that_cannot_be_written(doctor: Connection, patient: Patient, listed: list[DocumentEntry]) -> None:
    with pytest.raises(StorageError, match="write-failed"):
        doctor.client.retrieve_to(patient.ins, listed[0], Path("/proc/absent/document"))


def test_only_a_qualified_ins(
    doctor: Connection, patient: Patient, listed: list[DocumentEntry], tmp_path: Path
) -> None:
    unsure = replace(patient.ins, status=InsStatus.PROVISOIRE)
    with pytest.raises(DmpError, match="InsNonQualifiee"):
        doctor.client.retrieve_to(unsure, listed[0], tmp_path / "document")
    with pytest.raises(DmpError, match="InsNonQualifiee"):
        next(doctor.client.retrieve_many(unsure, listed))


CHILD = """
import hashlib, json, sys
from pathlib import Path
from types import SimpleNamespace
from dmp_desktop.domain.people import Patient
from dmp_desktop.exchange.context import patient_from_dict
from tests.helpers.sandbox_client import Connection

def kilobytes(name):
    return int(next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(name)).split()[1])

told = json.loads(sys.stdin.read())
patient = patient_from_dict(told["patient"])
with Connection(SimpleNamespace(ready=told["ready"])) as doctor:
    small, large = (doctor.client.find_by_unique_id(patient.ins, [one])[0] for one in told["unique_ids"])
    doctor.client.retrieve_to(patient.ins, small, Path(told["file"]))
    Path("/proc/self/clear_refs").write_text("5")
    before = kilobytes("VmRSS")
    doctor.client.retrieve_to(patient.ins, large, Path(told["file"]))
    print((kilobytes("VmHWM") - before) / 1000)
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="peak memory is read as Linux tells it")
def test_fifty_megabytes_from_the_sandbox_in_little_memory(
    sandbox: Sandbox, patient: Patient, listed: list[DocumentEntry], tmp_path: Path
) -> None:
    content, unique_id = random.Random(3).randbytes(LARGE), f"2.25.{uuid.uuid4().int}"
    told = sandbox.registry.object(listed[0].unique_id)
    assert told is not None
    digest = hashlib.sha1(content).hexdigest()
    entry_id = f"urn:uuid:{uuid.uuid4()}"
    entry = replace(told[0], id=entry_id, lid=entry_id, external={**told[0].external, ENTRY_UNIQUE_ID: unique_id})
    sandbox.registry.put(entry.with_slots(hash=digest, size=str(LARGE)), told[1])
    sandbox.registry.put_document(unique_id, content)
    ready = sandbox.ready
    asked = {
        "ready": ready,
        "patient": next(item["patient"] for item in ready["patients"] if item["story"] == "ordinary"),
        "unique_ids": [listed[0].unique_id, unique_id],
        "file": str(tmp_path / "document"),
    }
    command = [sys.executable, "-c", CHILD]
    done = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True, timeout=300, check=True)
    assert (tmp_path / "document").read_bytes() == content
    assert float(done.stdout) < RSS_MB
    assert list(tmp_path.iterdir()) == [tmp_path / "document"]


# Servers that misbehave

CONTENT = random.Random(7).randbytes(3_000_000)
CODE = Code("x", "y")
ENTRY = DocumentEntry(
    "2.25.7", "", CODE, CODE, CODE, datetime(2026, 1, 1, tzinfo=UTC), size=len(CONTENT),
    hash_sha1=hashlib.sha1(CONTENT).hexdigest(), repository_id="1.2",
)  # fmt: skip


def root(document: str) -> bytes:
    return (
        f'<s:Envelope xmlns:s="{names.SOAP}"><s:Body><x:RetrieveDocumentSetResponse xmlns:x="{names.XDSB}">'
        f'<r:RegistryResponse xmlns:r="{names.RS}" status="{names.STATUS_SUCCESS}"/><x:DocumentResponse>'
        f"<x:DocumentUniqueId> {ENTRY.unique_id}\n</x:DocumentUniqueId><x:Document>{document}</x:Document>"
        "</x:DocumentResponse></x:RetrieveDocumentSetResponse></s:Body></s:Envelope>"
    ).encode()


INCLUDE = f'<i:Include xmlns:i="{names.XOP}" href="cid:document%40x"/>'
BODY, TYPE = mtom.write(root(INCLUDE), "urn:x", [("document@x", "x/y", CONTENT)], uuid.UUID(int=5))


def answer(body: bytes, *, length: int | None = None, content_type: str = TYPE, more: str = "") -> bytes:
    told = "" if length is None else f"Content-Length: {length}\r\n"
    return f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\n{told}{more}\r\n".encode() + body


def chunked(body: bytes, size: int) -> bytes:
    pieces = (body[at : at + size] for at in range(0, len(body), size))
    coded = b"".join(f"{len(piece):x};a=b\r\n".encode() + piece + b"\r\n" for piece in pieces) + b"0\r\nX: y\r\n\r\n"
    return answer(coded, more="Transfer-Encoding: chunked\r\n")


@pytest.fixture(scope="module")
def identity_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return signers.write_identity(tmp_path_factory.mktemp("identity"))


def retrieve_from(answers: list[bytes], identity_folder: Path, file: Path) -> None:
    identity = Pkcs12Identity(identity_folder, signers.PASSWORD)
    with tls_server(identity_folder) as server:
        server.answers, server.reads_all = answers, True
        transport = HttpsTransport(server.url, identity, identity_folder / "ca.pem")
        client = RetrievalClient(
            transport, identity, CALLER, SOFTWARE, SystemClock(), SeededEntropy(), sender_oid=SENDER
        )
        try:
            client.retrieve_to(INS, ENTRY, file)
        finally:
            transport.close()


@pytest.mark.parametrize(
    "told",
    [
        answer(BODY, length=len(BODY)),
        answer(BODY),  # until the connection closes
        answer(BODY, length=len(BODY), content_type="application/soap+xml; charset=UTF-8"),
        answer(BODY, length=len(BODY), content_type="multipart/related"),
        chunked(BODY, 1000),
        chunked(BODY, 99_991),
    ],
    ids=["length", "close", "soap type", "no boundary", "chunked", "large chunks"],
)
def test_to_a_file_whatever_the_framing(told: bytes, identity_folder: Path, tmp_path: Path) -> None:
    retrieve_from([told], identity_folder, tmp_path / "document")
    assert (tmp_path / "document").read_bytes() == CONTENT
    assert list(tmp_path.iterdir()) == [tmp_path / "document"]


@pytest.mark.parametrize(
    ("told", "code"),
    [
        (answer(BODY[:-5000], length=len(BODY)), "ReponsePerdue"),
        (answer(BODY, length=len(BODY) + 10), "ReponsePerdue"),
        (answer(BODY, length=len(BODY) - 100), "ReponseIncomplete"),
        (answer(BODY[:2_000_000]), "ReponseIncomplete"),
        (chunked(BODY, 4096)[:-20_000], "ReponsePerdue"),
        (answer(BODY.replace(CONTENT[:9], b"x" * 9), length=len(BODY)), "XDSNonIdenticalHash"),
        (answer(BODY.replace(b"document@x", b"another_@x"), length=len(BODY)), "ReponseIllisible"),
    ],
    ids=["cut", "length above", "length below", "closed", "chunk cut", "altered", "other part"],
)
def test_nothing_stays_of_what_is_not_whole(told: bytes, code: str, identity_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(DmpError) as caught:
        retrieve_from([told], identity_folder, tmp_path / "document")
    assert caught.value.code == code
    assert caught.value.retryable == code.startswith("Reponse")
    assert list(tmp_path.iterdir()) == []
