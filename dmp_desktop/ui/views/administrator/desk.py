"""In the place of the record, what a technical administrator does: nothing of a patient ever stands here."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QPushButton, QWidget

from dmp_desktop.ui import strings_administrator_fr as fr
from dmp_desktop.ui.dashboard_ports import DashboardPort
from dmp_desktop.ui.journal_ports import JournalPort
from dmp_desktop.ui.ports import Services
from dmp_desktop.ui.widgets.centred import CentredScreen
from dmp_desktop.ui.widgets.labels import PlainLabel
from dmp_desktop.ui.widgets.notice_bar import of_error
from dmp_desktop.ui.widgets.side_page import SidePage

if TYPE_CHECKING:
    from dmp_desktop.ui.main_window import MainWindow


class AdministratorDesk(CentredScreen):
    """Buttons; the page of the one that was clicked takes their place, until it is left. Pages are made when first asked for."""

    def __init__(self, window: MainWindow, services: Services) -> None:
        super().__init__("list", window.stack)
        self._w, self._services = window, services
        self._pages: dict[str, SidePage] = {}
        self._shown: SidePage | None = None
        self.title.setText(fr.DESK_TITLE)
        self.clinic = PlainLabel(role="muted", wrap=True)
        self.buttons: dict[str, QPushButton] = {}
        self.put(PlainLabel(fr.DESK_HINT, wrap=True))
        if services.diagnostics is not None:
            self._offer(fr.DIAGNOSIS, window.masked.diagnostic_asked.emit)
        self._offer(fr.SETTINGS, lambda: self._open(fr.SETTINGS, self._settings))
        if (journal := services.journal) is not None:
            self._offer(fr.JOURNAL, lambda: self._open(fr.JOURNAL, lambda: self._journal(journal)))
        if (dashboard := services.dashboard) is not None:
            self._offer(fr.NUMBERS, lambda: self._open(fr.NUMBERS, lambda: self._numbers(dashboard)))
        self.put(self.clinic)
        self._home = [part for part in self._parts() if part is not self.notice]

    def _offer(self, words: str, act: Callable[[], None]) -> None:
        button = self.buttons[words] = QPushButton(words)
        button.clicked.connect(act)
        self.put(button, whole=False)

    def follow(self, *, here: bool, notice: str) -> None:
        """Whether an administrator is signed in; nothing that was typed here is left to who comes next."""
        self.show_notice(notice if here else "")
        if not here:
            self.leave()
            for page in self._pages.values():
                page.forget()
            return
        state = self._services.clinic_state
        self.clinic.setText(fr.CLINIC.format(state() or fr.CLINIC_THERE if state else fr.CLINIC_NONE))

    def leave(self) -> None:
        """Back to the buttons."""
        page, self._shown = self._shown, None
        if page is not None:
            page.clear()
            self._column.removeWidget(page)
            page.hide()
            self._arrange()

    def _open(self, name: str, make: Callable[[], SidePage]) -> None:
        if name not in self._pages:
            page = self._pages[name] = make()
            page.back.setText(fr.BACK)
            page.left.connect(self.leave)
            page.failed.connect(lambda error: self._w.notices.tell(of_error(error)))
            page.unlisted.connect(lambda error, again: self._w.notices.tell(of_error(error, "", again)))
            self._w.parts.append(page)
        page = self._shown = self._pages[name]
        self._column.insertWidget(self._column.count() - 1, page, 1)
        self._arrange()
        page.show()
        page.show_for(None)

    def _arrange(self) -> None:
        for part in self._home:
            part.setVisible(self._shown is None)
        for place, stretch in ((0, 2), (self._column.count() - 1, 3)):
            self._column.setStretch(place, stretch if self._shown is None else 0)

    def _parts(self) -> list[QWidget]:
        items = (self._column.itemAt(place) for place in range(self._column.count()))
        return [part for item in items if item is not None and (part := item.widget()) is not None]

    def _settings(self) -> SidePage:
        from dmp_desktop.ui.views.settings.view import SettingsView

        page = SettingsView(
            self._services.settings,
            self._w.tasks.general,
            self,
            backups=self._services.backups,
            export=self._services.export,
        )
        page.left.connect(self._w.gate.read_settings)
        return page

    def _journal(self, port: JournalPort) -> SidePage:
        from dmp_desktop.ui.views.journal.view import JournalView

        return JournalView(port, self._w.tasks.general, self)

    def _numbers(self, port: DashboardPort) -> SidePage:
        from dmp_desktop.ui.views.dashboard.flow import dashboard_page

        return dashboard_page(self._w, self._services, port)
