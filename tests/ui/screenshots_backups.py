"""Draws the backups and the export within Réglages: `python -m tests.ui.screenshots_backups [FOLDER]`."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import gettempdir, mkdtemp

from PySide6.QtWidgets import QApplication

from dmp_desktop.services.backup_desk import BackupDesk, KeptPlace
from dmp_desktop.ui import theme
from dmp_desktop.ui.views.settings.view import SettingsView
from tests.ui.screenshots import Stage
from tests.unit.services.test_export_all import Place


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    app = QApplication([])
    app.setStyle("Fusion")
    theme.apply(app, theme.LIGHT)
    place = Place(Path(mkdtemp()) / "poste")
    station = place.station
    backup = station.backups.make()
    with station.file.write() as connection:
        connection.exec_driver_sql("DELETE FROM outbox_document WHERE item_id < 3")
        connection.exec_driver_sql("DELETE FROM outbox WHERE id < 3")
    stage = Stage(folder)
    stage.open()
    window = stage.window
    kept = KeptPlace(station.backups, station.paths, station.source)
    page = SettingsView(
        window.gate._services.settings,
        window.tasks.general,
        window.body,
        backups=BackupDesk(kept, lambda: place.who, passphrase=True),
        export=place.export,
    )
    window.pages.open("settings", lambda: page)
    stage.settle()
    assert page.backups
    assert page.export
    page.backups.ask_backup = lambda: str(backup)
    page.backups.restore.click()
    stage.settle(600)
    page.reveal(page.backups.answer)
    stage.settle(600)
    stage.shoot("settings-backups")
    page.export.ask_folder = lambda: mkdtemp()
    page.export.start.click()
    stage.settle(600)
    page.reveal(page.export.answer)
    stage.settle(300)
    for name, colours in (("light", theme.LIGHT), ("dark", theme.DARK)):
        theme.apply(app, colours)
        for width in (420, 1100):
            window.resize(width, 1000)
            stage.settle(300)
            page.reveal(page.export.answer)
            stage.settle(300)
            window.grab().save(str(folder / f"settings-backups-{width}-{name}.png"))
    stage.close()
    place.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(gettempdir()) / "dmp-screenshots")
