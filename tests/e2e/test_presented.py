"""A patient without a carte Vitale, in the real window: the code of a document we printed is scanned, the record opens."""

from __future__ import annotations

import os

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from dmp_desktop.cda.build.datamatrix import ins_message
from dmp_desktop.domain.people import Patient
from dmp_desktop.exchange.context import patient_from_dict
from dmp_desktop.services.session import Phase
from dmp_desktop.ui import theme
from tests.helpers.real_window import RealWindow, real_window

pytestmark = pytest.mark.slow


def test_scanned_then_another_is_asked_for_and_the_appli_is_told_to_be_absent(qapp, tmp_path):
    qapp.setStyle("Fusion")
    theme.apply(qapp, theme.LIGHT)
    with real_window(qapp, tmp_path) as real:
        real.sign_in()
        one, other = (patient_from_dict(item["patient"]) for item in real.stage.ready["patients"][:2])
        scan(real, one)
        real.until(lambda: real.window.session.state.phase is Phase.OPEN)
        assert real.window.session.state.patient == one
        assert real.window.banner.name.text() == one.display_name

        scan(real, other)
        real.until(real.window.picker.isVisible)
        assert real.window.session.state.patient == one
        assert other.birth_family.upper() in real.window.picker.buttons[0].text()
        real.until(real.window.picker.buttons[0].isEnabled)
        real.window.picker.buttons[0].click()
        real.until(lambda: real.window.session.state.patient == other)

        real.window.banner.entries.menu().actions()[1].trigger()
        real.until(lambda: "card.apcv_absent" in real.window.notices.code.text())
        assert real.window.session.state.patient == other


def scan(real: RealWindow, patient: Patient) -> None:
    """Through the menu, then as a scanner set up as a keyboard types."""
    real.window.banner.entries.menu().actions()[0].trigger()
    real.until(real.window.scan.isVisible)
    for character in ins_message(patient):
        press(real.window.scan.field, character)
    press(real.window.scan.field, "\r", Qt.Key.Key_Return)
    real.until(lambda: not real.window.scan.isVisible())


def press(field: QWidget, text: str, key: Qt.Key = Qt.Key.Key_unknown) -> None:
    event = QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier, text)
    QCoreApplication.sendEvent(field, event)
