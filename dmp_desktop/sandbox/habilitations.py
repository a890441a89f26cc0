"""TD1.6: who may open this record, and whom the patient has blocked (reference §2.1).

The reference tells the fields of a line but not the element around them, nor how the names are called: [R]
`authorizationlistData`, by analogy with the `patientlistData` of TD0.4, whose words for names are used too.
"""

from __future__ import annotations

from xml.sax.saxutils import escape

from dmp_desktop.domain.access import AuthorisationFilter, Authorization
from dmp_desktop.sandbox import names
from dmp_desktop.sandbox.authorisation import ATTENDING, dmp_parts
from dmp_desktop.sandbox.directory import PEOPLE, STRUCTURES
from dmp_desktop.sandbox.faults import SoapFault
from dmp_desktop.sandbox.model import dtm
from dmp_desktop.sandbox.requests import Request
from dmp_desktop.sandbox.rights import Transaction
from dmp_desktop.sandbox.store import Grant

MODES = {Authorization.VALIDE: AuthorisationFilter.ACTIVE, Authorization.INTERDIT: AuthorisationFilter.FORBIDDEN}
"""What a line says of an authorisation; those taken back or lapsed are no longer listed [R]."""


def answer(request: Request) -> bytes:
    """The body of the answer. Raises SoapFault."""
    mode = dmp_parts(request.body, "listAuthorizationByPatient", names.HABILITATIONS, ("mode",))["mode"]
    if mode not in set(AuthorisationFilter):
        raise SoapFault("DMPInvalidMessage", "Mode attendu : ACTIVE, INTERDITE ou TOUTE")
    request.allow(Transaction.AUTHORISED_LIST)
    dossier = request.readable_dossier()
    rows = []
    for grant in request.store.grants_on(dossier.ins):
        told = MODES.get(request.state_of(grant))
        if told and mode in {told, AuthorisationFilter.ALL}:
            rows.append(_row(request, grant, told))
    return (
        f'<listAuthorizationByPatientResponse xmlns="{names.HABILITATIONS}"><output><status>DMPOk</status>'
        f"<context>{len(rows)} autorisation(s)</context>{''.join(rows)}</output></listAuthorizationByPatientResponse>"
    ).encode()


def _row(request: Request, grant: Grant, mode: AuthorisationFilter) -> str:
    person = PEOPLE.get(grant.holder)
    last = request.store.last_visit(grant.ins, grant.holder) or grant.since
    if person:
        domain, family, given, specialty = names.PROFESSIONAL_OID, person.family, person.given, person.specialty_code
    else:
        domain, family, given, specialty = names.STRUCTURE_OID, STRUCTURES[grant.holder].name, "", ""
    parts = {
        "nationalId": grant.holder,
        "nationalIdType": domain,
        "lastName": family,
        "firstName": given,
        "codeSpeciality": specialty,
        "startOfAuthorization": dtm(grant.since),
        "lastActionDate": dtm(last),
        "mode": mode.value,
        "specificRight": ATTENDING if grant.attending else "",
    }
    told = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in parts.items() if value)
    return f"<authorizationlistData>{told}</authorizationlistData>"
