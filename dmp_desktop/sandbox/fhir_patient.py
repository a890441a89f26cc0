"""TD0.2 and TD0.3 as FHIR: the patient of the record (draft), and the asker's authorisation as a Consent (ours)."""

from __future__ import annotations

from dataclasses import replace
from uuid import NAMESPACE_OID, uuid5

from lxml import etree

from dmp_desktop.domain.access import Authorization
from dmp_desktop.domain.people import Sex
from dmp_desktop.sandbox import authorisation, fhir_names, names
from dmp_desktop.sandbox.faults import SoapFault
from dmp_desktop.sandbox.fhir_criteria import unreadable
from dmp_desktop.sandbox.fhir_errors import Refused, missing_element
from dmp_desktop.sandbox.fhir_names import Json
from dmp_desktop.sandbox.fhir_search import PATIENT, Asked, asked_patient, searchset
from dmp_desktop.sandbox.fhir_values import oid_of, patient_reference
from dmp_desktop.sandbox.fhir_write import same_patient
from dmp_desktop.sandbox.names import q
from dmp_desktop.sandbox.patients import story_named
from dmp_desktop.sandbox.requests import Request
from dmp_desktop.sandbox.rights import Profile, Transaction
from dmp_desktop.sandbox.store import Dossier

_STATES = {
    Authorization.VALIDE: "active",
    Authorization.EXPIRE: "inactive",
    Authorization.INTERDIT: "rejected",
}
_ACTIONS = {"active": "AJOUT", "inactive": "SUPPRESSION"}
_HL7 = "http://terminology.hl7.org/CodeSystem/"
_ROLES = f"{_HL7}v3-ParticipationType"


def search(request: Request, asked: Asked) -> Json:
    """Searchset of Patient: the record exists or not, is open or not. Raises SoapFault or Refused."""
    asked.tests({}, frozenset({"identifier", "_revinclude"}))
    system, mark, value = asked.mandatory("identifier").partition("|")
    if not mark or not value or not oid_of(system):
        raise unreadable("patient attendu de la forme urn:oid:OID|INS")
    _same(request, value, oid_of(system))
    request.allow(Transaction.EXISTENCE)
    dossier = request.store.dossier(request.patient)
    included = asked.one("_revinclude")
    if included not in {"", "Consent:patient"}:
        raise unreadable("_revinclude n'admet que Consent:patient")
    rows = [_patient(request, dossier)] if dossier else []
    return searchset(rows, len(rows), [], _base(asked), _consents(request) if dossier and included else ())


def consents(request: Request, asked: Asked) -> Json:
    """Searchset of the asker's own authorisation."""
    asked.tests({}, frozenset(PATIENT))
    _same(request, *asked_patient(asked))
    request.allow(Transaction.EXISTENCE)
    rows = _consents(request) if request.store.dossier(request.patient) else []
    return searchset(rows, len(rows), [], _base(asked))


def consent(request: Request, found: Json) -> Json:
    """TD0.3: `active` adds, `inactive` takes back. Gives the Consent as it is then."""
    if found["status"] not in _ACTIONS or found["provision"]["type"] != "permit":
        raise Refused(
            422, "DMPInvalidMessage", "Une autorisation est active ou inactive, de type permit", "Consent.status"
        )
    identifier = found["patient"].get("identifier")
    if not isinstance(identifier, dict):
        raise missing_element("Consent.patient.identifier")
    if not same_patient(identifier, request.patient):
        raise _mismatch()
    roles = {
        row.get("code") for actor in found["provision"].get("actor", []) for row in actor["role"].get("coding", [])
    }
    body = etree.Element(q(names.HABILITATIONS, "setAuthorization"))
    etree.SubElement(body, q(names.HABILITATIONS, "action")).text = _ACTIONS[found["status"]]
    if authorisation.ATTENDING in roles:
        etree.SubElement(body, q(names.HABILITATIONS, "role")).text = authorisation.ATTENDING
    authorisation.answer(replace(request, body=body))
    return (_consents(request) or [_consent(request, "inactive", attending=False)])[0]


def _base(asked: Asked) -> str:
    return asked.url.rpartition("/")[0]


def _same(request: Request, value: str, oid: str) -> None:
    if (value, oid) != (request.patient.value, request.patient.oid):
        raise _mismatch()


def _mismatch() -> SoapFault:
    return SoapFault("DMPPatientIdDoesNotMatch", "Le patient demandé n'est pas celui du VIHF")


def _id(request: Request, kind: str) -> str:
    """A name that holds no number of the patient in clear."""
    holder = request.holder if kind == "Consent" else ""
    return str(uuid5(NAMESPACE_OID, f"{kind}/{request.patient.oid}/{request.patient.value}/{holder}"))


def _patient(request: Request, dossier: Dossier) -> Json:
    story = story_named(dossier.story)
    person = story.patient
    _, attending = request.store.access(request.patient.value, request.vihf.national_id)
    extensions: list[Json] = []
    if dossier.closed:
        reason = {"url": "raisonFermeture", "valueString": "Dossier fermé"}
        extensions.append({"url": fhir_names.CLOSURE, "extension": [reason]})
    extensions.append({"url": fhir_names.ATTACHED, "valueBoolean": story.attached_to_mes})
    extensions.append({"url": fhir_names.ATTENDING, "valueBoolean": attending})
    names_ = [{"use": "official", "family": person.birth_family, "given": person.birth_given.split()}]
    if person.used_family:
        names_.insert(
            0, {"use": "usual", "family": person.used_family, "given": [person.used_given or person.first_given]}
        )
    return {
        "resourceType": "Patient",
        "id": _id(request, "Patient"),
        "extension": extensions,
        "identifier": [{"use": "official", "system": f"urn:oid:{request.patient.oid}", "value": request.patient.value}],
        "active": not dossier.closed,
        "name": names_,
        "gender": {Sex.MALE: "male", Sex.FEMALE: "female"}.get(person.sex, "unknown"),
        "birthDate": person.birth_date.isoformat(),
    }


def _consents(request: Request) -> list[Json]:
    state = request.authorization
    _, attending = request.store.access(request.patient.value, request.vihf.national_id)
    return [_consent(request, _STATES[state], attending=attending)] if state in _STATES else []


def _consent(request: Request, status: str, *, attending: bool) -> Json:
    shared = request.profile in {Profile.SECRETARY, Profile.STRUCTURE}
    oid = names.STRUCTURE_OID if shared else names.PROFESSIONAL_OID
    role = {"code": authorisation.ATTENDING} if attending else {"system": _ROLES, "code": "IRCP"}
    holder = {"identifier": {"system": f"urn:oid:{oid}", "value": request.holder}}
    return {
        "resourceType": "Consent",
        "id": _id(request, "Consent"),
        "status": status,
        "scope": {"coding": [{"system": f"{_HL7}consentscope", "code": "patient-privacy"}]},
        "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}],
        "patient": patient_reference(request.patient),
        "policyRule": {"coding": [{"system": f"{_HL7}v3-ActCode", "code": "OPTIN"}]},
        "provision": {"type": "permit", "actor": [{"role": {"coding": [role]}, "reference": holder}]},
    }
