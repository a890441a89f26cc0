"""What is in the readers at this moment, for support and for a program that does not watch."""

from __future__ import annotations

from dataclasses import dataclass

from dmp_desktop.card.identify import classify
from dmp_desktop.card.pcsc import MAX_STATES, Pcsc, ReaderState
from dmp_desktop.domain.cards import CardKind


@dataclass(frozen=True, slots=True)
class ReaderContent:
    """One reader: empty, or with a card whose `kind` is guessed from its ATR; a `mute` card gave none."""

    reader: str
    present: bool
    mute: bool
    atr: bytes
    kind: CardKind


class Inventory:
    """Looks at the readers once, without touching the cards."""

    def __init__(self, pcsc: Pcsc) -> None:
        self._pcsc = pcsc

    def look(self) -> list[ReaderContent]:
        """Every reader, in the order of the system. Raises CardError when the service is not there."""
        context = self._pcsc.establish()
        try:
            unaware = [ReaderState(name) for name in context.readers()[:MAX_STATES]]
            states = context.wait(unaware, 0) if unaware else []
        finally:
            context.release()
        return [ReaderContent(one.reader, one.present, one.mute, one.atr, classify(one.atr)) for one in states]
