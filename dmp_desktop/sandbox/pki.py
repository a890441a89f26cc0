"""The stand-in's throw-away certification authority, its server certificate and its cards.

Profiles follow IGC-Santé in what the DMP looks at: authentication keys carry digitalSignature and clientAuth, signature keys
nonRepudiation only (reference §1, card.md §3.4). Everything satisfies RFC 5280 as Python 3.13 demands it (VERIFY_X509_STRICT).
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from dmp_desktop.sandbox.directory import CABINET, CARDS, DOCTOR, SECRETARY, SECRETARY_ID, holder_json

P12_PASSWORD = "bac-a-sable"  # noqa: S105  # throw-away keys of a loopback server
KEY_BITS = 2048
KDF_ROUNDS = 2048  # what OpenSSL and the PKIs write; `cryptography` would take ten times as many, and as long to open
VALIDITY = timedelta(days=3650)
_IDENTITIES = ("doctor", "secretary", "structure")


@dataclass(frozen=True, slots=True)
class Pki:
    """Where the files of the authority are. `folder` holds `ca.pem`, `server.pem` and one folder an identity."""

    folder: Path

    @property
    def ca_file(self) -> Path:
        return self.folder / "ca.pem"

    @property
    def server_file(self) -> Path:
        """Certificate and key of the server, PEM."""
        return self.folder / "server.pem"

    def p12_folder(self, identity: str) -> Path:
        """Folder with `auth.p12`, `sign.p12` and `holder.json` of `doctor`, `secretary` or `structure`."""
        return self.folder / identity

    def authority(self) -> x509.Certificate:
        return x509.load_pem_x509_certificate(self.ca_file.read_bytes())


def ensure(folder: Path, now: datetime, cards: Sequence[str] = ()) -> Pki:
    """The authority kept in `folder`, made there first when it is not, with `cards` (directory.CARDS) besides the three
    identities it always has. The CA's private key is never written."""
    pki = Pki(folder)
    if not pki.ca_file.exists():
        _make(pki, now, (*_IDENTITIES, *cards))
    return pki


def _make(pki: Pki, now: datetime, identities: Sequence[str]) -> None:
    pki.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with ThreadPoolExecutor(max_workers=4) as pool:
        keys = list(pool.map(lambda _: _new_key(), range(2 + 2 * len(identities))))
    issuer = _Issuer(keys[0], now)
    _write_secret(pki.server_file, _pem(keys[1], issuer.server(keys[1])))
    for index, identity in enumerate(identities):
        where = pki.p12_folder(identity)
        where.mkdir(exist_ok=True, mode=0o700)
        auth_key, sign_key = keys[2 + 2 * index], keys[3 + 2 * index]
        subject = _subject(identity)
        _write_p12(where / "auth.p12", auth_key, issuer.authentication(subject, auth_key), issuer.certificate)
        _write_p12(where / "sign.p12", sign_key, issuer.signature(subject, sign_key), issuer.certificate)
        (where / "holder.json").write_text(json.dumps(holder_json(identity), ensure_ascii=False), "utf-8")
    pki.ca_file.write_bytes(
        issuer.certificate.public_bytes(serialization.Encoding.PEM)
    )  # last: it marks the set complete


def _new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)


def _name(*parts: tuple[ObjectIdentifier, str]) -> x509.Name:
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts])


def _subject(identity: str) -> x509.Name:
    """Subject of an identity: a card (CN = national identifier, SN, GN, title) or the organisation (OU = Struct_IdNat)."""
    country = (NameOID.COUNTRY_NAME, "FR")
    if identity == "structure":
        return _name(
            country,
            (NameOID.ORGANIZATION_NAME, CABINET.name),
            (NameOID.ORGANIZATIONAL_UNIT_NAME, CABINET.id),
            (NameOID.COMMON_NAME, CABINET.name),
        )
    person = {"doctor": DOCTOR, "secretary": SECRETARY, **CARDS}[identity]
    number = SECRETARY_ID if person is SECRETARY else person.national_id
    title = {"secretary": "Secrétaire", "nurse": "Infirmier"}.get(identity, "Médecin")
    return _name(
        country,
        (NameOID.TITLE, title),
        (NameOID.COMMON_NAME, number),
        (NameOID.SURNAME, person.family),
        (NameOID.GIVEN_NAME, person.given),
    )


class _Issuer:
    """The authority while it issues; its key lives no longer than this object."""

    def __init__(self, key: rsa.RSAPrivateKey, now: datetime) -> None:
        self._key = key
        self._now = now
        self._subject = _name(
            (NameOID.COUNTRY_NAME, "FR"),
            (NameOID.ORGANIZATION_NAME, "DMP Desktop"),
            (NameOID.COMMON_NAME, "TEST AC BAC A SABLE"),
        )
        self.certificate = self._build(
            self._subject, key, x509.BasicConstraints(ca=True, path_length=0), _usage("key_cert_sign", "crl_sign"), ()
        )

    def server(self, key: rsa.RSAPrivateKey) -> x509.Certificate:
        names = x509.SubjectAlternativeName(
            [
                x509.DNSName("localhost"),
                x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
                x509.IPAddress(ipaddress.ip_address("::1")),
            ]
        )
        extensions = (names, x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]))
        usage = _usage("digital_signature", "key_encipherment")
        return self._leaf(
            _name((NameOID.COUNTRY_NAME, "FR"), (NameOID.COMMON_NAME, "localhost")), key, usage, extensions
        )

    def authentication(self, subject: x509.Name, key: rsa.RSAPrivateKey) -> x509.Certificate:
        extensions = (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]),)
        return self._leaf(subject, key, _usage("digital_signature"), extensions)

    def signature(self, subject: x509.Name, key: rsa.RSAPrivateKey) -> x509.Certificate:
        return self._leaf(subject, key, _usage("content_commitment"), ())

    def _leaf(
        self, subject: x509.Name, key: rsa.RSAPrivateKey, usage: x509.KeyUsage, extensions: Sequence[x509.ExtensionType]
    ) -> x509.Certificate:
        return self._build(subject, key, x509.BasicConstraints(ca=False, path_length=None), usage, extensions)

    def _build(
        self,
        subject: x509.Name,
        key: rsa.RSAPrivateKey,
        constraints: x509.BasicConstraints,
        usage: x509.KeyUsage,
        extensions: Sequence[x509.ExtensionType],
    ) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self._now - timedelta(days=1))
            .not_valid_after(self._now + VALIDITY)
            .add_extension(constraints, critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        )
        for extension in extensions:
            builder = builder.add_extension(extension, critical=False)
        return builder.sign(self._key, hashes.SHA256())


def _usage(*granted: str) -> x509.KeyUsage:
    bits = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{bit: bit in granted for bit in bits})


def _pem(key: rsa.RSAPrivateKey, certificate: x509.Certificate) -> bytes:
    plain = serialization.NoEncryption()
    return certificate.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain
    )


def _write_p12(path: Path, key: rsa.RSAPrivateKey, certificate: x509.Certificate, authority: x509.Certificate) -> None:
    builder = serialization.PrivateFormat.PKCS12.encryption_builder().kdf_rounds(KDF_ROUNDS)
    encryption = builder.build(P12_PASSWORD.encode())
    name = path.parent.name.encode()
    _write_secret(path, pkcs12.serialize_key_and_certificates(name, key, certificate, [authority], encryption))


def _write_secret(path: Path, content: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(content)
