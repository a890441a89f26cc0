"""HL7 v3 messages of the family PRPA_IN2013xx: reading a request, writing the frame of an answer (reference §2.2).

Element names and their order are those of the HL7 schemas of edition NE2008; what the reference says less of is marked [R].
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import uuid4
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.people import Patient, Sex
from dmp_desktop.sandbox import names, syntax
from dmp_desktop.sandbox.faults import SoapFault
from dmp_desktop.sandbox.model import dtm
from dmp_desktop.sandbox.names import q
from dmp_desktop.sandbox.requests import Request

INTERACTIONS = "2.16.840.1.113883.1.6"
REASONS = "1.2.250.1.213.1.1.4.11"
OBSERVATIONS = "1.2.250.1.213.4.1.2.3"
"""Attachment to Mon espace santé and oppositions; that of OPPOSITION_ACCES_URGENCE in TD0.5 is [R]."""
GENDERS = "2.16.840.1.113883.5.1"
INS_C_OID = "1.2.250.1.213.1.4.2"


@dataclass(frozen=True, slots=True)
class Interaction:
    """A request, as far as the DMP looks at it; missing parts are empty."""

    name: str
    id: tuple[str, str]
    created: str
    codes: tuple[str, str, str]
    sender: str
    receiver: str
    reason: tuple[str, str]
    query_id: tuple[str, str]
    query_status: str
    patients: tuple[tuple[str, str], ...]


def path(steps: str) -> str:
    """`a/b` as lxml wants it, in the namespace of HL7."""
    return "/".join(q(names.HL7, step) for step in steps.split("/"))


def attribute(element: etree._Element | None, steps: str, name: str) -> str:
    """An attribute of a descendant, or nothing."""
    found = None if element is None else element.find(path(steps))
    return "" if found is None else found.get(name, "")


def parse(body: etree._Element) -> Interaction:
    """Read a query of the family."""

    def ii(steps: str) -> tuple[str, str]:
        return attribute(body, steps, "root"), attribute(body, steps, "extension")

    patients = [
        (value.get("root", ""), value.get("extension", ""))
        for name in ("patientIdentifier", "livingSubjectId")
        for identifier in body.iter(q(names.HL7, name))
        for value in identifier.iter(q(names.HL7, "value"))
    ]
    reason = "controlActProcess/reasonCode"
    return Interaction(
        name=ii("interactionId")[1],
        id=ii("id"),
        created=attribute(body, "creationTime", "value"),
        codes=(
            attribute(body, "processingCode", "code"),
            attribute(body, "processingModeCode", "code"),
            attribute(body, "acceptAckCode", "code"),
        ),
        sender=ii("sender/device/id")[0],
        receiver=ii("receiver/device/id")[0],
        reason=(attribute(body, reason, "code"), attribute(body, reason, "codeSystem")),
        query_id=ii("controlActProcess/queryByParameter/queryId"),
        query_status=attribute(body, "controlActProcess/queryByParameter/statusCode", "code"),
        patients=tuple(patients),
    )


def refuse(name: str, wrong: Iterable[str]) -> SoapFault:
    """A message that is not as it must be; the code is ours [R]."""
    return SoapFault("DMPInvalidMessage", f"Message {name} incorrect : {', '.join(wrong)}")


def check_header(request: Request, interaction: Interaction, name: str, reasons: frozenset[str]) -> None:
    """What every message of the family needs. Raises SoapFault naming all that is wrong.

    With the tolerance for foreign messages only what an answer must send back is needed.
    """
    processing, mode, acknowledgement = interaction.codes
    right = {"interactionId": interaction.name == name, "id": bool(interaction.id[0])}
    if not request.tolerances.foreign_hl7:
        right |= {
            "creationTime": syntax.is_dtm(interaction.created),
            "processingCode": processing in {"D", "P"},
            "processingModeCode": mode == "T",
            "acceptAckCode": acknowledgement == "AL",
            "receiver": interaction.receiver == names.DMP_DEVICE_OID,
            "sender": syntax.is_oid(interaction.sender),
        }
        if reasons:
            right["reasonCode"] = interaction.reason[0] in reasons and interaction.reason[1] == REASONS
    wrong = [part for part, good in right.items() if not good]
    if wrong:
        raise refuse(name, wrong)


def check_query(request: Request, interaction: Interaction, name: str, reasons: frozenset[str] = frozenset()) -> None:
    """A query: its header, its identifier, its state. Raises SoapFault."""
    check_header(request, interaction, name, reasons)
    if not any(interaction.query_id):
        raise refuse(name, ["queryId"])
    if interaction.query_status != "new":
        raise refuse(name, ["statusCode"])


def response(name: str, request: Request, interaction: Interaction, rest: str, *, lines: str = "") -> bytes:
    """A whole answer around `controlActProcess`. `lines` are its `attentionLine`s."""
    return (
        f'<{name} xmlns="{names.HL7}" xmlns:xsi="{names.XSI}" ITSVersion="XML_1.0">'
        f'<id root="{names.DMP_DEVICE_OID}" extension="{uuid4()}"/><creationTime value="{dtm(request.now)}"/>'
        f'<interactionId root="{INTERACTIONS}" extension="{name}"/><processingCode code="D"/>'
        '<processingModeCode code="T"/><acceptAckCode code="NE"/>'
        f"{_device('receiver', 'RCV', interaction.sender)}{_device('sender', 'SND', names.DMP_DEVICE_OID, 'DMP')}{lines}"
        f"{rest}</{name}>"
    ).encode()


def acknowledge(interaction: Interaction, code: str = "AA", detail: str = "", text: str = "") -> str:
    """`acknowledgement` of the request: AA accepted, AE refused with the DMP's own code."""
    told = f'<acknowledgementDetail typeCode="E"><code code="{detail}"/><text>{escape(text)}</text></acknowledgementDetail>'
    return (
        f'<acknowledgement><typeCode code="{code}"/><targetMessage>{ii("id", interaction.id)}</targetMessage>'
        f"{told if detail else ''}</acknowledgement>"
    )


def query_ack(interaction: Interaction, total: int, shown: int) -> str:
    """`queryAck`: NF when nothing was found (an open client reads it so; semantics unverified)."""
    return (
        f'<queryAck>{ii("queryId", interaction.query_id)}<queryResponseCode code="{"OK" if total else "NF"}"/>'
        f'<resultTotalQuantity value="{total}"/><resultCurrentQuantity value="{shown}"/>'
        f'<resultRemainingQuantity value="{total - shown}"/></queryAck>'
    )


def ii(tag: str, value: tuple[str, str]) -> str:
    extension = f" extension={quoteattr(value[1])}" if value[1] else ""
    return f"<{tag} root={quoteattr(value[0])}{extension}/>"


def _device(tag: str, type_code: str, oid: str, software: str = "") -> str:
    name = f"<softwareName>{software}</softwareName>" if software else ""
    return (
        f'<{tag} typeCode="{type_code}"><device classCode="DEV" determinerCode="INSTANCE">'
        f"<id root={quoteattr(oid)}/>{name}</device></{tag}>"
    )


def attention(keyword: str, system: str, value: str) -> str:
    """One `attentionLine`; `value` is the element written."""
    return (
        f'<attentionLine><keyWordText code="{keyword}" codeSystem="{system}">{keyword}</keyWordText>'
        f"{value}</attentionLine>"
    )


def observation(tag: str, code: str, system: str, value: bool) -> str:
    """A yes or no about the record (`administrativeObservation`)."""
    return (
        f'<{tag} typeCode="SBJ"><administrativeObservation classCode="OBS" moodCode="EVN">'
        f'<code code="{code}" codeSystem="{system}"/><value xsi:type="BL" value="{str(value).lower()}"/>'
        f"</administrativeObservation></{tag}>"
    )


def identifiers(patient: InsIdentity) -> str:
    """The INS and the INS-C: a record carries several identifiers over time. The INS-C is invented, 20 digits and a key."""
    digits = int(hashlib.sha256(patient.value.encode()).hexdigest(), 16) % 10**20
    ins_c = f"{digits:020d}{97 - digits % 97:02d}"
    return ii("id", (patient.oid, patient.value)) + ii("id", (INS_C_OID, ins_c))


def person(patient: Patient, more: str = "", *, address: bool = False) -> str:
    """`patientPerson`: traits the LPS must never display in TD0.2 (reference §2.2)."""
    prefix = "M" if patient.sex is Sex.MALE else "MME"
    used = f'<family qualifier="SP">{escape(patient.used_family)}</family>' if patient.used_family else ""
    telecoms = "".join(f"<telecom value={quoteattr(told)}/>" for told in (patient.phone, patient.email) if told)
    home = ""
    if address and patient.address:
        where = patient.address
        home = (
            f"<addr><streetAddressLine>{escape(where.line)}</streetAddressLine><postalCode>{escape(where.postal_code)}"
            f"</postalCode><city>{escape(where.city)}</city></addr>"
        )
    return (
        f'<patientPerson classCode="PSN" determinerCode="INSTANCE"><name><prefix>{prefix}</prefix>'
        f"<given>{escape(patient.first_given)}</given>{used}"
        f'<family qualifier="BR">{escape(patient.birth_family)}</family></name>{telecoms}'
        f'<administrativeGenderCode code="{patient.sex.value}" codeSystem="{GENDERS}"/>'
        f'<birthTime value="{patient.birth_date:%Y%m%d}"/>{home}{more}</patientPerson>'
    )


def subject(patient: str) -> str:
    """`subject` around a `patient` already written."""
    return (
        '<subject typeCode="SUBJ" contextConductionInd="false"><registrationEvent classCode="REG" moodCode="EVN">'
        f'<statusCode code="active"/><subject1 typeCode="SBJ">{patient}</subject1>'
        '<custodian typeCode="CST"><assignedEntity classCode="ASSIGNED">'
        f'<id root="{names.DMP_DEVICE_OID}"/></assignedEntity></custodian></registrationEvent></subject>'
    )


def provider() -> str:
    return (
        f'<providerOrganization classCode="ORG" determinerCode="INSTANCE"><id root="{names.DMP_DEVICE_OID}"/>'
        '<contactParty classCode="CON"/></providerOrganization>'
    )
