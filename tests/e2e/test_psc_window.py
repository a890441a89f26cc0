"""Pro Santé Connect in the real window, against the sandbox in its own process: the button, the phone, the record, the exit."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from dmp_desktop.services.session import Phase
from dmp_desktop.ui.widgets.psc_panel import PscPanel
from tests.helpers.psc_desk import DOCTOR_ID, Person
from tests.helpers.real_window import RealWindow, real_window

pytestmark = pytest.mark.slow


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


def test_a_session_the_provider_ends_is_left_and_told(real: RealWindow) -> None:
    person = Person(real.stage.ready)
    panel = ask_phone(real)
    person.answer_phone(panel.binding.text())
    real.until(lambda: real.window.session.state.phase is Phase.READY)
    real.open("ordinary")
    psc = real.desktop._wiring.psc
    assert psc is not None
    threading.Thread(target=psc.on_end).start()  # of an earlier session, late
    real.pause(0.2)
    assert real.window.session.state.phase is Phase.OPEN
    assert psc._opened is not None
    psc._opened.drop()
    threading.Thread(target=psc.on_end).start()
    real.until(real.window.notices.isVisible)
    assert real.window.session.state.phase is Phase.MASKED
    assert real.window.stack.currentWidget() is real.window.masked
    assert real.window.notices.what.words.text() == (
        "La session Pro Santé Connect est terminée. Reconnectez-vous avec Pro Santé Connect ou avec votre carte CPS."
    )
    assert panel.open.isVisible(), "what to do stands below"
    real.pause(0.2)
    assert real.window.notices.isVisible(), "nothing that comes late takes it away"

    real.sign_in()  # by card: a word of the provider is not about this session
    assert not real.window.notices.isVisible()
    threading.Thread(target=psc.on_end).start()
    real.pause(0.2)
    assert real.window.session.state.phase is Phase.OPEN


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
