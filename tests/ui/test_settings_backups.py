"""Within Réglages: a backup now or elsewhere, what one would bring back, everything in open formats; over real files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dmp_desktop.domain.people import Role
from dmp_desktop.services.backup_desk import BackupDesk, KeptPlace
from dmp_desktop.services.backup_preview import NOTE, asked_backup
from dmp_desktop.storage.journal import JournalRecord
from dmp_desktop.ui import strings_administrator_fr as fr
from dmp_desktop.ui.views.settings.view import SettingsView
from tests.helpers.clock import START
from tests.helpers.outbox import AUTHOR
from tests.helpers.station_files import Station, new
from tests.unit.services.test_export_all import Place


class World:
    """The page over a workstation with documents of two doctors, a draft and a journal."""

    def __init__(self, bench, qtbot, folder: Path) -> None:
        self.bench, self.qtbot = bench, qtbot
        self.place = Place(folder / "home")
        station = self.place.station
        self.paths = station.paths
        kept = KeptPlace(station.backups, station.paths, station.source)
        self.desk = BackupDesk(kept, lambda: self.place.who, passphrase=True)
        bench.open(qtbot)
        services, window = bench.window.gate._services, bench.window
        self.page = SettingsView(
            services.settings, window.tasks.general, window.body, backups=self.desk, export=self.place.export
        )
        self.show()

    @property
    def backups(self):
        return self.page.backups

    def show(self) -> None:
        self.bench.window.pages.open("backups", lambda: self.page)
        self.qtbot.waitUntil(lambda: self.page.form.isEnabled() and self.backups.status.text() != fr.LOADING)

    def restore(self, file: Path) -> str:
        self.backups.ask_backup = lambda: str(file)
        self.backups.restore.click()
        self.qtbot.waitUntil(
            lambda: self.backups.question.isVisible() or "danger" in self.backups.answer.property("role")
        )
        return self.backups.would.text()


@pytest.fixture
def world(bench, qtbot, tmp_path) -> Iterator[World]:
    made = World(bench, qtbot, tmp_path)
    yield made
    made.place.close()


def test_one_more_now_and_one_elsewhere(world: World, qtbot, tmp_path: Path) -> None:
    assert world.backups.status.text() == fr.BACKUPS_NONE
    assert str(world.paths.backups) in world.backups.where.text()
    world.backups.now.click()
    qtbot.waitUntil(lambda: world.backups.status.text().startswith("1 sauvegarde"))
    assert world.backups.answer.text().startswith("C'est sauvegardé")
    world.backups.ask_place = lambda: str(tmp_path / "clé" / "lundi.dmpsauvegarde")
    world.backups.elsewhere.click()
    qtbot.waitUntil((tmp_path / "clé" / "lundi.dmpsauvegarde").exists)
    qtbot.waitUntil(world.backups.now.isEnabled)
    world.backups.ask_place = str
    world.backups.elsewhere.click()
    assert world.backups.now.isEnabled(), "nothing was chosen: nothing is under way"


def test_what_it_would_bring_back_is_told_before(world: World, qtbot) -> None:
    station = world.place.station
    station.journal.append(JournalRecord(START, AUTHOR, "send"))
    backup = station.backups.make()
    assert "n'apporterait rien" in world.restore(backup)
    assert not world.backups.do_restore.isVisible()
    with station.file.write() as connection:
        connection.exec_driver_sql("DELETE FROM outbox_document WHERE item_id < 3")
        connection.exec_driver_sql("DELETE FROM outbox WHERE id < 3")
    assert "2 document(s)" in world.restore(backup)
    assert not (world.paths.home / NOTE).exists(), "nothing was asked for yet"
    world.backups.cancel.click()
    assert not world.backups.question.isVisible()
    world.restore(backup)
    world.backups.do_restore.click()
    qtbot.waitUntil(lambda: world.backups.answer.text() == fr.RESTORE_ASKED)
    assert asked_backup(world.paths) == backup
    assert asked_backup(world.paths) is None, "it would be restored at each start"


def test_one_of_another_workstation_is_told_to_need_the_code(world: World, tmp_path: Path) -> None:
    with Station(tmp_path / "other", key=bytes(32), secret=bytes([9] * 32)) as other:
        other.outbox.add(new(1), START, START)
        backup = other.backups.make()
    assert "d'un autre cabinet" in world.restore(backup)
    assert world.backups.do_restore.isVisible()


def test_what_is_no_backup_is_told(world: World, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("bonjour")
    assert world.restore(tmp_path / "notes.txt") == ""
    assert "n'est pas une sauvegarde" in world.backups.answer.text()
    assert world.backups.restore.isEnabled()


def test_everything_is_exported_into_a_new_folder_of_the_one_chosen(world: World, qtbot, tmp_path: Path) -> None:
    (tmp_path / "clé").mkdir()
    world.page.export.ask_folder = lambda: str(tmp_path / "clé")
    world.page.export.start.click()
    qtbot.waitUntil(lambda: world.page.export.answer.text().startswith("C'est exporté : 2 document(s), 1 brouillon(s)"))
    [made] = (tmp_path / "clé").iterdir()
    assert (made / "LISEZ-MOI.txt").exists()
    world.page.export.ask_folder = lambda: str(made / "LISEZ-MOI.txt")
    world.page.export.start.click()
    qtbot.waitUntil(lambda: "n'a pas pu être écrit" in world.page.export.answer.text())


def test_the_secretary_is_told_why_not(world: World, qtbot) -> None:
    world.place.come(Role.SECRETARY)
    world.bench.window.pages.leave()
    world.show()
    for button in (world.backups.now, world.backups.elsewhere, world.backups.restore, world.page.export.start):
        assert not button.isEnabled()
        assert button.toolTip()
    assert world.backups.where.text() == ""


def test_the_key_and_its_way_back_are_explained(world: World) -> None:
    texts = [label.text() for label in world.backups.findChildren(type(world.backups.status))]
    assert fr.KEY_TYPED in texts
