"""To whom a document goes by MSSanté: one address, asked before anything is written."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from dmp_desktop.ui import strings_viewer_fr as fr
from dmp_desktop.ui.widgets.labels import PlainLabel

WIDTH = 60
"""Of the dialog, in characters: it fits in the docked window."""


class AddressDialog(QDialog):
    """`typed` is what was given before, where it was refused or is to be used again."""

    def __init__(self, typed: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(fr.MAIL_TITLE)
        self.line = QLineEdit(typed)
        self.line.setPlaceholderText(fr.MAIL_EXAMPLE)
        self.line.setAccessibleName(fr.MAIL_TO)
        self.confirm, self.cancel = QPushButton(fr.MAIL_CHOOSE_FILE), QPushButton(fr.MAIL_CANCEL)
        self.confirm.setDefault(True)
        self.cancel.setAutoDefault(False)
        self.confirm.clicked.connect(self.accept)
        self.cancel.clicked.connect(self.reject)
        self.line.textChanged.connect(self._look)
        column = QVBoxLayout(self)
        label = PlainLabel(fr.MAIL_TO)
        label.setBuddy(self.line)
        for part in (label, self.line, PlainLabel(fr.MAIL_NOTE, role="muted", wrap=True)):
            column.addWidget(part)
        column.addStretch(1)
        answers = QHBoxLayout()  # in the order of every question of the window, whatever the system's own
        answers.addStretch(1)
        answers.addWidget(self.cancel)
        answers.addWidget(self.confirm)
        column.addLayout(answers)
        character = self.fontMetrics().averageCharWidth()
        width = min(character * WIDTH, parent.window().width() - 2 * character if parent else 10_000)
        self.setFixedSize(width, column.totalHeightForWidth(width))
        self.line.selectAll()
        self._look()

    @property
    def address(self) -> str:
        return self.line.text().strip()

    def _look(self) -> None:
        self.confirm.setEnabled("@" in self.address)
