"""An invented professional's card: two RSA keys and their certificates, the same for every emulation, and the card in SoftHSM2."""

from __future__ import annotations

import functools
import os
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pkcs11
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pkcs11 import Attribute, ObjectClass
from pkcs11.util.rsa import decode_rsa_private_key
from pkcs11.util.x509 import decode_x509_certificate

from dmp_desktop.card.cps import public_cps
from dmp_desktop.card.pkcs15 import CertificateFile
from dmp_desktop.domain.cards import PublicCps
from tests.helpers.cps_certificates import SUBJECT, TEST_ISSUER, UNTIL

SOFTHSM = Path("/usr/lib/softhsm/libsofthsm2.so")
PIN, WRONG = "1234", "9999"
# Last byte of CKA_ID, reference card.md §2.3.
SIG, AUT = 1, 2
_FOLDER = Path(tempfile.mkdtemp(prefix="softhsm-"))


@dataclass(frozen=True)
class Holder:
    """Keys and certificates (DER) by CKA_ID."""

    keys: Mapping[int, rsa.RSAPrivateKey]
    certificates: Mapping[int, bytes]

    @property
    def public(self) -> PublicCps:
        return public_cps([CertificateFile("", bytes([one]), b"", der) for one, der in self.certificates.items()])


@functools.cache
def holder(name: str = "CLAIRE") -> Holder:
    keys = {one: rsa.generate_private_key(public_exponent=65537, key_size=2048) for one in (SIG, AUT)}
    subject = {**SUBJECT, x509.NameOID.GIVEN_NAME: name}
    return Holder(keys, {one: _certificate(one, key, subject) for one, key in keys.items()})


def _certificate(number: int, key: rsa.RSAPrivateKey, subject: Mapping[x509.ObjectIdentifier, str]) -> bytes:
    usages = ("key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign", "encipher_only")
    usage = x509.KeyUsage(
        digital_signature=number == AUT,
        content_commitment=number == SIG,
        decipher_only=False,
        **dict.fromkeys(usages, False),
    )
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(oid, value) for oid, value in subject.items()]))
        .issuer_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, TEST_ISSUER)]))
        .public_key(key.public_key())
        .serial_number(number)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(UNTIL)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
        .public_bytes(Encoding.DER)
    )


def activity(name: str, structure: str, sector: str) -> bytes:
    """A data object CPS_ACTIVITY_nn_PS in the one form that is known (reference dmp-transactions.md §1)."""
    fields = b"".join(tlv(tag, text.encode()) for tag, text in ((0x84, name), (0x85, structure), (0x86, sector)))
    return tlv(0x30, fields)


def tlv(tag: int, value: bytes) -> bytes:
    length = len(value)
    return (
        bytes(
            [tag, *([length] if length < 0x80 else [0x81, length] if length < 0x100 else [0x82, *divmod(length, 256)])]
        )
        + value
    )


DATA = {
    "CPS_ID_CARD": (tlv(0x30, tlv(0x0C, b"TEST-CARD-0001")), False),
    "CPS_NAME_PS": (tlv(0x30, tlv(0x0C, b"TEST-FICTIF") + tlv(0x0C, b"CLAIRE")), False),
    "CPS_INFO_PS": (tlv(0x0C, b"10 SM26"), False),
    "CPS_ACTIVITY_01_PS": (activity("CABINET TEST", "1750000001", "SA07"), True),
    "CPS_ACTIVITY_02_PS": (b"\x30\x05odd", True),
    "CPS_ACTIVITY_07_PS": (activity("MSP TEST", "1750000002", "SA52"), True),
}


def softhsm_token(
    label: str,
    *,
    keys: Mapping[int, rsa.RSAPrivateKey] | None = None,
    labels: Mapping[int, str] | None = None,
    kept: tuple[int, ...] = (SIG, AUT),
    data: Mapping[str, tuple[bytes, bool]] = DATA,
    who: Holder | None = None,
    besides: tuple[rsa.RSAPrivateKey, ...] = (),
) -> str:
    """A token in this process's own SoftHSM2; returns its label.

    `keys` replaces keys under the same certificates, `besides` have the number and the name of each of ours.
    """
    # SoftHSM2 reads its configuration once in a process, at the first C_Initialize.
    configuration = _FOLDER / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {_FOLDER}\nobjectstore.backend = file\nlog.level = ERROR\n")
    os.environ["SOFTHSM2_CONF"] = str(configuration)
    subprocess.run(
        ["softhsm2-util", "--init-token", "--free", "--label", label, "--pin", PIN, "--so-pin", "12345678"],
        check=True,
        capture_output=True,
    )
    who = who or holder()
    names = labels or {SIG: "CPS_PRIV_SIG", AUT: "CPS_PRIV_AUT"}
    library = pkcs11.lib(os.path.realpath(SOFTHSM))
    library.reinitialize()  # SoftHSM2 lists a new token at its next start
    with library.get_token(token_label=label).open(rw=True, user_pin=PIN) as session:
        for number in kept:
            shared = {Attribute.TOKEN: True, Attribute.ID: bytes([number])}
            certificate = decode_x509_certificate(who.certificates[number])
            session.create_object({**certificate, **shared, Attribute.LABEL: "Certificat", Attribute.PRIVATE: False})
            secret = {Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False, Attribute.SIGN: True}
            secret |= {**shared, Attribute.LABEL: names[number]}
            for key in (*besides, {**who.keys, **(keys or {})}[number], *besides):
                plain = key.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
                session.create_object({**decode_rsa_private_key(plain), **secret})
        for name, (value, private) in data.items():
            session.create_object(
                {
                    Attribute.CLASS: ObjectClass.DATA,
                    Attribute.TOKEN: True,
                    Attribute.LABEL: name,
                    Attribute.APPLICATION: "CPS",
                    Attribute.VALUE: value,
                    Attribute.PRIVATE: private,
                }
            )
    return label
