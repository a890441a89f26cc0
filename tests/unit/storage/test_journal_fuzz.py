"""Whatever is changed in the journal below its triggers is found: any byte, any row moved, doubled or taken, an old file put back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dmp_desktop.errors import StorageError
from dmp_desktop.platform.keystore import MemoryKeyStore
from dmp_desktop.services.journal import JournalBook
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.journal import Journal, JournalRecord
from dmp_desktop.storage.sealing import Seal
from tests.helpers.clock import START
from tests.helpers.outbox import AUTHOR, INS, KEY

ACTS = 8
TOLD = 4  # number of the one with something sealed beside it
FUZZ = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with Database.open(tmp_path_factory.mktemp("journal") / "a.db", KEY) as database:
        journal = journal_of(database)
        for number in range(1, ACTS + 1):
            record = JournalRecord(START, AUTHOR, "send", document=f"2.25.{number}", result="sent")
            journal.append(record, ins=INS, told="{}" if number == TOLD else "")
        with database.write() as connection:
            for table in ("journal", "journal_told"):
                connection.exec_driver_sql(f"DROP TRIGGER {table}_no_update")
                connection.exec_driver_sql(f"DROP TRIGGER {table}_no_delete")
        yield database


def journal_of(database: Database) -> Journal:
    return Journal(database, Seal(KEY, "journal"), KEY)


def rows_of(database: Database) -> list[tuple[object, ...]]:
    with database.read() as connection:
        return [tuple(row) for row in connection.exec_driver_sql("SELECT * FROM journal ORDER BY number")]


def broken(database: Database, rows: list[tuple[object, ...]]) -> bool:
    """Whether a journal of these rows is found to be broken; the true ones are put back after."""
    true = rows_of(database)

    def put(content: list[tuple[object, ...]]) -> None:
        with database.write(durable=False) as connection:
            connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
            connection.exec_driver_sql("DELETE FROM journal")
            for row in content:
                connection.exec_driver_sql("INSERT INTO journal VALUES (?, ?, ?)", row)
            for number in {TOLD} - {row[0] for row in content}:  # what is beside it has something to stand by
                connection.exec_driver_sql("INSERT INTO journal VALUES (?, '', x'')", (number,))

    put(rows)
    try:
        journal_of(database).verify((ACTS, bytes(true[-1][2]).hex()))  # type: ignore[call-overload]
    except StorageError as error:
        assert error.code in ("journal-broken", "journal-cut")  # noqa: PT017
        return True
    finally:
        put(true)
    return False


def test_as_it_was_written_it_is_sound(database: Database) -> None:
    assert not broken(database, rows_of(database))


@FUZZ
@given(st.integers(0, ACTS - 1), st.booleans(), st.integers(min_value=0), st.integers(1, 255))
def test_any_byte_changed(database: Database, at: int, chain: bool, place: int, flip: int) -> None:
    rows = rows_of(database)
    number, record, mac = rows[at]
    content = bytearray(bytes(mac) if chain else str(record).encode())  # type: ignore[call-overload]
    content[place % len(content)] ^= flip
    changed = (number, record, bytes(content)) if chain else (number, content.decode("latin-1"), mac)
    assert broken(database, [*rows[:at], changed, *rows[at + 1 :]])


@FUZZ
@given(st.permutations(range(ACTS)))
def test_any_rows_moved(database: Database, order: list[int]) -> None:
    """Each under another's number, or with its own left as it was."""
    rows = rows_of(database)
    moved = [(number, *rows[one][1:]) for number, one in enumerate(order, 1)]
    assert broken(database, moved) is (order != list(range(ACTS)))


@FUZZ
@given(st.sets(st.integers(1, ACTS), min_size=1), st.booleans())
def test_any_rows_taken(database: Database, taken: set[int], renumbered: bool) -> None:
    left = [row for row in rows_of(database) if row[0] not in taken]
    if renumbered:
        left = [(number, *row[1:]) for number, row in enumerate(left, 1)]
    assert broken(database, left)


@FUZZ
@given(st.integers(0, ACTS - 1), st.integers(1, ACTS + 1))
def test_a_row_written_twice(database: Database, which: int, at: int) -> None:
    rows = rows_of(database)
    doubled = [*rows[: at - 1], rows[which], *rows[at - 1 :]]
    assert broken(database, [(number, *row[1:]) for number, row in enumerate(doubled, 1)])


@pytest.mark.parametrize("value", [None, 7, b"\xff\xfe", "", "{}", "nothing", 1.5])
@pytest.mark.parametrize("column", [1, 2])
def test_values_of_another_kind(database: Database, value: object, column: int) -> None:
    rows = rows_of(database)
    odd = list(rows[2])
    odd[column] = b"\0" if value is None else value  # the table takes no NULL
    assert broken(database, [*rows[:2], tuple(odd), *rows[3:]])


def test_an_old_file_put_back_is_missed_against_the_head_noted_since(tmp_path: Path) -> None:
    """Whole and sound by itself: only what the key store noted since tells."""
    file, keystore = tmp_path / "a.db", MemoryKeyStore()
    for act in range(2):
        with Database.open(file, KEY) as database:
            journal_of(database).append(JournalRecord(START, AUTHOR, f"act-{act}"))
            JournalBook(journal_of(database), keystore).stop()
        if act == 0:
            shutil.copy(file, tmp_path / "old.db")  # closed: no process has it open
    for beside in tmp_path.glob("a.db-*"):
        beside.unlink()
    shutil.copy(tmp_path / "old.db", file)
    with Database.open(file, KEY) as database:
        assert journal_of(database).verify()[0] == 1
        with pytest.raises(StorageError, match="il en avait 2, il en reste 1"):
            JournalBook(journal_of(database), keystore).verify()
        journal_of(database).append(JournalRecord(START, AUTHOR, "another"))
        with pytest.raises(StorageError) as told:
            JournalBook(journal_of(database), keystore).verify()
        assert told.value.code == "journal-broken"


def test_a_journal_of_another_workstation_is_not_taken_for_this_one(database: Database) -> None:
    with pytest.raises(StorageError):
        Journal(database, Seal(KEY, "journal"), bytes(32)).verify()
