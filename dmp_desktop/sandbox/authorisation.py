"""TD0.3: add or remove an authorisation, and the attending doctor's status (reference §2.1)."""

from __future__ import annotations

from lxml import etree

from dmp_desktop.domain.access import Authorization
from dmp_desktop.sandbox import names, rights
from dmp_desktop.sandbox.faults import SoapFault
from dmp_desktop.sandbox.names import q
from dmp_desktop.sandbox.requests import Request
from dmp_desktop.sandbox.rights import Profile, Transaction

ATTENDING = "MEDECIN_TRAITANT"


def answer(request: Request) -> bytes:
    """The body of the answer. `AJOUT` without role drops the attending status. Raises SoapFault."""
    action, role = parse(request.body)
    request.allow(Transaction.AUTHORISATION)
    request.open_dossier()
    if role and request.profile not in rights.DOCTORS | {Profile.OCCUPATIONAL}:
        raise rights.denied("Seul un médecin peut se déclarer médecin traitant")
    current, _ = request.store.access(request.patient.value, request.holder)
    if current is Authorization.INTERDIT:
        raise rights.denied("Le patient a bloqué l'accès de ce professionnel à son DMP")
    state = Authorization.VALIDE if action == "AJOUT" else Authorization.NON_EXISTE
    with request.store.transaction():
        attending = bool(role) and state is Authorization.VALIDE
        request.store.put_access(request.patient.value, request.holder, state, attending, request.now)
    context = "Autorisation ajoutée" if action == "AJOUT" else "Autorisation supprimée"
    return (
        f'<setAuthorizationResponse xmlns="{names.HABILITATIONS}"><output><status>DMPOk</status>'
        f"<context>{context}</context></output></setAuthorizationResponse>"
    ).encode()


def parse(body: etree._Element) -> tuple[str, str]:
    """Action and role of a `setAuthorization`. Raises SoapFault (code [R])."""
    namespace = names.HABILITATIONS
    action = body.findtext(q(namespace, "action"), "").strip()
    role = body.findtext(q(namespace, "role"), "").strip()
    if body.tag != q(namespace, "setAuthorization") or action not in {"AJOUT", "SUPPRESSION"}:
        raise SoapFault("DMPInvalidMessage", "Demande d'autorisation incorrecte : action attendue AJOUT ou SUPPRESSION")
    if role not in {"", ATTENDING}:
        raise SoapFault("DMPInvalidMessage", "Rôle inconnu dans la demande d'autorisation")
    return action, role
