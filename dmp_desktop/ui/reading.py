"""One page made of the whole record, on its way to its tab: read when it is looked at, shown while it is read."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from time import monotonic
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.domain.people import Patient
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.services.reading import OnReach, Reach, Reading
from dmp_desktop.ui.record import RecordController
from dmp_desktop.ui.tasks import TaskRunner

Stop = Callable[[], bool]
Ask = Callable[[Patient, list[DocumentEntry], Stop, Callable[[Reading[Any]], None], OnReach], Reading[Any]]

REACH_EVERY_SECONDS = 0.06
"""How often the counter moves: a cached record is read faster than anyone counts."""
AFTER_PAINT_MS = 10
"""Lists lay themselves out from a timer of 0 ms, then paint: this comes behind both. With 0 the window was held 57 ms."""
PAINTED_WITHIN_SECONDS = 0.5
"""How long a worker waits for its page to be painted, should the window go elsewhere meanwhile."""


class Reader(QObject):
    """The reading of one tab. It begins when `want` was called and the list is complete; `pause` ends it early.

    `changed` gives the page, of what is read so far while `busy`; `advanced` how far it went; `failed` why it ended.
    """

    started = Signal()
    changed = Signal(object)  # Reading
    advanced = Signal(object)  # Reach
    ended = Signal()
    failed = Signal(object)  # DmpDesktopError
    cleared = Signal()
    _paged = Signal(int, object, object)
    _reached = Signal(int, object)

    def __init__(self, record: RecordController, ask: Ask, pool: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._record, self._ask, self._pool = record, ask, pool
        self._entries: list[DocumentEntry] | None = None
        self._turn = 0
        self._halt: list[bool] = [False]  # of the call under way, which may outlive it
        self.busy = self.barred = self._wanted = self._stale = False
        self.reading: Reading[Any] | None = None
        self._paged.connect(self._show_part, Qt.ConnectionType.QueuedConnection)
        self._reached.connect(self._advance, Qt.ConnectionType.QueuedConnection)
        record.closed.connect(self.clear)
        record.list_started.connect(self.clear)
        record.list_complete.connect(self._listed)

    @property
    def listed(self) -> bool:
        """The list of documents is there."""
        return self._entries is not None

    @property
    def complete(self) -> bool:
        return self.reading is not None and self.reading.reach.complete and not self.busy

    def want(self) -> None:
        """The tab is looked at."""
        self._wanted = True
        if not self.busy and (self._stale or not self.complete):
            self.read()

    def unwant(self) -> None:
        """It no longer is: what is under way goes on, nothing new begins."""
        self._wanted = False

    def read(self) -> None:
        """From the beginning: what was read before is at hand.

        It begins when the tab is painted: a worker that computes would take the interpreter from the window in the middle of
        it, 5 ms at a time (40 to 76 ms measured for a tab that takes 5 alone).
        """
        patient, entries = self._record.patient, self._entries
        if patient is None or entries is None or self.barred:
            return
        self._end()
        self._stale = False
        turn, halt = self._turn, [False]
        self._halt = halt
        self.busy = True
        self.started.emit()
        told = [0.0]

        def reached(reach: Reach) -> None:
            if monotonic() - told[0] >= REACH_EVERY_SECONDS:
                told[0] = monotonic()
                self._reached.emit(turn, reach)

        def paged(reading: Reading[Any]) -> None:
            """The worker waits for the page to be painted: computing on, it would make that take three times as long."""
            painted = Event()
            self._paged.emit(turn, reading, painted)
            painted.wait(PAINTED_WITHIN_SECONDS)

        def begin() -> None:
            if turn == self._turn:
                self._pool.submit(
                    lambda: self._ask(patient, entries, lambda: halt[0], paged, reached),
                    lambda reading: self._finish(turn, reading),
                    lambda error: self._fail(turn, error),
                )

        QTimer.singleShot(AFTER_PAINT_MS, self, begin)

    def renew(self) -> None:
        """What the page was made with changed: made again now, or when the tab is looked at."""
        if self._wanted:
            self.read()
        else:
            self._stale = True

    def bar(self, barred: bool) -> None:
        """Whether who is signed in opens no document: nothing is asked for that would be refused."""
        if barred == self.barred:
            return
        self.barred = barred
        if barred:
            self._end()
            self.reading = None
            self.cleared.emit()
        elif self._wanted:
            self.read()

    def pause(self) -> None:
        """Ends the reading under way at its next document; the page of what was read is shown."""
        self._halt[0] = True

    def clear(self) -> None:
        """Another record, or none: nothing of this one stays."""
        self._end()
        self._entries = self.reading = None
        self.cleared.emit()

    def _end(self) -> None:
        self._halt[0] = True
        self._turn += 1
        self.busy = False

    def _listed(self, entries: list[DocumentEntry]) -> None:
        self._entries = entries
        if self._wanted:
            self.read()

    @Slot(int, object, object)
    def _show_part(self, turn: int, reading: Reading[Any], painted: Event) -> None:
        self._show(turn, reading)
        # A function that holds it: of a bound method Qt keeps nothing alive, and the worker may wait no longer (a crash, seen).
        QTimer.singleShot(AFTER_PAINT_MS, self, lambda: painted.set())

    def _show(self, turn: int, reading: Reading[Any]) -> None:
        if turn == self._turn:
            self.reading = reading
            self.changed.emit(reading)

    @Slot(int, object)
    def _advance(self, turn: int, reach: Reach) -> None:
        if turn == self._turn and self.busy:
            self.advanced.emit(reach)

    def _finish(self, turn: int, reading: Reading[Any]) -> None:
        if turn == self._turn:
            self.busy = False
            self._show(turn, reading)
            self.ended.emit()

    def _fail(self, turn: int, error: DmpDesktopError) -> None:
        if turn == self._turn:
            self.busy = False
            self.failed.emit(error)
