"""HL7 v3 messages of the family PRPA_IN2013xx: the frame of a question, and what every answer says (reference §2.1, §2.2)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from lxml import etree

from dmp_desktop.dmp import catalogue
from dmp_desktop.dmp.names import HL7, XSI
from dmp_desktop.dmp.soap import unreadable
from dmp_desktop.dmp.xmltext import xml

NS = f"{{{HL7}}}"
_DMP_DEVICE = "1.2.250.1.213.4.1.1.1"
_TRUE, _FALSE = frozenset({"true", "1"}), frozenset({"false", "0"})


@dataclass(frozen=True, slots=True)
class Sender:
    """Who asks: the OID branch and the name of the software."""

    oid: str
    software: str


def message(name: str, sender: Sender, identifier: uuid.UUID, now: datetime, process: str, attention: str = "") -> str:
    """A message of production (`P`), in the order of the schema, around the content of its control act."""
    device = 'device classCode="DEV" determinerCode="INSTANCE"'
    return (
        f'<{name} xmlns="{HL7}" xmlns:xsi="{XSI}" ITSVersion="XML_1.0"><id root="{sender.oid}" extension="{identifier}"/>'
        f'<creationTime value="{now:%Y%m%d%H%M%S}"/><interactionId root="2.16.840.1.113883.1.6" extension="{name}"/>'
        '<processingCode code="P"/><processingModeCode code="T"/><acceptAckCode code="AL"/>'
        f'<receiver typeCode="RCV"><{device}><id root="{_DMP_DEVICE}"/><softwareName>DMP</softwareName></device></receiver>'
        f'<sender typeCode="SND"><{device}><id root="{sender.oid}"/>'
        f"<softwareName>{xml(sender.software)}</softwareName></device></sender>{attention}"
        f'<controlActProcess classCode="CACT" moodCode="EVN">{process}</controlActProcess></{name}>'
    )


def query(sender: Sender, identifier: uuid.UUID, parameters: str) -> str:
    """`queryByParameter` around its parameters."""
    return (
        f'<queryByParameter><queryId root="{sender.oid}" extension="{identifier}"/><statusCode code="new"/>'
        f"<parameterList>{parameters}</parameterList></queryByParameter>"
    )


def accepted(root: etree._Element, name: str) -> etree._Element:
    """The control act of an answer. Raises DmpError when the DMP answers AE or AR, or something else than `name`."""
    if root.tag != NS + name:
        raise unreadable(f"not {name}")
    acknowledgement = root.find(f"{NS}acknowledgement")
    if acknowledgement is None:
        raise unreadable("no acknowledgement")
    kind = acknowledgement.find(f"{NS}typeCode")  # an attribute in some messages and an element in others
    outcome = acknowledgement.get("typeCode", "") if kind is None else kind.get("code", "")
    if outcome not in ("AA", "CA"):
        code = acknowledgement.find(f"{NS}acknowledgementDetail/{NS}code")
        words = acknowledgement.findtext(f"{NS}acknowledgementDetail/{NS}text") or ""
        raise catalogue.error((code.get("code") if code is not None else None) or outcome or "AE", words)
    control = root.find(f"{NS}controlActProcess")
    if control is None:
        raise unreadable("no controlActProcess")
    return control


def found_nothing(control: etree._Element) -> bool:
    response = control.find(f"{NS}queryAck/{NS}queryResponseCode")
    return response is not None and response.get("code") == "NF"


def patients(control: etree._Element) -> Iterator[etree._Element]:
    """The `patient` of each registration event."""
    return control.iterfind(f"{NS}subject/{NS}registrationEvent/{NS}subject1/{NS}patient")


def observations(patient: etree._Element) -> dict[str, bool]:
    """Code -> value of each administrativeObservation whose value is a boolean; one without any value says yes by being there."""
    found: dict[str, bool] = {}
    for observation in patient.iter(f"{NS}administrativeObservation"):
        code, value = observation.find(f"{NS}code"), observation.find(f"{NS}value")
        if code is None or not code.get("code"):
            continue
        told = True if value is None else truth(value.get("value") or value.get("code") or value.text or "")
        if told is not None:
            found[code.get("code", "")] = told
    return found


def truth(word: str) -> bool | None:
    """An XML boolean; None for any other word."""
    word = word.strip().lower()
    return True if word in _TRUE else False if word in _FALSE else None


def name_part(holder: etree._Element, part: str, qualifier: str) -> str:
    """The `family` or `given` of a person: the one of this qualifier (SP used, BR birth) when there is one, else the first."""
    found = [element for element in holder.iterfind(f"{NS}name/{NS}{part}") if (element.text or "").strip()]
    chosen = [element for element in found if qualifier in element.get("qualifier", "").split()] or found
    return (chosen[0].text or "").strip() if chosen else ""


def day(value: str) -> date | None:
    """A date of at least eight digits (HL7 TS), or of the form 1979-03-12; None for anything else, incomplete ones included."""
    digits = value.strip()[:10].replace("-", "")[:8]
    try:
        return date.fromisoformat(digits) if len(digits) == 8 and digits.isdecimal() else None
    except ValueError:
        return None
