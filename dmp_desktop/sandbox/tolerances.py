"""What the stand-in forgives. Everything is off by default, so that our own client is judged strictly."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Tolerances:
    """Switches for foreign messages, and the two figures the reference could not confirm.

    `vihf_minutes` is the life of a VIHF after IssueInstant [R]; `skew_minutes` the clock difference accepted.
    `sha1_lot` stays on: every published sample of the lot signature uses SHA-1 (reference §6); SHA-256 is accepted too.
    """

    vihf_minutes: int = 60
    skew_minutes: int = 2
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
    inclusive_prefixes: bool = False
    """`InclusiveNamespaces` in the transforms of the VIHF (IG sample of 2024)."""

    @classmethod
    def all(cls) -> Tolerances:
        """Every switch on, as needed to replay the messages of others."""
        return cls(**{field.name: True for field in fields(cls) if field.type in (bool, "bool")})
