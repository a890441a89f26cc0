"""The thread that sends the outbox."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Iterator

from dmp_desktop.domain.ports import Clock
from dmp_desktop.errors import StorageError
from dmp_desktop.services.outbox import OutboxItem, OutboxService, OutboxState, WaitingFor

# Seconds. Longest sleep: how late a sign-in nobody told of, another process's document or a changed clock is noticed.
POLL = 5.0
STOP_WITHIN = 1.0
YIELD_MOST = 120.0  # how long typing may keep documents back, in a row
YIELD_LOOK = 0.5  # between two looks at whether it goes on
_FOLLOW = 0.5  # between two looks at what another process does

_log = logging.getLogger(__name__)


class OutboxWorker:
    """Runs `OutboxService.deliver_due` from a daemon thread of its own, between `start` and `stop`.

    `busy` tells, from that thread, whether somebody types: nothing is begun meanwhile, for YIELD_MOST at most.
    """

    def __init__(self, service: OutboxService, clock: Clock, *, poll: float = POLL) -> None:
        self.busy: Callable[[], bool] = lambda: False
        self._service = service
        self._clock = clock
        self._poll = poll
        self._busy_since: float | None = None
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to send; nothing happens when it is running."""
        if self._thread is None:
            self._stopping.clear()
            self._spawn(first_pause=0.0)

    def stop(self) -> bool:
        """End within 1 s. False when an exchange with the DMP is still in the air: it ends with the process, in
        doubt, and is looked for in the DMP at the next start."""
        thread, self._thread = self._thread, None
        self._stopping.set()
        self._service.wake.set()
        if thread is None:
            return True
        thread.join(STOP_WITHIN)
        return not thread.is_alive()

    def _spawn(self, first_pause: float) -> None:
        self._thread = threading.Thread(target=self._run, args=(first_pause,), name="outbox", daemon=True)
        self._thread.start()

    def _run(self, first_pause: float) -> None:
        """Send and sleep in turn. A fault of ours ends this thread through the excepthook, and another takes over
        after a pause."""
        if self._stopping.wait(first_pause):
            return
        try:
            while not self._stopping.is_set():
                self._service.wake.clear()
                self._service.wake.wait(self._work())
        finally:
            if not self._stopping.is_set():
                self._spawn(self._poll)

    def _yields(self) -> bool:
        if not self.busy():
            self._busy_since = None
            return False
        now = self._clock.monotonic()
        if self._busy_since is None:
            self._busy_since = now
        return now - self._busy_since < YIELD_MOST

    def _work(self) -> float:
        """Send what is due; returns the seconds to sleep."""
        if self._yields():
            return YIELD_LOOK
        try:
            planned = self._service.deliver_due(lambda: self._stopping.is_set() or self._yields())
        except StorageError as error:
            _log.warning("outbox out of reach: %s", error.code)
            return self._poll
        if self._yields():
            return YIELD_LOOK
        return self._poll if planned is None else min(planned, self._poll)


def follow(service: OutboxService, item_ids: Collection[int], seconds: float, clock: Clock) -> Iterator[OutboxItem]:
    """Each change of state of these documents, whichever process makes it, until none can change without somebody doing something
    or the time is up."""
    changed = threading.Event()
    service.subscribe(changed.set)
    deadline = clock.monotonic() + seconds
    open_ids = set(item_ids)
    seen: dict[int, tuple[OutboxState, WaitingFor]] = {}
    try:
        while True:
            changed.clear()
            for item in service.some(open_ids):
                if item.state.final or item.parked:
                    open_ids.discard(item.id)
                if seen.get(item.id) != (item.state, item.waiting_for):
                    seen[item.id] = (item.state, item.waiting_for)
                    yield item
            left = deadline - clock.monotonic()
            if left <= 0 or not open_ids:
                return
            changed.wait(min(left, _FOLLOW))
    finally:
        service.unsubscribe(changed.set)
