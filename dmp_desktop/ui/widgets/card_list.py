"""A list of two-line rows that is laid out in slices: thousands of rows never stop the window."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QListView, QWidget

from dmp_desktop.ui.widgets.row_card import CardsView, RowCardDelegate

LAID_OUT_AT_ONCE = 250
"""Rows: Qt asks the model twice for each; 2,000 in one go took 15 ms on an idle machine."""


class CardList(CardsView):
    """`reveal` scrolls to a row once it has its place, which with many rows is a few slices later."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._wanted = QPersistentModelIndex()
        self.setUniformItemSizes(True)
        self.setLayoutMode(QListView.LayoutMode.Batched)
        self.setBatchSize(LAID_OUT_AT_ONCE)
        self.setItemDelegate(RowCardDelegate(self))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def reveal(self, index: QModelIndex) -> None:
        self._wanted = QPersistentModelIndex(index)
        self._scroll()

    def updateGeometries(self) -> None:
        """Called by Qt when all rows have their place."""
        super().updateGeometries()
        self._scroll()

    def _scroll(self) -> None:
        wanted = self.model().index(self._wanted.row(), 0) if self._wanted.isValid() else QModelIndex()
        if wanted.isValid() and not self.visualRect(wanted).isEmpty():
            self._wanted = QPersistentModelIndex()
            self.scrollTo(wanted)
