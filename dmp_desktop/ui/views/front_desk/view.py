"""The front desk's page: who is expected today, what is left to do for each, one key an act. Nothing clinical stands here."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QWidget

from dmp_desktop.domain.arrivals import Stage
from dmp_desktop.domain.identity import Identity
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.services.front_desk import DeskDay, DeskLine
from dmp_desktop.ui import formats
from dmp_desktop.ui import strings_desk_fr as fr
from dmp_desktop.ui.front_desk_ports import FrontDeskPort
from dmp_desktop.ui.models.told_rows import ToldRow
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.views.front_desk.adding import AddingPage
from dmp_desktop.ui.views.front_desk.bringing import plural, watched_words
from dmp_desktop.ui.views.front_desk.detail import ArrivalDetail
from dmp_desktop.ui.views.front_desk.listing import DayListing
from dmp_desktop.ui.views.front_desk.rows import rows_of
from dmp_desktop.ui.widgets.labels import PlainLabel

LOOK_MS = 20_000
"""How often the list is read again while it is shown: another workstation may have changed it."""
LEAST_ROWS = 5


class FrontDeskView(AddingPage):
    """`identity_asked` is for the page of identities: of whom, for which line."""

    identity_asked = Signal(object)  # DeskLine

    def __init__(self, port: FrontDeskPort, pool: TaskRunner, parent: QWidget | None = None) -> None:
        super().__init__(port, pool, parent)
        self.back.hide()
        self.title.hide()
        self.count = PlainLabel(wrap=True)
        self.empty_words = PlainLabel(fr.EMPTY, wrap=True)
        self.empty_words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.detail = ArrivalDetail()
        self.list = DayListing(self._keys())
        self.keys = PlainLabel(fr.KEYS, role="muted", wrap=True)
        self._lay_out()
        self._connect()
        self.empty()

    def _lay_out(self) -> None:
        self.count.setProperty("strong", True)
        buttons = QHBoxLayout()
        for button in (self.add, self.bring):
            buttons.addWidget(button)
        buttons.addStretch(1)
        line = self.list.fontMetrics().height() * 3
        self.list.setMinimumHeight(line * LEAST_ROWS)
        self.rows.addWidget(self.count)
        self.rows.addLayout(buttons)
        for part in (self.trouble, self.form_panel, self.empty_words):
            self.rows.addWidget(part)
        self.rows.addWidget(self.list, 1000)
        self.rows.addWidget(self.detail)
        self.rows.addWidget(self.keys)
        self.rows.addStretch(1)

    def _connect(self) -> None:
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look_again)
        self.list.chosen.connect(self._show_chosen)
        self.list.entered.connect(lambda _line: self.detail.next_act())
        detail = self.detail
        detail.arrived.connect(self._arrive)
        detail.absent.connect(self._absent)
        detail.handed.connect(self._hand)
        detail.identity_asked.connect(self._ask_identity)
        detail.dmp_asked.connect(self._ask_dmp)
        detail.meant.connect(self._mean)
        detail.unmeant.connect(self._unmean)

    def _keys(self) -> dict[Qt.Key, Callable[[], None]]:
        keys = Qt.Key
        return {
            keys.Key_A: self._arrive,
            keys.Key_P: self._hand,
            keys.Key_D: self._ask_dmp,
            keys.Key_I: self._ask_identity,
            keys.Key_C: lambda: self.detail.confirm(),
            keys.Key_N: self.open_form,
            keys.Key_Delete: self._absent,
        }

    # What is shown

    def fill(self) -> None:
        self.count.setText(fr.LOADING)
        self._timer.start()
        self.look_again()

    def empty(self) -> None:
        self._asked += 1
        self._day = None
        self._timer.stop()
        self.list.show_rows(())
        self.detail.clear()
        self.form_panel.clear()
        self.form_panel.hide()
        for part in (self.trouble, self.empty_words, self.list, self.keys):
            part.hide()
        self.count.clear()

    def forget(self) -> None:
        self.form_panel.forget()

    def refresh(self) -> None:
        self.detail.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.look_again()

    def look_again(self) -> None:
        """The list as it is now, the cursor where it was; what was asked before is dropped."""
        if not self.isVisible() or not self._timer.isActive():
            return
        self._asked += 1
        number = self._asked

        def read() -> tuple[DeskDay, list[ToldRow]]:
            day = self._port.day()
            return day, rows_of(day)

        def show(told: tuple[DeskDay, list[ToldRow]]) -> None:
            if number == self._asked:
                self._show(*told)

        self.ask(read, show, self._refused)

    def lead(self) -> None:
        if self.list.isVisibleTo(self):
            self.list.lead()
        else:
            self.add.setFocus()

    def _show(self, day: DeskDay, rows: list[ToldRow]) -> None:
        self._day = day
        stages = [line.arrival.stage for line in day.lines]
        here = sum(stage in (Stage.ARRIVED, Stage.HANDED) for stage in stages)
        self.count.setText(
            fr.COUNT.format(
                day=f"{fr.DAYS[day.day.weekday()]} {formats.day(day.day)}".capitalize(),
                total=plural(fr.TOTAL, len(rows)),
                here=plural(fr.HERE, here),
                ready=plural(fr.READY, stages.count(Stage.HANDED)),
            )
        )
        unreadable = fr.UNREADABLE.format(day.unreadable) if day.unreadable else ""
        self.tell("\n".join(filter(None, (unreadable, watched_words(day.watched)))))
        self.empty_words.setVisible(not rows and not day.unreadable)
        for part in (self.list, self.keys):
            part.setVisible(bool(rows))
        self.list.show_rows(rows)
        if rows and QApplication.focusWidget() is self:
            self.list.lead()  # at a sign-in the keyboard is on the page, in no field

    def _show_chosen(self, line: DeskLine | None) -> None:
        if line is None:
            self.detail.clear()
        else:
            self.detail.show_line(line)

    def _refused(self, error: DmpDesktopError) -> None:
        self.tell(error.told_fr)

    # Acts on who is chosen

    def _do(self, call: Callable[[], object], said: str = "") -> None:
        """What was done stays done whatever is shown by then; the list is read again where it still is."""
        turn = self._turn
        self.said.clear()

        def done(_result: object) -> None:
            if turn == self._turn:
                self.said.setText(said)
                self.look_again()

        def refused(error: DmpDesktopError) -> None:
            if turn == self._turn:
                self.look_again()
                self.tell_failed(error)
            else:
                self.failed.emit(error)

        self.act(call, done, refused)

    def _step(self, stage: Stage, said: str = "") -> None:
        line = self.list.line
        if line is not None:
            self._do(lambda: self._port.step(line.arrival, stage), said)

    def _arrive(self) -> None:
        line = self.list.line
        back = line is not None and line.arrival.stage is Stage.ARRIVED
        self._step(Stage.EXPECTED if back else Stage.ARRIVED)

    def _absent(self) -> None:
        line = self.list.line
        back = line is not None and line.arrival.stage is Stage.ABSENT
        self._step(Stage.EXPECTED if back else Stage.ABSENT)

    def _hand(self) -> None:
        line = self.list.line
        back = line is not None and line.arrival.stage is Stage.HANDED
        self._step(Stage.ARRIVED if back else Stage.HANDED, "" if back else fr.HANDED)

    def _ask_dmp(self) -> None:
        line = self.list.line
        if line is not None:
            self._do(lambda: self._port.ask_dmp(line.arrival))

    def _ask_identity(self) -> None:
        if self.list.line is not None:
            self.identity_asked.emit(self.list.line)

    def _mean(self, identity: Identity) -> None:
        line = self.list.line
        if line is not None:
            self._do(lambda: self._port.means(line.arrival, identity), fr.CONFIRMED)

    def _unmean(self) -> None:
        line = self.list.line
        if line is not None:
            self._do(lambda: self._port.forget_person(line.arrival))
