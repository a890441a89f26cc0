"""The page of differences in the window: from the menu for who treats patients, at the front desk for a secretary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from dmp_desktop.domain.people import Role
from dmp_desktop.ui import strings_conflicts_fr as fr
from dmp_desktop.ui.conflict_ports import ConflictPort
from dmp_desktop.ui.views.desk_page import DeskPage
from dmp_desktop.ui.who_is_there import WhoIsThere
from dmp_desktop.ui.widgets.notice_bar import Notice

if TYPE_CHECKING:
    from dmp_desktop.ui.main_window import MainWindow
    from dmp_desktop.ui.views.conflicts.view import ConflictView

NOTICE = "conflicts"


class ConflictFlow(QObject):
    """One quiet line where there is something to settle: a button at the desk, for a doctor a notice once a session, beside
    nothing else that is told."""

    _came = Signal()

    def __init__(self, window: MainWindow, port: ConflictPort) -> None:
        super().__init__(window)
        self._w, self._port = window, port
        self._there = WhoIsThere(window.session, self)
        self._told = False
        self._pages: list[ConflictView] = []
        self._at_desk = DeskPage(window, self._page, lambda: self._at_desk.leave())
        self.button = window.desk.offer(fr.OPEN, self._at_desk.open)
        window.pages.offer(fr.OPEN, self._page, of_patient=False)
        self._came.connect(self._look, Qt.ConnectionType.QueuedConnection)
        port.follow(self._came.emit)
        self._there.left.connect(self._left)
        self._there.came.connect(self._look)

    def _left(self) -> None:
        self._told = False
        self._w.notices.clear(NOTICE)
        self.button.hide()
        self._at_desk.leave()

    def _look(self) -> None:
        if self._there.who is None:
            return
        desk = self._w.session.state.role is Role.SECRETARY
        self._w.tasks.general.submit(self._port.count, lambda count: self._tell(count, desk=desk), lambda _error: None)
        shown = next((page for page in self._pages if page.isVisible()), None)
        if shown is not None:
            shown.look()

    def _tell(self, count: int, *, desk: bool) -> None:
        if self._there.who is None:
            return
        self.button.setText(fr.OPEN_COUNT.format(count))
        self.button.setVisible(desk and count > 0)
        if not count:
            self._w.notices.clear(NOTICE)
        elif not desk and not self._told and not self._w.notices.busy:
            self._told = True
            words = fr.REMINDER[min(count, 2)].format(count)
            self._w.notices.tell(Notice(words, button=fr.REMINDER_ACT, act=self._open, key=NOTICE))

    def _open(self) -> None:
        self._w.notices.clear(NOTICE)
        self._w.pages.open(fr.OPEN, self._page)

    def _page(self) -> ConflictView:
        from dmp_desktop.ui.views.conflicts.view import ConflictView

        page = ConflictView(self._port, self._me, self._w.tasks.general, self._w.body)
        self._pages.append(page)
        return page

    def _me(self) -> str:
        return self._there.who.national_id if self._there.who else ""


def offer_conflicts(window: MainWindow, port: ConflictPort) -> None:
    ConflictFlow(window, port)
