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

NURSE = Professional(rpps="10009900019", family="PETIT", given="Karim", specialty="G15_60", prefix="M")
OCCUPATIONAL = Professional(
    rpps="10009900027", family="ROUX", given="Agnès", specialty="G15_10/SM25", prefix="MME", suffix="DR"
)
COLLEAGUE = Professional(
    rpps="10009900035", family="BLANC", given="Hervé", specialty="G15_10/SM26", prefix="M", suffix="DR"
)
"""A general practitioner of another practice."""
LOCUM = Professional(
    rpps="10009900043", family="GIRAUD", given="Inès", specialty="G15_10/SM26", prefix="MME", suffix="DR"
)
"""A general practitioner who stands in for the doctor, and does not regulate."""
NURSE_ID, OCCUPATIONAL_ID, COLLEAGUE_ID, LOCUM_ID = (
    person.national_id for person in (NURSE, OCCUPATIONAL, COLLEAGUE, LOCUM)
)
OTHER_PRACTICE = Facility(id="410009900035001", name="Cabinet du Pont", sector="SA07", practice_setting="AMBULATOIRE")
CARDS = {"nurse": NURSE, "occupational": OCCUPATIONAL, "locum": LOCUM}
"""Cards the sandbox issues only when it is asked for them: making keys takes time."""


@dataclass(frozen=True, slots=True)
class Person:
    """A card holder. `role` and `specialty` are the codes of the VIHF; `places` the structures of the card's exercises.

    `regulates`: is a doctor of the regulation (centre 15). [R] The reference keeps this mode for them and does not say how the
    DMP knows them: nothing in a VIHF tells it, so the stand-in's directory does. Its Pro Santé Connect says the same
    (Acces_Regulation_Medicale).
    """

    national_id: str
    family: str
    given: str
    role: str
    specialty: str
    places: tuple[Facility, ...]
    regulates: bool = False

    @property
    def specialty_code(self) -> str:
        """Profession and speciality as XDS writes them, `G15_10/SM26`; empty for who is no professional."""
        if not self.role.isdigit():
            return ""
        return f"G15_{self.role}/{self.specialty}" if self.specialty else f"G15_{self.role}"


PEOPLE = {
    person.national_id: person
    for person in (
        Person(DOCTOR.national_id, DOCTOR.family, DOCTOR.given, "10", "SM26", (CABINET,), regulates=True),
        Person(SECRETARY_ID, SECRETARY.family, SECRETARY.given, "SECRETARIAT_MEDICAL", "", (CABINET,)),
        Person(NURSE_ID, NURSE.family, NURSE.given, "60", "", (CABINET,)),
        Person(OCCUPATIONAL_ID, OCCUPATIONAL.family, OCCUPATIONAL.given, "10", "SM25", (CABINET,)),
        Person(LOCUM_ID, LOCUM.family, LOCUM.given, "10", "SM26", (CABINET,)),
        Person(COLLEAGUE_ID, COLLEAGUE.family, COLLEAGUE.given, "10", "SM26", (OTHER_PRACTICE,)),
    )
}
STRUCTURES = {place.id: place for place in (CABINET, OTHER_PRACTICE)}


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
    """What a card's data objects tell of its holder: the file beside its PKCS#12 files."""
    person = {"secretary": SECRETARY, **CARDS}.get(identity, DOCTOR)
    return {
        "national_id": SECRETARY_ID if identity == "secretary" else person.national_id,
        "role": identity,
        "professional": professional_json(person),
        "facility": facility_json(CABINET),
    }
