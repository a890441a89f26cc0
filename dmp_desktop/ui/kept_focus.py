"""The keyboard, while what has it is greyed out for an act: it comes back to it, unless something else has taken it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid


class KeptFocus(QObject):
    """Of one window. Qt takes the keyboard from a part whose form is disabled and gives it to nothing: no key and no Escape
    works then, and Tab begins again at the top of the window."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._held: QWidget | None = None
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._moved)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.EnabledChange and watched is self._held and self._held.isEnabled():
            held = self._held
            self._release()
            if held.isVisible() and self._window.focusWidget() is None:
                held.setFocus()
        return False

    def _moved(self, former: QWidget | None, now: QWidget | None) -> None:
        self._release()
        if now is None and former is not None and former.window() is self._window and not former.isEnabled():
            self._held = former
            former.installEventFilter(self)

    def _release(self) -> None:
        held, self._held = self._held, None
        if held is not None and isValid(held):
            held.removeEventFilter(self)
