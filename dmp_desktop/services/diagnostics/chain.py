"""The path from a certificate to an authority this workstation knows: signature, dates and right to issue, at each step.

By hand: `cryptography.x509.verification` says yes or no, and the diagnosis has to name the authority at fault.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.x509.oid import NameOID

from dmp_desktop.domain.certificates import NO_CERTIFICATE

LONGEST: Final = 6
"""Authorities above one certificate; the IGC-Santé has 2. Stops authorities that would have signed each other."""
_NAME_LENGTH: Final = 80


class Break(StrEnum):
    """What is wrong at one step."""

    NONE = "none"
    MISSING = "missing"  # nothing here has the issuer's name
    EXPIRED = "expired"  # the issuer is not valid at this date
    NOT_AUTHORITY = "not_authority"  # the issuer may not issue certificates, or not this deep
    FORGED = "forged"  # not signed by the one it says


@dataclass(frozen=True, slots=True)
class Way:
    """How far the path goes. `name` is the authority it stops at: missing, expired, without the right, or itself not signed by
    the one it says; empty where it is the holder's certificate that is not."""

    broken: Break
    name: str = ""


@dataclass(frozen=True, slots=True)
class Authorities:
    """`known` are trusted, roots or not; `given` came along with an identity and only help to get there."""

    known: Sequence[x509.Certificate] = ()
    given: Sequence[x509.Certificate] = ()

    def way_up(self, certificate: x509.Certificate, now: datetime) -> Way:
        """From a holder's certificate, whose own dates and usage are not looked at. `now` is aware."""
        return self._up(certificate, now, 0)

    def _up(self, certificate: x509.Certificate, now: datetime, below: int) -> Way:
        """`below`: how many authorities lie under `certificate`, itself included."""
        namesakes = [
            one for one in (*self.known, *self.given) if one.subject == certificate.issuer and one != certificate
        ]
        if not namesakes or below == LONGEST:
            return Way(Break.MISSING, name_of(certificate.issuer))
        issuers = [one for one in namesakes if _signed(certificate, one)]
        if not issuers:
            return Way(Break.FORGED, name_of(certificate.subject) if below else "")
        ways = [self._through(issuer, now, below) for issuer in issuers]  # renewed: several of the same name and key
        return next((way for way in ways if way.broken is Break.NONE), ways[0])

    def _through(self, issuer: x509.Certificate, now: datetime, below: int) -> Way:
        if not _may_issue(issuer, below):
            return Way(Break.NOT_AUTHORITY, name_of(issuer.subject))
        if not issuer.not_valid_before_utc <= now <= issuer.not_valid_after_utc:
            return Way(Break.EXPIRED, name_of(issuer.subject))
        return Way(Break.NONE) if issuer in self.known else self._up(issuer, now, below + 1)


def name_of(name: x509.Name) -> str:
    """The common name of an authority, or what stands for it, as one short line."""
    for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATIONAL_UNIT_NAME, NameOID.ORGANIZATION_NAME):
        for attribute in name.get_attributes_for_oid(oid):
            words = "".join(sign for sign in str(attribute.value) if sign.isprintable()).strip()
            if words:
                return words[:_NAME_LENGTH]
    return "sans nom"


def _signed(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, *NO_CERTIFICATE):
        return False
    return True


def _may_issue(issuer: x509.Certificate, below: int) -> bool:
    """CA flag, depth and key usage (RFC 5280 §4.2.1.9, §4.2.1.3)."""
    try:
        constraints = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value
        usage = issuer.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound as absent:
        if absent.oid == x509.BasicConstraints.oid:
            return False
        usage = None
    except NO_CERTIFICATE:
        return False
    deep_enough = constraints.path_length is None or constraints.path_length >= below
    return constraints.ca and deep_enough and (usage is None or usage.key_cert_sign)
