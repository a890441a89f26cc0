"""HL7 data types of CDA: time stamps, codes, names, quantities."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache
from zoneinfo import ZoneInfo

from dmp_desktop.cda.xml import Element, attribute, child, children, text
from dmp_desktop.domain.documents import Code

_TS = re.compile(r"(\d{4})(\d{2})?(\d{2})?(\d{2})?(\d{2})?(\d{2})?(?:\.\d{1,6})?([+-]\d{4})?")


@cache
def legal_time() -> ZoneInfo:
    """French legal time: what a time stamp without a zone means here."""
    return ZoneInfo("Europe/Paris")


def utc(stamp: str) -> datetime | None:
    """HL7 TS -> aware UTC, missing parts at their start; None when it is not a time stamp or not a date that exists."""
    match = _TS.fullmatch(stamp)
    if match is None:
        return None
    year, *parts = (int(part) if part else 0 for part in match.groups()[:6])
    month, day, hour, minute, second = parts
    try:
        moment = datetime(year, month or 1, day or 1, hour, minute, second)
        if match[7]:
            sign = -1 if match[7][0] == "-" else 1
            offset = sign * timedelta(hours=int(match[7][1:3]), minutes=int(match[7][3:5]))
            return moment.replace(tzinfo=timezone(offset)).astimezone(UTC)
        return moment.replace(tzinfo=legal_time()).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def iso(stamp: str) -> str | None:
    """HL7 TS -> ISO 8601 with the precision it has: `2024`, `2024-10`, `2024-10-01` or a date and time; None when unreadable."""
    match = _TS.fullmatch(stamp)
    if match is None or utc(stamp) is None:
        return None
    year, month, day, hour, minute, second, zone = match.groups()
    if hour is None:
        return "-".join(part for part in (year, month, day) if part)
    offset = f"{zone[:3]}:{zone[3:]}" if zone else ""
    return f"{year}-{month}-{day}T{hour}:{minute or '00'}:{second or '00'}{offset}"


def birth_date(stamp: str) -> date | None:
    """The day of a birthTime, as written (no zone arithmetic: a birth date is a day)."""
    try:
        return date(int(stamp[:4]), int(stamp[4:6]), int(stamp[6:8])) if stamp[:8].isdigit() else None
    except ValueError:
        return None


def code(element: Element | None) -> Code | None:
    """CD, CE, CV; None without a code."""
    value = attribute(element, "code")
    return Code(value, attribute(element, "codeSystem"), attribute(element, "displayName")) if value else None


def interval(element: Element | None) -> tuple[str, str]:
    """TS or IVL_TS -> (low, high) time stamps; a single value counts as low."""
    if element is None:
        return "", ""
    return (
        attribute(child(element, "low"), "value") or attribute(element, "value"),
        attribute(child(element, "high"), "value"),
    )


def number(value: str) -> float | int | str:
    """A decimal number when it is one, else the text."""
    try:
        parsed = float(value)
    except ValueError:
        return value
    if parsed != parsed or parsed in (float("inf"), float("-inf")):
        return value
    return int(parsed) if parsed.is_integer() and "." not in value else parsed


def name_parts(name: Element | None, part: str, qualifier: str | None) -> str:
    """`family` or `given` parts of a PN with this qualifier (None: without), joined by spaces."""
    parts = [text(item) for item in children(name, part) if item.get("qualifier") == qualifier]
    return " ".join(item for item in parts if item)
