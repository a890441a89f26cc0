"""Nobody used the workstation for a while, or it was locked: nothing of a patient, one button to go on."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPushButton, QWidget

from dmp_desktop.ui import strings_card_fr as fr
from dmp_desktop.ui import strings_window_fr as window_fr
from dmp_desktop.ui.widgets.centred import CentredScreen
from dmp_desktop.ui.widgets.labels import PlainLabel


class LockedScreen(CentredScreen):
    """`resume_asked` by the button or Enter."""

    resume_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("lock", parent)
        self.title.setText(fr.LOCKED_TITLE)
        self.hint = PlainLabel(wrap=True)
        self.resume = QPushButton(fr.RESUME)
        self.resume.setProperty("primary", True)
        self.resume.clicked.connect(self.resume_asked)
        for label in (self.hint, PlainLabel(window_fr.MASKED_SAFE, role="muted", wrap=True)):
            self.put(label)
        self.put(self.resume, whole=False)

    def show_card(self, *, card_in: bool) -> None:
        self.hint.setText(fr.LOCKED_HINT if card_in else "")
        self.hint.setVisible(card_in)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.resume.click()
        else:
            super().keyPressEvent(event)

    def lead(self) -> None:
        if self.in_front():
            self.resume.setFocus()
