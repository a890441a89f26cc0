"""The thread that watches readers and cards for as long as the application runs.

It blocks in PC/SC until something happens, survives the service's stops and restarts, and never touches a card: reading is done
elsewhere, on the events it tells (reference card.md §4, rows 3 and 4).
"""

from __future__ import annotations

import threading
import time
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

# Seconds between two tries to reach the service, doubled each time (reference card.md §4, row 1, which waits up to 5 s: here a
# reader plugged into a machine that had none, whose service Windows starts then, is seen sooner).
BACKOFF: Final = (0.2, 2.0)
# Milliseconds of one blocking wait. pcsc-lite does not tell a reader plugged between our listing and our wait: listing again
# soon after each change, then ever less often, closes that gap for next to no CPU.
SLICE_MS: Final = (1, 2000)
# Longest slice where the service does not tell of readers (macOS, some redirections): only listing again does.
BLIND_SLICE_MS: Final = 500
# Seconds from one look to the next, whatever happens: a contact that bounces must not take the processor.
PACE: Final = 0.001
# A wait that returns at once without news, this many times in a row, is slowed down to one look every REST seconds
# (reference card.md §4, row 7: the busy loop seen under RDP).
FRUITLESS: Final = 10
REST: Final = 0.05
# Waits refused in a row before the pseudo-reader is held to be the cause, then the context itself.
REFUSED: Final = (3, 20)
# Contexts in a row that were good for no wait at all, before the service is told down.
USELESS: Final = 3
# How long `stop` waits for the thread, in seconds.
STOP_PATIENCE: Final = 5.0

_RELIST: Final = frozenset({E_UNKNOWN_READER, E_READER_UNAVAILABLE, E_CANCELLED})


class PcscWatcher:
    """CardWatcher over PC/SC: one thread from `start` to `stop`, `emit` called in it, one event at a time.

    `emit` must return quickly (post to a queue) and not call `stop`. Should it raise, or anything else here, the exception goes
    to `threading.excepthook` and a new thread carries on with the next event.
    """

    def __init__(self, pcsc: Pcsc) -> None:
        self._pcsc = pcsc
        self._watching: _Watch | None = None

    def start(self, emit: Callable[[CardEvent], None]) -> None:
        """Tell everything that is there, then everything that changes. Raises RuntimeError when already started."""
        if self._watching is not None:
            raise RuntimeError("already watching")
        self._watching = _Watch(self._pcsc, emit)
        self._watching.spawn()

    def stop(self) -> None:
        """Return when no further event will be told. No effect when not started.

        A thread that hangs in a dead service (a remote-desktop session) is left behind after STOP_PATIENCE: it tells nothing.
        """
        watch, self._watching = self._watching, None
        if watch is not None:
            watch.end()


class _Watch:
    """What lives from one `start` to its `stop`."""

    def __init__(self, pcsc: Pcsc, emit: Callable[[CardEvent], None]) -> None:
        self._pcsc = pcsc
        self._emit = emit
        self._halt = threading.Event()
        self._mutex = threading.Lock()
        self._thread = threading.Thread()
        self._context: PcscContext | None = None
        self._tracker = ReaderTracker()
        self._untold: deque[CardEvent] = deque()
        self._delay = BACKOFF[0]
        self._useless = 0

    def spawn(self) -> None:
        with self._mutex:
            if not self._halt.is_set():
                self._thread = threading.Thread(target=self._run, name="card-watch", daemon=True)
                self._thread.start()

    def end(self) -> None:
        with self._mutex:
            self._halt.set()
            thread = self._thread
        # A service that hangs holds up the cancellation as well as the wait (libpcsclite waits for its answer).
        threading.Thread(target=self._interrupt, args=(thread,), name="card-watch-end", daemon=True).start()
        thread.join(STOP_PATIENCE)

    def _interrupt(self, thread: threading.Thread) -> None:
        # A cancel that comes just before the wait begins is lost: cancel until the thread ends.
        for _ in range(int(STOP_PATIENCE / REST)):
            self._cancel()
            thread.join(REST)
            if not thread.is_alive():
                return

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
            while not self._halt.is_set():
                self._follow()
                self._back_off()
        finally:
            self._back_off()
            self.spawn()

    def _back_off(self) -> None:
        """Wait before the next context; a wait that goes well brings the shortest delay back."""
        self._halt.wait(self._delay)
        self._delay = min(self._delay * 2, BACKOFF[1])

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
        except PcscError as error:
            self._tell(self._tracker.service_down(error.code))
            return
        with self._mutex:
            self._context = context
        listed = False
        self._useless += 1
        try:
            self._tell(self._tracker.readers(context.readers()))
            listed = True
            self._watch(context)
        except PcscError as error:
            # An unknown failure may be a passing one (RDP reconnection): try a new context before telling bad news.
            lost = error.status in SERVICE_LOST or not listed or self._useless > USELESS
            self._tell(self._tracker.service_down(error.code) if lost else self._tracker.out_of_sight())
        finally:
            with self._mutex:
                self._context = None
            context.release()

    def _watch(self, context: PcscContext) -> None:
        """Look again and again. Raises PcscError when the context dies."""
        slice_ms, quick, refused = SLICE_MS[0], 0, 0
        while not self._halt.is_set():
            began = time.monotonic()
            news = self._tell(self._tracker.readers(context.readers()))
            refused = 0 if news else refused  # a reader that has just left explains a refusal
            try:
                news |= self._look(context, 0 if self._tracker.has_unseen_reader else slice_ms)
                refused = 0
            except PcscError as error:
                refused += 1
                if error.status not in _RELIST or refused >= REFUSED[1]:
                    raise
            longest = SLICE_MS[1] if self._tracker.told_of_readers else BLIND_SLICE_MS
            slice_ms = SLICE_MS[0] if news else min(slice_ms * 2, longest)
            spent = time.monotonic() - began
            quick = 0 if news or spent >= REST / 2 else quick + 1
            if refused == REFUSED[0] or quick == FRUITLESS:
                self._tracker.do_without_news_of_readers()
            self._halt.wait(REST if quick > FRUITLESS else max(0.0, PACE - spent))

    def _look(self, context: PcscContext, timeout_ms: int) -> bool:
        """Wait for news and tell them; False when none came. Raises PcscError when the wait is refused."""
        query = self._tracker.query()
        if not query:
            self._halt.wait(timeout_ms / 1000)
            return False
        try:
            reported = context.wait(query, timeout_ms)
        except PcscError as error:
            if error.status != E_TIMEOUT:
                raise
            reported = []
        if timeout_ms:
            self._delay, self._useless = BACKOFF[0], 0  # the service is of use
        return self._tell(self._tracker.states(reported))
