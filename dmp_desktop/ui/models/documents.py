"""The list of documents as a lazy table: texts are made when a row is painted, sorting and filtering are plain Python."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from html import escape
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from dmp_desktop.domain.documents import Availability, DocumentEntry
from dmp_desktop.ui import formats
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui.models.row_card import CARD_ROLE, RowCard, icon_of

Index = QModelIndex | QPersistentModelIndex
NO_INDEX = QModelIndex()

ENTRY_ROLE = Qt.ItemDataRole.UserRole + 1
SKELETON_ROWS = 8
_ROLES = frozenset(
    (
        Qt.ItemDataRole.DisplayRole,
        Qt.ItemDataRole.ToolTipRole,
        Qt.ItemDataRole.AccessibleTextRole,
        ENTRY_ROLE,
        CARD_ROLE,
    )
)

PATIENT_CLASS = "90"
"""classCode of documents put in by the patient (JDV_J06, EX_3.1-1040)."""


class Column(IntEnum):
    """Of the table, in the order of `strings_fr.COLUMNS`."""

    DATE = 0
    TYPE = 1
    TITLE = 2
    AUTHOR = 3
    STATE = 4


COLUMN_COUNT = len(Column)
"""Asked for thousands of times at each change: not counted again."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What a row must have. Words are looked for without case or accents; empty means no restriction."""

    words: str = ""
    type_label: str = ""
    author: str = ""

    def passing(self, rows: Sequence[Row]) -> list[Row]:
        words = plain(self.words).split()
        if self.type_label:
            rows = [row for row in rows if row.type == self.type_label]
        if self.author:
            rows = [row for row in rows if row.author == self.author]
        for word in words:
            rows = [row for row in rows if word in row.words]
        return list(rows)


class Row:
    """A document with what it is filtered and sorted by, made once when it arrives: 2,000 are compared at each key typed."""

    __slots__ = ("author", "entry", "keys", "type", "words")

    def __init__(self, entry: DocumentEntry) -> None:
        self.entry = entry
        self.type = type_label(entry)
        self.author = author_label(entry)
        kind, title, author = plain(self.type), plain(entry.title), plain(self.author)
        institutions = (plain(one.institution) for one in entry.authors)
        self.words = " ".join((title, kind, author, *institutions))
        self.keys = (entry.creation_time, kind, title, author, state_label(entry))
        """By column."""


class DocumentsModel(QAbstractTableModel):
    """Rows shown = those arrived that pass the filter, in order. While loading with none yet, rows are skeletons."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.entries: list[DocumentEntry] = []
        self.shown: list[DocumentEntry] = []
        self.loading = False
        self._filter = Filter()
        self._rows: dict[str, Row] = {}
        self._column = Column.DATE
        self._order = Qt.SortOrder.DescendingOrder

    @property
    def skeleton(self) -> bool:
        return self.loading and not self.entries

    def start(self) -> None:
        """Forgets all rows: a list begins to arrive."""
        self._set([], loading=True)

    def clear(self) -> None:
        self._set([], loading=False)

    def add(self, rows: Sequence[DocumentEntry]) -> None:
        """Some rows arrived; those already there (same version) are not doubled."""
        self._set([*self.entries, *(row for row in rows if row.unique_id not in self._rows)], loading=True)

    def complete(self, rows: Sequence[DocumentEntry]) -> None:
        self._set(list(rows), loading=False)

    def stop(self) -> None:
        """The list stopped arriving (failure): what is there stays."""
        self._set(self.entries, loading=False)

    def set_filter(self, wanted: Filter) -> None:
        self._filter = wanted
        self._set(self.entries, loading=self.loading)

    def row_of(self, unique_id: str) -> int:
        return next((row for row, entry in enumerate(self.shown) if entry.unique_id == unique_id), -1)

    def entry(self, index: Index) -> DocumentEntry | None:
        return self.shown[index.row()] if index.isValid() and not self.skeleton else None

    def types(self) -> list[str]:
        return sorted({row.type for row in self._rows.values()}, key=plain)

    def authors(self) -> list[str]:
        return sorted({row.author for row in self._rows.values()} - {""}, key=plain)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._column, self._order = Column(column), order
        self._set(self.entries, loading=self.loading)

    def rowCount(self, parent: Index = NO_INDEX) -> int:
        if parent.isValid():
            return 0
        return SKELETON_ROWS if self.skeleton else len(self.shown)

    def columnCount(self, parent: Index = NO_INDEX) -> int:
        return 0 if parent.isValid() else COLUMN_COUNT

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return fr.COLUMNS[section]
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        return Qt.ItemFlag.NoItemFlags if self.skeleton else super().flags(index)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        entry = (
            self.entry(index) if role in _ROLES else None
        )  # most of what a table asks for, it gets from its own style
        if entry is None:
            return None
        if role == ENTRY_ROLE:
            return entry
        if role == CARD_ROLE:
            return card_of(entry)
        if role == Qt.ItemDataRole.DisplayRole:
            return _TEXTS[Column(index.column())](entry)
        if role == Qt.ItemDataRole.ToolTipRole:
            return escape(_TEXTS[Column(index.column())](entry))  # Qt reads tool tips as rich text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return spoken(entry) if index.column() == Column.DATE else _TEXTS[Column(index.column())](entry)
        return None

    def _set(self, entries: list[DocumentEntry], *, loading: bool) -> None:
        rows = {entry.unique_id: self._row(entry) for entry in entries}
        passing = self._filter.passing(list(rows.values()))
        passing.sort(key=_by(Column.DATE), reverse=True)
        if self._column is not Column.DATE or self._order is Qt.SortOrder.AscendingOrder:
            passing.sort(key=_by(self._column), reverse=self._order is Qt.SortOrder.DescendingOrder)
        self.beginResetModel()
        self.entries, self.loading, self._rows = entries, loading, rows
        self.shown = [row.entry for row in passing]
        self.endResetModel()
        self.changed.emit()

    def _row(self, entry: DocumentEntry) -> Row:
        known = self._rows.get(entry.unique_id)
        return known if known and known.entry is entry else Row(entry)


def plain(text: str) -> str:
    """Lower case without accents, for comparing."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.lower())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def type_label(entry: DocumentEntry) -> str:
    return entry.type_code.display or entry.class_code.display or entry.type_code.code


def author_label(entry: DocumentEntry) -> str:
    return entry.authors[0].display_name if entry.authors else ""


def by_patient(entry: DocumentEntry) -> bool:
    return entry.class_code.code == PATIENT_CLASS


def state_words(entry: DocumentEntry) -> list[str]:
    """Availability first, then visibility, version, origin (EX_3.1-1080)."""
    words = [fr.STATUS[entry.status]]
    words += [fr.VISIBILITY[restriction] for restriction in sorted(entry.visibility)]
    if entry.version > 1:
        words.append(fr.VERSION.format(entry.version))
    if by_patient(entry):
        words.append(fr.BY_PATIENT)
    return words


def state_label(entry: DocumentEntry) -> str:
    return ", ".join(state_words(entry))


def card_of(entry: DocumentEntry) -> RowCard:
    """The row in the docked panel. A plain active document needs no word on its state."""
    words = state_words(entry)
    if entry.status is Availability.APPROVED:
        words = words[1:]
    loud = entry.status is not Availability.APPROVED or bool(entry.visibility)
    title = entry.title or type_label(entry)
    detail = (
        [author_label(entry)] if plain(title) == plain(type_label(entry)) else [type_label(entry), author_label(entry)]
    )
    return RowCard(
        icon_of(entry),
        title,
        " · ".join(part for part in detail if part),
        formats.day(entry.creation_time),
        ", ".join(words),
        "warning" if loud else "muted",
    )


def spoken(entry: DocumentEntry) -> str:
    """One row in one sentence, for a screen reader."""
    return ", ".join(text(entry) for text in _TEXTS.values())


_TEXTS: dict[Column, Callable[[DocumentEntry], str]] = {
    Column.DATE: lambda entry: formats.day(entry.creation_time),
    Column.TYPE: type_label,
    Column.TITLE: lambda entry: entry.title,
    Column.AUTHOR: author_label,
    Column.STATE: state_label,
}


def _by(column: Column) -> Callable[[Row], Any]:
    return lambda row: row.keys[column]
