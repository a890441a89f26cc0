"""Whose record to open, by the keyboard: what is typed for something else opens nobody's."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget

from dmp_desktop.domain.cards import Beneficiary
from dmp_desktop.services.session_state import Phase
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui.widgets import beneficiary_picker, settling
from dmp_desktop.ui.widgets.activity_picker import ActivityPicker
from dmp_desktop.ui.widgets.answer_keys import NUMBERED
from tests.ui import fakes
from tests.ui.sign_in import PLACES
from tests.ui.test_sign_in import card_in, enter

KEY, PLAIN = Qt.Key, Qt.KeyboardModifier.NoModifier
SHORT_MS = 150


@pytest.fixture(autouse=True)
def quicker(monkeypatch) -> None:
    assert beneficiary_picker.ALONE_MS >= 250
    monkeypatch.setattr(beneficiary_picker, "ALONE_MS", SHORT_MS)


def press(window: QWidget, *keys: str | Qt.Key) -> None:
    """As the system does: to whatever has the keyboard."""
    for key in keys:
        QTest.keyClick(window.windowHandle(), key)


def type_text(window: QWidget, text: str) -> None:
    for character in text:
        event = QKeyEvent(QKeyEvent.Type.KeyPress, KEY.Key_unknown, PLAIN, character)
        QGuiApplication.sendEvent(window.focusWidget(), event)


def ask(bench, qtbot, *people: Beneficiary) -> None:
    bench.session.vitale = people
    bench.window.card_event(fakes.vitale())
    qtbot.waitUntil(bench.window.picker.isVisible)


@pytest.fixture
def second(bench, qtbot):
    """Léa's record is open, Paul and Zoé are presented; nothing had the keyboard."""
    bench.open(qtbot)
    bench.window.activateWindow()
    qtbot.waitUntil(bench.window.isActiveWindow)
    bench.window.setFocus()
    ask(bench, qtbot, fakes.PAUL, fakes.BABY)
    return bench


@pytest.mark.parametrize(("text", "name"), [("1", fakes.PAUL), ("2", fakes.BABY), ("é", fakes.BABY)])
def test_the_digit_before_a_name_opens_its_record(second, qtbot, text, name):
    qtbot.waitUntil(second.window.picker.hasFocus)
    type_text(second.window, text)
    qtbot.waitUntil(lambda: second.window.session.state.patient == name)
    assert not second.window.picker.isVisible()


@pytest.mark.parametrize("key", [KEY.Key_Return, KEY.Key_Enter, KEY.Key_Space])
def test_tab_goes_from_the_banner_to_the_names_and_a_key_chooses(second, qtbot, key):
    window, picker = second.window, second.window.picker
    window.banner.close_patient.setFocus()
    for button in picker.buttons:
        press(window, KEY.Key_Tab)
        assert window.focusWidget() is button
    press(window, KEY.Key_Backtab)
    assert window.focusWidget() is picker.buttons[1]
    press(window, key)
    qtbot.waitUntil(lambda: window.session.state.patient == fakes.BABY)


def test_escape_keeps_the_open_record(second, qtbot):
    assert second.window.picker.hint.text() == fr.CHOOSE_KEYS_STAY
    press(second.window, KEY.Key_Escape)
    qtbot.waitUntil(lambda: second.window.session.state.phase is Phase.OPEN)
    assert second.window.session.state.patient == fakes.LEA


def test_escape_refuses_nobody_where_no_record_is_open(bench, qtbot):
    """The card would have to be put in again."""
    bench.sign_in(qtbot)
    bench.window.activateWindow()
    ask(bench, qtbot, fakes.LEA, fakes.PAUL)
    qtbot.waitUntil(bench.window.picker.hasFocus)
    assert bench.window.picker.hint.text() == fr.CHOOSE_KEYS
    with qtbot.assertNotEmitted(bench.window.picker.chosen, wait=2 * SHORT_MS):
        press(bench.window, KEY.Key_Escape)


@pytest.mark.parametrize("text", ["3", "9", "0", "²", "à", "a", "\u0661"])
def test_other_keys_choose_nobody(second, qtbot, text):
    with qtbot.assertNotEmitted(second.window.picker.chosen, wait=2 * SHORT_MS):
        type_text(second.window, text)


@pytest.mark.parametrize("text", ["12", "1 ", "1\r", "IS01200\r", "2LEA TEST", " 2", "a1"])
def test_a_scanner_or_a_hand_that_writes_on_chooses_nobody(second, qtbot, text):
    """Wherever in the panel the keyboard is."""
    for holder in (second.window.picker, second.window.picker.buttons[1]):
        holder.setFocus()
        with qtbot.assertNotEmitted(second.window.picker.chosen, wait=2 * SHORT_MS):
            press(second.window, *(KEY.Key_Return if one == "\r" else one for one in text))


@pytest.mark.parametrize("modifier", [Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier])
def test_a_digit_with_another_key_held_is_a_shortcut(second, qtbot, modifier):
    with qtbot.assertNotEmitted(second.window.picker.chosen, wait=2 * SHORT_MS):
        event = QKeyEvent(QKeyEvent.Type.KeyPress, KEY.Key_1, modifier, "1")
        QGuiApplication.sendEvent(second.window.picker, event)


def test_a_key_held_down_since_before_chooses_nobody(second, qtbot):
    with qtbot.assertNotEmitted(second.window.picker.chosen, wait=2 * SHORT_MS):
        event = QKeyEvent(QKeyEvent.Type.KeyPress, KEY.Key_1, PLAIN, "1", True)
        QGuiApplication.sendEvent(second.window.picker, event)


def test_a_key_answers_the_question_it_was_typed_under(second, qtbot):
    """Others are on the list before the key has proved to be alone."""
    picker = second.window.picker
    with qtbot.assertNotEmitted(picker.chosen, wait=2 * SHORT_MS):
        press(second.window, "1")
        picker.ask((fakes.beneficiary(fakes.BABY, 1), fakes.beneficiary(fakes.PAUL, 2)), record_open=True)
    with qtbot.waitSignal(picker.chosen) as chosen:
        press(second.window, "1")
    assert chosen.args == [fakes.beneficiary(fakes.BABY, 1)]


@pytest.mark.alone
def test_keys_before_the_question_has_settled_choose_nobody(bench, qtbot, monkeypatch):
    """Whoever goes on typing keeps it closed, whatever had the keyboard before."""
    monkeypatch.setattr(settling, "SETTLE_MS", 200)
    bench.window.picker.settling.ms = 200
    bench.open(qtbot)
    bench.window.gate.start()
    bench.window.activateWindow()
    ask(bench, qtbot, fakes.PAUL)
    picker = bench.window.picker
    qtbot.waitUntil(picker.hasFocus)
    with qtbot.assertNotEmitted(picker.chosen, wait=2 * SHORT_MS):
        for key in ("1", KEY.Key_Escape, "1", "1", "1", "1", "1", "1"):
            qtbot.wait(50)
            press(bench.window, key)
            assert not picker.buttons[0].isEnabled()
    qtbot.waitUntil(picker.buttons[0].isEnabled)
    assert picker.hasFocus()
    press(bench.window, "1")
    qtbot.waitUntil(lambda: bench.window.session.state.patient == fakes.PAUL)


# The keyboard of somebody who is at something else


def test_a_digit_of_a_note_chooses_nobody_and_stays_in_the_note(bench, qtbot):
    bench.open(qtbot)
    bench.window.conductor.write()
    bench.window.activateWindow()
    editor = bench.window.composer.editor
    qtbot.waitUntil(editor.hasFocus)
    ask(bench, qtbot, fakes.PAUL, fakes.BABY)
    with qtbot.assertNotEmitted(bench.window.picker.chosen, wait=2 * SHORT_MS):
        press(bench.window, "1")
        qtbot.wait(2 * SHORT_MS)
        press(bench.window, "2", KEY.Key_Return, KEY.Key_Escape, KEY.Key_Space)
        bench.window.gate.lead()  # back from the practice software
    assert editor.hasFocus()
    assert editor.toPlainText() == "12\n "
    assert bench.window.session.state.phase is Phase.CHOOSING


def test_no_part_of_a_note_gives_its_keyboard_away(bench, qtbot):
    """A button, or nothing at all: somebody is about to type there."""
    bench.open(qtbot)
    bench.window.conductor.write()
    bench.window.activateWindow()
    ask(bench, qtbot, fakes.PAUL)
    buttons = [one for one in bench.window.composer.findChildren(QPushButton) if one.isVisible() and one.isEnabled()]
    for holder in (*buttons, bench.window):
        holder.setFocus()
        bench.window.conductor.show_session(bench.window.session.state)
        assert bench.window.focusWidget() is holder
    assert buttons
    assert bench.window.picker.isVisible()


def test_a_search_and_a_list_keep_the_keyboard_and_a_tab_gives_it(bench, qtbot):
    bench.open(qtbot)
    bench.window.activateWindow()
    page = bench.window.page
    ask(bench, qtbot, fakes.PAUL)
    for holder in (page.search.line, page.news.list):
        holder.setFocus()
        bench.window.gate.lead()
        assert bench.window.focusWidget() is holder
    page.tabs.buttons[0].setFocus()
    bench.window.gate.lead()
    assert bench.window.picker.hasFocus()


def test_the_first_question_after_the_code_has_the_keyboard(bench, qtbot):
    bench.window.gate.start()
    bench.window.activateWindow()
    card_in(bench, qtbot)
    enter(bench, qtbot)
    qtbot.waitUntil(lambda: bench.window.session.state.phase is Phase.READY)
    ask(bench, qtbot, fakes.LEA, fakes.PAUL)
    assert bench.window.picker.hasFocus(), "on no name"
    press(bench.window, "2")
    qtbot.waitUntil(lambda: bench.window.session.state.patient == fakes.PAUL)


def test_the_question_waits_for_who_works_in_another_window(bench, qtbot):
    """It takes the keyboard once they come back to this one."""
    bench.open(qtbot)
    bench.window.setFocus()
    other = QWidget()
    qtbot.addWidget(other)
    other.show()
    other.activateWindow()
    qtbot.waitUntil(other.isActiveWindow)
    ask(bench, qtbot, fakes.PAUL)
    assert not bench.window.picker.hasFocus()
    bench.window.gate.start()
    bench.window.activateWindow()
    qtbot.waitUntil(bench.window.picker.hasFocus)


def test_nine_have_a_digit_and_the_tenth_none(bench, qtbot):
    bench.sign_in(qtbot)
    bench.window.activateWindow()
    picker = bench.window.picker
    people = [Beneficiary("TEST-FRATRIE", f"N{rank}", "20200101", nir="", rank=rank) for rank in range(1, 12)]
    picker.ask(people, record_open=False)
    picker.setFocus()
    digits = [button.text()[:2] == f"{number}\N{NO-BREAK SPACE}" for number, button in enumerate(picker.buttons, 1)]
    assert digits == [True] * NUMBERED + [False] * 3
    with qtbot.waitSignal(picker.chosen) as chosen:
        press(bench.window, "9")
    assert chosen.args == [people[8]]


def test_the_key_of_a_power_chooses_no_place(qtbot):
    """« ² », left of the 1 of a French keyboard, is a digit to Python."""
    picker = ActivityPicker()
    qtbot.addWidget(picker)
    picker.show()
    picker.activateWindow()
    qtbot.waitUntil(picker.isActiveWindow)
    picker.ask(PLACES, 3)
    qtbot.waitUntil(picker.buttons[1].hasFocus)
    with qtbot.assertNotEmitted(picker.chosen):
        type_text(picker, "²")
