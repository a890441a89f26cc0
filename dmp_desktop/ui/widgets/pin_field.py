"""The field a card's PIN is typed in: digits that nothing keeps, shows, copies or learns, typed by a hand that means them."""

from __future__ import annotations

from PySide6.QtCore import QRegularExpression, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QInputMethodEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QRegularExpressionValidator,
)
from PySide6.QtWidgets import QLineEdit, QWidget

from dmp_desktop.ui import strings_card_fr as fr

DIGITS = 4
"""Length of a CPS's PIN (Cryptolib CPS, reference card.md §3.4)."""
FORGET_MS = 30_000
"""Digits that nobody confirms are not left for whoever comes next."""
HAND_MS = 75
"""From the first digit to the last: no hand is that quick, a bar code scanner that plays a keyboard always is (10 ms a key)."""
_FORBIDDEN = tuple(
    getattr(QKeySequence.StandardKey, name) for name in ("Undo", "Redo", "Copy", "Cut", "Paste", "SelectAll")
)


class PinField(QLineEdit):
    """Masked on screen and for screen readers. No clipboard in either direction, no drag, no menu, no undo.

    Empties itself once nobody has typed for `forget` (its interval, FORGET_MS). What cannot be a PIN (a letter, a fifth digit,
    digits quicker than a hand) is a note or a scanner: nothing is kept of it, `strange` tells.
    """

    strange = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self.setMaxLength(DIGITS)
        self.setValidator(QRegularExpressionValidator(QRegularExpression(f"[0-9]{{0,{DIGITS}}}"), self))
        hint = Qt.InputMethodHint
        self.setInputMethodHints(
            hint.ImhHiddenText | hint.ImhSensitiveData | hint.ImhNoPredictiveText | hint.ImhDigitsOnly
        )
        self.setAcceptDrops(False)
        self.setDragEnabled(False)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setAccessibleName(fr.PIN_NAME)
        self.forget = QTimer(self)
        self.forget.setSingleShot(True)
        self.forget.setInterval(FORGET_MS)
        self.forget.timeout.connect(self.wipe)
        self.textChanged.connect(self.forget.start)
        self._first_ms = 0  # when the first digit came, by the system's clock of key events; 0 unknown

    @property
    def complete(self) -> bool:
        return len(self.text()) == DIGITS

    def take(self) -> str:
        """What was typed; the field keeps nothing of it."""
        typed = self.text()
        self.wipe()
        return typed

    def wipe(self) -> None:
        self.setText("")  # `clear` would leave the digits in the undo history

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if any(event.matches(keys) for keys in _FORBIDDEN) or self._refuses(event.text(), event.timestamp()):
            event.accept()
        else:
            super().keyPressEvent(event)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        """What a keyboard on the screen types, or a method that puts accents on letters; Qt does not tell when."""
        if not self._refuses(event.commitString(), 0):
            super().inputMethodEvent(event)

    def _refuses(self, text: str, at_ms: int) -> bool:
        """Whether this is not of a PIN; then nothing of it stays."""
        if not text or not text.isprintable():
            return False
        held = len(self.text()) - len(self.selectedText())
        if held == 0:
            self._first_ms = at_ms
        digits = text.isascii() and text.isdigit()
        quick = held + len(text) == DIGITS and 0 < self._first_ms <= at_ms < self._first_ms + HAND_MS
        if digits and held + len(text) <= DIGITS and not quick:
            return False
        self.wipe()
        self.strange.emit()
        return True

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Without the middle button, which pastes the selection of another window under X11."""
        if event.button() != Qt.MouseButton.MiddleButton:
            super().mouseReleaseEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        event.accept()
