"""The DMP as a secretary has it: does the record exist, may it be opened, the patient's consent. Nothing of what is in it."""

# ruff: noqa: ARG002 - what is refused looks at nothing

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Protocol, runtime_checkable

from dmp_desktop.domain.access import DossierStatus
from dmp_desktop.domain.dmp_ports import RecordUpdates
from dmp_desktop.domain.documents import (
    Association,
    Availability,
    Code,
    DocumentEntry,
    Submission,
    SubmissionSummary,
    Visibility,
)
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.ports import DmpRepository, FindCriteria
from dmp_desktop.errors import DmpError


def not_for_secretaries() -> DmpError:
    return DmpError(
        "ReserveAuxSoignants",
        "Le contenu des dossiers médicaux n'est pas accessible avec une carte du secrétariat.",
        "Le professionnel de santé insère sa carte CPS.",
    )


@runtime_checkable
class _Deleting(RecordUpdates, Protocol):
    """What the deletion of her structure's documents takes of a DMP."""

    def find_references(self, patient: InsIdentity, unique_ids: Sequence[str]) -> list[str]: ...


class AdministrativeOnly:
    """DmpRepository of TD0.x, and TD3.3c of a document known by its uniqueId: everything else is refused here, before anything is
    asked of the DMP."""

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
        """Their references (TD3.1b, ObjectRef): entries that say nothing of what they are, taken for active."""
        dmp = self._deleting()
        return [
            _reference(unique_id, entry_uuid)
            for unique_id in unique_ids
            for entry_uuid in dmp.find_references(patient, [unique_id])
        ]

    def set_visibility(self, patient: InsIdentity, entry: DocumentEntry, visibility: frozenset[Visibility]) -> None:
        raise not_for_secretaries()

    def set_status(self, patient: InsIdentity, entry: DocumentEntry, status: Availability) -> None:
        """TD3.3c alone; the DMP itself refuses what is not her structure's."""
        if status is not Availability.DELETED:
            raise not_for_secretaries()
        self._deleting().set_status(patient, entry, status)

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

    def _deleting(self) -> _Deleting:
        if not isinstance(self._dmp, _Deleting):
            raise not_for_secretaries()
        return self._dmp


def _reference(unique_id: str, entry_uuid: str) -> DocumentEntry:
    untold = Code("", "")
    return DocumentEntry(unique_id, "", untold, untold, untold, datetime.min.replace(tzinfo=UTC), entry_uuid=entry_uuid)
