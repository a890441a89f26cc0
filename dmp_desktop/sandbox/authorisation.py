"""TD0.3: add or remove an authorisation, and the attending doctor's status (reference §2.1)."""

from __future__ import annotations

from lxml import etree

from dmp_desktop.domain.access import Authorization
from dmp_desktop.sandbox import names, rights
from dmp_desktop.sandbox.faults import SoapFault
from dmp_desktop.sandbox.names import q
from dmp_desktop.sandbox.requests import Request
from dmp_desktop.sandbox.rights import Transaction

ATTENDING = "MEDECIN_TRAITANT"


def answer(request: Request) -> bytes:
    """The body of the answer. `AJOUT` without role drops the attending status. Raises SoapFault."""
    action, role = parse(request.body)
    request.allow(Transaction.AUTHORISATION)
    if role:
        request.allow(Transaction.ATTEND)
    request.open_dossier()
    if request.authorization is Authorization.INTERDIT:
        raise rights.denied("Le patient a bloqué l'accès de ce professionnel à son DMP")
    added = action == "AJOUT"
    state = Authorization.VALIDE if added else Authorization.NON_EXISTE
    with request.store.transaction():
        request.store.put_access(request.patient.value, request.holder, state, added and bool(role), request.now)
    context = "Autorisation ajoutée" if added else "Autorisation supprimée"
    return (
        f'<setAuthorizationResponse xmlns="{names.HABILITATIONS}"><output><status>DMPOk</status>'
        f"<context>{context}</context></output></setAuthorizationResponse>"
    ).encode()


def parse(body: etree._Element) -> tuple[str, str]:
    """Action and role of a `setAuthorization`. Raises SoapFault (code [R])."""
    parts = dmp_parts(body, "setAuthorization", names.HABILITATIONS, ("action", "role"))
    action, role = parts["action"], parts["role"]
    if action not in {"AJOUT", "SUPPRESSION"}:
        raise SoapFault("DMPInvalidMessage", "Demande d'autorisation incorrecte : action attendue AJOUT ou SUPPRESSION")
    if role not in {"", ATTENDING}:
        raise SoapFault("DMPInvalidMessage", "Rôle inconnu dans la demande d'autorisation")
    return action, role


def dmp_parts(body: etree._Element, name: str, namespace: str, expected: tuple[str, ...]) -> dict[str, str]:
    """The texts of a request of the DMP's own: each element at most once, in order, and no other. Raises SoapFault (code [R])."""
    found = [child.tag for child in body if isinstance(child.tag, str)]
    order = [q(namespace, part) for part in expected]
    if body.tag != q(namespace, name) or found != [tag for tag in order if tag in found]:
        raise SoapFault("DMPInvalidMessage", f"Demande {name} incorrecte : éléments attendus {', '.join(expected)}")
    return {part: body.findtext(q(namespace, part), "").strip() for part in expected}
