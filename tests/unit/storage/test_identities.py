"""What this workstation qualified: found again by name, day of birth and matricule, and not in clear."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from dmp_desktop.domain.identity import DocumentCheck, DocumentKind, Doubt, Identity, StrictTraits
from dmp_desktop.domain.ins import OID_INS_TEST, InsStatus
from dmp_desktop.domain.insi import Matricule
from dmp_desktop.domain.people import Sex
from dmp_desktop.errors import StorageError
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.identities import IdentityStore
from dmp_desktop.storage.migrations import MIGRATIONS, migrate
from dmp_desktop.storage.sealing import Seal
from tests.helpers.clock import FakeClock

KEY = bytes(range(32))
TRAITS = StrictTraits("TEST-ADRTROIS", "DOMINIQUE", "DOMINIQUE ANNE", Sex.FEMALE, date(1997, 2, 26), "2A020")
FORMER_VERSION = 6
"""Number of the last migration before former matricules were indexed."""
FORMER = Matricule("899066311300828", OID_INS_TEST, date(2001, 6, 2), date(2004, 3, 31))
QUALIFIED = Identity(
    TRAITS,
    DocumentCheck(DocumentKind.CNI, datetime(2026, 11, 22, 9, 0, tzinfo=UTC), "8100"),
    Matricule("297022A02077878", OID_INS_TEST, date(2004, 4, 1)),
    (FORMER,),
)


def test_kept_as_it_was(tmp_path: Path) -> None:
    with Database.open(tmp_path / "a.db", KEY) as database:
        store = IdentityStore(database, Seal(KEY, "identity"), FakeClock())
        for identity in (QUALIFIED, Identity(TRAITS), Identity(TRAITS).doubted(Doubt.FICTITIOUS)):
            store.put(identity)
            assert store.get(TRAITS.name) == identity
        store.put(QUALIFIED.refused(datetime(2026, 11, 23, tzinfo=UTC)))
    with Database.open(tmp_path / "a.db", KEY) as database:
        store = IdentityStore(database, Seal(KEY, "identity"), FakeClock())
        (one,) = store.to_review()
        assert one.status is InsStatus.PROVISOIRE
        assert {old.value for old in one.history} == {FORMER.value, "297022A02077878"}
        store.forget(TRAITS.name)
        assert store.get(TRAITS.name) is None


def test_found_by_day_of_birth_and_by_matricule(tmp_path: Path) -> None:
    with Database.open(tmp_path / "a.db", KEY) as database:
        store = IdentityStore(database, Seal(KEY, "identity"), FakeClock())
        other = replace(TRAITS, birth_family="TEST-AUTRE")
        store.put(QUALIFIED)
        store.put(Identity(other))
        store.put(Identity(replace(TRAITS, birth_date=date(1997, 2, 27))))
        assert {one.traits.birth_family for one in store.born_on(date(1997, 2, 26))} == {"TEST-ADRTROIS", "TEST-AUTRE"}
        assert store.with_matricule("297022A02077878") == [QUALIFIED]
        assert store.with_matricule(FORMER.value) == []
        assert store.to_review() == []


def test_found_by_every_matricule_ever_had(tmp_path: Path) -> None:
    with Database.open(tmp_path / "a.db", KEY) as database:
        store = IdentityStore(database, Seal(KEY, "identity"), FakeClock())
        store.put(QUALIFIED)
        assert store.known_as(FORMER.value) == store.known_as("297022A02077878") == [QUALIFIED]
        renamed = replace(QUALIFIED, traits=replace(TRAITS, birth_family="TEST-AUTRE"), history=())
        store.put(renamed, former_name=TRAITS.name)
        assert store.known_as(FORMER.value) == []
        assert store.known_as("297022A02077878") == [renamed]
        store.forget(renamed.traits.name)
        assert store.known_as("297022A02077878") == []


def test_former_matricules_of_an_earlier_version_are_found(tmp_path: Path) -> None:
    """Its row, sealed and known by the current matricule only, goes through the migrations."""
    with Database.open(tmp_path / "a.db", KEY) as database:
        store = IdentityStore(database, Seal(KEY, "identity"), FakeClock())
        store.put(QUALIFIED)
        earlier = "person, born, matricule, to_review, sealed, updated_at"
        with database.read() as connection:
            row = tuple(connection.exec_driver_sql(f"SELECT {earlier} FROM identity").one())
        with sa.create_engine("sqlite://").begin() as connection:
            migrate(connection, MIGRATIONS[:FORMER_VERSION])
            connection.exec_driver_sql(f"INSERT INTO identity ({earlier}) VALUES (?, ?, ?, ?, ?, ?)", row)
            migrate(connection)
            moved = tuple(connection.exec_driver_sql(f"SELECT {earlier}, numbered FROM identity").one())
            assert connection.exec_driver_sql("SELECT count(*) FROM identity_number").scalar_one() == 0
        assert moved == (*row, 0)
        with database.write() as connection:
            connection.exec_driver_sql("DELETE FROM identity_number")
            connection.exec_driver_sql("UPDATE identity SET numbered = 0")
        assert store.known_as(FORMER.value) == [QUALIFIED]
        with database.read() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM identity WHERE NOT numbered").scalar_one() == 0


def test_one_that_cannot_be_read_hides_no_other(tmp_path: Path) -> None:
    with Database.open(tmp_path / "a.db", KEY) as database:
        store = IdentityStore(database, Seal(KEY, "identity"), FakeClock())
        other = Identity(
            replace(TRAITS, birth_family="TEST-AUTRE"), matricule=Matricule("279035121518989", OID_INS_TEST)
        )
        store.put(other)
        with database.write() as connection:
            connection.exec_driver_sql("UPDATE identity SET sealed = x'00'")
        store.put(QUALIFIED)
        with database.write() as connection:
            connection.exec_driver_sql("DELETE FROM identity_number")
            connection.exec_driver_sql("UPDATE identity SET numbered = 0")
        assert store.known_as(FORMER.value) == [QUALIFIED]
        with pytest.raises(StorageError):
            store.with_matricule("279035121518989")


def test_other_traits_take_the_place_of_the_former(tmp_path: Path) -> None:
    with Database.open(tmp_path / "a.db", KEY) as database:
        store = IdentityStore(database, Seal(KEY, "identity"), FakeClock())
        store.put(QUALIFIED)
        corrected = QUALIFIED.corrected(replace(TRAITS, birth_family="TEST-AUTRE"))
        store.put(corrected, former_name=TRAITS.name)
        assert store.get(TRAITS.name) is None
        assert store.get(corrected.traits.name) == corrected


def test_nothing_in_clear_and_nothing_moved(tmp_path: Path) -> None:
    with Database.open(tmp_path / "a.db", KEY) as database:
        store = IdentityStore(database, Seal(KEY, "identity"), FakeClock())
        store.put(QUALIFIED)
        store.put(Identity(replace(TRAITS, birth_family="TEST-AUTRE")))
        with database.write() as connection:
            rows = connection.exec_driver_sql("SELECT person, born, matricule, sealed FROM identity").all()
            shown = repr(rows)
            for word in ("ADRTROIS", "DOMINIQUE", "297022A", "1997", "8100"):
                assert word not in shown
            connection.exec_driver_sql("UPDATE identity SET sealed = (SELECT sealed FROM identity LIMIT 1)")
        with pytest.raises(StorageError):
            [store.get(TRAITS.name), store.get(replace(TRAITS, birth_family="TEST-AUTRE").name)]
