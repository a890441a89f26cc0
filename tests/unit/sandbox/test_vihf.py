"""The VIHF is verified for real: one test a rule, each with a message that breaks it alone."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.helpers.dmp_wire import EXISTENCE, Caller, Vihf, envelope, existence_body

NOT_SIGNATURE = "Le certificat ayant signé le VIHF est invalide : Not a valid signature certificate"


@pytest.fixture
def ins(patients: dict[str, str]) -> str:
    return patients["ordinary"]


def post(caller: Caller, ins: str, assertion: str, **options: Any) -> tuple[int, str]:
    message = envelope(EXISTENCE, existence_body(ins), assertion, **options)
    answer = caller.post("/patients", message, "application/soap+xml; charset=UTF-8")
    return answer.status, answer.fault[0] + " " + answer.fault[1] if answer.status == 500 else ""


def test_ordinary_assertions_pass(doctor: Caller, secretary: Caller, structure: Caller, ins: str) -> None:
    for caller in (doctor, secretary, structure):
        assert caller.existence(ins).status == 200


CHANGES: dict[str, tuple[dict[str, Any], str]] = {
    "expired": ({"instant": timedelta(hours=-2)}, "expiré"),
    "future": ({"instant": timedelta(minutes=10)}, "futur"),
    "issuer": ({"issuer": "CN=899900000017,C=FR"}, "Issuer"),
    "no speciality": ({"roles": (("10", "1.2.250.1.71.1.2.7"),)}, "Aucune spécialité dans le vihf"),
    "no role": ({"roles": ()}, "rôle"),
    "other profession": ({"roles": (("60", "1.2.250.1.71.1.2.7"),)}, "rôle"),
    "authenticated in the future": ({"authenticated": timedelta(minutes=10)}, "AuthnInstant est dans le futur"),
    "authenticated two days ago": ({"authenticated": timedelta(days=-2)}, "AuthnInstant est plus ancien"),
    "purpose": ({"purpose": "brisDeGlace"}, "purposeofuse"),
    "structure": ({"structure": "499900000017001"}, "Structure introuvable ou Inactive"),
    "sector": ({"sector": "SA08^1.2.250.1.71.4.2.4"}, "secteur"),
    "person": ({"name_id": "899900000017"}, "PS introuvable"),
    "context": ({"context": "Password"}, "SmartcardPKI"),
    "resource key": ({"resource": "279035121518900^^^&amp;1.2.250.1.213.1.4.10&amp;ISO^NH"}, "resource-id"),
    "resource suffix": (
        {"resource": "279035121518989^^^&amp;1.2.250.1.213.1.4.10&amp;ISO^NH^^19790312"},
        "resource-id",
    ),
    "resource authority": ({"resource": "279035121518989^^^&amp;1.2.3&amp;ISO^NH"}, "resource-id"),
    "mode": ({"mode": "MIXTE"}, "Mode"),
    "old spelling of mode": ({"mode_attribute": "Authentification_mode"}, "Authentification_Mode"),
    "indirect by a card": ({"mode": "INDIRECTE", "context": "Password"}, "signataire"),
    "sha-1": ({"digest": "sha1"}, "signature"),
    "no version": ({"omitted": ("VIHF_Version",)}, "VIHF_Version"),
    "no software": ({"omitted": ("LPS_Nom",)}, "LPS_Nom"),
    "no homologation": ({"omitted": ("LPS_ID_HOMOLOGATION_DMP",)}, "LPS_ID_HOMOLOGATION_DMP"),
    "no urn": ({"omitted": ("Ressource_URN",)}, "Ressource_URN"),
    "no patient": ({"omitted": ("urn:oasis:names:tc:xacml:2.0:resource:resource-id",)}, "resource-id"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_each_rule_refuses(doctor: Caller, ins: str, name: str) -> None:
    changes, reason = CHANGES[name]
    # Times are from now, not from when this module was loaded: the whole round lasts longer than 10 minutes.
    now = datetime.now(UTC)
    changes = {name: now + told if isinstance(told, timedelta) else told for name, told in changes.items()}
    status, fault = post(doctor, ins, replace(doctor.vihf(ins), **changes).signed(doctor.sign))
    assert status == 500
    assert reason in fault


@dataclass(frozen=True)
class Edited(Vihf):
    """An assertion changed by hand before it is signed."""

    old: str = ""
    new: str = ""

    def xml(self) -> str:
        text, times = re.subn(self.old, self.new, super().xml(), count=1)
        assert times == 1
        return text


def edited(doctor: Caller, ins: str, old: str, new: str) -> str:
    good = doctor.vihf(ins)
    return Edited(**{name: getattr(good, name) for name in Vihf.__dataclass_fields__}, old=old, new=new).signed(
        doctor.sign
    )


AUTHENTICATED = 'AuthnInstant="[^"]*"'


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (AUTHENTICATED, "", "AuthnInstant"),
        (AUTHENTICATED, 'AuthnInstant="zzz"', "AuthnInstant est absent ou illisible"),
        (AUTHENTICATED, 'AuthnInstant="2026-13-45T00:00:00Z"', "AuthnInstant est absent ou illisible"),
        (AUTHENTICATED, 'AuthnInstant="20010101T000000Z"', "AuthnInstant est absent ou illisible"),
        (AUTHENTICATED, 'AuthnInstant="2001-01-01T00:00:00"', "AuthnInstant doit être exprimé en UTC"),
        (AUTHENTICATED, 'AuthnInstant="2001-01-01T00:00:00+01:00"', "AuthnInstant doit être exprimé en UTC"),
        (AUTHENTICATED, 'AuthnInstant="2001-01-01T00:00:00Z"', "plus ancien"),
        ('IssueInstant="[^"]*"', "", "IssueInstant"),
        ('<PurposeOfUse ([^>]*)xsi:type="CE"', r'<PurposeOfUse \1xsi:type="CD"', "purposeofuse"),
        ('<PurposeOfUse ([^>]*)xsi:type="CE"', r"<PurposeOfUse \1", "purposeofuse"),
        ('<Role ([^>]*)xsi:type="CE"', r'<Role \1xsi:type="CD"', "rôle"),
    ],
)
def test_times_and_types_are_judged(doctor: Caller, ins: str, old: str, new: str, reason: str) -> None:
    status, fault = post(doctor, ins, edited(doctor, ins, old, new))
    assert status == 500
    assert fault.startswith("soap:DMPInvalidVIHF")
    assert reason in fault


@pytest.mark.parametrize(
    ("since", "until", "reason"),
    [
        (timedelta(minutes=-5), timedelta(minutes=5), ""),
        (timedelta(minutes=10), timedelta(minutes=20), "NotBefore"),
        (timedelta(minutes=-20), timedelta(minutes=-10), "NotOnOrAfter"),
        (timedelta(seconds=30), timedelta(minutes=5), ""),
        (None, timedelta(minutes=-10), "NotOnOrAfter"),
        (None, None, ""),
    ],
)
def test_conditions_bind(
    doctor: Caller, ins: str, since: timedelta | None, until: timedelta | None, reason: str
) -> None:
    """Optional; the clocks may differ by two minutes."""
    told = {
        name: f"{datetime.now(UTC) + shift:%Y-%m-%dT%H:%M:%SZ}"
        for name, shift in (("NotBefore", since), ("NotOnOrAfter", until))
        if shift is not None
    }
    conditions = "".join(f' {name}="{when}"' for name, when in told.items())
    assertion = edited(doctor, ins, "<saml2:AuthnStatement", f"<saml2:Conditions{conditions}/><saml2:AuthnStatement")
    status, fault = post(doctor, ins, assertion)
    assert status == (500 if reason else 200)
    assert reason in fault


@pytest.mark.parametrize("name", ["NotBefore", "NotOnOrAfter"])
def test_unreadable_conditions_are_refused(doctor: Caller, ins: str, name: str) -> None:
    new = f'<saml2:Conditions {name}="demain"/><saml2:AuthnStatement'
    status, fault = post(doctor, ins, edited(doctor, ins, "<saml2:AuthnStatement", new))
    assert status == 500
    assert f"{name} est absent ou illisible" in fault


def test_issuer_is_compared_by_meaning(doctor: Caller, ins: str) -> None:
    for spelling in (
        "GN=Camille,SN=DUPONT,CN=810002422979,T=Médecin,C=FR",
        "C=FR, title=M\\C3\\A9decin, CN=810002422979, SURNAME=dupont, givenName=Camille",
        "2.5.4.42=#0c0743616d696c6c65,2.5.4.4=#0c064455504f4e54,CN=810002422979,T=Médecin,C=FR",
    ):
        assert post(doctor, ins, replace(doctor.vihf(ins), issuer=spelling).signed(doctor.sign)) == (200, "")


def test_authentication_certificate_cannot_sign(doctor: Caller, ins: str) -> None:
    status, fault = post(doctor, ins, doctor.vihf(ins).signed(doctor.auth))
    assert (status, fault) == (500, f"soap:DMPInvalidCertificate {NOT_SIGNATURE}")


def test_signer_and_tls_peer_must_be_the_same(doctor: Caller, secretary: Caller, ins: str) -> None:
    status, fault = post(secretary, ins, doctor.vihf(ins).signed(doctor.sign))
    assert status == 500
    assert "TLS" in fault


def test_card_and_claimed_person_must_be_the_same(doctor: Caller, secretary: Caller, ins: str) -> None:
    claimed = replace(doctor.vihf(ins), issuer=secretary.vihf(ins).issuer)
    status, fault = post(secretary, ins, claimed.signed(secretary.sign))
    assert status == 500
    assert "signataire" in fault


def test_stranger_to_the_authority_is_refused(doctor: Caller, ins: str, tmp_path: Any) -> None:
    from dmp_desktop.sandbox import pki
    from tests.helpers.dmp_wire import Key

    other = pki.ensure(tmp_path, datetime.now(UTC))
    stranger = Key.load(other.p12_folder("doctor") / "sign.p12", pki.P12_PASSWORD)
    status, fault = post(doctor, ins, doctor.vihf(ins).signed(stranger))
    assert status == 500
    assert "DMPInvalidCertificate" in fault


def test_tampered_text_is_refused(doctor: Caller, ins: str) -> None:
    signed = doctor.vihf(ins).signed(doctor.sign).replace("SM26", "SM54")
    status, fault = post(doctor, ins, signed)
    assert status == 500
    assert "signature" in fault


def test_two_assertions_are_refused(doctor: Caller, ins: str) -> None:
    status, _ = post(doctor, ins, doctor.vihf(ins).signed(doctor.sign) + doctor.vihf(ins).signed(doctor.sign))
    assert status == 500


def test_no_assertion_is_refused(doctor: Caller, ins: str) -> None:
    assert post(doctor, ins, "")[0] == 500


def test_wrapping_is_refused(doctor: Caller, ins: str) -> None:
    """A forged assertion around a signed one, by its own Object, by the body, and by a repeated ID."""
    good = doctor.vihf(ins)
    signed = good.signed(doctor.sign)
    signature = signed[signed.index("<Signature ") : signed.index("</Signature>")]
    forged = replace(good, purpose="centre_15", identifier="_forged").xml()
    wrappings = [
        forged.replace("@@SIGNATURE@@", f"{signature}<Object>{signed}</Object></Signature>"),
        replace(good, purpose="centre_15").xml().replace("@@SIGNATURE@@", f"{signature}</Signature>"),
        forged.replace("@@SIGNATURE@@", f"{signature}</Signature>"),
    ]
    for wrapped in wrappings:
        status, _ = post(doctor, ins, wrapped)
        assert status == 500
    moved = existence_body(ins).replace("</PRPA_IN201307UV02>", f"{signed}</PRPA_IN201307UV02>")
    message = envelope(EXISTENCE, moved, forged.replace("@@SIGNATURE@@", f"{signature}</Signature>"))
    assert doctor.post("/patients", message, "application/soap+xml").status == 500


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('<Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>', ""),
        ("<Transforms>", '<Transforms><Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"/>'),
        ("</KeyInfo>", "<KeyName>x</KeyName></KeyInfo><Object/>"),
        ('URI="#', 'URI="'),
        ("</SignedInfo>", '<Reference URI=""><DigestMethod Algorithm="x"/><DigestValue>AA==</DigestValue></Reference></SignedInfo>'),
    ],
)  # fmt: skip
def test_unusual_signatures_are_refused(doctor: Caller, ins: str, old: str, new: str) -> None:
    signed = doctor.vihf(ins).signed(doctor.sign)
    assert old in signed
    if new.endswith("<Object/>"):  # outside SignedInfo: harmless to the signature, must still verify
        assert post(doctor, ins, signed.replace(old, new))[0] == 200
    else:
        assert post(doctor, ins, signed.replace(old, new))[0] == 500


@pytest.mark.parametrize("missing", ["MessageID", "To", "ReplyTo", "Action"])
def test_addressing_headers_are_required(doctor: Caller, ins: str, missing: str) -> None:
    status, fault = post(doctor, ins, doctor.vihf(ins).signed(doctor.sign), without=(missing,))
    assert status == 500
    assert "A required header representing a Message Addressing Property is not present" in fault


def test_soap_11_is_refused(doctor: Caller, ins: str) -> None:
    soap11 = "http://schemas.xmlsoap.org/soap/envelope/"
    status, _ = post(doctor, ins, doctor.vihf(ins).signed(doctor.sign), soap=soap11)
    assert status == 500


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<a",
        b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
        b"\x00\xff",
        b"<Envelope xmlns='http://www.w3.org/2003/05/soap-envelope'/>",
    ],
)
def test_garbage_gets_a_fault(doctor: Caller, body: bytes) -> None:
    answer = doctor.post("/patients", body, "application/soap+xml")
    assert answer.status == 500
    assert answer.fault[0] == "soap:DMPInvalidMessage"


def test_answers_relate_to_their_request(doctor: Caller, ins: str) -> None:
    message = envelope(EXISTENCE, existence_body(ins), doctor.vihf(ins).signed(doctor.sign))
    asked = message.split(b"<a:MessageID>")[1].split(b"<")[0].decode()
    answer = doctor.post("/patients", message, "application/soap+xml")
    assert answer.envelope.findtext(".//{*}RelatesTo") == asked
    assert answer.envelope.findtext(".//{*}Header/{*}Action") == "urn:hl7-org:v3:PRPA_IN201308UV02"


def test_nothing_of_a_request_is_logged(doctor: Caller, ins: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    doctor.existence(ins)
    assert ins not in caplog.text
    assert "SignedInfo" not in caplog.text
