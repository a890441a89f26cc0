"""A curve the size of a word: the band of the last report, the line, the last point. It never stands for the figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from dmp_desktop.ui import theme


@dataclass(frozen=True, slots=True, repr=False)
class Spark:
    """`points` are (time in seconds, value); `low` and `high` the band; `tone` a role of the palette, for the last point."""

    points: tuple[tuple[float, float], ...] = ()
    low: float | None = None
    high: float | None = None
    tone: str = "accent"


def paint_sparkline(painter: QPainter, area: QRect, spark: Spark, ink: str = "") -> None:
    """In `area`; with `ink`, all in one colour (a selected row). A single value is its point alone."""
    if not spark.points:
        return
    colours = theme.current()
    radius = max(area.height() / 9.0, 2.0)
    inner = QRectF(area).adjusted(radius, radius, -radius - 1, -radius - 1)
    values = [value for _, value in spark.points]
    limits = [limit for limit in (spark.low, spark.high) if limit is not None]
    bottom, top = _range([*values, *limits])
    first, last = spark.points[0][0], spark.points[-1][0]

    def place(when: float, value: float) -> QPointF:
        along = (when - first) / (last - first) if last > first else 1.0
        return QPointF(
            inner.left() + along * inner.width(), inner.bottom() - (value - bottom) / (top - bottom) * inner.height()
        )

    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if limits and not ink:
        high = place(first, top if spark.high is None else spark.high).y()
        low = place(first, bottom if spark.low is None else spark.low).y()
        painter.fillRect(
            QRectF(area.left(), high, area.width(), max(low - high, 1.0)), QColor(theme.tint(colours, "hover"))
        )
    places = [place(when, value) for when, value in spark.points]
    painter.setPen(QPen(QColor(ink or colours.muted), max(radius / 2, 1.0)))
    painter.drawPolyline(QPolygonF(places))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(ink or getattr(colours, spark.tone)))
    painter.drawEllipse(places[-1], radius, radius)
    painter.restore()


def _range(values: Sequence[float]) -> tuple[float, float]:
    """Never empty: a flat line stands in the middle."""
    bottom, top = min(values), max(values)
    return (bottom, top) if top > bottom else (bottom - 1.0, top + 1.0)
