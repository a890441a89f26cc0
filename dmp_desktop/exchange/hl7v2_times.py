"""Days and moments of HL7 v2 (TS, v2.5 §2.A.77)."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone


def day(told: str) -> date | None:
    """The day of a TS (v2.5 §2.A.77); None where it is not whole."""
    figures = told[:8]
    if len(figures) != 8 or not (figures.isascii() and figures.isdecimal()):
        return None
    try:
        return date(int(figures[:4]), int(figures[4:6]), int(figures[6:]))
    except ValueError:
        return None


def moment(told: str) -> datetime | None:
    """A TS to the minute at least, with its zone where it has one, else local time."""
    base, sign, zone = told.replace("-", "+-").partition("+")
    figures, begun = base.split(".")[0], day(base)
    if begun is None or len(figures) < 12 or not (figures.isascii() and figures.isdecimal()):
        return None
    try:
        found = datetime(
            begun.year, begun.month, begun.day, int(figures[8:10]), int(figures[10:12]), int(figures[12:14] or 0)
        )
        if not sign:
            return found.astimezone()
        west, digits = zone.startswith("-"), zone.lstrip("-")
        offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:4] or 0))
        return found.replace(tzinfo=timezone(-offset if west else offset))
    except (ValueError, OverflowError, OSError):
        return None
