"""A day's agenda in CSV, as practice software and spreadsheets write it: columns by their French names, whatever the separator.

The columns of identity and time are taken; all others, reasons of visits first of all, are named and left where they are.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time

from dmp_desktop.domain.arrivals import Expected
from dmp_desktop.domain.identity import folded
from dmp_desktop.domain.people import Sex
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
    read_day,
    read_ins,
    split_name,
)

COLUMNS = {
    "family": ("NOM DE NAISSANCE", "NOM NAISSANCE", "NOM"),
    "given": ("PREMIER PRENOM DE NAISSANCE", "PRENOM DE NAISSANCE", "PRENOM", "PRENOMS"),
    "name": ("PATIENT", "NOM PRENOM", "NOM ET PRENOM"),
    "born": ("DATE DE NAISSANCE", "DATE NAISSANCE", "NAISSANCE", "NE E LE", "NE LE", "DDN"),
    "sex": ("SEXE",),
    "time": ("HEURE", "HEURE RDV", "HEURE DE RDV", "HEURE DEBUT", "DEBUT"),
    "date": ("DATE", "DATE RDV", "DATE DU RDV", "JOUR"),
    "ins": ("INS", "MATRICULE INS", "MATRICULE"),
    "doctor": ("MEDECIN", "PRATICIEN", "DOCTEUR"),
    "rpps": ("RPPS", "RPPS MEDECIN"),
    "uid": ("ID", "ID RDV", "IDENTIFIANT RDV"),
}
"""What a column means, by names as `folded` writes them; the first one that is there is taken."""

_SEPARATORS = ";\t,|"
_MAX_PHYSICAL = 5
"""Lines of the file that a quoted value may go over: more, and a quote was left open."""
_TIME = re.compile(r"(\d{1,2})(?:[:hH](\d{2})?(?::\d{2})?)")
_SEXES = {"F": Sex.FEMALE, "FEMININ": Sex.FEMALE, "2": Sex.FEMALE, "M": Sex.MALE, "H": Sex.MALE, "MASCULIN": Sex.MALE}
_SEXES |= {"1": Sex.MALE, "": Sex.UNKNOWN, "I": Sex.UNKNOWN, "UN": Sex.UNKNOWN, "U": Sex.UNKNOWN}


def read_csv(text: str, today: date, local: Local) -> Agenda:
    """`today` is the day of lines that tell none. Raises ContextError for a file without usable column names."""
    rows = _rows(text)
    first = next(rows, None)
    if first is None:
        return Agenda()
    columns, left_out = _columns(first[1] if not isinstance(first[1], str) else [])
    lines: list[Line] = []
    refused: list[Refused] = []
    for number, row in rows:
        if len(lines) + len(refused) >= MAX_LINES:
            raise ContextError("agenda-lines", f"L'agenda a plus de {MAX_LINES} lignes.", "Exportez une seule journée.")
        if isinstance(row, str):
            refused.append(Refused(number, f"{row}."))
            continue
        try:
            lines.append(_line(number, row, columns, today, local))
        except Unusable as why:
            refused.append(Refused(number, f"{why}."))
    return Agenda(tuple(lines), tuple(refused), left_out)


def _rows(text: str) -> Iterator[tuple[int, list[str] | str]]:
    """Rows with the number of their first line, from 1, each as wide as the first; in place of one that is not, why. A quote that
    is left open spoils its own line only."""
    physical = [f"{line}\n" for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    separator = max(_SEPARATORS, key=next((line for line in physical if line.strip()), "").count)
    at = width = 0
    while at < len(physical):
        if not physical[at].strip(f'{_SEPARATORS}\n "'):
            at += 1
            continue
        row, end = _row(physical, at, separator, width)
        width = width or (len(row) if isinstance(row, list) else 0)
        yield at + 1, row
        at = end


def _row(physical: list[str], at: int, separator: str, width: int) -> tuple[list[str] | str, int]:
    """The row that begins there, or why there is none, and where the next one begins. `width` 0: any."""
    why = "les guillemets de la ligne ne sont pas fermés"
    for end in range(at + 1, min(at + _MAX_PHYSICAL, len(physical)) + 1):
        try:
            (row,) = csv.reader(physical[at:end], delimiter=separator, strict=True)
        except (csv.Error, ValueError):
            continue
        while width and len(row) > width and not row[-1].strip():
            row.pop()
        if not width or len(row) == width:
            return row, end
        if end == at + 1:
            return "la ligne n'a pas autant de colonnes que la première", end
    return why, at + 1


def _columns(header: list[str]) -> tuple[Mapping[str, int], tuple[str, ...]]:
    names = [folded(name) for name in header]
    found = {}
    for field, known in COLUMNS.items():
        place = next((names.index(name) for name in known if name in names), None)
        if place is not None:
            found[field] = place
    if "family" not in found and "name" not in found:
        raise ContextError(
            "agenda-columns",
            "La première ligne de l'agenda ne nomme aucune colonne connue.",
            "Elle doit nommer au moins « Nom », et si possible « Prénom », « Date de naissance », « Sexe », « Heure ».",
        )
    taken = set(found.values())
    return found, tuple(name.strip() for place, name in enumerate(header) if place not in taken and name.strip())


def _line(number: int, row: list[str], columns: Mapping[str, int], today: date, local: Local) -> Line:
    told = {field: clean(row[place]) for field, place in columns.items()}
    family, given = told.get("family", ""), told.get("given", "")
    if not family:
        family, given = split_name(told.get("name", ""))
    if not family:
        raise Unusable("le nom manque")
    day = read_day(told.get("date", ""), "date du rendez-vous") or today
    rpps = told.get("rpps", "")
    if rpps and not re.fullmatch(r"\d{11}", rpps):
        raise Unusable("le numéro RPPS n'a pas 11 chiffres")
    expected = Expected(
        family=family,
        given=given,
        birth_date=read_birth(told.get("born", ""), today),
        sex=_sex(told.get("sex", "")),
        at=_moment(day, told.get("time", ""), local),
        ins=read_ins(told.get("ins", "")),
        doctor=told.get("doctor", ""),
        rpps=rpps,
        uid=told.get("uid", ""),
    )
    return Line(number, day, expected)


def _sex(value: str) -> Sex:
    sex = _SEXES.get(folded(value))
    if sex is None:
        raise Unusable("le sexe n'est ni F, ni M")
    return sex


def _moment(day: date, value: str, local: Local) -> datetime | None:
    if not value:
        return None
    found = _TIME.fullmatch(value)
    if found is None or int(found[1]) > 23 or int(found[2] or 0) > 59:
        raise Unusable("l'heure n'est pas une heure (hh:mm)")
    return local(datetime.combine(day, time(int(found[1]), int(found[2] or 0))))
