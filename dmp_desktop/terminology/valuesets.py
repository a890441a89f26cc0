"""Value sets of CI-SIS and of the DMP, read once from `resources/codes/` (each file says where it comes from)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
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


# UCUM codes whose printed form differs (UCUM §2, "print symbol").
_PRINTED = {"mm[Hg]": "mmHg", "Cel": "°C", "kg/m2": "kg/m²", "umol/L": "µmol/L", "mL/min/{1.73_m2}": "mL/min/1,73 m²"}


def unit_label(ucum: str) -> str:
    """A UCUM unit as people read it."""
    return _PRINTED.get(ucum, ucum)


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
