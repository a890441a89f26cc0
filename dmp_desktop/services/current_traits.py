"""The traits of a patient as they are known when a document is built: INSi may have changed them since the note was begun."""

from __future__ import annotations

from collections.abc import Callable

from dmp_desktop.domain.ins import InsStatus
from dmp_desktop.domain.people import Patient
from dmp_desktop.services.identity import applied
from dmp_desktop.storage.identities import IdentityStore


def current_traits(store: IdentityStore) -> Callable[[Patient], Patient]:
    """The patient by the identity qualified here under the same INS; as given when there is none, or several. The INS never
    changes: one that was taken away is refused elsewhere. Raises StorageError."""

    def known(patient: Patient) -> Patient:
        kept = [
            one
            for one in store.with_matricule(patient.ins.value)
            if one.status is InsStatus.QUALIFIEE and one.matricule and one.matricule.oid == patient.ins.oid
        ]
        return applied(patient, kept[0]) if len(kept) == 1 else patient

    return known
