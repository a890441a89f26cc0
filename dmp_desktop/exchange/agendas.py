"""An agenda in any of the forms that are read, known by how it begins."""

from __future__ import annotations

from datetime import date

from dmp_desktop.exchange.agenda import Agenda, Local, decoded
from dmp_desktop.exchange.agenda_csv import read_csv
from dmp_desktop.exchange.agenda_ics import read_ics
from dmp_desktop.exchange.agenda_json import read_json


def read_agenda(untrusted: bytes, today: date, local: Local) -> Agenda:
    """Raises ContextError for what is no agenda at all; a line at fault is among those refused."""
    text = decoded(untrusted)
    beginning = text.lstrip("\ufeff \t\r\n")[:20].upper()
    if beginning.startswith("BEGIN:VCALENDAR"):
        return read_ics(text, today, local)
    if beginning.startswith("{"):
        return read_json(text, today)
    return read_csv(text, today, local)
