"""What the stand-in forgives. Everything is off by default, so that our own client is judged strictly."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Tolerances:
    """Switches for foreign messages, and the figures the reference could not confirm.

    `vihf_minutes` is the life of a VIHF after IssueInstant [R]; `session_hours` how long before it the professional may have
    been authenticated [R] (a session of Pro Santé Connect ends by itself before); `skew_minutes` the clock difference accepted;
    `authorisation_days` the life of an authorisation that nobody renews [R].
    `sha1_lot` stays on: every published sample of the lot signature uses SHA-1 (reference §6); SHA-256 is accepted too.
    """

    vihf_minutes: int = 60
    session_hours: int = 24
    skew_minutes: int = 2
    authorisation_days: int = 365
    sha1_lot: bool = True
    sha1_vihf: bool = False
    """rsa-sha1 / sha1 in the VIHF, as in the samples of 2019-2020."""
    authentification_mode: bool = False
    """`Authentification_mode` beside `Authentification_Mode`."""
    cx_suffix: bool = False
    """`…&ISO^NH^^yyyymmdd`: a date after the identifier type, as official requests append."""
    unquoted_values: bool = False
    """Query values without quotes, or patient identifiers in a list."""
    missing_addressing: bool = False
    """WS-Addressing headers missing."""
    soap11: bool = False
    """An envelope in the SOAP 1.1 namespace."""
    masked_and_invisible: bool = False
    """MASQUE_PS with INVISIBLE_PATIENT on one document: the DMP's parameter `cumul-invisible_patient-masque_ps`."""
    foreign_hl7: bool = False
    """HL7 v3 queries of other countries: other receiver, processing codes, no reason."""
    ended_transactions: bool = False
    """TD1.1, TD1.2, TD1.3b, TD1.4 and TD1.5 answer as they did before they ended, instead of being unknown."""
    inclusive_prefixes: bool = False
    """`InclusiveNamespaces` in the transforms of the VIHF (IG sample of 2024)."""

    @classmethod
    def all(cls) -> Tolerances:
        """Every switch on, as needed to replay the messages of others."""
        return cls(**{field.name: True for field in fields(cls) if field.type in (bool, "bool")})
