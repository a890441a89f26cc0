"""TD0.4: the records this professional may open, by date (reference §2.1).

No patient is in question, so the VIHF needs no resource-id. Both `startDate` and `dateType` are demanded, and dates are UTC [R].
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape

from dmp_desktop.domain.access import Authorization, DossierDate
from dmp_desktop.domain.people import Sex
from dmp_desktop.sandbox import names, rights, syntax
from dmp_desktop.sandbox.authorisation import dmp_parts
from dmp_desktop.sandbox.directory import PEOPLE
from dmp_desktop.sandbox.faults import SoapFault
from dmp_desktop.sandbox.model import dtm
from dmp_desktop.sandbox.patients import story_named
from dmp_desktop.sandbox.requests import Request
from dmp_desktop.sandbox.rights import Limit, Transaction
from dmp_desktop.sandbox.store import Dossier, Grant


@dataclass(frozen=True, slots=True)
class Line:
    """One record of the list. `added` and `updated` are DTM, empty when the record holds no document."""

    dossier: Dossier
    grant: Grant
    visited: datetime | None
    added: str
    updated: str


def answer(request: Request) -> bytes:
    """The body of the answer, the latest first. Raises SoapFault."""
    parts = dmp_parts(request.body, "patientList", names.PATIENTS, ("startDate", "dateType", "psOwnerId"))
    start, kind = parts["startDate"], parts["dateType"]
    if len(start) != 14 or not syntax.is_dtm(start):
        raise SoapFault("DMPInvalidMessage", "startDate attendu sous la forme yyyyMMddHHmmss")
    if kind not in set(DossierDate):
        raise SoapFault("DMPInvalidMessage", "dateType attendu : LASTAUTORIZATION ou LASTDOC")
    limit = request.allow(Transaction.PATIENT_LIST).limit
    holders = _holders(request, parts["psOwnerId"], shared=limit is Limit.OWN_STRUCTURE)
    lines = {}
    for holder in holders:
        for grant in request.store.grants_of(holder):
            line = _line(request, grant, holders[0])
            if line and grant.ins not in lines:
                lines[grant.ins] = (_date(line, kind), line)
    chosen = sorted((row for row in lines.values() if row[0] >= start), key=lambda row: row[0], reverse=True)
    return (
        f'<patientListResponse xmlns="{names.PATIENTS}"><output><status>DMPOk</status>'
        f"<context>{len(chosen)} DMP</context>{''.join(_row(line) for _, line in chosen)}</output></patientListResponse>"
    ).encode()


def _holders(request: Request, owner: str, *, shared: bool) -> tuple[str, ...]:
    """Whose authorisations are listed: one's own and one's structure's; a secretary may name someone of the structure [R]."""
    structure = request.vihf.structure_id
    if not shared:
        if owner not in {"", request.vihf.national_id}:
            raise rights.denied("psOwnerId n'est pas l'identifiant du professionnel qui demande")
        return request.vihf.national_id, structure
    person = PEOPLE.get(owner)
    if owner and (person is None or structure not in {place.id for place in person.places}):
        raise rights.denied("psOwnerId n'est pas un professionnel de la structure")
    return (owner, structure) if owner else (structure,)


def _line(request: Request, grant: Grant, visitor: str) -> Line | None:
    """The line of one authorisation, when it still opens the record; `visitor` is whose list it is."""
    dossier = request.store.dossier_of(grant.ins)
    if dossier is None or dossier.closed or request.state_of(grant) is not Authorization.VALIDE:
        return None
    own = request.store.grant(grant.ins, request.vihf.national_id)
    if own and own.state is Authorization.INTERDIT:
        return None
    updated, added = request.store.last_submissions(grant.ins)
    return Line(dossier, grant, request.store.last_visit(grant.ins, visitor), added, updated)


def _date(line: Line, kind: str) -> str:
    return line.added if kind == DossierDate.LAST_DOCUMENT else dtm(line.grant.since)


def _row(line: Line) -> str:
    patient = story_named(line.dossier.story).patient
    identifier = {"nationalId": line.dossier.ins, "nationalIdType": line.dossier.oid}
    parts = {
        "lastName": patient.used_family or patient.birth_family,
        "patronymicalName": patient.birth_family,
        "firstName": patient.first_given,
        "civility": "M" if patient.sex is Sex.MALE else "MME",
        "dateOfBirth": f"{patient.birth_date:%Y%m%d}",
        "MT": str(line.grant.attending).lower(),
        "message": "",
        "lastAccessDate": dtm(line.visited) if line.visited else "",
        "lastUpdateDate": line.updated,
        "lastAddDate": line.added,
    }
    return (
        f"<patientlistData><patientIdentifier>{_texts(identifier)}</patientIdentifier>{_texts(parts)}</patientlistData>"
    )


def _texts(parts: dict[str, str]) -> str:
    return "".join(f"<{name}>{escape(value)}</{name}>" for name, value in parts.items() if value)
