"""What says who asks, and who sends, is signed by the key of the card that may sign: a real PKCS#11 token, judged by xmlsec1."""

from __future__ import annotations

import re
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from dmp_desktop.card.pkcs11 import Pkcs11CardOpener
from dmp_desktop.dmp import names, soap, xades
from dmp_desktop.dmp.signing import Algorithm
from dmp_desktop.dmp.vihf import VihfFactory
from dmp_desktop.domain.ins import OID_INS_TEST, InsIdentity, InsStatus
from dmp_desktop.domain.ports import ClientIdentity
from dmp_desktop.errors import CardError
from tests.helpers import cps_token, signers
from tests.helpers.clock import START, FakeClock, SeededEntropy
from tests.unit.dmp.test_vihf import CALLER, SAML, SOFTWARE

INS = InsIdentity("279035121518989", OID_INS_TEST, InsStatus.QUALIFIEE)


@pytest.fixture(scope="module")
def holder() -> cps_token.Holder:
    pairs = {number: signers.token_pair(signs=number == cps_token.SIG) for number in (cps_token.SIG, cps_token.AUT)}
    return cps_token.Holder(
        {number: key for number, (key, _) in pairs.items()},
        {number: certificate.public_bytes(Encoding.DER) for number, (_, certificate) in pairs.items()},
    )


@pytest.fixture(scope="module")
def token(holder: cps_token.Holder) -> str:
    if not cps_token.SOFTHSM.exists():
        pytest.skip("SoftHSM2 absent : libsofthsm2.so (paquet softhsm2)")
    return cps_token.softhsm_token("TEST-SIGNE", who=holder)


@pytest.fixture
def card(token: str, holder: cps_token.Holder) -> Iterator[ClientIdentity]:
    session = Pkcs11CardOpener(cps_token.SOFTHSM, token).open(holder.public, cps_token.PIN)
    yield session
    session.close()


@pytest.fixture
def ca(tmp_path: Path) -> Path:
    file = tmp_path / "ca.pem"
    file.write_bytes(signers.authority()[1].public_bytes(Encoding.PEM))
    return file


def verifies(message: bytes, ca: Path, *options: str) -> bool:
    file = ca.with_name("signed.xml")
    file.write_bytes(message)
    command = ["xmlsec1", "--verify", *options, "--trusted-pem", str(ca), str(file)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_the_vihf_of_a_call(card: ClientIdentity, holder: cps_token.Holder, ca: Path) -> None:
    factory = VihfFactory(card.signature, CALLER, SOFTWARE, FakeClock(), SeededEntropy())
    request = soap.envelope("urn:test", "<x/>", factory.assertion(INS), uuid.UUID(int=1))
    options = "--id-attr:ID", f"{SAML}:Assertion"
    assert verifies(request, ca, *options)
    assert signing_certificates(request) == [holder.certificates[cps_token.SIG]]
    assert not verifies(request.replace(b'code="SM26"', b'code="SM54"'), ca, *options)
    card.close()
    with pytest.raises(CardError):
        VihfFactory(card.signature, CALLER, SOFTWARE, FakeClock(), SeededEntropy()).assertion(INS)


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_the_lot_of_a_deposit(card: ClientIdentity, holder: cps_token.Holder, ca: Path, algorithm: Algorithm) -> None:
    lot = xades.sign_lot(
        card.signature, "2.25.1", [("2.25.2", b"<ClinicalDocument xmlns='urn:hl7-org:v3'/>")], START, algorithm
    )
    signed_too = (f"{names.DS}:Manifest", f"{names.XADES}:SignedProperties")
    options = (*(one for name in signed_too for one in ("--id-attr:Id", name)), "--ignore-manifests")
    assert verifies(lot, ca, *options)
    assert signing_certificates(lot) == [holder.certificates[cps_token.SIG]]
    assert not verifies(lot.replace(b"urn:oid:2.25.2", b"urn:oid:2.25.3"), ca, *options)


def signing_certificates(message: bytes) -> list[bytes]:
    """DER of those the message names; xmlsec1 verified with one of them."""
    told = re.findall(rb"<(?:\w+:)?X509Certificate>([^<]+)<", message)
    return [x509.load_pem_x509_certificate(_pem(one)).public_bytes(Encoding.DER) for one in told]


def _pem(base64: bytes) -> bytes:
    return b"-----BEGIN CERTIFICATE-----\n" + b"".join(base64.split()) + b"\n-----END CERTIFICATE-----\n"
