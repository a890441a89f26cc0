"""Analyses that stand apart: those of one laboratory only, and what the second laboratory writes in other units."""

from __future__ import annotations

from dataclasses import dataclass, replace

from dmp_desktop.sandbox.records.analyses import SERUM, Analysis

TROPONIN = Analysis(
    "67151-1",
    "Troponine T hypersensible",
    "Troponine T cardiaque [Masse/Volume] Sérum/Plasma ; Numérique ; Détection haute sensibilité",
    "ng/L",
    None,
    14,
    6,
    3,
    0,
)
CYSTATIN = Analysis(
    "", "Cystatine C (technique du laboratoire)", "Cystatine C", "mg/L", 0.6, 1.1, 0.9, 0.1, 2, local="CYSC-T2"
)


@dataclass(frozen=True, slots=True)
class OtherUnit:
    """How another laboratory writes an analyte: its LOINC code, property and unit (UCUM), and what multiplies the value."""

    loinc: str
    label: str
    unit: str
    factor: float
    decimals: int


_MASS, _MOLES = f"[Masse/Volume] {SERUM}", f"[Moles/Volume] {SERUM}"
OTHER_UNITS = {
    "14682-9": OtherUnit("2160-0", f"Créatinine {_MASS}", "mg/L", 0.11312, 1),
    "14771-0": OtherUnit("1558-6", f"Glucose à jeun {_MASS}", "g/L", 0.18016, 2),
    "22664-7": OtherUnit("3091-6", f"Urée {_MASS}", "g/L", 0.06006, 2),
    "2093-3": OtherUnit("14647-2", f"Cholestérol {_MOLES}", "mmol/L", 2.5863, 2),
    "2089-1": OtherUnit("22748-8", f"Cholestérol LDL {_MOLES}", "mmol/L", 2.5863, 2),
    "2085-9": OtherUnit("14646-4", f"Cholestérol HDL {_MOLES}", "mmol/L", 2.5863, 2),
    "2571-8": OtherUnit("14927-8", f"Triglycérides {_MOLES}", "mmol/L", 1.143, 2),
    "718-7": OtherUnit("718-7", "Hémoglobine [Masse/Volume] Sang ; Numérique", "g/L", 10, 0),
}
"""What the second laboratory writes otherwise: g/L where the first writes mmol/L, and the reverse (molar masses as usual)."""


def elsewhere(analysis: Analysis) -> tuple[Analysis, float]:
    """The analysis as the second laboratory writes it, and what multiplies the value."""
    other = OTHER_UNITS.get(analysis.loinc)
    if other is None:
        return analysis, 1.0

    def limit(bound: float | None) -> float | None:
        return None if bound is None else round(bound * other.factor, other.decimals)

    written = replace(
        analysis,
        loinc=other.loinc,
        label=other.label,
        unit=other.unit,
        decimals=other.decimals,
        low=limit(analysis.low),
        high=limit(analysis.high),
        alert_low=limit(analysis.alert_low),
        alert_high=limit(analysis.alert_high),
    )
    return written, other.factor
