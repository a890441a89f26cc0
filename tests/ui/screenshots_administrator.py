"""Draws what a technical administrator sees, and the parts of Réglages: `python -m tests.ui.screenshots_administrator [FOLDER]`."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from tempfile import gettempdir

from PySide6.QtWidgets import QApplication

from dmp_desktop.domain.people import Role
from dmp_desktop.services.own_settings import OwnSettings
from dmp_desktop.services.session_state import Phase
from dmp_desktop.ui import strings_administrator_fr as fr
from dmp_desktop.ui import theme
from dmp_desktop.ui.administrator import AdministratorFlow
from dmp_desktop.ui.views.settings.view import SettingsView
from tests.ui import fakes
from tests.ui.journal import JournalWorld
from tests.ui.screenshots import Stage
from tests.ui.test_administrator import World
from tests.ui.test_appearance import FakeOwn


class _NoBackups:
    failed = None
    passphrase = False
    folder = Path("sauvegardes")

    def refusal(self) -> str:
        return ""

    def kept(self) -> list[object]:
        return []


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    app = QApplication([])
    app.setStyle("Fusion")
    theme.apply(app, theme.LIGHT)
    world = World(folder)
    _desk(folder, world)
    _settings(folder, world)


def _desk(folder: Path, world: World) -> None:
    """Their way in, their desk, the journal."""
    stage, journal = Stage(folder), JournalWorld(folder)
    window = stage.window
    world.people.name("TEST-LEROY", "Aurélie")
    services = replace(
        window.gate._services,
        administrators=world.people,
        backups=_NoBackups(),
        journal=journal.desk,
        diagnostics=object(),
    )
    flow = window.gate._technical = AdministratorFlow(window, services, world.people)
    stage.until(lambda: flow._panel is not None)
    assert flow._panel is not None
    stage.shoot("administrator-way-in")
    flow._panel.open.click()
    flow._panel.named.setText("Aurélie TEST-LEROY")
    stage.shoot("administrator-sign-in")
    flow._panel.rest()
    signed_in = replace(
        window.session.state,
        phase=Phase.READY,
        professional=fakes.DOCTOR,
        facility=fakes.CABINET,
        role=Role.ADMINISTRATOR,
        slot="",
    )
    window.session._publish(signed_in)
    stage.settle()
    stage.shoot("administrator-desk")
    journal.role = Role.ADMINISTRATOR
    desk = flow.page()
    desk.buttons[fr.JOURNAL].click()  # type: ignore[attr-defined]
    stage.settle()
    stage.shoot("administrator-journal")
    stage.close()


def _settings(folder: Path, world: World) -> None:
    """Who names them."""
    stage = Stage(folder)
    stage.open()
    own = FakeOwn()
    own.kept = OwnSettings()
    page = SettingsView(
        stage.window.gate._services.settings,
        stage.window.tasks.general,
        stage.window.body,
        own=own,
        backups=_NoBackups(),  # type: ignore[arg-type]
        administrators=world.people,
    )
    stage.window.pages.open("settings", lambda: page)
    stage.settle()
    stage.shoot("settings-own")
    assert page.administrators is not None
    page.administrators.family.setText("TEST-PETIT")
    page.administrators.given.setText("Jean")
    page.administrators.name.click()
    stage.settle(600)
    stage.shoot("settings-administrators")
    stage.window.resize(420, 900)
    page.administrators.name.setFocus()
    page.reveal(page.administrators.code)
    stage.settle(600)
    stage.window.grab().save(str(folder / "settings-code.png"))
    stage.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(gettempdir()) / "dmp-screenshots")
