"""Rows as a table where there is room, as one card each in the docked panel: one model, one selection."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QAbstractTableModel, QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemDelegate,
    QAbstractItemView,
    QHeaderView,
    QStackedWidget,
    QTableView,
    QWidget,
)

from dmp_desktop.ui.widgets.row_card import CardsView


class TableOrCards(QStackedWidget):
    """Emits the index asked for, by one click or Enter; in the cards its column is the first one.

    `widths` gives the columns' in characters, `shares` how the others part the rest, `from_characters` the width below which
    rows are cards.
    """

    asked = Signal(QModelIndex)

    def __init__(
        self,
        model: QAbstractTableModel,
        name: str,
        cards: type[QAbstractItemDelegate],
        widths: Mapping[int, int],
        shares: Mapping[int, int],
        from_characters: int,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._from = from_characters
        self.cards = CardsView()
        self.cards.setItemDelegate(cards(self.cards))
        self.cards.setUniformItemSizes(True)
        self.cards.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.table = _Table(shares)
        for view in (self.cards, self.table):
            self._prepare(view, model, name)
            self.addWidget(view)
        self.table.setSelectionModel(self.cards.selectionModel())
        self._dress(widths)

    @property
    def narrow(self) -> bool:
        return self.width() < self._from * self.fontMetrics().averageCharWidth()

    @property
    def view(self) -> QAbstractItemView:
        return self.cards if self.narrow else self.table

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.currentWidget() is not self.view:
            focused = self.cards.hasFocus() or self.table.hasFocus()
            self.setCurrentWidget(self.view)
            self._select_row()
            if focused:
                self.view.setFocus()

    def _select_row(self) -> None:
        """Cards have one column: what was chosen there is a whole row of the table, where that selects rows."""
        index = self.table.currentIndex()
        if index.isValid() and self.table.selectionBehavior() is QAbstractItemView.SelectionBehavior.SelectRows:
            flags = QItemSelectionModel.SelectionFlag
            self.table.selectionModel().select(index, flags.ClearAndSelect | flags.Rows)

    def _prepare(self, view: QAbstractItemView, model: QAbstractTableModel, name: str) -> None:
        view.setModel(model)
        view.setAccessibleName(name)
        view.setMouseTracking(True)
        view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.clicked.connect(self.asked)
        view.activated.connect(self.asked)

    def _dress(self, widths: Mapping[int, int]) -> None:
        table = self.table
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        table.setWordWrap(False)
        table.verticalHeader().hide()
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() * 2)
        header = table.horizontalHeader()
        header.setHighlightSections(False)  # in bold they would be cut
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for column, characters in widths.items():
            table.setColumnWidth(column, characters * table.fontMetrics().averageCharWidth())


class _Table(QTableView):
    """Columns named in `shares` part what the others leave, in these proportions."""

    def __init__(self, shares: Mapping[int, int], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shares = shares
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        columns = range(self.model().columnCount())
        left = self.viewport().width() - sum(self.columnWidth(one) for one in columns if one not in self._shares)
        parts = sum(self._shares.values())
        for column, share in self._shares.items():
            width = max(left, 0) * share // parts
            self.setColumnWidth(column, width)
            left, parts = left - width, parts - share
