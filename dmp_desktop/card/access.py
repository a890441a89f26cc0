"""One short visit to a card that other programs use as well: the billing software, the CPS manager, a mail client."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

from dmp_desktop.card.apdu import CardChannel
from dmp_desktop.card.departure import noticed
from dmp_desktop.card.failures import (
    E_NO_SERVICE,
    E_NO_SMARTCARD,
    E_READER_UNAVAILABLE,
    E_SERVICE_STOPPED,
    E_SHARING_VIOLATION,
    E_TIMEOUT,
    E_UNKNOWN_READER,
    W_REMOVED_CARD,
    W_RESET_CARD,
    PcscError,
)
from dmp_desktop.card.handing import Handing
from dmp_desktop.card.pcsc import STATE_CHANGED, Pcsc, PcscCard, PcscContext, ReaderState
from dmp_desktop.errors import CardError

# Reference card.md §4, row 9: five tries, 200 ms apart, then the user is told that another program has the card.
TRIES: Final = 5
PAUSE: Final = 0.2
# SCardBeginTransaction blocks for as long as another program's transaction lasts, and a redirected reader may hang
# (reference card.md §4, row 8). The longest honest visit, a CPS over T=0, takes a few seconds.
PATIENCE: Final = 20.0
# For a card that was not free in that time: it is looked at again and again, and what is asked meanwhile (the PIN) comes after
# that look.
GLANCE: Final = 1.0

# PC/SC codes that say why for certain, and codes of answers that a card did not finish.
_CLEAR: Final = frozenset(
    {E_NO_SERVICE, E_SERVICE_STOPPED, E_SHARING_VIOLATION, E_NO_SMARTCARD, E_READER_UNAVAILABLE, E_UNKNOWN_READER}
    | {W_REMOVED_CARD, W_RESET_CARD}
)
_CUT_SHORT: Final = frozenset({"card.garbled", "card.failing"})

T = TypeVar("T")


@dataclass(slots=True)
class _Turn:
    """One visit at a time in a reader. `left`: nobody waits any more for the one under way, or the last one."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    left: threading.Event = field(default_factory=threading.Event)


class CardAccess:
    """Visits cards: shared, inside a transaction, and left as they were found. Blocks: never call it from the watcher's thread.

    `pause` sleeps between two tries; `patience` is the longest a visit may take. Both in seconds.
    """

    def __init__(self, pcsc: Pcsc, pause: Callable[[float], None] = time.sleep, *, patience: float = PATIENCE) -> None:
        self._pcsc = pcsc
        self._pause = pause
        self._patience = patience
        self._turns: dict[str, _Turn] = {}

    def visit(self, reader: str, work: Callable[[CardChannel], T]) -> T:
        """Do `work` on the card in `reader`, from the start again if another program resets the card meanwhile.

        Raises CardError: no service, reader or card gone, card mute or busy, and whatever `work` raises.
        """
        # No PC/SC call can be interrupted: a visit that lasts is left to its thread, which cleans up when it gets through. It
        # keeps its turn until then, so that looking again at a held card leaves one such thread behind, not one a look.
        asked = time.monotonic()
        turn = self._turns.setdefault(reader, _Turn())
        brief = min(self._patience, GLANCE) if turn.left.is_set() else self._patience  # for the card to be free
        if not turn.lock.acquire(timeout=brief):
            raise PcscError(E_SHARING_VIOLATION)
        turn.left = left = threading.Event()
        outcome: Future[T] = Future()
        begun = threading.Event()

        def unless_left(channel: CardChannel) -> T:
            if left.is_set():
                raise PcscError(E_SHARING_VIOLATION)
            begun.set()
            return work(channel)

        def run() -> None:
            try:
                with Handing(outcome):
                    outcome.set_result(self._visit(reader, unless_left))
            finally:
                begun.set()
                turn.lock.release()

        threading.Thread(target=run, name="card-visit", daemon=True).start()
        if begun.wait(max(0.0, asked + brief - time.monotonic())):
            with suppress(TimeoutError):
                return outcome.result(max(0.0, asked + self._patience - time.monotonic()))
        left.set()
        raise PcscError(E_SHARING_VIOLATION)

    def _visit(self, reader: str, work: Callable[[CardChannel], T]) -> T:
        context = self._pcsc.establish()
        try:
            before = context.wait([ReaderState(reader)], 0)[0]
            card = self._patiently(lambda: context.connect(reader))
            try:
                return self._undisturbed(card, work)
            except CardError as error:
                if _is_clear(error):
                    raise
                raise _explained(context, before, error) from None
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


def _is_clear(error: CardError) -> bool:
    """What failed tells why. Pulled in the middle of a command, a card may make its reader say almost anything else."""
    return error.status in _CLEAR if isinstance(error, PcscError) else error.code not in _CUT_SHORT


def _explained(context: PcscContext, before: ReaderState, error: CardError) -> CardError:
    """Why the card that was there `before` failed: it left, its reader or the service did, or `error` is all there is to tell."""
    known = before

    def gone(left: float) -> bool:
        nonlocal known
        now = context.wait([known], int(left * 1000))[0]
        known = replace(now, state=now.state & ~STATE_CHANGED)
        return not now.present or now.counter != before.counter

    try:
        return PcscError(W_REMOVED_CARD) if noticed(gone) else error
    except PcscError as later:
        return error if later.status == E_TIMEOUT else later
