"""The keyboard always has a place: what is greyed out for an act gets it back, what is hidden leaves it to what is seen."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid


class KeptFocus(QObject):
    """Of one window. Qt takes the keyboard from a part that is disabled or hidden and gives it to nothing: no key and no Escape
    works then, and Tab begins again at the top of the window. `lead` gives it to what is before the eyes."""

    def __init__(self, window: QWidget, lead: Callable[[], None] = lambda: None) -> None:
        super().__init__(window)
        self._window, self._lead = window, lead
        self._held: QWidget | None = None
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._moved)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._held and event.type() in (QEvent.Type.EnabledChange, QEvent.Type.Hide):
            self._let_go()
        return False

    def _moved(self, former: QWidget | None, now: QWidget | None) -> None:
        self._release()
        if now is not None or former is None or not isValid(former) or former.window() is not self._window:
            return
        if former.isVisible() and not former.isEnabled():
            self._held = former
            former.installEventFilter(self)
        elif not former.isVisible():
            self._look_later()

    def _let_go(self) -> None:
        """It is enabled again, or hidden."""
        held = self._held
        if held is None or (held.isVisible() and not held.isEnabled()):
            return
        self._release()
        if self._window.focusWidget() is not None:
            return
        if held.isVisible():
            held.setFocus()
        else:
            self._look_later()

    def _look_later(self) -> None:
        """Once what takes its place is there."""
        QTimer.singleShot(0, self, self._look)

    def _look(self) -> None:
        if self._held is None and self._window.isActiveWindow() and self._window.focusWidget() is None:
            self._lead()

    def _release(self) -> None:
        held, self._held = self._held, None
        if held is not None and isValid(held):
            held.removeEventFilter(self)
