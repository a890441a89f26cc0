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
from dmp_desktop.errors import ContextError, StorageError
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
            kept = store.put(identity)
            assert kept.person
            assert store.of(kept.person) == identity
        store.put(QUALIFIED.refused(datetime(2026, 11, 23, tzinfo=UTC)))
    with Database.open(tmp_path / "a.db", KEY) as database:
        store = IdentityStore(database, Seal(KEY, "identity"), FakeClock())
        (one,) = store.to_review()
        assert one.status is InsStatus.PROVISOIRE
        assert {old.value for old in one.history} == {FORMER.value, "297022A02077878"}
        assert store.of("") is None


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
        former = store.put(QUALIFIED)
        assert store.known_as(FORMER.value) == store.known_as("297022A02077878") == [QUALIFIED]
        renamed = replace(QUALIFIED, traits=replace(TRAITS, birth_family="TEST-AUTRE"), history=())
        store.put(renamed, former=former)
        assert store.known_as(FORMER.value) == []
        assert store.known_as("297022A02077878") == [renamed]


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
        kept = store.put(QUALIFIED)
        corrected = QUALIFIED.corrected(replace(TRAITS, birth_family="TEST-AUTRE"))
        store.put(corrected, former=kept)
        assert store.born_on(TRAITS.birth_date) == [corrected]
        assert store.formerly("297022A02077878") == [corrected]


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
            store.born_on(TRAITS.birth_date)


def test_a_row_that_changed_meanwhile_is_not_written_over(tmp_path: Path) -> None:
    """What a screen shows is what it changes: a doubt said meanwhile is not lost."""
    with Database.open(tmp_path / "a.db", KEY) as database:
        store = IdentityStore(database, Seal(KEY, "identity"), FakeClock())
        kept = store.put(QUALIFIED)
        doubted = store.put(kept.doubted(Doubt.DOUBTFUL), former=kept)
        with pytest.raises(ContextError, match=r"identity\.changed"):
            store.put(kept.refused(datetime(2026, 11, 23, tzinfo=UTC)), former=kept)
        assert store.of(kept.person) == doubted


def test_two_people_of_the_same_traits_are_two_rows(tmp_path: Path) -> None:
    with Database.open(tmp_path / "a.db", KEY) as database:
        store = IdentityStore(database, Seal(KEY, "identity"), FakeClock())
        other = replace(QUALIFIED, matricule=Matricule("279035121518989", OID_INS_TEST), history=())
        store.put(QUALIFIED)
        store.put(other)
        assert store.with_matricule("297022A02077878") == [QUALIFIED]
        assert store.with_matricule("279035121518989") == [other]


def test_what_is_refused_beside_the_others_is_not_kept(tmp_path: Path) -> None:
    def refuse(others: list[Identity]) -> None:
        assert others == [QUALIFIED]
        raise ContextError("refused", "")

    with Database.open(tmp_path / "a.db", KEY) as database:
        store = IdentityStore(database, Seal(KEY, "identity"), FakeClock())
        store.put(QUALIFIED)
        with pytest.raises(ContextError, match="refused"):
            store.put(Identity(replace(TRAITS, birth_family="TEST-AUTRE")), refuse=refuse)
        assert store.born_on(TRAITS.birth_date) == [QUALIFIED]
