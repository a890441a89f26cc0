"""Treatments as rows: one a substance, one column an origin; and as the bars of a timeline."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from dmp_desktop.domain.clinical import Origin
from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.services.medication import Mark, Medication, MedicationLine, MedicationRow
from dmp_desktop.ui import formats
from dmp_desktop.ui import strings_reading_fr as fr
from dmp_desktop.ui.models.documents import author_label, type_label

Index = QModelIndex | QPersistentModelIndex
NO_INDEX = QModelIndex()
ROW_ROLE = Qt.ItemDataRole.UserRole + 5
ORIGINS = (Origin.PRESCRIBED, Origin.DISPENSED, Origin.REIMBURSED, Origin.LISTED, Origin.NOTE)
LABEL, STATE, FIRST_ORIGIN = 0, 1, 2
COLUMN_COUNT = FIRST_ORIGIN + len(ORIGINS)
MARKS = (Mark.DUPLICATE, Mark.MISSING, Mark.STOPPED, Mark.RESTARTED)
"""The loudest first."""


@dataclass(frozen=True, slots=True, repr=False)
class TreatmentRow:
    """One substance, or one paper that is to be read (`paper`). `cells` are by origin, in the order of ORIGINS."""

    label: str
    marks: tuple[tuple[str, str, str], ...]
    state: str
    cells: tuple[str, ...]
    note: str
    told: MedicationRow | None = None
    paper: DocumentEntry | None = None

    @property
    def key(self) -> str:
        return self.told.key if self.told else self.paper.unique_id if self.paper else ""

    @property
    def tone(self) -> str:
        return self.marks[0][2] if self.marks else "muted"

    @property
    def mark_words(self) -> str:
        return ", ".join(word for word, _icon, _tone in self.marks)

    @property
    def spoken(self) -> str:
        told = [f"{fr.ORIGIN[origin]} : {cell}" for origin, cell in zip(ORIGINS, self.cells, strict=True) if cell]
        return ", ".join(part for part in (self.label, self.mark_words or self.state, *told, self.note) if part)

    def lines(self, column: int = LABEL) -> tuple[MedicationLine, ...]:
        """What is told in a column; in all of them for the label and the state."""
        if self.told is None:
            return ()
        return self.told.lines if column < FIRST_ORIGIN else self.told.of(ORIGINS[column - FIRST_ORIGIN])

    def entries(self, column: int = LABEL) -> list[DocumentEntry]:
        """Documents behind a column, the latest first; behind all of them where the column is empty."""
        if self.paper:
            return [self.paper]
        found = [line.entry for line in self.lines(column) if line.entry]
        return found or [line.entry for line in self.lines() if line.entry]


def rows_of(medication: Medication) -> list[TreatmentRow]:
    return [*map(_row, medication.rows), *map(_paper, medication.unexploitable)]


@dataclass(frozen=True, slots=True, repr=False)
class TreatmentsPage:
    """Rows of the table and bars of the timeline."""

    rows: list[TreatmentRow]
    bars: list[Bar]
    today: date


def page_of(medication: Medication, today: date) -> TreatmentsPage:
    rows = rows_of(medication)
    return TreatmentsPage(rows, bars_of(rows, today), today)


def _row(told: MedicationRow) -> TreatmentRow:
    marks = tuple(fr.MARK[mark] for mark in MARKS if mark in told.marks)
    cells = tuple(_cell(told.of(origin)) for origin in ORIGINS)
    note = fr.SHARES.format(", ".join(told.shares)) if told.shares else ""
    return TreatmentRow(told.label, marks, fr.CURRENT if told.current else fr.NOT_CURRENT, cells, note, told=told)


def _paper(entry: DocumentEntry) -> TreatmentRow:
    parts = (entry.title or type_label(entry), author_label(entry), formats.day(entry.creation_time))
    label = " · ".join(part for part in parts if part)
    mark = (fr.UNEXPLOITABLE, "document", "warning")
    return TreatmentRow(label, (mark,), "", ("",) * len(ORIGINS), fr.UNEXPLOITABLE_PAPER, paper=entry)


def _cell(lines: tuple[MedicationLine, ...]) -> str:
    """The latest line of a column, and how many more."""
    if not lines:
        return ""
    more = fr.and_more(len(lines) - 1)
    quantity = lines[0].quantity
    dosage = lines[0].dosage or (fr.QUANTITY.format(quantity) if quantity.isdigit() else quantity)
    return " · ".join(part for part in (dates_words(lines[0]), dosage, more) if part)


def dates_words(line: MedicationLine) -> str:
    """Its dates as told; the day of the document where it tells none."""
    if line.entry is None:
        return fr.IN_NOTE
    if line.start and line.end and line.end != line.start:
        return fr.FROM_TO.format(formats.day(line.start), formats.day(line.end))
    if line.end and not line.start:
        return fr.UNTIL.format(formats.day(line.end))
    return formats.day(line.start or line.told)


def source_words(line: MedicationLine) -> str:
    if line.entry is None:
        return fr.IN_NOTE
    author = author_label(line.entry)
    if line.origin is not Origin.REIMBURSED:  # the insurer tells who prescribed, and wrote it itself
        author = line.prescriber or author
    parts = (line.entry.title or type_label(line.entry), author, formats.day(line.told))
    return " · ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True, repr=False)
class Bar:
    """One period of one treatment. `start` and `end` are drawn; `open_start` and `open_end`: nobody tells them."""

    row: int
    origin: Origin
    start: date
    end: date
    open_start: bool
    open_end: bool
    words: str
    entry: DocumentEntry | None


def bars_of(rows: Iterable[TreatmentRow], today: date) -> list[Bar]:
    """In the order of the rows, then of time. An unknown end is drawn up to today, where it is known to go on or not."""
    found = []
    for number, row in enumerate(rows):
        for segment in row.told.segments if row.told else ():
            line = segment.line
            start = segment.start or line.told
            end = segment.end or (today if segment.origin in (Origin.PRESCRIBED, Origin.LISTED, Origin.NOTE) else start)
            words = fr.TIMELINE_BAR.format(
                label=line.label, origin=fr.ORIGIN_SHORT[segment.origin], dates=_span(segment.start, segment.end, line),
                source=source_words(line),
            )  # fmt: skip
            bar = Bar(
                number, segment.origin, min(start, end), max(start, end), segment.start is None, segment.end is None, words,
                line.entry,
            )  # fmt: skip
            found.append(bar)
    return found


def _span(start: date | None, end: date | None, line: MedicationLine) -> str:
    if line.origin in (Origin.DISPENSED, Origin.REIMBURSED) and not end:
        return fr.ON_DAY.format(formats.day(start or line.told))
    begins = fr.SINCE.format(formats.day(start)) if start else fr.OPEN_START
    return f"{begins}, {fr.UNTIL.format(formats.day(end)) if end else fr.OPEN_END}"


class TreatmentsModel(QAbstractTableModel):
    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[TreatmentRow] = []

    def show(self, rows: list[TreatmentRow]) -> None:
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()
        self.changed.emit()

    def row_of(self, key: str) -> int:
        return next((number for number, row in enumerate(self.rows) if row.key == key), -1)

    def rowCount(self, parent: Index = NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = NO_INDEX) -> int:
        return 0 if parent.isValid() else COLUMN_COUNT

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return (fr.TREATMENT, fr.STATE, *(fr.ORIGIN[origin] for origin in ORIGINS))[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or role not in _ROLES:
            return None
        row = self.rows[index.row()]
        if role == ROW_ROLE:
            return row
        if role == Qt.ItemDataRole.AccessibleTextRole and index.column() == LABEL:
            return row.spoken
        if role == Qt.ItemDataRole.ToolTipRole:
            return escape(_tip(row, index.column()))  # Qt reads tool tips as rich text
        return _text(row, index.column()) or (fr.NOTHING_TOLD if index.column() >= FIRST_ORIGIN else "")


_ROLES = frozenset(
    (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole, ROW_ROLE)
)


def _text(row: TreatmentRow, column: int) -> str:
    if column == LABEL:
        return row.label
    return (row.mark_words or row.state) if column == STATE else row.cells[column - FIRST_ORIGIN]


def _tip(row: TreatmentRow, column: int) -> str:
    """Every line of a column, or what the marks mean."""
    if column >= FIRST_ORIGIN:
        return "\n".join(f"{line.label}, {dates_words(line)}, {source_words(line)}" for line in row.lines(column))
    meanings = [fr.MARK_TIP[mark] for mark in MARKS if row.told and mark in row.told.marks]
    return "\n".join((row.label, *meanings, row.note)).strip()
