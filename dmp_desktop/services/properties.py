"""« Modification des propriétés du document » (REC_3.3-1010): TD3.3, each change refused before it is sent where it must be."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Protocol

from dmp_desktop.domain.dmp_ports import RecordUpdates
from dmp_desktop.domain.documents import Availability, DocumentEntry, Visibility
from dmp_desktop.domain.people import Patient
from dmp_desktop.errors import CardError, DmpError
from dmp_desktop.services.access import AccessPolicy
from dmp_desktop.services.rights import Action, Whose
from dmp_desktop.services.sign_in import Account
from dmp_desktop.services.visibility import VisibilityRules, visibility_error

PATIENT_CLASS = "90"
"""classCode (JDV_J57) of what the patient deposited (EX_3.1-1040)."""

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

    No authorisation is asked for any of it (DMP/CONF.05).
    """

    def __init__(
        self,
        updates: Callable[[], object | None],
        dossier: Forgetting,
        policy: AccessPolicy,
        rules: VisibilityRules,
        who: Callable[[], Account | None],
    ) -> None:
        self._updates = updates
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
        return Whose.OTHER

    def refusal(self, action: Action, patient: Patient, entry: DocumentEntry, *, attending: bool) -> str | None:
        """Why a button of the dialog is greyed out, in French."""
        return self._policy.refusal(action, patient.ins, attending=attending, whose=self.whose(entry))

    def visibility_refusal(
        self, patient: Patient, entry: DocumentEntry, wanted: frozenset[Visibility], *, attending: bool
    ) -> str | None:
        """Why these restrictions cannot be given to a document, in French; None when they can, or are those it has."""
        if why := self._rules.change_refusal(entry.visibility, wanted):
            return why
        for action in _visibility_actions(entry.visibility, wanted):
            if why := self.refusal(action, patient, entry, attending=attending):
                return why
        return None

    def set_visibility(
        self, patient: Patient, entry: DocumentEntry, wanted: frozenset[Visibility], *, attending: bool
    ) -> None:
        """TD3.3a, TD3.3b: exactly these restrictions from now on; nothing is sent when nothing changes.

        Raises ContextError("visibility") before anything is sent, DmpError.
        """
        if why := self.visibility_refusal(patient, entry, wanted, attending=attending):
            raise visibility_error(why)
        if wanted == entry.visibility:
            return
        with self._changing(patient, entry) as dmp:
            dmp.set_visibility(patient.ins, entry, wanted)

    def set_status(self, patient: Patient, entry: DocumentEntry, status: Availability, *, attending: bool) -> None:
        """TD3.3c (DELETED: for good), TD3.3d (ARCHIVED, and back: APPROVED). Raises DmpError, ValueError for another status."""
        if status not in _STATUS_ACTIONS:
            raise ValueError(f"no document is made {status.name}")
        if why := self.refusal(_STATUS_ACTIONS[status], patient, entry, attending=attending):
            raise DmpError("ChangementReserve", why, "Rien n'a été changé.")
        with self._changing(patient, entry) as dmp:
            dmp.set_status(patient.ins, entry, status)

    @contextmanager
    def _changing(self, patient: Patient, entry: DocumentEntry) -> Iterator[RecordUpdates]:
        """What is kept of the document goes once it has changed, or may have."""
        dmp = self._updates()
        if dmp is None:
            raise CardError("CarteAbsente", "Votre carte CPS n'est pas dans le lecteur.", "Insérez-la.")
        if not isinstance(dmp, RecordUpdates):
            raise DmpError("ChangementReserve", "Cette carte ne permet pas de changer un document.", "")
        try:
            yield dmp
        except DmpError as error:
            if error.ambiguous:
                self._dossier.forget_documents(patient, [entry.unique_id])
            raise
        self._dossier.forget_documents(patient, [entry.unique_id])


def _visibility_actions(before: frozenset[Visibility], after: frozenset[Visibility]) -> set[Action]:
    actions = set()
    if Visibility.MASQUE_PS in after - before:
        actions.add(Action.MASK)
    if Visibility.MASQUE_PS in before - after:
        actions.add(Action.UNMASK)
    if before - after - {Visibility.MASQUE_PS}:
        actions.add(Action.SHOW)
    return actions
