"""TD0.2: does the record exist, may I open it (HL7 v3 PRPA_IN201307UV02; reference §2.2). TD1.3a asks in the same form."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum

from lxml import etree

from dmp_desktop.dmp import hl7v3
from dmp_desktop.dmp.hl7v3 import NS, Sender
from dmp_desktop.dmp.soap import unreadable
from dmp_desktop.dmp.xmltext import xml
from dmp_desktop.domain.access import Authorization, DossierStatus
from dmp_desktop.domain.ins import InsIdentity

ANSWER = "PRPA_IN201308UV02"
# administrativeObservation codes of the two oppositions (1.2.250.1.213.4.1.2.3) -> our names.
OPPOSITIONS = {"OPPOSITION_BRIS_DE_GLACE": "bris_de_glace", "OPPOSITION_ACCES_URGENCE": "acces_urgence"}
# keyWordText codes, systems 1.2.250.1.213.4.1.2.6.1 and .3.
_AUTHORIZATION, _ATTENDING = "AUTORISATION", "STATUT_MT"


class Reason(StrEnum):
    """reasonCode, 1.2.250.1.213.1.1.4.11: what one question asks for."""

    EXISTENCE = "TEST_EXST"
    ADMINISTRATIVE = "CNSLT_DATA"


def request(patient: InsIdentity, sender: Sender, identifier: uuid.UUID, now: datetime, reason: Reason) -> str:
    """The body: a reason, one patientIdentifier."""
    parameters = (
        f'<dataSource xsi:nil="true"/><patientIdentifier><value root="{xml(patient.oid)}" extension="{xml(patient.value)}"/>'
        "<semanticsText>Patient.id</semanticsText></patientIdentifier>"
    )
    asked = f'<reasonCode code="{reason}" codeSystem="1.2.250.1.213.1.1.4.11"/>'
    process = asked + hl7v3.query(sender, identifier, parameters)
    return hl7v3.message("PRPA_IN201307UV02", sender, identifier, now, process)


def read(root: etree._Element) -> DossierStatus:
    """The answer. Raises DmpError when the DMP answers AE, or something else."""
    control = hl7v3.accepted(root, ANSWER)
    if hl7v3.found_nothing(control):
        return DossierStatus(exists=False)
    patient = next(hl7v3.patients(control), None)
    if patient is None:
        raise unreadable("no patient, and not NF")
    status = patient.find(f"{NS}statusCode")
    attention = _attention_lines(root)
    authorization = attention.get(_AUTHORIZATION)
    observed = hl7v3.observations(patient)
    return DossierStatus(
        exists=True,
        closed=status is not None and status.get("code") == "terminated",
        authorization=Authorization(authorization) if authorization in set(Authorization) else None,
        attending=hl7v3.truth(attention.get(_ATTENDING, "")) is True,
        oppositions={name: observed[code] for code, name in OPPOSITIONS.items() if code in observed},
    )


def _attention_lines(root: etree._Element) -> dict[str, str]:
    """keyWordText code -> value of each attentionLine (a CV's code, a BL's value)."""
    lines: dict[str, str] = {}
    for line in root.iter(f"{NS}attentionLine"):
        keyword, value = line.find(f"{NS}keyWordText"), line.find(f"{NS}value")
        if keyword is not None and value is not None:
            lines[keyword.get("code") or (keyword.text or "").strip()] = value.get("code") or value.get("value") or ""
    return lines
