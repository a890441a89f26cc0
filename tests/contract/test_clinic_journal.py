"""The journal of a practice on a real PostgreSQL: all workstations' acts, and whatever is done to them found."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dmp_desktop.errors import StorageError
from dmp_desktop.services.clinic_journal import PracticeBook
from dmp_desktop.services.clinic_journal_heads import HEADS, MISSED
from dmp_desktop.storage.clinic import ClinicDatabase
from dmp_desktop.storage.clinic_address import ClinicAddress
from dmp_desktop.storage.clinic_journal import _HEADS, PracticeJournal
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.journal import Journal, JournalRecord
from dmp_desktop.storage.sealing import Seal
from tests.helpers.clock import START
from tests.helpers.outbox import AUTHOR, FINGERPRINT, INS, KEY
from tests.helpers.postgres import PASSWORD, Cluster


class Kept:
    """The secrets of one user."""

    def __init__(self) -> None:
        self.secrets: dict[str, str] = {}
        self.get, self.set = self.secrets.get, self.secrets.__setitem__

    def delete(self, name: str) -> None:
        self.secrets.pop(name, None)


class Station:
    def __init__(self, folder: Path, number: int, server: PracticeJournal) -> None:
        key = bytes([number]) * 32
        self.database = Database.open(folder / f"{number}.db", key)
        self.journal = Journal(self.database, Seal(key, "journal"), key)
        self.kept = Kept()
        self.book = PracticeBook(self.journal, self.kept, lambda: server, lambda: None)

    def act(self, *documents: str) -> None:
        for document in documents:
            self.journal.append(JournalRecord(START, AUTHOR, "send", document=document, result="sent"), ins=INS)


@pytest.fixture
def server(postgres: Cluster) -> Iterator[ClinicDatabase]:
    with ClinicDatabase.open(ClinicAddress.parse(postgres.database()), PASSWORD, FINGERPRINT) as database:
        yield database


@pytest.fixture
def make(tmp_path: Path, server: ClinicDatabase) -> Iterator[Callable[[], Station]]:
    made: list[Station] = []

    def make() -> Station:
        made.append(Station(tmp_path, len(made) + 1, PracticeJournal(server, KEY)))
        return made[-1]

    yield make
    for one in made:
        one.database.close()


@pytest.fixture
def desk(make: Callable[[], Station]) -> Station:
    return make()


@pytest.fixture
def doctor(make: Callable[[], Station]) -> Station:
    return make()


def untouched(server: ClinicDatabase, *statements: str) -> None:
    """As who owns the table may, the triggers put aside."""
    with server.write() as connection:
        connection.exec_driver_sql("ALTER TABLE practice_journal DISABLE TRIGGER USER")
        for statement in statements:
            connection.exec_driver_sql(statement)
        connection.exec_driver_sql("ALTER TABLE practice_journal ENABLE TRIGGER USER")


def test_every_workstations_acts_are_there_once_and_whole(desk: Station, doctor: Station) -> None:
    desk.act("2.25.1", "2.25.2")
    doctor.act("2.25.3")
    for one in (desk, doctor, desk):
        one.book.copy()
    desk.act("2.25.4")
    desk.book.copy()
    heads = doctor.book.verify()
    assert {station: number for station, (number, _) in heads.items()} == {
        desk.journal.station: 3,
        doctor.journal.station: 1,
    }
    lines = [json.loads(line) for line in doctor.book.lines()]
    assert sorted(line["document"] for line in lines) == ["2.25.1", "2.25.2", "2.25.3", "2.25.4"]
    assert len({line["patient"] for line in lines}) == 1  # the same patient, seen from two workstations
    assert INS not in json.dumps(lines)


def test_who_wrote_before_pseudonyms_were_kept_is_linked_to_nobody(desk: Station) -> None:
    desk.act("2.25.1")
    with desk.database.write() as connection:
        connection.exec_driver_sql("DELETE FROM journal_patient")
    desk.book.copy()
    [line] = map(json.loads, desk.book.lines())
    assert line["patient"].startswith("?")


@pytest.mark.parametrize(
    "statement",
    ["UPDATE practice_journal SET number = 9", "DELETE FROM practice_journal", "TRUNCATE practice_journal"],
)
def test_the_database_refuses_to_change_it(desk: Station, server: ClinicDatabase, statement: str) -> None:
    desk.act("2.25.1")
    desk.book.copy()
    with pytest.raises(StorageError), server.write() as connection:
        connection.exec_driver_sql(statement)
    assert list(desk.book.verify()) == [desk.journal.station]


TAMPERED = {
    "changed": [r"UPDATE practice_journal SET sealed = '\x00' WHERE number = 2"],
    "removed": ["DELETE FROM practice_journal WHERE number = 2"],
    "reordered": [
        "UPDATE practice_journal SET number = 99 WHERE number = 2",
        "UPDATE practice_journal SET number = 2 WHERE number = 3",
        "UPDATE practice_journal SET number = 3 WHERE number = 99",
    ],
    "beheaded": [
        "DELETE FROM practice_journal WHERE number = 1",
        "UPDATE practice_journal SET number = number - 1",
    ],
    "of another": ["UPDATE practice_journal SET station = 'ffff'"],
}


@pytest.mark.parametrize("how", TAMPERED)
def test_below_the_triggers_it_is_found(desk: Station, doctor: Station, server: ClinicDatabase, how: str) -> None:
    desk.act("2.25.1", "2.25.2", "2.25.3")
    desk.book.copy()
    doctor.book.verify()
    untouched(server, *TAMPERED[how])
    with pytest.raises(StorageError, match="journal-broken"):
        doctor.book.verify()


def test_an_end_that_is_cut_off_is_found_by_who_noted_it(
    desk: Station, doctor: Station, server: ClinicDatabase
) -> None:
    desk.act("2.25.1", "2.25.2", "2.25.3")
    desk.book.copy()
    doctor.book.verify()
    untouched(server, "DELETE FROM practice_journal WHERE number > 1")
    with pytest.raises(StorageError, match="il en avait 3, il en reste 1"):
        doctor.book.verify()
    untouched(server, "DELETE FROM practice_journal")
    with pytest.raises(StorageError, match="il en reste 0"):
        doctor.book.verify()


def test_a_server_put_back_is_told_again_by_each_workstation_and_that_is_said_once(
    desk: Station, doctor: Station, server: ClinicDatabase
) -> None:
    desk.act("2.25.1", "2.25.2", "2.25.3")
    desk.book.copy()
    before = doctor.book.verify()
    untouched(server, "DELETE FROM practice_journal WHERE number > 1")
    desk.book.copy()
    assert doctor.book.verify() == before
    with pytest.raises(StorageError, match="n° 2 à 3"):
        desk.book.verify()
    assert desk.book.verify() == before
    assert HEADS in desk.kept.secrets


def test_two_processes_of_a_workstation_copy_nothing_twice(desk: Station, server: ClinicDatabase) -> None:
    desk.act("2.25.1", "2.25.2", "2.25.3")
    there = PracticeJournal(server, KEY)
    records = desk.journal.after(0, 9)
    assert there.append("one", 0, records[:2]) == 2
    assert there.append("one", 0, records) == 3
    assert there.append("one", 3, []) == 3
    assert there.verify()["one"][0] == 3


def test_nothing_of_a_person_is_in_clear(desk: Station, server: ClinicDatabase) -> None:
    desk.act("2.25.1")
    desk.book.copy()
    with server.read() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM practice_journal").all()
    with desk.database.read() as connection:
        rows += connection.exec_driver_sql("SELECT * FROM journal_patient").all()
    shown = b"".join(
        bytes(cell) if isinstance(cell, bytes | memoryview) else str(cell).encode() for row in rows for cell in row
    )
    assert desk.journal.station.encode() in shown
    assert [word for word in (INS, AUTHOR, "send", "2.25.1") if word.encode() in shown] == []


def test_all_the_acts_of_one_workstation_taken_away_are_missed_beside_those_that_stay(
    desk: Station, doctor: Station, server: ClinicDatabase
) -> None:
    desk.act("2.25.1", "2.25.2")
    doctor.act("2.25.3")
    desk.book.copy()
    doctor.book.copy()
    doctor.book.verify()
    untouched(server, f"DELETE FROM practice_journal WHERE station = '{desk.journal.station}'")
    with pytest.raises(StorageError, match=f"du poste {desk.journal.station[:8]} : il en avait 2, il en reste 0"):
        doctor.book.verify()


def test_acts_exchanged_between_two_workstations_are_found(
    desk: Station, doctor: Station, server: ClinicDatabase
) -> None:
    desk.act("2.25.1")
    doctor.act("2.25.2")
    desk.book.copy()
    doctor.book.copy()
    one, other = desk.journal.station, doctor.journal.station
    untouched(
        server,
        "UPDATE practice_journal SET station = 'x' WHERE station = '" + one + "'",
        f"UPDATE practice_journal SET station = '{one}' WHERE station = '{other}'",
        f"UPDATE practice_journal SET station = '{other}' WHERE station = 'x'",
    )
    with pytest.raises(StorageError, match="journal-broken"):
        doctor.book.verify()


def test_a_head_is_noted_with_each_batch_so_an_end_cut_off_before_any_look_is_missed(
    desk: Station, server: ClinicDatabase
) -> None:
    desk.act("2.25.1", "2.25.2")
    desk.book.copy()
    assert json.loads(desk.kept.secrets[HEADS])[desk.journal.station][0] == 2
    untouched(server, "DELETE FROM practice_journal WHERE number = 2")
    with pytest.raises(StorageError, match="journal-cut"):
        desk.book.verify()


def test_a_key_store_that_takes_no_head_keeps_no_act_from_the_server(desk: Station, server: ClinicDatabase) -> None:
    def full(_name: str, _secret: str) -> None:
        raise StorageError("keystore", "Le coffre du système ne répond pas.", "Réessayez.")

    desk.kept.set = full  # type: ignore[assignment]
    desk.act("2.25.1")
    assert desk.book.copy() == 1


def rounds(*stations: Station) -> None:
    for one in stations:
        one.book.copy()
        one.book.look()


def test_an_end_cut_off_is_noticed_by_the_others_at_their_next_round_and_told_until_it_is_read(
    desk: Station, doctor: Station, server: ClinicDatabase
) -> None:
    desk.act("2.25.1", "2.25.2", "2.25.3")
    doctor.act("2.25.4")
    rounds(desk, doctor)
    assert (doctor.book.found_fr, MISSED in doctor.kept.secrets) == ("", False)
    untouched(server, f"DELETE FROM practice_journal WHERE number > 1 AND station = '{desk.journal.station}'")
    rounds(doctor)
    where = f"poste {desk.journal.station[:8]} (n° 2 à 3)"
    assert where in doctor.book.found_fr
    rounds(desk, doctor)  # put back
    assert where in doctor.book.found_fr, "it was missing"
    restarted = PracticeBook(doctor.journal, doctor.kept, lambda: PracticeJournal(server, KEY), lambda: None)
    restarted.look()
    assert where in restarted.found_fr, "the next process tells it too"
    with pytest.raises(StorageError, match="journal-cut") as told:
        restarted.verify()
    assert where in told.value.message_fr
    assert restarted.found_fr == ""
    restarted.look()
    assert restarted.found_fr == "", "it is told once"
    assert restarted.verify()[desk.journal.station][0] == 3


def test_an_end_written_anew_is_noticed_whether_it_grew_or_not(
    desk: Station, doctor: Station, server: ClinicDatabase
) -> None:
    desk.act("2.25.1", "2.25.2")
    rounds(desk, doctor)
    station = desk.journal.station
    there, other = PracticeJournal(server, KEY), JournalRecord(START, AUTHOR, "send", document="2.25.9")
    untouched(server, f"DELETE FROM practice_journal WHERE number = 2 AND station = '{station}'")
    there.append(station, 1, [other])
    doctor.book.look()
    assert "l'acte n° 2" in doctor.book.found_fr
    third = PracticeBook(doctor.journal, Kept(), lambda: there, lambda: None)
    third.look()
    there.append(station, 2, [other])
    untouched(server, "UPDATE practice_journal SET chain = 'x' WHERE number = 2")
    third.look()
    assert "l'acte n° 2" in third.found_fr, "what was its end is within by now"


def test_what_another_workstation_adds_is_nothing_that_is_missing(desk: Station, doctor: Station) -> None:
    for number in range(3):
        desk.act(f"2.25.{number}")
        rounds(desk, doctor)
    assert (desk.book.found_fr, doctor.book.found_fr) == ("", "")
    assert doctor.book.verify() == desk.book.verify()


def test_a_round_reads_the_ends_alone_however_long_the_journal_is(server: ClinicDatabase) -> None:
    with server.write() as connection:
        acts = "SELECT 's' || mod(n, 5), n / 5 + 1, decode('00', 'hex'), decode('00', 'hex') FROM generate_series(0, 49999) n"
        connection.exec_driver_sql(f"INSERT INTO practice_journal {acts}")
        connection.exec_driver_sql("ANALYZE practice_journal")
    there = PracticeJournal(server, KEY)
    assert {station: head[0] for station, head in there.heads().items()} == {f"s{n}": 10_000 for n in range(5)}
    with server.read() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {_HEADS.text}").scalar_one()
    read = max(node["Actual Rows"] for node in nodes(plan[0]["Plan"]))
    assert read <= 12, plan


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)
