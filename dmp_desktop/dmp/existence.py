"""TD0.2: does the record exist, may I open it (HL7 v3 PRPA_IN201307UV02; reference §2.2)."""

from __future__ import annotations

import uuid
from datetime import datetime

from lxml import etree

from dmp_desktop.dmp import catalogue
from dmp_desktop.dmp.names import HL7, XSI
from dmp_desktop.dmp.soap import unreadable
from dmp_desktop.dmp.xmltext import xml
from dmp_desktop.domain.access import Authorization, DossierStatus
from dmp_desktop.domain.ins import InsIdentity

_DMP_DEVICE = "1.2.250.1.213.4.1.1.1"
_HL7 = f"{{{HL7}}}"
# keyWordText codes, systems 1.2.250.1.213.4.1.2.6.1 and .3.
_AUTHORIZATION, _ATTENDING = "AUTORISATION", "STATUT_MT"


def request(patient: InsIdentity, sender_oid: str, software: str, message: uuid.UUID, now: datetime) -> str:
    """The body: reasonCode TEST_EXST (1.2.250.1.213.1.1.4.11), one patientIdentifier."""
    return (
        f'<PRPA_IN201307UV02 xmlns="{HL7}" xmlns:xsi="{XSI}" ITSVersion="XML_1.0"><id root="{sender_oid}" extension="{message}"/>'
        f'<creationTime value="{now:%Y%m%d%H%M%S}"/><interactionId root="2.16.840.1.113883.1.6" extension="PRPA_IN201307UV02"/>'
        '<processingCode code="P"/><processingModeCode code="T"/><acceptAckCode code="AL"/>'
        f'<receiver typeCode="RCV"><device classCode="DEV" determinerCode="INSTANCE"><id root="{_DMP_DEVICE}"/>'
        "<softwareName>DMP</softwareName></device></receiver>"
        f'<sender typeCode="SND"><device classCode="DEV" determinerCode="INSTANCE"><id root="{sender_oid}"/>'
        f"<softwareName>{xml(software)}</softwareName></device></sender>"
        '<controlActProcess classCode="CACT" moodCode="EVN"><reasonCode code="TEST_EXST" codeSystem="1.2.250.1.213.1.1.4.11"/>'
        f'<queryByParameter><queryId root="{sender_oid}" extension="{message}"/><statusCode code="new"/><parameterList>'
        f'<dataSource xsi:nil="true"/><patientIdentifier><value root="{xml(patient.oid)}" extension="{xml(patient.value)}"/>'
        "<semanticsText>Patient.id</semanticsText></patientIdentifier></parameterList></queryByParameter>"
        "</controlActProcess></PRPA_IN201307UV02>"
    )


def read(root: etree._Element) -> DossierStatus:
    """The answer PRPA_IN201308UV02. Raises DmpError when the DMP answers AE, or something else."""
    if root.tag != f"{_HL7}PRPA_IN201308UV02":
        raise unreadable("not PRPA_IN201308UV02")
    acknowledgement = root.find(f"{_HL7}acknowledgement")
    detail = root.find(f"{_HL7}acknowledgement/{_HL7}acknowledgementDetail/{_HL7}code")
    if acknowledgement is None or _attribute(acknowledgement.find(f"{_HL7}typeCode"), "code", acknowledgement) != "AA":
        raise catalogue.error(detail.get("code", "AE") if detail is not None else "AE")
    control = root.find(f"{_HL7}controlActProcess")
    if control is None:
        raise unreadable("no controlActProcess")
    response = control.find(f"{_HL7}queryAck/{_HL7}queryResponseCode")
    patient = control.find(f"{_HL7}subject/{_HL7}registrationEvent/{_HL7}subject1/{_HL7}patient")
    if response is not None and response.get("code") == "NF":
        return DossierStatus(exists=False)
    if patient is None:
        raise unreadable("no patient, and not NF")
    status = patient.find(f"{_HL7}statusCode")
    attention = _attention_lines(root)
    authorization = attention.get(_AUTHORIZATION)
    return DossierStatus(
        exists=True,
        closed=status is not None and status.get("code") == "terminated",
        authorization=Authorization(authorization) if authorization in set(Authorization) else None,
        attending=attention.get(_ATTENDING) == "true",
    )


def _attention_lines(root: etree._Element) -> dict[str, str]:
    """keyWordText code -> value of each attentionLine (a CV's code, a BL's value)."""
    lines: dict[str, str] = {}
    for line in root.iter(f"{_HL7}attentionLine"):
        keyword, value = line.find(f"{_HL7}keyWordText"), line.find(f"{_HL7}value")
        if keyword is not None and value is not None:
            lines[keyword.get("code") or (keyword.text or "").strip()] = value.get("code") or value.get("value") or ""
    return lines


def _attribute(child: etree._Element | None, name: str, parent: etree._Element) -> str:
    """`typeCode` is an attribute in some messages and an element in others."""
    return child.get(name, "") if child is not None else parent.get("typeCode", "")
