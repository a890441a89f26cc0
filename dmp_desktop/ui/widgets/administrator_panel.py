"""On the masked screen, the way in of who looks after the workstation: one quiet button, then a name and a code."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from dmp_desktop.ui import strings_administrator_fr as fr
from dmp_desktop.ui.widgets.labels import PlainLabel

FIELD_CHARACTERS = 34


class AdministratorPanel(QWidget):
    """`asked` gives what was typed, which is kept nowhere; `rest` when it is over. `unfolded`: more than the button is there."""

    asked = Signal(str, str)
    unfolded = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.open = QPushButton(fr.OPEN)
        self.open.setProperty("quiet", True)
        self.form = QWidget()
        self.named, self.code = QLineEdit(), QLineEdit()
        for field, words in ((self.named, fr.NAME), (self.code, fr.CODE)):
            field.setAccessibleName(words)
            field.setFixedWidth(FIELD_CHARACTERS * self.fontMetrics().averageCharWidth())
        self.code.setEchoMode(QLineEdit.EchoMode.Password)
        self.told = PlainLabel(role="warning", wrap=True)
        self.enter, self.cancel = QPushButton(fr.ENTER), QPushButton(fr.CANCEL)
        self.enter.setProperty("primary", True)
        self._lay_out()
        self.open.clicked.connect(self._offer)
        self.named.returnPressed.connect(self.code.setFocus)
        self.code.returnPressed.connect(self._ask)
        self.enter.clicked.connect(self._ask)
        self.cancel.clicked.connect(self.rest)
        self.rest()

    def _lay_out(self) -> None:
        centre = Qt.AlignmentFlag.AlignHCenter
        title = PlainLabel(fr.SIGN_IN_TITLE, wrap=True)
        title.setProperty("strong", True)
        rows = QVBoxLayout(self.form)
        rows.setContentsMargins(0, 0, 0, 0)
        for label in (title, self.told):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        rows.addWidget(title)
        for field, words in ((self.named, fr.NAME), (self.code, fr.CODE)):
            label = PlainLabel(words)
            label.setBuddy(field)
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            rows.addWidget(label)
            rows.addWidget(field)
            rows.setAlignment(field, centre)
        rows.addWidget(self.told)
        acts = QHBoxLayout()
        acts.addStretch(1)
        acts.addWidget(self.enter)
        acts.addWidget(self.cancel)
        acts.addStretch(1)
        rows.addLayout(acts)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.open, 0, centre)
        column.addWidget(self.form)

    def rest(self) -> None:
        """The one button again, and nothing of what was typed."""
        self._show(form=False)

    def show_answered(self) -> None:
        """The session says why not; the name may stay, the code never does."""
        self.code.clear()
        self.told.clear()
        self._allow(True)
        if self.form.isVisible():
            self.code.setFocus()

    def _offer(self) -> None:
        self._show(form=True)
        self.named.setFocus()

    def _show(self, *, form: bool) -> None:
        for part in (self.named, self.code, self.told):
            part.clear()
        self._allow(True)
        self.form.setVisible(form)
        self.open.setVisible(not form)
        self.unfolded.emit(form)

    def _ask(self) -> None:
        named, code = self.named.text(), self.code.text()
        if not named.strip() or not code.strip():
            self.told.setText(fr.MISSING)
            return
        self.told.setText(fr.WORKING)
        self._allow(False)
        self.code.clear()
        self.asked.emit(named, code)

    def _allow(self, allowed: bool) -> None:
        for part in (self.named, self.code, self.enter):
            part.setEnabled(allowed)
