"""A day's agenda as iCalendar (RFC 5545): of each VEVENT its moment, its UID and the name at the head of its SUMMARY.

The `icalendar` package reads each VEVENT by itself: one that it does not understand bars no other, and is told by the line where
it begins. A repeated appointment (RRULE, RDATE) is told, not unrolled. Zones are known by the names of IANA and of Windows; any
other name is looked up in what the file describes itself (agenda_zones.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from typing import TYPE_CHECKING, Any

from dmp_desktop.domain.arrivals import Expected
from dmp_desktop.errors import ContextError
from dmp_desktop.exchange.agenda import (
    MAX_LINES,
    Agenda,
    Line,
    Local,
    Refused,
    Unusable,
    clean,
    read_birth,
    split_name,
)
from dmp_desktop.exchange.agenda_zones import FAULTS, FOLD, zones_of

if TYPE_CHECKING:
    from icalendar import Component, Event

_BORN = re.compile(r"\bn[ée]+(?:\(?e\)?)?\s+le\s*:?\s*(\d{1,2}[/.-]\d{1,2}[/.-]\d{4})", re.IGNORECASE)
_TAKEN = frozenset({"UID", "DTSTART", "SUMMARY", "STATUS", "ORGANIZER"})
_SILENT = frozenset(
    {"DTSTAMP", "DTEND", "DURATION", "CREATED", "LAST-MODIFIED", "SEQUENCE", "TRANSP", "BEGIN", "END", "CLASS"}
)
"""Technical, or of no use here: not worth a word."""


_UTC = re.compile(r"^DTSTART;[^\r\n]*:(?=[0-9T]+Z\s*$)", re.IGNORECASE | re.MULTILINE)
"""Said in UTC, a moment is in no other zone (RFC 5545 §3.2.19): the package would take the zone's name and drop the Z."""
UNREAD = "lignes illisibles"


@dataclass(slots=True)
class _Block:
    """One VEVENT as written, `number` the line of its BEGIN."""

    number: int
    lines: list[str] = field(default_factory=list)
    whole: bool = False


def read_ics(text: str, today: date, local: Local) -> Agenda:
    """Raises ContextError for a file of too many entries."""
    lines: list[Line] = []
    refused: list[Refused] = []
    left_out: dict[str, None] = {}
    zones = zones_of(text)
    for block in _blocks(text):
        if len(lines) + len(refused) >= MAX_LINES:
            raise ContextError(
                "agenda-lines", f"L'agenda a plus de {MAX_LINES} rendez-vous.", "Exportez une seule journée."
            )
        try:
            event = _event(block)
            left_out |= dict.fromkeys(name for name in event if name not in _TAKEN | _SILENT)
            left_out |= {UNREAD: None} if any(name is None for name, _why in event.errors) else {}
            lines.append(_line(block.number, event, today, local, zones))
        except Unusable as why:
            refused.append(Refused(block.number, f"{why}."))
    return Agenda(tuple(lines), tuple(refused), tuple(left_out))


def _blocks(text: str) -> Iterator[_Block]:
    """VEVENTs, one that is cut off too: by the end of the file, or by the next one."""
    block: _Block | None = None
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        told = line.rstrip().upper()
        if told == "BEGIN:VEVENT":
            if block is not None:
                yield block
            block = _Block(number)
        if block is not None:
            block.lines.append(line)
            if told == "END:VEVENT":
                block.whole = True
                yield block
                block = None
    if block is not None:
        yield block


def _event(block: _Block) -> Event:
    """Raises Unusable."""
    from icalendar import Event  # a quarter of a second, for who has such an agenda

    if not block.whole:
        raise Unusable("le rendez-vous est incomplet : le fichier s'arrête avant sa fin")
    event: Component | None = None
    try:
        unfolded = FOLD.sub("", "\r\n".join([*block.lines, ""]))
        event = Event.from_ical(_UTC.sub("DTSTART:", unfolded).encode())  # bytes: a text may be taken for a file's path
    except OSError:  # what bears the name of the zone is no zone
        raise Unusable("le fuseau horaire du rendez-vous est inconnu") from None
    except FAULTS:
        event = None  # told below, as what is no VEVENT
    if not isinstance(event, Event):
        raise Unusable("le rendez-vous n'est pas lisible")
    return event


def _line(number: int, event: Event, today: date, local: Local, zones: Mapping[str, tzinfo]) -> Line:
    if _text(event, "STATUS").upper() == "CANCELLED":
        raise Unusable("le rendez-vous est annulé dans l'agenda")
    if "RRULE" in event or "RDATE" in event:
        raise Unusable("le rendez-vous se répète : ajoutez-le à la main")
    summary = _text(event, "SUMMARY")
    family, given = split_name(clean(_BORN.split(summary, maxsplit=1)[0]))
    if not family:
        raise Unusable("le nom manque")
    born = _BORN.search(summary) or _BORN.search(_text(event, "DESCRIPTION"))
    day, at = _start(event, local, zones)
    expected = Expected(
        family=family,
        given=given,
        birth_date=read_birth(_slashed(born[1]), today) if born else None,
        at=at,
        doctor=clean(_organizer(event)),
        uid=clean(_text(event, "UID")),
    )
    return Line(number, day, expected)


def _slashed(day: str) -> str:
    return re.sub(r"[.-]", "/", day)


def _first(event: Event, name: str) -> Any:
    """Of what is said twice, what was said first."""
    value = event.get(name, "")
    return value[0] if isinstance(value, list) else value


def _text(event: Event, name: str) -> str:
    value = _first(event, name)
    return str(value).strip() if isinstance(value, str) else ""


def _organizer(event: Event) -> str:
    name = getattr(_first(event, "ORGANIZER"), "params", {}).get("CN", "")
    return name if isinstance(name, str) else ", ".join(name)


def _start(event: Event, local: Local, zones: Mapping[str, tzinfo]) -> tuple[date, datetime | None]:
    """The day here and the moment, None for a whole day."""
    start = event.get("DTSTART")
    try:
        moment = start.dt
    except FAULTS:  # nothing, said twice, or broken
        moment = None
    if isinstance(moment, datetime):
        named = start.params.get("TZID")
        if moment.tzinfo is None and named:
            if named not in zones:
                raise Unusable("le fuseau horaire du rendez-vous est inconnu")
            moment = moment.replace(tzinfo=zones[named])
        try:
            at = local(moment)
        except FAULTS:  # at one of the ends of the calendar
            raise Unusable("le moment du rendez-vous n'est pas lisible") from None
        return at.date(), at
    if isinstance(moment, date):
        return moment, None
    raise Unusable("le moment du rendez-vous n'est pas lisible")
