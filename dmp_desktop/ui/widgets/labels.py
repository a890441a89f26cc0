"""Labels that never interpret what they are given: patient and server texts are plain text."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from dmp_desktop.ui import icons


class PlainLabel(QLabel):
    """A QLabel in plain text. `role` is a colour of the palette (`muted`, `danger` …)."""

    def __init__(self, text: str = "", parent: QWidget | None = None, *, role: str = "", wrap: bool = False) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)
        self.setText(text)
        self.setProperty("role", role)  # its colour comes with the first style: nothing to undo yet

    def set_role(self, role: str) -> None:
        if self.property("role") != role:
            self.setProperty("role", role)
            self.style().unpolish(self)
            self.style().polish(self)


class ElidedLabel(PlainLabel):
    """One line that ends in « … » where room is short; the whole text stays the accessible name."""

    def __init__(self, text: str = "", parent: QWidget | None = None, *, role: str = "") -> None:
        super().__init__(text, parent, role=role)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), self.alignment(), text)


class KeyHint(ElidedLabel):
    """The shortcut of the button beside it, whole or not at all: half a key is no key. The button's tool tip tells it anyway."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent, role="muted")

    @property
    def told(self) -> bool:
        """Whether there is room for it."""
        return self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width()) == self.text()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.told:
            super().paintEvent(event)


class IconLabel(QWidget):
    """An icon and its word, in one colour: a state is never told by colour alone."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = self._role = ""
        self.picture = QLabel(self)
        self.words = PlainLabel(parent=self)
        self.words.setProperty("strong", True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(self.fontMetrics().averageCharWidth() // 2)
        row.addWidget(self.picture)
        row.addWidget(self.words, 1)

    @property
    def text(self) -> str:
        return self.words.text()

    def show_state(self, words: str, icon: str, role: str) -> None:
        self._name, self._role = icon, role
        self.words.setText(words)
        self.words.set_role(role)
        self.repaint_icon()

    def repaint_icon(self) -> None:
        """Again in the colours of the palette in use."""
        if not self._name:
            self.picture.clear()
            return
        side = self.fontMetrics().height()
        self.picture.setPixmap(icons.role_icon(self._name, self._role or "text").pixmap(side, side))
