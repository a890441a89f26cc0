"""Rows that workstations share, each with a real database of its own, over a real PostgreSQL: nothing lost, conflicts shown."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dmp_desktop.domain.shared import LocalRow, SharedRow
from dmp_desktop.errors import StorageError
from dmp_desktop.services.clinic_share import ClinicShare
from dmp_desktop.storage.clinic import ClinicDatabase
from dmp_desktop.storage.clinic_address import ClinicAddress
from dmp_desktop.storage.clinic_migrations import MIGRATIONS, Migration
from dmp_desktop.storage.clinic_rows import SharedRows
from dmp_desktop.storage.clinic_rows_server import ClinicRows
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.sealing import Seal
from dmp_desktop.storage.store import Store
from tests.helpers.breaking import Breaking, Cut
from tests.helpers.clock import START, FakeClock
from tests.helpers.outbox import FINGERPRINT, KEY
from tests.helpers.postgres import PASSWORD, Cluster

PRACTICE = Seal(KEY, "shared")
HOUR = timedelta(hours=1)
DESK, DOCTOR = "399700000000001", "810002422979"


class Dictionary:
    """A store of one kind: what is in `held`. `moved` is what somebody writes while others' changes are being taken."""

    name = "arrival"
    keeps_history = True

    def __init__(self) -> None:
        self.held: dict[str, dict[str, Any]] = {}
        self.by = DESK
        self.until: datetime | None = None
        self.moved: dict[str, dict[str, Any]] = {}

    def rows(self) -> Iterable[LocalRow]:
        return [LocalRow(name, values, self.by, self.until) for name, values in self.held.items()]

    def take(self, row: SharedRow, known: Mapping[str, Any]) -> bool:
        self.held.update(self.moved)
        self.moved = {}
        if self.held.get(row.name, {}) != known:
            return False
        self.held[row.name] = row.values
        return True


class Station:
    def __init__(self, folder: Path, number: int, server: Store) -> None:
        self.clock = FakeClock()
        self.database = Database.open(folder / f"{number}.db", bytes([number]) * 32)
        self.rows = SharedRows(self.database, Seal(bytes([number]) * 32, "shared"))
        self.kind = Dictionary()
        self.came: list[set[str]] = []
        self.share = ClinicShare(self.rows, [self.kind], self.clock, self.came.append)
        self.server = ClinicRows(server, PRACTICE)

    def look(self) -> None:
        self.share.step(self.server)

    def row(self, name: str = "one") -> SharedRow:
        return self.rows.row("arrival", name)


@pytest.fixture
def address(url: str) -> ClinicAddress:
    return ClinicAddress.parse(url)


@pytest.fixture
def server(address: ClinicAddress) -> Iterator[ClinicDatabase]:
    with ClinicDatabase.open(address, PASSWORD, FINGERPRINT) as database:
        yield database


@pytest.fixture
def make(tmp_path: Path, server: ClinicDatabase) -> Iterator[Callable[..., Station]]:
    made: list[Station] = []

    def make(wrap: Callable[[Store], Store] = lambda store: store) -> Station:
        made.append(Station(tmp_path, len(made) + 1, wrap(server)))
        return made[-1]

    yield make
    for one in made:
        one.database.close()


@pytest.fixture
def desk(make: Callable[..., Station]) -> Station:
    return make()


@pytest.fixture
def doctor(make: Callable[..., Station]) -> Station:
    station = make()
    station.kind.by = DOCTOR
    return station


def meet(*stations: Station) -> None:
    """Each looks twice: what the last one said has come to all."""
    for _ in range(2):
        for one in stations:
            one.look()


def test_what_one_says_the_other_has_with_who_said_it(desk: Station, doctor: Station) -> None:
    desk.kind.held["one"] = {"stage": "arrived", "seen": ["TEST-A"]}
    meet(desk, doctor)
    assert doctor.kind.held == desk.kind.held
    assert doctor.row().said["stage"].by == DESK
    assert doctor.came == [{"arrival"}]
    assert desk.came == []
    doctor.kind.held["one"] = {"stage": "handed", "seen": ["TEST-A"]}
    meet(doctor, desk)
    assert desk.kind.held["one"]["stage"] == "handed"
    assert next((field, said.value, said.by) for field, said in desk.rows.history("arrival", "one")) == (
        "stage",
        "handed",
        DOCTOR,
    )
    assert not desk.share.conflicts()


def test_fields_that_two_change_at_once_are_both_kept(desk: Station, doctor: Station) -> None:
    desk.kind.held["one"] = {"stage": "expected", "dmp": None}
    meet(desk, doctor)
    desk.kind.held["one"] = {"stage": "arrived", "dmp": None}
    doctor.kind.held["one"] = {"stage": "expected", "dmp": "exists"}
    meet(desk, doctor)
    assert desk.kind.held == doctor.kind.held == {"one": {"stage": "arrived", "dmp": "exists"}}
    assert not doctor.row().conflicts


def test_one_field_that_two_change_at_once_is_a_conflict_until_somebody_settles_it(
    desk: Station, doctor: Station
) -> None:
    desk.kind.held["one"] = {"stage": "expected"}
    meet(desk, doctor)
    desk.kind.held["one"] = {"stage": "absent"}
    doctor.kind.held["one"] = {"stage": "seen"}
    doctor.clock.advance(60)
    desk.share.share(desk.kind)
    doctor.share.share(doctor.kind)
    doctor.clock.set_back(60)
    meet(desk, doctor, desk)
    for one in (desk, doctor):
        assert one.kind.held["one"] == {"stage": "seen"}
        assert [(said.value, said.by) for said in one.row().conflicts["stage"]] == [("absent", DESK)]
    desk.kind.held["one"] = {"stage": "arrived"}
    meet(desk, doctor)
    assert not doctor.row().conflicts
    assert doctor.kind.held["one"] == {"stage": "arrived"}
    assert {said.value for _, said in doctor.rows.history("arrival", "one")} == {
        "expected",
        "absent",
        "seen",
        "arrived",
    }


def test_what_is_written_while_others_changes_come_is_not_written_over(desk: Station, doctor: Station) -> None:
    desk.kind.held["one"] = {"stage": "expected", "dmp": None}
    meet(desk, doctor)
    desk.kind.held["one"] = {"stage": "arrived", "dmp": None}
    desk.look()
    doctor.kind.moved = {"one": {"stage": "expected", "dmp": "exists"}}
    doctor.look()
    assert doctor.kind.held["one"] == {"stage": "expected", "dmp": "exists"}
    meet(doctor, desk)
    assert desk.kind.held == doctor.kind.held == {"one": {"stage": "arrived", "dmp": "exists"}}


def test_without_the_server_each_goes_on_and_they_agree_afterwards(
    desk: Station, doctor: Station, postgres: Cluster
) -> None:
    meet(desk, doctor)
    postgres.stop()
    try:
        for number, station in enumerate((desk, doctor)):
            station.kind.held[f"row {number}"] = {"stage": "arrived"}
            with pytest.raises(StorageError, match="clinic-unreachable"):
                station.look()
    finally:
        postgres.start()
    meet(desk, doctor)
    assert desk.kind.held == doctor.kind.held
    assert set(desk.kind.held) == {"row 0", "row 1"}


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize(("side", "at"), [("here", at) for at in range(1, 9)] + [("server", 1), ("server", 2)])
def test_a_round_that_is_cut_anywhere_loses_and_doubles_nothing(
    make: Callable[..., Station], side: str, at: int, before: bool
) -> None:
    other = make()
    other.kind.held["two"] = {"stage": "arrived"}
    other.look()
    cut = make()
    cut.kind.held["one"] = {"stage": "arrived"}
    if side == "here":
        cut.rows._database = Breaking(cut.database, at, before=before)  # type: ignore[assignment] # where a process ends
    else:
        cut.server._database = Breaking(cut.server._database, at, before=before)
    with suppress(Cut):
        cut.look()
    cut.rows._database = cut.database
    cut.server = other.server
    meet(cut, other)
    assert cut.kind.held == other.kind.held == {"one": {"stage": "arrived"}, "two": {"stage": "arrived"}}
    assert len(other.rows.history("arrival", "one")) == len(cut.rows.history("arrival", "two")) == 1


def test_a_clock_that_runs_ahead_does_not_win_over_what_is_said_later(desk: Station, doctor: Station) -> None:
    desk.kind.held["one"] = {"stage": "expected"}
    meet(desk, doctor)
    desk.clock.advance(10 * 365 * 86400)
    desk.kind.held["one"] = {"stage": "absent"}
    desk.look()
    doctor.clock.advance(60)
    doctor.kind.held["one"] = {"stage": "arrived"}  # without having seen it
    meet(doctor, desk)
    assert [one.row().values for one in (desk, doctor)] == [{"stage": "arrived"}] * 2


def test_a_server_that_was_lost_is_told_everything_anew(desk: Station, doctor: Station, server: ClinicDatabase) -> None:
    desk.kind.held["one"] = {"stage": "arrived"}
    meet(desk, doctor)
    with server.write() as connection:  # another database, empty
        connection.exec_driver_sql("DELETE FROM shared_change")
        connection.exec_driver_sql("UPDATE shared_log SET epoch = 'another', last = 0")
    doctor.look()
    with server.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM shared_change").scalar_one() == 1
    meet(desk, doctor)
    assert len(desk.rows.history("arrival", "one")) == 1


def test_what_may_be_forgotten_is_forgotten_everywhere(desk: Station, doctor: Station, server: ClinicDatabase) -> None:
    desk.kind.until = START + HOUR
    desk.kind.held["one"] = {"stage": "arrived"}
    meet(desk, doctor)
    for one in (desk, doctor):
        one.clock.advance(7200)
        one.kind.held.clear()
        one.look()
        assert one.rows.rows("arrival") == []
    with server.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM shared_change").scalar_one() == 0


def test_a_kind_without_history_keeps_its_last_word_only(
    desk: Station, doctor: Station, server: ClinicDatabase
) -> None:
    for one in (desk, doctor):
        one.kind.keeps_history = False
    for value in range(5):
        desk.kind.held["one"] = {"order": value}
        meet(desk, doctor)
    assert [said.value for _, said in doctor.rows.history("arrival", "one")] == [4]
    assert [said.value for _, said in desk.rows.history("arrival", "one")] == [4]
    with server.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM shared_change").scalar_one() == 1


def test_workstations_with_two_versions_share_at_once(desk: Station, address: ClinicAddress, tmp_path: Path) -> None:
    """One was updated first and made room for what it will say; the other goes on, in the session it had."""
    desk.kind.held["one"] = {"stage": "arrived"}
    desk.look()
    later = Migration("ALTER TABLE shared_change ADD COLUMN later TEXT;\nCREATE TABLE of_later (x TEXT);\n")
    with ClinicDatabase.open(address, PASSWORD, FINGERPRINT, migrations=(*MIGRATIONS, later)) as newer:
        updated = Station(tmp_path, 9, newer)
        with updated.database:
            updated.kind.held["two"] = {"stage": "handed", "new": "field"}
            stations = [desk, updated]
            threads = [threading.Thread(target=station.look) for station in stations]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(60)
            meet(desk, updated)
            assert desk.kind.held == updated.kind.held
            assert desk.kind.held["two"] == {"stage": "handed", "new": "field"}


def test_a_change_that_does_not_open_bars_no_other(desk: Station, doctor: Station, server: ClinicDatabase) -> None:
    for name in ("one", "two"):
        desk.kind.held[name] = {"stage": "arrived"}
    desk.look()
    with server.write() as connection:
        connection.exec_driver_sql("UPDATE shared_change SET sealed = '\\x00' WHERE number = 1")
    doctor.look()
    assert doctor.kind.held == {"two": {"stage": "arrived"}}


def test_nothing_of_a_patient_or_a_person_is_in_clear(desk: Station, server: ClinicDatabase, tmp_path: Path) -> None:
    desk.kind.held["TEST-PATIENTE 279035121518989"] = {"name": "TEST-PATIENTE"}
    desk.look()
    with server.read() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM shared_change").all()
    shown = repr([bytes(cell) if isinstance(cell, memoryview) else cell for row in rows for cell in row])
    with desk.database.read() as connection:
        shown += repr(connection.exec_driver_sql("SELECT * FROM shared_change").all())
    assert "arrival" in shown
    assert [word for word in ("TEST-PATIENTE", "279035121518989", DESK, "name") if word in shown] == []
    assert "TEST-PATIENTE" not in repr(desk.rows.row("arrival", "TEST-PATIENTE 279035121518989"))
