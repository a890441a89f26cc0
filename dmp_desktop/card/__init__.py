"""Card readers, cartes Vitale and professionals' cards: `open_real()` and `open_fake()` give the ports of domain/ports.py."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace

from dmp_desktop.card.access import CardAccess
from dmp_desktop.card.api_lec import ApiLecVitaleReader, PreferredVitaleReader
from dmp_desktop.card.api_lec_places import find_api_lec
from dmp_desktop.card.api_lec_process import ApiLecProcess
from dmp_desktop.card.cps import PlainCpsReader
from dmp_desktop.card.fake import FakePcsc
from dmp_desktop.card.inventory import Inventory
from dmp_desktop.card.pcsc import Pcsc, ScardPcsc
from dmp_desktop.card.vitale import PlainPcscVitaleReader
from dmp_desktop.card.watch import PcscWatcher
from dmp_desktop.domain.ports import CardWatcher, ProfessionalCard, VitaleReader

__all__ = ["Cards", "FakePcsc", "open_fake", "open_real"]


@dataclass(frozen=True, slots=True)
class Cards:
    """Everything the application does with cards, over one PC/SC service. Nothing is opened before it is used.

    `licensed` is `vitale` when the API de lecture SESAM-Vitale is installed: it also reads the appli carte Vitale.
    """

    watcher: CardWatcher
    vitale: VitaleReader
    professional: ProfessionalCard
    inventory: Inventory
    pcsc: Pcsc
    licensed: PreferredVitaleReader | None = None

    def warm(self) -> None:
        """Have the licensed component ready for the first card. Returns at once."""
        if self.licensed is not None:
            self.licensed.warm()

    def stop_reading(self) -> None:
        """Wait no longer for the licensed component. From any thread."""
        if self.licensed is not None:
            self.licensed.stop_reading()

    def close(self) -> None:
        """End what `warm` or a reading started."""
        if self.licensed is not None:
            self.licensed.close()


def open_real(environment: Mapping[str, str] = os.environ) -> Cards:
    """The readers of this machine, and the licensed reading component that is installed or that `environment` names."""
    cards = _over(ScardPcsc())
    place = find_api_lec(environment)
    if place is None:
        return cards
    component = ApiLecVitaleReader(ApiLecProcess(place.library, place.folder, place.helper))
    licensed = PreferredVitaleReader(component, cards.vitale, cards.inventory)
    return replace(cards, vitale=licensed, licensed=licensed)


def open_fake(pcsc: FakePcsc) -> Cards:
    """Readers in memory, moved by hand: the demo and the tests."""
    return _over(pcsc)


def _over(pcsc: Pcsc) -> Cards:
    access = CardAccess(pcsc)
    return Cards(PcscWatcher(pcsc), PlainPcscVitaleReader(access), PlainCpsReader(access), Inventory(pcsc), pcsc)
