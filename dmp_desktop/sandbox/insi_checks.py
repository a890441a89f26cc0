"""What the stand-in INSi demands of a request (reference §7): both contexts, and exactly the elements of the two questions.

The schemas (WSDL DESIR_ICIR_EXP 1.5.0) could not be read: forms marked [R] are inferred from the names.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from lxml import etree

from dmp_desktop.domain.ins import is_ins
from dmp_desktop.sandbox.names import q

BAM, LPS = "urn:siram:bam:ctxbam", "urn:siram:lps:ctxlps"
TRAITS, VITALE = "http://www.cnamts.fr/INSiRecSans", "http://www.cnamts.fr/INSiRecVit"

_NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|[ '’-]){0,99}")
_PLACE = re.compile(r"(?:\d{2}|2[AB])\d{3}")
_UUID = re.compile(r"(?:urn:uuid:)?[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")


class Violation(Exception):  # noqa: N818  # it becomes a fault
    """A request that is not as the teleservice wants it. `what` is `contexte` or `corps`."""

    def __init__(self, what: str, reason: str) -> None:
        super().__init__(what, reason)
        self.what = what
        self.reason = reason


@dataclass(frozen=True, slots=True)
class TraitsAsked:
    family: str
    given: tuple[str, ...]
    sex: str
    birth_date: str
    place: str


@dataclass(frozen=True, slots=True)
class VitaleAsked:
    """Numbers of 13 characters, `birth_date` YYYYMMDD [R]."""

    own: str
    opener: str
    family: str
    birth_date: str
    rank: int


def authorisation(header: etree._Element | None) -> str:
    """The number of the software (IDAM) once both contexts are as they must be. Raises Violation."""
    bam = _context(header, BAM, "ContexteBAM", {"Version": "01_02"}, ("Id", "Temps", "Emetteur", "COUVERTURE"))
    lps = _context(
        header, LPS, "ContexteLPS", {"Version": "01_00", "Nature": "CTXLPS"}, ("Id", "Temps", "Emetteur", "LPS")
    )
    for context, namespace in ((bam, BAM), (lps, LPS)):
        _stamped(context, namespace)
    software = lps.find(q(LPS, "LPS"))
    assert software is not None  # noqa: S101 - just counted
    _only(software, LPS, ("IDAM", "Version", "Instance", "Nom"), "contexte")
    number = software.find(q(LPS, "IDAM"))
    if number is None or number.get("R") != "4" or not all((child.text or "").strip() for child in software):
        raise Violation("contexte", "LPS incomplet")
    return (number.text or "").strip()


def traits(body: etree._Element) -> TraitsAsked:
    """RECSANSVITALE. Raises Violation."""
    given = [child for child in body if child.tag == q(TRAITS, "Prenom")]
    wanted = ["NomNaissance", *("Prenom" for _ in given), "Sexe", "DateNaissance"]
    place = body.find(q(TRAITS, "LieuNaissance"))
    _only(body, TRAITS, [*wanted, "LieuNaissance"] if place is not None else wanted, "corps")
    if not given:  # [R]: the schema lets none be asked, INSi finds nobody then
        raise Violation("corps", "Prenom absent")
    asked = TraitsAsked(
        family=_text(body, TRAITS, "NomNaissance"),
        given=tuple((child.text or "").strip() for child in given),
        sex=_text(body, TRAITS, "Sexe"),
        birth_date=_text(body, TRAITS, "DateNaissance"),
        place=_text(body, TRAITS, "LieuNaissance"),
    )
    if not all(_NAME.fullmatch(name) for name in (asked.family, *asked.given)):
        raise Violation("corps", "nom ou prénom mal formé")
    if asked.sex not in {"F", "M"}:  # [R]
        raise Violation("corps", "Sexe inconnu")
    if not _is_day(asked.birth_date):
        raise Violation("corps", "DateNaissance n'est pas de la forme aaaa-mm-jj")
    if place is not None and not _PLACE.fullmatch(asked.place):
        raise Violation("corps", "LieuNaissance n'est pas un code officiel géographique")
    return asked


def vitale(body: etree._Element) -> VitaleAsked:
    """RECVITALE. Raises Violation."""
    optional = [
        name for name in ("MatriculeIndividu", "MatriculeOD", "NomNaissance") if body.find(q(VITALE, name)) is not None
    ]
    _only(body, VITALE, [*optional, "DateNaissance", "RangNaissance"], "corps")
    own, opener = (_matricule(body, name) for name in ("MatriculeIndividu", "MatriculeOD"))
    if not own and not opener:
        raise Violation("corps", "aucun matricule")
    birth, rank = _text(body, VITALE, "DateNaissance"), _text(body, VITALE, "RangNaissance")
    family = _text(body, VITALE, "NomNaissance")
    if not re.fullmatch(r"\d{8}", birth) or not re.fullmatch(r"[1-9]", rank):
        raise Violation("corps", "DateNaissance ou RangNaissance mal formé")
    if "NomNaissance" in optional and not _NAME.fullmatch(family):
        raise Violation("corps", "NomNaissance mal formé")
    return VitaleAsked(own, opener, family, birth, int(rank))


def _context(
    header: etree._Element | None, namespace: str, name: str, attributes: dict[str, str], children: Sequence[str]
) -> etree._Element:
    found = [] if header is None else header.findall(q(namespace, name))
    if len(found) != 1:
        raise Violation("contexte", f"{name} absent ou répété")
    if any(found[0].get(attribute) != value for attribute, value in attributes.items()):
        raise Violation("contexte", f"{name} : version ou nature inconnue")
    _only(found[0], namespace, children, "contexte")
    return found[0]


def _stamped(context: etree._Element, namespace: str) -> None:
    """Id is a UUID [R], Temps a moment in UTC, Emetteur is told."""
    try:
        zone = datetime.fromisoformat(_text(context, namespace, "Temps")).utcoffset()
    except ValueError:
        zone = None
    if zone != timedelta(0):
        raise Violation("contexte", "Temps absent ou pas en UTC")
    if not _UUID.fullmatch(_text(context, namespace, "Id")) or not _text(context, namespace, "Emetteur"):
        raise Violation("contexte", "Id ou Emetteur absent")


def _only(element: etree._Element, namespace: str, children: Sequence[str], what: str) -> None:
    """These children, each once, in this order, and nothing else."""
    if [child.tag for child in element] != [q(namespace, name) for name in children]:
        raise Violation(what, f"{etree.QName(element).localname} : éléments absents, inconnus ou désordonnés")


def _text(parent: etree._Element, namespace: str, name: str) -> str:
    return parent.findtext(q(namespace, name), "").strip()


def _matricule(body: etree._Element, name: str) -> str:
    """The 13 characters, empty when the element is not there; number and key apart as in the answer [R]."""
    element = body.find(q(VITALE, name))
    if element is None:
        return ""
    _only(element, VITALE, ("NumIdentifiant", "Cle"), "corps")
    number, key = (_text(element, VITALE, child) for child in ("NumIdentifiant", "Cle"))
    if not is_ins(number + key):
        raise Violation("corps", f"{name} : forme ou clé fausse")
    return number


def _is_day(text: str) -> bool:
    try:
        return len(text) == 10 and bool(date.fromisoformat(text))
    except ValueError:
        return False
