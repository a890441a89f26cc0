"""The power goes: whatever the disk makes of what was not flushed, the databases open and hold all that was acknowledged.

`DMP_CUTS=20000` for a long campaign; `DMP_SEED` plays one again, on the same record.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from dmp_desktop.domain.outbox import OutboxState
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.platform.storage_key import storage_key
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.outbox import OutboxStore
from dmp_desktop.storage.outbox_file import OutboxFile
from dmp_desktop.storage.preferences import PreferenceStore
from dmp_desktop.storage.sealing import Seal
from tests.helpers.outbox import KEY
from tests.helpers.power_victim import DATABASE, OUTBOX, SENT, content, keystore
from tests.helpers.recorded_files import Disk, Operation, Record, library, records

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="LD_PRELOAD: Linux only")


class Day:
    """What the storage asked of the disk, in order."""

    def __init__(self, folder: Path) -> None:
        self.place = folder / "poste"
        self.place.mkdir(mode=0o700)
        self.inode = self.place.stat().st_ino
        told = {"PYTHONPATH": str(ROOT), "LD_PRELOAD": str(library(folder))}
        told |= {"DMP_TEST_FOLDER": str(self.place), "DMP_TEST_RECORD": str(folder / "record")}
        command = [sys.executable, str(ROOT / "tests" / "helpers" / "power_victim.py"), str(self.place)]
        subprocess.run(command, env=told, check=True)
        self.records = list(records(folder / "record"))

    def losses(self, cuts: int, into: Path, records: Sequence[Record]) -> list[str]:
        """What is not there as it was acknowledged, after each of so many cuts at random moments."""
        seed = int(os.environ.get("DMP_SEED", random.SystemRandom().randrange(1 << 32)))
        print(f"DMP_SEED={seed}, {cuts} cuts in {len(records)} records")
        chance = random.Random(seed)
        moments = sorted(chance.choices(range(len(records)), k=cuts))
        disk, fed, found = Disk(self.place, self.inode), 0, []
        for number, moment in enumerate(moments):
            for record in records[fed : moment + 1]:
                disk.feed(record)
            fed = moment + 1
            left = into / str(number)
            left.mkdir()
            disk.cut(left, chance)
            found += [f"record {moment}: {what}" for what in missing(left, disk.acknowledged)]
            shutil.rmtree(left)
        return found


def missing(left: Path, acknowledged: Sequence[int]) -> list[str]:
    """Everything is opened as the program does at its next start."""
    documents = [number for number in acknowledged if number < SENT]
    try:
        key = storage_key(keystore(left), left / DATABASE)
        with Database.open(left / DATABASE, key) as database, OutboxFile.of(left / OUTBOX) as file:
            database.check()
            file.check()
            store = OutboxStore(file, Seal(KEY, "outbox"))
            items = {item.unique_id: item for item in store.items()}
            lost = [f"document {one}" for one in documents if f"2.25.{one}" not in items]
            if lost:
                return lost
            told_sent = [items[f"2.25.{one - SENT}"] for one in acknowledged if one >= SENT]
            lost += [f"{item.unique_id} was sent" for item in told_sent if item.state is not OutboxState.SENT]
            last = [
                number for number in documents[-3:] if store.document(items[f"2.25.{number}"].id) != content(number)
            ]
            kept = (PreferenceStore(database, Seal(KEY, "preferences")).get("owner", "essai") or {}).get("until", -1)
    except DmpDesktopError as error:
        return [error.code]
    return lost + [f"bytes of {one}" for one in last] + ([f"note {kept}"] if documents and kept < documents[-1] else [])


@pytest.fixture
def left() -> Iterator[Path]:
    """For what disks are left with: in memory where there is a place for it, no flush of ours is measured."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Day:
    return Day(tmp_path_factory.mktemp("day"))


def test_what_was_acknowledged_is_there_after_a_power_cut(day: Day, left: Path) -> None:
    assert day.losses(50, left, day.records) == []


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_nor_is_anything_lost_by_thousands_of_cuts(day: Day, left: Path) -> None:
    cuts = int(os.environ.get("DMP_CUTS", "1500"))
    assert day.losses(cuts, left, day.records) == []


def test_a_disk_that_does_not_flush_is_found_out(day: Day, left: Path) -> None:
    """The measure itself: without the barriers, the same cuts lose documents."""
    lied = [record for record in day.records if record.operation is not Operation.FLUSH or record.inode == day.inode]
    assert day.losses(30, left, lied)


NUMBER = 7
FORMER, LATER = "/poste/former-wal", "/poste/later-wal"


def a_number_used_again(folder: Path, *, flushed: bool) -> Disk:
    """A file is gone, its name for good if `flushed`, and what is made next is given its number."""
    disk = Disk(folder, folder_inode=1)
    told = [
        Record(Operation.NAME, NUMBER, 0, FORMER, b""),
        Record(Operation.FLUSH, 1, 0, "", b""),
        Record(Operation.WRITE, NUMBER, 0, "", b"frames of another database"),
        Record(Operation.FLUSH, NUMBER, 0, "", b""),
        Record(Operation.FORGET, 0, 0, FORMER, b""),
        *([Record(Operation.FLUSH, 1, 0, "", b"")] if flushed else []),
        Record(Operation.NAME, NUMBER, 0, LATER, b""),
    ]
    for record in told:
        disk.feed(record)
    return disk


@pytest.mark.parametrize("flushed", [True, False])
def test_a_new_file_has_nothing_of_the_one_whose_number_it_was_given(left: Path, flushed: bool) -> None:
    """A log begun anew in the place of another database's was told "damaged" by the measure, not by the disk."""
    chance, found = random.Random(1), set()
    for number in range(40):
        into = left / str(number)
        into.mkdir()
        a_number_used_again(Path("/poste"), flushed=flushed).cut(into, chance)
        found |= {(file.name, file.read_bytes()) for file in into.iterdir()}
    former = set() if flushed else {("former-wal", b"frames of another database")}
    assert found == former | {("later-wal", b"")}
