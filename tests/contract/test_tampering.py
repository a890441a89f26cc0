"""What our client signed, spoilt on its way at a hundred places, or at each one (`--all`): the sandbox refuses all, xmlsec1 some.

Places are drawn with a fixed seed. Each counts: what a place drawn says is changed, or another one is drawn.
"""

from __future__ import annotations

import base64
import binascii
import io
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from random import Random

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import pkcs12
from lxml import etree

from dmp_desktop.dmp import mtom, names
from dmp_desktop.dmp.signing import Algorithm
from dmp_desktop.sandbox import Sandbox, assertion, xades
from dmp_desktop.sandbox import mtom as sandbox_mtom
from dmp_desktop.sandbox import soap as sandbox_soap
from dmp_desktop.sandbox import submit as sandbox_submit
from dmp_desktop.sandbox.faults import RegistryRefusal, SoapFault
from dmp_desktop.sandbox.tolerances import Tolerances
from tests.contract.test_dmp_repository import build, lot
from tests.helpers.sandbox_client import Connection, patient_of
from tests.helpers.seeded import seeded
from tests.helpers.wire_fuzz import Message, Recorder

PLACES, EVERY = 100, 10**6
FOR_XMLSEC1 = 20
"""A process each."""


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(seeded(tmp_path_factory.mktemp("sandbox"))) as running:
        yield running


@pytest.fixture(scope="module", params=list(Algorithm), ids=lambda algorithm: algorithm.name)
def deposit(request: pytest.FixtureRequest, sandbox: Sandbox) -> Message:
    """A lot with one document, as it left."""
    patient = patient_of(sandbox, "ordinary")
    with Connection(sandbox, algorithm=request.param) as doctor:
        recorder = Recorder(doctor.transport)
        doctor.client._feeding._transport = recorder
        doctor.client.submit(lot(build(doctor, patient), patient))
    return recorder.requests[-1]


@pytest.fixture(scope="module")
def authority(sandbox: Sandbox) -> x509.Certificate:
    return x509.load_pem_x509_certificate(Path(sandbox.ready["ca"]).read_bytes())


@pytest.fixture(scope="module")
def signer(sandbox: Sandbox) -> x509.Certificate:
    told = sandbox.ready["identities"]["doctor"]
    held = pkcs12.load_pkcs12((Path(told["p12"]) / "sign.p12").read_bytes(), told["password"].encode()).cert
    assert held is not None
    return held.certificate


NAMES = (b' Id="S0-SIG-Value', b' Id="purposeOfSignature')
"""Names of parts that nothing refers to, outside of what is signed: they say nothing, to anybody."""
NOT_FOR_XMLSEC1 = (b' Id="S0"', b' Target="#S0')
"""What XAdES asks on top of XML-DSig: the properties name the signature they qualify."""


def places(whole: bytes, *, unread: tuple[bytes, ...] = NAMES) -> list[int]:
    """Where a letter or a digit of a text or of an attribute stands, save in `unread` names and in namespaces declared."""
    found = []
    for at in range(len(whole)):
        if not whole[at : at + 1].isalnum():
            continue
        tag = whole.rfind(b"<", 0, at)
        if tag > whole.rfind(b">", 0, at):
            name = whole[whole.rfind(b" ", 0, at) : at + 20]
            quoted = whole[tag:at].count(b'"') % 2 == 1
            if not quoted or name.startswith((b" xmlns", *unread)) or whole[tag:].startswith(b"<?"):
                continue
        found.append(at)
    return found


def spoilt(whole: bytes, at: int) -> bytes:
    """Another letter there, so far from the first that no bit of base64 that means nothing is all that changes."""
    other = b"A" if whole[at : at + 1] not in b"AB" else b"z"
    return whole[:at] + other + whole[at + 1 :]


def drawn(whole: bytes, count: int, unread: tuple[bytes, ...] = NAMES) -> list[bytes]:
    """So many spoilt copies, each at another place, each saying something else."""
    every = places(whole, unread=unread)
    copies = (spoilt(whole, at) for at in Random(2026).sample(every, len(every)))
    return list(islice((copy for copy in copies if not same(copy, whole)), count))


def same(one: bytes, other: bytes) -> bool:
    """Whether base64 says the same in spite of the change: its last character has bits that mean nothing."""

    def decoded(content: bytes) -> object:
        found = {}
        for element in etree.fromstring(content).iter("*"):
            try:
                found[element] = base64.b64decode("".join((element.text or "").split()), validate=True)
            except (binascii.Error, ValueError):
                found[element] = element.text
        return [*found.values()], [sorted(element.attrib.items()) for element in found]

    try:
        return decoded(one) == decoded(other)
    except etree.XMLSyntaxError:  # an entity that is no more
        return False


def split(deposit: Message) -> tuple[bytes, dict[str, bytes]]:
    package = mtom.read([deposit.body], deposit.content_type)
    return package.root, {name: part.content for name, part in package.parts.items()}


def assertion_in(root: bytes) -> tuple[int, int]:
    start = root.index(b"<saml2:Assertion")
    return start, root.index(b"</saml2:Assertion>", start) + len(b"</saml2:Assertion>")


Verify = Callable[[bytes], None]


@pytest.fixture(scope="module")
def vihf(deposit: Message, authority: x509.Certificate) -> tuple[bytes, Verify]:
    """The assertion as it left, and its check by the stand-in, within its envelope."""
    root, _ = split(deposit)
    start, stop = assertion_in(root)

    def verify(content: bytes) -> None:
        envelope = sandbox_soap.parse_envelope(root[:start] + content + root[stop:], Tolerances())
        assertion.verify(envelope.header, authority, datetime.now(UTC), Tolerances())

    verify(root[start:stop])
    return root[start:stop], verify


@dataclass(frozen=True)
class Deposited:
    """The signature of a lot and what it covers, with its check by the stand-in."""

    signature: bytes
    documents: dict[str, bytes]
    verify: Callable[[bytes, dict[str, bytes]], None]


@pytest.fixture(scope="module")
def deposited(deposit: Message, authority: x509.Certificate, signer: x509.Certificate) -> Deposited:
    told = {
        "CONTENT_TYPE": deposit.content_type,
        "CONTENT_LENGTH": str(len(deposit.body)),
        "wsgi.input": io.BytesIO(deposit.body),
    }
    untrusted, parts = sandbox_mtom.Incoming(told, 10**8).read()
    received, _ = sandbox_submit.parse(sandbox_soap.parse_envelope(untrusted, Tolerances()).body, parts)
    (signature,) = (received.documents[entry.id] for entry in received.entries if entry.is_signature)
    documents = {entry.unique_id: received.documents[entry.id] for entry in received.entries if not entry.is_signature}

    def verify(content: bytes, covered: dict[str, bytes]) -> None:
        now = datetime.now(UTC)
        xades.verify(content, received.sets[0].unique_id, covered, authority, signer, now, Tolerances())

    verify(signature, documents)
    return Deposited(signature, documents, verify)


def accepted(copies: list[bytes], verify: Verify) -> list[bytes]:
    """Those that pass, which is none. Anything else than a refusal goes on up."""
    passed = []
    for copy in copies:
        try:
            verify(copy)
        except (SoapFault, RegistryRefusal):
            continue
        passed.append(copy)
    return passed


@pytest.mark.parametrize("count", [PLACES, pytest.param(EVERY, marks=pytest.mark.slow)])
def test_a_vihf_spoilt_anywhere_is_refused(vihf: tuple[bytes, Verify], count: int) -> None:
    whole, verify = vihf
    copies = drawn(whole, count)
    assert len(copies) == count or count == EVERY
    assert accepted(copies, verify) == []


@pytest.mark.timeout(600)
@pytest.mark.parametrize("count", [PLACES, pytest.param(EVERY, marks=pytest.mark.slow)])
def test_a_lot_signature_spoilt_anywhere_is_refused(deposited: Deposited, count: int) -> None:
    copies = drawn(deposited.signature, count)
    assert len(copies) == count or count == EVERY
    assert accepted(copies, lambda copy: deposited.verify(copy, deposited.documents)) == []


def test_a_document_of_a_lot_spoilt_anywhere_is_refused(deposited: Deposited) -> None:
    for unique_id, content in deposited.documents.items():

        def verify(copy: bytes, unique_id: str = unique_id) -> None:
            deposited.verify(deposited.signature, {**deposited.documents, unique_id: copy})

        copies = drawn(content, PLACES)
        assert len(copies) == PLACES
        assert accepted(copies, verify) == []


def test_xmlsec1_agrees(deposit: Message, sandbox: Sandbox, tmp_path: Path) -> None:
    root, parts = split(deposit)
    start, stop = assertion_in(root)
    (signature,) = (
        content for content in parts.values() if b"IHEManifest" in content[:4000] and b"ClinicalDocument" not in content
    )
    file = tmp_path / "signed.xml"
    saml = ["--id-attr:ID", f"{names.SAML}:Assertion"]
    dsig = ["--id-attr:Id", f"{names.DS}:Manifest", "--id-attr:Id", f"{names.XADES}:SignedProperties"]

    def verified(content: bytes, identifiers: list[str]) -> bool:
        file.write_bytes(content)
        command = [
            "xmlsec1",
            "--verify",
            "--ignore-manifests",
            *identifiers,
            "--trusted-pem",
            sandbox.ready["ca"],
            str(file),
        ]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    assert verified(root, saml)
    assert verified(signature, dsig)
    for changed in drawn(root[start:stop], FOR_XMLSEC1):
        assert not verified(root[:start] + changed + root[stop:], saml)
    for changed in drawn(signature, FOR_XMLSEC1, (*NAMES, *NOT_FOR_XMLSEC1)):
        unsigned = xades.PURPOSE.encode() not in changed  # asked by IHE, and outside of what XML-DSig signs
        assert unsigned or not verified(changed, dsig)
