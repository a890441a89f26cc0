"""Dates as a note says them, lower case and without accents: one reading for the note, the document and its form.

Never more precise than the words: what is not plainly a day, a month of a year or a year is no date at all.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Final

_MONTHS: Final = ("jan", "fev", "mar", "avr", "mai", "juin", "juil", "aou", "sep", "oct", "nov", "dec")
MONTH: Final = (
    r"(?:janv(?:ier)?|fevr?(?:ier)?|mars|avr(?:il)?|mai|juin|juil(?:let)?|aout?|sept(?:embre)?|oct(?:obre)?|nov(?:embre)?"
    r"|dec(?:embre)?)(?![a-z])"
)
TODAY: Final = r"(?:ce jour|aujourd'hui|ce matin|cet apres-midi)(?![a-z])"
_YEAR = r"(?:19|20)\d\d"
# From a week on people round: "8 jours" is a week, "15 jours" two.
_AGO = r"il y a ([1-6]) ?j(?:ours?)?(?![a-z])"
SAID_DATE: Final = (
    rf"(?:{TODAY}|(?:avant[- ])?hier(?![a-z])|{_AGO.replace('(', '(?:', 1)}"
    rf"|(?<![\d/.-])(?:\d{{1,2}}(?:/\d{{1,2}}/|-\d{{1,2}}-|\.\d{{1,2}}\.)(?:\d{{4}}|\d\d)|{_YEAR}-\d\d-\d\d|\d{{1,2}}/{_YEAR})(?![\d/-])"
    rf"|\b(?:1er|\d{{1,2}}) {MONTH}\.? (?:{_YEAR}|\d\d)(?![\d/.])|\b{MONTH}\.? {_YEAR}(?![\d/-])"
    rf"|(?<![\d/.-])\d{{1,2}}/\d{{1,2}}(?![\d/-])|(?<![\d/.-]){_YEAR}(?![\d/-]))"
)
"""What a date looks like; `04/11` is one that cannot be read: a day, or a month."""
NOT_PLAINLY: Final = ""
"""In place of a date: time is spoken of (`la semaine derniere`), and it makes none. None: it is not spoken of."""

_FULL = len("2026-11-20")
_ISO = re.compile(r"\d{4}(?:-\d\d){0,2}")
_FIGURES = re.compile(r"(?:(?:(\d{1,2})/)?(\d{1,2})/)?(\d{4})|(\d{1,2})([/.-])(\d{1,2})\5(\d{4}|\d\d)")
_WORDS = re.compile(rf"(?:(1er|\d{{1,2}}) )?({MONTH})\.? (\d{{4}}|\d\d)")
_YESTERDAYS: Final = {"hier": 1, "avant-hier": 2, "avant hier": 2}
_IS_TODAY = re.compile(TODAY)
_IS_AGO = re.compile(_AGO)


def said_date(said: str, day: date) -> str:
    """ISO, as precise as `said` by a note of `day`; empty for what is no date, not plainly one, or one to come."""
    days = _days_ago(said)
    written = said if days is None else (day - timedelta(days)).isoformat()
    found = _FIGURES.fullmatch(written)
    if found:
        written = _joined([part for part in found.groups() if part and part not in "/.-"], day)
    elif (found := _WORDS.fullmatch(written)) and (found[1] or len(found[3]) == 4):
        month = next(rank for rank, name in enumerate(_MONTHS, start=1) if found[2].startswith(name))
        written = _joined([*([found[1].removesuffix("er")] if found[1] else []), str(month), found[3]], day)
    if not _ISO.fullmatch(written) or written > day.isoformat():
        return ""
    try:
        date.fromisoformat(f"{written}-01-01"[:_FULL])
    except ValueError:
        return ""
    return written


def _days_ago(said: str) -> int | None:
    if _IS_TODAY.fullmatch(said):
        return 0
    if said in _YESTERDAYS:
        return _YESTERDAYS[said]
    ago = _IS_AGO.fullmatch(said)
    return int(ago[1]) if ago else None


def _joined(parts: list[str], day: date) -> str:
    """Day, month, year, as far as there are some; `19` is the last year that ends so."""
    year = parts[-1]
    if len(year) == 2:
        year = f"{day.year // 100 - (int(year) > day.year % 100)}{year}"
    return "-".join([year, *(part.zfill(2) for part in reversed(parts[:-1]))])
