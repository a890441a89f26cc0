"""What a CPS, CPF or CPE tells without a PIN, read from its certificates by plain APDU.

Signing needs the PIN and goes through PKCS#11 (card/pkcs11): nothing here ever sends a PIN. Profile of the certificates:
reference card.md §3.4, parsed leniently because the official templates are not at hand: the national identifier comes from the
subject's CN, and no extension is depended on.
"""

from __future__ import annotations

import re
from dataclasses import replace
from enum import Enum, auto
from typing import Final

from cryptography import x509
from cryptography.x509.oid import NameOID, ObjectIdentifier

from dmp_desktop.card.access import CardAccess
from dmp_desktop.card.apdu import RETURN_FCP, SELECT_AID, CardChannel
from dmp_desktop.card.failures import unreadable
from dmp_desktop.card.pkcs15 import CertificateFile, certificates
from dmp_desktop.card.text import printable
from dmp_desktop.domain.cards import CardType, PublicCps
from dmp_desktop.domain.certificates import NO_CERTIFICATE
from dmp_desktop.errors import CardError

# PKCS#15 applications, the most common first (reference card.md §3.4).
AIDS: Final = (
    bytes.fromhex("E828BD080F 8025000001 FF0010"),  # CPS3 contact
    bytes.fromhex("8025000001 FF0100"),  # CPS4
    bytes.fromhex("E828BD080F 8025000001 FF0020"),  # CPS3 contactless
    bytes.fromhex("8025000001 FF0002"),  # CPS2ter
)
# Last byte of CKA_ID where the certificate does not tell its usage: 1 signs and 2 authenticates (reference card.md §2.3),
# or 0x10 and 0x20 (reference dmp-transactions.md §1).
SIGNATURE_KEYS: Final = (b"\x01", b"\x10")

_TEST: Final = re.compile(r"\bTESTS?\b", re.IGNORECASE)

# The extension that tells the type of the card, and its codes (TRE_G02; reference card.md §3.4).
CARD_TYPE: Final = ObjectIdentifier("1.2.250.1.71.1.2.2")
_TYPES: Final = {"00": CardType.CPS, "01": CardType.CPF, "02": CardType.CPE, "03": CardType.CPA}
# The directors' cards have the code of the employees' and of the authorised persons'. A word with a hyphen before it is part of a
# name (GIP-CPS issues every card).
_NAMED: Final = {**{one.value: one for one in _TYPES.values()}, "CDE": CardType.CPE, "CDA": CardType.CPA}
_TYPE_WORD: Final = re.compile(rf"(?<![\w-])({'|'.join(_NAMED)})(?![\w-])")


class _Use(Enum):
    """What the key of a certificate is for."""

    AUTHENTICATION = auto()
    SIGNATURE = auto()
    OTHER = auto()


class PlainCpsReader:
    """ProfessionalCard by plain PC/SC."""

    def __init__(self, access: CardAccess) -> None:
        self._access = access

    def read_public(self, reader: str) -> PublicCps:
        """The bearer and both certificates; `signature_certificate_der` is empty where the card has none (contactless).

        Raises CardError: `card.not_cps`, `card.cps_data` when no authentication certificate can be read, every failure of PC/SC.
        """
        return public_cps(self._access.visit(reader, _read_certificates))


def _read_certificates(channel: CardChannel) -> list[CertificateFile]:
    for aid in AIDS:
        if channel.select(SELECT_AID, aid, RETURN_FCP).ok:
            return certificates(channel)
    raise CardError(
        "card.not_cps", "Cette carte n’est pas une carte de professionnel de santé.", "Insérez votre carte CPS ou CPE."
    )


def public_cps(untrusted: list[CertificateFile]) -> PublicCps:
    """The bearer these certificates of one card tell. Raises CardError `card.cps_data`."""
    bearer: PublicCps | None = None
    signature_der = b""
    for entry in untrusted:
        try:
            certificate = x509.load_der_x509_certificate(entry.untrusted_der)
            use = _use(certificate, entry.key_id)
            if use is _Use.SIGNATURE:
                signature_der = signature_der or entry.untrusted_der
            elif use is _Use.AUTHENTICATION and bearer is None:
                bearer = _bearer(certificate, entry.untrusted_der)
        except NO_CERTIFICATE:
            continue  # it must not hide the others
    if bearer is None:
        raise unreadable("cps_data")
    return replace(bearer, signature_certificate_der=signature_der)


def _bearer(certificate: x509.Certificate, der: bytes) -> PublicCps | None:
    """Who the subject is; None when it has no national identifier."""
    subject = certificate.subject
    national_id = _attribute(subject, NameOID.COMMON_NAME)
    if not national_id:
        return None
    return PublicCps(
        family=_attribute(subject, NameOID.SURNAME),
        given=_attribute(subject, NameOID.GIVEN_NAME),
        national_id=national_id,
        profession=_attribute(subject, NameOID.TITLE),
        is_test=any(_TEST.search(str(attribute.value)) for attribute in certificate.issuer),
        valid_until=certificate.not_valid_after_utc,
        authentication_certificate_der=der,
        signature_certificate_der=b"",
        card_type=_card_type(certificate),
    )


def _card_type(certificate: x509.Certificate) -> CardType:
    """By the extension of the card type, else by a word of the subject's or issuer's units; UNKNOWN when neither tells it."""
    try:
        extension = certificate.extensions.get_extension_for_oid(CARD_TYPE).value
    except (x509.ExtensionNotFound, *NO_CERTIFICATE):
        extension = None
    if isinstance(extension, x509.UnrecognizedExtension):  # a string of any kind, or its characters alone
        return _TYPES.get(extension.value[-2:].decode("latin-1"), CardType.UNKNOWN)
    for name, oids in (
        (certificate.subject, (NameOID.ORGANIZATIONAL_UNIT_NAME,)),
        (certificate.issuer, (NameOID.ORGANIZATIONAL_UNIT_NAME, NameOID.COMMON_NAME)),
    ):
        words = {_NAMED[one] for oid in oids for value in name.get_attributes_for_oid(oid) for one in _words(value)}
        if len(words) == 1:
            return words.pop()
    return CardType.UNKNOWN


def _words(attribute: x509.NameAttribute[str | bytes]) -> list[str]:
    return _TYPE_WORD.findall(str(attribute.value))


def _use(certificate: x509.Certificate, key_id: bytes) -> _Use:
    """By the key usage (RFC 5280 §4.2.1.3), where it tells one of both alone; else by CKA_ID.

    A usage that allows neither is that of an encryption key.
    """
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except (x509.ExtensionNotFound, *NO_CERTIFICATE):
        return _by_key(key_id)
    match usage.digital_signature, usage.content_commitment:
        case True, False:
            return _Use.AUTHENTICATION
        case False, True:
            return _Use.SIGNATURE
        case True, True:
            return _by_key(key_id)
    return _Use.OTHER


def _by_key(key_id: bytes) -> _Use:
    return _Use.SIGNATURE if key_id[-1:] in SIGNATURE_KEYS else _Use.AUTHENTICATION


def _attribute(name: x509.Name, oid: ObjectIdentifier) -> str:
    """The first value of an attribute, empty when absent."""
    return next((printable(str(one.value)) for one in name.get_attributes_for_oid(oid)), "")
