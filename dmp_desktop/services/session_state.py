"""What a session is at one moment: the vocabulary that the services and the window share."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dmp_desktop.domain.cards import Beneficiary, CardType, CpsActivity, PinState, PublicCps
from dmp_desktop.domain.people import Facility, Patient, Professional, Role

BUSY = "card.busy"
NO_READER = ""
"""Where the card of someone signed in without one lies (Pro Santé Connect)."""


class Phase(StrEnum):
    """What the window may show: of a patient, something only while READY, CHOOSING or OPEN."""

    MASKED = "masked"  # nobody is signed in
    PIN = "pin"  # a professional's card is in and its PIN is asked
    ACTIVITY = "activity"  # its PIN was good, it knows several places of practice: ask
    LOCKED = "locked"  # nobody used the workstation for a while; the card is still in
    READY = "ready"  # professional signed in, no patient
    CHOOSING = "choosing"  # the carte Vitale holds several people, or a second one came in: ask
    OPEN = "open"  # a patient's record is open


SIGNED_IN = frozenset({Phase.READY, Phase.CHOOSING, Phase.OPEN})


@dataclass(frozen=True, slots=True)
class PinAsked:
    """What stands above the field of the PIN. The PIN itself is never in it.

    `said` is what the last entry gave and what to do next, in French; empty at first. `refused`: no further entry is of use
    (locked, expired, module missing …), the field is not shown and `said` tells what to do. `question` is another one each time a
    card comes in or is taken up again: an entry answers the one it was typed under.
    """

    holder: str
    card_type: CardType
    state: PinState
    said: str = ""
    refused: bool = False
    question: int = 0


@dataclass(frozen=True, slots=True)
class SessionState:
    """One immutable picture of the session. `notice` is a French sentence on the reader or the cards, or empty.

    While CHOOSING, `patient` is the one whose record stays open if no candidate is chosen (None when there was none).
    `pin` while PIN only; `activities` while ACTIVITY only, with `suggested` the number of the one this holder used last on this
    workstation, if it is among them. `card` is what the card in use tells without its PIN, None without a card. `slot` is the
    reader it lies in, NO_READER for somebody who came without one, None for nobody; `unread` the code of the CardError of a
    professional's card that could not be read; `unreadable` those of all the cards that are in and could not be read. `doubt`
    is a French sentence where the role is less than what the card, which does not tell its type, may entitle to.
    """

    phase: Phase = Phase.MASKED
    service_up: bool = False
    readers: tuple[str, ...] = ()
    cps_present: bool = False
    vitale_present: bool = False
    professional: Professional | None = None
    facility: Facility | None = None
    role: Role | None = None
    patient: Patient | None = None
    candidates: tuple[Beneficiary, ...] = ()
    notice: str = ""
    pin: PinAsked | None = None
    activities: tuple[CpsActivity, ...] = ()
    suggested: int | None = None
    card: PublicCps | None = None
    slot: str | None = None
    unread: str = ""
    unreadable: tuple[str, ...] = ()
    doubt: str = ""

    @property
    def without_card(self) -> bool:
        """Whether somebody is signed in, or has locked, who came without a card (Pro Santé Connect)."""
        return self.slot == NO_READER

    @property
    def busy(self) -> bool:
        """Whether another program holds a card that we want to read (`Session.look_again`)."""
        return BUSY in self.unreadable

    @property
    def may_read_again(self) -> bool:
        """Whether « Réessayer » (`Session.read_again`) may help: a card could not be read, or its PIN not be asked."""
        refused = self.pin is not None and self.pin.refused and self.pin.state is not PinState.LOCKED
        return bool(self.unreadable) or refused


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who signed in. `national_id` is PS_IdNat (structure/internal for an employee): without it nobody is ever taken for the
    same person. `doubt` as in `SessionState`; `notice` is a French sentence to tell once, on what does not work for them."""

    professional: Professional
    facility: Facility
    role: Role
    national_id: str = ""
    doubt: str = ""
    notice: str = ""


@dataclass(frozen=True, slots=True)
class PlacesAsked:
    """A card whose PIN was good knows several places of practice."""

    activities: tuple[CpsActivity, ...]
    suggested: int | None = None
