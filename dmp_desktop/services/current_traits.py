"""The traits of a patient as they are known when a document is built: INSi may have changed them since the note was begun."""

from __future__ import annotations

from collections.abc import Callable

from dmp_desktop.domain.identity import StrictTraits
from dmp_desktop.domain.ins import InsStatus
from dmp_desktop.domain.people import Patient
from dmp_desktop.services.identity_patient import applied
from dmp_desktop.services.identity_rules import withdrawn
from dmp_desktop.storage.identities import IdentityStore


def current_traits(store: IdentityStore) -> Callable[[Patient], Patient]:
    """The patient by the identity qualified here under the same INS; as given when there is none, or several. The INS never
    changes: one that was taken away is refused elsewhere. Raises StorageError, and ContextError where INSi's traits for this INS
    were taken, are others and no document was seen."""

    def known(patient: Patient) -> Patient:
        kept = [
            one
            for one in store.with_matricule(patient.ins.value)
            if one.matricule and one.matricule.oid == patient.ins.oid
        ]
        if len(kept) != 1:
            return patient
        [holder] = kept
        if holder.status is InsStatus.QUALIFIEE:
            return applied(patient, holder)
        if not holder.traits.same_as(StrictTraits.of(patient)):
            raise withdrawn("aucun document n'est fait sous ses anciens traits")
        return patient

    return known
