"""An agenda as some software wrote it, whichever form it has: its lines, those that cannot be used, what was left out of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from dmp_desktop.domain.arrivals import Expected
from dmp_desktop.domain.identity import is_possible
from dmp_desktop.domain.ins import is_ins
from dmp_desktop.errors import ContextError

MAX_BYTES = 1_000_000
MAX_LINES = 2_000
MAX_TEXT = 200

Local = Callable[[datetime], datetime]
"""A moment without a zone to the same one in the practice's."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Line:
    """`number` is where it begins in the file, from 1."""

    number: int
    day: date
    expected: Expected


@dataclass(frozen=True, slots=True)
class Refused:
    """`why` is French and quotes nothing: a value may identify a patient."""

    number: int
    why: str


@dataclass(frozen=True, slots=True)
class Agenda:
    """`left_out` names what is in the file and was not taken (columns, kinds of entries): nothing is dropped in silence."""

    lines: tuple[Line, ...] = ()
    refused: tuple[Refused, ...] = ()
    left_out: tuple[str, ...] = ()


class Unusable(Exception):  # noqa: N818 - it never leaves this package's readers
    """Why one line is not taken, in French."""


def decoded(untrusted: bytes) -> str:
    """UTF-8, UTF-16 where it says so, else the code page of Western Windows. Raises ContextError."""
    if len(untrusted) > MAX_BYTES:
        raise ContextError("agenda-size", "L'agenda dépasse 1 Mo.", "Vérifiez que c'est le bon fichier.")
    wide = untrusted.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "cp1252"):
        try:
            text = untrusted.decode(encoding)
        except UnicodeError:
            continue
        if "\x00" not in text:
            return text
    raise ContextError(
        "agenda-encoding",
        "L'agenda n'est pas un texte lisible.",
        "Exportez-le en CSV (UTF-8) ou en ICS, puis recommencez.",
    )


def clean(value: str) -> str:
    """One line of text, spaces trimmed. Raises Unusable."""
    text = " ".join(value.split())
    if len(text) > MAX_TEXT or _CONTROL.search(text):
        raise Unusable(f"un texte dépasse {MAX_TEXT} caractères ou contient des caractères interdits")
    return text


def read_ins(value: str) -> str:
    """Raises Unusable for a number whose key is wrong or missing."""
    number = "".join(value.split()).upper()
    if number and not is_ins(number):
        raise Unusable("l'INS n'a pas 15 caractères ou sa clé est fausse")
    return number


_DAY = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})|(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")


def read_day(value: str, what: str) -> date | None:
    """12/03/1985, 1985-03-12 or 19850312; None when there is nothing. Raises Unusable, naming `what`."""
    if not value:
        return None
    found = _DAY.fullmatch(value)
    if found:
        year, month, day = (found[1], found[2], found[3]) if found[1] else (found[6], found[5], found[4])
        try:
            return date(int(year), int(month), int(day))
        except ValueError:
            pass
    raise Unusable(f"la {what} n'est pas une date (jj/mm/aaaa)")


def read_birth(value: str, today: date) -> date | None:
    """Raises Unusable for a day to come, or of somebody older than anybody."""
    born = read_day(value, "date de naissance")
    if born is not None and not is_possible(born, today):
        raise Unusable("la date de naissance est impossible")
    return born


_LEFT_OF = re.compile(r"\s+[-–—|/]\s+|[(,;:\[]")


def split_name(words: str) -> tuple[str, str]:
    """« TEST-MARTIN Léa - motif » to family and given name; the given name stays empty where capitals do not tell them apart.

    What comes after a separator is about the visit: it is not taken.
    """
    names = [word for word in _LEFT_OF.split(words, maxsplit=1)[0].split() if word.upper().rstrip(".") not in _CIVIL]
    capitals = [word.isupper() for word in names]
    if all(capitals) or not any(capitals):
        return " ".join(names), ""
    family = [word for word, capital in zip(names, capitals, strict=True) if capital]
    return " ".join(family), " ".join(word for word, capital in zip(names, capitals, strict=True) if not capital)


_CIVIL = frozenset({"M", "MR", "MME", "MLLE", "MONSIEUR", "MADAME", "MADEMOISELLE", "ENFANT"})
