"""Where two workstations differ: one point at a time, each answer with its key."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.services.clinic_conflicts import Conflict, Version
from dmp_desktop.ui import strings_conflicts_fr as fr
from dmp_desktop.ui.conflict_ports import ConflictPort
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.views.conflicts import words
from dmp_desktop.ui.widgets.answer_keys import named
from dmp_desktop.ui.widgets.labels import PlainLabel
from dmp_desktop.ui.widgets.settling import Settling
from dmp_desktop.ui.widgets.side_page import SidePage
from dmp_desktop.ui.widgets.wrapped_button import WrappedButton


class ConflictView(SidePage):
    """`me` gives the national identifier of who looks. A key meant for one point never answers the one that takes its place."""

    def __init__(
        self, port: ConflictPort, me: Callable[[], str], pool: TaskRunner, parent: QWidget | None = None
    ) -> None:
        super().__init__(fr.TITLE, pool, parent)
        self._port, self._me = port, me
        self._pending: tuple[Conflict, ...] = ()
        self._at = 0
        self._settling = Settling(self)
        self.hint = PlainLabel(fr.HINT, role="muted", wrap=True)
        self.place = PlainLabel(role="muted")
        self.question = PlainLabel(wrap=True)
        self.question.setProperty("strong", True)
        self.whose = PlainLabel(wrap=True)
        self.answers: list[WrappedButton] = []
        self._answers = QVBoxLayout()
        self.next = QPushButton(fr.NEXT)
        self.next.clicked.connect(self._pass)
        self.keys = PlainLabel(fr.KEYS, role="muted", wrap=True)
        for part in (self.hint, self.place, self.question, self.whose):
            self.rows.addWidget(part)
        self.rows.addLayout(self._answers)
        self.rows.addWidget(self.next, 0, Qt.AlignmentFlag.AlignLeft)
        self.rows.addWidget(self.keys)
        self.rows.addStretch(1)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.empty()

    def fill(self) -> None:
        self.question.setText(fr.LOADING)
        self.look()

    def look(self) -> None:
        """Again: others may have settled some."""
        self.ask(self._port.pending, self._show)

    def empty(self) -> None:
        self._pending, self._at = (), 0
        self._draw()
        self.question.clear()

    def _show(self, pending: tuple[Conflict, ...]) -> None:
        shown = self._current
        names = [(one.kind, one.row, one.about) for one in pending]
        here = shown and (shown.kind, shown.row, shown.about)
        if shown is not None and shown in pending:
            self._at = pending.index(shown)
            self._pending = pending
            self._tell_place()
            return
        self._at = names.index(here) if here in names else 0
        self._pending = pending
        self._draw()

    @property
    def _current(self) -> Conflict | None:
        return self._pending[self._at] if self._at < len(self._pending) else None

    def _draw(self) -> None:
        for button in self.answers:
            self._answers.removeWidget(button)
            button.hide()
            button.deleteLater()
        conflict = self._current
        self.answers = []
        for number, version in enumerate(conflict.versions if conflict else (), 1):
            told = fr.ANSWER.format(digit=number, what=words.what(version), said=words.said(version, self._me()))
            button = WrappedButton(told)
            button.clicked.connect(lambda _checked=False, one=version: self._settle(one))
            self._answers.addWidget(button)
            self.answers.append(button)
        self.question.setText(fr.ABOUT[conflict.about] if conflict else fr.NONE)
        self.whose.setText(words.whose(conflict) if conflict else "")
        for part in (self.hint, self.whose, self.keys):
            part.setVisible(conflict is not None)
        self._tell_place()
        if self.answers:
            self._settling.begin((*self.answers, self.next))
            self.setFocus()

    def _tell_place(self) -> None:
        many = len(self._pending) > 1
        self.place.setText(fr.PLACE_OF.format(self._at + 1, len(self._pending)) if many else "")
        self.place.setVisible(many)
        self.next.setVisible(many)

    def _pass(self) -> None:
        self._at = (self._at + 1) % max(1, len(self._pending))
        self._draw()

    def _settle(self, version: Version) -> None:
        conflict = self._current
        if conflict is None or version not in conflict.versions:
            return
        for button in self.answers:
            button.setEnabled(False)
        turn = self._turn

        def done(_nothing: None) -> None:
            if turn == self._turn:
                self.said.setText(fr.SETTLED.format(what=words.what(version)))
                self.look()

        def refused(error: DmpDesktopError) -> None:
            self.failed.emit(error)
            if turn == self._turn:
                self._pending = ()
                self.look()

        self.act(lambda: self._port.settle(conflict, version), done, refused)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        button = named(event, self.answers)
        if button is None:
            super().keyPressEvent(event)
        elif button.isEnabled():
            button.click()
