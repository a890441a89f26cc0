"""Draws drafts on the disk, docked and wide, light and dark: `python -m tests.ui.screenshots_drafts [FOLDER]`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from dmp_desktop.domain.documents import DocumentKind
from dmp_desktop.errors import StorageError
from dmp_desktop.platform.settings import SettingsFile
from dmp_desktop.ui import record_page, theme
from dmp_desktop.ui.main_window import MainWindow
from dmp_desktop.ui.ports import Services
from dmp_desktop.ui.views.compose.kept import kept_draft
from tests.helpers.drafts import Desk
from tests.ui import fakes
from tests.ui.record import FakeReading, rich
from tests.ui.screenshots import NOTE, Stage


class Scene(Stage):
    """A window over real drafts, of which a former card closed one."""

    def __init__(self, folder: Path, data: Path) -> None:
        self.folder = folder
        self.session, self.dossier, self.compose = fakes.FakeSession(), fakes.FakeDossier(), fakes.FakeCompose()
        self.desk = Desk(data / "a.db")
        services = Services(
            self.session, self.dossier, self.compose, fakes.FakeOutbox(), fakes.FakeDigest(), fakes.FakeSearch(),
            fakes.FakeHabits(), FakeReading(rich()), SettingsFile(folder / "settings.json"), drafts=self.desk.service,
        )  # fmt: skip
        self.window = MainWindow(sandbox=True)
        self.window.furnish(services, fakes.FixedClock())
        self.window.complete()
        self.window.show()

    def former(self, patient, kind: DocumentKind, card: str = "card") -> None:
        """A draft of another day, as the last program left it."""
        self.desk.keys.come(fakes.DOCTOR, card)
        draft = self.window.drafts.open_for(patient, fakes.DOCTOR, kind)
        draft.text, draft.started_at = "Gorge rouge.", fakes.NOW.replace(day=19)
        pen = self.desk.service.pen(fakes.DOCTOR.national_id)
        assert pen
        self.desk.service.keep(pen, kept_draft(draft, with_facts=True))
        self.window.drafts._drafts.clear()


def draw(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as data:
        scene = Scene(folder, Path(data))
        scene.former(fakes.PAUL, DocumentKind.LETTER)
        scene.former(fakes.LEA, DocumentKind.CONSULTATION)
        scene.former(fakes.LEA, DocumentKind.CERTIFICATE, "former card")
        scene.desk.keys.come(fakes.DOCTOR)
        scene.open()
        scene.settle(900)
        scene.shoot("drafts-back")
        scene.window.acts.write.click()
        scene.window.composer.editor.setPlainText(NOTE)
        scene.settle(2500)
        scene.shoot("drafts-kept")
        scene.window.conductor.show_record()
        scene.window.page.go(record_page.OUTBOX)
        scene.settle(300)
        scene.shoot("drafts-outbox")
        scene.window.page.outbox.draft_cards[0].delete.click()
        scene.settle(300)
        scene.shoot("drafts-deleted")
        scene.desk.service.keep = _refuse  # type: ignore[method-assign]
        scene.window.acts.write.click()
        scene.window.composer.editor.setPlainText(NOTE + "\nSuite.")
        scene.settle(1500)
        scene.shoot("drafts-refused")
        scene.close()


def _refuse(_pen: object, _draft: object) -> None:
    raise StorageError(
        "storage-full", "Le disque est plein : rien ne peut plus être enregistré.", "Libérez de la place."
    )


if __name__ == "__main__":
    application = QApplication.instance() or QApplication([])
    application.setStyle("Fusion")
    theme.apply(application, theme.LIGHT)
    draw(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("screenshots"))
