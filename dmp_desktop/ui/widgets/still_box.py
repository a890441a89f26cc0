"""A box of choices that the mouse wheel does not turn: who scrolls past it changes nothing."""

from __future__ import annotations

from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox


class StillBox(QComboBox):
    """Qt would take the next choice of the box the pointer happens to stand on; what is around it is scrolled instead."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()
