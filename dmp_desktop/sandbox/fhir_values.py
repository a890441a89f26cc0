"""FHIR data types and the HL7 v2 types of XDS metadata, each into the other (ITI TF-3 §4.2.3, PDSm4DMP annex of the mapping)."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, date, datetime

from dmp_desktop.domain.ins import INS_OIDS, InsIdentity
from dmp_desktop.sandbox import names
from dmp_desktop.sandbox.fhir_errors import wrong
from dmp_desktop.sandbox.fhir_names import URIS, Json, scheme_of, system_of
from dmp_desktop.sandbox.model import Classification

_SHORTEST_WITH_TIME = 10


def without_empty(found: Json) -> Json:
    """FHIR knows no empty value: an element is there or it is not."""
    return {name: value for name, value in found.items() if value not in ("", None, [], {})}


def coding(code: Classification) -> Json:
    """A coded value."""
    return without_empty({"system": system_of(code.coding_scheme), "code": code.node, "display": code.name})


def concept(code: Classification) -> Json:
    return {"coding": [coding(code)]}


def classification(scheme: str, found: Json) -> Classification:
    """The coded value of a Coding. Raises Refused when its system is unknown."""
    system, code = str(found.get("system", "")), str(found.get("code", ""))
    known = scheme_of(system)
    if not known or not code:
        raise wrong("Un code est absent, ou son système est inconnu")
    return Classification(scheme, code, str(found.get("display", code)), {"codingScheme": (known,)})


def concepts(scheme: str, *rows: Json) -> tuple[Classification, ...]:
    """The coded values of CodeableConcepts, one each."""
    found = []
    for row in rows:
        codings = row.get("coding", [])
        if len(codings) != 1:
            raise wrong("Un et un seul coding est attendu par code")
        found.append(classification(scheme, codings[0]))
    return tuple(found)


def to_dtm(text: str) -> str:
    """The HL7 DTM in UTC of a dateTime; a day or less has no time zone. Raises Refused when there is no such day."""
    try:
        if "T" not in text:
            date.fromisoformat(f"{text}-01-01"[:10])
            return text.replace("-", "")
        return datetime.fromisoformat(text).astimezone(UTC).strftime("%Y%m%d%H%M%S")
    except (ValueError, OverflowError) as error:
        raise wrong("Une date n'existe pas") from error


def from_dtm(dtm: str) -> str:
    """The dateTime of a DTM; FHIR has no hour without its minutes and seconds."""
    day = "-".join(part for part in (dtm[:4], dtm[4:6], dtm[6:8]) if part)
    if len(dtm) < _SHORTEST_WITH_TIME:
        return day
    clock = dtm[8:14].ljust(6, "0")
    return f"{day}T{clock[:2]}:{clock[2:4]}:{clock[4:]}Z"


def hash_to_hex(text: str) -> str:
    """MHD's base64 of the digest as XDS writes it. Raises Refused."""
    return unbase64(text).hex()


def hash_from_hex(text: str) -> str:
    return base64.b64encode(bytes.fromhex(text)).decode() if text else ""


def unbase64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise wrong("Un contenu n'est pas du base64") from error


def plain(text: object) -> str:
    """A component of an HL7 v2 value. Raises Refused when it holds what separates them."""
    found = str(text)
    if any(char in found for char in "^&|~"):
        raise wrong("Une valeur contient un caractère réservé (^ & | ~)")
    return found


def oid_of(system: object) -> str:
    """The OID of `urn:oid:…`, or nothing."""
    text = str(system)
    return text.removeprefix("urn:oid:") if text.startswith("urn:oid:") else ""


def uri(value: str) -> Json:
    """An identifier that is a URI."""
    return {"system": URIS, "value": value}


def cx(identifier: Json, kind: str) -> str:
    """`value^^^&oid&ISO^kind`."""
    return f"{plain(identifier.get('value', ''))}^^^&{plain(oid_of(identifier.get('system', '')))}&ISO^{kind}"


def patient_cx(identifier: Json) -> str:
    """A patient's identifier: NH for an INS, PI for that of the software."""
    return cx(identifier, "NH" if oid_of(identifier.get("system", "")) in INS_OIDS else "PI")


def patient_reference(ins: InsIdentity) -> Json:
    """The patient, by the identifier alone."""
    return {"type": "Patient", "identifier": {"system": f"urn:oid:{ins.oid}", "value": ins.value}}


def authority(component: str) -> str:
    """`urn:oid:` of an assigning authority `&oid&ISO`."""
    parts = component.split("&")
    return f"urn:oid:{parts[1]}" if len(parts) > 1 and parts[1] else ""


def _parts(value: str, count: int) -> list[str]:
    parts = value.split("^")
    return parts + [""] * (count - len(parts))


def person(xcn: str) -> Json:
    """The resource of an XCN: a practitioner, a patient or a device, by the type of its identifier."""
    parts = _parts(xcn, 13)
    identifier: Json = without_empty({"system": authority(parts[8]), "value": parts[0]})
    kind = parts[12]
    human = without_empty({"family": parts[1], "given": [parts[2]] if parts[2] else []})
    resource, name = "Practitioner", {"name": [human]}
    if oid_of(identifier.get("system", "")) in INS_OIDS or kind == "NH":
        resource = "Patient"
    elif kind == "RI":
        resource, name = "Device", {"deviceName": [{"name": parts[1] or parts[0], "type": "user-friendly-name"}]}
    if kind:
        identifier["type"] = {"coding": [{"code": kind}]}
    named = {key: [row for row in rows if row] for key, rows in name.items()}
    return without_empty(
        {"resourceType": resource, "identifier": [identifier] if "value" in identifier else [], **named}
    )


def xcn(resource: Json) -> str:
    """The XCN of a person or a device."""
    identifier = _first(resource, "identifier")
    value, system = plain(identifier.get("value", "")), plain(oid_of(identifier.get("system", "")))
    told = _first(identifier.get("type", {}), "coding").get("code", "")
    if resource["resourceType"] == "Device":
        name = plain(_first(resource, "deviceName").get("name", ""))
        return f"{value}^{name}^^^^^^^&{system}&ISO^U^^^RI"
    human = _first(resource, "name")
    given = human.get("given", [""])[0]
    usual = "NH" if resource["resourceType"] == "Patient" else "EI" if "/" in value else "IDNPS"
    full = f"{value}^{plain(human.get('family', ''))}^{plain(given)}^^^^^^&{system}&ISO^D^^^{plain(told or usual)}"
    return full if value else f"^{plain(human.get('family', ''))}^{plain(given)}"


def organization(xon: str) -> Json:
    """The resource of an XON."""
    parts = _parts(xon, 10)
    identifier: Json = without_empty({"system": authority(parts[5]), "value": parts[9]})
    if parts[6]:
        identifier["type"] = {"coding": [{"code": parts[6]}]}
    rows = [identifier] if "value" in identifier else []
    return without_empty({"resourceType": "Organization", "identifier": rows, "name": parts[0]})


def xon(resource: Json) -> str:
    """The XON of an organisation."""
    identifier = _first(resource, "identifier")
    name, value = plain(resource.get("name", "")), plain(identifier.get("value", ""))
    if not value:
        return name
    system = oid_of(identifier.get("system", "")) or names.STRUCTURE_OID
    kind = _first(identifier.get("type", {}), "coding").get("code", "IDNST")
    return f"{name}^^^^^&{plain(system)}&ISO^{plain(kind)}^^^{value}"


def _first(found: Json, name: str) -> Json:
    rows = found.get(name) or [{}]
    return dict(rows[0])
