"""Draws the access to a record, docked and wide, light and dark, its frame in high contrast too: `python -m tests.ui.screenshots_access [FOLDER]`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QElapsedTimer
from PySide6.QtWidgets import QApplication, QWidget

from dmp_desktop.domain.access import AccessMode, Authorization, DossierStatus, Representative
from dmp_desktop.domain.consent import AccessAct
from dmp_desktop.domain.documents import Code, Visibility
from dmp_desktop.domain.people import Patient
from dmp_desktop.platform.settings import SettingsFile
from dmp_desktop.services.special_words import Reason
from dmp_desktop.services.visibility import VisibilityRules
from dmp_desktop.ui import strings_access_fr as fr
from dmp_desktop.ui import theme
from dmp_desktop.ui.main_window import MainWindow
from dmp_desktop.ui.ports import Services
from dmp_desktop.ui.views.access.special_dialog import SpecialDialog
from dmp_desktop.ui.widgets import settling
from tests.ui import fakes
from tests.ui.access import FakeAccess, found
from tests.ui.record import FakeReading

SIZES = {"narrow": (420, 900), "wide": (1400, 900)}
SHUT = DossierStatus(exists=True, authorization=Authorization.NON_EXISTE)


class Stage:
    """One window over a record that may not be read."""

    def __init__(self, folder: Path) -> None:
        self.access, self.session, self.dossier = FakeAccess(), fakes.FakeSession(), fakes.FakeDossier()
        self.dossier.answer = SHUT
        services = Services(
            self.session,
            self.dossier,
            fakes.FakeCompose(),
            fakes.FakeOutbox(),
            fakes.FakeDigest(),
            fakes.FakeSearch(),
            fakes.FakeHabits(),
            FakeReading(),
            SettingsFile(folder / "settings.json"),
            access=self.access,
            may_show=self.may_show,
        )
        self.window = MainWindow(sandbox=True)
        self.window.furnish(services, fakes.FixedClock())
        self.window.complete()

    def may_show(self, patient: Patient, restrictions: frozenset[Visibility]) -> None:
        opened = self.access.opened
        VisibilityRules().check(patient, restrictions, fakes.NOW.date(), secret=opened is not None and opened.secret)

    def rest(self, milliseconds: int = 300) -> None:
        timer = QElapsedTimer()
        timer.start()
        while timer.elapsed() < milliseconds or self.window.tasks.general.busy:
            QApplication.processEvents()

    def open(self, patient=fakes.LEA) -> None:
        self.session.vitale = (patient,)
        for event in (fakes.cps(), fakes.vitale()):
            self.window.card_event(event)
            self.rest()


def banner(stage: Stage) -> QWidget:
    stage.open()
    return stage.window


def page(stage: Stage) -> QWidget:
    stage.access.note(AccessAct.CONSULTATION_OPPOSED)
    stage.access.note(AccessAct.GLASS_BROKEN, Reason.OTHER, "TEST-chute à domicile, confuse")
    stage.access.note(AccessAct.SPECIAL_ENDED)
    mother = Representative(Code("MTH", "2.16.840.1.113883.5.111", "mère"), "TEST-MARTIN", "Léa")
    stage.access.told = replace(stage.access.told, representatives=(mother,))
    stage.open(fakes.BABY)
    stage.window.access.show_page()
    return stage.window


def confirm(stage: Stage) -> QWidget:
    stage.dossier.answer = DossierStatus(exists=True, authorization=Authorization.VALIDE, attending=True)
    stage.open()
    stage.window.access.show_page()
    stage.rest()
    view = stage.window.body.currentWidget()
    view.withdraw.button.click()  # type: ignore[union-attr]
    return stage.window


def no_record(stage: Stage) -> QWidget:
    stage.dossier.answer = DossierStatus(exists=False)
    stage.open()
    stage.window.access.show_page()
    return stage.window


def question(stage: Stage) -> QWidget:
    stage.open()
    dialog = SpecialDialog(
        stage.access.note(AccessAct.CONSULTATION_OPPOSED), emergency=True, patient=fakes.LEA, parent=stage.window
    )  # fmt: skip
    dialog.reason.choose(Reason.OTHER)
    dialog.show()
    return dialog


def emergency(stage: Stage) -> QWidget:
    stage.open()
    stage.dossier.answer = replace(SHUT, mode=AccessMode.BRIS_DE_GLACE)
    stage.access.begin(fakes.LEA, AccessMode.BRIS_DE_GLACE)
    stage.access.left = 1700
    stage.rest()
    stage.window.page.go(2)
    return stage.window


def emergency_page(stage: Stage) -> QWidget:
    stage.access.refusals = dict.fromkeys(
        ("authorise", "withdraw", "attending"), "Ce n'est possible qu'en accès normal."
    )
    emergency(stage)
    stage.window.access.show_page()
    return stage.window


def secret(stage: Stage) -> QWidget:
    stage.dossier.answer = DossierStatus(exists=True, authorization=Authorization.VALIDE, attending=True)
    stage.open(fakes.BABY)
    stage.access.begin(fakes.BABY, AccessMode.NORMAL, secret=True)
    stage.rest()
    stage.window.conductor.write()
    return stage.window


def secret_question(stage: Stage) -> QWidget:
    stage.dossier.answer = DossierStatus(exists=True, authorization=Authorization.VALIDE, attending=True)
    stage.open(fakes.BABY)
    stage.window.access.show_page()
    stage.rest()
    view = stage.window.body.currentWidget()
    view.discreetly.button.click()  # type: ignore[union-attr]
    return stage.window


def no_sending(stage: Stage) -> QWidget:
    stage.dossier.answer = DossierStatus(exists=True, authorization=Authorization.VALIDE)
    stage.access.note(AccessAct.FEEDING_OPPOSED)
    stage.open()
    stage.window.conductor.write()
    stage.window.composer.editor.setPlainText("TEST. Toux depuis 3 jours. Repos.")
    stage.rest()
    stage.window.conductor.send()
    return stage.window


def unopened(stage: Stage) -> QWidget:
    stage.dossier.answer = DossierStatus(exists=True, authorization=Authorization.VALIDE)
    stage.access.refusals["reading"] = "Le médecin du travail ne peut pas le faire dans le DMP."
    stage.open()
    stage.window.page.go(2)
    documents = stage.window.page.documents
    documents.list.chosen.emit(documents.model.entries[0])
    return stage.window


def declaring(stage: Stage) -> QWidget:
    stage.open()
    stage.window.access.show_page()
    stage.rest()
    view = stage.window.body.currentWidget()
    stage.window.banner.show_declaring(True)
    view.show_declaring(True)  # type: ignore[union-attr]
    return stage.window


def regulation(stage: Stage) -> QWidget:
    stage.access.found = [found(fakes.PAUL, 97), found(fakes.LEA, 41, opposes=True)]
    stage.window.card_event(fakes.cps())
    stage.rest()
    stage.window.access.regulation_line.trigger()
    view = stage.window.body.currentWidget()
    view.fields[fr.FAMILY].setText("TEST-BERNARD")  # type: ignore[union-attr]
    view.search.click()  # type: ignore[union-attr]
    return stage.window


SCENES: dict[str, Callable[[Stage], QWidget]] = {
    scene.__name__: scene
    for scene in (
        banner,
        page,
        confirm,
        no_record,
        question,
        emergency,
        emergency_page,
        secret_question,
        secret,
        regulation,
        no_sending,
        unopened,
        declaring,
    )
}
FRAMED = ("emergency", "secret")
"""Drawn in high contrast too."""


def main(folder: Path) -> None:
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setStyle("Fusion")
    settling.SETTLE_MS = 0
    folder.mkdir(parents=True, exist_ok=True)
    for scheme in ("light", "dark", "high_contrast"):
        theme.apply(app, theme.SCHEMES[scheme])
        for size, (width, height) in SIZES.items():
            for name, scene in SCENES.items():
                if scheme == "high_contrast" and name not in FRAMED:
                    continue
                stage = Stage(folder)
                stage.window.resize(width, height)
                stage.window.show()
                shown = scene(stage)
                stage.rest()
                shown.grab().save(str(folder / f"{name}_{size}_{scheme}.png"))
                stage.window.tasks.close()
                stage.window.close()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "/tmp/dmp-desktop-access"))
