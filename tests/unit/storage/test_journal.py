from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from dmp_desktop.errors import StorageError
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.journal import Journal, JournalRecord, _record
from dmp_desktop.storage.migrations import MIGRATIONS, migrate
from dmp_desktop.storage.sealing import Seal
from tests.helpers.clock import START
from tests.helpers.outbox import AUTHOR, INS, KEY

BEFORE_TOLD = 7
"""Number of the last migration before what acts told was kept."""
TAMPERING = {
    "changed": "UPDATE journal SET record = replace(record, 'send-2', 'send-9') WHERE number = 2",
    "removed": "DELETE FROM journal WHERE number = 2",
    "removed first": "DELETE FROM journal WHERE number = 1",
    "renumbered": "UPDATE journal SET number = number - 1 WHERE number > 1",
    "copied": "INSERT INTO journal SELECT 9, record, chain FROM journal WHERE number = 3",
}


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with Database.open(tmp_path / "a.db", KEY) as database:
        yield database


@pytest.fixture
def journal(database: Database) -> Journal:
    journal = Journal(database, Seal(KEY, "journal"), KEY)
    for number in (1, 2, 3):
        journal.append(JournalRecord(START, AUTHOR, f"send-{number}", document=f"2.25.{number}"), ins=INS)
    return journal


def test_what_was_written_is_read_and_verified(journal: Journal) -> None:
    records = list(journal.records())
    assert [record.action for record in records] == ["send-1", "send-2", "send-3"]
    assert records[0].at == START
    count, head = journal.verify()
    assert (count, len(head)) == (3, 64)


def test_the_patient_is_a_pseudonym_always_the_same(journal: Journal) -> None:
    patients = {record.patient for record in journal.records()}
    assert len(patients) == 1
    assert INS not in patients


def test_the_tables_refuse_changes(journal: Journal, database: Database) -> None:
    for statement in ("UPDATE journal SET number = 9 WHERE number = 3", "DELETE FROM journal"):
        with pytest.raises(StorageError), database.write() as connection:
            connection.exec_driver_sql(statement)
    assert journal.verify()[0] == 3


@pytest.mark.parametrize("statement", [pytest.param(sql, id=name) for name, sql in TAMPERING.items()])
def test_tampering_below_the_triggers_is_found(journal: Journal, database: Database, statement: str) -> None:
    with database.write() as connection:
        connection.exec_driver_sql("DROP TRIGGER journal_no_update")
        connection.exec_driver_sql("DROP TRIGGER journal_no_delete")
        if "number - 1" in statement:
            connection.exec_driver_sql("DELETE FROM journal WHERE number = 1")
        connection.exec_driver_sql(statement)
    with pytest.raises(StorageError, match="journal-broken"):
        journal.verify()


def test_what_is_cut_off_the_end_shows_against_a_head_noted_elsewhere(journal: Journal, database: Database) -> None:
    noted = journal.verify()
    with database.write() as connection:
        connection.exec_driver_sql("DROP TRIGGER journal_no_delete")
        connection.exec_driver_sql("DELETE FROM journal WHERE number = 3")
    assert journal.verify() != noted


TOLD = '{"traits": "TEST-ADRTROIS"}'


def test_what_was_told_is_sealed_beside_its_act(journal: Journal, database: Database, tmp_path: Path) -> None:
    journal.append(JournalRecord(START, AUTHOR, "insi-traits", result="00"), ins=INS, told=TOLD)
    ((record, told),) = journal.told()
    assert (record.action, told) == ("insi-traits", TOLD)
    assert record == list(journal.records())[-1]
    assert journal.verify()[0] == 4
    with database.read() as connection:
        rows = [
            *connection.exec_driver_sql("SELECT * FROM journal"),
            *connection.exec_driver_sql("SELECT * FROM journal_told"),
        ]
    assert "ADRTROIS" not in repr([tuple(row) for row in rows])


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM journal_told WHERE number = 4",
        "UPDATE journal_told SET sealed = x'00' WHERE number = 4",
        "UPDATE journal_told SET number = 3 WHERE number = 4",
        "INSERT INTO journal_told SELECT 2, sealed FROM journal_told WHERE number = 4",
    ],
)
def test_what_was_told_is_not_changed_either(journal: Journal, database: Database, statement: str) -> None:
    journal.append(JournalRecord(START, AUTHOR, "insi-traits"), told=TOLD)
    if not statement.startswith("INSERT"):
        with pytest.raises(StorageError), database.write() as connection:
            connection.exec_driver_sql(statement)
    with database.write() as connection:
        connection.exec_driver_sql("DROP TRIGGER journal_told_no_update")
        connection.exec_driver_sql("DROP TRIGGER journal_told_no_delete")
        connection.exec_driver_sql(statement)
    with pytest.raises(StorageError, match="journal-broken"):
        journal.verify()


def test_acts_of_an_earlier_version_still_verify() -> None:
    """Their records know of nothing sealed."""
    earlier = {"at": START.isoformat(), "actor": AUTHOR, "action": "send", "patient": "", "document": "", "card": ""}
    text = json.dumps(earlier | {"result": "", "reason": ""}, ensure_ascii=False, sort_keys=True)
    with sa.create_engine("sqlite://").begin() as connection:
        migrate(connection, MIGRATIONS[:BEFORE_TOLD])
        connection.exec_driver_sql("INSERT INTO journal VALUES (1, ?, x'00')", (text,))
        migrate(connection)
        (kept,) = connection.exec_driver_sql("SELECT record FROM journal").scalars()
        assert connection.exec_driver_sql("SELECT count(*) FROM journal_told").scalar_one() == 0
    assert _record(kept) == JournalRecord(START, AUTHOR, "send")
