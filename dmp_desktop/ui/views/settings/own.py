"""Within Réglages, what is of who is signed in: it follows them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.services.own_settings import OwnSettings
from dmp_desktop.ui import strings_settings_fr as fr
from dmp_desktop.ui.views.compose.options import ValueBox
from dmp_desktop.ui.widgets.labels import PlainLabel
from dmp_desktop.ui.workstation_ports import OwnSettingsPort

if TYPE_CHECKING:
    from collections.abc import Callable

    from dmp_desktop.ui.views.settings.view import SettingsView


class OwnSettingsSection(QWidget):
    """A part of `page`, which asks for it. `chosen` shows at once what was saved."""

    def __init__(self, port: OwnSettingsPort, page: SettingsView, chosen: Callable[[OwnSettings], None]) -> None:
        super().__init__(page)
        self._port, self._page, self._chosen = port, page, chosen
        self._current = OwnSettings()
        self.setAccessibleName(fr.OWN)
        self.theme: ValueBox[str] = ValueBox(fr.THEME)
        self.text: ValueBox[int] = ValueBox(fr.TEXT_SIZE)
        self.theme.offer(fr.THEMES, "system")
        self.text.offer(fr.TEXT_SIZES, 100)
        self.told = PlainLabel(wrap=True)
        heading = PlainLabel(fr.OWN)
        heading.setProperty("strong", True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for part in (heading, PlainLabel(fr.OWN_WHAT, role="muted", wrap=True)):
            column.addWidget(part)
        for words, box in ((fr.THEME, self.theme), (fr.TEXT_SIZE, self.text)):
            column.addWidget(PlainLabel(words, wrap=True))
            column.addWidget(box)
        column.addWidget(self.told)
        self.theme.activated.connect(lambda _index: self._save(theme=self.theme.chosen))
        self.text.activated.connect(lambda _index: self._save(text_percent=self.text.chosen))

    def fill(self) -> None:
        """As kept now; who has none is told why."""
        why = self._port.refusal()
        for box in (self.theme, self.text):
            box.setEnabled(False)
            box.setToolTip(why or box.accessibleName())
        self.told.set_role("warning")
        self.told.setText(why)
        if not why:
            self._page.ask(self._port.load, self._show, self._refused)

    def empty(self) -> None:
        self.told.clear()

    def _show(self, settings: OwnSettings) -> None:
        self._current = settings
        self.theme.choose(settings.theme)
        self.text.choose(settings.text_percent)
        for box in (self.theme, self.text):
            box.setEnabled(True)

    def _save(self, **changed: Any) -> None:
        former, wanted, port = self._current, replace(self._current, **changed), self._port
        self._current = wanted

        def saved(_none: None) -> None:
            self._chosen(wanted)
            if self.isVisible():
                self.told.set_role("success")
                self.told.setText(fr.OWN_SAVED)

        def refused(error: DmpDesktopError) -> None:
            self._show(former)
            self._page.failed.emit(error)

        self._page.act(lambda: port.save(wanted), saved, refused)

    def _refused(self, error: DmpDesktopError) -> None:
        self.told.set_role("danger")
        self.told.setText(error.told_fr)
