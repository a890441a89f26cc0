"""Draws what is asked before a message of MSSanté is prepared: `python -m tests.ui.screenshots_mail [FOLDER]`."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import gettempdir

from PySide6.QtWidgets import QApplication

from dmp_desktop.ui import theme
from dmp_desktop.ui.views.documents.addressing import AddressDialog
from tests.ui.screenshots import Stage


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    app = QApplication([])
    app.setStyle("Fusion")
    theme.apply(app, theme.LIGHT)
    stage = Stage(folder)
    stage.open()
    for colours, name in ((theme.LIGHT, "clair"), (theme.DARK, "sombre")):
        theme.apply(app, colours)
        for width in (420, 1200):
            stage.window.resize(width, 800)
            dialog = AddressDialog("dr.exemple@medecin.mssante.fr", stage.window)
            dialog.show()
            stage.settle()
            dialog.grab().save(str(folder / f"mssante-{name}-{width}.png"))
            dialog.close()
    stage.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(gettempdir()) / "dmp-screenshots")
