"""Damage at any page: what can be read is carried over, a backup fills the rest, nothing is sent twice nor given up in silence."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

import pytest

from dmp_desktop.domain.outbox import OutboxState, WaitingFor
from dmp_desktop.storage.backup_file import extracted, open_with_station
from dmp_desktop.storage.outbox import Outcome
from dmp_desktop.storage.outbox_file import PUT_APART
from dmp_desktop.storage.rebuild import Rebuilt, rebuild
from tests.helpers.clock import START
from tests.helpers.outbox import AUTHOR, KEY, built
from tests.helpers.station_files import Station, new

PAGE = 4096


def damage(path: Path, *pages: int) -> None:
    content = bytearray(path.read_bytes())
    for page in pages:
        content[page * PAGE : (page + 1) * PAGE] = bytes(
            byte ^ 0x5A for byte in content[page * PAGE : (page + 1) * PAGE]
        )
    path.write_bytes(content)


def again(home: Path, backup: Path | None = None) -> tuple[Rebuilt, Path]:
    """The files of `home`, made anew beside it."""
    folder = home.parent / "new"
    folder.mkdir()
    one, two = home / "dmp-desktop.db", home / "boite-envoi.db"
    if backup is None:
        return rebuild(folder, one, two, KEY), folder
    with extracted(backup, open_with_station(backup, KEY), home.parent) as (base, outbox, _files):
        return rebuild(folder, one, two, KEY, (base, outbox)), folder


def filled(home: Path, count: int = 40) -> Path | None:
    with Station(home) as station:
        station.fill(count, "x" * 2000)
        return station.backups.make()


def test_sound_files_come_through_as_they_are(tmp_path: Path) -> None:
    filled(tmp_path / "home")
    with Station(tmp_path / "home") as station:
        before = station.outbox.items(), station.journal.verify()
    told, folder = again(tmp_path / "home")
    assert not told.damaged
    with Station(folder) as station:
        assert (station.outbox.items(), station.journal.verify()) == before
        assert station.preferences.get(AUTHOR, "habits") == {"tab": 2}
        assert station.outbox.add(new(99), START, START).id == 41  # numbers go on


@pytest.mark.parametrize("seed", range(4))
def test_pages_anywhere_of_the_outbox_lose_only_what_was_on_them(tmp_path: Path, seed: int) -> None:
    filled(tmp_path / "home")
    file = tmp_path / "home" / "boite-envoi.db"
    pages = random.Random(seed).sample(range(1, file.stat().st_size // PAGE), 3)
    damage(file, *pages)
    told, folder = again(tmp_path / "home")
    with Station(folder) as station:
        read = station.uids()
        whole = [item for item in station.outbox.items() if item.code != "storage-damaged"]
        for item in whole:
            assert station.outbox.document(item.id) == built(int(item.unique_id[5:]), "x" * 2000).cda
            assert item.in_doubt or not told.damaged, "a page may be of an earlier moment"
        assert len(read) >= 10


def test_whatever_is_damaged_the_backup_fills_it(tmp_path: Path) -> None:
    backup = filled(tmp_path / "home")
    for name in ("dmp-desktop.db", "boite-envoi.db"):
        (tmp_path / "home" / name).write_bytes(b"x" * 5000)
    told, folder = again(tmp_path / "home", backup)
    assert told.documents == 40
    with Station(folder) as station:
        assert len(station.uids()) == 40
        assert all(item.in_doubt for item in station.outbox.items())
        assert station.journal.verify()[0] == 40
        assert station.preferences.get(AUTHOR, "habits") == {"tab": 2}
        assert station.outbox.add(new(99), START, START).id == 41


def test_what_is_there_wins_over_the_backup(tmp_path: Path) -> None:
    """Sent since: known as sent. Newer than the backup: kept. Damaged: from the backup, in doubt."""
    with Station(tmp_path / "home") as station:
        station.fill(3)
        backup = station.backups.make()
        first, second = station.outbox.items()[::-1][:2]
        station.outbox.claim(first.id, "me", START, timedelta(minutes=5))
        station.outbox.settle({first.id: Outcome(OutboxState.SENT, proof="urn:uuid:1")}, "me", START)
        station.outbox.add(new(4), START, START)
        station.preferences.put(AUTHOR, "habits", {"tab": 3})
        with station.file.write() as connection:
            connection.exec_driver_sql(PUT_APART)
            connection.exec_driver_sql(f"UPDATE outbox_document SET sealed = x'00' WHERE item_id = {second.id}")
    told, folder = again(tmp_path / "home", backup)
    assert (told.documents, told.unreadable) == (1, 0)
    with Station(folder) as station:
        items = {item.unique_id: item for item in station.outbox.items()}
        assert sorted(items) == ["2.25.1", "2.25.2", "2.25.3", "2.25.4"]
        assert (items["2.25.1"].state, items["2.25.1"].in_doubt) == (OutboxState.SENT, False)
        assert (items["2.25.2"].in_doubt, items["2.25.3"].in_doubt) == (True, False)
        assert station.outbox.document(items["2.25.2"].id) == built(2).cda
        assert station.preferences.get(AUTHOR, "habits") == {"tab": 3}


def test_what_could_still_be_taken_back_waits_for_somebody(tmp_path: Path) -> None:
    """It may have been taken back since: it does not leave by itself."""
    with Station(tmp_path / "home") as station:
        station.outbox.add(new(1), START, START + timedelta(seconds=30))
        station.outbox.add(new(2), START, START)
        station.outbox.claim(2, "me", START, timedelta(minutes=5))
        backup = station.backups.make()
    for name in ("dmp-desktop.db", "boite-envoi.db"):
        (tmp_path / "home" / name).unlink()
    told, folder = again(tmp_path / "home", backup)
    with Station(folder) as station:
        sending, undoable = station.outbox.items()
        assert (undoable.waiting_for, undoable.in_doubt) == (WaitingFor.HOLD, True)
        assert (sending.state, sending.in_doubt) == (OutboxState.WAITING, True)
        assert station.outbox.due(START) == [(AUTHOR, sending.id)]
    assert told.documents == 2


def test_what_no_backup_has_stays_listed_as_unreadable(tmp_path: Path) -> None:
    with Station(tmp_path / "home") as station:
        station.fill(2)
        with station.file.write() as connection:
            connection.exec_driver_sql(PUT_APART)
            connection.exec_driver_sql("DELETE FROM outbox_document WHERE item_id = 1")
    told, folder = again(tmp_path / "home")
    assert told.unreadable == 1
    with Station(folder) as station, station.file.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM outbox").scalar_one() == 2


def test_drafts_come_back(tmp_path: Path) -> None:
    from tests.helpers.drafts import DOCTOR, Desk, draft

    (tmp_path / "home").mkdir()
    desk = Desk(tmp_path / "home" / "dmp-desktop.db")
    desk.keys.come(DOCTOR)
    desk.keep(draft(1, "Toux."))
    desk.database.close()
    with Station(tmp_path / "home") as station:
        backup = station.backups.make()
    (tmp_path / "home" / "dmp-desktop.db").write_bytes(b"")
    _told, folder = again(tmp_path / "home", backup)
    desk = Desk(folder / "dmp-desktop.db")
    desk.keys.come(DOCTOR)
    assert desk.texts() == ["Toux."]
    desk.database.close()


def test_a_document_in_both_places_of_a_damaged_file_stops_nothing(tmp_path: Path) -> None:
    """A page of the moment before it was put apart, beside one of the moment after."""
    with Station(tmp_path / "home") as station:
        station.outbox.add(new(1), START, START)
        with station.file.write() as connection:
            connection.exec_driver_sql("INSERT INTO outbox_document SELECT id, sealed FROM outbox")
    told, folder = again(tmp_path / "home")
    assert told.unreadable == 0
    with Station(folder) as station:
        assert station.outbox.document(1) == new(1).cda
