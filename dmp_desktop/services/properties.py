"""« Modification des propriétés du document » (REC_3.3-1010): TD3.3, each change refused before it is sent where it must be."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Protocol

from dmp_desktop.dmp.metadata import SIGNATURE_CLASS
from dmp_desktop.dmp.names import RPLC
from dmp_desktop.domain.dmp_ports import RecordUpdates
from dmp_desktop.domain.documents import Association, Availability, DocumentEntry, Visibility
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.people import Patient, Role
from dmp_desktop.domain.ports import DmpRepository, FindCriteria
from dmp_desktop.errors import CardError, DmpError
from dmp_desktop.services.access import AccessPolicy
from dmp_desktop.services.document_changes import (
    REVERSE,
    STATUSES,
    Change,
    Offer,
    imaginable,
    state_refusal,
    visibility_actions,
    visibility_after,
)
from dmp_desktop.services.rights import Action, Whose
from dmp_desktop.services.sign_in import Account
from dmp_desktop.services.updates import deposited_at
from dmp_desktop.services.visibility import VisibilityRules, visibility_error

PATIENT_CLASS = "90"
"""classCode (JDV_J57) of what the patient deposited (EX_3.1-1040)."""

_SHELVED = (Availability.ARCHIVED, Availability.DEPRECATED)
_STATUS_ACTIONS = {
    Availability.DELETED: Action.DELETE,
    Availability.ARCHIVED: Action.ARCHIVE,
    Availability.APPROVED: Action.ARCHIVE,
}


class Forgetting(Protocol):
    """What drops a document that is no longer as it was read (DossierService)."""

    def forget_documents(self, patient: Patient, unique_ids: Collection[str]) -> None: ...


class DocumentProperties:
    """Changes documents of a record. `attending` in what follows: who is signed in is the patient's médecin traitant (TD0.2).

    No authorisation is asked for any of it (DMP/CONF.05). `may_read` refuses the number of somebody who is no longer qualified.
    `deleted` is told the uniqueId of what the DMP deleted.
    """

    def __init__(
        self,
        repository: Callable[[], DmpRepository | None],
        dossier: Forgetting,
        policy: AccessPolicy,
        rules: VisibilityRules,
        who: Callable[[], Account | None],
        may_read: Callable[[InsIdentity], None] = lambda _ins: None,
        deleted: Callable[[str], None] = lambda _unique_id: None,
    ) -> None:
        self._deleted = deleted
        self._repository = repository
        self._may_read = may_read
        self._dossier = dossier
        self._policy = policy
        self._rules = rules
        self._who = who

    def whose(self, entry: DocumentEntry) -> Whose:
        """Whose document it is, for who is signed in."""
        account = self._who()
        if entry.class_code.code == PATIENT_CLASS:
            return Whose.PATIENT
        if account and any(author.person_id == account.national_id for author in entry.authors):
            return Whose.MINE
        if account and any(author.institution_id == account.facility.id for author in entry.authors):
            return Whose.STRUCTURE
        if account and account.role is Role.SECRETARY and not entry.authors:
            return Whose.STRUCTURE  # told by its reference alone (AdministrativeOnly): the DMP itself sees whose it is
        if account and not entry.authors and not entry.class_code.code:
            return Whose.MINE  # likewise, for who deletes at the request of a patient who objects to consultation
        return Whose.OTHER

    def refusal(self, action: Action, patient: Patient, entry: DocumentEntry, *, attending: bool) -> str | None:
        """Why a button of the dialog is greyed out, in French."""
        return self._policy.refusal(action, patient.ins, attending=attending, whose=self.whose(entry))

    def offers(self, patient: Patient, entry: DocumentEntry, *, attending: bool) -> tuple[Offer, ...]:
        """The buttons of the dialog for a document as it is."""
        return tuple(self._offer(patient, entry, change, attending) for change in imaginable(entry))

    def shelved(self, patient: Patient) -> tuple[list[DocumentEntry], list[Association]]:
        """Archived and replaced documents, which the record's list leaves out (EX_3.1-1030), and what replaced them.

        Former versions of metadata alone are none: that of a document deleted since would still tell of it. Two requests. Raises
        DmpError, also when the patient objects.
        """
        self._policy.may_consult(patient.ins)
        dmp = self._dmp(patient)
        found = [
            entry
            for entry in dmp.find(patient.ins, FindCriteria(statuses=_SHELVED))
            if entry.class_code.code != SIGNATURE_CLASS.code
        ]
        former = [entry.entry_uuid for entry in found if entry.status is Availability.DEPRECATED]
        told = dmp.find_associations(patient.ins, former) if former else []
        links = [link for link in told if link.kind == RPLC]
        replaced = {link.target for link in links}
        kept = [entry for entry in found if entry.status is Availability.ARCHIVED or entry.entry_uuid in replaced]
        return kept, links

    def deposited(self, patient: Patient, entry: DocumentEntry) -> datetime | None:
        """When a document came, in UTC; None where that is not told. Two requests. Raises DmpError."""
        self._policy.may_consult(patient.ins)
        return deposited_at(self._dmp(patient), patient.ins, entry)

    def change(
        self, patient: Patient, entry: DocumentEntry, change: Change, *, attending: bool, by: str | None = None
    ) -> None:
        """`by` (PS_IdNat) is who asked for it: nothing is changed in the name of somebody who came since.

        Raises ContextError("visibility"), DmpError (ambiguous: it may have been done).
        """
        if change in STATUSES:
            self.set_status(patient, entry, STATUSES[change], attending=attending, by=by)
        else:
            wanted = visibility_after(entry.visibility, change)
            self.set_visibility(patient, entry, wanted, attending=attending, by=by)

    def take_back(
        self, patient: Patient, entry: DocumentEntry, change: Change, *, attending: bool, by: str | None = None
    ) -> None:
        """The contrary of a change just made of `entry`: the document is asked for again, its version is another one."""
        self._policy.may_consult(patient.ins)
        found = [
            one
            for one in self._dmp(patient).find_by_unique_id(patient.ins, [entry.unique_id])
            if one.status is not Availability.DEPRECATED
        ]
        if not found:
            raise DmpError(
                "DocumentInconnu", "Ce document n'est plus dans le DMP de ce patient.", "Actualisez la liste."
            )
        now = max(found, key=lambda one: one.version)
        self.change(patient, now, REVERSE[change], attending=attending, by=by)

    def visibility_refusal(
        self, patient: Patient, entry: DocumentEntry, wanted: frozenset[Visibility], *, attending: bool
    ) -> str | None:
        """Why these restrictions cannot be given to a document, in French; None when they can, or are those it has."""
        if wanted == entry.visibility:
            return None
        if why := state_refusal(entry) or self._rules.change_refusal(entry.visibility, wanted):
            return why
        for action in visibility_actions(entry.visibility, wanted):
            if why := self.refusal(action, patient, entry, attending=attending):
                return why
        return None

    def set_visibility(
        self,
        patient: Patient,
        entry: DocumentEntry,
        wanted: frozenset[Visibility],
        *,
        attending: bool,
        by: str | None = None,
    ) -> None:
        """TD3.3a, TD3.3b: exactly these restrictions from now on; nothing is sent when nothing changes. `by` as in `change`.

        Raises ContextError("visibility") before anything is sent, DmpError.
        """
        if why := self.visibility_refusal(patient, entry, wanted, attending=attending):
            raise visibility_error(why)
        if wanted == entry.visibility:
            return
        self._policy.may_consult(patient.ins)  # what changes the visibility reads the document's description again
        with self._changing(patient, entry, by) as dmp:
            dmp.set_visibility(patient.ins, entry, wanted)

    def set_status(
        self, patient: Patient, entry: DocumentEntry, status: Availability, *, attending: bool, by: str | None = None
    ) -> None:
        """TD3.3c (DELETED: for good), TD3.3d (ARCHIVED, and back: APPROVED). `by` as in `change`.

        A patient who objects to consultation may still have a document deleted. Raises DmpError, ValueError for another status.
        """
        if status not in _STATUS_ACTIONS:
            raise ValueError(f"no document is made {status.name}")
        if status is not Availability.DELETED:
            self._policy.may_consult(patient.ins)
        if why := self._status_refusal(patient, entry, status, attending=attending):
            raise DmpError("ChangementReserve", why, "Rien n'a été changé.")
        with self._changing(patient, entry, by) as dmp:
            dmp.set_status(patient.ins, entry, status)
        if status is Availability.DELETED:
            self._deleted(entry.unique_id)

    def _offer(self, patient: Patient, entry: DocumentEntry, change: Change, attending: bool) -> Offer:
        if change in STATUSES:
            why = self._status_refusal(patient, entry, STATUSES[change], attending=attending)
        else:
            wanted = visibility_after(entry.visibility, change)
            why = self.visibility_refusal(patient, entry, wanted, attending=attending)
        final = change not in REVERSE or (
            change is Change.MASK and self.refusal(Action.UNMASK, patient, entry, attending=attending) is not None
        )
        return Offer(change, why, final)

    def _status_refusal(
        self, patient: Patient, entry: DocumentEntry, status: Availability, *, attending: bool
    ) -> str | None:
        deletes = status is Availability.DELETED
        if why := state_refusal(entry, deletes=deletes):
            return why
        return self.refusal(_STATUS_ACTIONS[status], patient, entry, attending=attending)

    def _dmp(self, patient: Patient) -> DmpRepository:
        """In the connection in which the record is read: what a minor's secret visit changes stays secret."""
        self._may_read(patient.ins)
        dmp = self._repository()
        if dmp is None:
            raise CardError("CarteAbsente", "Votre carte CPS n'est pas dans le lecteur.", "Insérez-la.")
        return self._policy.channel(dmp, patient.ins)

    @contextmanager
    def _changing(self, patient: Patient, entry: DocumentEntry, by: str | None) -> Iterator[RecordUpdates]:
        """What is kept of the document goes once it has changed, or may have."""
        dmp = self._dmp(patient)
        account = self._who()  # after: keys taken before somebody else came are dropped by then
        if by is not None and (account is None or account.national_id != by):
            raise DmpError("SessionChangee", "La session a changé depuis votre clic.", "Rien n'a été changé.")
        if not isinstance(dmp, RecordUpdates):
            raise DmpError("ChangementReserve", "Cette carte ne permet pas de changer un document.", "")
        try:
            yield dmp
        except DmpError as error:
            if error.ambiguous:
                self._dossier.forget_documents(patient, [entry.unique_id])
            raise
        self._dossier.forget_documents(patient, [entry.unique_id])
