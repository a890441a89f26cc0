"""What our client signed, spoilt at random places on its way: the sandbox refuses each, and so does xmlsec1 a few."""

from __future__ import annotations

import base64
import binascii
import io
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
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
from tests.helpers.wire_fuzz import Message, Recorder

PLACES = 100


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(tmp_path_factory.mktemp("sandbox")) as running:
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


def spoilt(whole: bytes, random: Random) -> bytes:
    """One character of a value made another one: of a text or of an attribute.

    Left alone are the names that parts of a signature go by (`Id`, `Target`) outside of what is signed: they say nothing.
    """
    while True:
        at = random.randrange(len(whole))
        inside = whole.rfind(b"<", 0, at) <= whole.rfind(b">", 0, at)
        quoted = not inside and whole[whole.rfind(b"<", 0, at) : at].count(b'"') % 2 == 1
        name = whole[whole.rfind(b" ", 0, at) : at]
        named = name.startswith((b' Id="', b' Target="')) and b"<ds:SignedInfo" in whole[:2000]
        declared = named or b"xmlns" in name or whole[whole.rfind(b"<", 0, at) :].startswith(b"<?")
        if (inside or (quoted and not declared)) and whole[at : at + 1].isalnum():
            other = b"A" if whole[at : at + 1] != b"A" else b"B"
            return whole[:at] + other + whole[at + 1 :]


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


def test_a_vihf_spoilt_anywhere_is_refused(deposit: Message, authority: x509.Certificate) -> None:
    root, _ = split(deposit)
    start, stop = assertion_in(root)

    def verify(content: bytes) -> None:
        envelope = sandbox_soap.parse_envelope(root[:start] + content + root[stop:], Tolerances())
        assertion.verify(envelope.header, authority, datetime.now(UTC), Tolerances())

    verify(root[start:stop])
    random, refused = Random(deposit.body), 0
    while refused < PLACES:
        content = spoilt(root[start:stop], random)
        if same(content, root[start:stop]):
            continue
        with pytest.raises(SoapFault):
            verify(content)
        refused += 1


def test_a_lot_spoilt_anywhere_is_refused(
    deposit: Message, authority: x509.Certificate, signer: x509.Certificate
) -> None:
    """The signature at random places, then every document it covers, one byte each."""
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
    random, refused = Random(signature), 0
    while refused < PLACES:
        content = spoilt(signature, random)
        if same(content, signature):
            continue
        with pytest.raises((RegistryRefusal, SoapFault)):
            verify(content, documents)
        refused += 1
    for unique_id, content in documents.items():
        for _ in range(PLACES // 4):
            with pytest.raises((RegistryRefusal, SoapFault)):
                verify(signature, {**documents, unique_id: spoilt(content, random)})


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
    random = Random(1)
    for _ in range(5):
        changed = spoilt(root[start:stop], random)
        assert same(changed, root[start:stop]) or not verified(root[:start] + changed + root[stop:], saml)
        changed = spoilt(signature, random)
        assert same(changed, signature) or not verified(changed, dsig)
