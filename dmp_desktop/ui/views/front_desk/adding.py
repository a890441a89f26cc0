"""Who comes is added to the day's list: typed in a form, or brought with a whole agenda."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from dmp_desktop.domain.arrivals import Expected
from dmp_desktop.errors import ContextError, DmpDesktopError
from dmp_desktop.services.arrivals import Taken
from dmp_desktop.services.front_desk import DeskDay
from dmp_desktop.ui import asking
from dmp_desktop.ui import strings_desk_fr as fr
from dmp_desktop.ui.front_desk_ports import FrontDeskPort
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.views.front_desk.bringing import brought, content, taken_words
from dmp_desktop.ui.views.front_desk.form import ArrivalForm
from dmp_desktop.ui.widgets.labels import PlainLabel
from dmp_desktop.ui.widgets.side_page import SidePage


class AddingPage(SidePage):
    """A page gives `look_again`, which reads the list anew, and `lead`, which puts the keyboard in it."""

    def __init__(self, port: FrontDeskPort, pool: TaskRunner, parent: QWidget | None = None) -> None:
        super().__init__(fr.TAB, pool, parent)
        self._port = port
        self._day: DeskDay | None = None
        self._asked = 0  # how often the list was: an answer to an older question is dropped
        self.setAcceptDrops(True)
        self.trouble = PlainLabel(role="danger", wrap=True)
        self.add, self.bring = QPushButton(fr.ADD), QPushButton(fr.IMPORT)
        self.form_panel = ArrivalForm()
        self.add.clicked.connect(self.open_form)
        self.bring.clicked.connect(self._choose_file)
        self.form_panel.added.connect(self._add)
        self.form_panel.closed.connect(self._close_form)

    def look_again(self) -> None:
        raise NotImplementedError

    def lead(self) -> None:
        raise NotImplementedError

    def tell(self, words: str) -> None:
        self.trouble.setText(words)
        self.trouble.setVisible(bool(words))

    def tell_failed(self, error: DmpDesktopError) -> None:
        """Not wiped by the list that is being read."""
        self.said.clear()
        self._asked += 1
        self.tell(error.told_fr)

    def open_form(self) -> None:
        if self._day is not None:
            self.form_panel.open(self._day.day)

    def _close_form(self) -> None:
        self.form_panel.hide()
        self.lead()

    def _add(self, expected: Expected) -> None:
        turn = self._turn

        def added(_result: object) -> None:
            if turn == self._turn:
                self.form_panel.clear()
                self.form_panel.family.setFocus()
                self.said.setText(fr.ADDED)
                self.look_again()

        self.act(lambda: self._port.add(expected), added, self.tell_failed)

    def _choose_file(self) -> None:
        name = asking.file_to_open(self, fr.IMPORT, fr.IMPORT_FILTER)
        if name:
            self.take(Path(name))

    def take(self, source: Path | bytes) -> None:
        """An agenda: read and taken on a worker, then told line by line."""
        turn = self._turn
        self.said.clear()

        def take() -> Taken:
            return self._port.take(self._port.read(content(source)))

        def taken(told: Taken) -> None:
            if turn == self._turn:
                self.said.setText(taken_words(told))
                self.look_again()

        self.act(take, taken, self.tell_failed)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if brought(event.mimeData()) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self._bring(brought(event.mimeData()))

    def _bring(self, source: Path | bytes | None) -> None:
        if source is None:
            self.tell_failed(ContextError("agenda-none", fr.NO_AGENDA))
        else:
            self.take(source)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Paste):
            self._bring(brought(QApplication.clipboard().mimeData()))
        elif event.key() == Qt.Key.Key_N and not event.modifiers():
            self.open_form()
        elif event.key() == Qt.Key.Key_Escape and self.form_panel.isVisible():
            self._close_form()
        elif event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
