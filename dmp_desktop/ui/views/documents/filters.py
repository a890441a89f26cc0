"""Which documents are listed and in what order: type, author, sort. The words come from the window's search line."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QPushButton, QWidget

from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui.models.documents import Column, DocumentsModel, Filter
from dmp_desktop.ui.widgets.labels import PlainLabel

SORTS = (
    (Column.DATE, Qt.SortOrder.DescendingOrder),
    (Column.DATE, Qt.SortOrder.AscendingOrder),
    (Column.TYPE, Qt.SortOrder.AscendingOrder),
    (Column.TITLE, Qt.SortOrder.AscendingOrder),
    (Column.AUTHOR, Qt.SortOrder.AscendingOrder),
)


class Filters(QWidget):
    """Keeps its choices while rows arrive. `cleared` tells that everything is to be shown again."""

    cleared = Signal()

    def __init__(self, model: DocumentsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._words = ""
        self.type_box, self.author_box, self.sort_box = QComboBox(), QComboBox(), QComboBox()
        self.sort_box.addItems(fr.SORTS)
        self.count = PlainLabel(role="muted")
        self.clear_button = QPushButton(fr.CLEAR_FILTER)
        self.clear_button.clicked.connect(self.clear)
        self._lay_out()
        self.type_box.activated.connect(self._apply)
        self.author_box.activated.connect(self._apply)
        self.sort_box.activated.connect(self._sort)
        model.changed.connect(self._follow)
        self._follow()

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        pairs = ((fr.FILTER_TYPE, self.type_box), (fr.FILTER_AUTHOR, self.author_box), (fr.SORT, self.sort_box))
        for column, (name, box) in enumerate(pairs):
            box.setAccessibleName(name)
            box.setToolTip(name)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(6)
            grid.addWidget(box, 0, column)
            grid.setColumnStretch(column, 1)
        grid.addWidget(self.count, 1, 0, 1, 2)
        grid.addWidget(self.clear_button, 1, 2)

    def set_words(self, words: str) -> None:
        self._words = words
        self._apply()

    def clear(self) -> None:
        self.type_box.setCurrentIndex(0)
        self.author_box.setCurrentIndex(0)
        self._words = ""
        self._apply()
        self.cleared.emit()

    def show_sort(self, column: int, order: Qt.SortOrder) -> None:
        """The table's heading was clicked: the box follows, or shows nothing for an order it does not name."""
        wanted = (Column(column), order)
        self.sort_box.setCurrentIndex(SORTS.index(wanted) if wanted in SORTS else -1)

    @property
    def active(self) -> bool:
        return bool(self._words or self.type_box.currentIndex() > 0 or self.author_box.currentIndex() > 0)

    def _apply(self) -> None:
        self._model.set_filter(
            Filter(self._words, self.type_box.currentData() or "", self.author_box.currentData() or "")
        )

    def _sort(self, chosen: int) -> None:
        self._model.sort(*SORTS[chosen])

    def _follow(self) -> None:
        _fill(self.type_box, fr.ALL_TYPES, self._model.types())
        _fill(self.author_box, fr.ALL_AUTHORS, self._model.authors())
        shown, total = len(self._model.shown), len(self._model.entries)
        if self._model.skeleton:
            self.count.setText(fr.LOADING_ROWS)
        elif shown < total:
            self.count.setText(fr.SHOWN_OF.format(shown=shown, total=total))
        else:
            self.count.setText(fr.documents(total))
        self.clear_button.setVisible(self.active)


def _fill(box: QComboBox, first: str, values: Sequence[str]) -> None:
    """The values found so far, the choice kept. A choice whose value is gone falls back to all."""
    if [box.itemData(i) for i in range(1, box.count())] == list(values) and box.count():
        return
    chosen = box.currentData()
    box.clear()
    box.addItem(first, "")
    for value in values:
        box.addItem(value, value)
    box.setCurrentIndex(max(box.findData(chosen), 0) if chosen else 0)
