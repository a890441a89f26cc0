"""The line that looks for words in the open document: how many places, the next, the one before."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QToolButton, QWidget

from dmp_desktop.ui import icons
from dmp_desktop.ui import strings_viewer_fr as fr
from dmp_desktop.ui.widgets.found_text import MAX_FOUND
from dmp_desktop.ui.widgets.labels import PlainLabel


class FindBar(QWidget):
    """`asked` for words, `went` to the hit of a number; `left` when it closes."""

    asked = Signal(str)
    went = Signal(int)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.found = 0
        self.at = -1
        self.line = QLineEdit()
        self.line.setPlaceholderText(fr.FIND_SHORT)
        self.line.setAccessibleName(fr.FIND)
        self.line.textChanged.connect(self.asked)
        self.count = PlainLabel(role="muted")
        self.previous, self.next = self._button("▲", fr.FIND_PREVIOUS), self._button("▼", fr.FIND_NEXT)
        self.previous.clicked.connect(lambda: self.step(-1))
        self.next.clicked.connect(lambda: self.step(1))
        self.shut = self._button("", fr.FIND_CLOSE)
        self.shut.setProperty("quiet", True)
        self.shut.clicked.connect(self.left)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.line, 1)
        for widget in (self.count, self.previous, self.next, self.shut):
            row.addWidget(widget)
        self.refresh()

    def _button(self, text: str, name: str) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setAccessibleName(name)
        button.setToolTip(name)
        return button

    def refresh(self) -> None:
        self.shut.setIcon(icons.role_icon("cross", "muted"))

    def show_words(self, words: str) -> None:
        """Without asking: who calls knows what is found."""
        self.line.blockSignals(True)
        self.line.setText(words)
        self.line.blockSignals(False)

    def show_found(self, found: int, at: int = 0) -> None:
        """`found` hits, the one of number `at` shown."""
        self.found, self.at = found, at if found else -1
        if not self.line.text().strip():
            self.count.clear()
        elif not found:
            self.count.setText(fr.FIND_NONE)
        else:
            words = fr.FIND_MANY if found >= MAX_FOUND else fr.FIND_AT
            self.count.setText(words.format(at=at + 1, count=found))
        for button in (self.previous, self.next):
            button.setEnabled(found > 1)

    def step(self, by: int) -> None:
        """The next or the one before, around the ends."""
        if self.found:
            self.show_found(self.found, (self.at + by) % self.found)
            self.went.emit(self.at)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.step(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)
