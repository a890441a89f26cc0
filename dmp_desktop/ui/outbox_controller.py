"""Follows the outbox: its changes come from any thread, its items to the screen."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from dmp_desktop.domain import roles
from dmp_desktop.domain.outbox import OutboxItem, OutboxState
from dmp_desktop.domain.people import Professional, Role
from dmp_desktop.domain.roles import Task as Right
from dmp_desktop.errors import ContextError
from dmp_desktop.ui.compose_ports import OutboxPort
from dmp_desktop.ui.tasks import Task, TaskRunner

COALESCE_MS = 80
"""Changes closer than this are read once."""
READING_SHARE = 10
"""A reading is followed by another after so many times what it took, at the earliest: thousands that leave are not read at
each."""

RESERVED = "role-reserved"
PENDING = (OutboxState.WAITING, OutboxState.SENDING, OutboxState.REFUSED)


class OutboxController(QObject):
    """`changed` tells that the items may have changed: those of who is signed in, newest first, are `items`."""

    changed = Signal()
    failed = Signal(object)
    _told = Signal()

    def __init__(self, outbox: OutboxPort, pool: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.all: list[OutboxItem] = []
        self.unreadable = 0  # whose they are is not known either
        self._who: Professional | None = None
        self._role: Role | None = None
        self._outbox, self._pool = outbox, pool
        self._reading: Task[tuple[list[OutboxItem], int]] | None = None
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(COALESCE_MS)
        self._soon.timeout.connect(self.refresh)
        self._pause_ms = COALESCE_MS
        self._told.connect(self._wait_a_little, Qt.ConnectionType.QueuedConnection)
        outbox.subscribe(self._told.emit)

    def belong_to(self, who: Professional | None, role: Role | None) -> None:
        """Who is before the screen; None while it is covered. Who may see no patient is told nothing of it."""
        former, self._role = self._role, role
        self._who = who
        if former is not role and not self._sees(former):
            self.refresh()  # not read while they were there

    def owns(self, item: OutboxItem) -> bool:
        """Whether it is for who is signed in to see and to handle: their own; for a structure's account, all that it may send."""
        if self._who is None:
            return False
        return self._role is Role.STRUCTURE or (bool(item.author_id) and item.author_id == self._who.national_id)

    @property
    def items(self) -> list[OutboxItem]:
        return [item for item in self.all if self.owns(item)]

    @property
    def pending(self) -> int:
        """Not sent yet, refused included: what the doctor may still have to look at. While nobody is signed in, of everybody."""
        return sum(item.state in PENDING for item in (self.items if self._who else self.all))

    @property
    def of_others(self) -> list[str]:
        """The authors of what colleagues have not sent yet, one a document."""
        return [item.author_id for item in self.all if item.state in PENDING and not self.owns(item)]

    def replaces(self, unique_id: str) -> bool:
        """Whether what is to replace this document has not left yet, whoever wrote it."""
        return any(item.replaces == unique_id and item.state in PENDING for item in self.all)

    @staticmethod
    def _sees(role: Role | None) -> bool:
        return role is None or roles.may(role, Right.SEE_PATIENTS)

    def refresh(self) -> None:
        if self._reading:
            self._reading.cancel()
        if not self._sees(self._role):
            return
        self._reading = self._pool.submit(self._read, self._take, self.failed.emit)

    def cancel(self, item_id: int, done: Callable[[], None]) -> None:
        self._pool.submit(lambda: self._outbox.cancel(item_id), lambda _none: done(), self._tell(self._who))

    def cancel_lot(self, item_id: int, done: Callable[[], None]) -> None:
        self._pool.submit(lambda: self._outbox.cancel_lot(item_id), lambda _none: done(), self._tell(self._who))

    def retry(self, item_id: int) -> None:
        self._pool.submit(lambda: self._outbox.retry(item_id), lambda _none: self.refresh(), self._tell(self._who))

    def hold(self, item_id: int) -> None:
        self._pool.submit(lambda: self._outbox.hold(item_id), lambda _none: self.refresh(), self._tell(self._who))

    def _wait_a_little(self) -> None:
        if not self._soon.isActive():
            self._soon.start(self._pause_ms)

    def _read(self) -> tuple[list[OutboxItem], int]:
        begun = time.monotonic()
        try:
            items = self._outbox.items(None)
            unreadable = self._outbox.unreadable(items)
        except ContextError as error:
            if error.code != RESERVED:
                raise
            return [], 0  # who may see none has come since it was asked, before the window was told
        self._pause_ms = max(COALESCE_MS, int((time.monotonic() - begun) * 1000 * READING_SHARE))
        return items, unreadable

    def _take(self, read: tuple[list[OutboxItem], int]) -> None:
        self.all, self.unreadable = read
        self.changed.emit()

    def _tell(self, asker: Professional | None) -> Callable[[object], None]:
        """An error, to who asked only: to nobody once they have left."""

        def tell(error: object) -> None:
            if asker and asker.is_also(self._who):
                self.failed.emit(error)
            self.refresh()

        return tell
