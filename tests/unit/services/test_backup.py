"""One backup a day, the oldest go, those asked for stay."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from dmp_desktop.errors import StorageError
from dmp_desktop.services.backup import KEPT, BackupKind
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
