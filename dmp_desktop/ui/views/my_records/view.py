"""« Mes dossiers »: the records I may open, by what came last into them (TD0.4)."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from dmp_desktop.domain.identity import folded
from dmp_desktop.domain.people import Patient
from dmp_desktop.ui import strings_records_fr as fr
from dmp_desktop.ui.records_ports import RecordsPort
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.views.compose.options import ValueBox
from dmp_desktop.ui.views.my_records.rows import rows_of
from dmp_desktop.ui.widgets.tab_order import lead_to
from dmp_desktop.ui.widgets.told_page import ToldPage

PERIOD_DAYS = 30
SHARES = {0: 32, 1: 14, 2: 16, 3: 18, 4: 30}


class MyRecordsView(ToldPage):
    """Emits the line asked for. The identities are the DMP's: who opens one sees to it that it was qualified here."""

    chosen = Signal(object)  # KnownDossier

    def __init__(self, port: RecordsPort, pool: TaskRunner, parent: QWidget | None = None) -> None:
        super().__init__(fr.RECORDS_TITLE, fr.RECORDS_NOTE, fr.RECORDS_COLUMNS, SHARES, pool, parent)
        self._port = port
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(fr.FILTER)
        self.filter.setAccessibleName(fr.FILTER)
        self.filter.setClearButtonEnabled(True)
        self.period: ValueBox[int] = ValueBox(fr.PERIOD)
        self.order: ValueBox[str] = ValueBox(fr.ORDER)
        self.period.offer(fr.PERIODS, PERIOD_DAYS)
        self.order.offer(fr.ORDERS, fr.BY_DOCUMENT)
        self.offer(self.period)
        self.offer(self.order)
        self.filter.installEventFilter(self)
        self.rows.insertWidget(0, self.filter)
        lead_to(self.list.cards, (self.filter, self.period, self.order))
        self.filter.textChanged.connect(self._narrow)
        self.filter.returnPressed.connect(self._choose_only)
        self.list.asked.connect(self._choose)

    def fill(self) -> None:
        why = self._port.records_refusal()
        self.filter.setEnabled(why is None)
        if why:
            self.refuse(why)
            return
        days, order = self.period.chosen, self.order.chosen
        ask = self._port.by_document if order == fr.BY_DOCUMENT else self._port.by_access
        self.load(fr.RECORDS_LOADING, lambda: rows_of(ask(days), order))

    def show_for(self, patient: Patient | None) -> None:
        """Ready to type in; whoever opens it again finds its list anew, in the order chosen last."""
        super().show_for(patient)
        (self.filter if self.filter.isEnabled() else self.back).setFocus()

    def empty(self) -> None:
        super().empty()
        self.filter.clear()

    def count(self) -> None:
        shown, total = len(self.model.rows), self.model.total
        if self.model.loading:
            return
        if not total:
            self.told.setText(fr.RECORDS_NONE[self.order.chosen])
        elif shown < total:
            self.told.setText(fr.RECORDS_KEPT.format(shown, total))
        else:
            self.told.setText(fr.RECORDS_COUNT[total > 1].format(total))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Down goes from what is typed to the rows; the area around would scroll."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Down:
            if self.model.rows:
                self.list.view.setFocus()
                self.list.view.setCurrentIndex(self.model.index(0, 0))
            return True
        return super().eventFilter(watched, event)

    def _narrow(self, typed: str) -> None:
        self.model.narrow(folded(typed))
        if self.model.total:
            self.count()

    def _choose_only(self) -> None:
        """Enter where one row is left."""
        if len(self.model.rows) == 1:
            self._choose(self.model.index(0, 0))

    def _choose(self, index: QModelIndex) -> None:
        row = self.model.row(index)
        if row is not None:
            self.chosen.emit(row.of)
