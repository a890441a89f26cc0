"""What a card reader tells, and what cards hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class CardKind(StrEnum):
    """By the ATR alone: a guess to be confirmed by reading the card."""

    CPS = "cps"
    VITALE = "vitale"
    UNKNOWN = "unknown"


class CardEventType(StrEnum):
    SERVICE_UP = "service_up"
    SERVICE_DOWN = "service_down"
    READER_ADDED = "reader_added"
    READER_REMOVED = "reader_removed"
    CARD_INSERTED = "card_inserted"
    CARD_REMOVED = "card_removed"
    CARD_MUTE = "card_mute"


@dataclass(frozen=True, slots=True)
class CardEvent:
    """One event of the watcher. `atr` is empty for readers and services; `kind` is None there."""

    type: CardEventType
    reader: str = ""
    atr: bytes = b""
    kind: CardKind | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Beneficiary:
    """One person on a carte Vitale. Names are usual names; `birth_date` is the 8 digits read (YYYYMMDD, lunar dates have 00).

    The NIR is a search key for the INS, never the INS itself. `rank` counts from 1 in the order of the card.
    """

    family: str
    given: str
    birth_date: str
    nir: str
    rank: int

    def __repr__(self) -> str:
        """Never shows an identity: representations end up in logs."""
        return f"Beneficiary(rank={self.rank})"


@dataclass(frozen=True, slots=True)
class VitaleIdentity:
    """All beneficiaries of a card, and which reader implementation read them."""

    beneficiaries: tuple[Beneficiary, ...]
    source: str


@dataclass(frozen=True, slots=True)
class PublicCps:
    """What a CPS, CPF or CPE tells without a PIN, read from its certificates. `national_id` is PS_IdNat (`8` + RPPS)."""

    family: str
    given: str
    national_id: str
    profession: str
    is_test: bool
    valid_until: datetime
    authentication_certificate_der: bytes
    signature_certificate_der: bytes
