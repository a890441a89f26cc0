"""A list of the day's people that is read again under the cursor: whoever was chosen stays chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from dmp_desktop.services.front_desk import DeskLine
from dmp_desktop.ui import strings_desk_fr as fr
from dmp_desktop.ui.models.told_rows import ToldRow, ToldRows
from dmp_desktop.ui.widgets.row_card import RowCardDelegate
from dmp_desktop.ui.widgets.row_painting import CellDelegate, TitleDelegate
from dmp_desktop.ui.widgets.table_or_cards import TableOrCards

TABLE_FROM_CHARACTERS = 110
SHARES = {0: 30, 1: 17, 2: 8, 3: 34, 4: 26, 5: 16}


class DayListing(TableOrCards):
    """`chosen` tells the line under the cursor, `entered` the one Enter was pressed on, `pressed` a letter or a key of `keys`."""

    chosen = Signal(object)  # DeskLine, or None
    entered = Signal(object)

    def __init__(self, keys: Mapping[Qt.Key, Callable[[], None]], parent: QWidget | None = None) -> None:
        self.model = ToldRows(fr.COLUMNS)
        super().__init__(self.model, fr.LIST_NAME, RowCardDelegate, {}, SHARES, TABLE_FROM_CHARACTERS, parent)
        self.model.setParent(self)
        self._keys = keys
        self._quiet = False
        self.table.setItemDelegate(CellDelegate(self.table))
        self._titles = TitleDelegate(self.table)  # the view does not keep it
        self.table.setItemDelegateForColumn(0, self._titles)
        self.table.setSelectionBehavior(self.table.SelectionBehavior.SelectRows)
        for view in (self.cards, self.table):
            view.installEventFilter(self)
        self.cards.selectionModel().currentChanged.connect(self._moved)

    @property
    def line(self) -> DeskLine | None:
        """The one under the cursor."""
        return self._line(self.view.currentIndex())

    def show_rows(self, rows: Sequence[ToldRow]) -> None:
        """The cursor stays on the same appointment, or at the same place where it is gone; so does what is in sight: of both, the
        cursor, if it was."""
        before, place = self.line, self.view.currentIndex().row()
        in_sight = self.view.viewport().rect().intersects(self.view.visualRect(self.view.currentIndex()))
        bar = self.view.verticalScrollBar()
        scrolled = bar.value()
        self._quiet = True
        self.model.show(rows)
        kept = self._place_of(before.arrival.arrival_id) if before else -1
        if kept < 0 and before is not None and rows:
            kept = min(place, len(rows) - 1)
        if kept >= 0:
            index = self.model.index(kept, 0)
            self.cards.setCurrentIndex(index)
            self.table.selectRow(kept)
        bar.setValue(scrolled)
        if kept >= 0 and in_sight:
            self.view.scrollTo(self.model.index(kept, 0))
        self._quiet = False
        self.chosen.emit(self.line)

    def choose(self, arrival_id: str) -> None:
        """The cursor on this appointment, if it is there."""
        place = self._place_of(arrival_id)
        if place >= 0:
            self.view.setCurrentIndex(self.model.index(place, 0))
            self.view.scrollTo(self.model.index(place, 0))

    def lead(self) -> None:
        """The keyboard to the list, on its first row if it is on none."""
        self.view.setFocus()
        if self.model.rows and not self.view.currentIndex().isValid():
            self.view.setCurrentIndex(self.model.index(0, 0))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Letters are acts here, not a search in the list."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
            key = Qt.Key(event.key())
            if plain and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                if self.line is not None:
                    self.entered.emit(self.line)
                return True
            if plain and key in self._keys:
                self._keys[key]()
                return True
        return super().eventFilter(watched, event)

    def _moved(self, _now: QModelIndex) -> None:
        if not self._quiet:
            self.chosen.emit(self.line)

    def _line(self, index: QModelIndex) -> DeskLine | None:
        row = self.model.row(index)
        return row.of if row is not None and isinstance(row.of, DeskLine) else None

    def _place_of(self, arrival_id: str) -> int:
        for place, row in enumerate(self.model.rows):
            if isinstance(row.of, DeskLine) and row.of.arrival.arrival_id == arrival_id:
                return place
        return -1
