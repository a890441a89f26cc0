"""A PKCS#11 module in memory: the cards of a test by certificate, each with its PIN, three tries and its places of practice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from dmp_desktop.domain.cards import CpsActivity, PinState, PublicCps
from dmp_desktop.domain.ports import CardSession, Signer
from dmp_desktop.errors import CardError

TRIES = 3


class LostKey:
    """Signer of a login that is over."""

    certificate_der, chain_der, can_pss = b"", (), False

    def sign_digest_info(self, _data: bytes, _hash_name: str = "") -> bytes:
        raise CardError("card.removed", "La carte a été retirée.", "Remettez la carte dans le lecteur.")

    sign_sha256 = sign_sha1 = sign_pss = sign_digest_info


class FakeCardSession:
    """Counts its closings; its keys sign nothing, as those of a card that was reset."""

    def __init__(self, activities: tuple[CpsActivity, ...]) -> None:
        self.activities = activities
        self.closings = 0

    @property
    def authentication(self) -> Signer:
        return LostKey()

    signature = authentication

    def close(self) -> None:
        self.closings += 1


@dataclass
class Known:
    """One card. `fault` is raised by the next calls, before anything reaches the card."""

    pin: str = "1234"
    activities: tuple[CpsActivity, ...] = ()
    tries: int = TRIES
    fault: CardError | None = None


@dataclass
class FakeOpener:
    """CardOpener. `sent` holds every PIN that reached a card, `opened` every session it gave."""

    cards: dict[str, Known] = field(default_factory=dict)
    sent: list[str] = field(default_factory=list)
    opened: list[FakeCardSession] = field(default_factory=list)
    during: Callable[[], None] = lambda: None  # what happens while the card thinks

    def open(self, card: PublicCps, pin: str) -> CardSession:
        known = self._card(card)
        if len(pin) != 4 or not (pin.isascii() and pin.isdecimal()):
            raise CardError("card.pin_format", "Le code a 4 chiffres.", "Saisissez à nouveau votre code.")
        if not known.tries:
            raise CardError("card.pin_locked", "Votre carte est bloquée.", "Débloquez-la avec son code de déblocage.")
        self.sent.append(str(pin))
        self.during()
        if pin != known.pin:
            known.tries -= 1
            code = {0: "card.pin_locked", 1: "card.pin_last_try"}.get(known.tries, "card.pin_wrong")
            raise CardError(code, "Code faux.", "Saisissez-le à nouveau.")
        known.tries = TRIES
        self.opened.append(FakeCardSession(known.activities))
        return self.opened[-1]

    def pin_state(self, card: PublicCps) -> PinState:
        tries = self._card(card).tries
        return {0: PinState.LOCKED, 1: PinState.LAST_TRY, 2: PinState.LOW}.get(tries, PinState.UNKNOWN)

    def _card(self, card: PublicCps) -> Known:
        known = self.cards[card.national_id]
        if known.fault:
            raise known.fault
        return known
