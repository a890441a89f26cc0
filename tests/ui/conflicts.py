"""Points on which another workstation differs, over real stores of one: what the other said comes as from the server."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from dmp_desktop.domain.acts import Act
from dmp_desktop.domain.arrivals import Arrival, Expected
from dmp_desktop.domain.identity import DocumentCheck, DocumentKind, Identity, StrictTraits
from dmp_desktop.domain.ins import OID_INS_TEST, InsIdentity
from dmp_desktop.domain.insi import Matricule
from dmp_desktop.domain.people import Role, Sex
from dmp_desktop.services.clinic_arrivals import SharedArrivals
from dmp_desktop.services.clinic_conflicts import ClinicConflicts
from dmp_desktop.services.clinic_identities import SharedIdentities
from dmp_desktop.services.clinic_share import ClinicShare
from dmp_desktop.services.identity_rights import BY_ROLE
from dmp_desktop.storage.arrivals import SealedArrivals
from dmp_desktop.storage.arrivals import encode as encode_arrival
from dmp_desktop.storage.clinic_rows import Change, SharedRows
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.identities import IdentityStore
from dmp_desktop.storage.identities import encode as encode_identity
from dmp_desktop.storage.sealing import Seal
from tests.helpers.clock import START, FakeClock
from tests.helpers.outbox import INS, KEY

DESK, DOCTOR = "399700000000001", "810002422979"
TRAITS = StrictTraits("TEST-PATIENTE", "MARIE", "MARIE CLAUDE", Sex.FEMALE, date(1979, 3, 12), "51215")
HERE = Identity(TRAITS, DocumentCheck(DocumentKind.CNI, START, DESK), Matricule(INS, OID_INS_TEST))
THERE = Identity(replace(TRAITS, birth_given="MARIE CLAUDE ANNE"), DocumentCheck(DocumentKind.PASSPORT, START, DOCTOR))
DAY = START.date()


class TwoStations:
    """`conflicts` is of one; `role` of who looks at it."""

    def __init__(self, folder: Path) -> None:
        self.clock, self.role = FakeClock(), Role.SECRETARY
        self.database = Database.open(folder / "conflits.db", KEY)
        self.people = IdentityStore(self.database, Seal(KEY, "identity"), self.clock)
        self.arrivals = SealedArrivals(self.database, Seal(KEY, "arrivals"), self.clock)
        self.rows = SharedRows(self.database, Seal(KEY, "shared"))
        kinds = SharedIdentities(self.people), SharedArrivals(self.arrivals, lambda: DAY)
        self.share = ClinicShare(self.rows, kinds, self.clock, lambda changed: self.conflicts.came(changed))
        self.acts: list[str] = []
        self.conflicts = ClinicConflicts(
            self.share,
            self.people.of,
            lambda: DAY,
            lambda: (DESK, self.role),
            BY_ROLE,
            lambda _numbers, _why: None,
            self._note,
        )
        self._number = 0

    def _note(self, act: Act, _patient: InsIdentity | None, reason: str) -> None:
        self.acts.append(f"{act} {reason}")

    def identity(self) -> Identity:
        """Qualified here, another first name and no number there."""
        kept = self.people.put(HERE)
        self._share()
        self._hear("identity", kept.person, "identity", json.loads(encode_identity(THERE)), DOCTOR)
        return kept

    def arrival(self) -> None:
        """At ten here, at eleven there."""
        told = Expected("TEST-MARTIN", "Jean", date(1950, 7, 1), Sex.MALE, at=datetime(2026, 11, 20, 9, tzinfo=UTC))
        one = Arrival("a1", DAY, told)
        self.arrivals.update(DAY, lambda _known: [one])
        self._share()
        later = replace(one, expected=replace(told, at=told.at and told.at + timedelta(hours=1)))
        self._hear("arrival", f"{DAY}/a1", "expected", json.loads(encode_arrival(later))["expected"], "")

    def _share(self) -> None:
        for kind in self.share._kinds:
            self.share.share(kind)

    def _hear(self, kind: str, row: str, which: str, value: object, by: str) -> None:
        self._number += 1
        at = self.clock.now() + timedelta(minutes=self._number)
        said = Change(f"{self._number:032x}", kind, row, which, value, by, at)
        self.rows.receive([(self._number, said)], self._number)
        self.share._take_all()

    def close(self) -> None:
        self.database.close()
