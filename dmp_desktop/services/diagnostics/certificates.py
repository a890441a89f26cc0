"""The two certificates of a professional's card, held against each other and against the authorities this workstation trusts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

AUTHENTICATION, SIGNATURE = "authentification", "signature"


class Flaw(StrEnum):
    NONE = "ok"
    UNREADABLE = "unreadable"
    SAME_KEY = "same_key"
    USAGE = "usage"
    EXPIRED = "expired"
    FORGED = "forged"
    CHAIN_UNKNOWN = "chain_unknown"


@dataclass(frozen=True, slots=True)
class Pair:
    """DER, as the card gave them."""

    untrusted_authentication: bytes
    untrusted_signature: bytes

    def flaw(self, now: datetime, anchors_file: Path | None) -> tuple[Flaw, str]:
        """The first thing wrong, and which of the two certificates it is about. `anchors_file` is PEM."""
        try:
            authentication = x509.load_der_x509_certificate(self.untrusted_authentication)
            signature = x509.load_der_x509_certificate(self.untrusted_signature)
            if _key(authentication) == _key(signature):
                return Flaw.SAME_KEY, ""
        except (ValueError, x509.InvalidVersion):
            return Flaw.UNREADABLE, ""
        anchors = _anchors(anchors_file)
        verdict = Flaw.NONE, ""
        for which, certificate in ((AUTHENTICATION, authentication), (SIGNATURE, signature)):
            found = _flaw_of_one(certificate, which, now, anchors)
            if found not in (Flaw.NONE, Flaw.CHAIN_UNKNOWN):
                return found, which
            if found is Flaw.CHAIN_UNKNOWN:
                verdict = found, which
        return verdict


def _flaw_of_one(certificate: x509.Certificate, which: str, now: datetime, anchors: list[x509.Certificate]) -> Flaw:
    if not _usable_for(certificate, which):
        return Flaw.USAGE
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        return Flaw.EXPIRED
    issuers = [anchor for anchor in anchors if anchor.subject == certificate.issuer]
    if not issuers:
        return Flaw.CHAIN_UNKNOWN
    return Flaw.NONE if any(_issued_by(certificate, issuer) for issuer in issuers) else Flaw.FORGED


def _usable_for(certificate: x509.Certificate, which: str) -> bool:
    """Key usage (RFC 5280 §4.2.1.3), where the certificate tells it."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return True
    except (x509.DuplicateExtension, ValueError):
        return False
    return usage.digital_signature if which == AUTHENTICATION else usage.content_commitment or usage.digital_signature


def _issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def _anchors(file: Path | None) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(file.read_bytes()) if file else []
    except (OSError, ValueError):
        return []


def _key(certificate: x509.Certificate) -> bytes:
    return certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
