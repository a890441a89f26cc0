"""A search in the open record on its way to the screen: off the GUI thread, the last key typed wins."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.domain.people import Patient
from dmp_desktop.domain.search import Hit, SearchFilters
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.ui.dossier_ports import SearchPort
from dmp_desktop.ui.record import RecordController
from dmp_desktop.ui.tasks import TaskRunner

FOLLOW_EVERY_MS = 1000
"""The record is read in the background: what a search goes through is asked again while it is looked at."""

Query = tuple[str, SearchFilters]


@dataclass(frozen=True, slots=True)
class Found:
    """What a search answered; `read` of the `total` documents listed were searched."""

    words: str
    hits: tuple[Hit, ...]
    read: int
    total: int


class Searching(QObject):
    """One search at a time: words typed meanwhile wait, the last ones only. Nothing outlives the record."""

    found = Signal(object)  # Found
    failed = Signal(object)  # DmpDesktopError
    reading = Signal(bool)  # the rest of the record is being read, on demand

    def __init__(
        self, record: RecordController, port: SearchPort, pool: TaskRunner, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._record, self._port, self._pool = record, port, pool
        self.entries: dict[str, DocumentEntry] = {}
        self._turn = 0
        self._busy = False
        self._asked: Query | None = None
        self._waiting: Query | None = None
        self._answered: Query | None = None
        self._stop: threading.Event | None = None
        self._left = -1
        self._follow = QTimer(self)
        self._follow.setInterval(FOLLOW_EVERY_MS)
        self._follow.timeout.connect(self._again)
        record.closed.connect(self.forget)
        record.list_complete.connect(self._listed)

    @property
    def is_reading(self) -> bool:
        return self._stop is not None

    @property
    def is_answered(self) -> bool:
        """What was found last is what was asked last, not words typed before."""
        return self._asked is not None and self._answered == self._asked

    def ask(self, words: str, filters: SearchFilters) -> None:
        """Search for `words`; nothing is looked for without any."""
        if not words.strip():
            self.leave()
            return
        self._waiting = self._asked = (words, filters)
        self._follow.start()
        self._next()

    def leave(self) -> None:
        """The results are no longer looked at: what is under way is dropped."""
        self._turn += 1
        self._busy = False
        self._asked = self._waiting = self._answered = None
        self._follow.stop()

    def read_rest(self) -> None:
        """Read what no search goes through yet, a few documents at a time, until all are or `stop_reading`."""
        if self._record.patient and self._stop is None:
            self._stop = threading.Event()
            self._left = -1
            self.reading.emit(True)
            self._read(self._record.patient, self._stop)

    def stop_reading(self) -> None:
        if self._stop:
            self._stop.set()
            self._stop = None
            self.reading.emit(False)

    def forget(self) -> None:
        """The record closes."""
        self.stop_reading()
        self.leave()
        self.entries = {}

    def _listed(self, entries: list[DocumentEntry]) -> None:
        self.entries = {entry.unique_id: entry for entry in entries}
        self._again()

    def _again(self) -> None:
        if self._asked and not self._busy:
            self._waiting = self._asked
            self._next()

    def _next(self) -> None:
        patient = self._record.patient
        if self._busy or self._waiting is None or patient is None:
            return
        self._busy = True
        query, self._waiting = self._waiting, None
        words, filters = query
        turn, listed, port = self._turn, frozenset(self.entries), self._port

        def call() -> Found:
            hits = port.search(patient, words, filters)
            return Found(words, hits, len(listed & port.indexed(patient)), len(listed))

        self._pool.submit(call, lambda found: self._take(turn, query, found), lambda error: self._fail(turn, error))

    def _take(self, turn: int, query: Query, found: Found) -> None:
        if turn != self._turn:
            return
        self._busy = False
        if self._waiting is not None:
            self._next()
            return
        if found.read >= found.total:
            self._follow.stop()
        self._answered = query
        self.found.emit(found)

    def _fail(self, turn: int, error: DmpDesktopError) -> None:
        if turn == self._turn:
            self._busy = False
            self._follow.stop()
            self.failed.emit(error)

    def _read(self, patient: Patient, stop: threading.Event) -> None:
        entries = list(self.entries.values())
        self._pool.submit(
            lambda: self._port.complete(patient, entries, stop.is_set),
            lambda left: self._read_on(patient, stop, left),
            lambda error: self._read_failed(stop, error),
        )

    def _read_on(self, patient: Patient, stop: threading.Event, left: int) -> None:
        """The next few, as long as there are fewer left: a server that gives none is not asked for ever."""
        if stop.is_set():
            return
        self._again()
        if left and left != self._left:
            self._left = left
            self._read(patient, stop)
        else:
            self.stop_reading()

    def _read_failed(self, stop: threading.Event, error: DmpDesktopError) -> None:
        if not stop.is_set():
            self.stop_reading()
            self.failed.emit(error)
