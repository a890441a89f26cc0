"""Raw messages of the administration of a record (TD0.4, TD0.5, TD1.x) and who may send them, for the tests of the sandbox.

Written by hand from the reference, as `dmp_wire`.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

from dmp_desktop.sandbox import Sandbox
from dmp_desktop.sandbox.directory import PEOPLE
from dmp_desktop.sandbox.psc_state import PscUser, Session
from tests.helpers.dmp_wire import LPS_OID, Answer, Caller, Vihf

LIST_PATIENTS = "urn:si-dmp-patients:PatientSpecificEndPoint:patientList"
LIST_AUTHORISATIONS = "urn:si-dmp-habilitations:HabilitationsEndPoint:listAuthorizationByPatient"
SEARCH_PERSON = "urn:hl7-org:v3:PRPA_IN201305UV02"
CREATE = "urn:hl7-org:v3:PRPA_IN201311UV02"
REVISE = "urn:hl7-org:v3:PRPA_IN201314UV02"
ACCOUNT = "urn:si-dmp-patients:PatientSpecificEndPoint:createPatientAccess"
CONFIDENTIALITY = "urn:oasis:names:tc:xspa:1.0:resource:patient:hl7:confidentiality-code"
RESOURCE_ID = "urn:oasis:names:tc:xacml:2.0:resource:resource-id"
PROFESSIONS, SPECIALITIES = "1.2.250.1.71.1.2.7", "1.2.250.1.71.4.2.5"
NON_PROFESSIONALS = "1.2.250.1.213.1.1.4.6"


def patient_list_body(start: str = "20000101000000", kind: str = "LASTAUTORIZATION", owner: str = "") -> str:
    more = f"<psOwnerId>{owner}</psOwnerId>" if owner else ""
    return (
        f'<patientList xmlns="urn:si-dmp-patients"><startDate>{start}</startDate><dateType>{kind}</dateType>{more}'
        "</patientList>"
    )


def authorisations_body(mode: str = "TOUTE") -> str:
    return (
        f'<listAuthorizationByPatient xmlns="urn:si-dmp-habilitations"><mode>{mode}</mode></listAuthorizationByPatient>'
    )


def message(name: str, process: str) -> str:
    """A message of the family PRPA_IN2013xx around its control act."""
    return (
        f'<{name} xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ITSVersion="XML_1.0">'
        f'<id root="{LPS_OID}" extension="{uuid.uuid4()}"/><creationTime value="20261122100000"/>'
        f'<interactionId root="2.16.840.1.113883.1.6" extension="{name}"/><processingCode code="D"/>'
        '<processingModeCode code="T"/><acceptAckCode code="AL"/>'
        '<receiver typeCode="RCV"><device classCode="DEV" determinerCode="INSTANCE"><id root="1.2.250.1.213.4.1.1.1"/>'
        "<softwareName>DMP</softwareName></device></receiver>"
        f'<sender typeCode="SND"><device classCode="DEV" determinerCode="INSTANCE"><id root="{LPS_OID}"/>'
        "<softwareName>Essai</softwareName></device></sender>"
        f'<controlActProcess classCode="CACT" moodCode="EVN">{process}</controlActProcess></{name}>'
    )


def person_body(family: str, given: str = "", birth: str = "", sex: str = "", city: str = "", more: str = "") -> str:
    """PRPA_IN201305UV02 of TD0.5; `more` comes before the parameters (initialQuantity, minimumDegreeMatch)."""
    names = (f"<given>{given}</given>" if given else "") + (f"<family>{family}</family>" if family else "")
    traits = {
        "livingSubjectAdministrativeGender": (sex, f'<value code="{sex}"/>', "administrativeGender"),
        "livingSubjectBirthTime": (birth, f'<value value="{birth}"/>', "birthTime"),
        "livingSubjectName": (names, f"<value>{names}</value>", "name"),
        "patientAddress": (city, f"<value><city>{city}</city></value>", "addr"),
    }
    rows = "".join(
        f"<{tag}>{value}<semanticsText>LivingSubject.{text}</semanticsText></{tag}>"
        for tag, (asked, value, text) in traits.items()
        if asked
    )
    return message(
        "PRPA_IN201305UV02",
        '<code code="PRPA_TE201305UV02" codeSystem="2.16.840.1.113883.1.6"/><queryByParameter>'
        f'<queryId root="{LPS_OID}" extension="1"/><statusCode code="new"/>{more}'
        f"<parameterList>{rows}</parameterList></queryByParameter>",
    )


def revision_body(name: str, reason: str, ins: str, more: str = "") -> str:
    """PRPA_IN201311UV02 or 201314UV02: the patient as subject of a registration request."""
    return message(
        name,
        f'<reasonCode code="{reason}" codeSystem="1.2.250.1.213.1.1.4.11"/><subject typeCode="SUBJ"><registrationRequest '
        'classCode="REG" moodCode="RQO"><statusCode code="active"/><subject1 typeCode="SBJ"><patient classCode="PAT">'
        f'<id root="1.2.250.1.213.1.4.10" extension="{ins}"/><statusCode code="active"/>{more}</patient></subject1>'
        "</registrationRequest></subject>",
    )


def observed(code: str, system: str = "1.2.250.1.213.4.1.2.3") -> str:
    return (
        f'<subjectOf><administrativeObservation classCode="OBS" moodCode="EVN"><code code="{code}" codeSystem="{system}"/>'
        "</administrativeObservation></subjectOf>"
    )


def account_body() -> str:
    return '<createPatientAccess xmlns="urn:si-dmp-patients"/>'


def nobody(vihf: Vihf) -> Vihf:
    """The assertion without a patient."""
    return replace(vihf, omitted=(*vihf.omitted, RESOURCE_ID))


def secretly(vihf: Vihf) -> Vihf:
    """The assertion of a minor's secret connection."""
    hidden = "INVISIBLE_REPRESENTANTS_LEGAUX^1.2.250.1.213.1.1.4.13"
    attribute = f'</saml2:Attribute><saml2:Attribute Name="{CONFIDENTIALITY}"><saml2:AttributeValue>{hidden}'
    return replace(vihf, sector=f"{vihf.sector}</saml2:AttributeValue>{attribute}")


def roles_of(national_id: str) -> tuple[tuple[str, str], ...]:
    """The roles the assertion of this person must carry."""
    person = PEOPLE[national_id]
    if not person.role.isdigit():
        return ((person.role, NON_PROFESSIONALS),)
    speciality = ((person.specialty, SPECIALITIES),) if person.specialty else ()
    return ((person.role, PROFESSIONS), *speciality)


def by_card(caller: Caller, ins: str, national_id: str) -> Vihf:
    """The assertion of a card's holder."""
    issuer = caller.sign.certificate.subject.rfc4514_string()
    return Vihf(name_id=national_id, issuer=issuer, ins=ins, roles=roles_of(national_id))


def sign_in(sandbox: Sandbox, national_id: str) -> Session:
    """Pro Santé Connect opened for someone."""
    person = PEOPLE[national_id]
    user = PscUser(national_id, person.family, person.given, person.role, person.specialty, person.places)
    return sandbox.psc.sessions.open(user)


def by_air(structure: Caller, ins: str, session: Session) -> Vihf:
    """The assertion in mode INDIRECTE_RENFORCEE of who signed in, by the keys of the structure."""
    user = session.user
    return replace(
        structure.vihf(ins),
        name_id=user.national_id,
        subject=f"{user.family} {user.given}",
        roles=roles_of(user.national_id),
        mode="INDIRECTE_RENFORCEE",
        context="TLSClient",
        declaration="APP_BROWSER_AUTH",
        authenticated=session.authenticated,
    )


def rows(answer: Answer, name: str) -> list[dict[str, Any]]:
    """The repeated lines of an answer of the DMP's own, as dictionaries of local names."""
    found: list[dict[str, Any]] = []
    for line in answer.body.iter(f"{{*}}{name}"):
        row: dict[str, Any] = {}
        for child in line.iterdescendants():
            if len(child) == 0:
                row[child.tag.partition("}")[2]] = child.text or ""
        found.append(row)
    return found
