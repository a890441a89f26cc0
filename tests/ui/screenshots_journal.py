"""Draws the page Journal: `python -m tests.ui.screenshots_journal [FOLDER]`."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

from PySide6.QtWidgets import QApplication

from dmp_desktop.domain.people import Role
from dmp_desktop.services.clinic_journal import WHO_CHANGED
from dmp_desktop.services.clinic_journal_heads import Missed
from dmp_desktop.ui import theme
from dmp_desktop.ui.views.journal.view import JournalView
from tests.ui.journal import JournalWorld
from tests.ui.screenshots import Stage


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    app = QApplication([])
    app.setStyle("Fusion")
    theme.apply(app, theme.LIGHT)
    with TemporaryDirectory() as kept:
        world = JournalWorld(Path(kept))
        stage = Stage(folder)
        window = stage.window
        window.pages.offer(
            "Journal", lambda: JournalView(world.desk, window.tasks.general, window.body), of_patient=False
        )
        stage.open()
        window.pages.open("Journal", lambda: JournalView(world.desk, window.tasks.general, window.body))
        stage.settle()
        page = window.body.currentWidget()
        assert isinstance(page, JournalView)
        page.verify.click()
        stage.settle()
        stage.shoot("journal")
        page.found.setText(f"{Missed('abcdef0123456789', 12, 20).told_fr} {WHO_CHANGED}")
        page.found.show()
        stage.shoot("journal-cabinet")
        page.found.hide()
        world.role = Role.SECRETARY
        page.show_for(None)
        stage.shoot("journal-refuse")
        stage.close()
        world.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(gettempdir()) / "dmp-screenshots")
