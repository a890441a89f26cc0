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
    """Those of the identities qualified here. The given one is theirs now, or was: what is older than the change still tells it.

    When two people have a matricule, neither's others are trusted.
    """

    def numbers(patient: InsIdentity) -> Sequence[InsIdentity]:
        people = store.with_matricule(patient.value) or store.known_as(patient.value)
        if len(people) != 1:
            return (patient,)
        current = people[0].matricule
        if current and len(store.with_matricule(current.value)) != 1:
            return (patient,)
        every = (current, *people[0].history) if current else people[0].history
        others = {(one.value, one.oid): InsIdentity(one.value, one.oid, patient.status) for one in every}
        others.pop((patient.value, patient.oid), None)
        return (patient, *others.values())

    return numbers
