"""One analyte: its curve, all its results in a table, the units it may be shown in, the file to take away."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from dmp_desktop.services.lab_series import LabPoint, LabSeries
from dmp_desktop.services.trends import in_unit, units_of
from dmp_desktop.terminology.units import unit_label
from dmp_desktop.ui import asking, clipboard
from dmp_desktop.ui import strings_reading_fr as fr
from dmp_desktop.ui.models.biology import PointsModel, cells_of, csv_of, marks_of, summary_of
from dmp_desktop.ui.widgets.chart import TimeChart
from dmp_desktop.ui.widgets.labels import ElidedLabel, PlainLabel
from dmp_desktop.ui.widgets.row_card import RowCardDelegate
from dmp_desktop.ui.widgets.still_box import StillBox
from dmp_desktop.ui.widgets.table_or_cards import TableOrCards

CHART_SHARE, TABLE_SHARE = 3, 2
TABLE_FROM_CHARACTERS = 104
WIDTHS = {0: 21, 1: 13, 2: 17, 3: 12}
"""In characters."""
SHARES = {4: 5, 5: 6}
"""The laboratory, and what it wrote: in one line where they are short, else in two."""


class LabDetail(QWidget):
    """Emits the point whose report is asked for; `left` to go back to all analytes."""

    asked = Signal(object)  # LabPoint
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.series: LabSeries | None = None
        self._own: LabSeries | None = None
        self._numbers: list[int] = []
        self.back = QPushButton(fr.BACK_TO_LAB)
        self.back.setToolTip(fr.BACK_TO_LAB_TIP)
        self.title = ElidedLabel()
        self.title.setProperty("strong", True)
        self.units = StillBox()
        self.units.setAccessibleName(fr.UNITS_NAME)
        self.words = PlainLabel(wrap=True)
        self.words.setMinimumHeight(self.fontMetrics().height() * 2)
        self.words.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.chart = TimeChart()
        self.help = ElidedLabel(fr.CHART_HELP, role="muted")
        self.model = PointsModel(self)
        self.results = TableOrCards(self.model, fr.LAB_NAME, RowCardDelegate, WIDTHS, SHARES, TABLE_FROM_CHARACTERS)
        self.results.table.setWordWrap(True)
        self.results.table.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() * 5 // 2)
        self.results.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.export = QPushButton(fr.EXPORT)
        self.export.setAccessibleName(fr.EXPORT_NAME)
        self.copy = QPushButton(fr.COPY)
        self.copy.setAccessibleName(fr.COPY_RESULTS)
        self.said = ElidedLabel(role="muted")
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self._lay_out()
        self._name("")
        self.back.clicked.connect(self.left)
        self.units.activated.connect(self._change_unit)
        self.chart.moved.connect(self._look)
        self.chart.activated.connect(lambda mark: self._ask(self._numbers[mark]))
        self.results.asked.connect(lambda index: self._ask(self._point_of(index.row())))
        self.export.clicked.connect(self._ask_file)
        self.copy.clicked.connect(self._copy)

    def _lay_out(self) -> None:
        gap = self.fontMetrics().averageCharWidth()
        head = QHBoxLayout()
        head.addWidget(self.back)
        head.addWidget(self.title, 1)
        head.addWidget(self.units)
        upper = QWidget()
        column = QVBoxLayout(upper)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(gap // 2)
        column.addWidget(self.words)
        column.addWidget(self.chart, 1)
        column.addWidget(self.help)
        self.splitter.addWidget(upper)
        self.splitter.addWidget(self.results)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setStretchFactor(0, CHART_SHARE)
        self.splitter.setStretchFactor(1, TABLE_SHARE)
        tools = QHBoxLayout()
        tools.addWidget(self.said, 1)
        tools.addWidget(self.copy)
        tools.addWidget(self.export)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(gap // 2, 0, 0, gap // 2)
        whole.setSpacing(gap // 2)
        whole.addLayout(head)
        whole.addWidget(self.splitter, 1)
        whole.addLayout(tools)

    def show_series(self, series: LabSeries) -> None:
        """In its own unit, or in the one chosen for it before."""
        kept = self.series.unit if self.series and self.series.key == series.key else series.unit
        self._own = series
        units = units_of(series)
        self.units.clear()
        for unit in units:
            self.units.addItem(unit_label(unit) or fr.UNIT_NONE, unit)
        self.units.setVisible(len(units) > 1)
        self.units.setCurrentIndex(max(self.units.findData(kept), 0))
        self._show(in_unit(series, kept) if kept in units else series)

    def forget(self) -> None:
        self.series = self._own = None
        self.title.clear()
        self.words.clear()
        self.said.clear()
        self.units.clear()
        self.model.show(None)
        self._name("")
        self.chart.show_marks((), "", "")

    def save(self, file: Path) -> None:
        """The results as CSV, with the mark that tells a spreadsheet they are UTF-8."""
        if self.series:
            try:
                file.write_text(csv_of((self.series,)), encoding="utf-8-sig", newline="")
            except OSError:
                self._say(fr.EXPORT_FAILED, "danger")
            else:
                self._say(fr.EXPORTED)

    def _show(self, series: LabSeries) -> None:
        self.series = series
        self.said.clear()
        self.title.setText(series.label + (f" ({fr.BY_LABEL})" if series.by_label else ""))
        self.title.setToolTip(fr.BY_LABEL_TIP if series.by_label else "")
        marks, self._numbers = marks_of(series)
        summary = summary_of(series)
        self.words.setText(summary)
        self._name(series.label)
        self.chart.show_marks(marks, unit_label(series.unit), summary)
        for widget in (self.chart, self.help):
            widget.setVisible(bool(marks))
        if not marks:
            self.words.setText(fr.CHART_WORDS)
        self.model.show(series)
        if marks:
            self._look(self.chart.current)

    def _name(self, label: str) -> None:
        """For screen readers."""
        self.chart.setAccessibleName(fr.CHART_NAME.format(label).strip())
        for view in (self.results.cards, self.results.table):
            view.setAccessibleName(fr.POINTS_NAME.format(label).strip())

    def _look(self, mark: int) -> None:
        self.words.setText(self.chart.marks[mark].words)
        self.results.view.setCurrentIndex(self.model.index(self._point_of(self._numbers[mark]), 0))

    def _point_of(self, row: int) -> int:
        """The table has the latest first: a row to its point, and back."""
        return self.model.rowCount() - 1 - row

    def _ask(self, number: int) -> None:
        if self.series:
            point: LabPoint = self.series.points[number]
            self.asked.emit(point)

    def _change_unit(self, chosen: int) -> None:
        if self._own:
            self._show(in_unit(self._own, self.units.itemData(chosen)))

    def _ask_file(self) -> None:
        if name := asking.file_to_save(self, fr.EXPORT_TITLE, Path(fr.EXPORT_FILE), fr.EXPORT_FILTER):
            self.save(Path(name))

    def _copy(self) -> None:
        """One line a result: what a note can take."""
        if self.series:
            lines = [f"{self.series.label} :"]
            lines += ["- " + ", ".join(part for part in cells if part) for cells in map(self._cells, self.model.points)]
            clipboard.put("\n".join(lines) + "\n")
            self._say(fr.COPIED)

    def _cells(self, point: LabPoint) -> tuple[str, ...]:
        return cells_of(point, self.series.unit if self.series else "")

    def _say(self, words: str, role: str = "muted") -> None:
        self.said.set_role(role)
        self.said.setText(words)
