"""Draws the page « À propos »: `python -m tests.ui.screenshots_about [FOLDER]`."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import gettempdir

from PySide6.QtWidgets import QApplication

from dmp_desktop.services.about import About, AboutDesk
from dmp_desktop.ui import theme
from dmp_desktop.ui.views.about.view import AboutView
from tests.ui.screenshots import Stage


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    app = QApplication([])
    app.setStyle("Fusion")
    theme.apply(app, theme.LIGHT)
    stage = Stage(folder)
    window = stage.window
    desk = AboutDesk(
        About("DMP Desktop", "0.1.0", "BAC-A-SABLE", "2.25.1", sandbox=True),
        lambda: "Cabinet des Lilas",
        lambda: "0.2.0",
    )
    stage.open()
    window.pages.open("about", lambda: AboutView(desk, window.tasks.general, window.body))
    stage.settle()
    stage.shoot("a-propos")
    stage.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(gettempdir()) / "dmp-screenshots")
