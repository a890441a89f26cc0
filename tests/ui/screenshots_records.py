"""Draws « Mes dossiers », the professionals of a record and the Web DMP: `python -m tests.ui.screenshots_records [FOLDER]`."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import gettempdir

from PySide6.QtWidgets import QApplication

from dmp_desktop.ui import strings_records_fr as fr
from dmp_desktop.ui import theme
from dmp_desktop.ui.records_menu import offer_records
from tests.ui.records_desk import FakeRecords
from tests.ui.screenshots import Stage

SCENES = {"dossiers": fr.RECORDS, "professionnels": fr.PROFESSIONALS, "web": fr.WEB_PAGES}


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    app = QApplication([])
    app.setStyle("Fusion")
    theme.apply(app, theme.LIGHT)
    for name, words in SCENES.items():
        stage = Stage(folder)
        records = FakeRecords()
        offer_records(stage.window, stage.window.pages, records)
        stage.open()
        lines = {one.text(): one for one in stage.window.banner.acts.menu().actions()}
        lines[words].trigger()
        stage.settle()
        stage.shoot(f"records-{name}")
        if name == "dossiers":
            records.why = "Ce n'est possible qu'en accès normal."
            lines[words].trigger()
            stage.shoot("records-refuses")
        stage.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(gettempdir()) / "dmp-screenshots")
