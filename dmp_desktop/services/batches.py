"""What is noted is written by a worker, together with what comes at the same time: who notes waits for no disk."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TypeVar

from dmp_desktop.errors import StorageError

log = logging.getLogger(__name__)
Noted = TypeVar("Noted")


class Batches(Generic[Noted]):
    """`write` gets, on a worker, what was noted within `seconds`, the first one first; a power cut may lose as much.

    Safe from every thread. What `write` refuses (StorageError) is kept in memory and tried again.
    """

    def __init__(self, name: str, write: Callable[[Sequence[Noted]], None], seconds: float) -> None:
        self._name = name
        self._write_all = write
        self._seconds = seconds
        self._noted: list[Noted] = []
        self._failing = False
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    def note(self, noted: Iterable[Noted]) -> None:
        """Never blocks, never raises."""
        with self._lock:
            self._noted += noted
            if self._noted and self._thread is None and not self._ending.is_set():
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()

    def write(self) -> None:
        """On the disk when it returns. Raises StorageError, with nothing lost: it is tried again."""
        with self._writing:
            with self._lock:
                batch = tuple(self._noted)
            if batch:
                self._write_all(batch)
            with self._lock:
                del self._noted[: len(batch)]

    def flush(self) -> None:
        """On the disk when it returns, unless the disk refuses: that is logged, once."""
        try:
            self.write()
        except StorageError as error:
            if not self._failing:
                log.warning("%s are not written yet: %s", self._name, error.code)
            self._failing = True
        else:
            self._failing = False

    def stop(self) -> None:
        """Ends once all is written, or cannot be."""
        self._ending.set()
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join()
        self.flush()

    def _run(self) -> None:
        """Ends once nothing is left; the next one noted begins it anew."""
        while True:
            self._ending.wait(self._seconds)
            self.flush()
            with self._lock:
                if not self._noted or self._ending.is_set():
                    self._thread = None
                    return
