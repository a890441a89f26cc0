"""Is this document about the patient whose record is open?"""

from __future__ import annotations

import unicodedata

from dmp_desktop.cda.read.header import DocumentPatient
from dmp_desktop.domain.people import Patient

_OTHER = "Ce document porte l'identité d'une autre personne : ne l'utilisez pas avant d'avoir vérifié ({})."
_DOUBT = "L'identité portée par ce document diffère de celle du dossier : {}."


def identity_notices(found: DocumentPatient, expected: Patient | None) -> list[str]:
    """Sentences on what differs; the INS decides, the traits warn. Empty when all agrees or nothing is expected."""
    if expected is None:
        return []
    notices = []
    if found.ins is None:
        notices.append(_DOUBT.format("le document n'a pas de matricule INS"))
    elif (found.ins.value, found.ins.oid) != (expected.ins.value, expected.ins.oid):
        notices.append(_OTHER.format("matricule INS différent"))
    if found.birth_date is not None and found.birth_date != expected.birth_date:
        notices.append(_DOUBT.format("date de naissance"))
    if found.sex and found.sex != expected.sex.value:
        notices.append(_DOUBT.format("sexe"))
    if found.birth_family and _plain(found.birth_family) != _plain(expected.birth_family):
        notices.append(_DOUBT.format("nom de naissance"))
    return notices


def _plain(name: str) -> str:
    """Letters only, no accent, capitals: names are compared as the RNIV compares them."""
    return "".join(char for char in unicodedata.normalize("NFD", name.upper()) if char.isalnum())
