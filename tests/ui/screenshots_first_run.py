"""Draws the first run: `python -m tests.ui.screenshots_first_run [FOLDER]`."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

from PySide6.QtWidgets import QApplication

from dmp_desktop.ui import theme
from dmp_desktop.ui.first_run import offer_first_run
from dmp_desktop.ui.views.first_run.view import FirstRunView
from tests.ui.first_run import World
from tests.ui.screenshots import Stage

NAMES = ("lecteur", "carte", "cabinet", "dossiers", "entrainement")


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    app = QApplication([])
    app.setStyle("Fusion")
    theme.apply(app, theme.LIGHT)
    with TemporaryDirectory() as kept:
        world = World(Path(kept))
        stage = Stage(folder)
        stage.window.show()
        offer_first_run(stage.window, world.port, world.diagnostics)
        stage.settle()
        view = stage.window.findChild(FirstRunView)
        assert isinstance(view, FirstRunView)
        for name in NAMES:
            stage.settle()
            stage.shoot(f"premier-lancement-{name}")
            if name != NAMES[-1]:
                view.forward.click()
        stage.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(gettempdir()) / "dmp-screenshots")
