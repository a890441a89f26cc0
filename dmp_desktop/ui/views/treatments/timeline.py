"""The treatments along time: one line each, a shape for each origin, open ends drawn open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from html import escape

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QWidget

from dmp_desktop.domain.clinical import Origin
from dmp_desktop.ui import strings_reading_fr as fr
from dmp_desktop.ui import theme
from dmp_desktop.ui.models.treatments import ORIGINS, Bar
from dmp_desktop.ui.widgets.chart import date_ticks
from dmp_desktop.ui.widgets.painted import PaintedWidget

SHOWN = timedelta(days=2 * 365)
"""Before today; what began earlier comes in from the left."""
LABEL_PART = 0.27
HEAD = 2.1
"""Legend and days, in lines: above the bars, where scrolling leaves them."""
BAR_PART = 0.42
"""Height of a bar, in heights of a line of text."""
_SPANS = frozenset({Origin.PRESCRIBED, Origin.LISTED, Origin.NOTE})


class Timeline(PaintedWidget):
    """Emits the document of a bar, by one click or Enter; `moved` tells where the bar looked at stands."""

    chosen = Signal(object)  # DocumentEntry
    moved = Signal(QPointF)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bars: tuple[Bar, ...] = ()
        self.current = -1
        self._labels: tuple[str, ...] = ()
        self._rows: tuple[int, ...] = ()
        self._place_of: dict[int, int] = {}
        self._today = date.min
        self._bounds = (date.min, date.max)
        self._ticks: list[tuple[date, str]] = []
        self.setAccessibleName(fr.TIMELINE_NAME)

    def show_bars(self, bars: Sequence[Bar], labels: Sequence[str], today: date) -> None:
        """`labels` by row, those of rows without a bar included: they take no line."""
        self.bars, self._today = tuple(bars), today
        self._bounds = self._bounds_of()
        first, last = (datetime(day.year, day.month, day.day).astimezone() for day in self._bounds)
        self._ticks = [(moment.date(), words) for moment, words in date_ticks(first, last)]
        self._rows = tuple(dict.fromkeys(bar.row for bar in bars))
        self._place_of = {row: number for number, row in enumerate(self._rows)}
        self._labels = tuple(labels[row] for row in self._rows)
        self.current = -1
        self.setAccessibleDescription(fr.TIMELINE_HELP)
        self.setMinimumHeight(self.sizeHint().height())
        self.updateGeometry()
        self.update()

    def look_at(self, number: int) -> None:
        if number == self.current or not 0 <= number < len(self.bars):
            return
        self.current = number
        words = self.bars[number].words
        self.setToolTip(escape(words))
        self.tell(words, fr.TIMELINE_HELP)
        self.moved.emit(self.place(self.bars[number]).center())
        self.update()

    def look_at_row(self, row: int) -> None:
        """The latest bar of a row."""
        numbers = [number for number, bar in enumerate(self.bars) if bar.row == row]
        if numbers:
            self.look_at(numbers[-1])

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        return QSize(metrics.averageCharWidth() * 30, round((len(self._rows) + HEAD + 0.3) * self._line))

    @property
    def _line(self) -> float:
        return self.fontMetrics().height() * 1.45

    def place(self, bar: Bar) -> QRectF:
        """Where a bar stands; a delivery is as wide as high."""
        thick = self.fontMetrics().height() * BAR_PART
        middle = self._line * (HEAD + self._place_of[bar.row] + 0.5)
        left, right = self._x(bar.start), self._x(bar.end)
        if bar.origin not in _SPANS:
            return QRectF(left - thick / 2, middle - thick / 2, thick, thick)
        lane = -thick * 0.55 if bar.origin is Origin.PRESCRIBED else thick * 0.55
        return QRectF(left, middle - thick / 2 + lane, max(right - left, thick), thick)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._change_row(1 if key == Qt.Key.Key_Down else -1)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            step = 1 if key == Qt.Key.Key_Right else -1
            self.look_at(max(self.current, 0) + step if self.current >= 0 else 0)
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self.look_at(0 if key == Qt.Key.Key_Home else len(self.bars) - 1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(self.current)
        else:
            super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.look_at(self.under(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        if event.button() is Qt.MouseButton.LeftButton:
            number = self.under(event.position())
            self.look_at(number)
            self._open(number)

    def under(self, at: QPointF) -> int:
        """The bar at a point, the smallest of those that share it; -1 for none."""
        gap = self.fontMetrics().height() * 0.2
        found = [(self.place(bar).width(), number) for number, bar in enumerate(self.bars)
                 if self.place(bar).adjusted(-gap, -gap, gap, gap).contains(at)]  # fmt: skip
        return min(found)[1] if found else -1

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.look_at(0 if self.current < 0 else self.current)

    def _change_row(self, step: int) -> None:
        if not self.bars:
            return
        at = self._place_of[self.bars[self.current].row] if self.current >= 0 else -step
        wanted = min(max(at + step, 0), len(self._rows) - 1)
        self.look_at_row(self._rows[wanted])

    def _open(self, number: int) -> None:
        if 0 <= number < len(self.bars) and self.bars[number].entry:
            self.chosen.emit(self.bars[number].entry)

    def _bounds_of(self) -> tuple[date, date]:
        begins = min((bar.start for bar in self.bars), default=self._today)
        ends = max((bar.end for bar in self.bars), default=self._today)
        first = max(begins, self._today - SHOWN)
        return min(first, self._today - timedelta(days=60)), max(ends, self._today) + timedelta(days=14)

    def _x(self, day: date) -> float:
        first, last = self._bounds
        left, right = self.width() * LABEL_PART, self.width() - self.fontMetrics().averageCharWidth()
        share = (min(max(day, first), last) - first).days / (last - first).days
        return left + share * (right - left)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(colours.base))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.bars:
            rows = self._rows_between(event.rect().top(), event.rect().bottom())
            self._paint_frame(painter, rows)
            for number, bar in enumerate(self.bars):
                if self._place_of[bar.row] in rows:
                    self._paint_bar(painter, bar, self.place(bar), looked_at=number == self.current)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self.hasFocus():
            painter.setPen(QPen(QColor(colours.accent), 2))
            painter.drawRect(self.rect().adjusted(1, 1, -2, -2))

    def _rows_between(self, top: int, bottom: int) -> range:
        """Lines that touch a part of the height: the others are not drawn."""
        line = self._line
        return range(max(int(top / line - HEAD), 0), min(int(bottom / line - HEAD) + 1, len(self._rows)))

    def _paint_frame(self, painter: QPainter, rows: range) -> None:
        colours, metrics, line = theme.current(), self.fontMetrics(), self._line
        bottom = line * (HEAD + len(self._rows))
        gap = metrics.averageCharWidth()
        for number in rows:
            top = line * (HEAD + number)
            painter.setPen(QPen(QColor(colours.border), 1))
            painter.drawLine(QPointF(0, top), QPointF(self.width(), top))
            painter.setPen(QColor(colours.text))
            box = QRectF(gap, top, self.width() * LABEL_PART - 2 * gap, line)
            text = metrics.elidedText(self._labels[number], Qt.TextElideMode.ElideRight, int(box.width()))
            painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
        free = self.width() * LABEL_PART
        for day, words in self._ticks:
            x, width = self._x(day), metrics.horizontalAdvance(words)
            if x - width / 2 >= free and x + width / 2 <= self.width():
                painter.setPen(QPen(QColor(colours.border), 1))
                painter.drawLine(QPointF(x, self._line * HEAD), QPointF(x, bottom))
                painter.setPen(QColor(colours.muted))
                painter.drawText(QPointF(x - width / 2, self._line * HEAD - gap / 2), words)
                free = x + width / 2 + gap * 2
        x = self._x(self._today)
        painter.setPen(QPen(QColor(colours.accent), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(x, metrics.height()), QPointF(x, bottom))
        width = metrics.horizontalAdvance(fr.TODAY)
        painter.drawText(QPointF(min(x - width / 2, self.width() - width - gap), metrics.ascent() + gap / 2), fr.TODAY)
        self._paint_legend(painter)

    def _paint_legend(self, painter: QPainter) -> None:
        metrics = self.fontMetrics()
        x, middle, thick = float(metrics.averageCharWidth()), self._line * 0.5, metrics.height() * BAR_PART
        limit = self._x(self._today) - metrics.horizontalAdvance(fr.TODAY)
        for origin in [one for one in ORIGINS if any(bar.origin is one for bar in self.bars)]:
            words = fr.ORIGIN_SHORT[origin]
            if x + 2 * thick + metrics.horizontalAdvance(words) > limit:
                break
            long = thick * 1.6 if origin in _SPANS else thick
            _shape(painter, QRectF(x, middle - thick / 2, long, thick), origin)
            painter.setPen(QColor(theme.current().muted))
            x += long + thick / 2
            painter.drawText(QPointF(x, middle + metrics.ascent() / 2.6), words)
            x += metrics.horizontalAdvance(words) + thick

    def _paint_bar(self, painter: QPainter, bar: Bar, place: QRectF, *, looked_at: bool) -> None:
        colours = theme.current()
        _shape(painter, place, bar.origin, open_start=bar.open_start, open_end=bar.open_end)
        if looked_at:
            painter.setPen(QPen(QColor(colours.text), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(place.adjusted(-3, -3, 3, 3), 3, 3)


def _shape(
    painter: QPainter, place: QRectF, origin: Origin, *, open_start: bool = False, open_end: bool = False
) -> None:
    """Prescribed: full bar; listed: hollow bar; note: dotted bar; delivered: diamond; reimbursed: hollow square."""
    colours = theme.current()
    colour = QColor(colours.success if origin in (Origin.DISPENSED, Origin.REIMBURSED) else colours.accent)
    hollow = origin in (Origin.LISTED, Origin.REIMBURSED, Origin.NOTE)
    painter.setPen(QPen(colour, 1.5, Qt.PenStyle.DotLine if origin is Origin.NOTE else Qt.PenStyle.SolidLine))
    painter.setBrush(QColor(colours.base) if hollow else colour)
    if origin is Origin.DISPENSED:
        half = place.width() * 0.62
        corners = ((0, -half), (half, 0), (0, half), (-half, 0))
        painter.drawPolygon(QPolygonF([place.center() + QPointF(x, y) for x, y in corners]))
    elif origin is Origin.REIMBURSED:
        painter.drawRect(place)
    else:
        point = place.height() / 2
        left, right = place.left(), place.right()
        middle = place.center().y()
        outline = [QPointF(left, place.top()), QPointF(right, place.top())]
        outline += [QPointF(right + point, middle)] if open_end else []
        outline += [QPointF(right, place.bottom()), QPointF(left, place.bottom())]
        outline += [QPointF(left - point, middle)] if open_start else []
        painter.drawPolygon(QPolygonF(outline))
