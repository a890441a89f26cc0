"""The list of documents as a lazy table: texts are made when a row is painted, sorting and filtering are plain Python."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from html import escape
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from dmp_desktop.domain.documents import Association, DocumentEntry
from dmp_desktop.services.folding import Row, fold
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui import strings_viewer_fr as viewer_fr
from dmp_desktop.ui.models.document_filter import Filter, Group, Searched
from dmp_desktop.ui.models.document_lines import Column, Line, cell_words, spoken
from dmp_desktop.ui.models.document_texts import (
    author_label,
    by_patient,
    card_of,
    plain,
    state_label,
    state_words,
    type_label,
)
from dmp_desktop.ui.models.row_card import CARD_ROLE

__all__ = [
    "Column", "DocumentsModel", "Filter", "author_label", "by_patient", "card_of", "plain", "state_label", "state_words",
    "type_label",
]  # fmt: skip

Index = QModelIndex | QPersistentModelIndex
NO_INDEX = QModelIndex()

ENTRY_ROLE = Qt.ItemDataRole.UserRole + 1
SKELETON_ROWS = 8
FOLDED_MARK, UNFOLDED_MARK = "▸ ", "▾ "
_ROLES = frozenset(
    (
        Qt.ItemDataRole.DisplayRole,
        Qt.ItemDataRole.ToolTipRole,
        Qt.ItemDataRole.AccessibleTextRole,
        ENTRY_ROLE,
        CARD_ROLE,
    )
)


COLUMN_COUNT = len(Column)
"""Asked for thousands of times at each change: not counted again."""


_WHOLE_ROW_ROLES = frozenset((Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole))
"""Of the first column, the only one that a card has."""


class DocumentsModel(QAbstractTableModel):
    """Rows shown = those arrived that pass the filter, in order, pinned first. Skeletons while loading with none yet.

    `whole` once a list came to its end: until then nobody knows how many documents there are, not even that there are none.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.entries: list[DocumentEntry] = []
        self.lines: list[Line] = []
        self.loading = False
        self.whole = False
        self.filter = Filter()
        self._links: tuple[Association, ...] = ()
        self._pins: frozenset[str] = frozenset()
        self._at_hand: frozenset[str] | None = None
        self._unfolded: set[str] = set()
        self._searched: dict[str, Searched] = {}
        self._values: tuple[Searched, ...] = ()
        self._groups: list[Group] = []
        self._column = Column.DATE
        self._order = Qt.SortOrder.DescendingOrder

    @property
    def skeleton(self) -> bool:
        return self.loading and not self.entries

    @property
    def shown(self) -> list[DocumentEntry]:
        return [line.entry for line in self.lines]

    @property
    def passing(self) -> int:
        """Documents that the rows shown stand for."""
        return sum([1 + len(line.row.folded) for line in self.lines if line.reason is None])

    def start(self) -> None:
        """Forgets all rows: a list begins to arrive."""
        self._links, self._unfolded, self._at_hand, self.whole = (), set(), None, False
        self._set([], loading=True)

    def clear(self) -> None:
        self.start()
        self._set([], loading=False)

    def add(self, rows: Sequence[DocumentEntry]) -> None:
        """Some rows arrived; those already there (same version) are not doubled."""
        self._set([*self.entries, *(row for row in rows if row.unique_id not in self._searched)], loading=True)

    def complete(self, rows: Sequence[DocumentEntry], links: Iterable[Association] = ()) -> None:
        """The whole list (a RecordList tells what is at hand when the DMP is out of reach); `links` tell versions and what was
        sent together, when they were asked for."""
        self._links, self.whole = tuple(links), True
        self._at_hand = getattr(rows, "at_hand", None)
        self._set(list(rows), loading=False)

    def stop(self) -> None:
        """The list stopped arriving (failure): what is there stays."""
        self._set(self.entries, loading=False)

    def set_pins(self, pins: Collection[str]) -> None:
        if self._pins != frozenset(pins):
            self._pins = frozenset(pins)
            self._set(self.entries, loading=self.loading)

    def set_filter(self, wanted: Filter) -> None:
        self.filter = wanted
        self._show()

    def set_unfolded(self, row: int, unfolded: bool) -> None:
        """Shows or hides what is under a row, in place."""
        line = self.lines[row]
        if not line.row.folded or unfolded is self.is_unfolded(row):
            return
        head = line.row.entry.unique_id
        place = next(number for number, one in enumerate(self.lines) if one.row is line.row)
        under = [Line(one.entry, line.row, one.reason) for one in line.row.folded]
        if unfolded:
            self.beginInsertRows(NO_INDEX, place + 1, place + len(under))
            self._unfolded.add(head)
            self.lines[place + 1 : place + 1] = under
            self.endInsertRows()
        else:
            self.beginRemoveRows(NO_INDEX, place + 1, place + len(under))
            self._unfolded.discard(head)
            del self.lines[place + 1 : place + 1 + len(under)]
            self.endRemoveRows()
        self.dataChanged.emit(self.index(place, 0), self.index(place, COLUMN_COUNT - 1))

    def is_unfolded(self, row: int) -> bool:
        return self.lines[row].row.entry.unique_id in self._unfolded

    def unfold_to(self, unique_id: str) -> int:
        """The line of a document, unfolded when it is under another; -1 when it is not listed."""
        row = self.row_of(unique_id)
        if row >= 0:
            return row
        for number, line in enumerate(self.lines):
            if any(one.entry.unique_id == unique_id for one in line.row.folded):
                self.set_unfolded(number, True)
                return self.row_of(unique_id)
        return -1

    def row_of(self, unique_id: str) -> int:
        return next((row for row, line in enumerate(self.lines) if line.entry.unique_id == unique_id), -1)

    def row_with(self, unique_id: str) -> Row | None:
        """The row a document is in, shown or not."""
        for group in self._groups:
            row = group.row
            if row.entry.unique_id == unique_id or any(one.entry.unique_id == unique_id for one in row.folded):
                return row
        return None

    def line(self, index: Index) -> Line | None:
        return self.lines[index.row()] if index.isValid() and not self.skeleton else None

    def entry(self, index: Index) -> DocumentEntry | None:
        line = self.line(index)
        return line.entry if line else None

    def searched(self) -> Collection[Searched]:
        """All documents, with the values filters offer; another collection once they changed."""
        return self._values

    def told(self, column: Column) -> set[str]:
        """The different words of a column, whatever the filter shows, but dates and titles: those hardly come twice."""
        if column is Column.TYPE:
            return {one.type for one in self._values}
        if column is Column.AUTHOR:
            return {author for one in self._values for author in one.authors[:1]}
        states = {str(one.keys[Column.STATE]) for one in self._values}
        if self._at_hand is not None:
            states |= {f"{viewer_fr.NOT_HERE}, {state}" for state in states}
        heads = (Line(group.row.entry, group.row) for group in self._groups)
        said = (line for line in heads if line.row.pinned or line.row.folded or line.row.siblings)
        return states | {cell_words(line, column, more=self.missing(line)) for line in said}

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._column, self._order = Column(column), order
        self._show()

    def rowCount(self, parent: Index = NO_INDEX) -> int:
        if parent.isValid():
            return 0
        return SKELETON_ROWS if self.skeleton else len(self.lines)

    def columnCount(self, parent: Index = NO_INDEX) -> int:
        return 0 if parent.isValid() else COLUMN_COUNT

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return fr.COLUMNS[section]
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        return Qt.ItemFlag.NoItemFlags if self.skeleton else super().flags(index)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        line = self.line(index) if role in _ROLES else None  # most of what a table asks for, it gets from its own style
        if line is None:
            return None
        if role == ENTRY_ROLE:
            return line.entry
        if role == CARD_ROLE:
            row = None if line.reason else line.row
            return card_of(line.entry, row, line.reason, self._mark(index.row()), self.missing(line))
        column = Column(index.column())
        told = spoken(line, self.missing(line)) if column is Column.DATE and role in _WHOLE_ROW_ROLES else ""
        words = told or cell_words(line, column, self._mark(index.row()), self.missing(line))
        return escape(words) if role == Qt.ItemDataRole.ToolTipRole else words  # Qt reads tool tips as rich text

    def missing(self, line: Line) -> tuple[str, ...]:
        """What is said of a document that cannot be read until the DMP answers again."""
        here = self._at_hand is None or line.entry.unique_id in self._at_hand
        return () if here else (viewer_fr.NOT_HERE,)

    def _mark(self, row: int) -> str:
        line = self.lines[row]
        if line.reason or not line.row.folded:
            return ""
        return UNFOLDED_MARK if self.is_unfolded(row) else FOLDED_MARK

    def _set(self, entries: list[DocumentEntry], *, loading: bool) -> None:
        known = self._searched
        searched = {}
        for entry in entries:
            one = known.get(entry.unique_id)
            searched[entry.unique_id] = one if one and one.entry is entry else Searched(entry)
        rows = fold(entries, self._links, self._pins)
        groups = [
            Group(row, (searched[row.entry.unique_id], *(searched[one.entry.unique_id] for one in row.folded)))
            for row in rows
        ]
        self._show(entries, searched, groups, loading=loading)

    def _show(
        self,
        entries: list[DocumentEntry] | None = None,
        searched: dict[str, Searched] | None = None,
        groups: list[Group] | None = None,
        *,
        loading: bool | None = None,
    ) -> None:
        """The rows that pass, in order; of what is given, else of what is there."""
        groups = self._groups if groups is None else groups
        passing = self.filter.passing(groups)
        passing.sort(key=_by(Column.DATE), reverse=True)
        if self._column is not Column.DATE or self._order is Qt.SortOrder.AscendingOrder:
            passing.sort(key=_by(self._column), reverse=self._order is Qt.SortOrder.DescendingOrder)
        if self._pins:
            passing.sort(key=lambda group: not group.row.pinned)
        lines = []
        for group in passing:
            row = group.row
            lines.append(Line(row.entry, row))
            if row.folded and row.entry.unique_id in self._unfolded:
                lines += [Line(one.entry, row, one.reason) for one in row.folded]
        self.beginResetModel()
        if entries is not None and searched is not None:
            self.entries, self._searched, self._values = entries, searched, tuple(searched.values())
        self.loading = self.loading if loading is None else loading
        self._groups, self.lines = groups, lines
        self.endResetModel()
        self.changed.emit()


def _by(column: Column) -> Callable[[Group], Any]:
    return lambda group: group.head.keys[column]
