"""The red frame around the whole window and the words above it, while a record is open by another way than the ordinary one."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from dmp_desktop.ui import theme
from dmp_desktop.ui.widgets.labels import PlainLabel


class FramedBody(QWidget):
    """What fills the window, in a column. The frame takes its own room: it hides nothing, and nothing is drawn over it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.framed = False
        self.rows = QVBoxLayout(self)
        self.rows.setContentsMargins(0, 0, 0, 0)
        self.rows.setSpacing(0)

    @property
    def thickness(self) -> int:
        """Of the frame, in pixels."""
        return max(4, self.fontMetrics().height() // 3)

    def show_frame(self, shown: bool) -> None:
        if shown != self.framed:
            self.framed = shown
            side = self.thickness if shown else 0
            self.rows.setContentsMargins(side, side, side, side)
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.framed:
            return
        painter = QPainter(self)
        side, inner = self.thickness, self.rect()
        colour = QColor(theme.current().danger)
        painter.fillRect(0, 0, inner.width(), side, colour)
        painter.fillRect(0, inner.height() - side, inner.width(), side, colour)
        painter.fillRect(0, 0, side, inner.height(), colour)
        painter.fillRect(inner.width() - side, 0, side, inner.height(), colour)


class SpecialBar(QFrame):
    """The words of the access, the time left, and the way out."""

    end_asked = Signal()

    def __init__(self, end: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("special")
        self.words = PlainLabel()
        self.words.setObjectName("specialWords")
        self.left = PlainLabel()
        self.left.setObjectName("specialLeft")
        self.end = QPushButton(end)
        self.end.clicked.connect(self.end_asked)
        gap = self.fontMetrics().averageCharWidth()
        row = QHBoxLayout(self)
        row.setContentsMargins(gap, gap // 3, gap, gap // 2)
        row.setSpacing(gap)
        row.addWidget(self.words)
        row.addWidget(self.left, 1)
        row.addWidget(self.end)
        self.hide()

    def show_access(self, words: str, left: str) -> None:
        self.words.setText(words)
        self.left.setText(left)
        self.setAccessibleName(f"{words} {left}".strip())
        self.show()
