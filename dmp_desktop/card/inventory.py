"""What is in the readers at this moment, for support and for a program that does not watch."""

from __future__ import annotations

from dataclasses import dataclass

from dmp_desktop.card.identify import classify
from dmp_desktop.card.pcsc import MAX_STATES, Pcsc, ReaderState
from dmp_desktop.domain.cards import CardKind, usable_reader


@dataclass(frozen=True, slots=True)
class ReaderContent:
    """One reader: empty, or with a card whose `kind` is guessed from its ATR; a `mute` card gave none.

    Nothing is known of what lies in one that is not `usable`.
    """

    reader: str
    present: bool
    mute: bool
    atr: bytes
    kind: CardKind
    usable: bool = True


class Inventory:
    """Looks at the readers once, without touching the cards."""

    def __init__(self, pcsc: Pcsc) -> None:
        self._pcsc = pcsc

    def look(self) -> list[ReaderContent]:
        """Every reader in the order of the system, those that cannot be used last. Raises CardError when there is no service."""
        context = self._pcsc.establish()
        try:
            names = context.readers()
            unaware = [ReaderState(name) for name in names if usable_reader(name)][:MAX_STATES]
            states = context.wait(unaware, 0) if unaware else []
        finally:
            context.release()
        seen = [ReaderContent(one.reader, one.present, one.mute, one.atr, classify(one.atr)) for one in states]
        unusable = [name for name in names if not usable_reader(name)]
        return seen + [ReaderContent(name, False, False, b"", CardKind.UNKNOWN, usable=False) for name in unusable]
