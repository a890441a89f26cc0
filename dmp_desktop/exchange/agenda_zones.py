"""The zones an iCalendar file describes itself (VTIMEZONE, RFC 5545 §3.6.5), for the names that neither IANA nor Windows knows.

Only what such descriptions hold in earnest is followed: changes once a year (FREQ=YEARLY in one month) or on given days (RDATE).
A rule that changes every second since 1601 would keep the program busy for hours: its zone stays unknown."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from icalendar import Component, Timezone

FOLD = re.compile(r"\r\n[ \t]")
FAULTS = (ValueError, TypeError, LookupError, ArithmeticError, AttributeError, RecursionError, OSError)
"""What the package, and the zones of the system, may answer to bytes that somebody made up."""
MAX_ZONES, MAX_ZONE_LINES = 50, 3000
"""Outlook describes one or two; a zone with all its changes since 1900 takes some 1,500 lines."""
_NAME = re.compile(r"^TZID(?:;[^:\r\n]*)?:([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
_RULE_PARTS = frozenset({"FREQ", "INTERVAL", "UNTIL", "COUNT", "WKST", "BYMONTH", "BYDAY", "BYMONTHDAY"})
_PROBE = datetime(2026, 7, 1, 12)


def zones_of(text: str) -> dict[str, tzinfo]:
    """By the name that moments of the file give (TZID). What is not understood, or is described in two ways, is not there."""
    described: dict[str, set[str]] = {}
    for block in _blocks(text):
        if name := _name(block):
            described.setdefault(name, set()).add(block)
    found = {name: _zone(blocks.pop()) for name, blocks in described.items() if len(blocks) == 1}
    return {name: zone for name, zone in found.items() if zone is not None}


def _blocks(text: str) -> Iterator[str]:
    lines: list[str] | None = None
    count = 0
    for line in re.split(r"\r\n|\r|\n", text):
        told = line.rstrip().upper()
        if told == "BEGIN:VTIMEZONE":
            lines = []
        if lines is not None and len(lines) < MAX_ZONE_LINES:
            lines.append(line)
            if told == "END:VTIMEZONE":
                yield FOLD.sub("", "\r\n".join([*lines, ""]))
                lines, count = None, count + 1
        if count == MAX_ZONES:
            return


def _name(block: str) -> str:
    """As moments give it: what the text escapes (RFC 5545 §3.3.11) is not escaped in a parameter."""
    named = _NAME.search(block)
    return re.sub(r"\\(.)", r"\1", named[1]).strip() if named else ""


def _component(block: str) -> Timezone | None:
    """The package keeps what it reads by its name, for every file after this one: it is read under a name of its own."""
    from icalendar import Timezone

    own = f"TZID:dmp-{hashlib.sha256(block.encode()).hexdigest()}"
    try:
        read = Timezone.from_ical(_NAME.sub(own, block, count=1).encode())
    except FAULTS:
        return None
    return read if isinstance(read, Timezone) else None


def _zone(block: str) -> tzinfo | None:
    component = _component(block)
    if component is None or not component.subcomponents or not all(map(_followed, component.subcomponents)):
        return None
    try:
        zone = component.to_tz(lookup_tzid=False)
        return zone if _PROBE.replace(tzinfo=zone).utcoffset() is not None else None
    except FAULTS:
        return None


def _followed(change: Component) -> bool:
    """Whether its rules, if any, change once a year."""
    rules: Any = change.get("RRULE", [])
    return all(map(_yearly, rules if isinstance(rules, list) else [rules]))


def _yearly(rule: Any) -> bool:
    parts: dict[str, list[Any]] = dict(rule)
    return (
        _RULE_PARTS.issuperset(parts)
        and parts.get("FREQ") == ["YEARLY"]
        and all(len(parts.get(part, ())) <= 1 for part in ("BYMONTH", "BYDAY"))
        and ("BYMONTH" in parts or not {"BYDAY", "BYMONTHDAY"} & parts.keys())
    )
