"""Certificates of an invented professional, in the shape of the IGC-Santé's (reference card.md §3.4)."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID, ObjectIdentifier

UNTIL = datetime(2029, 1, 1, tzinfo=UTC)
SUBJECT = {
    NameOID.COUNTRY_NAME: "FR",
    NameOID.TITLE: "Médecin",
    NameOID.COMMON_NAME: "899700000001",
    NameOID.SURNAME: "TEST-FICTIF",
    NameOID.GIVEN_NAME: "CLAIRE",
}
TEST_ISSUER = "TEST AC FORT PERSONNES"


@cache
def _key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def certificate(
    *,
    serial: int = 1,
    signs: bool | None = None,
    subject: dict[ObjectIdentifier, str] = SUBJECT,
    issuer: str = TEST_ISSUER,
    card_type: bytes | None = None,
    encrypts: bool = False,
    names: bytes = b"",
    until: datetime = UNTIL,
) -> bytes:
    """DER; `signs` tells the key usage (non-repudiation or authentication), None leaves the extension out, as `card_type` does.

    `encrypts`: the usage is neither. `names`: the content of the alternative names of the subject, as it is.
    """
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(oid, value) for oid, value in subject.items()]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(_key().public_key())
        .serial_number(serial)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(until)
    )
    if signs is not None:
        others = dict.fromkeys(
            ("key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign"), False
        )
        usage = x509.KeyUsage(
            digital_signature=not signs, content_commitment=signs, encipher_only=False, decipher_only=False, **others
        )
        builder = builder.add_extension(usage, critical=True)
    if encrypts:
        usage = x509.KeyUsage(
            **dict.fromkeys(("digital_signature", "content_commitment", "key_agreement"), False),
            **dict.fromkeys(("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"), False),
            **dict.fromkeys(("key_encipherment", "data_encipherment"), True),
        )
        builder = builder.add_extension(usage, critical=True)
    if names:
        alternative = x509.UnrecognizedExtension(ObjectIdentifier("2.5.29.17"), names)
        builder = builder.add_extension(alternative, critical=False)
    if card_type is not None:
        builder = builder.add_extension(
            x509.UnrecognizedExtension(ObjectIdentifier("1.2.250.1.71.1.2.2"), card_type), critical=False
        )
    return builder.sign(_key(), hashes.SHA256()).public_bytes(serialization.Encoding.DER)
