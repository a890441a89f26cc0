"""A curve the size of a word: the band of the last report, the line, the last point. It never stands for the figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from dmp_desktop.ui import theme

LINE = 1.0
"""Width of the line. Any wider costs Qt ten times the time: 54 µs for 24 points instead of 4 (measured)."""


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
    left, floor = inner.left(), inner.bottom()
    across, up = inner.width() / (last - first) if last > first else 0.0, inner.height() / (top - bottom)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if limits and not ink:
        high = floor - ((top if spark.high is None else spark.high) - bottom) * up
        low = floor - ((bottom if spark.low is None else spark.low) - bottom) * up
        painter.fillRect(
            QRectF(area.left(), high, area.width(), max(low - high, 1.0)), QColor(theme.tint(colours, "hover"))
        )
    if not across:
        left = inner.right()  # a moment alone is now
    places = [QPointF(left + (when - first) * across, floor - (value - bottom) * up) for when, value in spark.points]
    painter.setPen(QPen(QColor(ink or colours.muted), LINE))
    painter.drawPolyline(QPolygonF(places))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(ink or getattr(colours, spark.tone)))
    painter.drawEllipse(places[-1], radius, radius)
    painter.restore()


def _range(values: Sequence[float]) -> tuple[float, float]:
    """Never empty: a flat line stands in the middle."""
    bottom, top = min(values), max(values)
    return (bottom, top) if top > bottom else (bottom - 1.0, top + 1.0)
