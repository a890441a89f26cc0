"""The PKCS#11 module of the workstation, loaded at its first use: a start of the program does not wait for it (25 ms).

And, for Windows where it does not work, the keys of the card that Windows itself knows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from dmp_desktop.card.failures import card_failure
from dmp_desktop.domain.cards import CardKind, PinState, PublicCps
from dmp_desktop.domain.ports import CardOpener, CardSession, ClientIdentity, Clock
from dmp_desktop.errors import CardError

if TYPE_CHECKING:
    from dmp_desktop.card import Cards
    from dmp_desktop.dmp.windows_store_calls import StoreCalls


class CardModule:
    """CardOpener of the module at `path` (None: the one found on this machine) and of the token `label` (empty: any)."""

    def __init__(self, path: Path | None = None, label: str = "") -> None:
        self._path = path
        self._label = label or None

    def open(self, card: PublicCps, pin: str) -> CardSession:
        return self._opener.open(card, pin)

    def pin_state(self, card: PublicCps) -> PinState:
        return self._opener.pin_state(card)

    def only_card(self) -> PublicCps:
        """The one professional's card in the readers. Raises CardError for none or several, and card.module_…."""
        from dmp_desktop.card.pkcs11 import list_cards, module_to_use

        found = list_cards(module_to_use(self._path), self._label)
        return _only(
            [one.public for one in found], "N'en laissez qu'une, ou indiquez son nom : pkcs11:MODULE?token=NOM."
        )

    @cached_property
    def _opener(self) -> CardOpener:
        from dmp_desktop.card.pkcs11 import Pkcs11CardOpener

        return Pkcs11CardOpener(self._path, self._label)


def only_card(module: CardModule, without: Callable[[], Cards] | None) -> PublicCps:
    """The one professional's card in the readers: by the module or, `without` one that works, as the readers show it.

    `without` is None where no card is of use without its module. Raises CardError.
    """
    try:
        return module.only_card()
    except CardError as error:
        if without is None or not error.code.startswith("card.module_"):
            raise
    cards = without()
    found = []
    for content in cards.inventory.look():
        if content.present and not content.mute and content.kind is not CardKind.VITALE:
            try:
                found.append(cards.professional.read_public(content.reader))
            except CardError as error:
                if error.code != "card.not_cps":
                    raise
    return _only(found, "N'en laissez qu'une.")


def _only(found: Sequence[PublicCps], remedy: str) -> PublicCps:
    if not found:
        raise card_failure("removed")
    if len(found) > 1:
        raise CardError("card.several", "Plusieurs cartes de professionnels sont dans les lecteurs.", remedy)
    return found[0]


class WindowsStore:
    """Opens a card by the certificates Windows has copied from it. `calls` makes the functions of Windows."""

    def __init__(self, clock: Clock, calls: Callable[[], StoreCalls]) -> None:
        self._clock = clock
        self._calls = calls

    def __call__(self, card: PublicCps) -> ClientIdentity:
        """Both keys of this very card, none of which has signed yet. Raises CardError."""
        from dmp_desktop.dmp.windows_store import WindowsStoreIdentity

        identity = WindowsStoreIdentity(self._calls(), card.national_id, self._clock.now())
        if identity.authentication.certificate_der != card.authentication_certificate_der:
            identity.close()
            raise card_failure("other_card")
        return identity


def readers() -> Cards:
    """The readers of this machine."""
    from dmp_desktop.card import open_real

    return open_real()


def windows_calls() -> StoreCalls:
    """The functions of Windows."""
    from dmp_desktop.dmp.windows_store_calls import WindowsCalls

    return WindowsCalls()
