"""A backup: consistent while others write, without what was read of records, closed to who has no key of it."""

from __future__ import annotations

import json
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from dmp_desktop.errors import ContextError, StorageError
from dmp_desktop.storage.backup_file import extracted, open_with_code, open_with_station, read_header
from dmp_desktop.storage.journal import Journal
from dmp_desktop.storage.outbox import OutboxStore
from dmp_desktop.storage.preferences import PreferenceStore
from dmp_desktop.storage.sealing import Seal
from tests.helpers.clock import START
from tests.helpers.outbox import AUTHOR, INS, KEY, PATIENT, built
from tests.helpers.station_files import SECRET, Station, new

OTHER = bytes(32)


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    with Station(tmp_path / "home") as station:
        yield station


def test_it_holds_both_files_and_the_settings(station: Station, tmp_path: Path) -> None:
    station.fill()
    (station.paths.home / "settings.json").write_text('{"undo_seconds": 7}')
    with station.database.write() as connection:
        connection.exec_driver_sql("INSERT INTO cached_document VALUES ('2.25.1', 'k', 'p', x'00', 1)")
    path = station.backups.make()
    opened = open_with_station(path, KEY)
    assert opened.station == KEY
    with extracted(path, opened, tmp_path) as (base, outbox, files):
        store = OutboxStore(outbox, Seal(KEY, "outbox"))
        assert store.items() == station.outbox.items()
        assert [store.document(item.id) for item in store.items()] == [built(n).cda for n in (3, 2, 1)]
        assert Journal(base, Seal(KEY, "journal"), KEY).verify() == station.journal.verify()
        assert PreferenceStore(base, Seal(KEY, "preference")).get(AUTHOR, "habits") == {"tab": 2}
        with base.read() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM cached_document").scalar_one() == 0
            assert "journal_no_delete" in connection.exec_driver_sql("SELECT name FROM sqlite_master").scalars().all()
        assert json.loads(files["settings.json"]) == {"undo_seconds": 7}
    assert sorted(one.name for one in tmp_path.iterdir()) == ["home"], "nothing taken out of it remains"


def test_nothing_of_a_patient_can_be_read_in_it(station: Station) -> None:
    station.fill(text="douleur thoracique")
    content = station.backups.make().read_bytes()
    assert b"sauvegarde.json" in content
    for word in (PATIENT.birth_family, INS, AUTHOR, "thoracique", "Compte rendu", "2.25.1"):
        assert word.encode() not in content


def test_the_recovery_code_opens_it_elsewhere(station: Station) -> None:
    path = station.backups.make()
    assert open_with_code(path, SECRET) == open_with_station(path, KEY)


@pytest.mark.parametrize(
    ("opening", "code"),
    [
        (lambda path: open_with_station(path, OTHER), "backup-other"),
        (lambda path: open_with_code(path, OTHER), "backup-other-practice"),
    ],
)
def test_another_key_and_another_practice_are_refused_in_a_sentence(station: Station, opening, code: str) -> None:
    path = station.backups.make()
    with pytest.raises(ContextError) as refused:
        opening(path)
    assert refused.value.code == code
    assert refused.value.remedy_fr


@pytest.mark.parametrize("content", [b"", b"PK\x05\x06" + bytes(18), b"x" * 500])
def test_what_is_no_backup_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(ContextError, match="backup-unreadable"):
        read_header(tmp_path / "a")


def test_a_changed_header_opens_nothing(station: Station, tmp_path: Path) -> None:
    """Another date would pass an old state off for a recent one."""
    path = station.backups.make()
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(tmp_path / "b", "w") as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, content.replace(b"2026-11", b"2026-12") if name.endswith(".json") else content)
    assert read_header(tmp_path / "b").moment != read_header(path).moment
    with pytest.raises(ContextError, match="backup-other"):
        open_with_station(tmp_path / "b", KEY)


def test_damage_in_it_is_found_before_it_is_used(station: Station, tmp_path: Path) -> None:
    station.fill()
    path = station.backups.make()
    opened = open_with_station(path, KEY)
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(tmp_path / "b", "w") as target:
        for name in source.namelist():
            content = bytearray(source.read(name))
            if name == "envoi.db":
                content[5000] ^= 1
            target.writestr(name, bytes(content))
    with (
        pytest.raises(ContextError, match="backup-unreadable"),
        extracted(tmp_path / "b", opened, tmp_path),
    ):
        pass


def test_it_is_of_one_moment_while_others_write(station: Station, tmp_path: Path) -> None:
    """Each document has one act in the journal, written before: what a backup has of the outbox it may lack of the journal only at
    its end, and every document is whole."""
    ended = threading.Event()

    def write() -> None:
        number = 0
        while not ended.is_set():
            number += 1
            station.outbox.add(new(number, "x" * 3000), START, START)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        paths = [station.backups.make() for _ in range(4)]
    finally:
        ended.set()
        writer.join()
    counts = []
    for path in paths:
        with extracted(path, open_with_station(path, KEY), tmp_path) as (_base, outbox, _files):
            store = OutboxStore(outbox, Seal(KEY, "outbox"))
            items = store.items()[::-1]
            assert [item.unique_id for item in items] == [f"2.25.{number}" for number in range(1, len(items) + 1)]
            assert all(store.document(item.id) for item in items)
            counts.append(len(items))
    assert counts == sorted(counts)
    assert counts[-1] > 0
    station.file.check()


def test_a_damaged_page_is_told_and_leaves_no_half_of_a_backup(station: Station) -> None:
    station.fill(40, "x" * 3000)
    station.close()
    path = station.paths.outbox
    content = bytearray(path.read_bytes())
    for page in range(8, 30):
        content[page * 4096 : page * 4096 + 4096] = b"\xff" * 4096
    path.write_bytes(content)
    with Station(station.home) as again:
        with pytest.raises(StorageError, match="storage-damaged"):
            again.backups.make()
        assert again.backups.failed
        assert list(again.paths.backups.iterdir()) == []


def test_the_pages_of_the_copy_are_of_its_own_key(station: Station, tmp_path: Path) -> None:
    path = station.backups.make()
    with zipfile.ZipFile(path) as archive:
        archive.extract("base.db", tmp_path)
    from dmp_desktop.storage.database import encrypted

    with encrypted(tmp_path / "base.db", KEY) as wrong, pytest.raises(StorageError), wrong.read() as connection:
        connection.execute(sa.text("SELECT count(*) FROM sqlite_master"))
