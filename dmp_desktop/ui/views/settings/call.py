"""Within Réglages, the call of the practice software by loopback HTTP: its port, and the token it must show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLineEdit, QPushButton, QVBoxLayout, QWidget

from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.ui import clipboard
from dmp_desktop.ui import strings_settings_fr as fr
from dmp_desktop.ui.views.settings.field import NumberField
from dmp_desktop.ui.widgets.flow import Flow
from dmp_desktop.ui.widgets.labels import PlainLabel
from dmp_desktop.ui.workstation_ports import CallTokenPort

if TYPE_CHECKING:
    from dmp_desktop.ui.views.settings.view import SettingsView


class CallSection(QWidget):
    """A part of `page`, which saves `port`. A token is on the screen once, until the page is left."""

    def __init__(self, tokens: CallTokenPort | None, port: NumberField, page: SettingsView) -> None:
        super().__init__(page)
        self._tokens, self._page = tokens, page
        self.setAccessibleName(fr.CALL)
        self.token = QLineEdit(readOnly=True)
        self.token.setAccessibleName(fr.CALL_SHOWS)
        self.told = PlainLabel(wrap=True)
        self.renew, self.copy = QPushButton(fr.CALL_RENEW), QPushButton(fr.CALL_COPY)
        self.renew.clicked.connect(self._renew)
        self.copy.clicked.connect(self._copy)
        heading = PlainLabel(fr.CALL)
        heading.setProperty("strong", True)
        acts = Flow()
        acts.add(self.renew)
        acts.add(self.copy)
        acts.show()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for part in (heading, PlainLabel(fr.CALL_WHAT, role="muted", wrap=True), port, self.token, self.told, acts):
            column.addWidget(part)
        acts.setVisible(tokens is not None)
        self.empty()

    def fill(self) -> None:
        """Whether there is a token; never which."""
        self.empty()
        if self._tokens is None:
            return
        why = self._tokens.refusal()
        self.renew.setEnabled(not why)
        self.renew.setToolTip(why)
        self._page.ask(self._tokens.made, self._show_made)

    def empty(self) -> None:
        self.token.clear()
        self.token.hide()
        self.copy.hide()
        self.told.clear()

    def _show_made(self, made: bool) -> None:
        if not self.token.text():
            self._tell(fr.CALL_MADE if made else fr.CALL_NONE, "muted")

    def _renew(self) -> None:
        if self._tokens is not None:
            self.renew.setEnabled(False)
            self._page.act(self._tokens.renew, self._show_token, self._refused)

    def _show_token(self, token: str) -> None:
        self.renew.setEnabled(True)
        if not self.isVisible():  # nobody would see it leave: another one is made as easily
            return
        self.token.setText(token)
        self.token.setCursorPosition(0)
        self.token.show()
        self.copy.show()
        self._tell(fr.CALL_SHOWN, "warning")
        self._page.reveal(self.renew)

    def _refused(self, error: DmpDesktopError) -> None:
        self.renew.setEnabled(True)
        self._page.failed.emit(error)

    def _copy(self) -> None:
        clipboard.put(self.token.text())
        self._tell(fr.CALL_COPIED, "success")

    def _tell(self, words: str, role: str) -> None:
        self.told.set_role(role)
        self.told.setText(words)
