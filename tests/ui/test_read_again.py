"""A card that cannot be used: the strip says so, and where the words are « puis réessayez » there is a button for it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from dmp_desktop.card.failures import card_failure
from dmp_desktop.services.professional import told
from dmp_desktop.services.session_state import Phase, SessionState
from dmp_desktop.ui import strings_card_fr as fr
from dmp_desktop.ui import strings_fr as main_fr
from dmp_desktop.ui import strings_window_fr as window_fr
from dmp_desktop.ui.widgets.pin_panel import PinPanel
from dmp_desktop.ui.widgets.status_strip import StatusStrip
from tests.ui import fakes
from tests.ui.sign_in import ASKED, LOCKED, NO_MODULE
from tests.ui.test_sign_in import PIN, enter

BUSY = card_failure("busy")


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (ASKED, window_fr.SIGNING_IN["pin"]),
        (LOCKED, window_fr.CARD_LOCKED),
        (replace(LOCKED, refused=False), window_fr.CARD_LOCKED),
        (NO_MODULE, window_fr.CARD_UNUSABLE),
    ],
    ids=["asked", "locked", "not said to be", "no module"],
)
def test_the_strip_says_what_the_page_says(qtbot, asked, words):
    strip = StatusStrip()
    qtbot.addWidget(strip)
    strip.show_session(SessionState(Phase.PIN, service_up=True, cps_present=True, pin=asked), fakes.NOW.date())
    assert strip.who.text() == words


def refused(bench, qtbot) -> PinPanel:
    bench.session.pin = NO_MODULE
    bench.window.card_event(fakes.cps())
    qtbot.waitUntil(bench.window.pin.isVisible)
    return bench.window.pin


def test_once_the_module_is_there_the_card_is_asked_for_its_code(bench, qtbot):
    panel = refused(bench, qtbot)
    assert panel.again.isVisible()
    bench.window.activateWindow()
    qtbot.waitUntil(panel.again.hasFocus)
    bench.session.pin = replace(ASKED, question=1)
    bench.session.gate.clear()
    panel.again.click()
    assert (panel.again.isEnabled(), panel.progress.text()) == (False, fr.AGAIN_WORKING)
    bench.session.gate.set()
    qtbot.waitUntil(panel.field.isVisible)
    assert not panel.again.isVisible()
    assert panel.progress.text() == ""
    enter(bench, qtbot)
    qtbot.waitUntil(lambda: bench.session.pins == [PIN])


@pytest.mark.parametrize("question", [0, 1], ids=["same", "new"])
def test_the_same_refusal_gives_the_button_back(bench, qtbot, question):
    panel = refused(bench, qtbot)
    bench.session.pin = replace(NO_MODULE, question=question)
    panel.again.click()
    qtbot.waitUntil(panel.again.isEnabled)
    assert panel.progress.text() == ""
    panel.again.click()
    assert not panel.again.isEnabled()
    qtbot.waitUntil(panel.again.isEnabled)


def test_a_locked_card_is_not_tried_again(bench, qtbot):
    bench.session.pin = LOCKED
    bench.window.card_event(fakes.cps())
    qtbot.waitUntil(bench.window.pin.isVisible)
    assert not bench.window.pin.again.isVisible()
    assert bench.window.strip.who.text() == window_fr.CARD_LOCKED


def test_a_card_another_program_held_is_read_once_more(bench, qtbot):
    masked = bench.window.masked
    assert not masked.retry.isVisible()
    bench.session.gate.clear()
    bench.window.card_event(fakes.cps())
    bench.session.read_again, real = lambda: bench.session.state(), bench.session.read_again
    bench.session._professional_in, come = (
        lambda: bench.session._set(unread=BUSY.code, unreadable=(BUSY.code,), notice=told(BUSY)),
        bench.session._professional_in,
    )
    bench.session.gate.set()
    qtbot.waitUntil(masked.retry.isVisible)
    assert masked.notice.text().endswith("puis réessayez.")
    assert not masked.hint.isVisible()  # nothing about inserting a card: it is in
    qtbot.mouseClick(masked.retry, Qt.MouseButton.LeftButton)  # still held
    assert not masked.retry.isEnabled()
    qtbot.waitUntil(masked.retry.isEnabled)
    bench.session.read_again, bench.session._professional_in = real, come
    qtbot.mouseClick(masked.retry, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bench.window.stack.currentWidget() is bench.window.content)
    assert not masked.retry.isVisible()


def test_a_carte_vitale_that_could_not_be_read_is_tried_again_from_the_line_of_news(bench, qtbot):
    bench.sign_in(qtbot)
    bench.session._set(unreadable=(BUSY.code,), notice=told(BUSY), vitale_present=True)
    bench.window.session.unlock()
    qtbot.waitUntil(lambda: bench.window.notices.what.text == told(BUSY))
    assert bench.window.notices.button.text() == main_fr.RETRY_PLAIN
    bench.window.notices.button.click()
    qtbot.waitUntil(lambda: bench.window.notices.isHidden() and not bench.window.tasks.card.busy)
    assert bench.session.state().unreadable == ()


def test_a_notice_of_something_else_has_no_such_button(bench, qtbot):
    bench.sign_in(qtbot)
    bench.session._set(notice="Carte de test.")
    bench.window.session.unlock()
    qtbot.waitUntil(lambda: bench.window.notices.what.text == "Carte de test.")
    assert not bench.window.notices.button.isVisible()
