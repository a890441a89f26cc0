"""A technical administrator in the real window: named by a doctor in Réglages, in by a code, and nothing of a patient before them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget

from dmp_desktop.domain.acts import Act
from dmp_desktop.domain.people import Role
from dmp_desktop.services.session import Phase
from dmp_desktop.ui import strings_administrator_fr as fr
from dmp_desktop.ui.views.administrator.desk import AdministratorDesk
from dmp_desktop.ui.views.diagnostic.view import DiagnosticView
from dmp_desktop.ui.views.settings.view import SettingsView
from dmp_desktop.ui.widgets.administrator_panel import AdministratorPanel
from dmp_desktop.ui.widgets.side_page import SidePage
from tests.helpers.real_window import RealWindow, real_window

pytestmark = pytest.mark.slow


@pytest.fixture
def real(qapp, tmp_path: Path) -> Iterator[RealWindow]:
    with real_window(qapp, tmp_path) as real:
        yield real


def shown(real: RealWindow) -> str:
    return "\n".join(label.text() for label in real.window.findChildren(QLabel) if label.isVisible())


def page_of(desk: AdministratorDesk) -> SidePage:
    return next(page for page in desk.findChildren(SidePage) if page.isVisible())


def name_them(real: RealWindow) -> str:
    """The doctor, in Réglages; the code as they copy it."""
    real.sign_in()
    real.window.page.documents.settings_asked.emit()
    settings = real.window.body.currentWidget()
    assert isinstance(settings, SettingsView)
    section = settings.administrators
    assert section is not None
    real.until(lambda: section.status.text() == fr.NOBODY and settings.form.isEnabled())
    section.family.setText("TEST-LEROY")
    section.given.setText("Aurélie")
    section.name.click()
    real.until(section.code.isVisible)
    code = section.code.text()
    real.until(lambda: len(section.withdrawing) == 1)
    settings.left.emit()
    assert section.code.text() == ""
    real.stage.remove(0)
    real.until(lambda: real.window.session.state.phase is Phase.MASKED)
    return code


def test_named_in_and_out_again_without_a_patient_in_sight(real: RealWindow, tmp_path: Path) -> None:
    window = real.window
    assert window.findChild(AdministratorPanel) is None, "nobody was named: there is no such way in"
    code = name_them(real)
    real.until(lambda: window.findChild(AdministratorPanel) is not None)
    panel = window.findChild(AdministratorPanel)
    assert panel is not None
    panel.open.click()
    panel.named.setText("Aurélie TEST-LEROY")
    panel.code.setText("AAAAA")
    real.desktop.picture(tmp_path / "entree.png")
    QTest.keyClick(panel.code, Qt.Key.Key_Return)
    real.until(lambda: "ne vont pas ensemble" in shown(real))
    assert panel.code.text() == ""
    real.until(panel.code.isEnabled)
    panel.code.setText(code.lower())
    panel.enter.click()
    real.until(lambda: window.session.state.role is Role.ADMINISTRATOR)
    desk = window.stack.currentWidget()
    assert isinstance(desk, AdministratorDesk)
    assert fr.CLINIC_NONE in desk.clinic.text()
    assert "e-CPS" not in window.strip.detail.text()
    real.desktop.picture(tmp_path / "administration.png")
    _the_pages(real, desk, tmp_path)
    _no_patient(real, desk)
    window.session.sign_out()
    real.until(lambda: window.session.state.phase is Phase.MASKED)
    assert panel.named.text() == ""
    real.desktop._wiring.acts.flush()
    acts = [(one.action, one.actor, one.result) for one in real.desktop._wiring.acts_kept.records()]
    who = "technique/TEST-LEROY Aurélie"
    for act in (
        (Act.SIGN_IN_REFUSED, who, "administrator-unknown"),
        (Act.SIGN_IN, who, "administrator"),
        (Act.BACKUP, who, "done"),
        (Act.SIGN_OUT, who, "administrator"),
    ):
        assert act in acts
    assert (Act.REFUSED, who, "role-reserved") not in acts, "nothing asks in the background what they may not have"


def _the_pages(real: RealWindow, desk: AdministratorDesk, folder: Path) -> None:
    desk.buttons[fr.SETTINGS].click()
    settings = page_of(desk)
    assert isinstance(settings, SettingsView)
    assert (settings.code, settings.administrators) == (None, None)
    backups = settings.backups
    assert backups is not None
    real.until(settings.form.isEnabled)
    assert settings.numbers["lock_minutes"].isEnabled()
    backups.now.click()
    real.until(lambda: "C'est sauvegardé" in backups.answer.text())
    real.desktop.picture(folder / "reglages.png")
    settings.back.click()
    desk.buttons[fr.JOURNAL].click()
    journal = page_of(desk)
    real.until(lambda: "lus par un médecin" in shown(real))
    assert not journal.export.isEnabled()  # type: ignore[attr-defined]
    journal.verify.click()  # type: ignore[attr-defined]
    real.until(lambda: "Le journal est intact" in shown(real))
    real.desktop.picture(folder / "journal.png")
    journal.back.click()
    desk.buttons[fr.NUMBERS].click()
    numbers = page_of(desk)
    real.until(lambda: not numbers.unsent.isVisible() and numbers.told.text())  # type: ignore[attr-defined]
    real.desktop.picture(folder / "nombres.png")
    numbers.back.click()
    assert desk.buttons[fr.NUMBERS].isVisible()
    desk.buttons[fr.DIAGNOSIS].click()
    view = real.window.findChild(DiagnosticView)
    assert view is not None
    assert view.isVisible()
    view.leave()
    assert real.window.stack.currentWidget() is desk


def _no_patient(real: RealWindow, desk: QWidget) -> None:
    """A carte Vitale is not even read, and a doctor's keys and pages do nothing."""
    window = real.window
    real.stage.insert(1, real.stage.patient_card("ordinary"))
    real.until(lambda: "aucun dossier" in window.session.state.notice)
    assert window.session.state.patient is None
    QTest.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    assert window.stack.currentWidget() is desk
    assert not window.banner.isVisible()
    assert "MARTIN" not in shown(real)
    real.stage.remove(1)
