"""Follows the outbox: its changes come from any thread, its items to the screen."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from dmp_desktop.domain.outbox import OutboxItem, OutboxState
from dmp_desktop.ui.ports import OutboxPort
from dmp_desktop.ui.tasks import Task, TaskRunner

COALESCE_MS = 80
"""Changes closer than this are read once."""

PENDING = (OutboxState.WAITING, OutboxState.SENDING, OutboxState.REFUSED)


class OutboxController(QObject):
    """`changed` gives all items, newest first."""

    changed = Signal(list)
    failed = Signal(object)
    _told = Signal()

    def __init__(self, outbox: OutboxPort, pool: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.items: list[OutboxItem] = []
        self._outbox, self._pool = outbox, pool
        self._reading: Task[list[OutboxItem]] | None = None
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(COALESCE_MS)
        self._soon.timeout.connect(self.refresh)
        self._told.connect(self._soon.start, Qt.ConnectionType.QueuedConnection)
        outbox.subscribe(self._told.emit)

    @property
    def pending(self) -> int:
        """Not sent yet, refused included: what the doctor may still have to look at."""
        return sum(item.state in PENDING for item in self.items)

    def refresh(self) -> None:
        if self._reading:
            self._reading.cancel()
        self._reading = self._pool.submit(lambda: self._outbox.items(None), self._take, self.failed.emit)

    def cancel(self, item_id: int, done: Callable[[], None]) -> None:
        self._pool.submit(lambda: self._outbox.cancel(item_id), lambda _none: done(), self._fail)

    def retry(self, item_id: int) -> None:
        self._pool.submit(lambda: self._outbox.retry(item_id), lambda _none: self.refresh(), self._fail)

    def _take(self, items: list[OutboxItem]) -> None:
        self.items = items
        self.changed.emit(items)

    def _fail(self, error: object) -> None:
        self.failed.emit(error)
        self.refresh()
