"""Answers given with a key: the digit written before each, or Enter or Space on the one that has the keyboard."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPushButton

NUMBERED = 9
"""How many have a digit."""
_DIGITS = "123456789"
_UNSHIFTED = "&é\"'(-è_ç"
"""What the keys 1 to 9 of a French keyboard give without Shift."""
_PRESS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


def named(event: QKeyEvent, answers: Sequence[QPushButton], numbered: int = NUMBERED) -> QPushButton | None:
    """The answer that a key names, if any; the first `numbered` have a digit.

    A key held down since before, or with Ctrl or Alt, names none.
    """
    others = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
    if event.isAutoRepeat() or event.modifiers() & others:
        return None
    if event.key() in _PRESS:
        return next((button for button in answers if button.hasFocus()), None)
    rank = max(keys.find(event.text() or " ") for keys in (_DIGITS, _UNSHIFTED))
    return answers[rank] if 0 <= rank < min(numbered, len(answers)) else None
