"""Card readers, cartes Vitale and professionals' cards: `open_real()` and `open_fake()` give the ports of domain/ports.py."""

from __future__ import annotations

from dataclasses import dataclass

from dmp_desktop.card.access import CardAccess
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
    """Everything the application does with cards, over one PC/SC service. Nothing is opened before it is used."""

    watcher: CardWatcher
    vitale: VitaleReader
    professional: ProfessionalCard
    inventory: Inventory
    pcsc: Pcsc


def open_real() -> Cards:
    """The readers of this machine."""
    return _over(ScardPcsc())


def open_fake(pcsc: FakePcsc) -> Cards:
    """Readers in memory, moved by hand: the demo and the tests."""
    return _over(pcsc)


def _over(pcsc: Pcsc) -> Cards:
    access = CardAccess(pcsc)
    return Cards(PcscWatcher(pcsc), PlainPcscVitaleReader(access), PlainCpsReader(access), Inventory(pcsc), pcsc)
