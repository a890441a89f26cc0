"""Draws the page where two workstations differ: `python -m tests.ui.screenshots_conflicts [FOLDER]`."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

from PySide6.QtWidgets import QApplication

from dmp_desktop.domain.people import Role
from dmp_desktop.ui import theme
from dmp_desktop.ui.views.conflicts.flow import ConflictFlow
from tests.ui.conflicts import TwoStations
from tests.ui.screenshots import Stage


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    app = QApplication([])
    app.setStyle("Fusion")
    theme.apply(app, theme.LIGHT)
    with TemporaryDirectory() as kept:
        two = TwoStations(Path(kept))
        two.role = Role.DOCTOR
        stage = Stage(folder)
        flow = ConflictFlow(stage.window, two.conflicts)
        stage.open()
        two.identity()
        two.arrival()
        stage.settle(900)
        stage.shoot("a-departager-ligne")
        flow._open()
        stage.settle(900)
        stage.shoot("a-departager")
        stage.close()
        two.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(gettempdir()) / "dmp-screenshots")
