"""Where a result belongs: its analyte by its code; by its name only where the same was analysed."""

from __future__ import annotations

from dataclasses import dataclass

from dmp_desktop.domain.clinical import ClinicalItem, Measure
from dmp_desktop.services.lab_series import LabPoint
from dmp_desktop.terminology.analytes import Analyte, analyte_by_code, analyte_by_label
from dmp_desktop.terminology.conversion import Conversion, conversion, parse
from dmp_desktop.terminology.units import unit_from_text
from dmp_desktop.terminology.wording import plain

_BLOOD = ("serum", "plasma", "blood")
"""Specimens of the table of analytes that one tube of venous blood gives."""

# Beginnings of what a document calls a specimen -> specimens of the table of analytes.
_MATERIALS = (
    ("sang capillaire", ("capillary",)),
    ("sang", _BLOOD),
    ("blood", _BLOOD),
    ("serum", _BLOOD),
    ("plasma", _BLOOD),
    ("urine", ("urine",)),
)
_NAMED = ("emie", "urie", "seri", "sang", "plasma", "urin", "capillaire", "[")
"""Parts of a name that say what was analysed: kaliémie, fer sérique; a LOINC label, whose specimen was compared."""

_NEAR = 1.5
"""Limits of one analyte in one specimen differ by less than this factor from one laboratory to another: those of serum and of
urine do not (creatinine 60-110 µmol/L and 3-18 mmol/L, sodium from 135 and from 40 mmol/L)."""


@dataclass(frozen=True, slots=True)
class Place:
    """The series of a result. `analyte` when we know it; `specimen`: what the series is named after besides.

    `guessed`: only the name tells the analyte, and nothing tells what was analysed.
    """

    key: str
    analyte: Analyte | None = None
    specimen: str = ""
    guessed: bool = False


def place_of(item: ClinicalItem) -> Place:
    told = item.measure or Measure()
    loinc = item.code.code if item.code else ""
    analyte = analyte_by_code(loinc) if loinc else analyte_by_label(item.label)
    own = f"loinc:{loinc}" if loinc else f"label:{plain(item.label)}"
    material = told.material or ("" if loinc else told.material_hint)
    if analyte is None or not _agrees(analyte, material):
        apart = told.specimen or ("" if loinc and analyte is None else material)
        return Place(f"{own}|{plain(apart)}" if apart else own, None, apart)
    if not loinc and not material and not any(part in plain(item.label) for part in _NAMED):
        return Place(f"{analyte.key}|{own}|{item.section}", analyte, told.specimen, guessed=True)
    key = f"{analyte.key}|{plain(told.specimen)}" if told.specimen else analyte.key
    return Place(key, analyte, told.specimen)


def _agrees(analyte: Analyte, material: str) -> bool:
    """Whether a specimen as a document names it is that of the analyte; none told denies nothing."""
    words = plain(material)
    found = next((specimens for start, specimens in _MATERIALS if words.startswith(start)), ())
    return not words or analyte.specimen in found


def alike(point: LabPoint, coded: LabPoint, analyte: Analyte) -> bool:
    """Whether two laboratories give limits so near that they analysed the same: both ends, in one unit."""
    change = factor(ucum(point.unit), ucum(coded.unit), analyte)
    ends = ((point.low, coded.low), (point.high, coded.high))
    if change is None or any((one is None) != (other is None) for one, other in ends):
        return False
    told = [(change.apply(one), other) for one, other in ends if one is not None and other is not None]
    return any(other for _, other in told) and all(_near(one, other) for one, other in told)


def _near(one: float, other: float) -> bool:
    return one == other or (one > 0 and other > 0 and max(one, other) <= _NEAR * min(one, other))


def ucum(unit: str) -> str:
    """A unit as written -> UCUM: laboratories also write `UI/L`, `G/L`, `µmol/l`."""
    if unit and parse(unit) is None:
        return unit_from_text(unit) or unit
    return unit


def factor(source: str, target: str, analyte: Analyte | None) -> Conversion | None:
    """A result without a unit is no percentage, and nothing else than a plain number."""
    if source == target:
        return Conversion(1.0)
    if not source or not target:
        bare = parse(source or target)
        return Conversion(1.0) if bare is not None and not bare.dimensions and bare.scale == 1.0 else None
    return analyte.conversion(source, target) if analyte else conversion(source, target)
