"""Who looks after the workstation, in the window: their way in on the masked screen, then a page of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from dmp_desktop.domain.people import Role
from dmp_desktop.services.session_state import SIGNED_IN, Phase, SessionState
from dmp_desktop.ui.administrator_ports import AdministratorsPort
from dmp_desktop.ui.ports import Services
from dmp_desktop.ui.widgets.administrator_panel import AdministratorPanel

if TYPE_CHECKING:
    from dmp_desktop.ui.main_window import MainWindow
    from dmp_desktop.ui.views.administrator.desk import AdministratorDesk


class AdministratorFlow(QObject):
    """The way in is shown where somebody was named only. Both parts are made when they are first needed."""

    def __init__(self, window: MainWindow, services: Services, port: AdministratorsPort) -> None:
        super().__init__(window)
        self._w, self._services, self._port = window, services, port
        self._panel: AdministratorPanel | None = None
        self._desk: AdministratorDesk | None = None
        self._phase: Phase | None = None
        window.session.changed.connect(self._follow)
        self._look()

    def page(self) -> QWidget:
        """What stands in the place of the record while an administrator is signed in."""
        if self._desk is None:
            from dmp_desktop.ui.views.administrator.desk import AdministratorDesk

            self._desk = AdministratorDesk(self._w, self._services)
            self._w.stack.addWidget(self._desk)
            self._w.parts.append(self._desk)
            self._desk.follow(here=True, notice=self._w.session.state.notice)
        return self._desk

    def _follow(self, state: SessionState) -> None:
        here = state.phase in SIGNED_IN and state.role is Role.ADMINISTRATOR
        if self._desk is not None:
            self._desk.follow(here=here, notice=state.notice)
        if self._panel is not None and state.phase is not Phase.MASKED:
            self._panel.rest()
        former, self._phase = self._phase, state.phase
        if state.phase is Phase.MASKED and former is not Phase.MASKED:
            self._look()

    def _look(self) -> None:
        """Asked again whenever somebody left: they may have named the first one."""
        self._w.tasks.general.submit(self._port.any, self._offer, lambda _error: None)

    def _offer(self, named: bool) -> None:
        if self._panel is None and named:
            panel = self._panel = AdministratorPanel(self._w.masked)
            panel.asked.connect(self._sign_in)
            panel.unfolded.connect(self._w.masked.give_way)
            self._w.masked.put(panel)
        if self._panel is not None:
            self._panel.setVisible(named)

    def _sign_in(self, named: str, code: str) -> None:
        port, panel = self._port, self._panel
        self._w.session.sign_in_by(lambda: port.sign_in(named, code), lambda: panel.show_answered() if panel else None)
