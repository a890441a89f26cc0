"""Rows of scans: as they were put, nothing in clear, no row put back or made another's, one writer at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from dmp_desktop.card.ins_datamatrix import read_scanned
from dmp_desktop.cda.build.datamatrix import ins_message
from dmp_desktop.domain.documents import Visibility
from dmp_desktop.domain.tray import Part, Reason, Scan, ScanState, TrayDoctor
from dmp_desktop.errors import StorageError
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.schema import scan as table
from dmp_desktop.storage.schema import scan_part, tray_doctor
from dmp_desktop.storage.sealing import Seal
from dmp_desktop.storage.tray import TrayStore
from tests.helpers.outbox import AUTHOR, KEY, PATIENT

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
WORDS = b"Courrier de cardiologie"
SCAN = Scan(
    "a" * 32,
    ScanState.TO_PREPARE,
    NOW,
    NOW,
    1234,
    2,
    "digest-a",
    codes=(read_scanned(ins_message(PATIENT)),),
    patient=PATIENT,
    type_code="11488-4",
    act_date=date(2026, 11, 2),
    author_id=AUTHOR,
    returned=Reason.WRONG_PATIENT,
    returns=1,
    copies=2,
    visibility=frozenset({Visibility.MASQUE_PS}),
)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with Database.open(tmp_path / "a.db", KEY) as database:
        yield database


@pytest.fixture
def store(database: Database) -> TrayStore:
    return TrayStore(database, Seal(KEY, "tray"))


def test_what_was_kept_is_read_as_it_was(store: TrayStore) -> None:
    assert store.add(SCAN, {Part.FILE: WORDS})
    assert store.scans() == ([SCAN], 0)
    assert (store.get(SCAN.id), store.with_digest("digest-a")) == (SCAN, SCAN)
    assert store.part(SCAN.id, Part.FILE) == WORDS
    assert store.part(SCAN.id, Part.CDA) is None


@pytest.mark.parametrize("other", [replace(SCAN, id="b" * 32), replace(SCAN, digest="digest-b")])
def test_neither_an_id_nor_a_file_is_there_twice(store: TrayStore, other: Scan) -> None:
    assert store.add(SCAN, {Part.FILE: WORDS})
    assert not store.add(other, {Part.FILE: b"other"})
    assert store.scans() == ([SCAN], 0)
    assert store.part(SCAN.id, Part.FILE) == WORDS


def test_only_who_knows_the_last_revision_changes_it(store: TrayStore) -> None:
    store.add(SCAN, {})
    moved = store.change(replace(SCAN, state=ScanState.TO_VALIDATE), {Part.CDA: b"<a/>"})
    assert moved is not None
    assert moved.revision == 1
    assert store.change(replace(SCAN, state=ScanState.DISCARDED), {Part.CDA: b"<b/>"}) is None
    assert store.get(SCAN.id) == moved
    assert store.part(SCAN.id, Part.CDA) == b"<a/>"


@pytest.mark.parametrize("column", ["state", "revision"])
def test_a_row_put_back_does_not_open_and_hides_no_other(store: TrayStore, database: Database, column: str) -> None:
    store.add(SCAN, {})
    store.add(replace(SCAN, id="b" * 32, digest="digest-b"), {})
    value = ScanState.VALIDATED if column == "state" else 7
    with database.write() as connection:
        connection.execute(table.update().where(table.c.scan_id == SCAN.id).values({column: value}))
    scans, damaged = store.scans()
    assert ([one.id for one in scans], damaged) == (["b" * 32], 1)
    with pytest.raises(StorageError):
        store.get(SCAN.id)


def test_pages_of_another_scan_do_not_open(store: TrayStore, database: Database) -> None:
    store.add(SCAN, {Part.PDF: WORDS})
    store.add(replace(SCAN, id="b" * 32, digest="digest-b"), {})
    with database.write() as connection:
        connection.execute(scan_part.update().values(scan_id="b" * 32))
    with pytest.raises(StorageError):
        store.part("b" * 32, Part.PDF)


def test_nothing_of_a_patient_stands_in_clear_in_the_tables(store: TrayStore, database: Database) -> None:
    store.add(SCAN, {Part.TEXT: WORDS})
    store.meet(TrayDoctor(AUTHOR, "Dr Camille TEST-DUPONT"))
    with database.read() as connection:
        rows = [
            value
            for one in (table, scan_part, tray_doctor)
            for row in connection.execute(sa.select(one))
            for value in row
        ]
    told = b"|".join(one if isinstance(one, bytes) else str(one).encode() for one in rows)
    for secret in (PATIENT.birth_family, PATIENT.ins.value, "Courrier", "DUPONT", AUTHOR, "digest-a", "11488-4"):
        assert secret.encode() not in told


def test_what_is_over_goes_after_its_time_with_its_pages(store: TrayStore, database: Database) -> None:
    for number, state in enumerate(ScanState):
        store.add(replace(SCAN, id=f"{number:032x}", digest=str(number), state=state), {Part.FILE: WORDS})
    assert store.purge(NOW) == 0
    assert store.purge(NOW.replace(hour=10)) == 2
    assert {one.state for one in store.scans()[0]} == set(ScanState) - {ScanState.SENT, ScanState.DISCARDED}
    with database.read() as connection:
        assert len(connection.execute(sa.select(scan_part)).all()) == len(ScanState) - 2


def test_a_doctor_met_again_is_one(store: TrayStore) -> None:
    for name in ("Dr B", "Dr C"):
        store.meet(TrayDoctor("2", name))
    store.meet(TrayDoctor("1", "Dr A"))
    assert store.doctors() == [TrayDoctor("1", "Dr A"), TrayDoctor("2", "Dr C")]
