"""Rows of words that the DMP told, in a table or as cards, narrowed by what is typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from dmp_desktop.ui.models.row_card import CARD_ROLE, RowCard

Index = QModelIndex | QPersistentModelIndex
SKELETON_ROWS = 6


@dataclass(frozen=True, slots=True, repr=False)
class ToldRow:
    """`of` is what the row is about, `searched` what typing looks into, folded."""

    of: object
    cells: tuple[str, ...]
    card: RowCard
    searched: str = ""


class ToldRows(QAbstractTableModel):
    """Skeleton rows while `loading`."""

    def __init__(self, columns: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns = columns
        self._told: Sequence[ToldRow] = ()
        self._sought = ""
        self.rows: list[ToldRow] = []
        self.loading = False

    @property
    def told(self) -> Sequence[ToldRow]:
        """All of them, whatever is typed."""
        return self._told

    @property
    def total(self) -> int:
        """Rows told, those that what is typed leaves out included."""
        return len(self._told)

    def show(self, rows: Sequence[ToldRow], *, loading: bool = False) -> None:
        self.beginResetModel()
        self._told, self.loading = rows, loading
        self._choose()
        self.endResetModel()

    def narrow(self, sought: str) -> None:
        """Rows in which each word typed begins a word; `sought` is folded."""
        self.beginResetModel()
        self._sought = sought
        self._choose()
        self.endResetModel()

    def row(self, index: Index) -> ToldRow | None:
        return self.rows[index.row()] if index.isValid() and index.row() < len(self.rows) else None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        if parent.isValid():
            return 0
        return SKELETON_ROWS if self.loading else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        if role == Qt.ItemDataRole.DisplayRole and orientation is Qt.Orientation.Horizontal:
            return self._columns[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.row(index)
        if row is None:
            return None
        if role == CARD_ROLE:
            return row.card
        if role == Qt.ItemDataRole.DisplayRole:
            return row.cells[index.column()]
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            words = ", ".join(cell for cell in row.cells if cell)
            return escape(words) if role == Qt.ItemDataRole.ToolTipRole else words  # Qt reads tool tips as rich text
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        return Qt.ItemFlag.NoItemFlags if self.row(index) is None else super().flags(index)

    def _choose(self) -> None:
        words = [f" {word}" for word in self._sought.split()]
        self.rows = [row for row in self._told if all(word in f" {row.searched}" for word in words)]
