"""TD0.2: does the record exist, may I open it, am I the attending doctor (PRPA_IN201307UV02 -> 308, reference §2.2)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.people import Patient
from dmp_desktop.sandbox import names
from dmp_desktop.sandbox.faults import SoapFault
from dmp_desktop.sandbox.model import dtm
from dmp_desktop.sandbox.names import q
from dmp_desktop.sandbox.patients import STORIES
from dmp_desktop.sandbox.requests import Request
from dmp_desktop.sandbox.rights import Transaction
from dmp_desktop.sandbox.store import Dossier

INTERACTION = "PRPA_IN201307UV02"
REASON_TEST, REASON_SYSTEM = "TEST_EXST", "1.2.250.1.213.1.1.4.11"
ANSWER_ACTION = "urn:hl7-org:v3:PRPA_IN201308UV02"
_INTERACTIONS = "2.16.840.1.113883.1.6"


@dataclass(frozen=True, slots=True)
class Interaction:
    """An HL7 v3 query, as far as the DMP looks at it."""

    name: str
    id: tuple[str, str]
    sender: str
    receiver: str
    reason: tuple[str, str]
    query_id: tuple[str, str]
    patients: tuple[tuple[str, str], ...]


def answer(request: Request) -> bytes:
    """The body of the answer. Raises SoapFault."""
    interaction = parse(request.body)
    _check(interaction)
    root, extension = interaction.patients[0]
    if (extension, root) != (request.patient.value, request.patient.oid):
        raise SoapFault("DMPPatientIdDoesNotMatch", "Le patient demandé n'est pas celui du VIHF")  # [R]
    request.allow(Transaction.EXISTENCE)
    return _render(request, interaction, request.store.dossier(request.patient))


def parse(body: etree._Element) -> Interaction:
    """Read a query of the PRPA_IN2013xx family; missing parts are empty."""

    def ii(path: str) -> tuple[str, str]:
        found = body.find("/".join(q(names.HL7, step) for step in path.split("/")))
        return ("", "") if found is None else (found.get("root", ""), found.get("extension", ""))

    reason = body.find("/".join(q(names.HL7, step) for step in ("controlActProcess", "reasonCode")))
    patients = [
        (value.get("root", ""), value.get("extension", ""))
        for name in ("patientIdentifier", "livingSubjectId")
        for identifier in body.iter(q(names.HL7, name))
        for value in identifier.iter(q(names.HL7, "value"))
    ]
    return Interaction(
        name=ii("interactionId")[1],
        id=ii("id"),
        sender=ii("sender/device/id")[0],
        receiver=ii("receiver/device/id")[0],
        reason=("", "") if reason is None else (reason.get("code", ""), reason.get("codeSystem", "")),
        query_id=ii("controlActProcess/queryByParameter/queryId"),
        patients=tuple(patients),
    )


def _check(interaction: Interaction) -> None:
    """Required content of the request; the code is ours [R]."""
    missing = {
        "interactionId": interaction.name == INTERACTION,
        "id": bool(interaction.id[0]),
        "receiver": interaction.receiver == names.DMP_DEVICE_OID,
        "sender": bool(interaction.sender),
        "reasonCode": interaction.reason == (REASON_TEST, REASON_SYSTEM),
        "queryId": bool(interaction.query_id[0]),
        "patientIdentifier": len(interaction.patients) == 1,
    }
    wrong = [name for name, right in missing.items() if not right]
    if wrong:
        raise SoapFault("DMPInvalidMessage", f"Message PRPA_IN201307UV02 incorrect : {', '.join(wrong)}")


def _render(request: Request, interaction: Interaction, dossier: Dossier | None) -> bytes:
    lines = "" if dossier is None else _attention(request)
    subject = "" if dossier is None else _subject(dossier)
    found = "NF" if dossier is None else "OK"
    count = 0 if dossier is None else 1
    query = _query(interaction)
    return (
        f'<PRPA_IN201308UV02 xmlns="{names.HL7}" xmlns:xsi="{names.XSI}" ITSVersion="XML_1.0">'
        f'<id root="{names.DMP_DEVICE_OID}" extension="{uuid4()}"/><creationTime value="{dtm(request.now)}"/>'
        f'<interactionId root="{_INTERACTIONS}" extension="PRPA_IN201308UV02"/><processingCode code="D"/>'
        '<processingModeCode code="T"/><acceptAckCode code="NE"/>'
        f"{_device('receiver', 'RCV', interaction.sender)}{_device('sender', 'SND', names.DMP_DEVICE_OID, 'DMP')}{lines}"
        f'<acknowledgement><typeCode code="AA"/><targetMessage>{_ii("id", interaction.id)}</targetMessage></acknowledgement>'
        f'<controlActProcess classCode="CACT" moodCode="EVN">{subject}'
        f'<queryAck>{_ii("queryId", interaction.query_id)}<queryResponseCode code="{found}"/>'
        f'<resultTotalQuantity value="{count}"/><resultCurrentQuantity value="{count}"/>'
        f'<resultRemainingQuantity value="0"/></queryAck>{query}</controlActProcess></PRPA_IN201308UV02>'
    ).encode()


def _ii(tag: str, value: tuple[str, str]) -> str:
    extension = f" extension={quoteattr(value[1])}" if value[1] else ""
    return f"<{tag} root={quoteattr(value[0])}{extension}/>"


def _device(tag: str, type_code: str, oid: str, software: str = "") -> str:
    name = f"<softwareName>{software}</softwareName>" if software else ""
    return (
        f'<{tag} typeCode="{type_code}"><device classCode="DEV" determinerCode="INSTANCE">'
        f"<id root={quoteattr(oid)}/>{name}</device></{tag}>"
    )


def _attention(request: Request) -> str:
    """`attentionLine`s: the authorisation and whether the asker is the attending doctor."""
    _, attending = request.store.access(request.patient.value, request.vihf.national_id)
    return (
        '<attentionLine><keyWordText code="AUTORISATION" codeSystem="1.2.250.1.213.4.1.2.6.1">AUTORISATION</keyWordText>'
        f'<value xsi:type="CV" code="{request.authorization.value}" codeSystem="1.2.250.1.213.4.1.2.6.2"/></attentionLine>'
        '<attentionLine><keyWordText code="STATUT_MT" codeSystem="1.2.250.1.213.4.1.2.6.3">STATUT_MT</keyWordText>'
        f'<value xsi:type="BL" value="{str(attending).lower()}"/></attentionLine>'
    )


def _subject(dossier: Dossier) -> str:
    patient = next(story.patient for story in STORIES if story.name == dossier.story)
    status = "terminated" if dossier.closed else "active"
    observations = "".join(
        '<subjectOf><administrativeObservation classCode="OBS" moodCode="EVN">'
        f'<code code="{code}" codeSystem="{system}"/><value xsi:type="BL" value="false"/>'
        "</administrativeObservation></subjectOf>"
        for code, system in (
            ("COMPTE_INTERNET_OUVERT", "1.2.250.1.213.4.1.2.9"),
            ("RATTACHEMENT_ENS", "1.2.250.1.213.4.1.2.3"),
        )
    )
    return (
        '<subject typeCode="SUBJ" contextConductionInd="false"><registrationEvent classCode="REG" moodCode="EVN">'
        '<statusCode code="active"/><subject1 typeCode="SBJ"><patient classCode="PAT">'
        f'{_ii("id", (dossier.oid, dossier.ins))}<statusCode code="{status}"/>{_person(patient)}{_provider()}{observations}'
        f"</patient></subject1>{_custodian()}</registrationEvent></subject>"
    )


def _person(patient: Patient) -> str:
    """Traits the LPS must never display (reference §2.2)."""
    return (
        '<patientPerson classCode="PSN" determinerCode="INSTANCE"><name>'
        f'<given>{escape(patient.first_given)}</given><family qualifier="BR">{escape(patient.birth_family)}</family></name>'
        f'<administrativeGenderCode code="{patient.sex.value}" codeSystem="2.16.840.1.113883.5.1"/>'
        f'<birthTime value="{patient.birth_date:%Y%m%d}"/></patientPerson>'
    )


def _provider() -> str:
    return (
        f'<providerOrganization classCode="ORG" determinerCode="INSTANCE"><id root="{names.DMP_DEVICE_OID}"/>'
        '<contactParty classCode="CON"/></providerOrganization>'
    )


def _custodian() -> str:
    return (
        f'<custodian typeCode="CST"><assignedEntity classCode="ASSIGNED"><id root="{names.DMP_DEVICE_OID}"/>'
        "</assignedEntity></custodian>"
    )


def _query(interaction: Interaction) -> str:
    """The query, sent back as HL7 demands."""
    identifier = InsIdentity(interaction.patients[0][1], interaction.patients[0][0])
    return (
        f'<queryByParameter>{_ii("queryId", interaction.query_id)}<statusCode code="deliveredResponse"/><parameterList>'
        f"<patientIdentifier>{_ii('value', (identifier.oid, identifier.value))}<semanticsText>Patient.id</semanticsText>"
        "</patientIdentifier></parameterList></queryByParameter>"
    )
