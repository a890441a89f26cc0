"""What the session asks of whoever signs professionals in, and what the card's refusal of a PIN means for the next try."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from dmp_desktop.card.failures import card_failure
from dmp_desktop.domain.cards import PinState, PublicCps
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.services.session_state import PinAsked, PlacesAsked, SignedIn

_STATE_AFTER = {
    "card.pin_wrong": PinState.LOW,
    "card.pin_last_try": PinState.LAST_TRY,
    "card.pin_locked": PinState.LOCKED,
}
_LAST_TRY_TOLD = card_failure("pin_wrong").message_fr
"""The warning of the last try stands beside it, in larger words than an answer's."""
_MAY_TRY_AGAIN = frozenset({"card.pin_format", "card.pin_wrong", "card.pin_last_try", "card.busy"})
"""After anything else another PIN would be refused too, or would cost a try of the card for nothing.

A busy card was sent nothing, and will not be sent it later (ADR 0012).
"""


class Desk(Protocol):
    """Signs professionals in and out, one at a time (services.card_accounts)."""

    def meet(self, card: PublicCps) -> SignedIn | PinAsked:
        """Sign the holder in where their account asks no PIN; else what to ask. Raises DmpDesktopError."""
        ...

    def enter(self, card: PublicCps, pin: str) -> SignedIn | PlacesAsked:
        """One login on the card, never tried again. Raises CardError as CardOpener.open, DmpError when no DMP is known."""
        ...

    def places(self) -> PlacesAsked | None:
        """Where whoever is signed in may say to practise; None when there is no choice."""
        ...

    def practise(self, number: int) -> SignedIn:
        """Practise there from now on, remembered. Raises DmpDesktopError, and nobody is signed in any more."""
        ...

    def lost(self) -> bool:
        """Whether the card that is signed in has ended its login by itself: another program reset it."""
        ...

    def sign_out(self) -> None:
        """Drop keys, connections and TLS sessions, at any point of the sign-in; nothing when there are none."""
        ...

    def let_go(self) -> Callable[[], None]:
        """The same from any thread, at once: no key of a card signs any more. What it returns does the rest, and may wait."""
        ...


def after_refusal(asked: PinAsked, error: DmpDesktopError) -> PinAsked:
    """What is asked, or told, once an entry failed."""
    state = _STATE_AFTER.get(error.code, asked.state)
    return replace(
        asked,
        state=state,
        said=_LAST_TRY_TOLD if error.code == "card.pin_last_try" else told(error),
        refused=error.code not in _MAY_TRY_AGAIN,
    )


def told(error: DmpDesktopError) -> str:
    """What happened and the next step, in one line."""
    return f"{error.message_fr} {error.remedy_fr}".strip()
