"""The matricules under which a person was ever known here, and what was said under them that is theirs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from dmp_desktop.domain.identity import Identity
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.storage.identities import IdentityStore


@dataclass(frozen=True, slots=True)
class Told:
    """A matricule of somebody; of what was said under it, only what came within `theirs` (after, up to) is theirs.

    None for `theirs`: nobody else ever had it here, all is. None for a bound: since ever, until now.
    """

    ins: InsIdentity
    theirs: tuple[tuple[datetime | None, datetime | None], ...] | None = None

    def is_theirs(self, at: datetime) -> bool:
        return self.theirs is None or any(
            (after is None or after < at) and (until is None or at <= until) for after, until in self.theirs
        )


Numbers = Callable[[InsIdentity], Sequence[Told]]
"""All of one person, the given one first. Raises StorageError."""


def alone(patient: InsIdentity) -> Sequence[Told]:
    """Where nothing is known of former matricules."""
    return (Told(patient),)


def known_numbers(store: IdentityStore) -> Numbers:
    """Those of the identities qualified here. The given one is theirs now, or was: what is older than the change still tells it.

    A word follows the person: what was said under a number is of whoever had it then, whoever has it now. When two people have a
    matricule, neither's others are trusted.
    """

    def numbers(patient: InsIdentity) -> Sequence[Told]:
        people = store.with_matricule(patient.value) or store.known_as(patient.value)
        if len(people) != 1:
            return (Told(patient),)
        [person] = people
        current = person.matricule
        if current and len(store.with_matricule(current.value)) != 1:
            return (Told(patient),)
        every = (current, *person.history) if current else person.history
        others = {(one.value, one.oid): InsIdentity(one.value, one.oid, patient.status) for one in every}
        others.pop((patient.value, patient.oid), None)
        return [_told(store, person, ins) for ins in (patient, *others.values())]

    return numbers


def _told(store: IdentityStore, person: Identity, ins: InsIdentity) -> Told:
    holders = store.known_as(ins.value)
    if all(one.person == person.person for one in holders):
        return Told(ins)
    ends = sorted({old.at for one in holders for old in one.ended if old.value == ins.value})
    mine = {old.at for old in person.ended if old.value == ins.value}
    theirs: list[tuple[datetime | None, datetime | None]] = [
        (before, end) for before, end in zip([None, *ends], ends, strict=False) if end in mine
    ]
    now = person.matricule
    if (now and now.value == ins.value) or (ins.value in person.own and not store.with_matricule(ins.value)):
        theirs.append((ends[-1] if ends else None, None))
    return Told(ins, tuple(theirs))
