"""The PKCS#11 module of the workstation, loaded at its first use: a start of the program does not wait for it (25 ms)."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from dmp_desktop.card.failures import card_failure
from dmp_desktop.domain.cards import PinState, PublicCps
from dmp_desktop.domain.ports import CardOpener, CardSession
from dmp_desktop.errors import CardError


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
        if not found:
            raise card_failure("removed")
        if len(found) > 1:
            raise CardError(
                "card.several",
                "Plusieurs cartes de professionnels sont dans les lecteurs.",
                "N'en laissez qu'une, ou indiquez son nom : pkcs11:MODULE?token=NOM.",
            )
        return found[0].public

    @cached_property
    def _opener(self) -> CardOpener:
        from dmp_desktop.card.pkcs11 import Pkcs11CardOpener

        return Pkcs11CardOpener(self._path, self._label)
