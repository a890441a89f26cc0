"""The two certificates of a professional's card, held against each other and against the authorities this workstation trusts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from dmp_desktop.domain.certificates import NO_CERTIFICATE
from dmp_desktop.services.diagnostics.chain import Authorities, Break

AUTHENTICATION, SIGNATURE = "authentification", "signature"


class Flaw(StrEnum):
    """The worst first: of a card's two certificates, one is told."""

    NONE = "ok"
    UNREADABLE = "unreadable"
    SAME_KEY = "same_key"
    USAGE = "usage"
    EXPIRED = "expired"
    SELF_SIGNED = "self_signed"
    FORGED = "forged"
    AUTHORITY_FORGED = "authority_forged"
    NOT_AUTHORITY = "not_authority"
    AUTHORITY_EXPIRED = "authority_expired"
    AUTHORITY_MISSING = "authority_missing"


@dataclass(frozen=True, slots=True)
class Finding:
    """`which` of the two certificates, and the name of the `authority` at fault where it is one."""

    flaw: Flaw
    which: str = ""
    authority: str = ""


_OF_THE_WAY = {
    Break.NONE: Flaw.NONE,
    Break.MISSING: Flaw.AUTHORITY_MISSING,
    Break.EXPIRED: Flaw.AUTHORITY_EXPIRED,
    Break.NOT_AUTHORITY: Flaw.NOT_AUTHORITY,
}


@dataclass(frozen=True, slots=True)
class Pair:
    """DER, as the card gave them."""

    untrusted_authentication: bytes
    untrusted_signature: bytes

    def look(self, now: datetime, authorities: Authorities) -> Finding:
        """The worst thing wrong. `now` is aware."""
        try:
            authentication, signature = map(_read, (self.untrusted_authentication, self.untrusted_signature))
            if _key(authentication) == _key(signature):
                return Finding(Flaw.SAME_KEY)
        except NO_CERTIFICATE:
            return Finding(Flaw.UNREADABLE)
        found = (
            _finding(authentication, AUTHENTICATION, now, authorities),
            _finding(signature, SIGNATURE, now, authorities),
        )
        return min((one for one in found if one.flaw is not Flaw.NONE), key=_rank, default=Finding(Flaw.NONE))


def authorities(anchors_file: Path | None, given_der: Iterable[bytes] = ()) -> Authorities:
    """Those of `anchors_file` (PEM) are known; a file that cannot be read holds none (the check of the server says so)."""
    try:
        known = [*map(_named, x509.load_pem_x509_certificates(anchors_file.read_bytes()))] if anchors_file else []
    except (OSError, *NO_CERTIFICATE):
        known = []
    return Authorities(known, [one for one in map(_loaded, given_der) if one])


def _loaded(untrusted_der: bytes) -> x509.Certificate | None:
    try:
        return _read(untrusted_der)
    except NO_CERTIFICATE:
        return None


def _read(untrusted_der: bytes) -> x509.Certificate:
    return _named(x509.load_der_x509_certificate(untrusted_der))


def _named(certificate: x509.Certificate) -> x509.Certificate:
    """The certificate, once its names were parsed: that is done when they are asked for, thus in the middle of the way up."""
    _ = certificate.subject, certificate.issuer
    return certificate


def _finding(certificate: x509.Certificate, which: str, now: datetime, authorities: Authorities) -> Finding:
    if not _usable_for(certificate, which):
        return Finding(Flaw.USAGE, which)
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        return Finding(Flaw.EXPIRED, which)
    if certificate.issuer == certificate.subject:  # whose name would be the holder's
        return Finding(Flaw.SELF_SIGNED, which)
    way = authorities.way_up(certificate, now)
    if way.broken is Break.FORGED:
        return Finding(Flaw.AUTHORITY_FORGED if way.name else Flaw.FORGED, which, way.name)
    return Finding(_OF_THE_WAY[way.broken], which, way.name)


def _rank(finding: Finding) -> int:
    return list(Flaw).index(finding.flaw)


def _usable_for(certificate: x509.Certificate, which: str) -> bool:
    """Key usage (RFC 5280 §4.2.1.3), where the certificate tells it."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return True
    except NO_CERTIFICATE:
        return False
    return usage.digital_signature if which == AUTHENTICATION else usage.content_commitment or usage.digital_signature


def _key(certificate: x509.Certificate) -> bytes:
    return certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
