"""Dates, ages and identities as a French doctor reads them."""

from __future__ import annotations

import math
from datetime import date, datetime

from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.people import Patient
from dmp_desktop.ui import strings_access_fr as access_fr
from dmp_desktop.ui import strings_fr as fr

NO_BREAK = "\N{NO-BREAK SPACE}"
INFANT_YEARS = 2


def day(moment: date | datetime) -> str:
    """12/03/2026, in the workstation's time zone."""
    if isinstance(moment, datetime) and moment.tzinfo:
        moment = moment.astimezone()
    return f"{moment:%d/%m/%Y}"


def day_and_time(moment: datetime) -> str:
    return f"{moment.astimezone():%d/%m/%Y %H:%M}"


def age(patient: Patient, today: date) -> str:
    """In months below two years."""
    years = patient.age(today)
    if years >= INFANT_YEARS:
        return fr.AGE_YEARS.format(years)
    born = patient.birth_date
    months = (today.year - born.year) * 12 + today.month - born.month - (today.day < born.day)
    return fr.AGE_MONTHS.format(months)


def born(patient: Patient) -> str:
    """« née le 12/03/1985 », by the sex of the identity."""
    return fr.BORN[patient.sex].format(day(patient.birth_date))


def ins(identity: InsIdentity) -> str:
    """2 85 03 51 454 123 · 63: sex, year, month, place, rank, then the key."""
    return matricule(identity.value)


def matricule(value: str) -> str:
    """15 characters, as `ins`."""
    groups, start = [], 0
    for width in (1, 2, 2, 2, 3, 3):
        groups.append(value[start : start + width])
        start += width
    return f"{NO_BREAK.join(groups)} · {value[start:]}"


def button_text(text: str) -> str:
    """Text of others on a button: an ampersand is no mnemonic."""
    return text.replace("&", "&&")


def time_left(seconds: float | None) -> str:
    """« encore 12 min »; empty for what has no time of its own."""
    if seconds is None:
        return ""
    whole = max(0, math.ceil(seconds))
    return access_fr.LEFT_SECONDS.format(whole) if whole < 60 else access_fr.LEFT_MINUTES.format(math.ceil(whole / 60))
