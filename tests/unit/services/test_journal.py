"""What is cut off the end of the journal is missed, even by who has the file and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from dmp_desktop.errors import StorageError
from dmp_desktop.platform.keystore import MemoryKeyStore
from dmp_desktop.services.journal import HEAD, JournalBook
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.journal import Journal, JournalRecord
from dmp_desktop.storage.sealing import Seal
from tests.helpers.clock import START
from tests.helpers.outbox import AUTHOR, INS, KEY


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with Database.open(tmp_path / "a.db", KEY) as database:
        yield database


@pytest.fixture
def journal(database: Database) -> Journal:
    return Journal(database, Seal(KEY, "journal"), KEY)


@pytest.fixture
def keystore() -> MemoryKeyStore:
    return MemoryKeyStore()


@pytest.fixture
def book(journal: Journal, keystore: MemoryKeyStore) -> JournalBook:
    act(journal, 3)
    return JournalBook(journal, keystore)


def act(journal: Journal, times: int = 1) -> None:
    for number in range(times):
        journal.append(JournalRecord(START, AUTHOR, "send", document=f"2.25.{number}", result="sent"), ins=INS)


def cut(database: Database, after: int) -> None:
    """By somebody with the file and its key, who takes the triggers away."""
    with database.write() as connection:
        connection.exec_driver_sql("DROP TRIGGER journal_no_delete")
        connection.exec_driver_sql("DELETE FROM journal WHERE number > ?", (after,))


def test_a_sound_journal_is_told_with_its_length(book: JournalBook, journal: Journal) -> None:
    assert book.verify()[0] == 3
    book.note_head()
    act(journal)
    assert book.verify() == journal.head()
    assert journal.head()[0] == 4


def test_an_empty_journal_is_sound(database: Database) -> None:
    book = JournalBook(Journal(database, Seal(KEY, "journal"), KEY), MemoryKeyStore())
    book.note_head()
    assert book.verify() == (0, "")


@pytest.mark.parametrize("left", [0, 1, 2])
def test_what_is_cut_off_its_end_is_missed(book: JournalBook, database: Database, left: int) -> None:
    book.note_head()
    cut(database, left)
    with pytest.raises(StorageError, match=f"il en avait 3, il en reste {left}") as refused:
        book.verify()
    assert refused.value.code == "journal-cut"
    book.note_head()  # a shorter journal is not noted over the one there was
    with pytest.raises(StorageError):
        book.verify()


def test_what_was_cut_off_and_written_anew_is_told(book: JournalBook, journal: Journal, database: Database) -> None:
    book.note_head()
    cut(database, 2)
    journal.append(JournalRecord(START, AUTHOR, "open-record"), ins=INS)
    act(journal)
    with pytest.raises(StorageError, match="à partir de l'acte n° 3") as refused:
        book.verify()
    assert refused.value.code == "journal-broken"


def test_the_end_of_the_program_notes_the_head_or_says_nothing(book: JournalBook, keystore: MemoryKeyStore) -> None:
    class Gone(MemoryKeyStore):
        def get(self, name: str) -> str | None:
            raise StorageError("keystore", "Le coffre ne répond pas.", "Déverrouillez-le.")

    book.stop()
    assert (keystore.get(HEAD) or "").startswith("3:")
    JournalBook(book._journal, Gone()).stop()


def test_what_is_exported_names_no_patient(book: JournalBook) -> None:
    acts = [json.loads(line) for line in book.lines()]
    assert [(one["number"], one["actor"], one["result"]) for one in acts] == [(n, AUTHOR, "sent") for n in (1, 2, 3)]
    assert {len(one["patient"]) for one in acts} == {32}
    assert INS not in "".join(book.lines())
