from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dmp_desktop.errors import StorageError
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.journal import Journal, JournalRecord
from dmp_desktop.storage.sealing import Seal
from tests.helpers.clock import START
from tests.helpers.outbox import AUTHOR, INS, KEY

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
