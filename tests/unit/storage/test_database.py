"""Opening, refusing, migrating; and nothing of a patient in clear on the disk."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlcipher3 import dbapi2

from dmp_desktop.errors import StorageError
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.migrations import MIGRATIONS, migrate
from dmp_desktop.storage.schema import metadata
from tests.helpers.outbox import KEY, PATIENT

OTHER_KEY = bytes(reversed(KEY))


def code_of_opening(path: Path, key: bytes = KEY) -> str:
    with pytest.raises(StorageError) as refused:
        Database.open(path, key)
    assert refused.value.remedy_fr
    return refused.value.code


def test_another_key_is_refused_as_such_and_changes_nothing(tmp_path: Path) -> None:
    Database.open(tmp_path / "a.db", KEY).close()
    before = (tmp_path / "a.db").read_bytes()
    assert code_of_opening(tmp_path / "a.db", OTHER_KEY) == "storage-key"
    assert (tmp_path / "a.db").read_bytes() == before
    Database.open(tmp_path / "a.db", KEY).close()


def test_a_plain_database_is_not_ours(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(b"SQLite format 3\0" + bytes(4080))
    assert code_of_opening(tmp_path / "a.db") == "storage-key"


def test_a_damaged_first_page_is_told_from_a_wrong_key(tmp_path: Path) -> None:
    Database.open(tmp_path / "a.db", KEY).close()
    flip(tmp_path / "a.db", 100)
    assert code_of_opening(tmp_path / "a.db") == "storage-damaged"


def test_damage_anywhere_is_found_by_the_check(tmp_path: Path) -> None:
    with Database.open(tmp_path / "a.db", KEY) as database, database.write() as connection:
        row = {"owner": "a", "name": "b", "sealed": bytes(50_000)}  # its pages come last, no opening reads them
        connection.execute(metadata.tables["preference"].insert().values(**row))
    flip(tmp_path / "a.db", (tmp_path / "a.db").stat().st_size - 2000)
    with pytest.raises(StorageError, match="storage-damaged"), Database.open(tmp_path / "a.db", KEY) as database:
        database.check()


def test_a_sound_database_passes_the_check(tmp_path: Path) -> None:
    with Database.open(tmp_path / "a.db", KEY) as database:
        database.check()


def test_a_cut_file_is_told(tmp_path: Path) -> None:
    Database.open(tmp_path / "a.db", KEY).close()
    content = (tmp_path / "a.db").read_bytes()
    (tmp_path / "a.db").write_bytes(content[: len(content) // 2 - 100])
    with pytest.raises(StorageError, match="storage-damaged"), Database.open(tmp_path / "a.db", KEY) as database:
        database.check()


def test_a_folder_that_cannot_hold_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert code_of_opening(tmp_path / "file" / "a.db") == "storage-unreachable"


def test_a_key_of_the_wrong_length_is_a_fault_of_ours(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="32"):
        Database.open(tmp_path / "a.db", b"short")


def test_it_is_durable_and_safe_by_its_settings(tmp_path: Path) -> None:
    with Database.open(tmp_path / "a.db", KEY) as database, database.read() as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "temp_store")
        }
    assert settings == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 10000,
        "temp_store": 2,
    }
    assert (tmp_path / "a.db").stat().st_mode & 0o077 == 0


def test_the_tables_are_those_the_migrations_make(tmp_path: Path) -> None:
    with Database.open(tmp_path / "a.db", KEY) as database, database.read() as connection:
        inspector = sa.inspect(connection)
        made = {
            table: {(column["name"], column["nullable"]) for column in inspector.get_columns(table)}
            for table in inspector.get_table_names()
        }
    described = {
        name: {(column.name, bool(column.nullable)) for column in table.columns}
        for name, table in metadata.tables.items()
    }
    assert made == described


def test_migrations_go_forward_only_and_all_or_nothing(tmp_path: Path) -> None:
    with Database.open(tmp_path / "a.db", KEY) as database:
        later = (*MIGRATIONS, "CREATE TABLE later (id INTEGER);\nINSERT INTO later VALUES (7);\n")
        with database.write() as connection:
            migrate(connection, later)
            assert connection.exec_driver_sql("SELECT id FROM later").scalar() == 7
        with pytest.raises(StorageError), database.write() as connection:
            migrate(connection, (*later, "CREATE TABLE third (id INTEGER);\nINSERT INTO nowhere VALUES (1);\n"))
        with database.read() as connection:
            assert connection.exec_driver_sql("PRAGMA user_version").scalar() == len(later)
            assert "third" not in sa.inspect(connection).get_table_names()
    assert code_of_opening(tmp_path / "a.db") == "storage-newer"


def test_a_busy_database_is_told_after_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dmp_desktop.storage.database.BUSY_SECONDS", 0.05)
    with Database.open(tmp_path / "a.db", KEY) as one, Database.open(tmp_path / "a.db", KEY) as two, one.write():
        with pytest.raises(StorageError, match="storage-busy"), two.write():
            pass
        with two.read() as connection:  # reading goes on
            assert connection.exec_driver_sql("SELECT count(*) FROM outbox").scalar() == 0


def test_what_was_closed_stays_closed(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "a.db", KEY)
    database.close()
    with pytest.raises(StorageError, match="storage-closed"), database.read():
        pass


def test_what_need_not_be_durable_changes_nothing_for_what_must_be(tmp_path: Path) -> None:
    """One pooled connection after the other; 1 is NORMAL, 2 FULL (SQLite, "PRAGMA synchronous")."""
    with Database.open(tmp_path / "a.db", KEY) as database:
        levels = []
        for durable in (True, False, True):
            with database.write(durable=durable) as connection:
                levels.append(connection.exec_driver_sql("PRAGMA synchronous").scalar_one())
        assert levels == [2, 1, 2]


def test_an_error_never_quotes_what_a_statement_was_given(tmp_path: Path) -> None:
    statement = sa.text("INSERT INTO nowhere VALUES (:name)")
    with (
        Database.open(tmp_path / "a.db", KEY) as database,
        pytest.raises(StorageError) as refused,
        database.write() as connection,
    ):
        connection.execute(statement, {"name": PATIENT.birth_family})
    chain = [refused.value, refused.value.__cause__]
    assert all(PATIENT.birth_family not in str(error) for error in chain)


def test_a_raw_connection_without_the_key_reads_nothing(tmp_path: Path) -> None:
    Database.open(tmp_path / "a.db", KEY).close()
    connection = dbapi2.connect(str(tmp_path / "a.db"))
    connection.execute("PRAGMA cipher_log_level = NONE")
    with pytest.raises(dbapi2.DatabaseError):
        connection.execute("SELECT * FROM sqlite_master")
    connection.close()


def flip(path: Path, offset: int) -> None:
    content = bytearray(path.read_bytes())
    content[offset] ^= 0xFF
    path.write_bytes(content)
