"""Draws the properties of documents, docked and wide, light and dark: `python -m tests.ui.screenshots_properties [FOLDER]`."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QDialog

from dmp_desktop.domain.documents import Author, Availability, Code
from dmp_desktop.platform.settings import SettingsFile
from dmp_desktop.services.document_changes import Change
from dmp_desktop.ui import record_page, theme
from dmp_desktop.ui import strings_properties_fr as fr
from dmp_desktop.ui.main_window import MainWindow
from dmp_desktop.ui.ports import Services
from tests.ui import fakes
from tests.ui.properties import CONFIDENTIALITY, FakeProperties
from tests.ui.record import FakeReading, rich
from tests.ui.screenshots import Stage

REFUSED = "Seul l'auteur du document ou le médecin traitant du patient peut le faire."


class Scene(Stage):
    """A window that can change documents, the panel of the second document open."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.session, self.dossier = fakes.FakeSession(), fakes.FakeDossier()
        self.dossier.documents[1] = replace(
            self.dossier.documents[1],
            service_start=fakes.NOW,
            authors=(Author("DUPONT", "Camille", fakes.DOCTOR.national_id, institution="Cabinet TEST des Lilas"),),
            confidentiality=(Code("INVISIBLE_PATIENT", CONFIDENTIALITY),),
        )
        self.compose = fakes.FakeCompose()
        self.properties = FakeProperties(self.dossier)
        services = Services(
            self.session, self.dossier, self.compose, fakes.FakeOutbox(), fakes.FakeDigest(), fakes.FakeSearch(),
            fakes.FakeHabits(), FakeReading(rich()), SettingsFile(folder / "settings.json"), properties=self.properties,
        )  # fmt: skip
        self.window = MainWindow(sandbox=True)
        self.window.furnish(services, fakes.FixedClock())
        self.window.complete()
        self.window.show()

    def panel(self) -> None:
        self.open()
        self.window.page.go(record_page.DOCUMENTS)
        view = self.window.page.documents
        view.altering.open(view.model.entries[1])
        self.until(lambda: bool(view.altering.panel.buttons))
        self.settle(900)


def draw(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    scene = Scene(folder)
    scene.panel()
    scene.shoot("properties")
    view = scene.window.page.documents
    view.altering.changes.ask = lambda _entry, _change: True
    view.altering.panel.buttons[Change.MASK].click()
    scene.settle(800)
    scene.shoot("properties-done")
    scene.close()
    scene = Scene(folder)
    scene.properties.refusals = dict.fromkeys((Change.ARCHIVE, Change.DELETE, Change.MASK), REFUSED)
    scene.properties.put_away = [
        replace(scene.dossier.documents[4], unique_id="9.9", status=Availability.ARCHIVED, title="Audiogramme")
    ]
    scene.panel()
    scene.shoot("properties-refused")
    view = scene.window.page.documents
    view.altering.changes.leave()
    scene.shoot("properties-document")
    view.close_document()
    view.filters.more.setChecked(True)
    view.altering.shelf.setChecked(True)
    scene.settle(300)
    scene.shoot("properties-shelf")
    draft = scene.window.drafts.open_for(fakes.BABY, fakes.DOCTOR, None)
    scene.window.composer.show_draft(draft)
    scene.window.conductor.show_draft(draft)
    scene.shoot("properties-composer")
    scene.close()
    scene = Scene(folder)
    scene.panel()
    view = scene.window.page.documents

    def picture() -> None:
        dialogs = [one for one in QApplication.topLevelWidgets() if isinstance(one, QDialog) and one.isVisible()]
        dialogs[0].grab().save(str(folder / "properties-question-light.png"))
        dialogs[0].reject()

    QTimer.singleShot(1000, picture)
    view.altering.panel.buttons[Change.DELETE].click()
    scene.close()


if __name__ == "__main__":
    application = QApplication(sys.argv)
    application.setStyle("Fusion")
    theme.apply(application, theme.LIGHT)
    draw(Path(sys.argv[1] if len(sys.argv) > 1 else "screenshots"))
    print(fr.TITLE)
