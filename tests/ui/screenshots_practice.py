"""Draws the recovery code of the practice within Réglages: `python -m tests.ui.screenshots_practice [FOLDER]`."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import gettempdir

from PySide6.QtWidgets import QApplication

from dmp_desktop.domain.people import Facility, Role
from dmp_desktop.platform.settings import SettingsFile
from dmp_desktop.services.session_state import SignedIn
from dmp_desktop.ui import theme
from dmp_desktop.ui.practice_reminder import PracticeReminder
from dmp_desktop.ui.views.settings.view import SettingsView
from tests.ui import fakes
from tests.ui.practice import FakePracticeCode
from tests.ui.screenshots import Stage


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    app = QApplication([])
    app.setStyle("Fusion")
    theme.apply(app, theme.LIGHT)
    stage, port = Stage(folder), FakePracticeCode()
    port.who = SignedIn(fakes.DOCTOR, Facility("1", "Cabinet", "SA07"), Role.DOCTOR, "8")
    PracticeReminder(stage.window, port, lambda: None)
    stage.open()
    stage.settle()
    stage.shoot("practice-reminder")
    stage.window.notices.clear()
    view = SettingsView(
        SettingsFile(folder / "settings.json"), stage.window.tasks.general, stage.window.body, practice_code=port
    )
    stage.window.pages.open("practice", lambda: view)
    view.open_at_code()
    stage.settle()
    assert view.code is not None
    view.code.show_code.click()
    stage.settle()
    view.code.typed.setText(port.code().replace("-", " ", 3)[:-1] + "0")
    view.code.recover.click()
    stage.settle()
    stage.shoot("practice-code")
    port.keyring.printed()
    view.show_for(None)
    view.open_at_code()
    stage.settle()
    stage.shoot("practice-on-paper")
    stage.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(gettempdir()) / "dmp-screenshots")
