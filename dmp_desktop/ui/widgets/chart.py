"""A curve over time: every point has its sign, its words and its document; arrows walk along it, Enter opens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from itertools import pairwise
from math import ceil, floor, log10

from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QWidget

from dmp_desktop.ui import theme
from dmp_desktop.ui.widgets.painted import PaintedWidget

LINES_HIGH, CHARACTERS_WIDE = 11, 34
MOST_TICKS = 6
POINT_PART = 0.34
"""Radius of a point, in heights of a line of text."""


class Sign(Enum):
    """The shape of a point says what its colour says."""

    PLAIN = auto()
    HIGH = auto()
    LOW = auto()
    ODD = auto()


@dataclass(frozen=True, slots=True, repr=False)
class Mark:
    """One point. `words` are all that is known of it, on one line; `hollow`: its value was converted; `tone`: a colour role.

    `bound`: the value is a limit (`< 5`): it is drawn with a dash above or below it, and joined to nothing.
    """

    when: datetime
    value: float
    words: str
    sign: Sign = Sign.PLAIN
    tone: str = "accent"
    low: float | None = None
    high: float | None = None
    hollow: bool = False
    bound: bool = False


@dataclass(frozen=True, slots=True)
class Axis:
    """From data to pixels."""

    start: float
    end: float
    first: float
    last: float

    def at(self, value: float) -> float:
        if self.end == self.start:
            return (self.first + self.last) / 2
        return self.first + (value - self.start) / (self.end - self.start) * (self.last - self.first)


class TimeChart(PaintedWidget):
    """Shows marks in time order. `activated` gives the number of the mark asked for, `moved` that of the one looked at."""

    activated = Signal(int)
    moved = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.marks: tuple[Mark, ...] = ()
        self.current = -1
        self._unit = self._summary = ""

    def show_marks(self, marks: Sequence[Mark], unit: str, summary: str) -> None:
        """`summary` is for screen readers, as the accessible name; the last mark is looked at first."""
        self.marks = tuple(marks)
        self._unit, self._summary = unit, summary
        self.setAccessibleDescription(summary)
        self.current = -1
        self.look_at(len(self.marks) - 1)
        self.update()

    def look_at(self, number: int) -> None:
        """The mark whose words are shown and said."""
        if number == self.current or not 0 <= number < len(self.marks):
            return
        self.current = number
        self.tell(self.marks[number].words, self._summary)
        self.moved.emit(number)
        self.update()

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        return QSize(metrics.averageCharWidth() * CHARACTERS_WIDE, metrics.height() * LINES_HIGH)

    def minimumSizeHint(self) -> QSize:
        return QSize(self.sizeHint().width() * 2 // 3, self.sizeHint().height() * 2 // 3)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        steps = {
            Qt.Key.Key_Left: self.current - 1,
            Qt.Key.Key_Right: self.current + 1,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: len(self.marks) - 1,
        }
        if key in steps:
            self.look_at(steps[Qt.Key(key)])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current >= 0:
            self.activated.emit(self.current)
        else:
            super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.look_at(self.nearest(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        number = self.nearest(event.position())
        if event.button() is Qt.MouseButton.LeftButton and number >= 0:
            self.look_at(number)
            self.activated.emit(number)

    def nearest(self, at: QPointF) -> int:
        """The mark within reach of a pointer, -1 for none."""
        places = self.places()
        reach = self.fontMetrics().height() * 1.2
        apart = [(point - at).manhattanLength() for point in places]
        return apart.index(min(apart)) if apart and min(apart) <= reach else -1

    def places(self) -> list[QPointF]:
        """Where each mark stands."""
        across, up = self._axes()
        return [QPointF(across.at(mark.when.timestamp()), up.at(mark.value)) for mark in self.marks]

    def plot(self) -> QRectF:
        """Where points may stand."""
        metrics = self.fontMetrics()
        labels = [number_words(value) for value in self._ticks()]
        left = max((metrics.horizontalAdvance(label) for label in labels), default=0) + metrics.averageCharWidth() * 2
        height = metrics.height()
        return QRectF(self.rect()).adjusted(left, height * 1.6, -height, -height * 1.6)

    def _axes(self) -> tuple[Axis, Axis]:
        plot, (bottom, top) = self.plot(), self._range()
        inset = self.fontMetrics().height() * POINT_PART * 2
        moments = [mark.when.timestamp() for mark in self.marks] or [0.0]
        across = Axis(moments[0], moments[-1], plot.left() + inset, plot.right() - inset)
        return across, Axis(bottom, top, plot.bottom(), plot.top())

    def _range(self) -> tuple[float, float]:
        values = [mark.value for mark in self.marks] or [0.0]
        values += [limit for mark in self.marks for limit in (mark.low, mark.high) if limit is not None]
        bottom, top = min(values), max(values)
        room = (top - bottom) * 0.1 or abs(top) * 0.1 or 1.0
        return (max(bottom - room, 0.0) if bottom >= 0 else bottom - room), top + room

    def _ticks(self) -> list[float]:
        return round_ticks(*self._range()) if self.marks else []

    def paintEvent(self, _event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(colours.base))
        if self.marks:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_bands(painter)
            self._paint_axes(painter)
            self._paint_line(painter)
            for number, (mark, at) in enumerate(zip(self.marks, self.places(), strict=True)):
                self._paint_mark(painter, mark, at, looked_at=number == self.current)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(colours.accent if self.hasFocus() else colours.border), 2 if self.hasFocus() else 1))
        painter.drawRect(self.rect().adjusted(1, 1, -2, -2))

    def _paint_bands(self, painter: QPainter) -> None:
        """The limits each report gives, around its own points: laboratories differ."""
        plot, places, up = self.plot(), self.places(), self._axes()[1]
        colours = theme.current()
        tint, line = QColor(theme.tint(colours, "success_tint")), QPen(QColor(colours.success), 1, Qt.PenStyle.DashLine)
        left = plot.left()
        for number, mark in enumerate(self.marks, 1):
            following = self.marks[number] if number < len(self.marks) else None
            if following and (following.low, following.high) == (mark.low, mark.high):
                continue
            right = (places[number - 1].x() + places[number].x()) / 2 if following else plot.right()
            top = plot.top() if mark.high is None else up.at(mark.high)
            bottom = plot.bottom() if mark.low is None else up.at(mark.low)
            if (mark.low, mark.high) != (None, None):
                painter.fillRect(QRectF(left, top, right - left, bottom - top), tint)
                painter.setPen(line)
                for limit, y in ((mark.low, bottom), (mark.high, top)):
                    if limit is not None:
                        painter.drawLine(QPointF(left, y), QPointF(right, y))
            left = right

    def _paint_axes(self, painter: QPainter) -> None:
        plot, (across, up) = self.plot(), self._axes()
        colours, metrics = theme.current(), self.fontMetrics()
        gap = metrics.averageCharWidth() // 2
        for value in self._ticks():
            y = up.at(value)
            painter.setPen(QPen(QColor(colours.border), 1))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(QColor(colours.muted))
            box = QRectF(0, y - metrics.height() / 2, plot.left() - gap * 2, metrics.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, number_words(value))
        painter.setPen(QColor(colours.muted))
        painter.drawText(QPointF(gap * 2, metrics.height() * 1.1), self._unit)
        first, last = self.marks[0].when, self.marks[-1].when
        free = -1.0
        for moment, words in date_ticks(first, last):
            x, width = across.at(moment.timestamp()), metrics.horizontalAdvance(words)
            painter.setPen(QPen(QColor(colours.muted), 1))
            painter.drawLine(QPointF(x, plot.bottom()), QPointF(x, plot.bottom() + gap))
            left = min(max(x - width / 2, plot.left()), self.width() - width - gap * 2)
            if left > free:
                painter.drawText(QPointF(left, plot.bottom() + gap + metrics.ascent()), words)
                free = left + width + gap * 2

    def _paint_line(self, painter: QPainter) -> None:
        colours = theme.current()
        places = self.places()
        solid = [place for place, mark in zip(places, self.marks, strict=True) if not mark.bound]
        painter.setPen(QPen(QColor(colours.muted), 1.5))
        # One by one: as a single path, 2,000 of them take Qt 130 ms to outline, and 9 ms so.
        painter.drawLines([QLineF(one, following) for one, following in pairwise(solid)])

    def _paint_mark(self, painter: QPainter, mark: Mark, at: QPointF, *, looked_at: bool) -> None:
        colours, radius = theme.current(), self.fontMetrics().height() * POINT_PART
        colour = QColor(getattr(colours, mark.tone))
        if looked_at:
            painter.setPen(QPen(QColor(colours.text), 1, Qt.PenStyle.DotLine))
            painter.drawLine(QPointF(at.x(), self.plot().top()), QPointF(at.x(), self.plot().bottom()))
            painter.setPen(QPen(QColor(colours.text), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(at, radius * 1.7, radius * 1.7)
        painter.setPen(QPen(colour, 2))
        painter.setBrush(QColor(colours.base) if mark.hollow or mark.bound else colour)
        if mark.sign is Sign.PLAIN:
            painter.drawEllipse(at, radius * 0.8, radius * 0.8)
        else:
            painter.drawPolygon(QPolygonF([at + QPointF(x * radius, y * radius) for x, y in _SHAPES[mark.sign]]))


_SHAPES = {
    Sign.HIGH: ((0, -1.1), (1.1, 0.9), (-1.1, 0.9)),
    Sign.LOW: ((0, 1.1), (1.1, -0.9), (-1.1, -0.9)),
    Sign.ODD: ((0, -1.2), (1.2, 0), (0, 1.2), (-1.2, 0)),
}


def round_ticks(bottom: float, top: float) -> list[float]:
    """At most MOST_TICKS round values within a range, by 1, 2 or 5."""
    if top <= bottom:
        return [bottom]
    rough = (top - bottom) / MOST_TICKS
    scale = 10.0 ** floor(log10(rough))
    step = next(factor * scale for factor in (1, 2, 5, 10) if factor * scale >= rough)
    return [round(number * step, 12) for number in range(ceil(bottom / step), floor(top / step) + 1)]


def number_words(value: float) -> str:
    return f"{value:.10g}".replace(".", ",")


def date_ticks(first: datetime, last: datetime) -> list[tuple[datetime, str]]:
    """Years over three years, months over three months, else days; the first and last day when nothing rounder falls between."""
    first, last = first.astimezone(), last.astimezone()
    span = last - first
    if span > timedelta(days=3 * 365):
        ticks = [
            (first.replace(year=year, month=1, day=1, hour=0), str(year))
            for year in range(first.year + 1, last.year + 1)
        ]
    elif span > timedelta(days=90):
        months = [(first.year + number // 12, number % 12 + 1) for number in range(first.month, first.month + 37)]
        starts = [first.replace(year=year, month=month, day=1, hour=0) for year, month in months]
        ticks = [(start, f"{start:%m/%Y}") for start in starts if start <= last]
    else:
        ticks = []
    if len(ticks) >= 2:
        return ticks
    return (
        [(first, f"{first:%d/%m/%Y}")]
        if span < timedelta(days=1)
        else [(day, f"{day:%d/%m/%Y}") for day in (first, last)]
    )
