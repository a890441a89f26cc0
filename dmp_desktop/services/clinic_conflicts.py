"""What two workstations said otherwise of the same thing while they did not hear each other: shown side by side, and settled by
who looks. What the program joins by itself (the steps of an arrival, preferences, what an agenda tells) is asked of nobody."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from dmp_desktop.domain import roles
from dmp_desktop.domain.acts import Act
from dmp_desktop.domain.arrivals import Expected
from dmp_desktop.domain.identity import Identity
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.ins_access import Why
from dmp_desktop.domain.people import Role
from dmp_desktop.domain.roles import Task
from dmp_desktop.domain.shared import Said, SharedRow
from dmp_desktop.errors import CardError, ContextError, DmpError
from dmp_desktop.services.clinic_arrivals import SharedArrivals
from dmp_desktop.services.clinic_identities import SharedIdentities
from dmp_desktop.services.clinic_share import ClinicShare
from dmp_desktop.services.identity_rights import IdentityRights
from dmp_desktop.storage import arrivals as kept_arrivals
from dmp_desktop.storage import identities as kept_identities

_log = logging.getLogger(__name__)

KINDS = frozenset({SharedIdentities.name, SharedArrivals.name})
IDENTITY, EXPECTED, PERSON = "identity", "expected", "person"
"""What workstations may differ in: who somebody is; who is expected, and when; who of those known they are."""
MOST = 50
"""Shown at once: settled, the next ones come."""

Value = Identity | Expected | None
"""None: nobody said which person it is."""


@dataclass(frozen=True, slots=True, repr=False)
class Version:
    """One of the values, as said `at` by `by` (national identifier, empty for an agenda). `change` names it."""

    change: str
    value: Value
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, repr=False)
class Conflict:
    """`about`: IDENTITY, EXPECTED or PERSON; `whose` is expected, where it is about an arrival. The first of `versions` is
    what is shown elsewhere until it is settled: the latest."""

    kind: str
    row: str
    about: str
    whose: Expected | None
    versions: tuple[Version, ...]


class ClinicConflicts:
    """`who` gives the national identifier of who is signed in and their role; `person` one that is kept here by its id;
    `accessed` is told of numbers shown, `note` writes the journal. Methods may block and raise DmpDesktopError,
    `follow` excepted."""

    def __init__(
        self,
        share: ClinicShare,
        person: Callable[[str], Identity | None],
        today: Callable[[], date],
        who: Callable[[], tuple[str, Role] | None],
        rights: IdentityRights,
        accessed: Callable[[Iterable[str], Why], None],
        note: Callable[[Act, InsIdentity | None, str], None],
    ) -> None:
        self._share = share
        self._person = person
        self._today = today
        self._who = who
        self._rights = rights
        self._accessed = accessed
        self._note = note
        self._followers: tuple[Callable[[], None], ...] = ()

    def follow(self, changed: Callable[[], None]) -> None:
        """Have `changed` called, from any thread, when there may be others or fewer."""
        self._followers += (changed,)

    def came(self, kinds: Iterable[str]) -> None:
        """Others changed rows of these kinds."""
        if not KINDS.isdisjoint(kinds):
            for changed in self._followers:
                changed()

    def count(self) -> int:
        """0 for who may not see patients."""
        who = self._who()
        if who is None or not roles.may(who[1], Task.SEE_PATIENTS) or self._rights.ins_refusal():
            return 0
        return sum(1 for _one in self._all())

    def pending(self) -> tuple[Conflict, ...]:
        """The oldest first, `MOST` at most."""
        self._may()
        found = sorted(self._all(), key=lambda one: min(version.at for version in one.versions))[:MOST]
        values = [version.value for one in found for version in one.versions]
        numbers = {one.matricule.value for one in values if isinstance(one, Identity) and one.matricule}
        if numbers:
            self._accessed(sorted(numbers), Why.DISPLAY)
        return tuple(found)

    def settle(self, conflict: Conflict, version: Version) -> None:
        """That one holds, on every workstation. Raises ContextError("conflict-gone") where it is settled already."""
        by = self._may()
        if not self._share.settle(conflict.kind, conflict.row, conflict.about, version.change, by):
            raise ContextError(
                "conflict-gone",
                "Ce point vient d'être départagé, ou changé, sur un autre poste.",
                "La liste est à jour : reprenez-le s'il y est encore.",
            )
        value = version.value
        self._note(Act.CONFLICT_SETTLED, value.ins if isinstance(value, Identity) else None, conflict.about)
        self.came(KINDS)

    def _may(self) -> str:
        who = self._who()
        if who is None:
            raise CardError("CarteAbsente", "Votre carte n'est pas dans le lecteur.", "Insérez-la puis recommencez.")
        if why := roles.refusal(who[1], Task.SEE_PATIENTS):
            raise DmpError("ConflitsReserves", why, roles.remedy(who[1]))
        self._rights.may_see()
        return who[0]

    def _all(self) -> Iterator[Conflict]:
        for row in self._share.conflicts(KINDS):
            for about in row.conflicts:
                try:
                    found = self._conflict(row, about)
                except (KeyError, TypeError, ValueError) as error:  # a later version's: it asks
                    _log.warning("a conflict cannot be read: %s", type(error).__name__)
                    continue
                if found is not None and len(found.versions) > 1:
                    yield found

    def _conflict(self, row: SharedRow, about: str) -> Conflict | None:
        told = (row.said[about], *row.conflicts[about])
        if row.kind == SharedIdentities.name and about == IDENTITY:
            return Conflict(row.kind, row.name, about, None, _unlike(told, lambda value: _identity(value, row.name)))
        if row.kind != SharedArrivals.name or about not in (EXPECTED, PERSON) or EXPECTED not in row.said:
            return None
        day, _, arrival_id = row.name.partition("/")
        if date.fromisoformat(day) < self._today():
            return None

        def expected(value: Any) -> Expected:
            fields = {**row.values, EXPECTED: value}
            return kept_arrivals.decode(json.dumps(fields).encode(), arrival_id, date.fromisoformat(day)).expected

        whose = expected(row.said[EXPECTED].value)
        versions = _unlike(told, expected if about == EXPECTED else self._known)
        return Conflict(row.kind, row.name, about, whose, versions)

    def _known(self, person: Any) -> Identity | None:
        return self._person(str(person)) if person else None


def _identity(value: Any, person: str) -> Identity:
    return kept_identities.decode(json.dumps(value).encode(), person)


def _unlike(told: Iterable[Said], read: Callable[[Any], Value]) -> tuple[Version, ...]:
    """Those that say something else, the first said of each."""
    found: dict[object, Version] = {}
    for one in told:
        value = read(one.value)
        found.setdefault(_meaning(value), Version(one.change, value, one.by, one.at))
    return tuple(found.values())


def _meaning(value: Value) -> object:
    """What a person would tell apart: not when the same document was seen, nor the number an agenda gives a line."""
    if isinstance(value, Identity):
        seen = value.check and (value.check.kind, value.check.label, value.check.trusted)
        return value.traits, seen, value.matricule, value.doubt, value.refused_at is not None
    return replace(value, uid="") if isinstance(value, Expected) else value
