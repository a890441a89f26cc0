"""Blocking services off the GUI thread: a call goes to a pool, its outcome comes back on the GUI thread.

This and the excepthook are the only places that catch every exception.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QObject, Qt, QThreadPool, Signal, Slot

from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.ui import strings_window_fr as fr

T = TypeVar("T")
Failed = Callable[[DmpDesktopError], None]

log = logging.getLogger(__name__)


class Task(Generic[T]):
    """One call under way. `cancel` drops its outcome; the call itself runs to its own time limit.

    Once it ran, nothing is kept of the call, nor of the frames an error comes from: both may hold a PIN.
    """

    def __init__(self, call: Callable[[], T], done: Callable[[T], None], failed: Failed) -> None:
        self._call = call
        self._done = done
        self._failed = failed
        self._deliver: Callable[[], None] | None = None
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True

    def run(self) -> None:
        """On a worker thread."""
        if self.cancelled:
            return
        try:
            result = self._call()
        except DmpDesktopError as error:
            error.__traceback__ = error.__cause__ = error.__context__ = None
            known = error
            self._deliver = lambda: self._failed(known)
        except Exception as error:  # noqa: BLE001  (the one place where it is meant)
            unexpected = _unexpected(error)
            self._deliver = lambda: self._failed(unexpected)
        else:
            self._deliver = lambda: self._done(result)
        finally:
            del self._call

    def deliver(self) -> None:
        """On the GUI thread."""
        if not self.cancelled and self._deliver is not None:
            self._deliver()


class TaskRunner(QObject):
    """A pool of at most `threads` workers; with one, calls run in the order they came."""

    _ran = Signal(object)

    def __init__(self, threads: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(threads)
        self._live: set[Task[Any]] = set()
        self._closed = False
        self.bind: Callable[[Callable[[], Any]], Callable[[], Any]] = lambda call: call
        """Ties what is submitted to who asks for it, as `services.asker.asked_by` does: it is done in the name of nobody else."""
        self.told: Failed = lambda _error: None
        """Hears each refusal, on the worker's thread and in the name of who asked; it never waits."""
        self._ran.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    @property
    def busy(self) -> bool:
        return bool(self._live)

    def submit(self, call: Callable[[], T], done: Callable[[T], None], failed: Failed) -> Task[T]:
        """Runs `call` on the pool, then `done(result)` or `failed(error)` here; nothing after `close`. On the GUI thread."""
        task = Task(self.bind(self._heard(call)), done, failed)
        if self._closed:
            task.cancel()
            return task
        self._live.add(task)
        self._pool.start(lambda: self._run(task))
        return task

    def close(self, wait_ms: int = 2000) -> bool:
        """Drops all outcomes, for good, and waits for the calls under way; True when none is left."""
        self._closed = True
        self._pool.clear()
        for task in self._live:
            task.cancel()
        self._live.clear()
        return self._pool.waitForDone(wait_ms)

    def _heard(self, call: Callable[[], T]) -> Callable[[], T]:
        def run() -> T:
            try:
                return call()
            except DmpDesktopError as error:
                self.told(error)
                raise

        return run

    def _run(self, task: Task[Any]) -> None:
        task.run()
        if not self._closed:  # else this object may be gone
            self._ran.emit(task)

    @Slot(object)
    def _deliver(self, task: Task[Any]) -> None:
        self._live.discard(task)
        task.deliver()


class Tasks(QObject):
    """The pools: `general` for the DMP and the disk, `card` (serial: PC/SC and PIN must not interleave), `drafts` (serial: what
    is written waits for no answer of the DMP)."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.general = TaskRunner(4, self)
        self.card = TaskRunner(1, self)
        self.drafts = TaskRunner(1, self)

    def close(self) -> bool:
        closed = [self.general.close(), self.card.close(), self.drafts.close()]
        return all(closed)


def attempt(call: Callable[[], None], failed: Failed) -> None:
    """`call()` here and now, on the GUI thread; what it raises is told to `failed`, as for a task."""
    try:
        call()
    except DmpDesktopError as error:
        failed(error)
    except Exception as error:  # noqa: BLE001  (as above)
        failed(_unexpected(error))


def _unexpected(error: Exception) -> DmpDesktopError:
    """Says where, never what: an exception's text may hold clinical words."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    log.error("%s at %s:%s", type(error).__name__, frame.filename, frame.lineno)
    return DmpDesktopError(f"inattendu-{type(error).__name__}", fr.UNEXPECTED, fr.UNEXPECTED_REMEDY)
