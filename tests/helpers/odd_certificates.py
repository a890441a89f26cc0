"""Certificates that cryptography opens or refuses in ways of their own: anybody's software makes some."""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

# How the key usage and the public key of those of `signers` begin: each is in a certificate once.
USAGE = bytes.fromhex("0603551d0f0101ff0404")
KEY = bytes.fromhex("3082010a0282010100")


def spoilt(certificate: x509.Certificate, key: rsa.RSAPrivateKey) -> dict[str, bytes]:
    """The same certificate in ways that do not parse, by what is wrong with it."""
    der = certificate.public_bytes(Encoding.DER)
    found = {
        "no certificate": b"\x30\x03\x02\x01\x01",
        "usage": der.replace(USAGE, USAGE[:-1] + b"\x01"),
        "key": der.replace(KEY, bytes.fromhex("3082010a0482010100")),
        "version": der.replace(bytes.fromhex("a003020102"), bytes.fromhex("a003020109"), 1),
        "twice": _twice(certificate, key),
        "name": _named_wrongly(der, certificate),
    }
    if len({der, *found.values()}) != len(found) + 1:
        raise AssertionError("one of them is as good as it was")
    return found


def _twice(certificate: x509.Certificate, key: rsa.RSAPrivateKey) -> bytes:
    """One extension two times over: no builder makes that, so that the name of another is changed afterwards."""
    builder = x509.CertificateBuilder(
        issuer_name=certificate.issuer,
        subject_name=certificate.subject,
        public_key=certificate.public_key(),
        serial_number=certificate.serial_number,
        not_valid_before=certificate.not_valid_before_utc,
        not_valid_after=certificate.not_valid_after_utc,
    )
    for oid in ("1.2.3.4.5", "1.2.3.4.6"):
        builder = builder.add_extension(x509.UnrecognizedExtension(x509.ObjectIdentifier(oid), b"\x05\x00"), False)
    der = builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)
    return der.replace(bytes.fromhex("06042a030406"), bytes.fromhex("06042a030405"))


def _named_wrongly(der: bytes, certificate: x509.Certificate) -> bytes:
    """Its common name is no text: a character that UTF-8 has not."""
    name = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
    written = str(name).encode()
    return der.replace(written, b"\xff" + written[1:])
