"""Keys and clicks that were meant for something else: they choose nobody, no place, and are no try of a card."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QInputMethodEvent, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from dmp_desktop.services.session_state import Phase
from dmp_desktop.ui import strings_card_fr as fr
from dmp_desktop.ui.widgets import pin_panel, settling
from dmp_desktop.ui.widgets.activity_picker import ActivityPicker
from dmp_desktop.ui.widgets.beneficiary_picker import BeneficiaryPicker
from tests.ui import fakes, sign_in
from tests.ui.sign_in import ASKED, LAST, PLACES, WRONG
from tests.ui.test_sign_in import IN_ANOTHER, OTHER, PIN, card_in

SETTLE_MS = settling.SETTLE_MS
"""The one of the program; here it is shorter: a hand that is quick enough on a machine that does nothing else."""
SHORT_MS = 250

pytestmark = pytest.mark.alone


@pytest.fixture(autouse=True)
def settled(monkeypatch) -> None:
    monkeypatch.setattr(settling, "SETTLE_MS", SHORT_MS)


def test_a_second_is_long_enough_for_who_answers_and_a_double_click_is_not() -> None:
    assert QGuiApplication.styleHints().mouseDoubleClickInterval() < SETTLE_MS < 1000


def click(window: QWidget, at: QPoint) -> None:
    """As the system does: where the mouse is, whatever is there."""
    handle = window.windowHandle()
    QTest.mouseClick(handle, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)


def middle(widget: QWidget, window: QWidget) -> QPoint:
    return widget.mapTo(window, widget.rect().center())


def press(window: QWidget, *keys: str | Qt.Key, ms: int = 30) -> None:
    """A quick hand, so many milliseconds from key to key."""
    for key in keys:
        QTest.qWait(ms)
        QTest.keyClick(window.windowHandle(), key)


# Another patient


def other_patient(bench, qtbot) -> BeneficiaryPicker:
    bench.open(qtbot)
    bench.session.vitale = (fakes.PAUL,)
    bench.window.card_event(fakes.vitale())
    qtbot.waitUntil(bench.window.picker.isVisible)
    qtbot.waitUntil(lambda: bench.window.picker.buttons[-1].y() > 0)
    return bench.window.picker


def test_a_click_meant_for_a_tab_opens_nobody(bench, qtbot):
    """The question unfolds where something else was a moment ago."""
    picker = other_patient(bench, qtbot)
    assert [button.isEnabled() for button in picker.buttons] == [False, False]
    at = middle(picker.buttons[0], bench.window)
    click(bench.window, at)
    qtbot.wait(20)
    assert not bench.window.tasks.card.busy
    assert bench.window.session.state.phase is Phase.CHOOSING
    assert bench.window.session.state.patient == fakes.LEA
    qtbot.waitUntil(picker.buttons[0].isEnabled)
    click(bench.window, at)
    qtbot.waitUntil(lambda: bench.window.session.state.patient == fakes.PAUL)


def test_a_button_released_over_the_question_was_not_pressed_on_it(bench, qtbot):
    picker = other_patient(bench, qtbot)
    at = middle(picker.buttons[0], bench.window)
    handle, left, none = bench.window.windowHandle(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QTest.mousePress(handle, left, none, at)
    qtbot.waitUntil(picker.buttons[0].isEnabled)
    QTest.mouseRelease(handle, left, none, at)
    qtbot.wait(20)
    assert bench.window.session.state.patient == fakes.LEA


def test_the_same_question_does_not_begin_again_and_another_does(bench, qtbot):
    """A reader plugged in changes the session's state, not the question."""
    picker = other_patient(bench, qtbot)
    qtbot.waitUntil(picker.buttons[0].isEnabled)
    state = bench.window.session.state
    bench.window.conductor.show_session(replace(state, readers=(*state.readers, "Lecteur C")))
    assert picker.buttons[0].isEnabled()
    people = (*state.candidates, fakes.beneficiary(fakes.BABY, 2))
    bench.window.conductor.show_session(replace(state, candidates=people))
    assert [button.isEnabled() for button in picker.buttons] == [False, False, False]


# Another place


def ask_places(bench, qtbot) -> ActivityPicker:
    bench.session.places, bench.session.suggested = PLACES, 3
    bench.window.gate.start()
    card_in(bench, qtbot)
    bench.window.activateWindow()
    qtbot.waitUntil(bench.window.pin.field.hasFocus)
    press(bench.window, *PIN)
    return bench.window.places


def test_the_second_half_of_a_double_enter_chooses_no_place(bench, qtbot):
    places = ask_places(bench, qtbot)
    press(bench.window, Qt.Key.Key_Return)
    qtbot.waitUntil(places.isVisible)
    press(bench.window, Qt.Key.Key_Return, "2", Qt.Key.Key_Space)
    assert not any(button.isEnabled() for button in places.buttons)
    qtbot.wait(20)
    assert bench.window.session.state.phase is Phase.ACTIVITY
    qtbot.waitUntil(places.buttons[1].hasFocus)  # the one chosen last
    press(bench.window, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bench.window.session.state.facility == PLACES[1].facility)


def test_whoever_goes_on_typing_chooses_no_place(bench, qtbot):
    places = ask_places(bench, qtbot)
    press(bench.window, Qt.Key.Key_Return)
    qtbot.waitUntil(places.isVisible)
    for _ in range(20):  # twice as long as the question is closed
        press(bench.window, "2")
    assert bench.window.session.state.phase is Phase.ACTIVITY
    qtbot.waitUntil(places.buttons[1].isEnabled)
    press(bench.window, "3")
    qtbot.waitUntil(lambda: bench.window.session.state.facility == PLACES[2].facility)


def test_the_second_half_of_a_double_click_chooses_no_place(bench, qtbot):
    places = ask_places(bench, qtbot)
    at = middle(bench.window.pin.enter, bench.window)
    click(bench.window, at)
    qtbot.waitUntil(places.isVisible)
    for button in places.buttons:
        click(bench.window, middle(button, bench.window))
    click(bench.window, at)
    qtbot.wait(20)
    assert bench.window.session.state.phase is Phase.ACTIVITY
    qtbot.waitUntil(places.buttons[0].isEnabled)
    click(bench.window, middle(places.buttons[0], bench.window))
    qtbot.waitUntil(lambda: bench.window.session.state.facility == PLACES[0].facility)


@pytest.fixture
def places(qtbot) -> ActivityPicker:
    picker = ActivityPicker()
    qtbot.addWidget(picker)
    picker.show()
    picker.activateWindow()
    qtbot.waitUntil(picker.isActiveWindow)
    picker.ask(PLACES, 3)
    qtbot.waitUntil(picker.buttons[1].hasFocus)
    return picker


@pytest.mark.parametrize(("key", "text"), [(Qt.Key.Key_Return, "\r"), (Qt.Key.Key_2, "2")])
def test_a_key_held_down_chooses_no_place(places, qtbot, key, text):
    event = QKeyEvent(QKeyEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier, text, True)
    with qtbot.assertNotEmitted(places.chosen):
        QGuiApplication.sendEvent(places.buttons[1], event)
    with qtbot.waitSignal(places.chosen):
        qtbot.keyClick(places.buttons[1], key)


def test_a_place_answers_the_card_it_was_asked_of(bench, qtbot):
    """The card of a colleague of the same practice came while the worker was busy: the same places, the same numbers."""
    places = ask_places(bench, qtbot)
    press(bench.window, Qt.Key.Key_Return)
    qtbot.waitUntil(places.isVisible)
    bench.session.gate.clear()
    bench.window.session.unlock()
    bench.window.session.practise(3)
    bench.session._set(card=replace(sign_in.public(), national_id="810002422987"))
    bench.session.gate.set()
    qtbot.waitUntil(lambda: not bench.window.tasks.card.busy)
    assert bench.session.state().phase is Phase.ACTIVITY


# A try of the card


def test_a_note_is_no_code(bench, qtbot):
    """Somebody who stopped for longer than the pause goes on writing."""
    bench.window.gate.start()
    card_in(bench, qtbot)
    bench.window.activateWindow()
    panel = bench.window.pin
    qtbot.waitUntil(panel.field.hasFocus)
    press(bench.window, *"TA 13/8, poids 72 kg", Qt.Key.Key_Return)
    assert bench.session.pins == []
    assert (panel.field.text(), panel.progress.text()) == ("", fr.PIN_STRANGE)
    assert not panel.field.hasFocus()
    assert not panel.enter.isEnabled()
    qtbot.mouseClick(panel.field, Qt.MouseButton.LeftButton)  # who means it need not wait
    press(bench.window, *PIN)
    qtbot.mouseClick(panel.enter, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bench.session.pins == [PIN])


@pytest.mark.parametrize("text", ["IS01000000000000000000S1285035145412363S2LEA", "3400930000014", "7391"])
def test_a_scanner_is_no_code(bench, qtbot, text):
    """It plays a keyboard, a key every 10 ms at most, and ends with Enter."""
    card_in(bench, qtbot)
    bench.window.activateWindow()
    panel = bench.window.pin
    qtbot.waitUntil(panel.field.hasFocus)
    press(bench.window, *text, Qt.Key.Key_Return, ms=0)
    assert (panel.field.text(), panel.progress.text()) == ("", fr.PIN_STRANGE)
    qtbot.wait(20)
    assert bench.session.pins == []


@pytest.mark.parametrize("typed", ["73a", "739 ", "73é", "73915", "7.3"])
def test_what_cannot_be_a_code_leaves_the_field(bench, qtbot, typed, monkeypatch):
    monkeypatch.setattr(pin_panel, "PAUSE_S", 0.2)
    said: list[str] = []
    bench.window.announcer.said.connect(said.append)
    card_in(bench, qtbot)
    bench.window.activateWindow()
    panel = bench.window.pin
    qtbot.waitUntil(panel.field.hasFocus)
    for character in typed:
        unknown, plain = Qt.Key.Key_unknown, Qt.KeyboardModifier.NoModifier
        QTest.sendKeyEvent(QTest.KeyAction.Click, panel.field, unknown, character, plain)
    assert (panel.field.text(), panel.field.hasFocus()) == ("" if typed != "7.3" else "3", False)
    assert fr.PIN_STRANGE in said
    panel.field.wipe()
    qtbot.waitUntil(panel.field.hasFocus)  # who means it may go on soon
    press(bench.window, *PIN, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bench.session.pins == [PIN])


def test_a_keyboard_on_the_screen_types_a_code_and_nothing_else(bench, qtbot):
    card_in(bench, qtbot)
    field = bench.window.pin.field
    for text in ("73", "91"):
        event = QInputMethodEvent()
        event.setCommitString(text)
        QGuiApplication.sendEvent(field, event)
    assert field.text() == PIN
    event = QInputMethodEvent()
    event.setCommitString("é")
    QGuiApplication.sendEvent(field, event)
    assert field.text() == ""


@pytest.mark.parametrize("second", [WRONG, LAST], ids=["same", "other"])
def test_who_types_ahead_spends_no_second_try(bench, qtbot, second, monkeypatch):
    """An impatient hand types it again while the card works at it, a key every 80 ms."""
    monkeypatch.setattr(pin_panel, "PAUSE_S", 0.4)
    bench.session.pin_answers = [WRONG, second]
    bench.session.pin_seconds = 0.2
    bench.window.gate.start()
    card_in(bench, qtbot)
    panel = bench.window.pin
    for tries in (1, 2):
        bench.window.activateWindow()
        qtbot.waitUntil(panel.field.hasFocus)
        press(bench.window, *PIN, Qt.Key.Key_Return)
        press(bench.window, *PIN, *PIN, Qt.Key.Key_Return, ms=80)
        assert panel.progress.text() == fr.PIN_AGAIN
        assert (panel.field.text(), len(bench.session.pins)) == ("", tries)
    qtbot.waitUntil(panel.field.hasFocus)  # once the hand has stopped


def test_another_card_in_the_pause_is_asked_for_its_own_code(bench, qtbot):
    """The words are those of the question that is there."""
    bench.window.gate.start()
    card_in(bench, qtbot)
    bench.window.activateWindow()
    panel = bench.window.pin
    qtbot.waitUntil(panel.field.hasFocus)
    press(bench.window, "x")
    assert panel.progress.text() == fr.PIN_STRANGE
    bench.session.who = OTHER
    bench.session.pin = replace(ASKED, holder="Ines LEROY", question=1)
    bench.window.card_event(IN_ANOTHER)
    qtbot.waitUntil(lambda: panel.holder.text() == "Ines LEROY")
    assert panel.progress.text() == fr.PIN_PAUSE
