"""Laboratory analyses: LOINC codes and labels of the French translation, UCUM units, usual limits for an adult.

Limits are ordinary teaching values; `alert_low` and `alert_high` are those beyond which a laboratory telephones.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

BIOCHEMISTRY = ("18719-5", "Biochimie", "18719-5", "Biochimie")
HAEMATOLOGY = ("18723-7", "Hématologie", "26438-2", "Cytologie")
"""(chapter, label, sub-chapter, label) as in the laboratory jargon of LOINC used by the CI-SIS."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """One analyte. `usual` is the centre of a healthy person's values, `spread` the amplitude around it."""

    loinc: str
    name: str
    label: str
    unit: str
    low: float | None
    high: float | None
    usual: float
    spread: float
    decimals: int
    chapter: tuple[str, str, str, str] = BIOCHEMISTRY
    alert_low: float | None = None
    alert_high: float | None = None
    burst: float = 0.0
    """What an acute episode (infection, dehydration) adds."""
    local: str = ""
    """The laboratory's own code, where there is none in LOINC."""

    def flag(self, value: float) -> str:
        """HL7 ObservationInterpretation: N, L, H, LL, HH; AA where the alert is that of a dangerous ion."""
        if self.alert_low is not None and value < self.alert_low:
            return "LL"
        if self.alert_high is not None and value > self.alert_high:
            return "AA" if self.loinc == POTASSIUM else "HH"
        if self.low is not None and value < self.low:
            return "L"
        return "H" if self.high is not None and value > self.high else "N"


POTASSIUM = "2823-3"
SERUM = "Sérum/Plasma ; Numérique"
ANALYSES = {
    analysis.loinc: analysis
    for analysis in (
        Analysis(
            "14682-9", "Créatinine", f"Créatinine [Moles/Volume] {SERUM}", "umol/L", 49, 104, 76, 8, 0, alert_high=400
        ),
        Analysis(
            "62238-1",
            "DFG estimé CKD-EPI (pour 1,73 m²)",
            f"Débit de filtration glomérulaire estimé {SERUM}",
            "mL/min",
            60,
            None,
            92,
            8,
            0,
        ),
        Analysis(
            POTASSIUM,
            "Potassium",
            f"Potassium [Moles/Volume] {SERUM}",
            "mmol/L",
            3.5,
            5.1,
            4.2,
            0.3,
            1,
            alert_low=2.8,
            alert_high=6.0,
            burst=1.1,
        ),
        Analysis(
            "2951-2",
            "Sodium",
            f"Sodium [Moles/Volume] {SERUM}",
            "mmol/L",
            136,
            145,
            140,
            2,
            0,
            alert_low=125,
            alert_high=155,
        ),
        Analysis("22664-7", "Urée", f"Urée [Moles/Volume] {SERUM}", "mmol/L", 2.8, 8.1, 5.2, 0.9, 1),
        Analysis(
            "14771-0",
            "Glucose à jeun",
            f"Glucose à jeun [Moles/Volume] {SERUM}",
            "mmol/L",
            4.1,
            5.9,
            5.1,
            0.4,
            1,
            alert_low=2.8,
            alert_high=20,
        ),
        Analysis(
            "4548-4",
            "Hémoglobine A1c",
            "Hémoglobine A1c/Hémoglobine totale [Fraction massique] Sang ; Numérique",
            "%",
            4.0,
            6.0,
            5.4,
            0.2,
            1,
        ),
        Analysis("2093-3", "Cholestérol total", f"Cholestérol [Masse/Volume] {SERUM}", "g/L", None, 2.0, 1.85, 0.15, 2),
        Analysis(
            "2089-1", "LDL cholestérol", f"Cholestérol LDL [Masse/Volume] {SERUM}", "g/L", None, 1.6, 1.15, 0.14, 2
        ),
        Analysis(
            "2085-9", "HDL cholestérol", f"Cholestérol HDL [Masse/Volume] {SERUM}", "g/L", 0.4, None, 0.52, 0.05, 2
        ),
        Analysis("2571-8", "Triglycérides", f"Triglycérides [Masse/Volume] {SERUM}", "g/L", None, 1.5, 1.05, 0.2, 2),
        Analysis(
            "1988-5",
            "Protéine C réactive",
            f"Protéine C réactive [Masse/Volume] {SERUM}",
            "mg/L",
            None,
            5,
            2.4,
            1.6,
            1,
            alert_high=120,
            burst=190,
        ),
        Analysis("1742-6", "ALAT", f"Alanine aminotransférase [Activité/Volume] {SERUM}", "U/L", None, 45, 24, 7, 0),
        Analysis(
            "2324-2", "Gamma-GT", f"Gamma glutamyltransférase [Activité/Volume] {SERUM}", "U/L", None, 55, 28, 9, 0
        ),
        Analysis(
            "3016-3",
            "TSH",
            "Thyréostimuline [Arbitraire/Volume] Sérum/Plasma ; Numérique",
            "m[IU]/L",
            0.4,
            4.0,
            1.8,
            0.5,
            2,
        ),
        Analysis("2276-4", "Ferritine", f"Ferritine [Masse/Volume] {SERUM}", "ug/L", 20, 250, 85, 25, 0),
        Analysis(
            "718-7",
            "Hémoglobine",
            "Hémoglobine [Masse/Volume] Sang ; Numérique",
            "g/dL",
            12.0,
            16.5,
            13.8,
            0.5,
            1,
            HAEMATOLOGY,
            7.0,
            20.0,
        ),
        Analysis(
            "4544-3",
            "Hématocrite",
            "Hématocrite [Fraction volumique] Sang ; Numérique ; Comptage automate",
            "%",
            36,
            49,
            41,
            1.5,
            1,
            HAEMATOLOGY,
        ),
        Analysis(
            "787-2",
            "VGM",
            "Volume globulaire moyen [Volume d'entité] Érythrocytes ; Numérique ; Comptage automate",
            "fL",
            80,
            98,
            90,
            2,
            0,
            HAEMATOLOGY,
        ),
        Analysis(
            "6690-2",
            "Leucocytes",
            "Leucocytes [Nombre/Volume] Sang ; Numérique ; Comptage automate",
            "10*9/L",
            4.0,
            10.0,
            6.6,
            1.1,
            1,
            HAEMATOLOGY,
            1.0,
            50.0,
            7.0,
        ),
        Analysis(
            "777-3",
            "Plaquettes",
            "Plaquettes [Nombre/Volume] Sang ; Numérique ; Comptage automate",
            "10*9/L",
            150,
            400,
            245,
            28,
            0,
            HAEMATOLOGY,
            50,
            1000,
        ),
    )
}
RENAL = ("14682-9", "62238-1", POTASSIUM, "2951-2", "22664-7")
METABOLIC = ("14771-0", "4548-4", "2093-3", "2085-9", "2089-1", "2571-8")
LIVER = ("1742-6", "2324-2")
BLOOD_COUNT = ("718-7", "4544-3", "787-2", "6690-2", "777-3")
INFLAMMATION = ("1988-5",)
THYROID = ("3016-3",)
IRON = ("2276-4",)


@dataclass(frozen=True, slots=True)
class Trend:
    """How a person's values differ from the usual: shift at the beginning, drift a year."""

    shift: float = 0.0
    drift: float = 0.0


CHRONIC: Mapping[str, Trend] = {
    "14682-9": Trend(26, 7.5),
    "62238-1": Trend(-22, -4.6),
    POTASSIUM: Trend(0.5, 0.085),
    "22664-7": Trend(2.1, 0.6),
    "14771-0": Trend(3.2, -0.12),
    "4548-4": Trend(2.6, -0.13),
    "2089-1": Trend(0.55, -0.085),
    "2093-3": Trend(0.5, -0.08),
    "2571-8": Trend(0.9, -0.03),
    "2085-9": Trend(-0.1, 0.0),
    "718-7": Trend(0.4, -0.28),
    "4544-3": Trend(1.0, -0.8),
    "1988-5": Trend(3.0, 0.1),
}
ORDINARY: Mapping[str, Trend] = {"2276-4": Trend(-58, 2.0), "718-7": Trend(-0.9, 0.1), "3016-3": Trend(1.7, 0.12)}
CHILD: Mapping[str, Trend] = {"718-7": Trend(-1.6, 0.1), "2276-4": Trend(-50, 6.0), "4544-3": Trend(-4, 0.3)}


def value(
    person: str, analysis: Analysis, trend: Trend, start: datetime, when: datetime, *, acute: bool = False
) -> float:
    """A person's value on a day: usual + trend + slow waves + what differs from one tube to the next.

    It depends on nothing but its arguments: two documents of one day agree, and a series has no jumps.
    """
    years = (when - start).days / 365.25
    seed = hashlib.sha256(f"{person}:{analysis.loinc}".encode()).digest()
    day = hashlib.sha256(f"{person}:{analysis.loinc}:{when:%Y%m%d}".encode()).digest()
    slow = math.sin(2 * math.pi * (years * 0.8 + seed[0] / 255)) + 0.6 * math.sin(
        2 * math.pi * (years * 2.3 + seed[1] / 255)
    )
    tube = (day[0] / 255 - 0.5) + (1.8 if day[1] > 250 else 0.0)
    episode = analysis.burst * (0.7 + day[2] / 510) if acute else 0.0
    raw = analysis.usual + trend.shift + trend.drift * years + analysis.spread * (0.55 * slow + 0.7 * tube) + episode
    return round(max(raw, analysis.usual * 0.08), analysis.decimals)
