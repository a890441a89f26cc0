"""What a card reader tells, and what cards hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dmp_desktop.domain.people import Facility


def usable_reader(name: str) -> bool:
    """Whether cards can be waited for in a reader of this name: pyscard takes ASCII names only (pyscard #106)."""
    return name.isascii()


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
    """One event of the watcher. `atr` is empty for readers and services; `kind` is None there. `why`, for a service that is
    down, is the code of the CardError met, or empty."""

    type: CardEventType
    reader: str = ""
    atr: bytes = b""
    kind: CardKind | None = None
    why: str = ""


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


class CardType(StrEnum):
    """Type of a professional's card (ANS TRE_G02)."""

    CPS = "CPS"  # 00: health professional
    CPF = "CPF"  # 01: professional in training
    CPE = "CPE"  # 02: employee of an establishment or a practice
    CPA = "CPA"  # 03: authorised person
    UNKNOWN = ""


class PinState(StrEnum):
    """What the card tells of its PIN without a try. Cryptolib CPS never tells how many tries are left (card.md §2.3)."""

    UNKNOWN = "unknown"
    LOW = "low"  # at least one wrong try since the last good one
    LAST_TRY = "last_try"  # a wrong PIN now locks the card
    LOCKED = "locked"


@dataclass(frozen=True, slots=True)
class CpsActivity:
    """One way the holder practises, told by the card once its PIN is given (data object CPS_ACTIVITY_nn_PS).

    `number` is nn (1 to 16, with holes); `specialty` as in `Professional`, empty when the card does not tell it; `mode` is a
    TRE_G17 code (00 libéral, 01 salarié, 04 remplaçant), empty when unknown.
    """

    number: int
    facility: Facility
    specialty: str = ""
    mode: str = ""


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
    card_type: CardType = CardType.UNKNOWN
