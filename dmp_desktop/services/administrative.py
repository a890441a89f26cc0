"""The DMP as a secretary has it: does the record exist, may it be opened, the patient's consent. Nothing of what is in it."""

# ruff: noqa: ARG002 - what is refused looks at nothing

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from dmp_desktop.domain.access import DossierStatus
from dmp_desktop.domain.documents import Association, DocumentEntry, Submission, SubmissionSummary
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.ports import DmpRepository, FindCriteria
from dmp_desktop.errors import DmpError


def not_for_secretaries() -> DmpError:
    return DmpError(
        "ReserveAuxSoignants",
        "Le contenu des dossiers médicaux n'est pas accessible avec une carte du secrétariat.",
        "Le professionnel de santé insère sa carte CPS.",
    )


class AdministrativeOnly:
    """DmpRepository of TD0.x alone: everything else is refused here, before anything is asked of the DMP."""

    def __init__(self, dmp: DmpRepository) -> None:
        self._dmp = dmp

    def status(self, patient: InsIdentity) -> DossierStatus:
        return self._dmp.status(patient)

    def authorise(self, patient: InsIdentity, *, attending: bool = False) -> None:
        self._dmp.authorise(patient, attending=attending)

    def withdraw(self, patient: InsIdentity) -> None:
        self._dmp.withdraw(patient)

    def find(self, patient: InsIdentity, criteria: FindCriteria) -> Iterator[DocumentEntry]:
        raise not_for_secretaries()

    def find_by_unique_id(self, patient: InsIdentity, unique_ids: Sequence[str]) -> list[DocumentEntry]:
        raise not_for_secretaries()

    def find_submissions(self, patient: InsIdentity, since: datetime) -> list[SubmissionSummary]:
        raise not_for_secretaries()

    def find_associations(self, patient: InsIdentity, uuids: Sequence[str]) -> list[Association]:
        raise not_for_secretaries()

    def find_by_entry_uuid(
        self, patient: InsIdentity, uuids: Sequence[str]
    ) -> tuple[list[DocumentEntry], list[Association]]:
        raise not_for_secretaries()

    def retrieve(self, patient: InsIdentity, entry: DocumentEntry) -> bytes:
        raise not_for_secretaries()

    def submit(self, submission: Submission) -> None:
        raise not_for_secretaries()
