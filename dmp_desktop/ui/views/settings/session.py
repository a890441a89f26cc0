"""Within Réglages, whether DMP Desktop opens with the session of who uses this computer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout, QWidget

from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.ui import strings_settings_fr as fr
from dmp_desktop.ui.views.compose.options import ValueBox
from dmp_desktop.ui.widgets.labels import PlainLabel
from dmp_desktop.ui.workstation_ports import SessionStartPort

if TYPE_CHECKING:
    from dmp_desktop.ui.views.settings.view import SettingsView


class SessionStartSection(QWidget):
    """Kept by the system, not among our settings: the installer, or another program, may change it too."""

    def __init__(self, port: SessionStartPort, page: SettingsView) -> None:
        super().__init__(page)
        self._port, self._page = port, page
        self.setAccessibleName(fr.SESSION_START)
        self.choice: ValueBox[bool] = ValueBox(fr.SESSION_START)
        self.choice.offer(fr.SESSION_STARTS)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        what = PlainLabel(fr.SESSION_START_WHAT, role="muted", wrap=True)
        for part in (PlainLabel(fr.SESSION_START, wrap=True), self.choice, what):
            column.addWidget(part)
        self.choice.activated.connect(lambda _index: self._change(wanted=self.choice.chosen))

    def fill(self) -> None:
        """As the system has it now; nothing can be chosen before that is known."""
        self.choice.setEnabled(False)
        self._page.ask(self._port.opens_with_session, self._show)

    def empty(self) -> None:
        """Nothing of anybody is in it."""

    def _show(self, opens: bool) -> None:
        self.choice.choose(opens)
        self.choice.setEnabled(True)

    def _change(self, *, wanted: bool) -> None:
        self.choice.setEnabled(False)

        def refused(error: DmpDesktopError) -> None:
            self._page.failed.emit(error)
            self._page.ask(self._port.opens_with_session, self._show)

        self._page.act(lambda: self._port.open_with_session(wanted=wanted), lambda _done: self._show(wanted), refused)
