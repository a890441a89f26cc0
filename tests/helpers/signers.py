"""Throw-away certificates and signers for tests: one authority and one professional a test session."""

from __future__ import annotations

import datetime as dt
import functools
import ipaddress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import NameOID

PASSWORD = "test"
_PROFESSIONAL = {NameOID.TITLE: "Médecin", NameOID.SURNAME: "TEST-FICTIF", NameOID.GIVEN_NAME: "CLAIRE"}
Pair = tuple[rsa.RSAPrivateKey, x509.Certificate]


@functools.cache
def authority() -> Pair:
    return _issue("TEST-AC", None)


@functools.cache
def pair(name: str) -> Pair:
    return _issue(name, authority())


@functools.cache
def intermediate() -> Pair:
    return _issue("TEST-AC-PERSONNES", authority(), ca=True)


@functools.cache
def card_pair(*, signs: bool, holder: str) -> Pair:
    """As on a CPS: one key usage each, under an intermediate authority; the common name is PS_IdNat."""
    return _issue(holder, intermediate(), signs=signs)


@functools.cache
def token_pair(*, signs: bool) -> Pair:
    """As `card_pair`, straight under the root: a CPS does not hold the certificates of its authorities."""
    return _issue("899700000001", authority(), signs=signs, names=_PROFESSIONAL)


def write_identity(folder: Path) -> Path:
    """`auth.p12` and `sign.p12` of one professional, `ca.pem` and `server.pem` beside them."""
    folder.mkdir(parents=True, exist_ok=True)
    for file, name in (("auth", "TEST-AUTH"), ("sign", "TEST-SIGN")):
        key, certificate = pair(name)
        content = pkcs12.serialize_key_and_certificates(
            b"test", key, certificate, None, BestAvailableEncryption(PASSWORD.encode())
        )
        (folder / f"{file}.p12").write_bytes(content)
    (folder / "ca.pem").write_bytes(authority()[1].public_bytes(Encoding.PEM))
    key, certificate = pair("localhost")
    plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "server.pem").write_bytes(certificate.public_bytes(Encoding.PEM) + plain)
    return folder


def certified(key: rsa.RSAPrivateKey, like: x509.Certificate, *, signs: bool | None = None) -> x509.Certificate:
    """Another certificate of `key`, of the same holder and authority."""
    builder = x509.CertificateBuilder(like.issuer, like.subject, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(like.not_valid_before_utc).not_valid_after(like.not_valid_after_utc)
    issuer = next(pair for pair in (authority(), intermediate()) if pair[1].subject == like.issuer)
    return builder.add_extension(_usage(False, signs), critical=True).sign(issuer[0], hashes.SHA256())


def _issue(
    name: str,
    issuer: Pair | None,
    *,
    ca: bool | None = None,
    signs: bool | None = None,
    names: dict[x509.ObjectIdentifier, str] | None = None,
) -> Pair:
    """`ca` for an intermediate; `signs` parts the key usages as a CPS does, None gives both to one certificate."""
    ca = issuer is None if ca is None else ca
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    named = {NameOID.COUNTRY_NAME: "FR", **(names or {}), NameOID.COMMON_NAME: name}
    subject = x509.Name([x509.NameAttribute(oid, value) for oid, value in named.items()])
    signer = issuer or (key, None)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer[1].subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
        .not_valid_after(dt.datetime(2040, 1, 1, tzinfo=dt.UTC))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer[0].public_key()), critical=False)
        .add_extension(_usage(ca, signs), critical=True)
    )
    if name == "localhost":
        names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return key, builder.sign(signer[0], hashes.SHA256())


def _usage(authority: bool, signs: bool | None = None) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority and signs is not True,
        content_commitment=not authority and signs is not False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )
