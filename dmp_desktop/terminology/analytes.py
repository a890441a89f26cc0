"""What results may share a curve: one analyte in one specimen, whatever the code, the method or the unit of the laboratory."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from dmp_desktop.terminology import conversion
from dmp_desktop.terminology.conversion import Conversion
from dmp_desktop.terminology.resources import read_table
from dmp_desktop.terminology.wording import plain

_NGSP = "ngsp"
# How French LOINC labels begin the part that names the specimen: `Glucose [Masse/Volume] Sérum/Plasma ; Numérique`.
_SPECIMENS = {
    "serum/plasma": "serum",
    "serum": "serum",
    "plasma pauvre en plaquettes": "plasma",
    "plasma": "plasma",
    "sang": "blood",
    "sang capillaire": "capillary",
    "urine": "urine",
}


@dataclass(frozen=True, slots=True)
class Analyte:
    """An analyte: our key, its French label, the unit of its curve (UCUM), its molar mass in g/mol (None: no moles)."""

    key: str
    label: str
    unit: str
    molar_mass: float | None
    specimen: str
    loinc: tuple[str, ...]
    affine: bool = False

    def conversion(self, source: str, target: str) -> Conversion | None:
        """Between two UCUM units of this analyte; None when one of them is no unit of it."""
        if self.affine:
            return conversion.hba1c(source, target)
        return conversion.conversion(source, target, self.molar_mass)


@cache
def _analytes() -> tuple[tuple[Analyte, tuple[str, ...]], ...]:
    return tuple(_analyte(*row) for row in read_table("analytes"))


def _analyte(
    key: str, label: str, unit: str, mass: str, specimen: str, codes: str, labels: str
) -> tuple[Analyte, tuple[str, ...]]:
    affine = mass == _NGSP
    molar = None if affine or not mass else float(mass)
    return Analyte(key, label, unit, molar, specimen, tuple(codes.split()), affine), tuple(labels.split(";"))


@cache
def _by_code() -> dict[str, Analyte]:
    return {code: analyte for analyte, _ in _analytes() for code in analyte.loinc}


@cache
def _by_label() -> dict[str, Analyte]:
    return {label: analyte for analyte, labels in _analytes() for label in labels if label}


def analytes() -> tuple[Analyte, ...]:
    """All of them, in the order of the table: the order in which a practitioner reads a report."""
    return tuple(analyte for analyte, _ in _analytes())


def analyte_by_code(loinc: str) -> Analyte | None:
    return _by_code().get(loinc)


def analyte_by_label(label: str) -> Analyte | None:
    """By the words of a report that gives no LOINC code: the very name, and no other specimen than the analyte's."""
    name, _, rest = plain(label).partition("[")
    found = _by_label().get(name.strip(" :"))
    if found is None or not rest:
        return found
    specimen = rest.partition("]")[2].partition(";")[0].strip()
    return found if _SPECIMENS.get(specimen) == found.specimen else None
