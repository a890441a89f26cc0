"""The matricules under which a person was ever known here: INSi gives a new one, what was said under the others still holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.storage.identities import IdentityStore

Numbers = Callable[[InsIdentity], Sequence[InsIdentity]]
"""All of one person, the given one first. Raises StorageError."""


def alone(patient: InsIdentity) -> Sequence[InsIdentity]:
    """Where nothing is known of former matricules."""
    return (patient,)


def known_numbers(store: IdentityStore) -> Numbers:
    """Those of the identities qualified here. When two people have the matricule, neither's former ones are trusted."""

    def numbers(patient: InsIdentity) -> Sequence[InsIdentity]:
        people = store.with_matricule(patient.value)
        if len(people) != 1:
            return (patient,)
        former = {(old.value, old.oid): InsIdentity(old.value, old.oid, patient.status) for old in people[0].history}
        former.pop((patient.value, patient.oid), None)
        return (patient, *former.values())

    return numbers
