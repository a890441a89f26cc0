"""One short visit to a card that other programs use as well: the billing software, the CPS manager, a mail client."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final, TypeVar

from dmp_desktop.card.apdu import CardChannel
from dmp_desktop.card.failures import E_SHARING_VIOLATION, W_RESET_CARD, PcscError
from dmp_desktop.card.pcsc import Pcsc, PcscCard

# Reference card.md §4, row 9: five tries, 200 ms apart, then the user is told that another program has the card.
TRIES: Final = 5
PAUSE: Final = 0.2

T = TypeVar("T")


class CardAccess:
    """Visits cards: shared, inside a transaction, and left as they were found. Blocks: never call it from the watcher's thread.

    `pause` sleeps between two tries (seconds).
    """

    def __init__(self, pcsc: Pcsc, pause: Callable[[float], None] = time.sleep) -> None:
        self._pcsc = pcsc
        self._pause = pause

    def visit(self, reader: str, work: Callable[[CardChannel], T]) -> T:
        """Do `work` on the card in `reader`, from the start again if another program resets the card meanwhile.

        Raises CardError: no service, reader or card gone, card mute or busy, and whatever `work` raises.
        """
        context = self._pcsc.establish()
        try:
            card = self._patiently(lambda: context.connect(reader))
            try:
                return self._undisturbed(card, work)
            finally:
                with suppress(PcscError):
                    card.disconnect()
        finally:
            context.release()

    def _undisturbed(self, card: PcscCard, work: Callable[[CardChannel], T]) -> T:
        try:
            return self._transaction(card, work)
        except PcscError as error:
            if error.status != W_RESET_CARD:
                raise
        card.reconnect()
        return self._transaction(card, work)

    def _transaction(self, card: PcscCard, work: Callable[[CardChannel], T]) -> T:
        self._patiently(card.begin)
        try:
            return work(CardChannel(card))
        finally:
            with suppress(PcscError):
                card.end()

    def _patiently(self, call: Callable[[], T]) -> T:
        """`call`, tried again while another program holds the card for itself."""
        for _ in range(TRIES - 1):
            try:
                return call()
            except PcscError as error:
                if error.status != E_SHARING_VIOLATION:
                    raise
            self._pause(PAUSE)
        return call()
