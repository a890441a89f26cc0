"""A day's agenda as iCalendar (RFC 5545): of each VEVENT its moment, its UID and the name at the head of its SUMMARY.

Only what an agenda of appointments needs of the format: folded lines (§3.1), quoted parameters (§3.2), texts (§3.3.11), dates and
moments (§3.3.4, §3.3.5). A repeated appointment (RRULE) is told, not unrolled.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

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

_PROPERTY = re.compile(
    r'([A-Za-z0-9-]+)((?:;[A-Za-z0-9-]+=(?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*)*):(.*)', re.DOTALL
)
_PARAMETER = re.compile(r';([A-Za-z0-9-]+)=("[^"]*"|[^";:,]*)')
_ESCAPED = re.compile(r"\\([\\;,nN])")
_BORN = re.compile(r"\bn[ée]+(?:\(?e\)?)?\s+le\s*:?\s*(\d{1,2}[/.-]\d{1,2}[/.-]\d{4})", re.IGNORECASE)
_MOMENT = re.compile(r"(\d{8})(?:T(\d{6})(Z)?)?")
_TAKEN = frozenset({"UID", "DTSTART", "SUMMARY", "STATUS", "ORGANIZER"})
_SILENT = frozenset(
    {"DTSTAMP", "DTEND", "DURATION", "CREATED", "LAST-MODIFIED", "SEQUENCE", "TRANSP", "BEGIN", "END", "CLASS"}
)
"""Technical, or of no use here: not worth a word."""


@dataclass(slots=True)
class _Event:
    number: int
    values: dict[str, tuple[dict[str, str], str]] = field(default_factory=dict)
    whole: bool = False


def read_ics(text: str, today: date, local: Local) -> Agenda:
    """Raises ContextError for a file of too many entries."""
    lines: list[Line] = []
    refused: list[Refused] = []
    left_out: dict[str, None] = {}
    for event in _events(text):
        if len(lines) + len(refused) >= MAX_LINES:
            raise ContextError(
                "agenda-lines", f"L'agenda a plus de {MAX_LINES} rendez-vous.", "Exportez une seule journée."
            )
        left_out |= dict.fromkeys(name for name in event.values if name not in _TAKEN | _SILENT)
        try:
            lines.append(_line(event, today, local))
        except Unusable as why:
            refused.append(Refused(event.number, f"{why}."))
    return Agenda(tuple(lines), tuple(refused), tuple(left_out))


def _events(text: str) -> Iterator[_Event]:
    """VEVENTs, one that is cut off by the end of the file too; what is inside them (alarms) is passed over."""
    event: _Event | None = None
    inner = 0
    for number, line in _unfolded(text):
        found = _PROPERTY.fullmatch(line)
        if found is None:
            continue
        name, value = found[1].upper(), found[3]
        if name == "BEGIN" and value.upper() == "VEVENT" and event is None:
            event = _Event(number)
        elif event is None:
            continue
        elif name == "END" and value.upper() == "VEVENT":
            event.whole = True
            yield event
            event, inner = None, 0
        elif name in ("BEGIN", "END"):
            inner = max(0, inner + (1 if name == "BEGIN" else -1))
        elif not inner:
            told = {key.upper(): one.strip('"') for key, one in _PARAMETER.findall(found[2])}
            event.values.setdefault(name, (told, value))
    if event is not None:
        yield event


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    """Logical lines with the number of their first one, from 1."""
    parts: list[str] = []
    begun = 0
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        if line[:1] in (" ", "\t") and parts:
            parts.append(line[1:])
            continue
        if parts:
            yield begun, "".join(parts)
        parts, begun = [line], number
    if parts:
        yield begun, "".join(parts)


def _line(event: _Event, today: date, local: Local) -> Line:
    if not event.whole:
        raise Unusable("le rendez-vous est incomplet : le fichier s'arrête avant sa fin")
    if _text(event, "STATUS").upper() == "CANCELLED":
        raise Unusable("le rendez-vous est annulé dans l'agenda")
    if "RRULE" in event.values or "RDATE" in event.values:
        raise Unusable("le rendez-vous se répète : ajoutez-le à la main")
    summary = _text(event, "SUMMARY")
    family, given = split_name(clean(_BORN.split(summary, maxsplit=1)[0]))
    if not family:
        raise Unusable("le nom manque")
    born = _BORN.search(summary) or _BORN.search(_text(event, "DESCRIPTION"))
    day, at = _start(event, local)
    organizer = event.values.get("ORGANIZER", ({}, ""))[0].get("CN", "")
    expected = Expected(
        family=family,
        given=given,
        birth_date=read_birth(_slashed(born[1]), today) if born else None,
        at=at,
        doctor=clean(organizer),
        uid=clean(_text(event, "UID")),
    )
    return Line(event.number, day, expected)


def _slashed(day: str) -> str:
    return re.sub(r"[.-]", "/", day)


def _text(event: _Event, name: str) -> str:
    value = event.values.get(name, ({}, ""))[1]
    return _ESCAPED.sub(lambda found: " " if found[1] in "nN" else found[1], value).strip()


def _start(event: _Event, local: Local) -> tuple[date, datetime | None]:
    """The day here and the moment, None for a whole day."""
    parameters, value = event.values.get("DTSTART", ({}, ""))
    found = _MOMENT.fullmatch(value.strip())
    try:
        if found is None:
            raise ValueError  # noqa: TRY301 - told below, as what the calendar refuses
        if found[2] is None:
            return datetime.strptime(found[1], "%Y%m%d").replace(tzinfo=UTC).date(), None
        moment = datetime.strptime(found[1] + found[2], "%Y%m%d%H%M%S")
    except ValueError:
        raise Unusable("le moment du rendez-vous n'est pas lisible") from None
    zone = parameters.get("TZID", "")
    if found[3]:
        moment = moment.replace(tzinfo=UTC)
    elif zone:
        moment = moment.replace(tzinfo=_zone(zone))
    at = local(moment)
    return at.date(), at


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # ZoneInfoNotFoundError is a KeyError
        raise Unusable("le fuseau horaire du rendez-vous est inconnu") from None
