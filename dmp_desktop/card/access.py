"""One short visit to a card that other programs use as well: the billing software, the CPS manager, a mail client."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, TypeVar

from dmp_desktop.card.apdu import CardChannel
from dmp_desktop.card.failures import E_SHARING_VIOLATION, W_RESET_CARD, PcscError
from dmp_desktop.card.pcsc import Pcsc, PcscCard

# Reference card.md §4, row 9: five tries, 200 ms apart, then the user is told that another program has the card.
TRIES: Final = 5
PAUSE: Final = 0.2
# SCardBeginTransaction blocks for as long as another program's transaction lasts, and a redirected reader may hang
# (reference card.md §4, row 8). The longest honest visit, a CPS over T=0, takes a few seconds.
PATIENCE: Final = 20.0

T = TypeVar("T")


class CardAccess:
    """Visits cards: shared, inside a transaction, and left as they were found. Blocks: never call it from the watcher's thread.

    `pause` sleeps between two tries; `patience` is the longest a visit may take. Both in seconds.
    """

    def __init__(self, pcsc: Pcsc, pause: Callable[[float], None] = time.sleep, *, patience: float = PATIENCE) -> None:
        self._pcsc = pcsc
        self._pause = pause
        self._patience = patience

    def visit(self, reader: str, work: Callable[[CardChannel], T]) -> T:
        """Do `work` on the card in `reader`, from the start again if another program resets the card meanwhile.

        Raises CardError: no service, reader or card gone, card mute or busy, and whatever `work` raises.
        """
        # No PC/SC call can be interrupted: a visit that lasts is left to its thread, which cleans up when it gets through.
        outcome: Future[T] = Future()

        def run() -> None:
            with _Handing(outcome):
                outcome.set_result(self._visit(reader, work))

        threading.Thread(target=run, name="card-visit", daemon=True).start()
        try:
            return outcome.result(self._patience)
        except TimeoutError:
            raise PcscError(E_SHARING_VIOLATION) from None

    def _visit(self, reader: str, work: Callable[[CardChannel], T]) -> T:
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


class _Handing:
    """Hands whatever is raised inside to the thread that waits for the outcome."""

    def __init__(self, outcome: Future[Any]) -> None:
        self._outcome = outcome

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, raised: BaseException | None, _: TracebackType | None) -> bool:
        if raised is not None:
            self._outcome.set_exception(raised)
        return True
