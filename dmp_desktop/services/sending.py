"""Who may deposit documents: a professional their own, a secretary those a professional validated, a trainee none."""

from __future__ import annotations

from datetime import date

from dmp_desktop.domain import roles
from dmp_desktop.domain.documents import DocumentEntry, Visibility
from dmp_desktop.domain.people import Patient, Role
from dmp_desktop.domain.roles import Task
from dmp_desktop.errors import ContextError, DmpError
from dmp_desktop.services.session_state import SignedIn
from dmp_desktop.services.visibility import SECRET_ONLY, is_minor

DOUBT = (
    "Votre carte ne dit pas si c'est une CPS ou une carte de formation : par prudence, vos documents restent des brouillons.",
    "Si c'est une CPS, demandez à qui gère l'ordinateur de l'y inscrire (voir le guide), puis remettez-la.",
)


def check_may_send(who: SignedIn) -> None:
    """Raises DmpError when they may not deposit documents in their own name (TD2.1), with who may."""
    may_deposit(who)
    if why := roles.refusal(who.role, Task.SEND_OWN):
        raise DmpError("EnvoiReserve", why, roles.remedy(who.role))


def may_deposit(who: SignedIn) -> None:
    """Raises DmpError when they may deposit nothing at all, their own or the structure's (TD2.1, TD2.2)."""
    if roles.may(who.role, Task.SEND_OWN) or roles.may(who.role, Task.SEND_FOR_PRACTICE):
        return
    why = roles.refusal(who.role, Task.SEND_OWN), roles.remedy(who.role)
    raise DmpError("EnvoiReserve", *(DOUBT if who.doubt else why))


def check_validated(
    entry: DocumentEntry,
    patient: Patient,
    visibility: frozenset[Visibility],
    by: SignedIn,
    validated_by: str,
    today: date,
) -> None:
    """Whether a secretary may deposit this document for her structure (TD2.2): `validated_by` (PS_IdNat) is who validated it.

    Raises DmpError when it is not validated by the professional who answers for it, was not made in her structure, replaces
    another one (she lists none), or belongs in a minor's secret connection, which is the professional's.
    """
    if why := roles.refusal(by.role, Task.SEND_FOR_PRACTICE):
        raise DmpError("EnvoiAuNomDuCabinet", why, "Envoyez ce document en votre nom.")
    answerable = entry.legal_authenticator
    if not validated_by or answerable is None or answerable.person_id != validated_by:
        raise DmpError("DocumentNonValide", roles.SECRETARY_SENDS, roles.remedy(Role.SECRETARY))
    if by.facility.id not in {author.institution_id for author in entry.authors}:
        raise DmpError(
            "DocumentDUnAutreCabinet",
            "Ce document n'a pas été fait dans votre cabinet : il ne peut pas être déposé en son nom.",
            "Le professionnel qui l'a écrit l'envoie avec sa carte.",
        )
    if entry.replaces:
        raise DmpError(
            "RemplacementReserve",
            "Ce document en remplace un autre : le secrétariat ne peut pas l'envoyer.",
            "Le professionnel qui l'a écrit l'envoie avec sa carte.",
        )
    if visibility | entry.visibility == SECRET_ONLY and is_minor(patient, today):
        raise ContextError(
            "visibility",
            "Un document caché aux parents d'un mineur part en connexion secrète, que le secrétariat n'a pas.",
            "Le professionnel qui l'a écrit l'envoie avec sa carte.",
            field="visibility",
        )
