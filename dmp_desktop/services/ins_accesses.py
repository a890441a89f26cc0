"""Accesses to INS numbers, traced by a worker: who shows, prints, sends or asks one waits for nothing (rule 4, INS/va1.39)."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from dmp_desktop.domain.ins_access import InsAccess, Why
from dmp_desktop.domain.ports import Clock
from dmp_desktop.errors import StorageError

log = logging.getLogger(__name__)

BATCH_SECONDS = 0.5
"""What is noted within it is one transaction; a power cut may lose as much."""


class Accesses(Protocol):
    """Where they are kept (storage.ins_accesses)."""

    def pseudonym(self, ins: str) -> str: ...

    def append(self, accesses: Sequence[InsAccess]) -> None: ...

    def accesses(self, ins: str = "") -> list[InsAccess]: ...


class InsAccessJournal:
    """`actor` tells who is signed in. Safe from every thread; `stop` writes what is left."""

    def __init__(self, store: Accesses, clock: Clock, actor: Callable[[], str | None]) -> None:
        self._store = store
        self._clock = clock
        self._actor = actor
        self._noted: list[InsAccess] = []
        self._failing = False
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    def note(self, ins: str, why: Why) -> None:
        """Who is signed in gets at this matricule now. Never blocks, never raises."""
        self.note_all((ins,), why)

    def note_all(self, numbers: Iterable[str], why: Why) -> None:
        """As `note`, of those shown together; a number is noted once."""
        now, by = self._clock.now(), self._actor() or ""
        noted = [InsAccess(now, by, self._store.pseudonym(ins), why) for ins in dict.fromkeys(numbers)]
        if not noted:
            return
        with self._lock:
            self._noted += noted
            if self._thread is None and not self._ending.is_set():
                self._thread = threading.Thread(target=self._run, name="ins-accesses", daemon=True)
                self._thread.start()

    def accesses(self, ins: str = "") -> list[InsAccess]:
        """All that was noted, to one number or to all, the latest first. Raises StorageError."""
        self._write()
        return self._store.accesses(ins)

    def stop(self) -> None:
        """Ends once all is written, or cannot be."""
        self._ending.set()
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join()
        self._write_or_keep()

    def _run(self) -> None:
        """Sleeps once nothing is left; the next one noted begins it anew."""
        while True:
            self._ending.wait(BATCH_SECONDS)
            self._write_or_keep()
            with self._lock:
                if not self._noted or self._ending.is_set():
                    self._thread = None
                    return

    def _write_or_keep(self) -> None:
        try:
            self._write()
        except StorageError as error:
            if not self._failing:
                log.warning("accesses to INS numbers are not written yet: %s", error.code)
            self._failing = True
        else:
            self._failing = False

    def _write(self) -> None:
        """Raises StorageError, with nothing lost: it is tried again."""
        with self._writing:
            with self._lock:
                batch = tuple(self._noted)
            self._store.append(batch)
            with self._lock:
                del self._noted[: len(batch)]
