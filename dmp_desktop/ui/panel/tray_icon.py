"""The icon beside the clock: what is in the reader, whether the DMP answers, how much waits; by shape as well as by colour.

Numbers and states only: who looks over a shoulder, or at a shared screen, learns no name.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QIcon, QPainter, QPen, QPixmap

from dmp_desktop.ui import theme

SIZES = (16, 22, 24, 32, 48, 64)
MOST = 9


@dataclass(frozen=True, slots=True)
class Shown:
    """`card`: a professional card is in, or its holder is identified without one; `server` as the strip has it: None, not called
    yet; `waiting` documents."""

    card: bool = False
    server: bool | None = None
    waiting: int = 0


def draw(shown: Shown) -> QIcon:
    """A card, full when it is in and an outline when it is not; a cross over it while the DMP does not answer, a tick when it
    did; a disc with the number that waits."""
    icon = QIcon()
    for size in SIZES:
        icon.addPixmap(_drawn(shown, size))
    return icon


def _drawn(shown: Shown, size: int) -> QPixmap:
    colours = theme.LIGHT
    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(size / 16, size / 16)
    _card(painter, colours, full=shown.card)
    if shown.server is not None:
        _server(painter, colours, answered=shown.server)
    if shown.waiting:
        _badge(painter, colours, shown.waiting)
    painter.end()
    return pixmap


def _card(painter: QPainter, colours: theme.Colours, *, full: bool) -> None:
    """On a plate of its own: task bars are light or dark."""
    painter.setPen(QPen(QColor(colours.base if full else colours.accent), 0.8 if full else 1.6))
    painter.setBrush(QColor(colours.accent if full else colours.base))
    painter.drawRoundedRect(QRectF(0.8, 3.3, 14.4, 10.4), 2, 2)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colours.base if full else colours.accent))
    painter.drawRect(QRectF(3, 6, 3.4, 2.6))


def _server(painter: QPainter, colours: theme.Colours, *, answered: bool) -> None:
    """Bottom left."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colours.success if answered else colours.danger))
    painter.drawRect(QRectF(0, 9, 7, 7)) if not answered else painter.drawEllipse(QRectF(0, 9, 7, 7))
    painter.setPen(QPen(QColor(colours.base), 1.4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    if answered:
        painter.drawPolyline([QPointF(1.8, 12.6), QPointF(3.1, 14), QPointF(5.3, 11.2)])
    else:
        painter.drawLine(QPointF(2, 11), QPointF(5, 14))
        painter.drawLine(QPointF(5, 11), QPointF(2, 14))


def _badge(painter: QPainter, colours: theme.Colours, waiting: int) -> None:
    """Top right."""
    disc = QRectF(7, 0, 9, 9)
    painter.setPen(QPen(QColor(colours.base), 0.8))
    painter.setBrush(QColor(colours.warning))
    painter.drawEllipse(disc)
    font = QFont(painter.font())
    font.setBold(True)
    font.setPixelSize(7)
    painter.setFont(font)
    painter.setPen(QColor(colours.base))
    painter.drawText(disc, Qt.AlignmentFlag.AlignCenter, str(waiting) if waiting <= MOST else "+")
