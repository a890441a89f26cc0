"""Above the page of identities, while it is open for a line of the day's list: whose it is, said by a click."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QPushButton, QVBoxLayout

from dmp_desktop.services.front_desk import DeskLine
from dmp_desktop.ui import strings_desk_fr as fr
from dmp_desktop.ui.views.front_desk.rows import time_of
from dmp_desktop.ui.widgets.flow import Flow
from dmp_desktop.ui.widgets.labels import PlainLabel


class LinkBar(QFrame):
    """`linked`: who is shown is who comes; `left`: back to the list."""

    linked = Signal()
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.line: DeskLine | None = None
        self.words = PlainLabel(wrap=True)
        self.words.setProperty("strong", True)
        self.link, self.leave = QPushButton(fr.LINK), QPushButton(fr.BACK)
        self.link.clicked.connect(self.linked)
        self.leave.clicked.connect(self.left)
        buttons = Flow()
        buttons.add(self.link)
        buttons.add(self.leave)
        buttons.show()
        column = QVBoxLayout(self)
        column.addWidget(self.words)
        column.addWidget(buttons)
        self.hide()

    def show_line(self, line: DeskLine) -> None:
        self.line = line
        told = line.arrival.expected
        name = f"{told.family} {told.given}".strip()
        self.words.setText(fr.FOR.format(time_of(told.at) or fr.NO_TIME, name))
        self.show()

    def clear(self) -> None:
        self.line = None
        self.words.clear()
        self.hide()
