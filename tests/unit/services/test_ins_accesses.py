"""The journal of accesses to INS numbers: nobody waits for it, nothing of it is lost, nothing of it is changed (INS/va1.39)."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from dmp_desktop.domain.ins_access import InsAccess, Why
from dmp_desktop.errors import StorageError
from dmp_desktop.services.ins_accesses import InsAccessJournal
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.ins_accesses import InsAccessStore
from dmp_desktop.storage.sealing import Seal
from tests.helpers.clock import FakeClock
from tests.helpers.identities import ACTOR, KEY, number

LEA, HUGO = number("297022A020778").value, number("1810663113042").value


class Disk(InsAccessStore):
    """A real store behind a door: shut, whoever writes waits; `full`, nothing is written."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, Seal(KEY, "ins-access"))
        self.door, self.writers = threading.Event(), set[str]()
        self.batches: list[int] = []
        self.full = False
        self.door.set()

    def append(self, accesses: Sequence[InsAccess]) -> None:
        assert self.door.wait(60)
        if self.full:
            raise StorageError("storage-full", "Le disque est plein.")
        super().append(accesses)
        if accesses:
            self.batches.append(len(accesses))
            self.writers.add(threading.current_thread().name)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with Database.open(tmp_path / "a.db", KEY) as database:
        yield database


@pytest.fixture
def disk(database: Database) -> Disk:
    return Disk(database)


@pytest.fixture
def journal(disk: Disk) -> Iterator[InsAccessJournal]:
    journal = InsAccessJournal(disk, FakeClock(), lambda: ACTOR)
    yield journal
    disk.door.set()
    disk.full = False
    journal.stop()


def test_who_notes_waits_for_no_disk_and_what_comes_together_is_written_once(
    journal: InsAccessJournal, disk: Disk
) -> None:
    disk.door.clear()
    journal.note(LEA, Why.DISPLAY)
    journal.note_all([HUGO, LEA, HUGO], Why.DISPLAY)  # on one page: each of them once
    journal.note(LEA, Why.PRINT)
    assert disk.batches == []  # the door is shut, and nobody waited
    disk.door.set()
    journal.stop()
    assert (disk.batches, sum(disk.batches)) == ([4], 4)
    assert disk.writers == {"ins-accesses"}
    assert [one.why for one in disk.accesses(LEA)] == [Why.PRINT, Why.DISPLAY, Why.DISPLAY]


def test_who_reads_has_what_was_just_noted(journal: InsAccessJournal) -> None:
    journal.note(LEA, Why.SEND)
    (access,) = journal.accesses(LEA)
    assert (access.by, access.why, access.at) == (ACTOR, Why.SEND, FakeClock().now())
    assert journal.accesses(HUGO) == []


def test_what_the_disk_refuses_is_written_later(journal: InsAccessJournal, disk: Disk) -> None:
    disk.full = True
    journal.note(LEA, Why.DISPLAY)
    with pytest.raises(StorageError):
        journal.accesses()
    disk.full = False
    assert len(journal.accesses()) == 1
    journal.note(LEA, Why.PRINT)
    journal.stop()
    assert [one.why for one in disk.accesses()] == [Why.PRINT, Why.DISPLAY]


def test_a_patient_is_a_pseudonym_and_nothing_can_be_changed(
    journal: InsAccessJournal, database: Database, disk: Disk
) -> None:
    for ins in (LEA, HUGO, LEA):
        journal.note(ins, Why.DISPLAY)
    patients = [one.patient for one in journal.accesses()]
    assert patients[0] == patients[2] != patients[1]
    with database.read() as connection:
        rows = str(connection.exec_driver_sql("SELECT * FROM ins_access").all())
    assert LEA not in rows
    assert HUGO not in rows
    assert Seal(bytes(32), "ins-access").pseudonym(LEA) not in patients
    for statement in ("UPDATE ins_access SET actor = 'x'", "DELETE FROM ins_access"):
        with pytest.raises(StorageError), database.write() as connection:
            connection.exec_driver_sql(statement)
    assert len(disk.accesses()) == 3
