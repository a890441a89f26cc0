"""Patients, professionals, facilities and encounters, as a context file hands them over (design/cli.md)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from dmp_desktop.domain.ins import InsIdentity


class Sex(StrEnum):
    """HL7 AdministrativeGender 2.16.840.1.113883.5.1, as CI-SIS allows it."""

    FEMALE = "F"
    MALE = "M"
    UNKNOWN = "UN"


class Role(StrEnum):
    """What who signed in is entitled to (domain/roles.py); the window follows it. A TRAINEE (CPF) is an intern or a student under
    a responsible doctor; a REPLACEMENT is a doctor in the place of another; an ADMINISTRATOR looks after the workstation."""

    DOCTOR = "doctor"
    REPLACEMENT = "replacement"
    OTHER_PROFESSIONAL = "professional"
    TRAINEE = "trainee"
    SECRETARY = "secretary"
    STRUCTURE = "structure"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Address:
    line: str = ""
    postal_code: str = ""
    city: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Patient:
    """Identity traits of the local file: the DMP's own traits are never displayed (DMP rule on TD0.2)."""

    ins: InsIdentity
    birth_family: str
    birth_given: str
    first_given: str
    sex: Sex
    birth_date: date
    birth_place_cog: str
    birth_place: str = ""
    used_family: str | None = None
    used_given: str | None = None
    address: Address | None = None
    phone: str | None = None
    email: str | None = None

    @property
    def display_name(self) -> str:
        return f"{self.used_family or self.birth_family} {self.used_given or self.first_given}"

    def age(self, today: date) -> int:
        """Age in whole years on `today`."""
        return (
            today.year
            - self.birth_date.year
            - ((today.month, today.day) < (self.birth_date.month, self.birth_date.day))
        )

    def __repr__(self) -> str:
        """Never shows an identity: representations end up in logs."""
        return "Patient(…)"


@dataclass(frozen=True, slots=True)
class Professional:
    """A health professional. `specialty` is a TRE_A01 code such as `G15_10/SM26`; `rpps` has 11 digits.

    Who has no RPPS (trainee, employee, ADELI) has `rpps` empty, and in `other_id` the PS_IdNat that the card tells.
    """

    rpps: str
    family: str
    given: str
    specialty: str
    prefix: str | None = None
    suffix: str | None = None
    phone: str | None = None
    other_id: str = ""

    @property
    def national_id(self) -> str:
        """PS_IdNat: `8` followed by the RPPS number (ANS, root 1.2.250.1.71.4.2.1), else `other_id`; empty if unknown."""
        return f"8{self.rpps}" if self.rpps else self.other_id

    def is_also(self, other: Professional | None) -> bool:
        """Whether both are one person: never told of who has no identifier."""
        return other is not None and bool(self.national_id) and self.national_id == other.national_id

    @property
    def display_name(self) -> str:
        title = "Dr " if self.suffix == "DR" else ""
        return f"{title}{self.given} {self.family}"


@dataclass(frozen=True, slots=True)
class Facility:
    """Where care is given. `id` is Struct_IdNat, `sector` a JDV_J61 code, `practice_setting` a JDV_J04/J62 code."""

    id: str
    name: str
    sector: str
    practice_setting: str = "AMBULATOIRE"


@dataclass(frozen=True, slots=True)
class Encounter:
    """`kind` is a JDV_J142 code (AMB, HH, VR …); times carry a zone."""

    start: datetime
    end: datetime | None = None
    kind: str = "AMB"


@dataclass(frozen=True, slots=True)
class Context:
    """A patient, a professional and an encounter: all a document needs besides the note.

    `extra` holds what a kind of document adds (`vaccines`, `recipient` …); `entered_by` wrote it under the professional's
    responsibility. `note_sha256`: of the file of the note it was handed over with, 64 hex digits in lower case; empty where that
    is not told.
    """

    patient: Patient
    professional: Professional
    facility: Facility
    encounter: Encounter
    attending: Professional | None = None
    recipients: tuple[Professional, ...] = ()
    extra: dict[str, Any] = field(default_factory=dict)
    entered_by: Professional | None = None
    note_sha256: str = ""
