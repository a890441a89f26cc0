"""Pro Santé Connect in the real window, against the sandbox in its own process: the button, the phone, the record, the exit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from dmp_desktop.services.session import Phase
from dmp_desktop.ui.widgets.psc_panel import PscPanel
from tests.helpers.psc_desk import DOCTOR_ID, Person
from tests.helpers.real_window import RealWindow, real_window

pytestmark = [pytest.mark.slow, pytest.mark.qt_log_ignore("This plugin does not support", "Populating font family")]


@pytest.fixture
def real(qapp: QApplication, tmp_path: Path) -> Iterator[RealWindow]:
    with real_window(qapp, tmp_path, psc=True) as running:
        yield running


def ask_phone(real: RealWindow) -> PscPanel:
    """The doctor asks for their phone to ring, and waits for the number to compare."""
    panel = real.window.findChild(PscPanel)
    assert panel is not None
    panel.open.click()
    panel.number.setText(DOCTOR_ID[1:])
    panel.phone.click()
    real.until(lambda: panel.binding.text() or panel.error.text())
    assert panel.error.text() == ""
    return panel


def test_a_doctor_without_a_card(real: RealWindow) -> None:
    person = Person(real.stage.ready)
    panel = ask_phone(real)
    person.answer_phone(panel.binding.text())
    real.until(lambda: real.window.session.state.phase is Phase.READY)
    state = real.window.session.state
    assert state.professional is not None
    assert state.professional.national_id == DOCTOR_ID
    assert state.facility is not None
    assert state.facility.name == "Cabinet des Lilas"
    real.open("ordinary")  # the carte Vitale comes after, as behind a card
    assert len(real.page.documents.model.entries) >= 60
    real.window.session.sign_out()
    real.until(lambda: real.window.session.state.phase is Phase.MASKED)
    real.until(lambda: panel.open.isVisible())


def test_a_refusal_on_the_phone_says_what_to_do(real: RealWindow) -> None:
    person = Person(real.stage.ready, answer="no")
    panel = ask_phone(real)
    person.answer_phone(panel.binding.text())
    real.until(lambda: panel.error.text())
    assert (
        panel.error.text() == "La connexion a été refusée dans Pro Santé Connect. Recommencez, et acceptez la demande."
    )
    panel.phone.click()  # and again, from there
    real.until(lambda: panel.binding.text())
    panel.cancel.click()
    real.until(lambda: panel.open.isVisible())
    assert real.window.session.state.phase is Phase.MASKED
