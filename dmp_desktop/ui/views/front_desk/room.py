"""« Salle d'attente »: who is there for the doctor, ready or why not; one click opens a record."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from dmp_desktop.domain.arrivals import Stage
from dmp_desktop.domain.people import Professional
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.services.front_desk import DeskDay
from dmp_desktop.ui import strings_desk_fr as fr
from dmp_desktop.ui.front_desk_ports import FrontDeskPort
from dmp_desktop.ui.models.told_rows import ToldRow
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.views.front_desk.bringing import plural
from dmp_desktop.ui.views.front_desk.listing import DayListing
from dmp_desktop.ui.views.front_desk.rows import room_rows_of
from dmp_desktop.ui.widgets.labels import PlainLabel
from dmp_desktop.ui.widgets.side_page import SidePage

LOOK_MS = 20_000
"""As for the front desk's list."""


class WaitingRoomView(SidePage):
    """`who` is signed in. `chosen` is whom they clicked on."""

    chosen = Signal(object)  # DeskLine

    def __init__(
        self,
        port: FrontDeskPort,
        pool: TaskRunner,
        who: Callable[[], Professional | None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(fr.ROOM, pool, parent)
        self._port, self._who = port, who
        self._asked = 0
        self.count, self.trouble = PlainLabel(wrap=True), PlainLabel(role="danger", wrap=True)
        self.list = DayListing({})
        self.rows.addWidget(PlainLabel(fr.ROOM_NOTE, role="muted", wrap=True))
        for part in (self.count, self.trouble):
            self.rows.addWidget(part)
        self.rows.addWidget(self.list, 1)
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look_again)
        self.list.entered.connect(self.chosen)
        for view in (self.list.cards, self.list.table):
            view.clicked.connect(self._clicked)
        self.empty()

    def fill(self) -> None:
        self.count.setText(fr.LOADING)
        self._timer.start()
        self.look_again()

    def empty(self) -> None:
        self._asked += 1
        self._timer.stop()
        self.list.show_rows(())
        self.list.hide()
        self.trouble.hide()
        self.count.clear()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.look_again()

    def look_again(self) -> None:
        """As it is now, the cursor where it was."""
        who = self._who()
        if not self.isVisible() or not self._timer.isActive() or who is None:
            return
        self._asked += 1
        number = self._asked

        def read() -> tuple[DeskDay, list[ToldRow]]:
            day = self._port.waiting_room(who)
            return day, room_rows_of(day)

        def show(told: tuple[DeskDay, list[ToldRow]]) -> None:
            if number == self._asked:
                self._show(*told)

        self.ask(read, show, self._refused)

    def _show(self, day: DeskDay, rows: list[ToldRow]) -> None:
        here = sum(line.arrival.stage in (Stage.ARRIVED, Stage.HANDED) for line in day.lines)
        self.count.setText(plural(fr.HERE, here).capitalize() if rows else fr.ROOM_EMPTY)
        self._tell(fr.UNREADABLE.format(day.unreadable) if day.unreadable else "")
        first = not self.list.isVisibleTo(self)
        self.list.setVisible(bool(rows))
        self.list.show_rows(rows)
        if rows and first and self.back.hasFocus():
            self.list.lead()

    def _refused(self, error: DmpDesktopError) -> None:
        self.count.clear()
        self._tell(error.told_fr)

    def _tell(self, words: str) -> None:
        self.trouble.setText(words)
        self.trouble.setVisible(bool(words))

    def _clicked(self, _index: QModelIndex) -> None:
        if self.list.line is not None:
            self.chosen.emit(self.list.line)
