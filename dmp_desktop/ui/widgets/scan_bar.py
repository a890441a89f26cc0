"""A line that takes what a scanner types: the INS datamatrix of a patient. It is kept nowhere."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from dmp_desktop.ui import strings_card_fr as fr
from dmp_desktop.ui.widgets.labels import PlainLabel

LONGEST = 4000
"""Characters: a 2D-DOC holds less than 1,500; what goes on for ever is not one."""


class ScannerField(QFrame):
    """Not a line edit: those drop control characters, and a datamatrix has them (GS, 0x1D). Nothing typed is shown."""

    scanned = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._typed: list[str] = []
        self.setObjectName("scanner")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.setAccessibleName(fr.SCAN_NAME)
        row = QHBoxLayout(self)
        self.words = PlainLabel(fr.SCAN_HINT)
        row.addWidget(self.words)

    @property
    def holds(self) -> int:
        """How many characters came so far."""
        return len(self._typed)

    def wipe(self) -> None:
        self._typed = []

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            text = "".join(self._typed)
            self.wipe()
            if text.strip():
                self.scanned.emit(text)
        elif event.text() and len(self._typed) < LONGEST and event.key() not in (Qt.Key.Key_Escape, Qt.Key.Key_Tab):
            self._typed.append(event.text())
        else:
            super().keyPressEvent(event)


class ScanBar(QFrame):
    """Shown while a scan is waited for."""

    scanned = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("picker")
        self.field = ScannerField()
        self.field.scanned.connect(self.scanned)
        self.leave = QPushButton(fr.SCAN_CANCEL)
        self.leave.clicked.connect(self.close_scan)
        row = QHBoxLayout(self)
        row.addWidget(self.field, 1)
        row.addWidget(self.leave)
        self.hide()

    def wait(self) -> None:
        """The doctor asked for it: the keyboard comes here."""
        self.field.words.setText(fr.SCAN_HINT)
        self.show()
        self.field.setFocus()

    def show_reading(self) -> None:
        self.field.words.setText(fr.SCAN_WAITS)

    def close_scan(self) -> None:
        self.field.wipe()
        self.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_scan()
        else:
            super().keyPressEvent(event)
