"""The first page of a file is gone: everything else of it is read all the same, by the plan kept beside it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from dmp_desktop.errors import StorageError
from dmp_desktop.platform.paths import Paths
from dmp_desktop.services.repair import open_files
from dmp_desktop.services.repair_report import report_of
from dmp_desktop.storage import plan
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.journal import Journal
from dmp_desktop.storage.outbox import OutboxStore
from dmp_desktop.storage.preferences import PreferenceStore
from dmp_desktop.storage.sealing import Seal
from tests.helpers.clock import FakeClock
from tests.helpers.outbox import AUTHOR, KEY, built
from tests.helpers.station_files import Station

COUNT = 40
DAMAGE = {"all of it": (0, 4096), "its beginning": (0, 16), "its header": (16, 84), "its end": (2000, 2096)}


def left(folder: Path, *, with_log: bool) -> Paths:
    """The files as a workstation leaves them, or as a cut does: what came last is in the log alone."""
    with Station(folder / "there") as station:
        station.fill(COUNT, "Toux. " * 100)
        plan.note(station.paths.database, station.database, KEY)
        plan.note(station.paths.outbox, station.file)
        if with_log:
            for file in (station.database, station.file):
                with file.read() as connection:
                    connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            station.preferences.put(AUTHOR, "last", {"tab": 3})
            shutil.copytree(folder / "there", folder / "home", ignore=shutil.ignore_patterns("*-shm"))
    if not with_log:
        shutil.copytree(folder / "there", folder / "home")
    return Paths(folder / "home")


def spoil(path: Path, where: tuple[int, int]) -> None:
    start, size = where
    content = bytearray(path.read_bytes())
    content[start : start + size] = b"x" * size
    path.write_bytes(content)


def opened(paths: Paths):
    def keys():
        raise AssertionError("no backup is made of what is damaged")

    return open_files(paths, keys, KEY, FakeClock(), lambda: True, "test")


@pytest.mark.parametrize("where", DAMAGE)
@pytest.mark.parametrize("names", [("boite-envoi.db",), ("dmp-desktop.db",), ("boite-envoi.db", "dmp-desktop.db")])
def test_all_the_rest_is_there(tmp_path: Path, where: str, names: tuple[str, ...]) -> None:
    paths = left(tmp_path, with_log=False)
    for name in names:
        spoil(paths.home / name, DAMAGE[where])
    files = opened(paths)
    with files.database as database, files.outbox as outbox:
        store = OutboxStore(outbox, Seal(KEY, "outbox"))
        items = store.items()
        assert sorted(item.unique_id for item in items) == sorted(f"2.25.{one}" for one in range(1, COUNT + 1))
        assert store.document(items[-1].id) == built(1, "Toux. " * 100).cda
        assert Journal(database, Seal(KEY, "journal"), KEY).verify()[0] == COUNT
        assert PreferenceStore(database, Seal(KEY, "preference")).get(AUTHOR, "habits") == {"tab": 2}
        if files.repair and files.repair.told and files.repair.told.outbox.damaged:
            assert all(item.in_doubt for item in items), "the DMP is asked before anything of it is sent"
            assert plan.FIRST_PAGE in report_of(files.repair)
    assert plan.noted(paths.outbox) is not None


def test_what_the_log_alone_holds_comes_too(tmp_path: Path) -> None:
    paths = left(tmp_path, with_log=True)
    assert paths.database.with_name("dmp-desktop.db-wal").stat().st_size > 0
    spoil(paths.database, DAMAGE["all of it"])
    files = opened(paths)
    with files.database as database, files.outbox:
        assert PreferenceStore(database, Seal(KEY, "preference")).get(AUTHOR, "last") == {"tab": 3}


def test_without_a_plan_nothing_of_it_is_read(tmp_path: Path) -> None:
    """What the plan is for."""
    paths = left(tmp_path, with_log=False)
    for one in paths.home.glob("*.plan.json"):
        one.unlink()
    spoil(paths.outbox, DAMAGE["all of it"])
    files = opened(paths)
    with files.database, files.outbox as outbox:
        assert OutboxStore(outbox, Seal(KEY, "outbox")).items() == []


def test_another_key_is_not_taken_for_damage(tmp_path: Path) -> None:
    paths = left(tmp_path, with_log=False)
    before = paths.database.read_bytes()
    with pytest.raises(StorageError, match="storage-key"):
        open_files(paths, lambda: None, bytes(32), FakeClock(), lambda: True, "test")  # type: ignore[arg-type,return-value]
    assert paths.database.read_bytes() == before
    Database.open(paths.database, KEY).close()
