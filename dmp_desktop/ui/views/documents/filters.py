"""Which documents are listed and in what order: words, the criteria of TD3.1, sort. What is chosen stands as chips to remove."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from dmp_desktop.domain.ports import Clock
from dmp_desktop.ui import formats
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui import strings_viewer_fr as viewer_fr
from dmp_desktop.ui.models.document_filter import Filter, Searched
from dmp_desktop.ui.models.documents import Column, DocumentsModel, plain
from dmp_desktop.ui.widgets.flow import Flow
from dmp_desktop.ui.widgets.labels import PlainLabel
from dmp_desktop.ui.widgets.still_box import StillBox

SORTS = (
    (Column.DATE, Qt.SortOrder.DescendingOrder),
    (Column.DATE, Qt.SortOrder.AscendingOrder),
    (Column.TYPE, Qt.SortOrder.AscendingOrder),
    (Column.TITLE, Qt.SortOrder.AscendingOrder),
    (Column.AUTHOR, Qt.SortOrder.AscendingOrder),
)
_Values = Callable[[Searched], Iterable[str]]


class Filters(QWidget):
    """Keeps its choices while rows arrive. `cleared` tells that everything is to be shown again."""

    cleared = Signal()

    def __init__(self, model: DocumentsModel, clock: Clock, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model, self._clock = model, clock
        self._offered: Collection[Searched] | None = None
        self.words = QLineEdit()
        self.words.setPlaceholderText(viewer_fr.LIST_WORDS)
        self.words.setAccessibleName(viewer_fr.LIST_WORDS_NAME)
        self.words.setClearButtonEnabled(True)
        self.type_box, self.class_box, self.author_box = StillBox(), StillBox(), StillBox()
        self.state_box, self.visibility_box = StillBox(), StillBox()
        self.practice_box, self.facility_box, self.event_box = StillBox(), StillBox(), StillBox()
        self.format_box, self.sort_box = StillBox(), StillBox()
        self.period_box, self.act_box = StillBox(), StillBox()
        self.sort_box.addItems(fr.SORTS)
        for box, periods in ((self.period_box, viewer_fr.PERIODS), (self.act_box, viewer_fr.ACT_PERIODS)):
            for label, days in periods:
                box.addItem(label, days)
        self._boxes: tuple[tuple[QComboBox, str, str, _Values], ...] = (
            (self.type_box, fr.FILTER_TYPE, fr.ALL_TYPES, lambda one: (one.type,)),
            (self.class_box, viewer_fr.FILTER_CLASS, viewer_fr.ALL_CLASSES, lambda one: (one.class_label,)),
            (self.author_box, fr.FILTER_AUTHOR, fr.ALL_AUTHORS, lambda one: one.authors),
            (self.state_box, viewer_fr.FILTER_STATE, viewer_fr.ALL_STATES, lambda one: (one.state,)),
            (self.visibility_box, viewer_fr.FILTER_VISIBILITY, viewer_fr.ALL_VISIBILITIES, lambda one: one.visibility),
            (self.practice_box, viewer_fr.FILTER_PRACTICE, viewer_fr.ALL_PRACTICES, lambda one: (one.practice,)),
            (self.facility_box, viewer_fr.FILTER_FACILITY, viewer_fr.ALL_FACILITIES, lambda one: (one.facility,)),
            (self.event_box, viewer_fr.FILTER_EVENT, viewer_fr.ALL_EVENTS, lambda one: one.events),
            (self.format_box, viewer_fr.FILTER_FORMAT, viewer_fr.ALL_FORMATS, lambda one: (one.format,)),
        )
        self.more = QToolButton()
        self.more.setText(viewer_fr.FILTERS)
        self.more.setToolTip(viewer_fr.FILTERS_TIP)
        self.more.setCheckable(True)
        self.panel = QWidget(self)
        self.chips = Flow()
        self.count = PlainLabel(role="muted")
        self.clear_button = QPushButton(fr.CLEAR_FILTER)
        self._lay_out()
        self._connect()
        self._follow()

    def _lay_out(self) -> None:
        gap = self.fontMetrics().averageCharWidth()
        first = QHBoxLayout()
        first.addWidget(self.words, 1)
        first.addWidget(self.sort_box)
        first.addWidget(self.more)
        grid = QGridLayout(self.panel)
        grid.setContentsMargins(0, 0, 0, 0)
        named = {box: name for box, name, _all, _values in self._boxes}
        named |= {self.period_box: viewer_fr.FILTER_PERIOD, self.act_box: viewer_fr.FILTER_ACT}
        for place, box in enumerate(self._criteria):
            _prepare(box, named[box])
            grid.addWidget(box, place // 3, place % 3)
            grid.setColumnStretch(place % 3, 1)
        _prepare(self.sort_box, fr.SORT)
        self.sort_box.setMinimumContentsLength(10)
        last = self.last = QHBoxLayout()
        last.addWidget(self.count, 1)
        last.addWidget(self.clear_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(gap // 2)
        column.addLayout(first)
        column.addWidget(self.panel)
        column.addWidget(self.chips)
        column.addLayout(last)
        self.panel.hide()

    @property
    def _criteria(self) -> tuple[QComboBox, ...]:
        """As they stand, and their chips."""
        return (
            self.type_box, self.class_box, self.period_box, self.author_box, self.state_box, self.visibility_box,
            self.act_box, self.practice_box, self.facility_box, self.event_box, self.format_box,
        )  # fmt: skip

    def put(self, widget: QWidget) -> None:
        """Under the criteria: what asks the DMP for more documents."""
        layout = self.panel.layout()
        if isinstance(layout, QGridLayout):
            layout.addWidget(widget, layout.rowCount(), 0, 1, 3)

    def _connect(self) -> None:
        self.words.textChanged.connect(lambda _words: self._apply())
        self.more.toggled.connect(self.panel.setVisible)
        self.clear_button.clicked.connect(self.clear)
        for box in self._criteria:
            box.activated.connect(self._apply)
        self.sort_box.activated.connect(self._sort)
        self._model.changed.connect(self._follow)

    def clear(self) -> None:
        for box in self._criteria:
            box.setCurrentIndex(0)
        self.words.blockSignals(True)
        self.words.clear()
        self.words.blockSignals(False)
        self._apply()
        self.cleared.emit()

    def show_sort(self, column: int, order: Qt.SortOrder) -> None:
        """The table's heading was clicked: the box follows, or shows nothing for an order it does not name."""
        wanted = (Column(column), order)
        self.sort_box.setCurrentIndex(SORTS.index(wanted) if wanted in SORTS else -1)

    @property
    def active(self) -> bool:
        return bool(self.words.text() or self._chosen())

    def _chosen(self) -> list[QComboBox]:
        return [box for box in self._criteria if box.currentIndex() > 0]

    def _apply(self) -> None:
        self._model.set_filter(
            Filter(
                words=self.words.text(),
                type_label=self.type_box.currentData() or "",
                author=self.author_box.currentData() or "",
                class_label=self.class_box.currentData() or "",
                created_from=self._since(self.period_box),
                acted_from=self._since(self.act_box),
                practice=self.practice_box.currentData() or "",
                facility=self.facility_box.currentData() or "",
                event=self.event_box.currentData() or "",
                format=self.format_box.currentData() or "",
                state=self.state_box.currentData() or "",
                visibility=self.visibility_box.currentData() or "",
            )
        )

    def _since(self, box: QComboBox) -> datetime | None:
        days = box.currentData()
        return self._clock.now() - timedelta(days=days) if days else None

    def _sort(self, chosen: int) -> None:
        self._model.sort(*SORTS[chosen])

    def _follow(self) -> None:
        searched = self._model.searched()
        if searched is not self._offered:  # not at each key typed: 2,000 documents are gone through
            self._offered = searched
            for box, _name, first, values in self._boxes:
                _fill(box, first, {value for one in searched for value in values(one) if value})
        shown, total = self._model.passing, len(self._model.entries)
        rows = sum(line.reason is None for line in self._model.lines)
        if self._model.skeleton:
            self.count.setText(fr.LOADING_ROWS)
        elif not total:
            self.count.clear()  # the list says why it is empty: nothing in the record, or not read
        elif not (self._model.whole or self._model.loading):
            self.count.setText(viewer_fr.LIST_CUT.format(fr.documents(total)))
        elif shown < total:
            self.count.setText(fr.SHOWN_OF.format(shown=shown, total=total))
        elif rows < total:
            self.count.setText(viewer_fr.ROWS_OF.format(rows=rows, documents=fr.documents(total)))
        else:
            self.count.setText(fr.documents(total))
        self.clear_button.setVisible(self.active)
        self._show_chips()

    def _show_chips(self) -> None:
        chosen = self._chosen()
        if [box.currentText() for box in chosen] == [chip.property("value") for chip in self.chips.widgets]:
            return
        self.chips.clear()
        for box in chosen:
            chip = QToolButton()
            chip.setObjectName("chip")
            chip.setProperty("value", box.currentText())
            chip.setText(formats.button_text(viewer_fr.CHIP.format(box.currentText())))
            chip.setAccessibleName(viewer_fr.CHIP_NAME.format(box.currentText()))
            chip.clicked.connect(lambda _checked=False, box=box: self._remove(box))
            self.chips.add(chip)
        self.chips.setVisible(bool(chosen))

    def _remove(self, box: QComboBox) -> None:
        box.setCurrentIndex(0)
        self._apply()


def _prepare(box: QComboBox, name: str) -> None:
    box.setAccessibleName(name)
    box.setToolTip(name)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(4)


def _fill(box: QComboBox, first: str, found: set[str]) -> None:
    """The values found so far, the choice kept. A choice whose value is gone falls back to all."""
    if box.count() and box.property("values") == frozenset(found):
        return
    box.setProperty("values", frozenset(found))
    chosen = box.currentData()
    box.clear()
    box.addItem(first, "")
    for value in sorted(found, key=plain):
        box.addItem(value, value)
    box.setCurrentIndex(max(box.findData(chosen), 0) if chosen else 0)
