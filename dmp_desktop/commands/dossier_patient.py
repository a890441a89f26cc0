"""The patient a command line names, and the DMP it is asked of."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path

from dmp_desktop.dmp import catalogue
from dmp_desktop.domain.access import Authorization
from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.domain.ins import OID_INS_TEST, InsIdentity, InsStatus, is_ins
from dmp_desktop.domain.people import Patient, Sex
from dmp_desktop.domain.ports import DmpRepository
from dmp_desktop.errors import ContextError, DmpError
from dmp_desktop.exchange.context import patient_from_dict
from dmp_desktop.services.administrative import AdministrativeOnly
from dmp_desktop.wiring import Wiring

_DECLARE = "S'il vous y autorise, faites « dmp dossier authorise », puis recommencez."
_UNREADABLE = {
    Authorization.EXPIRE: ("AutorisationExpiree", "Votre autorisation d'accès à ce DMP a expiré.", _DECLARE),
    Authorization.INTERDIT: (
        "AccesInterdit",
        "Le patient vous a interdit l'accès à son DMP.",
        "Il peut le rouvrir depuis Mon espace santé.",
    ),
    Authorization.NON_EXISTE: (
        "AutorisationAbsente",
        "Le patient ne vous a pas encore autorisé à lire son DMP.",
        _DECLARE,
    ),
    Authorization.VALIDE: ("AccesInconnu", "Le DMP ne permet pas de lire ce dossier.", "Voyez « dmp dossier status »."),
    None: ("AccesInconnu", "Le DMP ne dit pas si vous pouvez lire ce dossier.", "Voyez « dmp dossier status »."),
}


def bare_patient(ins: InsIdentity) -> Patient:
    """A record is that of an INS: no trait is needed to read it or to forget it."""
    return Patient(ins, "", "", "", Sex.UNKNOWN, date.min, "")


def open_record(wiring: Wiring, where: str) -> tuple[InsIdentity, DmpRepository]:
    """The patient named by `where`, and the DMP of whoever signs in by a software certificate. Raises DmpDesktopError."""
    patient = read_ins(where, sandbox=wiring.endpoint.sandbox)
    wiring.identities.may_read(patient)
    wiring.sign_in_software()
    repository = wiring.desk.repository()
    assert repository is not None  # noqa: S101 - sign-in succeeded
    return patient, repository


def check_readable(dmp: DmpRepository, patient: InsIdentity) -> None:
    """TD0.2 before any consultation (DMP/UX.08). Raises DmpError that tells why the record cannot be read."""
    status = dmp.status(patient)
    if status.readable or isinstance(
        dmp, AdministrativeOnly
    ):  # a secretary is refused for what she is, whatever the record
        return
    if not status.exists:
        raise catalogue.error("DMPNotFound")
    if status.closed:
        raise catalogue.error("DMPClosed")
    code, message, remedy = _UNREADABLE[status.authorization]
    raise DmpError(code, message, remedy)


def document(dmp: DmpRepository, patient: InsIdentity, unique_id: str) -> DocumentEntry:
    """The document a command line names. Raises ContextError when the record has none of this uniqueId."""
    found = dmp.find_by_unique_id(patient, [unique_id])
    if not found:
        raise ContextError(
            "DocumentInconnu",
            "Ce document n'est pas dans le DMP de ce patient.",
            "Vérifiez son identifiant avec « dmp dossier list ».",
        )
    return found[0]


def read_ins(where: str, *, sandbox: bool) -> InsIdentity:
    """The INS of a context file (or its `patient` alone), or 15 characters in a file or on standard input.

    On the command line itself, and without an identity status, only in the sandbox, where the OID is the test one.
    Raises ContextError.
    """
    literal = is_ins(where)
    if literal and not sandbox:
        raise _refused(
            "Un INS ne s'écrit pas sur la ligne de commande.",
            "Mettez-le dans un fichier, ou sur l'entrée standard avec --ins -.",
        )
    try:
        text = where if literal else sys.stdin.read() if where == "-" else Path(where).read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise _refused("Le fichier de l'INS est illisible.", "Vérifiez son chemin.") from None
    text = text.strip()
    if text.startswith("{"):
        try:
            content = json.loads(text)
        except (ValueError, RecursionError):
            raise _refused("Le fichier de contexte n'est pas du JSON.", "Corrigez-le, ou donnez l'INS seul.") from None
        return patient_from_dict(content.get("patient", content)).ins
    if not sandbox:
        raise _refused(
            "Il faut un fichier de contexte avec le statut de l'identité.", "Donnez le fichier de contexte du patient."
        )
    if not is_ins(text):
        raise _refused("L'INS doit avoir 15 caractères et une clé juste.", "Vérifiez le matricule.")
    return InsIdentity(text, OID_INS_TEST, InsStatus.QUALIFIEE)


def _refused(message: str, remedy: str) -> ContextError:
    return ContextError("ins", message, remedy, field="--ins")
