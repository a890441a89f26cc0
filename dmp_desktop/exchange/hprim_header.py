"""The twelve lines that begin a message of HPRIM Médecins 3.0 (March 1997): whom it is about, when, from whom, to whom."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from dmp_desktop.domain.identity import folded
from dmp_desktop.domain.ins import is_ins
from dmp_desktop.domain.people import Address
from dmp_desktop.domain.received import ReceivedPatient

LINES: Final = 12
_CODE, _FAMILY, _GIVEN, _ADDRESS, _ADDRESS_2, _CITY, _BORN, _NIR, _REFERENCE, _DAY, _FROM, _TO = range(LINES)
_FURTHEST: Final = 50
"""Blank lines before a header that are still seen as such; one that is not blank may come before it too."""
_OLDEST: Final = 115  # years
_LIKELY: Final = 2
_SURE: Final = 5
"""Of `_score`: in a file with marks, and in one without."""
_FIRST_YEAR: Final = 1990
"""HPRIM Médecins began then: a file « du 15/05/13 » is of 2013."""
LONGEST: Final = 200
"""Characters of a line of a header; the widest of the standard has 50."""

_DAY_FORM = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4}|\d{2})|(\d{4})-?(\d{2})-?(\d{2})", re.ASCII)
NIR_FORM = re.compile(r"([1-9]\d{4}(?:\d{2}|2[AB])\d{6})(\d{2})?", re.ASCII | re.IGNORECASE)
_CITY_FORM = re.compile(r"(\d{5})(?:\s+(.*))?", re.ASCII)
CODE_FORM = re.compile(r"\S{1,20}")

NO_BIRTH = "La date de naissance manque."
BIRTH_UNREADABLE = "La date de naissance est illisible : elle est reprise à la fin du texte, telle qu'écrite."
BIRTH_CENTURY = (
    "L'année de naissance n'a que deux chiffres, et le siècle n'est pas sûr : elle est reprise à la fin du texte."
)
BIRTH_ODD = "La date de naissance ne va pas avec la date du message : vérifiez-la."
NIR_KEY = "La clé du numéro de sécurité sociale est fausse."
NIR_UNREADABLE = "Le numéro de sécurité sociale est illisible : il est repris à la fin du texte, tel qu'écrit."
DAY_UNREADABLE = "La date du message est illisible : elle est reprise à la fin du texte, telle qu'écrite."
NO_HEADER = "L'en-tête du message n'est pas reconnu : ce texte n'est attribué à personne."
SHIFTED = "L'en-tête du message est décalé : vérifiez le patient."
TOO_LONG = "Une ligne de l'en-tête est trop longue : elle est reprise à la fin du texte, telle qu'écrite."
NO_NAME = "Le nom du patient manque."


@dataclass(slots=True, repr=False)
class Header:
    """`size` lines of the message are the header. `left` are those it could not place, verbatim, for the text."""

    patient: ReceivedPatient = field(default_factory=ReceivedPatient)
    title: str = ""
    reference: str = ""
    day: date | None = None
    sender: str = ""
    recipient: str = ""
    size: int = 0
    left: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def has_header(lines: Sequence[str]) -> bool:
    """Whether a text that has no mark begins by a header: a letter has a postal code and a date somewhere, too."""
    shift = _shift(lines)
    return shift is not None and _score(lines, shift) >= _SURE


def headers_of_others(lines: Sequence[str], patient: ReceivedPatient) -> Iterator[bool]:
    """For twelve lines of a body that read as a header and name somebody else: whether that is sure. Names and two days at their
    places may be a list of days; with a number of the insured, or a postal code, they are not."""
    days = {number for number, line in enumerate(lines) if len(line) < LONGEST and _DAY_FORM.fullmatch(line.strip())}
    for number in sorted(days):
        at = number - _BORN
        head = [line[:LONGEST].strip() for line in lines[max(at, 0) : at + LINES]]
        if at < 0 or len(head) <= _NIR or not head[_FAMILY].strip(".") or at + _FAMILY in days:
            continue
        insured, dated = NIR_FORM.fullmatch("".join(head[_NIR].split())) is not None, at + _DAY in days
        given = head[_GIVEN].strip(".")
        if (insured and (given or dated)) or (dated and given):
            same = (folded(head[_FAMILY]), folded(given)) == (folded(patient.family), folded(patient.given))
            if not (same and patient.birth_date in _days(head[_BORN])):
                yield insured or _CITY_FORM.fullmatch(head[_CITY]) is not None


def read_header(lines: Sequence[str]) -> Header:
    """The header of the message these lines begin; empty, with a warning, where there is none."""
    shift = _shift(lines)
    if shift is None:
        return Header(warnings=[NO_HEADER])
    head = ["", *lines[: LINES - 1]] if shift < 0 else list(lines[shift : shift + LINES])
    found = Header(size=min(LINES + shift, len(lines)), left=[line for line in lines[: max(shift, 0)] if line.strip()])
    told = [_told(line, found) for line in head] + [""] * (LINES - len(head))
    if shift < 0 or any(line.strip() for line in lines[: max(shift, 0)]):
        found.warnings.append(SHIFTED)
    found.day = _file_day(told[_DAY], found)
    found.reference = spaced(told[_REFERENCE])
    found.sender, found.recipient = spaced(told[_FROM]), spaced(told[_TO])
    code = told[_CODE] if CODE_FORM.fullmatch(told[_CODE]) else ""
    found.title = "" if code else spaced(told[_CODE])
    found.patient = ReceivedPatient(
        family=spaced(told[_FAMILY]),
        given=spaced(told[_GIVEN]),
        birth_date=_birth(told[_BORN], found),
        nir=_nir(told[_NIR], found),
        file_number=code,
        address=_address(told[_ADDRESS], told[_ADDRESS_2], told[_CITY]),
    )
    if not found.patient.family:
        found.warnings.append(NO_NAME)
    return found


def _shift(lines: Sequence[str]) -> int | None:
    """How many lines come before the header (-1: its first one is missing); None where what is there is not what a header has."""
    blank = next((number for number, line in enumerate(lines[:_FURTHEST]) if line.strip()), 0)
    scores = {shift: _score(lines, shift) for shift in (0, 1, -1, *range(2, blank + 2))}
    best = max(scores, key=scores.__getitem__)  # the first one, of equals
    return best if scores[best] >= _LIKELY else None


def _score(lines: Sequence[str], shift: int) -> int:
    def at(number: int) -> str:
        place = number + shift
        return lines[place].strip() if 0 <= place < len(lines) else ""

    if not at(_FAMILY) or _DAY_FORM.fullmatch(at(_FAMILY)):
        return 0
    nir = "".join(at(_NIR).split())
    return (
        3 * bool(_DAY_FORM.fullmatch(at(_BORN)))
        + 3 * bool(NIR_FORM.fullmatch(nir))
        + 2 * bool(_DAY_FORM.fullmatch(at(_DAY)))
        + bool(_CITY_FORM.fullmatch(at(_CITY)))
        + 3 * ([at(number) for number in (_BORN, _NIR)] == [".", "."])
    )


def _told(line: str, found: Header) -> str:
    """What a line tells; nothing where it is a « . »."""
    value = line.strip()
    if len(value) > LONGEST:
        found.warnings.append(TOO_LONG)
        found.left.append(line)
        return ""
    return "" if value == "." else value


def spaced(told: str) -> str:
    """Fields are padded to a width."""
    return " ".join(told.split())


def _address(line: str, more: str, city: str) -> Address | None:
    code = _CITY_FORM.fullmatch(city)
    address = Address(
        " ".join(spaced(part) for part in (line, more) if part),
        code[1] if code else "",
        spaced(code[2] or "") if code else spaced(city),
    )
    return address if address != Address() else None


def _nir(told: str, found: Header) -> str:
    number = "".join(told.split()).upper()
    form = NIR_FORM.fullmatch(number)
    if form is None:
        if number:
            found.warnings.append(NIR_UNREADABLE)
            found.left.append(told)
        return ""
    if form[2] and not is_ins(number):
        found.warnings.append(NIR_KEY)
    return number


def _birth(told: str, found: Header) -> date | None:
    if not told:
        found.warnings.append(NO_BIRTH)
        return None
    days = [day for day in _days(told) if found.day is None or _may_be_born(day, found.day)]
    if len(days) == 1:
        return days[0]
    whole = _days(told)
    if len(whole) == 1:
        found.warnings.append(BIRTH_ODD)
        return whole[0]
    found.warnings.append(BIRTH_CENTURY if whole else BIRTH_UNREADABLE)
    found.left.append(told)
    return None


def _may_be_born(born: date, day: date) -> bool:
    return born <= day and day.year - born.year <= _OLDEST


def _file_day(told: str, found: Header) -> date | None:
    days = _days(told)
    if days:
        return days[0] if len(days) == 1 or days[0].year >= _FIRST_YEAR else days[-1]
    if told:
        found.warnings.append(DAY_UNREADABLE)
        found.left.append(told)
    return None


def _days(told: str) -> list[date]:
    """The days this may be: of two centuries where the year has two figures."""
    form = _DAY_FORM.fullmatch(told)
    if form is None:
        return []
    year, month, day = (form[4], form[5], form[6]) if form[4] else (form[3], form[2], form[1])
    years = [int(year)] if len(year) == 4 else [1900 + int(year), 2000 + int(year)]
    days = []
    for one in years:
        try:
            days.append(date(one, int(month), int(day)))
        except ValueError:
            continue
    return days
