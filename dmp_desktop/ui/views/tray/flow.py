"""The page of scans in the window: from the menu for who treats patients, at the front desk for a secretary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from dmp_desktop.domain import roles
from dmp_desktop.domain.people import Role
from dmp_desktop.domain.roles import Task
from dmp_desktop.services.session_state import SessionState
from dmp_desktop.ui import strings_tray_fr as fr
from dmp_desktop.ui.tray_ports import TrayPort
from dmp_desktop.ui.views.desk_page import DeskPage
from dmp_desktop.ui.who_is_there import WhoIsThere
from dmp_desktop.ui.widgets.notice_bar import Notice

if TYPE_CHECKING:
    from dmp_desktop.ui.main_window import MainWindow
    from dmp_desktop.ui.views.tray.filed import FiledView
    from dmp_desktop.ui.views.tray.view import TrayView

NOTICE = "tray"
LOOK_MS = 4000
"""How late the desk sees what the scanner brought."""


class TrayFlow(QObject):
    """Meets who signs in, says once how many scans wait for them, and keeps what is shown up to date."""

    def __init__(self, window: MainWindow, port: TrayPort) -> None:
        super().__init__(window)
        self._w, self._port = window, port
        self._there = WhoIsThere(window.session, self, _concerned)
        self._pages: list[TrayView] = []
        self._told = False
        self._at_desk = DeskPage(window, self._page, self._back_at_desk)
        self.button = window.desk.offer(fr.OPEN, self._at_desk.open)
        self._looks = QTimer(self)
        self._looks.setInterval(LOOK_MS)
        self._looks.timeout.connect(self._look)
        window.pages.offer(fr.OPEN, self._page, of_patient=False)
        window.pages.offer(fr.FILED_ASK, self._filed, of_patient=True)
        self._there.left.connect(self._left)
        self._there.came.connect(self._came)
        window.closed.connect(self._looks.stop)

    def _left(self) -> None:
        self._told = False
        self._w.notices.clear(NOTICE)
        self._at_desk.leave()
        self._looks.stop()

    def _came(self, state: SessionState) -> None:
        desk = state.role is Role.SECRETARY
        self.button.setVisible(desk)
        self._looks.start()
        self._w.tasks.general.submit(self._meet, lambda count: self._tell(count, desk=desk), lambda _error: None)

    def again(self) -> None:
        """Another workstation changed the tray: who was told of nothing yet is told now."""
        if self._there.who is not None:
            desk = self._w.session.state.role is Role.SECRETARY
            self._w.tasks.general.submit(
                self._port.to_do, lambda count: self._tell(count, desk=desk), lambda _error: None
            )

    def _meet(self) -> int:
        self._port.meet()
        return self._port.to_do()

    def _tell(self, count: int, *, desk: bool) -> None:
        self._count(count, desk=desk)
        if not desk and count and not self._told and self._there.who is not None and not self._w.notices.busy:
            self._told = True
            words = fr.counted(fr.REMINDER, count)
            self._w.notices.tell(Notice(words, button=fr.REMINDER_ACT, act=self._open, key=NOTICE))

    def _count(self, count: int, *, desk: bool) -> None:
        if desk:
            self.button.setText(fr.OPEN_COUNT.format(count) if count else fr.OPEN)

    def _look(self) -> None:
        shown = next((page for page in self._pages if page.isVisible()), None)
        if shown is not None:
            shown.look()
        elif self._w.desk.isVisible():
            self._w.tasks.general.submit(
                self._port.to_do, lambda count: self._count(count, desk=True), lambda _error: None
            )

    def _open(self) -> None:
        self._w.pages.open(fr.OPEN, self._page)

    def open_to_validate(self) -> None:
        """For a doctor: what waits for them, notes first."""
        self._open()
        for page in self._pages:
            if page.isVisible():
                page.turn_to_validate()

    def _page(self) -> TrayView:
        from dmp_desktop.ui.views.tray.view import TrayView

        proposals = self._w.proposals
        page = TrayView(self._port, self._w.tasks.general, self._w.body, proposals.notes if proposals else None)
        if proposals is not None:
            page.notes.chosen.connect(proposals.open)
        self._pages.append(page)
        return page

    def _filed(self) -> FiledView:
        from dmp_desktop.ui.views.tray.filed import FiledView

        return FiledView(self._port, self._w.tasks.general, self._w.body)

    def _back_at_desk(self) -> None:
        self._at_desk.leave()
        self._look()  # how many are left to prepare


def _concerned(state: SessionState) -> bool:
    return state.role is not None and roles.may(state.role, Task.SEE_PATIENTS)


def offer_tray(window: MainWindow, port: TrayPort) -> TrayFlow:
    return TrayFlow(window, port)
