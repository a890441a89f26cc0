"""Is this document about the patient whose record is open?"""

from __future__ import annotations

import unicodedata

from dmp_desktop.cda.read.header import DocumentPatient, read_patient
from dmp_desktop.cda.xml import Element, attribute, child, children
from dmp_desktop.domain.ins import INS_OIDS
from dmp_desktop.domain.people import Patient

_OTHER = "Ce document porte l'identité d'une autre personne : ne l'utilisez pas avant d'avoir vérifié ({})."
_TWO_PATIENTS = "Ce document porte sur plusieurs patients : seul le premier est comparé au dossier."
_TWO_INS = "Ce document porte plusieurs matricules INS différents : vérifiez de qui il parle."
_DOUBT = "L'identité portée par ce document diffère de celle du dossier : {}."


def identity_notices(document: Element, expected: Patient | None) -> list[str]:
    """Sentences on what differs; the INS decides, the traits warn. Empty when all agrees.

    A document that names several patients or several INS is told whoever is expected; nothing else is when nobody is.
    """
    targets = children(document, "recordTarget")
    notices = [_TWO_PATIENTS] if len(targets) > 1 else []
    if any(len(_matricules(target)) > 1 for target in targets):
        notices.append(_TWO_INS)
    if expected is None:
        return notices
    found = read_patient(document)
    if found.ins is None:
        notices.append(_DOUBT.format("le document n'a pas de matricule INS"))
    elif (found.ins.value, found.ins.oid) != (expected.ins.value, expected.ins.oid):
        notices.append(_OTHER.format("matricule INS différent"))
    return notices + [_DOUBT.format(trait) for trait in _differing(found, expected)]


def _matricules(target: Element) -> set[str]:
    """One person may have the same one under the INS's several OIDs (NIR, test)."""
    ids = children(child(target, "patientRole"), "id")
    return {attribute(item, "extension") for item in ids if attribute(item, "root") in INS_OIDS}


def _differing(found: DocumentPatient, expected: Patient) -> list[str]:
    """The strict traits of the RNIV that both have and that are not the same."""
    given = found.first_given or found.birth_given
    differs = {
        "nom de naissance": not _same(found.birth_family, expected.birth_family),
        "premier prénom": not any(_first_of(given, name) for name in (expected.first_given, expected.birth_given)),
        "sexe": found.sex not in ("", expected.sex.value),
        "date de naissance": not f"{expected.birth_date:%Y%m%d}".startswith(found.birth_digits),
        "lieu de naissance": bool(found.birth_place_cog and expected.birth_place_cog)
        and found.birth_place_cog != expected.birth_place_cog,
    }
    return [trait for trait, different in differs.items() if different]


def _same(found: str, expected: str) -> bool:
    return not found or not expected or "".join(_names(found)) == "".join(_names(expected))


def _first_of(given: str, expected: str) -> bool:
    """Documents give the first name alone or all of them."""
    found, wanted = _names(given), _names(expected)
    return all(mine == theirs for mine, theirs in zip(found, wanted, strict=False))


def _names(names: str) -> list[str]:
    """Letters only, no accent, capitals: names are compared as the RNIV compares them."""
    plain = unicodedata.normalize("NFD", names.upper())
    return "".join("" if unicodedata.combining(char) else char if char.isalnum() else " " for char in plain).split()
