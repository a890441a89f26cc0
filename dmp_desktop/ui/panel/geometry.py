"""Where a panel may stand: rectangles only, of any number of screens. All in Qt's scaled points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect

COVERED = 0.25
"""The share of a window that a screen must still cover for its place to be worth going back to."""


@dataclass(frozen=True)
class Screen:
    """`available` is without task bars; `ratio`, the pixels of a point."""

    geometry: QRect
    available: QRect
    ratio: float = 1.0


def screen_set(screens: Sequence[Screen]) -> str:
    """The name of these screens as they stand: another size, place or scale of one of them is another set."""
    return " ".join(sorted(_name(one) for one in screens))


def _name(screen: Screen) -> str:
    area = screen.geometry
    return f"{area.width()}x{area.height()}{area.x():+}{area.y():+}@{screen.ratio:g}"


def docked(screen: Screen, width: int) -> QRect:
    """At the right edge, from top to bottom; never wider than the screen."""
    room = screen.available
    width = min(width, room.width())
    return QRect(room.right() - width + 1, room.top(), width, room.height())


def screen_of(frame: QRect, screens: Sequence[Screen]) -> Screen | None:
    """The one that shows most of it; None where none shows enough of it."""
    best = max(screens, key=lambda one: _area(one.available.intersected(frame)), default=None)
    if best is None or _area(best.available.intersected(frame)) < COVERED * _area(frame):
        return None
    return best


def in_view(frame: QRect, screen: Screen) -> QRect:
    """The same, no larger than the screen's room and moved into it where it stands out."""
    room = screen.available
    seen = QRect(frame.topLeft(), frame.size().boundedTo(room.size()))
    seen.moveLeft(min(max(seen.left(), room.left()), room.right() - seen.width() + 1))
    seen.moveTop(min(max(seen.top(), room.top()), room.bottom() - seen.height() + 1))
    return seen


def _area(rect: QRect) -> int:
    return 0 if rect.isEmpty() else rect.width() * rect.height()
