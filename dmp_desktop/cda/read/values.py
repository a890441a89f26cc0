"""HL7 data types of CDA: time stamps, codes, names, quantities."""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache
from zoneinfo import ZoneInfo

from dmp_desktop.cda.xml import Element, attribute, child, children, text
from dmp_desktop.domain.documents import Code

_TS = re.compile(r"(\d{4})(\d{2})?(\d{2})?(\d{2})?(\d{2})?(\d{2})?(?:\.\d{1,6})?([+-]\d{4})?")
_COMMA = re.compile(r"[+-]?\d+,\d+")
_DAY_DIGITS = len("YYYYMMDD")
_DAYS = {"d": 1.0, "wk": 7.0, "mo": 30.4375, "a": 365.25, "h": 1 / 24}
"""Days in a unit of time of UCUM (§ 31)."""


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


def known_digits(stamp: str) -> str:
    """The digits of a date as far as they tell something: no month `00`, no day `00` (lunar dates)."""
    digits = stamp[:8] if stamp[:8].isdigit() else ""
    while len(digits) > 4 and digits.endswith("00"):
        digits = digits[:-2]
    return digits


def code(element: Element | None) -> Code | None:
    """CD, CE, CV; None without a code."""
    value = attribute(element, "code")
    return Code(value, attribute(element, "codeSystem"), attribute(element, "displayName")) if value else None


def interval(element: Element | None) -> tuple[str, str]:
    """TS or IVL_TS -> (low, high) time stamps; a single value counts as low, and low and width give the high end."""
    if element is None:
        return "", ""
    low = attribute(child(element, "low"), "value") or attribute(element, "value")
    return low, attribute(child(element, "high"), "value") or _after(low, child(element, "width"))


def _after(low: str, width: Element | None) -> str:
    """The day a width ends, as a time stamp; '' where it begins on no known day, or has no unit of `_DAYS`."""
    unit, count = attribute(width, "unit"), number(attribute(width, "value"))
    start = utc(low) if len(low) >= _DAY_DIGITS else None
    if start is None or isinstance(count, str) or count < 0 or unit not in _DAYS:
        return ""
    try:
        end = date(int(low[:4]), int(low[4:6]), int(low[6:8])) + timedelta(days=math.floor(count * _DAYS[unit]))
    except OverflowError:  # past the year 9999
        return ""
    return end.strftime("%Y%m%d").zfill(_DAY_DIGITS)


def number(value: str) -> float | int | str:
    """A decimal number when it is one, with a point or a French comma, else the text."""
    try:
        parsed = float(value.replace(",", ".") if _COMMA.fullmatch(value) else value)
    except ValueError:
        return value
    if parsed != parsed or parsed in (float("inf"), float("-inf")):
        return value
    return int(parsed) if parsed.is_integer() and "." not in value and "," not in value else parsed


def name_parts(name: Element | None, part: str, qualifier: str | None) -> str:
    """`family` or `given` parts of a PN with this qualifier (None: without), joined by spaces."""
    parts = [text(item) for item in children(name, part) if item.get("qualifier") == qualifier]
    return " ".join(item for item in parts if item)
