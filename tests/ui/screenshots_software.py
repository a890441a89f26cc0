"""Draws what Réglages says of the practice software's folders: `python -m tests.ui.screenshots_software [FOLDER]`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import gettempdir

from PySide6.QtWidgets import QApplication

from dmp_desktop.exchange.profile import Profile
from dmp_desktop.platform.settings import SettingsFile
from dmp_desktop.ui import theme
from dmp_desktop.ui.views.settings.view import SettingsView
from tests.ui.screenshots import Stage


class Profiles:
    """ProfilesPort, which changes nothing."""

    def refusal(self) -> str:
        return ""

    def load(self) -> tuple[Profile, ...]:
        since = datetime(2026, 11, 20, tzinfo=UTC)
        return (Profile("Mon logiciel", "/home/cabinet/import-dmp", ("pdf", "hprim", "json"), since=since),)

    def keep(self, profile: Profile, former: str = "", *, automatic: bool = False) -> tuple[Profile, ...]:
        return self.load()

    def remove(self, name: str) -> tuple[Profile, ...]:
        return ()


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    app = QApplication([])
    app.setStyle("Fusion")
    theme.apply(app, theme.LIGHT)
    stage = Stage(folder)
    stage.open()
    settings = SettingsFile(folder / "settings.json")
    for colours, name in ((theme.LIGHT, "clair"), (theme.DARK, "sombre")):
        theme.apply(app, colours)
        for width in (420, 1200):
            page = SettingsView(settings, stage.window.tasks.general, stage.window, profiles=Profiles())
            page.resize(width, 900)
            page.show()
            page.raise_()
            page.show_for(None)
            stage.settle()
            if page.software:
                page.software.open.click()
                stage.settle()
                page.reveal(page.software.form or page)
                stage.settle()
            page.grab().save(str(folder / f"logiciel-metier-{name}-{width}.png"))
            page.close()
    stage.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(gettempdir()) / "dmp-screenshots")
