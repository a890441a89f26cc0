"""TD0.2: does the record exist, may I open it, am I the attending doctor (PRPA_IN201307UV02 -> 308, reference §2.2).

The same message with another reason is TD1.3a (`administrative`).
"""

from __future__ import annotations

from dmp_desktop.sandbox import administrative, hl7
from dmp_desktop.sandbox.faults import SoapFault
from dmp_desktop.sandbox.patients import story_named
from dmp_desktop.sandbox.requests import Request
from dmp_desktop.sandbox.rights import Transaction
from dmp_desktop.sandbox.store import Dossier

INTERACTION = "PRPA_IN201307UV02"
ANSWER = "PRPA_IN201308UV02"
ANSWER_ACTION = f"urn:hl7-org:v3:{ANSWER}"
REASONS = {"TEST_EXST": Transaction.EXISTENCE, "CNSLT_DATA": Transaction.ADMINISTRATIVE}


def answer(request: Request) -> bytes:
    """The body of the answer. Raises SoapFault."""
    interaction = hl7.parse(request.body)
    hl7.check_query(request, interaction, INTERACTION, frozenset(REASONS))
    if len(interaction.patients) != 1:
        raise hl7.refuse(INTERACTION, ["patientIdentifier"])
    root, extension = interaction.patients[0]
    if (extension, root) != (request.patient.value, request.patient.oid):
        raise SoapFault("DMPPatientIdDoesNotMatch", "Le patient demandé n'est pas celui du VIHF")  # [R]
    transaction = REASONS[interaction.reason[0]]
    request.allow(transaction)
    dossier = request.store.dossier(request.patient)
    lines = subject = ""
    if dossier and transaction is Transaction.EXISTENCE:
        lines, subject = _attention(request), _subject(request, dossier)
    elif dossier:
        subject = administrative.subject(request, dossier)
    count = 1 if dossier else 0
    rest = (
        f'{hl7.acknowledge(interaction)}<controlActProcess classCode="CACT" moodCode="EVN">{subject}'
        f"{hl7.query_ack(interaction, count, count)}{_query(interaction)}</controlActProcess>"
    )
    return hl7.response(ANSWER, request, interaction, rest, lines=lines)


def _attention(request: Request) -> str:
    """The authorisation and whether the asker is the attending doctor."""
    _, attending = request.store.access(request.patient.value, request.vihf.national_id)
    authorisation = f'<value xsi:type="CV" code="{request.authorization.value}" codeSystem="1.2.250.1.213.4.1.2.6.2"/>'
    status = f'<value xsi:type="BL" value="{str(attending).lower()}"/>'
    return hl7.attention("AUTORISATION", "1.2.250.1.213.4.1.2.6.1", authorisation) + hl7.attention(
        "STATUT_MT", "1.2.250.1.213.4.1.2.6.3", status
    )


def _subject(request: Request, dossier: Dossier) -> str:
    story = story_named(dossier.story)
    return hl7.subject(
        f'<patient classCode="PAT">{hl7.identifiers(request.patient)}{administrative.status(dossier)}'
        f"{hl7.person(story.patient)}{hl7.provider()}{administrative.connections(request, story)}</patient>"
    )


def _query(interaction: hl7.Interaction) -> str:
    """The query, sent back as HL7 demands."""
    return (
        f'<queryByParameter>{hl7.ii("queryId", interaction.query_id)}<statusCode code="deliveredResponse"/><parameterList>'
        f"<patientIdentifier>{hl7.ii('value', interaction.patients[0])}<semanticsText>Patient.id</semanticsText>"
        "</patientIdentifier></parameterList></queryByParameter>"
    )
