"""The professionals and structures the stand-in knows, and who works where (invented)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dmp_desktop.domain.people import Facility, Professional

CABINET = Facility(id="410002422979001", name="Cabinet des Lilas", sector="SA07", practice_setting="AMBULATOIRE")

DOCTOR = Professional(
    rpps="10002422979",
    family="DUPONT",
    given="Camille",
    specialty="G15_10/SM26",
    prefix="MME",
    suffix="DR",
    phone="tel:0102030405",
)
SECRETARY = Professional(
    rpps="", family="MARTIN", given="Sophie", specialty="SECRETARIAT_MEDICAL", prefix="MME", phone="tel:0102030405"
)
SECRETARY_ID = f"{CABINET.id}/CPET0001"
"""National identifier of an employee's card (CPE): structure, slash, internal number."""


@dataclass(frozen=True, slots=True)
class Person:
    """A card holder. `role` and `specialty` are the codes of the VIHF; `places` the structures of the card's exercises."""

    national_id: str
    family: str
    given: str
    role: str
    specialty: str
    places: tuple[Facility, ...]


PEOPLE = {
    person.national_id: person
    for person in (
        Person(DOCTOR.national_id, DOCTOR.family, DOCTOR.given, "10", "SM26", (CABINET,)),
        Person(SECRETARY_ID, SECRETARY.family, SECRETARY.given, "SECRETARIAT_MEDICAL", "", (CABINET,)),
    )
}
STRUCTURES = {CABINET.id: CABINET}


def professional_json(professional: Professional) -> dict[str, Any]:
    """The `professional` object of a context file (design/cli.md)."""
    return {
        "rpps": professional.rpps,
        "family": professional.family,
        "given": professional.given,
        "prefix": professional.prefix,
        "suffix": professional.suffix,
        "specialty": professional.specialty,
        "phone": professional.phone,
    }


def facility_json(facility: Facility) -> dict[str, Any]:
    """The `facility` object of a context file (design/cli.md)."""
    return {
        "id": facility.id,
        "name": facility.name,
        "sector": facility.sector,
        "practice_setting": facility.practice_setting,
    }


def holder_json(identity: str) -> dict[str, Any]:
    """What a card's data objects tell of its holder: the file beside the PKCS#12 files of `doctor`, `secretary`, `structure`."""
    person = SECRETARY if identity == "secretary" else DOCTOR
    return {
        "national_id": SECRETARY_ID if identity == "secretary" else DOCTOR.national_id,
        "role": identity,
        "professional": professional_json(person),
        "facility": facility_json(CABINET),
    }
