"""The practice's patients, by what a carte Vitale tells of them."""

from __future__ import annotations

from collections.abc import Iterable

from dmp_desktop.domain.cards import Beneficiary
from dmp_desktop.domain.ins import InsStatus
from dmp_desktop.domain.people import Patient


class KnownPatients:
    """PatientDirectory in memory: patients whose qualified INS is a NIR. Asking INSi for the others comes with issue E."""

    def __init__(self, patients: Iterable[Patient]) -> None:
        self._patients = {
            (patient.ins.value, f"{patient.birth_date:%Y%m%d}"): patient
            for patient in patients
            if patient.ins.status is InsStatus.QUALIFIEE
        }

    def match(self, beneficiary: Beneficiary) -> Patient | None:
        """Same matricule and same birth date, or nobody: names on a carte Vitale are usual names and prove nothing."""
        return self._patients.get((beneficiary.nir, beneficiary.birth_date))
