"""One backup a day, the oldest go, those asked for stay."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from dmp_desktop.errors import StorageError
from dmp_desktop.services.backup import KEPT, BackupKind, Backups, BackupSource
from dmp_desktop.services.repair_report import DAMAGE, RESTORED, Repair
from dmp_desktop.storage.database import Database, engine, new_file
from dmp_desktop.storage.rebuild import Rebuilt
from dmp_desktop.storage.tables import Carried
from tests.helpers.clock import START
from tests.helpers.station_files import Station


def test_one_a_day_and_the_oldest_go(tmp_path: Path) -> None:
    with Station(tmp_path) as station:
        asked = station.backups.make()
        for _hour in range(24 * 9):
            station.backups.look()
            station.clock.advance(3600)
        kept = station.backups.kept()
        daily = [one.made_at for one in kept if one.kind is BackupKind.DAILY]
        assert len(daily) == KEPT[BackupKind.DAILY]
        assert {later - former for later, former in pairwise(daily)} == {timedelta(hours=24)}
        assert station.clock.now() - daily[0] == timedelta(hours=24)
        assert asked in [one.path for one in kept]


def test_a_clock_set_back_does_not_stop_them(tmp_path: Path) -> None:
    with Station(tmp_path) as station:
        station.backups.look()
        station.clock.set_back(400 * 86_400)
        station.backups.look()
        assert len(station.backups.kept()) == 2


def test_two_in_one_second_have_two_names(tmp_path: Path) -> None:
    with Station(tmp_path) as station:
        assert station.backups.make() != station.backups.make()
        assert len(station.backups.kept()) == 2


def test_it_goes_where_somebody_chose(tmp_path: Path) -> None:
    with Station(tmp_path / "home") as station:
        chosen = tmp_path / "clé USB" / "lundi.dmpsauvegarde"
        assert station.backups.make(to=chosen) == chosen
        assert chosen.stat().st_mode & 0o077 == 0
        assert station.backups.kept() == []


def test_a_place_that_takes_nothing_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with Station(tmp_path / "home") as station:
        with pytest.raises(StorageError, match="backup-disk") as refused:
            station.backups.make(to=tmp_path / "file" / "b")
        assert "n'ont pas changé" in str(refused.value)
        assert station.backups.failed
        station.backups.make()
        assert station.backups.failed is None


def test_what_a_killed_backup_left_goes_in_the_end(tmp_path: Path) -> None:
    """It would fill the disk, a copy of everything each time; one that is being made elsewhere stays."""
    with Station(tmp_path) as station:
        former, other = station.paths.backups / ".sauvegarde-former", station.paths.backups / ".sauvegarde-other"
        for one in (former, other):
            one.mkdir(parents=True)
            (one / "base.db").write_bytes(b"x")
        long_ago = time.time() - 7 * 3600
        os.utime(former, (long_ago, long_ago))
        station.backups.make()
        assert (former.exists(), other.exists()) == (False, True)


def test_an_outbox_that_was_made_and_not_brought_up_to_date_is_copied(tmp_path: Path) -> None:
    """A first start that was cut there: the next one backs up before it migrates, and must get past it."""
    with Station(tmp_path) as station:
        new_file(tmp_path / "fresh.db")
        with Database(engine(tmp_path / "fresh.db")) as fresh:
            source = BackupSource(station.database, fresh, lambda: station.keys)
            assert Backups(station.paths, source, station.clock, "test").make().exists()


@pytest.mark.parametrize("why", [DAMAGE, RESTORED])
def test_what_was_done_is_told_once_in_its_own_words(tmp_path: Path, why: str) -> None:
    told = Rebuilt(outbox=Carried(rows={"outbox": 4}), documents=2, unreadable=1)
    notice = Repair(START, why, told, tmp_path / "a", ()).notice
    assert notice.startswith(
        "Les données de ce poste étaient abîmées et ont été remises en état : 4 document(s) relu(s)"
        if why == DAMAGE
        else "La sauvegarde a été restaurée : 4 document(s) relu(s)"
    )
    assert notice.count("abîmées") == (why == DAMAGE)
    assert "2 repris de la sauvegarde. Ceux-là sont cherchés dans le DMP avant tout envoi. 1 document(s)" in notice
