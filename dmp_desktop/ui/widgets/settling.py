"""A question that has just appeared takes no answer yet: a click or a key on its way was meant for what stood there before."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

SETTLE_MS = 700
"""Longer than the two halves of a double click (500 ms at most where nobody changed it), shorter than reading one line."""


class Settling(QObject):
    """`begin` disables the answers of a new question, and they look so, for `ms`; `settled` once they may be given.

    While keys go on coming, `since_key` (seconds since the last one in the window) less than that, it goes on too.
    """

    settled = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.ms = SETTLE_MS
        self.since_key: Callable[[], float] = lambda: math.inf
        self._answers: tuple[QWidget, ...] = ()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._look)

    @property
    def active(self) -> bool:
        return self._timer.isActive()

    def begin(self, answers: Iterable[QWidget]) -> None:
        self.end()
        if self.ms:
            self._answers = tuple(answers)
            for widget in self._answers:
                widget.setEnabled(False)
            self._timer.start(self.ms)

    def end(self) -> None:
        """The question is taken away: its answers stay as they are."""
        self._timer.stop()
        self._answers = ()

    def _look(self) -> None:
        left = self.ms - 1000 * self.since_key()
        if left > 0:
            self._timer.start(int(left) + 1)
            return
        for widget in self._answers:
            widget.setEnabled(True)
        self.settled.emit()
