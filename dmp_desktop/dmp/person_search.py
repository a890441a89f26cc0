"""TD0.5: the records that may be a person's, by traits, in mode centre 15 only (PDQv3, ITI-47; reference §2.1)."""

from __future__ import annotations

import uuid
from datetime import datetime

from lxml import etree

from dmp_desktop.dmp import hl7v3
from dmp_desktop.dmp.hl7v3 import NS, Sender
from dmp_desktop.dmp.xmltext import xml
from dmp_desktop.domain.access import FoundPerson, PersonQuery
from dmp_desktop.domain.ins import INS_OIDS, InsIdentity
from dmp_desktop.domain.people import Sex

_SEXES = {"F": Sex.FEMALE, "M": Sex.MALE}


def request(asked: PersonQuery, sender: Sender, identifier: uuid.UUID, now: datetime) -> str:
    """The body, parameters in the order of the schema PRPA_MT201306UV02. Raises ValueError without a family name."""
    if not asked.family.strip():
        raise ValueError("a search of persons needs a family name")
    sex = f'<value code="{asked.sex}"/>' if asked.sex in (Sex.FEMALE, Sex.MALE) else ""
    birth = f'<value value="{asked.birth_date:%Y%m%d}"/>' if asked.birth_date else ""
    name = _element("given", asked.given) + _element("family", asked.family)
    address = _element("postalCode", asked.postal_code) + _element("city", asked.city)
    parameters = (
        _parameter("livingSubjectAdministrativeGender", "administrativeGender", sex)
        + _parameter("livingSubjectBirthTime", "birthTime", birth)
        + _parameter("livingSubjectName", "name", f"<value>{name}</value>")
        + _parameter("patientAddress", "addr", f"<value>{address}</value>" if address else "")
    )
    process = '<code code="PRPA_TE201305UV02" codeSystem="2.16.840.1.113883.1.6"/>'
    process += hl7v3.query(sender, identifier, parameters)
    return hl7v3.message("PRPA_IN201305UV02", sender, identifier, now, process)


def read(root: etree._Element) -> list[FoundPerson]:
    """The answer PRPA_IN201306UV02, the likeliest first; a person without an INS is left out, for nothing can be asked of it."""
    control = hl7v3.accepted(root, "PRPA_IN201306UV02")
    found = [person for patient in hl7v3.patients(control) if (person := _person(patient)) is not None]
    return sorted(found, key=lambda person: -person.match)


def _person(patient: etree._Element) -> FoundPerson | None:
    identifiers = [(item.get("extension", ""), item.get("root", "")) for item in patient.iterfind(f"{NS}id")]
    ins = next(((value, oid) for value, oid in identifiers if oid in INS_OIDS and value), None)
    person = patient.find(f"{NS}patientPerson")
    if ins is None or person is None:
        return None
    return FoundPerson(
        patient=InsIdentity(*ins),
        family=hl7v3.name_part(person, "family", "SP"),
        given=hl7v3.name_part(person, "given", "SP"),
        birth_date=hl7v3.day(_attribute(person, "birthTime", "value")),
        sex=_SEXES.get(_attribute(person, "administrativeGenderCode", "code"), Sex.UNKNOWN),
        match=_match(patient),
        opposes_emergency=hl7v3.observations(patient).get("OPPOSITION_ACCES_URGENCE", False),
        city=(person.findtext(f"{NS}addr/{NS}city") or "").strip(),
    )


def _match(patient: etree._Element) -> int:
    """The percentage of the queryMatchObservation; 0 when there is none."""
    value = patient.find(f".//{NS}queryMatchObservation/{NS}value")
    digits = value.get("value", "") if value is not None else ""
    return min(int(digits), 100) if digits.isdecimal() and len(digits) <= 3 else 0


def _attribute(person: etree._Element, name: str, attribute: str) -> str:
    child = person.find(NS + name)
    return child.get(attribute, "") if child is not None else ""


def _element(name: str, text: str) -> str:
    return f"<{name}>{xml(text)}</{name}>" if text else ""


def _parameter(name: str, semantics: str, value: str) -> str:
    return f"<{name}>{value}<semanticsText>LivingSubject.{semantics}</semanticsText></{name}>" if value else ""
