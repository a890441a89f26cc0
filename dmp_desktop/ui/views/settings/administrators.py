"""Within Réglages, who looks after the workstation: named by a doctor, each with a code that is shown once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.services.administrators import Administrator
from dmp_desktop.ui import formats
from dmp_desktop.ui import strings_administrator_fr as fr
from dmp_desktop.ui.administrator_ports import AdministratorsPort
from dmp_desktop.ui.views.settings.practice import copied_by_hand
from dmp_desktop.ui.widgets.labels import PlainLabel

if TYPE_CHECKING:
    from dmp_desktop.ui.views.settings.view import SettingsView


class AdministratorsSection(QWidget):
    """A part of `page`, which asks for it. `withdrawing` are the buttons of those who are shown, in their order."""

    def __init__(self, port: AdministratorsPort, page: SettingsView) -> None:
        super().__init__(page)
        self._port, self._page = port, page
        self.withdrawing: list[QPushButton] = []
        self.status, self.answer, self.code = PlainLabel(wrap=True), PlainLabel(wrap=True), PlainLabel()
        self.code.setFont(copied_by_hand())
        self.code.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.family, self.given = QLineEdit(), QLineEdit()
        self.name = QPushButton(fr.NAME_THEM)
        self.name.setToolTip(fr.NAME_TIP)
        self._people = QVBoxLayout()
        self._form = QWidget()
        self._lay_out()
        self.name.clicked.connect(self._name)
        for field in (self.family, self.given):
            field.textChanged.connect(lambda _text: self._offer())
            field.returnPressed.connect(self.name.click)

    def _lay_out(self) -> None:
        self.setAccessibleName(fr.HEADING)
        heading = PlainLabel(fr.HEADING)
        heading.setProperty("strong", True)
        grid = QGridLayout(self._form)
        grid.setContentsMargins(0, 0, 0, 0)
        for row, (field, words) in enumerate(((self.family, fr.FAMILY), (self.given, fr.GIVEN))):
            field.setAccessibleName(f"{fr.HEADING} : {words}")
            grid.addWidget(PlainLabel(words), row, 0)
            grid.addWidget(field, row, 1)
        grid.addWidget(self.name, 2, 1, Qt.AlignmentFlag.AlignLeft)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for part in (heading, PlainLabel(fr.WHAT, role="muted", wrap=True), self.status):
            column.addWidget(part)
        column.addLayout(self._people)
        column.addWidget(self._form)
        column.addWidget(self.answer)
        column.addWidget(self.code)

    def fill(self) -> None:
        """Those there are now; who may name none is told why."""
        self.empty()
        why = self._port.refusal()
        self._form.setVisible(not why)
        self.status.set_role("warning" if why else "muted")
        self.status.setText(why or fr.LOADING)
        if not why:
            self._page.ask(self._port.names, self._show, self._refused)

    def empty(self) -> None:
        """No code and no name stays on the screen."""
        self.answer.clear()
        self.code.clear()
        self.code.setAccessibleName("")
        self.code.hide()
        self.family.clear()
        self.given.clear()
        self._show(())
        self.status.clear()
        self._offer()

    def _show(self, people: Sequence[Administrator]) -> None:
        while (item := self._people.takeAt(0)) is not None:
            if (line := item.widget()) is not None:
                line.hide()
                line.deleteLater()
        self.withdrawing = []
        for one in people:
            self._people.addWidget(self._line(one))
        self.status.setText("" if people else fr.NOBODY)
        self.status.setVisible(bool(self.status.text()))
        if self.code.text():
            self._page.reveal(self.code)  # the list above it has moved it

    def _line(self, one: Administrator) -> QWidget:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        since = formats.day(date.fromisoformat(one.since))
        row.addWidget(PlainLabel(fr.SINCE.format(family=one.family, given=one.given, day=since), wrap=True), 1)
        button = QPushButton(fr.WITHDRAW)
        button.setAccessibleName(fr.WITHDRAW_NAME.format(f"{one.family} {one.given}"))
        button.setToolTip(fr.WITHDRAW_TIP)
        button.clicked.connect(lambda: self._withdraw(one))
        row.addWidget(button)
        self.withdrawing.append(button)
        return line

    def _offer(self) -> None:
        self.name.setEnabled(bool(self.family.text().strip() and self.given.text().strip()))

    def _name(self) -> None:
        if not self.name.isEnabled():
            return
        family, given, port = self.family.text(), self.given.text(), self._port
        self.name.setEnabled(False)
        named = partial(self._named, f"{given.strip()} {family.strip()}")
        self._page.ask(lambda: port.name(family, given), named, self._refused)

    def _named(self, who: str, code: str) -> None:
        """Shown to who asked for it, while they are still there, and to nobody else."""
        self.fill()
        groups = code.split("-")
        self._said(fr.CODE_IS.format(who))
        self.code.setText("  ".join(groups))
        self.code.setAccessibleName(fr.CODE_SPOKEN.format(", ".join(" ".join(group) for group in groups)))
        self.code.show()
        self._page.reveal(self.code)

    def _withdraw(self, one: Administrator) -> None:
        port, gone = self._port, fr.WITHDRAWN.format(f"{one.given} {one.family}")

        def withdrawn(_none: None) -> None:
            if self.isVisible():
                self.fill()
                self._said(gone)

        def refused(error: DmpDesktopError) -> None:
            (self._refused if self.isVisible() else self._page.failed.emit)(error)

        self._page.act(lambda: port.withdraw(one), withdrawn, refused)

    def _said(self, words: str) -> None:
        self.answer.set_role("success")
        self.answer.setText(words)
        self._page.reveal(self.answer)

    def _refused(self, error: DmpDesktopError) -> None:
        self.answer.set_role("danger")
        self.answer.setText(error.told_fr)
        self._offer()
        self._page.reveal(self.answer)
