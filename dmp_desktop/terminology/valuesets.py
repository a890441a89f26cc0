"""Value sets of CI-SIS and of the DMP, read once from `resources/codes/` (each file says where it comes from)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from dmp_desktop.domain.documents import Code
from dmp_desktop.terminology.oids import LOINC
from dmp_desktop.terminology.resources import read_table


@dataclass(frozen=True, slots=True)
class VitalSign:
    """A vital sign: our key, its LOINC code and label, its UCUM unit and its plausible range (inclusive)."""

    key: str
    code: Code
    unit: str
    low: float
    high: float

    def plausible(self, value: float) -> bool:
        return self.low <= value <= self.high


@cache
def _codes(table: str) -> dict[str, Code]:
    return {row[0]: Code(row[0], row[1], row[2]) for row in read_table(table)}


def specialty(code: str) -> Code | None:
    """JDV_J01 XdsAuthorSpecialty: `G15_10/SM26` …"""
    return _codes("specialties").get(code)


def facility_type(code: str) -> Code | None:
    """JDV_J02 / JDV_J61: sector of activity, `SA07` …"""
    return _codes("facility_types").get(code)


def practice_setting(code: str) -> Code | None:
    """JDV_J04 / JDV_J62: `AMBULATOIRE` …"""
    return _codes("practice_settings").get(code)


def encounter_kind(code: str) -> Code | None:
    """JDV_J142: `AMB`, `HH`, `VR` …"""
    return _codes("encounter_kinds").get(code)


def function(code: str) -> Code | None:
    """JDV_J47: `PCP` (médecin traitant), `CORRE` …"""
    return _codes("functions").get(code)


@cache
def _types() -> dict[str, tuple[str, ...]]:
    return {row[0]: row for row in read_table("type_codes")}


def document_type(code: str) -> Code | None:
    """JDV_J07 XdsTypeCode, the only types a document may be written with."""
    row = _types().get(code)
    return Code(row[0], row[1], row[2]) if row and row[4] != "unlisted" else None


def document_types() -> tuple[Code, ...]:
    """All of JDV_J07, in its order."""
    return tuple(Code(row[0], row[1], row[2]) for row in _types().values() if row[4] != "unlisted")


def document_class(type_code: str) -> Code | None:
    """Class (JDV_J57) of a document type by ASS_X04, types no longer written included; None when unknown."""
    row = _types().get(type_code)
    return _codes("class_codes").get(row[3]) if row else None


def document_classes() -> tuple[Code, ...]:
    """JDV_J57, in the order of the viewer's tabs."""
    return tuple(_codes("class_codes").values())


@cache
def _formats() -> dict[str, Code]:
    return {row[0]: Code(row[1], row[2], row[3]) for row in read_table("format_codes")}


def format_code(template_ids: Iterable[str], media_type: str | None = None) -> Code:
    """XDS formatCode of a document: by the media type of its unstructured body, else by its header templateIds.

    Raises KeyError for a media type CI-SIS does not allow in nonXMLBody.
    """
    formats = _formats()
    if media_type is not None:
        return formats[media_type]
    known = [formats[root] for root in template_ids if root in formats]
    return known[-1] if known else formats["*"]


class ValueSet(StrEnum):
    """The value sets of `value_sets.tsv`; `value_set_sources.tsv` gives their official names and OIDs."""

    CONFIDENTIALITY = "confidentiality"  # JDV_J08, JDV_J58 of the DMP
    NO_ALLERGY = "no_allergy"
    NO_MEDICATION = "no_medication"
    NO_PROBLEM = "no_problem"
    NO_IMMUNIZATION = "no_immunization"
    NO_PROCEDURE = "no_procedure"
    NO_DEVICE = "no_device"
    ROUTE = "route"  # EDQM standard terms
    SITE = "site"
    IMMUNIZATION_ROUTE = "immunization_route"
    IMMUNIZATION_SITE = "immunization_site"
    IMMUNIZATION_ACT = "immunization_act"  # first series, booster
    VACCINE_CS8 = "vaccine_cs8"  # vaccines of the child's health certificates: 8th day, 9th and 24th month
    VACCINE_CS9 = "vaccine_cs9"
    VACCINE_CS24 = "vaccine_cs24"
    VACCINE_ALLERGEN = "vaccine_allergen"
    ALLERGY_CRITICALITY = "allergy_criticality"
    ALLERGY_STATUS = "allergy_status"
    PROBLEM_KIND = "problem_kind"
    PROBLEM_STATUS = "problem_status"
    PROBLEM_CERTAINTY = "problem_certainty"
    HEALTH_STATUS = "health_status"
    SEVERITY = "severity"
    INTERPRETATION = "interpretation"
    SCREENING_RESULT = "screening_result"  # positive, negative: the answers of a rapid test
    SOCIAL_HISTORY = "social_history"
    SMOKING_STATUS = "smoking_status"
    PREGNANCY_STATUS = "pregnancy_status"
    TIMING = "timing"  # before meals, at bedtime …
    LATERALITY = "laterality"
    PRIORITY = "priority"
    RELATION = "relation"  # to the patient
    VITAL_SIGN = "vital_sign"


@cache
def _value_sets() -> dict[str, dict[str, Code]]:
    found: dict[str, dict[str, Code]] = {}
    for name, code, system, display in read_table("value_sets"):
        found.setdefault(name, {})[code] = Code(code, system, display)
    return found


def coded(value_set: ValueSet, code: str) -> Code | None:
    """The code with its system and official label, e.g. `coded(ValueSet.ROUTE, "20053000")`; None when it is not in the set."""
    return _value_sets()[value_set].get(code)


def codes_of(value_set: ValueSet) -> tuple[Code, ...]:
    """The whole set, in its official order."""
    return tuple(_value_sets()[value_set].values())


@cache
def vital_signs() -> dict[str, VitalSign]:
    """Vital signs by our key (`systolic`, `heart_rate` …)."""
    return {
        key: VitalSign(key, Code(code, LOINC, display), unit, float(low), float(high))
        for key, code, unit, low, high, display in read_table("vitals")
    }


@cache
def vital_sign_by_code() -> dict[str, VitalSign]:
    """Vital signs by LOINC code."""
    return {sign.code.code: sign for sign in vital_signs().values()}
