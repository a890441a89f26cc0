"""Draws the page Envois: `python -m tests.ui.screenshots_dashboard [FOLDER]`."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

from PySide6.QtWidgets import QApplication

from dmp_desktop.services.dashboard import Dashboard
from dmp_desktop.ui import theme
from dmp_desktop.ui.side_pages import _dashboard
from tests.ui import fakes
from tests.ui.journal import JournalWorld
from tests.ui.screenshots import Stage
from tests.ui.test_dashboard import PROPOSED, SCANS, fed


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    app = QApplication([])
    app.setStyle("Fusion")
    theme.apply(app, theme.LIGHT)
    with TemporaryDirectory() as kept:
        world = JournalWorld(Path(kept))
        stage = Stage(folder)
        fed(stage.outbox)
        stage.open()
        window = stage.window
        window.drafts.open_for(fakes.LEA, fakes.DOCTOR).text = "Mots"
        port = Dashboard(lambda: stage.outbox.items(None), lambda: (SCANS, 0), lambda: PROPOSED, world.acts, world._who)
        window.pages.open("Envois", lambda: _dashboard(window, window.gate._services, port))
        stage.settle()
        stage.shoot("envois")
        window.day_end._clock.moment = fakes.NOW.replace(hour=18)
        window.pages.leave()
        window.day_end.show()
        window.drafts.safe = lambda _draft: True
        window.close()
        stage.settle()
        stage.shoot("fin-de-journee")
        window.leaving.farewell.stop()
        stage.close()
        world.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(gettempdir()) / "dmp-screenshots")
