"""The VIHF: valid, verifiable by an outside verifier inside any envelope, signed once in its lifetime."""

from __future__ import annotations

import subprocess
import uuid
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from lxml import etree

from dmp_desktop.dmp import soap
from dmp_desktop.dmp.identity import Pkcs12Identity
from dmp_desktop.dmp.names import SAML
from dmp_desktop.dmp.vihf import LIFETIME, Caller, Software, VihfFactory
from dmp_desktop.domain.access import AccessMode, AuthenticationMode
from dmp_desktop.domain.documents import Code
from dmp_desktop.domain.ins import InsIdentity
from tests.helpers.clock import FakeClock, SeededEntropy

ROLES = (
    Code("10", "1.2.250.1.71.1.2.7", "Médecin"),
    Code("SM26", "1.2.250.1.71.4.2.5", "Qualifié en médecine générale (SM)"),
)
CALLER = Caller("899900000017", 'DUPONT & "Fils" Camille', "499900000017001", "SA07", ROLES, AuthenticationMode.DIRECTE)
SOFTWARE = Software("DMP Desktop", "0.1", "BAC-A-SABLE")


class CountingSigner:
    """The identity's signer, counting how often it is asked."""

    def __init__(self, identity: Pkcs12Identity) -> None:
        self._signer = identity.signature
        self.certificate_der = self._signer.certificate_der
        self.chain_der = self._signer.chain_der
        self.count = 0

    def sign_sha256(self, message: bytes) -> bytes:
        self.count += 1
        return self._signer.sign_sha256(message)


@pytest.fixture
def signer(identity: Pkcs12Identity) -> CountingSigner:
    return CountingSigner(identity)


@pytest.fixture
def factory(signer: CountingSigner, clock: FakeClock, entropy: SeededEntropy) -> VihfFactory:
    return VihfFactory(signer, CALLER, SOFTWARE, clock, entropy)


def xmlsec_verifies(file: Path, ca: Path) -> bool:
    command = ["xmlsec1", "--verify", "--id-attr:ID", f"{SAML}:Assertion", "--trusted-pem", str(ca), str(file)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize(
    "declared", ["", ' xmlns:urn="urn:hl7-org:v3"', ' xmlns:ds="http://www.w3.org/2000/09/xmldsig#"']
)
def test_verified_by_xmlsec1_inside_an_envelope(
    factory: VihfFactory, ins: InsIdentity, tmp_path: Path, identity_folder: Path, declared: str
) -> None:
    """Bindings of the envelope must not reach the assertion: it is spliced, not appended."""
    body = f"<x{declared}/>"
    request = soap.envelope("urn:test", body, factory.assertion(ins), uuid.UUID(int=1))
    request = request.replace(b"<soap:Envelope", b"<soap:Envelope" + declared.encode(), 1)
    file = tmp_path / "envelope.xml"
    file.write_bytes(request)
    assert xmlsec_verifies(file, identity_folder / "ca.pem")
    file.write_bytes(request.replace(b'code="SM26"', b'code="SM54"'))
    assert not xmlsec_verifies(file, identity_folder / "ca.pem")


def test_valid_against_the_saml_schema(factory: VihfFactory, ins: InsIdentity, shared: Path) -> None:
    assertion = etree.fromstring(factory.assertion(ins))
    schema = etree.XMLSchema(etree.parse(shared / "xsd/xacml_saml/sstc-saml-schema-assertion-2.0.xsd"))
    # Role and PurposeOfUse carry xsi:type="CE", which that schema does not know.
    for coded in assertion.iter("{urn:hl7-org:v3}*"):
        coded.attrib.pop("{http://www.w3.org/2001/XMLSchema-instance}type")
    assert schema.validate(assertion), schema.error_log


@pytest.fixture
def reinforced(signer: CountingSigner, clock: FakeClock, entropy: SeededEntropy) -> VihfFactory:
    """Mode AIR: Pro Santé Connect authenticated the person an hour ago."""
    at = clock.now() - timedelta(hours=1)
    caller = replace(CALLER, mode=AuthenticationMode.INDIRECTE_RENFORCEE, authenticated_at=at)
    return VihfFactory(signer, caller, SOFTWARE, clock, entropy)


def test_reinforced_mode_tells_how_and_when_the_person_was_authenticated(
    reinforced: VihfFactory, ins: InsIdentity, shared: Path
) -> None:
    assertion = etree.fromstring(reinforced.assertion(ins))
    statement = assertion.find(f"{{{SAML}}}AuthnStatement")
    assert statement.get("AuthnInstant") == "2026-11-22T08:30:00.000Z"
    assert assertion.get("IssueInstant") == "2026-11-22T09:30:00.000Z"
    assert [element.text for element in statement[0]] == [
        "urn:oasis:names:tc:SAML:2.0:ac:classes:TLSClient",
        "APP_BROWSER_AUTH",
    ]
    schema = etree.XMLSchema(etree.parse(shared / "xsd/xacml_saml/sstc-saml-schema-assertion-2.0.xsd"))
    for coded in assertion.iter("{urn:hl7-org:v3}*"):
        coded.attrib.pop("{http://www.w3.org/2001/XMLSchema-instance}type")
    assert schema.validate(assertion), schema.error_log


def test_reinforced_assertions_are_never_kept(
    reinforced: VihfFactory, signer: CountingSigner, ins: InsIdentity
) -> None:
    """The signer must be asked each time: it refuses once the Pro Santé Connect session is over."""
    assert reinforced.assertion(ins) != reinforced.assertion(ins)
    assert signer.count == 2


def test_attributes(factory: VihfFactory, ins: InsIdentity) -> None:
    assertion = etree.fromstring(factory.assertion(ins, AccessMode.BRIS_DE_GLACE))
    values = {
        attribute.get("Name"): [value.text or value[0].get("code") for value in attribute]
        for attribute in assertion.iter(f"{{{SAML}}}Attribute")
    }
    assert values["VIHF_Version"] == ["3.0"]
    assert values["Authentification_Mode"] == ["DIRECTE"]
    assert values["urn:oasis:names:tc:xacml:2.0:resource:resource-id"] == [ins.cx]
    assert values["urn:oasis:names:tc:xacml:2.0:subject:role"] == ["10", "SM26"]
    assert values["urn:oasis:names:tc:xspa:1.0:subject:purposeofuse"] == ["bris_de_glace"]
    assert assertion.findtext(f"{{{SAML}}}Issuer") == "CN=TEST-SIGN,C=FR"
    assert assertion[1].tag.endswith("}Signature")


def test_signed_once_a_patient_in_its_lifetime(
    factory: VihfFactory, signer: CountingSigner, clock: FakeClock, ins: InsIdentity
) -> None:
    first = factory.assertion(ins)
    assert factory.assertion(ins) == first
    assert signer.count == 1
    other = InsIdentity("153078987658513", ins.oid, ins.status)
    assert factory.assertion(other) != first
    assert signer.count == 2
    clock.advance(LIFETIME.total_seconds())
    assert factory.assertion(ins) != first
    assert signer.count == 3


def test_a_clock_set_back_asks_for_a_new_one(factory: VihfFactory, clock: FakeClock, ins: InsIdentity) -> None:
    first = factory.assertion(ins)
    clock.set_back(3600)
    assert factory.assertion(ins) != first


def test_without_a_patient_there_is_no_resource(factory: VihfFactory) -> None:
    assert b"resource-id" not in factory.assertion(None)
