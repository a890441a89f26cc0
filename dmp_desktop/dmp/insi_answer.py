"""Answers of INSi, warily: an identity is told only when its number, key and authority are sound (reference §7)."""

from __future__ import annotations

import re
from datetime import date

from lxml import etree

from dmp_desktop.dmp.insi_errors import of_fault, unreadable
from dmp_desktop.dmp.names import SOAP
from dmp_desktop.dmp.soap import RELATES_TO, check_relates, parse_envelope
from dmp_desktop.domain.ins import INS_OIDS, is_ins
from dmp_desktop.domain.insi import InsiAnswer, InsiOutcome, InsiTraits, Matricule
from dmp_desktop.domain.people import Sex

MAX_ANSWER = 1024 * 1024
"""Bytes accepted: one person weighs 2 kB."""
_SEXES = {"F": Sex.FEMALE, "M": Sex.MALE}
_DAY = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})(?:[T+Z-].*)?")
_PLACE = re.compile(r"(?:[0-9]{2}|2[AB])[0-9]{3}")


def is_soap(untrusted_body: bytes) -> bool:
    """Whether the teleservice itself speaks, not what stands before it."""
    return b"Envelope" in untrusted_body[:2000]


def read(untrusted_body: bytes, asked: str = "") -> InsiAnswer:
    """What INSi says to the question of MessageID `asked`. Raises DmpError on a fault, or what cannot be read or trusted."""
    result = _result(untrusted_body, asked)
    code = _text(result, "CR/CodeCR")
    if code not in set(InsiOutcome):
        raise unreadable("unknown CodeCR")
    label = _text(result, "CR/LibelleCR")
    if code != InsiOutcome.FOUND:
        return InsiAnswer(InsiOutcome(code), label)
    people = result.findall("{*}INDIVIDU")
    if len(people) != 1:
        raise unreadable("one person is told, none or several are")
    current = people[0].findall("{*}INSACTIF")
    active = _matricule(current[0]) if len(current) == 1 else None
    if active is None:
        raise unreadable("no sound matricule")
    # A former number that cannot be read is of no use to anybody: it is only ever compared with.
    former = (_matricule(one) for one in people[0].iterfind("{*}INSHISTO"))
    history = tuple(matricule for matricule in former if matricule is not None)
    traits = people[0].find("{*}TIQ")
    return InsiAnswer(InsiOutcome.FOUND, label, active, history, None if traits is None else _traits(traits))


def _result(untrusted_body: bytes, asked: str) -> etree._Element:
    root = parse_envelope(untrusted_body, MAX_ANSWER, unreadable)
    for related in root.iterfind(f"{{{SOAP}}}Header/{RELATES_TO}"):
        check_relates(related, asked, unreadable)
    fault = root.find(f"{{{SOAP}}}Body/{{{SOAP}}}Fault")
    if fault is not None:
        raise of_fault(fault)
    result = root.find(f"{{{SOAP}}}Body/{{*}}RESULTAT")
    if result is None:
        raise unreadable("no RESULTAT")
    return result


def _matricule(element: etree._Element) -> Matricule | None:
    """None when the number has not its own key, or comes from no authority of the INS."""
    value = (_text(element, "IdIndividu/NumIdentifiant") + _text(element, "IdIndividu/Cle")).upper()
    oid = _text(element, "OID")
    if not value.isascii() or not is_ins(value) or oid not in INS_OIDS:
        return None
    return Matricule(value, oid, _day(_text(element, "DateDeb")), _day(_text(element, "DateFin")))


def _traits(element: etree._Element) -> InsiTraits:
    birth = _DAY.fullmatch(_text(element, "DateNaissance"))
    place = _text(element, "LieuNaissance").upper()
    given = tuple(
        name for one in element.iterfind("{*}ListePrenom") for name in re.split(r"[\s,]+", one.text or "") if name
    )
    return InsiTraits(
        birth_family=_text(element, "NomNaissance"),
        first_given=_text(element, "Prenom"),
        given=given,
        sex=_SEXES.get(_text(element, "Sexe"), Sex.UNKNOWN),
        birth_date="-".join(birth.groups()) if birth else "",
        birth_place_cog=place if _PLACE.fullmatch(place) else "",
    )


def _day(text: str) -> date | None:
    found = _DAY.fullmatch(text)
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def _text(element: etree._Element, path: str) -> str:
    """The text at a path of local names, whatever their namespace, on one line; empty when it is not there."""
    return " ".join((element.findtext("/".join(f"{{*}}{step}" for step in path.split("/"))) or "").split())
