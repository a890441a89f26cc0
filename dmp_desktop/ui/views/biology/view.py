"""The tab Biologie: one line an analyte across laboratories, its curve beside or instead of the list."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QCursor, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QSplitter, QVBoxLayout, QWidget

from dmp_desktop.services.lab_series import LabPoint
from dmp_desktop.ui import strings_reading_fr as fr
from dmp_desktop.ui.dossier_ports import ReadingPort
from dmp_desktop.ui.models.biology import Column, LabModel, LabRow, rows_of
from dmp_desktop.ui.record import RecordController
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.views.biology.detail import LabDetail
from dmp_desktop.ui.views.biology.rows import FlagDelegate, LabCardDelegate, SparkDelegate
from dmp_desktop.ui.widgets.labels import PlainLabel
from dmp_desktop.ui.widgets.reading_tab import ReadingTab, offer_sources
from dmp_desktop.ui.widgets.row_painting import CellDelegate
from dmp_desktop.ui.widgets.table_or_cards import TableOrCards

BESIDE_FROM_CHARACTERS = 120
LEAST_CHARACTERS = 20
TABLE_FROM_CHARACTERS = 130
WIDTHS: dict[int, int] = {Column.LAST: 20, Column.FLAG: 27, Column.DAY: 14, Column.PREVIOUS: 42, Column.TREND: 18}
"""In characters; the label takes the rest."""


class BiologyView(ReadingTab):
    """A click on a line shows its curve; on a report to be read, the report."""

    def __init__(
        self, record: RecordController, reading: ReadingPort, pool: TaskRunner, parent: QWidget | None = None
    ) -> None:
        super().__init__(record, reading.labs, rows_of, pool, parent)
        self.model = LabModel(self)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(fr.LAB_FILTER)
        self.filter.setAccessibleName(fr.LAB_FILTER_NAME)
        self.filter.setClearButtonEnabled(True)
        self.abnormal = QCheckBox(fr.ABNORMAL_ONLY)
        self.list = TableOrCards(
            self.model, fr.LAB_NAME, LabCardDelegate, WIDTHS, {Column.LABEL: 1}, TABLE_FROM_CHARACTERS
        )
        self.list.table.setItemDelegate(CellDelegate(self))
        self.list.table.setItemDelegateForColumn(Column.FLAG, FlagDelegate(self))
        self.list.table.setItemDelegateForColumn(Column.TREND, SparkDelegate(self))
        self.list.table.setSelectionBehavior(self.list.table.SelectionBehavior.SelectRows)
        self.none = PlainLabel(role="muted", wrap=True)
        self.detail = LabDetail()
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.put(self._content_widget())
        self.filter.textChanged.connect(self._filter)
        self.abnormal.toggled.connect(self._filter)
        self.list.asked.connect(self._ask)
        self.detail.left.connect(self.close_detail)
        self.detail.asked.connect(self._open)
        self.model.changed.connect(self._follow)
        self.detail.hide()

    def _content_widget(self) -> QWidget:
        self._left = QWidget()
        tools = QHBoxLayout()
        tools.addWidget(self.filter, 1)
        tools.addWidget(self.abnormal)
        column = QVBoxLayout(self._left)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(tools)
        column.addWidget(self.none)
        column.addWidget(self.list, 1)
        self.splitter.addWidget(self._left)
        self.splitter.addWidget(self.detail)
        self.splitter.setChildrenCollapsible(False)
        least = LEAST_CHARACTERS * self.fontMetrics().averageCharWidth()
        for half in (self._left, self.detail):  # side by side they must not hold the window wide
            half.setMinimumWidth(least)
        return self.splitter

    def show_page(self, page: list[LabRow]) -> None:
        row = self._current()
        self.model.show(page)
        if row:
            self._stand_on(row.key)
        if self.detail.series:
            again = next((one.series for one in page if one.key == self.detail.series.key), None)
            if again and len(again.points) != len(self.detail.series.points):
                self.detail.show_series(again)

    def forget(self) -> None:
        self.close_detail()
        self.detail.forget()
        self.filter.clear()
        self.abnormal.setChecked(False)
        self.model.clear()

    def close_detail(self) -> None:
        """Back to all analytes, where they were."""
        self.detail.hide()
        self._arrange()
        if self.detail.series and self.isVisible():
            self.list.view.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and not self.detail.isHidden():
            self.close_detail()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _ask(self, index: QModelIndex) -> None:
        row = self.model.shown[index.row()]
        if row.report:
            self.chosen.emit(row.report)
        elif row.series:
            self.detail.show_series(row.series)
            opening = self.detail.isHidden()
            self.detail.show()
            self._arrange()
            if opening and self.splitter.width():
                self.splitter.setSizes([self.splitter.width() // 2] * 2)
            if self._left.isHidden():
                self.detail.chart.setFocus()

    def _open(self, point: LabPoint) -> None:
        offer_sources(self, point.sources or (point.entry,), QCursor.pos(), self.chosen.emit)

    def _arrange(self) -> None:
        """Beside the list, with room between, or in its place."""
        character = self.fontMetrics().averageCharWidth()
        alone = self.detail.isHidden()
        self._left.setHidden(self.width() < BESIDE_FROM_CHARACTERS * character and not alone)
        self._left.setContentsMargins(0, 0, 0 if alone else character, 0)

    def _current(self) -> LabRow | None:
        index = self.list.view.currentIndex()
        return self.model.shown[index.row()] if index.isValid() else None

    def _stand_on(self, key: str) -> None:
        number = self.model.row_of(key)
        if number >= 0:
            self.list.view.setCurrentIndex(self.model.index(number, 0))

    def _filter(self) -> None:
        row = self._current()
        self.model.set_filter(self.filter.text(), abnormal=self.abnormal.isChecked())
        if row:
            self._stand_on(row.key)

    def _follow(self) -> None:
        self.none.setText(fr.LAB_NO_MATCH if self.model.rows else fr.LAB_EMPTY)
        self.none.setVisible(not self.model.shown)
