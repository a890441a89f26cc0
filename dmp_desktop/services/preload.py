"""The records of the next patients, fetched while the line is idle: they are there when the card goes in."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from dmp_desktop.domain.access import DossierStatus
from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.domain.people import Patient
from dmp_desktop.domain.ports import Clock
from dmp_desktop.errors import CardError, DmpDesktopError, DmpError
from dmp_desktop.services.record import RecordListener

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """What preloading may cost. Bytes are those of documents, seconds those of the clock's monotonic time."""

    patients: int = 6
    documents: int = 30
    patient_bytes: int = 10_000_000
    total_bytes: int = 60_000_000
    bytes_per_second: int = 250_000
    """A quarter of a slow line (8 Mbit/s)."""
    idle_seconds: float = 5.0
    """Without anything asked by the doctor, before the line is called idle."""
    retry_seconds: float = 60.0
    retries: int = 3


LIST_ENTRY_BYTES = 7_500
"""What an entry weighs in a TD3.1 answer: the time a list took on the line is counted by it."""


class Record(Protocol):
    """What is asked of the record (DossierService)."""

    def check(self, patient: Patient) -> DossierStatus: ...

    def preload(self, patient: Patient) -> list[DocumentEntry]: ...

    def fetch(self, patient: Patient, entry: DocumentEntry) -> bytes: ...

    def kept(self, patient: Patient) -> frozenset[str]: ...


class Stage(StrEnum):
    STATUS = "status"
    LIST = "list"
    DOCUMENTS = "documents"


@dataclass(slots=True, eq=False)
class _Waiting:
    patient: Patient
    stage: Stage = Stage.STATUS
    entries: deque[DocumentEntry] = field(default_factory=deque)
    bytes_left: int = 0
    failures: int = 0


class Preloader:
    """One request a step, by whoever calls `step`; `PreloadWorker` does, on a thread. Safe from every thread."""

    def __init__(self, record: Record, clock: Clock, limits: Limits | None = None) -> None:
        self._record = record
        self._clock = clock
        self._limits = limits or Limits()
        self._lock = threading.Lock()
        self._queue: deque[_Waiting] = deque()
        self._not_before = 0.0
        self._touched = -self._limits.idle_seconds
        self._waits = 0  # answers the doctor waits for
        self._bytes_left = self._limits.total_bytes
        self._turn = 0

    @property
    def idle(self) -> bool:
        """Whether nothing is left to do, or to spend."""
        with self._lock:
            return not self._queue or self._bytes_left <= 0

    def plan(self, patients: Iterable[Patient]) -> None:
        """The next patients, the nearest first, in place of those planned before; what was begun for one goes on."""
        with self._lock:
            begun = {waiting.patient.ins.value: waiting for waiting in self._queue}
            wanted = {patient.ins.value: patient for patient in patients}
            chosen = list(wanted.values())[: self._limits.patients]
            self._queue = deque(
                begun.get(patient.ins.value) or _Waiting(patient, bytes_left=self._limits.patient_bytes)
                for patient in chosen
            )

    def asked(self) -> None:
        """The doctor waits for an answer: the line is hers."""
        with self._lock:
            self._waits += 1

    def answered(self) -> None:
        """It came: the line is hers a little longer."""
        with self._lock:
            self._waits = max(0, self._waits - 1)
            self._touched = self._clock.monotonic()

    def forget(self) -> None:
        """The professional left: nothing more is fetched in her name."""
        with self._lock:
            self._turn += 1
            self._queue.clear()
            self._bytes_left = self._limits.total_bytes

    def step(self) -> float | None:
        """Do the next request, if it is time. Seconds until the next step, None when nothing is left to do."""
        with self._lock:
            if not self._queue or self._bytes_left <= 0:
                return None
            if self._waits:
                return self._limits.idle_seconds
            now = self._clock.monotonic()
            wait = max(self._not_before, self._touched + self._limits.idle_seconds) - now
            if wait > 0:
                return wait
            waiting, turn = self._queue[0], self._turn
        try:
            cost = self._ask(waiting)
        except CardError:
            self.forget()
            return None
        except DmpDesktopError as error:
            return self._failed(waiting, turn, error)
        with self._lock:
            if turn != self._turn:
                return None
            waiting.failures = 0
            self._not_before = now + cost / self._limits.bytes_per_second
            return max(0.0, self._not_before - self._clock.monotonic())

    def _ask(self, waiting: _Waiting) -> int:
        """One request of a patient's; the bytes it cost, about. What is done with is taken off the queue."""
        patient = waiting.patient
        if waiting.stage is Stage.STATUS:
            if not self._record.check(patient).readable:
                self._done(waiting)
            waiting.stage = Stage.LIST
            return 0
        if waiting.stage is Stage.LIST:
            entries = self._record.preload(patient)
            kept = self._record.kept(patient)
            latest = sorted(entries, key=lambda entry: entry.creation_time, reverse=True)[: self._limits.documents]
            waiting.entries = deque(entry for entry in latest if entry.unique_id not in kept)
            waiting.stage = Stage.DOCUMENTS
            self._skip_dear(waiting)
            return len(entries) * LIST_ENTRY_BYTES
        size = len(self._record.fetch(patient, waiting.entries[0]))
        with self._lock:
            waiting.entries.popleft()
            waiting.bytes_left -= size
            self._bytes_left -= size
        self._skip_dear(waiting)
        return size

    def _skip_dear(self, waiting: _Waiting) -> None:
        """Pass over documents beyond what is left to spend; a patient without any other is done."""
        while waiting.entries and waiting.entries[0].size > min(waiting.bytes_left, self._bytes_left):
            waiting.entries.popleft()
        if not waiting.entries or waiting.bytes_left <= 0:
            self._done(waiting)

    def _failed(self, waiting: _Waiting, turn: int, error: DmpDesktopError) -> float | None:
        """Out of reach: later, some times. Refused: this document, or this patient, is left alone."""
        log.info("not preloaded: %s", error.code)
        with self._lock:
            if turn != self._turn:
                return None
            waiting.failures += 1
            if isinstance(error, DmpError) and error.retryable and waiting.failures < self._limits.retries:
                self._not_before = self._clock.monotonic() + self._limits.retry_seconds
                return self._limits.retry_seconds
            if waiting.stage is Stage.DOCUMENTS and waiting.entries and not getattr(error, "retryable", False):
                waiting.entries.popleft()
                waiting.failures = 0
        if waiting.stage is not Stage.DOCUMENTS or not waiting.entries or waiting.failures:
            self._done(waiting)
        return 0.0

    def _done(self, waiting: _Waiting) -> None:
        with self._lock:
            if waiting in self._queue:
                self._queue.remove(waiting)


class PreloadWorker(RecordListener):
    """Steps of a Preloader on a thread of its own, from `plan` until nothing is left to do."""

    def __init__(self, preloader: Preloader) -> None:
        self._preloader = preloader
        self._wake = threading.Event()
        self._ended = False
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    @property
    def idle(self) -> bool:
        return self._preloader.idle

    def plan(self, patients: Iterable[Patient]) -> None:
        self._preloader.plan(patients)
        with self._lock:
            if self._ended:
                return
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="preload", daemon=True)
                self._thread.start()
        self._wake.set()

    def asked(self) -> None:
        self._preloader.asked()

    def answered(self) -> None:
        self._preloader.answered()

    def left(self) -> None:
        self._preloader.forget()

    def stop(self) -> None:
        """Ends after the request under way."""
        with self._lock:
            self._ended = True
        self._preloader.forget()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._ended:
            delay: float | None = self._preloader.step()
            self._wake.wait(delay)
            self._wake.clear()
