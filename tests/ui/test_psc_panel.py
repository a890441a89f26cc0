"""Without a card: the panel has words of its own, leads the keyboard, and the strip says how one is signed in."""

from __future__ import annotations

import pytest

from dmp_desktop.domain.people import Role
from dmp_desktop.errors import DmpError
from dmp_desktop.services.session import Phase, SessionState
from dmp_desktop.services.session_state import NO_READER
from dmp_desktop.ui import strings_card_fr as fr
from dmp_desktop.ui import strings_window_fr as window_fr
from dmp_desktop.ui.widgets.psc_panel import PscPanel
from dmp_desktop.ui.widgets.status_strip import StatusStrip
from tests.ui import fakes


@pytest.fixture
def panel(bench, qtbot) -> PscPanel:
    bench.window.activateWindow()
    found = bench.window.masked.findChild(PscPanel)
    assert isinstance(found, PscPanel)
    found.open.setFocus()
    qtbot.waitUntil(found.open.hasFocus)
    return found


def on_cards(bench) -> list[str]:
    masked = bench.window.masked
    return [label.text() for label in (masked.title, masked.hint) if label.isVisible()]


def test_while_the_person_is_waited_for_nothing_asks_for_a_card(bench, qtbot, panel):
    assert on_cards(bench) == [window_fr.MASKED_TITLE, window_fr.MASKED_HINT_PSC]
    assert not panel.title.isVisible()
    panel.open.click()
    panel.number.setText("10002422979")
    panel.phone.click()
    qtbot.waitUntil(lambda: panel.binding.text() == "47")
    assert (panel.title.isVisible(), panel.title.text()) == (True, fr.PSC_TITLE)
    assert on_cards(bench) == []
    bench.window.masked.show_card(awaited=True, again=False)  # a reader is plugged in meanwhile
    assert on_cards(bench) == []
    panel.cancel.click()
    assert on_cards(bench) == [window_fr.MASKED_TITLE, window_fr.MASKED_HINT_PSC]


def test_the_keyboard_follows(bench, qtbot, panel):
    panel.open.click()
    assert panel.number.hasFocus()
    panel.phone.setFocus()
    panel.phone.click()  # half a number
    assert panel.number.hasFocus()
    bench.psc.error = DmpError("psc.refused", "Vous avez refusé la demande.", "Recommencez si c’était une erreur.")
    panel.number.setText("10002422979")
    panel.phone.setFocus()
    panel.phone.click()
    qtbot.waitUntil(panel.binding.isVisible)
    assert panel.cancel.hasFocus()
    bench.psc.gate.set()
    qtbot.waitUntil(panel.error.isVisible)
    assert panel.number.hasFocus()
    panel.cancel.setFocus()
    panel.cancel.click()
    assert panel.open.hasFocus()


def test_the_keyboard_is_taken_from_nothing_else(bench, qtbot, panel):
    panel.open.click()
    panel.browser.click()
    qtbot.waitUntil(panel.copy.isVisible)
    bench.window.strip.more.setFocus()
    panel.show_error(DmpError("psc.refused", "Vous avez refusé la demande."))
    assert bench.window.strip.more.hasFocus()


@pytest.mark.parametrize(
    ("slot", "signed_in", "words", "colour"),
    [(NO_READER, True, "e-CPS ✓", "success"), (NO_READER, False, "CPS ✗", "danger"), ("R1", True, "CPS ✗", "danger")],
    ids=["by Pro Santé Connect", "locked", "by a card"],
)
def test_who_is_signed_in_without_a_card_lacks_none(qtbot, slot, signed_in, words, colour):
    strip = StatusStrip()
    qtbot.addWidget(strip)
    state = SessionState(
        Phase.READY if signed_in else Phase.LOCKED,
        professional=fakes.DOCTOR if signed_in else None,
        facility=fakes.CABINET,
        role=Role.DOCTOR,
        slot=slot,
    )
    strip.show_session(state, fakes.NOW.date())
    assert (strip.cps.text().replace("\N{NO-BREAK SPACE}", " "), strip.cps.property("role")) == (words, colour)
    assert (window_fr.E_CPS_DETAIL in strip.detail.text()) is (words == "e-CPS ✓")
