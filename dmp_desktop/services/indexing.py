"""Makes the open record searchable behind the doctor's back: what is read at once, the rest little by little."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from functools import partial

from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.domain.people import Patient
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.services.record import RecordListener
from dmp_desktop.services.search import SearchService

BUDGET_BYTES = 30_000_000
"""Fetched for one opening of a record, the latest documents first; the others are searched once they were read."""

FIRST_REST = 8.0
REST = 0.1
QUIET = 1.0
"""Seconds before the first document is fetched, between two, and after anything the doctor asked for: that goes first."""

Fetch = Callable[[Patient, DocumentEntry], bytes]

log = logging.getLogger(__name__)


class RecordIndexer(RecordListener):
    """Keeps the index of the open record. `executor` runs two things at a time, lest what is read
    wait for the rest of the record; `rest` waits some seconds, and says True
    when it was cut short because all must end."""

    def __init__(
        self,
        search: SearchService,
        fetch: Fetch,
        executor: Executor,
        rest: Callable[[float], bool],
        budget_bytes: int = BUDGET_BYTES,
    ) -> None:
        self._search = search
        self._fetch = fetch
        self._executor = executor
        self._rest = rest
        self._budget = budget_bytes
        self._turn = 0
        self._asks = 0
        self._read: deque[tuple[Patient, DocumentEntry, bytes]] = deque()  # not indexed yet
        self._indexing = False
        self._lock = threading.Lock()

    def asked(self) -> None:
        self._asks += 1

    def listed(self, patient: Patient, entries: Sequence[DocumentEntry]) -> None:
        """The words already there come to memory, then the missing documents are fetched; for this record until the next one."""
        self._submit(partial(self._complete, patient, tuple(entries), self._next()))

    def fetched(self, patient: Patient, entry: DocumentEntry, content: bytes) -> None:
        """Indexed once the doctor waits for nothing: the digest, which reads many documents, would take half as long again."""
        with self._lock:
            self._read.append((patient, entry, content))
            begun, self._indexing = self._indexing, True
        if not begun:
            self._submit(self._index_read)

    def dropped(self) -> None:
        """At once, on the caller's thread: what was masked is found no more."""
        _quietly(self._search.sweep)

    def left(self) -> None:
        """At once, on the caller's thread: no word stays."""
        self._next()
        self._search.forget()

    def _index_read(self) -> None:
        asks = -1
        while True:
            while asks != self._asks:
                asks = self._asks
                if self._rest(QUIET):
                    return
            with self._lock:
                if not self._read:
                    self._indexing = False
                    return
                patient, entry, content = self._read.popleft()
            _quietly(partial(self._search.index, patient, entry, content))

    def _complete(self, patient: Patient, entries: Sequence[DocumentEntry], turn: int) -> None:
        asks = self._asks

        def over() -> bool:
            nonlocal asks
            pause = REST
            while turn == self._turn and not self._rest(pause):
                if asks == self._asks:
                    return turn != self._turn
                asks, pause = self._asks, QUIET
            return True

        if turn != self._turn:
            return
        self._search.prepare(patient)
        if turn != self._turn:
            self._search.forget()  # they left while the words came
        elif not self._rest(FIRST_REST):
            self._search.complete(patient, entries, partial(self._fetch, patient), over, self._budget)

    def _next(self) -> int:
        with self._lock:
            self._turn += 1
            self._read.clear()
            return self._turn

    def _submit(self, work: Callable[[], object]) -> None:
        try:
            self._executor.submit(_quietly, work)
        except RuntimeError:
            log.info("closed")  # the program ends


def _quietly(work: Callable[[], object]) -> None:
    """Nobody waits for this: a record that is not searchable says so when it is searched."""
    try:
        work()
    except DmpDesktopError as error:
        log.warning("not indexed: %s", error.code)
