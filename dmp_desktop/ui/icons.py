"""Icons of resources/icons in the colours of the palette."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from PySide6.QtCore import QByteArray, QObject, QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from dmp_desktop.resources import resource_path
from dmp_desktop.ui import theme

DRAWN = "#1B1F24"
"""The stroke all our icons are drawn with, replaced by the wanted colour."""
SIZES = (20, 40, 80)


@cache
def icon(name: str, colour: str) -> QIcon:
    """`name` without extension, `colour` as `#RRGGBB`. An unknown name gives the plain document."""
    result = QIcon()
    for size in SIZES:
        result.addPixmap(_drawn(name, colour, size))
    return result


def role_icon(name: str, role: str = "text") -> QIcon:
    """An icon in a role of the palette in use (`text`, `danger` …)."""
    return icon(name, theme.current().roles()[role])


def warm_up(parent: QObject, wanted: Iterable[tuple[str, str]]) -> None:
    """Draws icons (name, role) one at a time while the window has nothing else to do: the first card finds them ready."""
    waiting = sorted(set(wanted))
    idle = QTimer(parent)

    def draw() -> None:
        if waiting:
            role_icon(*waiting.pop())
        else:
            idle.stop()
            idle.deleteLater()

    idle.timeout.connect(draw)
    idle.start(0)


@cache
def _source(name: str) -> str:
    path = resource_path("icons", f"{name}.svg")
    if not path.is_file():
        path = resource_path("icons", "document.svg")
    return path.read_text(encoding="utf-8")


def _drawn(name: str, colour: str, size: int) -> QPixmap:
    svg = _source(name).replace(DRAWN, QColor(colour).name())
    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(0, 0, size, size))
    painter.end()
    return pixmap
