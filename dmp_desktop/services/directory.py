"""The practice's patients, by what a carte Vitale tells of them."""

from __future__ import annotations

from collections.abc import Iterable

from dmp_desktop.domain.cards import Beneficiary
from dmp_desktop.domain.ins import InsStatus
from dmp_desktop.domain.people import Patient


class KnownPatients:
    """PatientDirectory in memory: patients whose qualified INS is a NIR. Asking INSi for the others comes with issue E."""

    def __init__(self, patients: Iterable[Patient]) -> None:
        self._patients: dict[str, dict[str, Patient]] = {}
        for patient in patients:
            if patient.ins.status is InsStatus.QUALIFIEE:
                self._patients.setdefault(patient.ins.value, {})[f"{patient.birth_date:%Y%m%d}"] = patient

    def match(self, beneficiary: Beneficiary) -> Patient | None:
        """Same matricule and same birth date, or nobody: names on a carte Vitale are usual names and prove nothing.

        An unknown day or month (00) agrees with any, when one patient alone does: the INS has a real date in its place.
        """
        read = beneficiary.birth_date
        found = [patient for known, patient in self._patients.get(beneficiary.nir, {}).items() if _agree(known, read)]
        return found[0] if len(found) == 1 else None


def _agree(known: str, read: str) -> bool:
    """Two birth dates YYYYMMDD."""
    return known[:4] == read[:4] and read[4:6] in ("00", known[4:6]) and read[6:] in ("00", known[6:])
