"""Biology as rows, one an analyte, the abnormal first; and as points, one a result."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from html import escape
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.services.lab_series import Direction, LabPoint, LabSeries, Trends
from dmp_desktop.terminology.units import unit_label
from dmp_desktop.terminology.wording import plain
from dmp_desktop.ui import formats
from dmp_desktop.ui import strings_reading_fr as fr
from dmp_desktop.ui.models.documents import author_label, type_label
from dmp_desktop.ui.models.lab_words import (
    Flag,
    flag_of,
    limits_words,
    own_limits,
    point_words,
    value_words,
    written_words,
)
from dmp_desktop.ui.models.row_card import CARD_ROLE, RowCard
from dmp_desktop.ui.widgets.chart import Mark
from dmp_desktop.ui.widgets.sparkline import Spark

Index = QModelIndex | QPersistentModelIndex
NO_INDEX = QModelIndex()
ROW_ROLE = Qt.ItemDataRole.UserRole + 5

SPARK_POINTS = 24
"""The latest ones: more than these run into each other in the width of a word."""
FLAG_ICONS = {"danger": "error", "warning": "warning"}


class Column(IntEnum):
    """In the order of `strings_reading_fr.LAB_COLUMNS`."""

    LABEL = 0
    LAST = 1
    FLAG = 2
    DAY = 3
    PREVIOUS = 4
    TREND = 5


@dataclass(frozen=True, slots=True, repr=False)
class LabRow:
    """One analyte, or one report that is to be read (`report`). Texts are made once, when the page arrives."""

    label: str
    last: str
    flag: Flag
    day: str
    previous: str
    arrow: str
    note: str
    spark: Spark
    words: str
    series: LabSeries | None = None
    report: DocumentEntry | None = None

    @property
    def key(self) -> str:
        return self.series.key if self.series else self.report.unique_id if self.report else ""

    @property
    def calls(self) -> bool:
        """Whether it stays among « anormaux »: abnormal, or a report that nobody read. What was cancelled or planned does not."""
        return self.series.last.abnormal if self.series else self.flag.word == fr.UNEXPLOITABLE

    @property
    def flag_words(self) -> str:
        return f"{self.flag.sign} {self.flag.word}".strip()

    @property
    def spoken(self) -> str:
        trend = fr.DIRECTION_WORDS[self.series.direction] if self.series else ""
        return ", ".join(
            part for part in (self.label, self.last, self.flag.word, self.day, self.previous, trend, self.note) if part
        )


def rows_of(trends: Trends) -> list[LabRow]:
    """The abnormal first, critical before; then as in a report; then what is to be read."""
    series = sorted(trends.series, key=lambda one: (not one.last.critical, not one.last.abnormal))
    return [*map(_series_row, series), *map(_other_row, trends.others), *map(_report_row, trends.unexploitable)]


def _series_row(series: LabSeries) -> LabRow:
    last, before, flag = series.last, series.previous, flag_of(series.last)
    numbers = tuple((point.when.timestamp(), point.value) for point in series.points if point.value is not None)
    low, high = series.band
    previous = (
        fr.PREVIOUS.format(value=value_words(before, series.unit), day=formats.day(before.when)) if before else ""
    )
    notes = [fr.BY_LABEL] if series.by_label else []
    notes += [series.specimen] if series.specimen else []
    notes += [fr.FUTURE] if series.future else []
    words = plain(
        " ".join((series.label, *series.loinc, *(point.laboratory for point in series.points), series.specimen))
    )
    tone = flag.tone if last.abnormal else "accent"
    return LabRow(
        series.label,
        value_words(last, series.unit),
        flag,
        formats.day(last.when),
        previous,
        fr.DIRECTIONS[series.direction] if series.direction is not Direction.UNKNOWN else "",
        " · ".join(notes),
        Spark(numbers[-SPARK_POINTS:] if len(numbers) > 1 else (), low, high, tone),
        words,
        series=series,
    )


def _other_row(point: LabPoint) -> LabRow:
    """What is planned, cancelled, not done or denied, under that word: it opens its document and is on no curve."""
    told = fr.NO_RESULT.format(fr.STATUS[point.status])
    return LabRow(
        point.label, value_words(point, point.unit), flag_of(point), formats.day(point.when), "", "", told, Spark(),
        plain(f"{point.label} {point.laboratory}"), report=point.entry,
    )  # fmt: skip


def _report_row(entry: DocumentEntry) -> LabRow:
    author = entry.authors[0].institution or author_label(entry) if entry.authors else ""
    label = entry.title or type_label(entry)
    flag = Flag(fr.UNEXPLOITABLE, "", "warning")
    return LabRow(
        label, author, flag, formats.day(entry.creation_time), "", "", fr.UNEXPLOITABLE_REPORT, Spark(),
        plain(f"{label} {author}"), report=entry,
    )  # fmt: skip


def marks_of(series: LabSeries) -> tuple[list[Mark], list[int]]:
    """What the chart draws, and for each mark the number of its point: words have none."""
    marks, numbers = [], []
    for number, point in enumerate(series.points):
        value = point.value if point.value is not None else point.bound
        if value is None:
            continue
        flag = flag_of(point)
        marks.append(
            Mark(
                point.when, value, point_words(point, series.unit), flag.shape,
                flag.tone if point.abnormal else "accent", point.low, point.high, bool(point.conversion),
                point.value is None,
            )
        )  # fmt: skip
        numbers.append(number)
    return marks, numbers


def summary_of(series: LabSeries) -> str:
    first, last = series.points[0], series.last
    limits = limits_words(*series.band) or fr.NOT_SAID
    days = formats.day(first.when), formats.day(last.when)
    return fr.CHART_SERIES.format(
        label=series.label, count=len(series.points), first=days[0], last=days[1], limits=limits
    )


def cells_of(point: LabPoint, unit: str) -> tuple[str, ...]:
    """A result in words, in the order of `POINT_COLUMNS`."""
    flag = flag_of(point)
    return (
        formats.day_and_time(point.when) if point.dated else f"{formats.day(point.when)} ({fr.UNDATED})",
        value_words(point, unit),
        f"{flag.sign} {flag.word}".strip(),
        own_limits(point).removeprefix(fr.LIMITS.partition("{")[0]),
        point.laboratory,
        written_words(point),
    )


class PointsModel(QAbstractTableModel):
    """The results of one series, the latest first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.points: list[LabPoint] = []
        self._unit = ""

    def show(self, series: LabSeries | None) -> None:
        self.beginResetModel()
        self.points = list(reversed(series.points)) if series else []
        self._unit = series.unit if series else ""
        self.endResetModel()

    def rowCount(self, parent: Index = NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.points)

    def columnCount(self, parent: Index = NO_INDEX) -> int:
        return 0 if parent.isValid() else len(fr.POINT_COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return fr.POINT_COLUMNS[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or role not in (*_ROLES, CARD_ROLE):
            return None
        point = self.points[index.row()]
        if role == CARD_ROLE:
            return self._card(point)
        if role == Qt.ItemDataRole.AccessibleTextRole and index.column() == 0:
            return point_words(point, self._unit)
        text = cells_of(point, self._unit)[index.column()]
        return escape(text) if role == Qt.ItemDataRole.ToolTipRole else text

    def _card(self, point: LabPoint) -> RowCard:
        flag = flag_of(point)
        written = fr.AS_READ.format(written_words(point)) if point.conversion or point.also or point.quoted else ""
        detail = (written, own_limits(point), point.laboratory)
        icon = FLAG_ICONS.get(flag.tone, "lab")
        mark = f"{flag.sign} {flag.word}".strip()
        return RowCard(
            icon, value_words(point, self._unit), " · ".join(part for part in detail if part), formats.day(point.when), mark,
            flag.tone,
        )  # fmt: skip


def csv_of(series: Sequence[LabSeries]) -> str:
    """Semicolons and decimal commas, as a French spreadsheet reads them; nothing in it is read as a formula."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(fr.CSV_HEADER)
    for one in series:
        for point in one.points:
            numbers = (
                "" if number is None else f"{number:.10g}".replace(".", ",")
                for number in (point.value, point.low, point.high)
            )
            value, low, high = numbers
            cells = (
                one.label, point.when.astimezone().isoformat(timespec="minutes"), value, unit_label(one.unit), point.text,
                unit_label(point.unit), point.conversion, low, high, flag_of(point).word, point.loinc, point.laboratory,
                " ; ".join(f"{entry.title}, {formats.day(entry.creation_time)}" for entry in point.sources),
            )  # fmt: skip
            writer.writerow([_inert(cell) for cell in cells])
    return out.getvalue()


def _inert(cell: str) -> str:
    """A text of others that a spreadsheet would run gets an apostrophe; a number is none."""
    dangerous = cell[:1] in ("=", "@", "+", "-", "\t") and not cell[1:].replace(",", "").replace(".", "").isdigit()
    return f"'{cell}" if dangerous else cell


class LabModel(QAbstractTableModel):
    """Rows that pass the filter. Reports to be read always do for « anormaux »: nobody knows what they say."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[LabRow] = []
        self.shown: list[LabRow] = []
        self._words: list[str] = []
        self._abnormal = False

    def show(self, rows: list[LabRow]) -> None:
        self._set(rows)

    def clear(self) -> None:
        self._set([])

    def set_filter(self, words: str, *, abnormal: bool) -> None:
        self._words, self._abnormal = plain(words).split(), abnormal
        self._set(self.rows)

    def row_of(self, key: str) -> int:
        return next((number for number, row in enumerate(self.shown) if row.key == key), -1)

    def rowCount(self, parent: Index = NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.shown)

    def columnCount(self, parent: Index = NO_INDEX) -> int:
        return 0 if parent.isValid() else len(Column)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return fr.LAB_COLUMNS[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or role not in _ROLES:
            return None
        row = self.shown[index.row()]
        if role == ROW_ROLE:
            return row
        text = _cell(row, Column(index.column()))
        if role == Qt.ItemDataRole.AccessibleTextRole and index.column() == Column.LABEL:
            return row.spoken
        return escape(text) if role == Qt.ItemDataRole.ToolTipRole else text

    def _set(self, rows: list[LabRow]) -> None:
        self.beginResetModel()
        self.rows = rows
        self.shown = [
            row for row in rows if all(word in row.words for word in self._words) and (not self._abnormal or row.calls)
        ]
        self.endResetModel()
        self.changed.emit()


_ROLES = frozenset(
    (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole, ROW_ROLE)
)


def _cell(row: LabRow, column: Column) -> str:
    texts = {
        Column.LABEL: f"{row.label} ({row.note})" if row.note and row.series else row.label,
        Column.LAST: row.last,
        Column.FLAG: row.flag_words,
        Column.DAY: row.day,
        Column.PREVIOUS: f"{row.arrow} {row.previous}".strip(),
        Column.TREND: "" if row.series is None else fr.results(len(row.series.points)),
    }
    return texts[column]
