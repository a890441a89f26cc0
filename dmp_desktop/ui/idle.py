"""Notices that nobody uses the window any more."""

from __future__ import annotations

import math
import time

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QWindow

SIGNS = frozenset(
    {
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.KeyPress,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
        QEvent.Type.TouchUpdate,
        QEvent.Type.TabletMove,
        QEvent.Type.TabletPress,
    }
)


class IdleWatch(QObject):
    """`idle` once nobody has touched a window of the program for `set_delay`.

    It looks at what the system sends to the program's windows (a few events an act), not at all that Qt passes between widgets:
    a filter in Python on these would cost more than what they do. Dialogs are followed as they get the keyboard.
    """

    idle = Signal()
    window_changed = Signal()  # another window, of the program or not, has the keyboard

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._delay_s = 0.0
        self._last = time.monotonic()
        self._last_key = -math.inf
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._look)
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.focusWindowChanged.connect(self.follow)

    def follow(self, window: QWindow | None) -> None:
        if window is not None:
            window.installEventFilter(self)
        self.window_changed.emit()

    def set_delay(self, seconds: float) -> None:
        """From now on; 0 stops watching."""
        self._delay_s = seconds
        self.touch()
        if seconds:
            self._timer.start(int(seconds * 1000))
        else:
            self._timer.stop()

    def touch(self) -> None:
        self._last = time.monotonic()

    def since_key(self) -> float:
        """Seconds since somebody typed in a window of the program."""
        return time.monotonic() - self._last_key

    def eventFilter(self, _window: QObject, event: QEvent) -> bool:
        if event.type() in SIGNS:
            self._last = time.monotonic()
            if event.type() is QEvent.Type.KeyPress:
                self._last_key = self._last
        return False

    def _look(self) -> None:
        left = self._last + self._delay_s - time.monotonic()
        if left <= 0:
            self.idle.emit()
            self.touch()
            left = self._delay_s
        self._timer.start(max(1, int(left * 1000) + 1))
