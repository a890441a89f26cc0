"""Draws several notes that leave in one lot, docked and wide, light and dark: `python -m tests.ui.screenshots_together [FOLDER]`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from dmp_desktop.domain.documents import DocumentKind, Visibility
from dmp_desktop.platform.settings import SettingsFile
from dmp_desktop.ui import record_page, theme
from dmp_desktop.ui.main_window import MainWindow
from dmp_desktop.ui.ports import Services
from tests.ui import fakes
from tests.ui.record import FakeReading, rich
from tests.ui.screenshots import NOTE, Stage


class Scene(Stage):
    def __init__(self, folder: Path, data: Path) -> None:
        self.folder = folder
        self.session, self.dossier, self.compose = fakes.FakeSession(), fakes.FakeDossier(), fakes.FakeCompose()
        services = Services(
            self.session, self.dossier, self.compose, fakes.FakeOutbox(), fakes.FakeDigest(), fakes.FakeSearch(),
            fakes.FakeHabits(), FakeReading(rich()), SettingsFile(data / "settings.json"),
        )  # fmt: skip
        self.window = MainWindow(sandbox=True)
        self.window.furnish(services, fakes.FixedClock())
        self.window.complete()
        self.window.show()

    def write(self, kind: DocumentKind, text: str, seen: Visibility | None = None) -> None:
        self.window.conductor.write(kind)
        self.window.composer.editor.setPlainText(text)
        if draft := self.window.composer.draft:
            draft.visibility = seen


def draw(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as data:
        scene = Scene(folder, Path(data))
        scene.open()
        scene.settle(900)
        scene.write(DocumentKind.LETTER, "TEST adressée pour avis.", Visibility.MASQUE_PS)
        scene.write(DocumentKind.CERTIFICATE, "TEST arrêt de travail.")
        scene.write(DocumentKind.CONSULTATION, NOTE)
        scene.settle(2500)
        scene.shoot("together-offered")
        for box in scene.window.composer.together.boxes:
            box.click()
        scene.settle(300)
        scene.shoot("together-ticked")
        scene.window.conductor.send()
        scene.settle(900)
        scene.shoot("together-leaving")
        scene.window.page.go(record_page.OUTBOX)
        scene.settle(300)
        scene.shoot("together-outbox")
        scene.window.notices.button.click()
        scene.settle(600)
        scene.shoot("together-back")
        scene.close()


if __name__ == "__main__":
    application = QApplication.instance() or QApplication([])
    application.setStyle("Fusion")
    theme.apply(application, theme.LIGHT)
    draw(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("screenshots"))
