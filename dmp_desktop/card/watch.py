"""The thread that watches readers and cards for as long as the application runs.

It blocks in PC/SC until something happens, survives the service's stops and restarts, and never touches a card: reading is done
elsewhere, on the events it tells (reference card.md §4, rows 3 and 4).
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable
from typing import Final

from dmp_desktop.card.failures import (
    E_CANCELLED,
    E_READER_UNAVAILABLE,
    E_TIMEOUT,
    E_UNKNOWN_READER,
    SERVICE_LOST,
    PcscError,
)
from dmp_desktop.card.pcsc import Pcsc, PcscContext
from dmp_desktop.card.tracker import ReaderTracker
from dmp_desktop.domain.cards import CardEvent

# Seconds between two tries to reach the service, doubled each time (reference card.md §4, row 1).
BACKOFF: Final = (0.2, 5.0)
# Milliseconds of one blocking wait. pcsc-lite does not tell a reader plugged between our listing and our wait: listing again
# soon after each change, then ever less often, closes that gap for next to no CPU.
SLICE_MS: Final = (50, 2000)
# A wait that returns at once without news, this many times in a row, is slowed down to one look every REST seconds
# (reference card.md §4, row 7: the busy loop seen under RDP).
FRUITLESS: Final = 10
REST: Final = 0.05
# How long `stop` waits for the thread, in seconds.
STOP_PATIENCE: Final = 5.0

_RELIST: Final = frozenset({E_UNKNOWN_READER, E_READER_UNAVAILABLE, E_CANCELLED})


class PcscWatcher:
    """CardWatcher over PC/SC: one thread from `start` to `stop`, `emit` called in it, one event at a time.

    `emit` must return quickly (post to a queue) and not call `stop`. Should it raise, the exception goes to
    `threading.excepthook` and a new thread carries on with the next event.
    """

    def __init__(self, pcsc: Pcsc) -> None:
        self._pcsc = pcsc
        self._halt = threading.Event()
        self._mutex = threading.Lock()
        self._thread: threading.Thread | None = None
        self._context: PcscContext | None = None
        self._tracker = ReaderTracker()
        self._untold: deque[CardEvent] = deque()
        self._settled = False
        self._emit: Callable[[CardEvent], None] = self._untold.append

    def start(self, emit: Callable[[CardEvent], None]) -> None:
        """Tell everything that is there, then everything that changes. Raises RuntimeError when already started."""
        if self._thread is not None:
            raise RuntimeError("already watching")
        self._emit = emit
        self._tracker = ReaderTracker()
        self._untold.clear()
        self._halt.clear()
        self._spawn()

    def stop(self) -> None:
        """Return when no further event will be told. No effect when not started."""
        with self._mutex:
            self._halt.set()
            thread = self._thread
        if thread is None:
            return
        # A cancel that comes just before the wait begins is lost: cancel until the thread ends.
        for _ in range(int(STOP_PATIENCE / REST)):
            self._cancel()
            thread.join(REST)
            if not thread.is_alive():
                self._thread = None
                return

    def _spawn(self) -> None:
        with self._mutex:
            if not self._halt.is_set():
                self._thread = threading.Thread(target=self._run, name="card-watch", daemon=True)
                self._thread.start()

    def _cancel(self) -> None:
        with self._mutex:
            if self._context is not None:
                try:
                    self._context.cancel()
                except PcscError:
                    return  # the context died by itself: the thread is on its way out of the wait

    def _run(self) -> None:
        try:
            self._tell(())
            delay = BACKOFF[0]
            while not self._halt.is_set():
                self._settled = False
                self._follow()
                if self._settled:
                    delay = BACKOFF[0]
                self._halt.wait(delay)
                delay = min(delay * 2, BACKOFF[1])
        finally:
            self._halt.wait(BACKOFF[0])
            self._spawn()

    def _tell(self, events: Iterable[CardEvent]) -> bool:
        """Emit events in order; True when there was any. Those left by a failing `emit` come first."""
        self._untold.extend(events)
        told = bool(self._untold)
        while self._untold and not self._halt.is_set():
            self._emit(self._untold.popleft())
        return told

    def _follow(self) -> None:
        """Follow one context until it dies or `stop`."""
        try:
            context = self._pcsc.establish()
        except PcscError:
            self._tell(self._tracker.service_down())
            return
        with self._mutex:
            self._context = context
        listed = False
        try:
            self._tell(self._tracker.readers(context.readers()))
            listed = True
            self._watch(context)
        except PcscError as error:
            # An unknown failure may be a passing one (RDP reconnection): try a new context before telling bad news.
            if error.status in SERVICE_LOST or not listed:
                self._tell(self._tracker.service_down())
        finally:
            with self._mutex:
                self._context = None
            context.release()

    def _watch(self, context: PcscContext) -> None:
        """Raises PcscError when the context dies. A blocking wait that ended well makes the service a settled one."""
        slice_ms, fruitless = SLICE_MS[0], 0
        while not self._halt.is_set():
            news = self._tell(self._tracker.readers(context.readers()))
            timeout_ms = 0 if self._tracker.has_unseen_reader else slice_ms
            timed_out = False
            try:
                news |= self._tell(self._tracker.states(context.wait(self._tracker.query(), timeout_ms)))
            except PcscError as error:
                if error.status == E_TIMEOUT:
                    timed_out = timeout_ms > 0
                elif error.status not in _RELIST:
                    raise
            self._settled |= timeout_ms > 0
            if news:
                slice_ms, fruitless = SLICE_MS[0], 0
            elif timed_out:
                slice_ms, fruitless = min(slice_ms * 2, SLICE_MS[1]), 0
            else:
                fruitless += 1
            if fruitless > FRUITLESS:
                self._halt.wait(REST)
