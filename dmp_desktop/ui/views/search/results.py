"""What a search found, in place of the tab: how much, where it looked, filters, one line a document."""

from __future__ import annotations

from datetime import timedelta

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QListView,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.domain.ports import Clock
from dmp_desktop.domain.search import SearchFilters
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.ui import strings_viewer_fr as fr
from dmp_desktop.ui.models.documents import plain, type_label
from dmp_desktop.ui.views.search.hits import HitDelegate, HitsModel
from dmp_desktop.ui.views.search.searching import Found, Searching
from dmp_desktop.ui.widgets.labels import PlainLabel
from dmp_desktop.ui.widgets.still_box import StillBox


class SearchResults(QWidget):
    """Emits the row chosen, and that a filter changed."""

    chosen = Signal(int)
    filtered = Signal()
    left = Signal()

    def __init__(self, searching: Searching, clock: Clock, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._searching, self._clock = searching, clock
        self._types: dict[str, tuple[str, ...]] = {}
        self.model = HitsModel(self)
        self.count = PlainLabel(wrap=True)
        self.count.setProperty("strong", True)
        self.reach = PlainLabel(role="muted", wrap=True)
        self.rest = QPushButton(fr.READ_REST)
        self.rest.setToolTip(fr.READ_REST_TIP)
        self.rest.clicked.connect(self._read_or_stop)
        self.type_box, self.period_box, self.author_box = StillBox(), StillBox(), StillBox()
        for label, days in fr.PERIODS:
            self.period_box.addItem(label, days)
        self.list = QListView()
        self.list.setModel(self.model)
        self.list.setItemDelegate(HitDelegate(self.list))
        self.list.setAccessibleName(fr.RESULTS_NAME)
        self.list.setMouseTracking(True)
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.clicked.connect(self._choose)
        self.list.activated.connect(self._choose)
        self._lay_out()
        searching.reading.connect(self._show_reading)

    def _lay_out(self) -> None:
        gap = self.fontMetrics().averageCharWidth()
        grid = QGridLayout()
        boxes = (
            (fr.SEARCH_TYPE, self.type_box),
            (fr.SEARCH_PERIOD, self.period_box),
            (fr.SEARCH_AUTHOR, self.author_box),
        )
        for column, (name, box) in enumerate(boxes):
            box.setAccessibleName(name)
            box.setToolTip(name)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(4)
            box.activated.connect(self.filtered)
            grid.addWidget(box, 0, column)
            grid.setColumnStretch(column, 1)
        reached = QHBoxLayout()
        reached.addWidget(self.reach, 1)
        reached.addWidget(self.rest)
        column_ = QVBoxLayout(self)
        column_.setContentsMargins(gap, gap // 2, gap, 0)
        column_.addLayout(grid)
        column_.addWidget(self.count)
        column_.addLayout(reached)
        column_.addWidget(self.list, 1)

    @property
    def filters(self) -> SearchFilters:
        days = self.period_box.currentData()
        return SearchFilters(
            type_codes=self._types.get(self.type_box.currentData() or "", ()),
            created_from=self._clock.now() - timedelta(days=days) if days else None,
            authors=(self.author_box.currentData(),) if self.author_box.currentData() else (),
        )

    def offer(self, entries: list[DocumentEntry]) -> None:
        """The types and authors of the record."""
        types: dict[str, set[str]] = {}
        for entry in entries:
            types.setdefault(type_label(entry), set()).add(entry.type_code.code)
        self._types = {label: tuple(sorted(codes)) for label, codes in types.items()}
        authors = {author.display_name for entry in entries for author in entry.authors} - {""}
        for box, first, values in (
            (self.type_box, fr.ALL_TYPES, set(types)),
            (self.author_box, fr.ALL_AUTHORS, authors),
        ):
            chosen = box.currentData()
            box.clear()
            box.addItem(first, "")
            for value in sorted(values, key=plain):
                box.addItem(value, value)
            box.setCurrentIndex(max(box.findData(chosen), 0) if chosen else 0)

    def forget(self) -> None:
        """Nothing of the record stays."""
        self.model.show((), {})
        self.offer([])
        self.period_box.setCurrentIndex(0)
        for label in (self.count, self.reach):
            label.clear()

    def wait(self) -> None:
        if not self.model.hits:
            self.count.setText(fr.SEARCHING)

    def show_found(self, found: Found) -> None:
        current = self.list.currentIndex().row()
        before = self.model.hits[current].unique_id if 0 <= current < len(self.model.hits) else ""
        self.model.show(found.hits, self._searching.entries)
        hits = self.model.hits
        if hits:
            self.count.setText(fr.hits(len(hits), sum(hit.count for hit in hits)))
            again = next((row for row, hit in enumerate(hits) if hit.unique_id == before), 0)
            self.list.setCurrentIndex(self.model.index(again, 0))
        else:
            none = fr.FOUND_NONE if self.filters == SearchFilters() else fr.FOUND_NONE_FILTERED
            self.count.setText(none.format(found.words.strip()))
        self.reach.setText(fr.read_of(found.read, found.total))
        self.reach.set_role("warning" if found.read < found.total else "muted")
        self.rest.setVisible(found.read < found.total or self._searching.is_reading)

    def show_failure(self, error: DmpDesktopError) -> None:
        self.count.setText(fr.SEARCH_FAILED.format(error.why_fr))

    def step(self, rows: int) -> None:
        """The row above or below, from wherever the keys are typed."""
        row = max(0, min(self.list.currentIndex().row() + rows, len(self.model.hits) - 1))
        self.list.setCurrentIndex(self.model.index(row, 0))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def _choose(self, index: QModelIndex) -> None:
        self.chosen.emit(index.row())

    def _read_or_stop(self) -> None:
        if self._searching.is_reading:
            self._searching.stop_reading()
        else:
            self._searching.read_rest()

    def _show_reading(self, reading: bool) -> None:
        self.rest.setText(fr.STOP_READING if reading else fr.READ_REST)
