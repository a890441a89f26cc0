"""The INSi teleservice: what is asked of it, what it answers (reference §7; RNIV for the statuses)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from dmp_desktop.domain.people import Sex


class InsiOutcome(StrEnum):
    """CodeCR of the answer."""

    FOUND = "00"
    NONE = "01"
    SEVERAL = "02"


@dataclass(frozen=True, slots=True, repr=False)
class TraitQuery:
    """RECSANSVITALE. `given` in the order of the identity document; `birth_place_cog` empty when it is not to be asked."""

    birth_family: str
    given: tuple[str, ...]
    sex: Sex
    birth_date: date
    birth_place_cog: str = ""

    def __repr__(self) -> str:
        """Never shows an identity: representations end up in logs."""
        return "TraitQuery()"


@dataclass(frozen=True, slots=True, repr=False)
class VitaleQuery:
    """RECVITALE. The NIR on the card is its opener's: `opener_nir` (MatriculeOD) and the rank tell who is meant.

    NIRs are 13 characters and their key, `birth_date` the 8 digits of the card (lunar dates have 00).
    """

    birth_date: str
    rank: int
    opener_nir: str = ""
    own_nir: str = ""
    birth_family: str = ""

    def __repr__(self) -> str:
        return "VitaleQuery()"


@dataclass(frozen=True, slots=True, repr=False)
class Matricule:
    """A matricule INS: 15 characters with the key, its authority, and when it was valid (None: not told)."""

    value: str
    oid: str
    since: date | None = None
    until: date | None = None

    def __repr__(self) -> str:
        return f"Matricule({self.oid})"


@dataclass(frozen=True, slots=True, repr=False)
class InsiTraits:
    """TIQ, the reference traits of civil status. `birth_date` is as told (YYYY-MM-DD; unknown parts are 00). Empty: not told."""

    birth_family: str
    first_given: str
    given: tuple[str, ...]
    sex: Sex
    birth_date: str
    birth_place_cog: str = ""

    def __repr__(self) -> str:
        return "InsiTraits()"


@dataclass(frozen=True, slots=True, repr=False)
class InsiAnswer:
    """`active`, `history` and `traits` only come with FOUND. `label` is the teleservice's own sentence."""

    outcome: InsiOutcome
    label: str = ""
    active: Matricule | None = None
    history: tuple[Matricule, ...] = ()
    traits: InsiTraits | None = None

    def __repr__(self) -> str:
        return f"InsiAnswer({self.outcome.value})"
