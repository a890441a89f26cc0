"""Rows on their way to the screen, in slices: however many arrive at once, the window never stops."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from dmp_desktop.domain.documents import DocumentEntry

ROWS_EVERY_MS = 80
"""The first rows at once, the next ones together: forty small lists cost more than a large one."""
SLICE = 200
"""Rows handed over at once: 5 ms of work here; the list is ordered and painted again each time."""
SLICE_EVERY_MS = 15


class Arrivals(QObject):
    """Add what arrives, tell the whole when it is there: `rows` comes by slices, `complete` after the last of them."""

    rows = Signal(list)
    complete = Signal(object)  # the list as it ended, of its own class

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.timeout.connect(self._hand_over)
        self.forget()

    def forget(self) -> None:
        """Nothing more of this list is told."""
        self._pause.stop()
        self._held: list[DocumentEntry] = []
        self._told: set[str] = set()
        self._whole: list[DocumentEntry] | None = None

    def add(self, rows: Sequence[DocumentEntry]) -> None:
        self._held += rows
        if not self._pause.isActive():
            self._hand_over()

    def finish(self, whole: list[DocumentEntry]) -> None:
        """`whole` is the list as it ended; what was told of it is not told again."""
        self._pause.stop()
        self._whole = whole
        self._held = [entry for entry in whole if entry.unique_id not in self._told]
        self._hand_over()

    def give_up(self) -> None:
        """Nothing more comes: rows not told yet are dropped, unless the whole list was there."""
        if self._whole is None:
            self.forget()

    def _hand_over(self) -> None:
        slice_, self._held = self._held[:SLICE], self._held[SLICE:]
        if self._whole is not None and not self._held:
            whole = self._whole
            self.forget()
            self.complete.emit(whole)
        elif slice_:
            self._told.update(entry.unique_id for entry in slice_)
            self._pause.start(SLICE_EVERY_MS if self._held else ROWS_EVERY_MS)
            self.rows.emit(slice_)
