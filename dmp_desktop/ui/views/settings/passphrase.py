"""Within Réglages, another passphrase for this workstation, where its system has no key store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLineEdit, QPushButton, QVBoxLayout, QWidget

from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.ui import strings_passphrase_fr as fr
from dmp_desktop.ui.widgets.flow import Flow
from dmp_desktop.ui.widgets.labels import PlainLabel
from dmp_desktop.ui.workstation_ports import PassphrasePort

if TYPE_CHECKING:
    from dmp_desktop.ui.views.settings.view import SettingsView


class PassphraseSection(QWidget):
    """A part of `page`, which asks for it. What was typed leaves the screen with the page, and once it was changed."""

    def __init__(self, port: PassphrasePort, page: SettingsView) -> None:
        super().__init__(page)
        self._port, self._page = port, page
        self._changing = False
        self.setAccessibleName(fr.TITLE)
        self.former, self.coming, self.again = (_secret(name) for name in (fr.FORMER, fr.COMING, fr.AGAIN))
        self.strength, self.answer = PlainLabel(wrap=True), PlainLabel(wrap=True)
        self.change = QPushButton(fr.CHANGE)
        self._lay_out()
        for line in self._lines:
            line.textChanged.connect(self._typed)
        self.again.returnPressed.connect(self.change.click)
        self.change.clicked.connect(self._ask)

    @property
    def _lines(self) -> tuple[QLineEdit, ...]:
        return self.former, self.coming, self.again

    def _lay_out(self) -> None:
        heading = PlainLabel(fr.TITLE)
        heading.setProperty("strong", True)
        act = Flow()
        act.add(self.change)
        act.show()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for part in (heading, PlainLabel(fr.WHAT, role="muted", wrap=True)):
            column.addWidget(part)
        for line in self._lines:
            column.addWidget(PlainLabel(line.accessibleName(), wrap=True))
            column.addWidget(line)
            if line is self.coming:
                column.addWidget(self.strength)
        column.addWidget(act)
        column.addWidget(self.answer)

    def fill(self) -> None:
        """Empty; who may not change it is told why."""
        self.empty()
        why = self._port.refusal()
        for line in self._lines:
            line.setEnabled(not why)
        if why:
            self._tell(why, "warning")

    def empty(self) -> None:
        for line in self._lines:
            line.clear()
        self._typed("")
        self.answer.clear()

    def _typed(self, _text: str) -> None:
        typed = self.coming.text()
        words, role = fr.STRENGTH[self._port.strength(typed)] if typed else ("", "muted")
        same = typed == self.again.text()
        if typed and self.again.text() and not same:
            words, role = f"{words} {fr.DIFFERS}", "warning"
        self.strength.set_role(role)
        self.strength.setText(words)
        self.change.setEnabled(all(line.text() for line in self._lines) and not self._changing)

    def _ask(self) -> None:
        former, coming, again = (line.text() for line in self._lines)
        self._wait(waiting=True)
        self._tell(fr.CHANGING, "muted")
        self._page.act(lambda: self._port.change(former, coming, again), self._done, self._refused)

    def _wait(self, *, waiting: bool) -> None:
        self._changing = waiting
        self._typed("")

    def _done(self, _none: None) -> None:
        self._wait(waiting=False)
        self.empty()
        if self.isVisible():
            self._tell(fr.CHANGED, "success")

    def _refused(self, error: DmpDesktopError) -> None:
        self._wait(waiting=False)
        if self.isVisible():
            self._tell(error.told_fr, "danger")
            (self.former if error.code == "passphrase" else self.coming).setFocus()
        else:
            self._page.failed.emit(error)

    def _tell(self, words: str, role: str) -> None:
        self.answer.set_role(role)
        self.answer.setText(words)
        self._page.reveal(self.answer)


def _secret(name: str) -> QLineEdit:
    line = QLineEdit()
    line.setEchoMode(QLineEdit.EchoMode.Password)
    line.setAccessibleName(name)
    return line
