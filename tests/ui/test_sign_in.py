"""The PIN, the place of practice, the lock, Pro Santé Connect: what the doctor sees, and what nothing keeps."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import QAccessible, QGuiApplication, QKeySequence, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QPlainTextEdit, QPushButton, QTextEdit

from dmp_desktop.domain.cards import CardEvent, CardEventType, CardKind
from dmp_desktop.domain.people import Role
from dmp_desktop.errors import DmpError
from dmp_desktop.services import session_notices as notices
from dmp_desktop.services.sending import DOUBT
from dmp_desktop.services.session_state import Phase, PinAsked, SessionState
from dmp_desktop.ui import strings_card_fr as fr
from dmp_desktop.ui import strings_fr as main_fr
from dmp_desktop.ui import strings_window_fr as window_fr
from dmp_desktop.ui.idle import IdleWatch
from dmp_desktop.ui.main_window import MainWindow
from dmp_desktop.ui.widgets.activity_picker import ActivityPicker, kind_words
from dmp_desktop.ui.widgets.pin_field import FORGET_MS, PinField
from dmp_desktop.ui.widgets.pin_panel import PATIENCE_MS, PinPanel
from dmp_desktop.ui.widgets.psc_panel import PscPanel
from dmp_desktop.ui.widgets.status_strip import StatusStrip
from tests.ui import fakes, sign_in
from tests.ui.sign_in import ASKED, LAST, LOCKED, NO_MODULE, PLACES, WRONG
from tests.ui.test_session import readable

PIN = "7391"
IN_ANOTHER = CardEvent(CardEventType.CARD_INSERTED, "Lecteur C", b"\x3b", CardKind.CPS)
OTHER = replace(fakes.DOCTOR, rpps="10002422987", family="LEROY", given="Ines")


def card_in(bench, qtbot) -> None:
    bench.session.pin = ASKED
    bench.window.card_event(fakes.cps())
    qtbot.waitUntil(lambda: bench.window.stack.currentWidget() is bench.window.pin)


def card_out(bench, qtbot) -> None:
    bench.window.card_event(fakes.cps(False))
    qtbot.waitUntil(lambda: bench.window.stack.currentWidget() is bench.window.masked)


def enter(bench, qtbot, pin: str = PIN) -> None:
    bench.window.activateWindow()
    qtbot.waitUntil(bench.window.pin.field.hasFocus)
    qtbot.keyClicks(bench.window.pin.field, pin)
    qtbot.keyClick(bench.window.pin.field, Qt.Key.Key_Return)


# PIN


def test_the_pin_is_asked_in_the_window_and_opens_the_session(bench, qtbot):
    card_in(bench, qtbot)
    panel = bench.window.pin
    assert [panel.holder.text(), panel.card.text()] == ["Camille DUPONT", "Carte CPS"]
    assert bench.window.strip.who.text() == window_fr.SIGNING_IN["pin"]
    enter(bench, qtbot)
    qtbot.waitUntil(lambda: bench.window.stack.currentWidget() is bench.window.content)
    assert bench.session.pins == [PIN]
    assert len(bench.session.threads) == 1


def test_one_entry_is_one_submission(bench, qtbot):
    card_in(bench, qtbot)
    bench.session.gate.clear()
    enter(bench, qtbot)
    panel = bench.window.pin
    assert not panel.field.isEnabled()
    assert not panel.enter.isEnabled()
    qtbot.keyClick(panel.field, Qt.Key.Key_Return)
    qtbot.keyClick(bench.window.focusWidget(), Qt.Key.Key_Return)
    panel.enter.click()
    panel.submitted.emit(PIN, ASKED.question)  # even so: the controller drops it
    qtbot.waitUntil(lambda: panel.progress.text() == fr.PIN_WORKING)
    bench.session.gate.set()
    qtbot.waitUntil(lambda: bench.window.stack.currentWidget() is bench.window.content)
    assert bench.session.pins == [PIN]


def test_the_same_refusal_twice_gives_the_field_back(bench, qtbot):
    """The session's state does not change then."""
    card_in(bench, qtbot)
    bench.session.pin_answers = [WRONG, WRONG]
    panel = bench.window.pin
    for times in (1, 2):
        enter(bench, qtbot)
        qtbot.waitUntil(lambda times=times: len(bench.session.pins) == times and not panel.working)
        assert panel.answer.text() == WRONG.said
        assert panel.field.isEnabled()
        qtbot.waitUntil(panel.field.hasFocus)


@pytest.fixture
def pin_panel(qtbot) -> PinPanel:
    """In a window of its own, which has the keyboard."""
    panel = PinPanel()
    qtbot.addWidget(panel)
    panel.can_diagnose = True
    panel.show()
    panel.activateWindow()
    qtbot.waitUntil(panel.isActiveWindow)
    return panel


def test_the_last_try_is_told_before_it(pin_panel):
    pin_panel.show_asked(LAST)
    assert pin_panel.warning.text().startswith("DERNIER ESSAI")
    assert pin_panel.warning.isVisible()
    assert pin_panel.warning.objectName() == "alarm"
    pin_panel.show_asked(ASKED)
    assert not pin_panel.warning.isVisible()
    assert pin_panel.caution.isVisible()


@pytest.mark.parametrize(("asked", "title", "diagnostic"), [(LOCKED, fr.PIN_LOCKED_TITLE, False), (NO_MODULE, fr.PIN_REFUSED_TITLE, True)])  # fmt: skip
def test_no_field_where_no_entry_helps(pin_panel, qtbot, asked, title, diagnostic):
    submitted: list[str] = []
    pin_panel.submitted.connect(submitted.append)
    pin_panel.show_asked(asked)
    assert not pin_panel.field.isVisible()
    assert not pin_panel.enter.isVisible()
    assert pin_panel.title.text() == title
    assert pin_panel.diagnostic.isVisible() is diagnostic
    assert pin_panel.answer.text()
    assert pin_panel.focusWidget() is (pin_panel.again if diagnostic else pin_panel)
    pin_panel.field.setText(PIN)
    pin_panel.enter.click()
    assert submitted == []
    assert pin_panel.caution.text() == fr.PIN_OTHER_WAYS
    assert pin_panel.caution.isVisible()
    if asked is LOCKED:
        assert "PUK" in pin_panel.answer.text()


def test_an_entry_answers_the_question_it_was_typed_under(bench, qtbot):
    card_in(bench, qtbot)
    panel = bench.window.pin
    bench.session.gate.clear()
    qtbot.keyClicks(panel.field, PIN)
    bench.session.pin = replace(ASKED, holder="Ines LEROY", question=1)
    bench.window.card_event(IN_ANOTHER)
    qtbot.waitUntil(lambda: bench.window.stack.currentWidget() is bench.window.masked)
    assert "Camille" not in readable(bench.window)
    assert notices.READING in readable(bench.window)
    bench.window.session.give_pin(PIN, ASKED.question)  # an entry that was already on its way
    bench.session.gate.set()
    qtbot.waitUntil(lambda: panel.isVisible() and not bench.window.tasks.card.busy)
    assert (panel.holder.text(), panel.field.text()) == ("Ines LEROY", "")
    assert bench.window.session.state.phase is Phase.PIN
    enter(bench, qtbot)
    qtbot.waitUntil(lambda: bench.window.stack.currentWidget() is bench.window.content)


def type_in_window(bench, text: str, pause_ms: int = 0) -> None:
    """As the system does: to the window, which gives it to whoever has the keyboard."""
    for character in text:
        QTest.qWait(pause_ms)
        QTest.keyClick(bench.window.windowHandle(), character)


def test_a_card_inserted_while_somebody_writes_is_not_given_what_they_write(bench, qtbot, monkeypatch):
    monkeypatch.setattr("dmp_desktop.ui.widgets.pin_panel.PAUSE_S", 60)
    bench.open(qtbot)
    bench.window.gate.start()
    bench.window.activateWindow()
    bench.window.conductor.write()
    qtbot.waitUntil(lambda: isinstance(bench.window.focusWidget(), QPlainTextEdit | QTextEdit))
    type_in_window(bench, "TA ")
    bench.session.pin = ASKED
    bench.window.card_event(IN_ANOTHER)
    panel = bench.window.pin
    qtbot.waitUntil(panel.isVisible)
    type_in_window(bench, "1250\r")
    assert (panel.field.text(), panel.progress.text()) == ("", fr.PIN_PAUSE)
    assert panel._pause.isActive()
    monkeypatch.setattr("dmp_desktop.ui.widgets.pin_panel.PAUSE_S", 0)  # not over before, however slow the machine
    panel._pause.start(0)
    qtbot.waitUntil(panel.field.hasFocus)
    assert panel.progress.text() == ""
    type_in_window(bench, f"{PIN}\r", 30)
    qtbot.waitUntil(lambda: bench.session.pins == [PIN])


def test_the_field_may_be_clicked_during_the_pause(pin_panel, qtbot):
    pin_panel.since_key = lambda: 0.0
    pin_panel.show_asked(ASKED)
    pin_panel.lead()
    assert not pin_panel.field.hasFocus()
    qtbot.mouseClick(pin_panel.field, Qt.MouseButton.LeftButton)
    pin_panel.lead()
    assert pin_panel.field.hasFocus()
    pin_panel.show_asked(replace(ASKED, question=1))
    assert not pin_panel.field.hasFocus()


def test_digits_that_nobody_confirms_do_not_stay(bench, qtbot):
    card_in(bench, qtbot)
    field = bench.window.pin.field
    field.setText("73")
    assert field.forget.isActive()
    assert field.forget.interval() == FORGET_MS
    field.forget.setInterval(50)
    field.setText("739")
    qtbot.waitUntil(lambda: field.text() == "")
    field.forget.setInterval(FORGET_MS)
    field.setText(PIN)
    bench.window.gate.idle.idle.emit()
    assert field.text() == ""


def test_the_masked_screen_says_one_thing_of_a_card(bench, qtbot):
    masked = bench.window.masked
    state = bench.window.session.state
    bench.window.conductor.show_session(replace(state, cps_present=True, notice=notices.STILL_IN))
    assert (masked.hint.isVisible(), masked.notice.text()) == (False, notices.STILL_IN)
    bench.window.conductor.show_session(replace(state, cps_present=False, notice=""))
    assert masked.hint.isVisible()
    bench.window.conductor.show_session(replace(state, service_up=False, notice=notices.NO_SERVICE))
    assert (masked.hint.isVisible(), masked.notice.text()) == (False, notices.NO_SERVICE)
    bench.window.conductor.show_session(replace(state, service_up=True, notice=notices.VITALE_WAITS[Phase.MASKED]))
    assert masked.hint.isVisible()
    bench.window.conductor.show_session(replace(state, service_up=True, notice=notices.MUTE))
    assert (masked.hint.isVisible(), masked.notice.text()) == (False, notices.MUTE)


def test_too_short_a_code_is_not_sent(pin_panel, qtbot):
    submitted: list[str] = []
    pin_panel.submitted.connect(submitted.append)
    pin_panel.show_asked(ASKED)
    qtbot.keyClicks(pin_panel.field, "12\r")
    assert pin_panel.progress.text() == fr.PIN_SHORT
    assert submitted == []
    qtbot.keyClicks(pin_panel.field, "a3456")
    assert len(pin_panel.field.text()) == 4


def test_a_quick_card_needs_no_word(pin_panel, qtbot):
    pin_panel.show_asked(ASKED)
    qtbot.keyClicks(pin_panel.field, f"{PIN}\r")
    assert (pin_panel.progress.text(), pin_panel.field.text()) == ("", "")
    pin_panel.show_answered()
    qtbot.wait(PATIENCE_MS + 50)
    assert pin_panel.progress.text() == ""
    assert pin_panel.field.hasFocus()


def test_what_was_typed_goes_with_the_card(bench, qtbot):
    card_in(bench, qtbot)
    field = bench.window.pin.field
    field.setText("73")
    bench.session.gate.clear()
    bench.window.card_event(fakes.cps(False))
    qtbot.waitUntil(lambda: bench.window.stack.currentWidget() is bench.window.masked)
    assert field.text() == ""
    assert "Camille" not in readable(bench.window)
    bench.session.gate.set()


def test_a_reader_plugged_in_leaves_what_is_typed(bench, qtbot):
    card_in(bench, qtbot)
    bench.window.pin.field.setText("73")
    state = bench.window.session.state
    bench.window.conductor.show_session(replace(state, readers=(*state.readers, "Lecteur C")))
    assert bench.window.pin.field.text() == "73"


def test_the_pin_stays_nowhere(bench, qtbot, caplog):
    """Not in a widget, not in a state, not in a log, not in what screen readers are told, not in a task."""
    said: list[str] = []
    bench.window.announcer.said.connect(said.append)
    card_in(bench, qtbot)
    bench.session.pin_answers = [WRONG]
    enter(bench, qtbot)
    qtbot.waitUntil(lambda: bool(bench.session.pins) and not bench.window.pin.working)
    bench.session.pins.clear()
    for text in (readable(bench.window), repr(bench.window.session.state), caplog.text, " ".join(said)):
        assert PIN not in text
    assert bench.window.tasks.card._live == set()
    assert fr.PIN_ASKED_SAID in said
    assert any(WRONG.said in words for words in said)


def test_the_keyboard_is_not_stolen(bench, qtbot):
    other = QLineEdit()
    qtbot.addWidget(other)
    other.show()
    other.activateWindow()
    qtbot.waitUntil(other.isActiveWindow)
    other.setFocus()
    card_in(bench, qtbot)
    assert QGuiApplication.focusWindow() is other.windowHandle()
    assert other.hasFocus()
    bench.window.activateWindow()
    qtbot.waitUntil(bench.window.pin.field.hasFocus)


def test_the_field_gives_nothing_to_the_clipboard_and_takes_nothing_from_it(qtbot):
    field = PinField()
    qtbot.addWidget(field)
    field.show()
    clipboard = QGuiApplication.clipboard()
    clipboard.setText("9876")
    for keys in ("Paste", "Undo", "Redo"):
        QTest.keySequence(field, QKeySequence(getattr(QKeySequence.StandardKey, keys)))
        assert field.text() == ""
    qtbot.keyClicks(field, PIN)
    for keys in ("SelectAll", "Copy", "Cut"):
        QTest.keySequence(field, QKeySequence(getattr(QKeySequence.StandardKey, keys)))
    assert clipboard.text() == "9876"
    assert field.text() == PIN
    middle = Qt.MouseButton.MiddleButton
    release = QMouseEvent(QMouseEvent.Type.MouseButtonRelease, QPointF(2, 2), field.mapToGlobal(QPointF(2, 2)), middle, middle, Qt.KeyboardModifier.NoModifier)  # fmt: skip
    clipboard.setMimeData(QMimeData())
    QGuiApplication.sendEvent(field, release)
    assert field.text() == PIN
    assert field.take() == PIN
    assert (field.text(), field.isUndoAvailable(), field.isRedoAvailable()) == ("", False, False)
    field.undo()
    field.redo()
    assert field.text() == ""
    assert field.echoMode() is QLineEdit.EchoMode.Password
    hints = Qt.InputMethodHint
    for hint in (hints.ImhHiddenText, hints.ImhSensitiveData, hints.ImhNoPredictiveText):
        assert field.inputMethodHints() & hint


def test_a_screen_reader_hears_no_digit(pin_panel):
    pin_panel.show_asked(ASKED)
    pin_panel.field.setText(PIN)
    interface = QAccessible.queryAccessibleInterface(pin_panel.field)
    assert interface.text(QAccessible.Text.Name) == fr.PIN_NAME
    assert PIN not in interface.text(QAccessible.Text.Value)
    assert interface.state().passwordEdit


# Places


def ask_places(bench, qtbot) -> None:
    bench.session.places, bench.session.suggested = PLACES, 3
    card_in(bench, qtbot)
    enter(bench, qtbot)
    qtbot.waitUntil(lambda: bench.window.stack.currentWidget() is bench.window.places)


@pytest.fixture
def picker(qtbot) -> ActivityPicker:
    """Three places, the second one chosen last, in a window of its own."""
    picker = ActivityPicker()
    qtbot.addWidget(picker)
    picker.show()
    picker.activateWindow()
    qtbot.waitUntil(picker.isActiveWindow)
    picker.ask(PLACES, 3)
    return picker


@pytest.mark.parametrize(("keys", "number"), [("3", 7), ("é", 3), ("\r", 3), ("down", 7), ("up", 1)])
def test_a_place_is_chosen_by_the_keyboard(picker, qtbot, keys, number):
    chosen: list[int] = []
    picker.chosen.connect(chosen.append)
    qtbot.waitUntil(picker.buttons[1].hasFocus)
    if keys in ("down", "up"):
        qtbot.keyClick(picker.buttons[1], Qt.Key.Key_Down if keys == "down" else Qt.Key.Key_Up)
        keys = "\r"
    if keys == "\r":
        qtbot.keyClick(picker.focusWidget(), Qt.Key.Key_Return)
    else:
        unknown, plain = Qt.Key.Key_unknown, Qt.KeyboardModifier.NoModifier
        QTest.sendKeyEvent(QTest.KeyAction.Click, picker.buttons[1], unknown, keys, plain)
    picker.buttons[0].click()  # once: it waits for the session
    assert chosen == [number]


def test_places_are_told_in_french(picker):
    names = [button.accessibleName() for button in picker.buttons]
    assert names[0] == "1 : Cabinet des Lilas, libéral · cabinet individuel"
    assert fr.PLACE_LAST in names[1]
    assert kind_words(replace(PLACES[0], mode="", facility=replace(PLACES[0].facility, sector=""))) == fr.KIND_UNKNOWN


def test_a_long_name_does_not_widen_the_docked_window(bench, qtbot):
    ask_places(bench, qtbot)
    bench.window.resize(420, 900)
    assert bench.window.width() == 420
    bench.window.places.buttons[1].click()
    qtbot.waitUntil(lambda: bench.window.stack.currentWidget() is bench.window.content)
    assert bench.window.session.state.facility == PLACES[1].facility
    assert PLACES[1].facility.name in bench.window.strip.who.text()


def test_the_place_is_changed_from_the_strip_and_the_record_stays(bench, qtbot):
    ask_places(bench, qtbot)
    bench.window.places.buttons[0].click()
    bench.open(qtbot)
    bench.window.strip.change_place.trigger()
    qtbot.waitUntil(lambda: bench.window.stack.currentWidget() is bench.window.places)
    assert "TEST-MARTIN" not in readable(bench.window)
    bench.window.places.buttons[2].click()
    qtbot.waitUntil(lambda: bench.window.banner.name.text() == "TEST-MARTIN Léa")
    assert bench.window.session.state.facility == PLACES[2].facility


def test_one_place_is_said(bench, qtbot):
    bench.sign_in(qtbot)
    bench.window.strip.change_place.trigger()
    qtbot.waitUntil(lambda: bench.window.notices.what.text == fr.ONE_PLACE)


# Lock


def test_lock_hides_all_and_resume_brings_the_note_back(bench, qtbot):
    bench.open(qtbot)
    bench.window.conductor.write()
    bench.window.composer.editor.setPlainText("Gorge rouge.")
    bench.session.gate.clear()  # the card pool may be busy: the screen does not wait for it
    bench.window.activateWindow()
    qtbot.waitUntil(bench.window.isActiveWindow)
    qtbot.keyClick(bench.window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert bench.window.stack.currentWidget() is bench.window.locked
    for secret in ("TEST-MARTIN", "Gorge", "12/03/1985"):
        assert secret not in readable(bench.window)
    bench.session.gate.set()

    qtbot.waitUntil(bench.window.locked.resume.hasFocus)
    qtbot.keyClick(bench.window.locked.resume, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bench.window.banner.name.text() == "TEST-MARTIN Léa")
    assert bench.window.composer.editor.toPlainText() == "Gorge rouge."
    assert bench.window.body.currentWidget() is bench.window.composer


def test_a_card_with_a_pin_asks_it_to_resume(bench, qtbot):
    card_in(bench, qtbot)
    enter(bench, qtbot)
    bench.open(qtbot)
    bench.window.strip.lock.trigger()
    bench.window.locked.resume.click()
    qtbot.waitUntil(lambda: bench.window.stack.currentWidget() is bench.window.pin)
    assert "TEST-MARTIN" not in readable(bench.window)
    enter(bench, qtbot)
    qtbot.waitUntil(lambda: bench.window.banner.name.text() == "TEST-MARTIN Léa")


def test_a_card_that_was_reset_asks_its_pin_and_the_note_comes_back(bench, qtbot):
    card_in(bench, qtbot)
    enter(bench, qtbot)
    bench.open(qtbot)
    bench.window.conductor.write()
    bench.window.composer.editor.setPlainText("Toux depuis trois jours.")
    bench.session.pin = replace(ASKED, said="Un autre logiciel a réinitialisé votre carte.")
    bench.window.session.card_reset()
    qtbot.waitUntil(lambda: bench.window.stack.currentWidget() is bench.window.pin)
    assert "réinitialisé" in bench.window.pin.answer.text()
    assert bench.window.composer.editor.toPlainText() == ""
    enter(bench, qtbot)
    qtbot.waitUntil(lambda: bench.window.stack.currentWidget() is bench.window.content)
    assert bench.window.session.state.patient == fakes.LEA
    assert bench.window.composer.editor.toPlainText() == "Toux depuis trois jours."


def test_a_sending_goes_on_behind_the_lock(bench, qtbot):
    bench.open(qtbot)
    bench.window.conductor.write()
    bench.window.composer.editor.setPlainText("Gorge rouge.")
    bench.outbox.gate.clear()
    bench.window.conductor.send()
    bench.window.gate.lock()
    bench.outbox.gate.set()
    qtbot.waitUntil(lambda: len(bench.outbox.held) == 1)
    qtbot.waitUntil(lambda: not bench.window.composer.busy)
    assert bench.window.stack.currentWidget() is bench.window.locked
    assert bench.window.notices.isHidden()


def test_places_that_begin_alike_are_told_apart_in_the_narrowest_window(bench, qtbot):
    bench.window.resize(420, 700)
    long = "Maison de santé pluriprofessionnelle de la Vallée de la Vesle et de la Suippe"
    places = tuple(
        replace(PLACES[1], number=number, facility=replace(PLACES[1].facility, name=f"{long}, site {number}"))
        for number in (1, 2)
    )
    picker = bench.window.places
    bench.window.stack.setCurrentWidget(picker)
    picker.ask(places, None)
    qtbot.waitUntil(lambda: picker.isVisible() and bool(picker.buttons) and picker.buttons[-1].y() > 0)
    for button in picker.buttons:
        name = button.layout().itemAt(0).widget()
        assert name.height() >= 2 * name.fontMetrics().height()
        assert name.height() >= name.heightForWidth(name.width()), "no line is cut"
    assert not picker._area.verticalScrollBar().isVisible()


def test_nothing_to_lock_when_nobody_is_signed_in(bench, qtbot):
    bench.window.gate.lock()
    assert bench.window.session.state.phase is Phase.MASKED


@pytest.mark.alone
def test_an_unused_window_locks_and_a_used_one_does_not(bench, qtbot):
    bench.open(qtbot)
    bench.window.gate.idle.set_delay(0.3)
    for _ in range(6):
        QTest.mouseMove(bench.window.windowHandle())
        qtbot.keyClick(bench.window.windowHandle(), Qt.Key.Key_Shift)
        qtbot.wait(100)
    assert bench.window.stack.currentWidget() is bench.window.content
    qtbot.waitUntil(lambda: bench.window.stack.currentWidget() is bench.window.locked)


def test_the_delay_is_the_one_of_the_settings(bench, qtbot, settings):
    settings.save(replace(settings.load(), lock_minutes=3))
    bench.window.gate.read_settings()
    qtbot.waitUntil(lambda: bench.window.gate.idle._delay_s == 180)


def test_no_delay_never_locks(qtbot):
    watch = IdleWatch()
    with qtbot.assertNotEmitted(watch.idle, wait=50):
        watch.set_delay(0)


@pytest.mark.parametrize("kind", [CardEventType.CARD_MUTE, CardEventType.CARD_INSERTED])
def test_another_card_where_the_professionals_was_masks_at_once(bench, qtbot, kind):
    """Its removal was never told."""
    bench.open(qtbot)
    bench.session.gate.clear()
    bench.window.card_event(replace(fakes.cps(), type=kind, kind=None))
    qtbot.waitUntil(lambda: bench.window.stack.currentWidget() is bench.window.masked)
    bench.session.gate.set()


def test_a_mute_carte_vitale_masks_nothing(bench, qtbot):
    bench.open(qtbot)
    covered: list[Phase] = []
    bench.window.session.changed.connect(lambda state: covered.append(state.phase))
    bench.window.card_event(replace(fakes.vitale(), type=CardEventType.CARD_MUTE, kind=None))
    qtbot.waitUntil(lambda: not bench.window.tasks.card.busy)
    assert Phase.MASKED not in covered
    assert bench.window.stack.currentWidget() is bench.window.content


# Roles


def test_another_doctor_sees_neither_the_note_nor_the_record(bench, qtbot):
    bench.open(qtbot)
    bench.window.conductor.write()
    bench.window.composer.editor.setPlainText("Note de Camille.")
    card_out(bench, qtbot)
    bench.session.who = OTHER
    bench.sign_in(qtbot)
    bench.window.page.go(5)
    assert "TEST-MARTIN" not in readable(bench.window)
    assert "Note de Camille" not in readable(bench.window)
    bench.window.conductor.write()
    assert bench.window.composer.draft is None
    card_out(bench, qtbot)
    bench.session.who = fakes.DOCTOR
    bench.sign_in(qtbot)
    assert [draft.text for draft in bench.window.drafts.of(fakes.DOCTOR)] == ["Note de Camille."]


def test_the_note_is_before_the_eyes_again_when_the_card_returns(bench, qtbot):
    bench.open(qtbot)
    bench.window.conductor.write()
    bench.window.composer.editor.setPlainText("Gorge rou")
    card_out(bench, qtbot)
    bench.sign_in(qtbot)
    assert bench.window.composer.editor.toPlainText() == "Gorge rou"


def test_the_note_does_not_come_back_over_another_record(bench, qtbot):
    bench.open(qtbot)
    bench.window.conductor.write()
    bench.window.composer.editor.setPlainText("Gorge rouge.")
    draft = bench.window.composer.draft
    bench.window.conductor._empty()
    bench.window.record.show(fakes.PAUL)
    bench.window.conductor._take_up(replace(bench.window.session.state, patient=fakes.PAUL))
    assert bench.window.composer.draft is None
    assert draft in bench.window.drafts.of(fakes.DOCTOR)


def test_a_trainee_writes_and_does_not_send(bench, qtbot):
    bench.session.role = Role.TRAINEE
    bench.open(qtbot)
    bench.window.conductor.write()
    bench.window.composer.editor.setPlainText("TA 135/80.")
    acts = bench.window.acts
    assert not acts.send.isEnabled()
    assert acts.barred.text() == fr.TO_VALIDATE
    assert acts.barred.isVisible()
    bench.window.activateWindow()
    qtbot.keyClick(bench.window, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    bench.window.conductor.send()
    assert bench.window.notices.what.text == fr.TO_VALIDATE
    assert bench.outbox.held == []
    bench.window.page.go(5)
    assert [card.state.text for card in bench.window.page.outbox.draft_cards] == [fr.DRAFT_TO_VALIDATE]
    assert "en formation" in bench.window.strip.who.text()


def test_a_card_of_unknown_type_is_told_as_such_and_what_to_do(bench, qtbot):
    bench.session.role, bench.session.doubt = Role.TRAINEE, " ".join(DOUBT)
    bench.open(qtbot)
    bench.window.conductor.write()
    bench.window.composer.editor.setPlainText("TA 135/80.")
    assert not bench.window.acts.send.isEnabled()
    assert bench.window.acts.barred.text() == fr.TO_VALIDATE_DOUBT
    assert "type de carte non lu" in bench.window.strip.who.text()
    assert "en formation" not in bench.window.strip.who.text()
    bench.window.activateWindow()
    qtbot.keyClick(bench.window, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert bench.window.notices.what.text == " ".join(DOUBT)
    assert bench.outbox.held == []


def test_a_doctor_sees_no_word_on_sending(bench, qtbot):
    bench.open(qtbot)
    bench.window.conductor.write()
    bench.window.composer.editor.setPlainText("TA 135/80.")
    assert bench.window.acts.send.isEnabled()
    assert not bench.window.acts.barred.isVisible()


def test_a_secretary_sees_no_record(bench, qtbot):
    bench.session.role = Role.SECRETARY
    bench.window.card_event(fakes.cps())
    bench.window.card_event(fakes.vitale())
    qtbot.waitUntil(lambda: bench.window.stack.currentWidget() is bench.window.desk)
    qtbot.waitUntil(lambda: bench.window.session.state.patient is not None)
    built_for = readable(bench.window)
    assert "TEST-MARTIN" not in built_for
    assert bench.dossier.calls == []
    bench.window.conductor.write()
    bench.window.conductor.go_outbox()
    assert bench.window.composer.draft is None
    assert bench.window.stack.currentWidget() is bench.window.desk
    assert "secrétariat" in bench.window.strip.who.text()


@pytest.mark.parametrize(
    ("is_test", "days", "words"),
    [
        (False, 400, ""),
        (True, 400, "Carte de test."),
        (False, 30, "Votre carte expire le 20/12/2026, dans 30 jours."),
        (False, 31, ""),
        (False, 0, "Votre carte expire le 20/11/2026, aujourd'hui."),
        (
            False,
            -1,
            "Votre carte a expiré le 19/11/2026 : le DMP la refuse. Prenez la nouvelle, ou demandez-la à l'ANS.",
        ),
    ],
)
def test_the_strip_speaks_of_the_card(qtbot, is_test, days, words):
    strip = StatusStrip()
    qtbot.addWidget(strip)
    strip.show()
    state = SessionState(
        Phase.READY, cps_present=True, professional=fakes.DOCTOR, facility=fakes.CABINET, role=Role.DOCTOR,
        card=sign_in.public(is_test=is_test, days=days),
    )  # fmt: skip
    strip.show_session(state, fakes.NOW.date())
    assert strip.card.text() == words
    assert strip.card.isVisible() is bool(words)
    assert strip.who.text() == "Dr Camille DUPONT · médecin · Cabinet des Lilas"
    assert strip.session.isVisible()
    strip.show_session(SessionState(), fakes.NOW.date())
    assert not strip.card.isVisible()
    assert not strip.session.isVisible()


def test_the_strip_speaks_of_a_reader_that_cannot_be_used(qtbot):
    strip = StatusStrip()
    qtbot.addWidget(strip)
    strip.show()
    state = SessionState(Phase.MASKED, service_up=True, readers=("Lecteur 0", "Lecteur intégré"))
    strip.show_session(state, fakes.NOW.date())
    assert strip.card.text().startswith("Le lecteur « Lecteur intégré » ne peut pas être utilisé")
    assert strip.card.text() in strip.detail.text()
    strip.show_session(replace(state, cps_present=True), fakes.NOW.date())
    assert not strip.card.isVisible()  # the card is seen in the other reader
    assert "ne peut pas être utilisé" in strip.detail.text()


# Pro Santé Connect


@pytest.fixture
def panel(bench) -> PscPanel:
    found = bench.window.masked.findChild(PscPanel)
    assert isinstance(found, PscPanel)
    return found


def test_by_phone_the_number_to_compare_is_shown(bench, qtbot, panel):
    panel.open.click()
    panel.number.setText("10002422979")
    panel.phone.click()
    qtbot.waitUntil(lambda: panel.binding.text() == "47")
    assert panel.binding.isVisible()
    assert "47" in panel.binding.accessibleName()
    bench.psc.gate.set()
    qtbot.waitUntil(lambda: bench.window.stack.currentWidget() is bench.window.content)
    assert bench.psc.asked == ["10002422979"]
    assert "Camille DUPONT" in bench.window.strip.who.text()
    assert not panel.binding.text()
    assert bench.window.strip.sign_out.isVisible()
    bench.window.strip.sign_out.trigger()
    assert bench.window.stack.currentWidget() is bench.window.masked


def test_waiting_can_be_given_up(bench, qtbot, panel):
    panel.open.click()
    panel.browser.click()
    qtbot.waitUntil(panel.copy.isVisible)
    panel.cancel.click()
    assert bench.psc.cancelled
    assert panel.open.isVisible()
    qtbot.waitUntil(lambda: not bench.window.tasks.general.busy)
    assert panel.open.isVisible()
    assert not panel.error.isVisible()
    assert bench.window.stack.currentWidget() is bench.window.masked


def test_a_refusal_is_said_and_another_try_is_open(bench, qtbot, panel):
    bench.psc.error = DmpError("psc.refused", "Vous avez refusé la demande.", "Recommencez si c’était une erreur.")
    bench.psc.gate.set()
    panel.open.click()
    panel.browser.click()
    qtbot.waitUntil(panel.error.isVisible)
    assert "refusé" in panel.error.text()
    assert panel.browser.isVisible()


def test_a_card_put_in_meanwhile_wins(bench, qtbot, panel):
    panel.open.click()
    panel.browser.click()
    qtbot.waitUntil(panel.copy.isVisible)
    bench.session.who = OTHER
    bench.window.card_event(fakes.cps())
    qtbot.waitUntil(lambda: bench.window.stack.currentWidget() is bench.window.content)
    assert bench.psc.cancelled
    qtbot.waitUntil(lambda: not bench.window.tasks.general.busy)
    assert bench.window.session.state.professional == OTHER


def test_half_a_number_is_not_asked(bench, qtbot, panel):
    panel.open.click()
    panel.number.setText("1000")
    panel.phone.click()
    assert panel.error.text() == fr.PSC_NUMBER_WRONG
    assert bench.psc.asked == []


def test_no_button_where_nothing_is_configured(qtbot, settings):
    from tests.ui.test_startup import fake_services

    psc = sign_in.FakePsc()
    psc.available = False
    for port in (psc, None):
        window = MainWindow(sandbox=True)
        qtbot.addWidget(window)
        window.furnish(replace(fake_services(), psc=port), fakes.FixedClock())
        window.complete()
        assert window.findChild(PscPanel) is None
        assert window.banner.entries.isHidden()
        assert window.close()


# Other ways to name the patient


def scan(bench, qtbot, text: str) -> None:
    bench.window.activateWindow()
    bench.window.scan.wait()
    qtbot.waitUntil(bench.window.scan.field.hasFocus)
    for character in text:
        QTest.sendKeyEvent(
            QTest.KeyAction.Click,
            bench.window.scan.field,
            Qt.Key.Key_unknown,
            character,
            Qt.KeyboardModifier.NoModifier,
        )
    qtbot.keyClick(bench.window.scan.field, Qt.Key.Key_Return)


def test_a_scanned_code_opens_the_record_and_is_kept_nowhere(bench, qtbot):
    bench.sign_in(qtbot)
    code = f"IS01S1\x1d{fakes.LEA.ins.value}"
    scan(bench, qtbot, code)
    qtbot.waitUntil(lambda: bench.window.banner.name.text() == "TEST-MARTIN Léa")
    assert bench.entries.scanned == [code]
    assert bench.window.scan.field.holds == 0
    assert not bench.window.scan.isVisible()


def test_a_code_that_is_none_is_said(bench, qtbot):
    bench.sign_in(qtbot)
    scan(bench, qtbot, "3017620422003")
    qtbot.waitUntil(lambda: "code INS" in bench.window.notices.what.text)


def test_a_scan_of_another_patient_asks(bench, qtbot):
    bench.open(qtbot)
    scan(bench, qtbot, fakes.PAUL.ins.value)
    qtbot.waitUntil(bench.window.picker.isVisible)
    assert bench.window.banner.name.text() == "TEST-MARTIN Léa"
    assert bench.window.picker.question.text() == main_fr.CHOOSE_OTHER


def test_escape_and_the_card_close_the_scan(bench, qtbot):
    bench.sign_in(qtbot)
    bench.window.scan.wait()
    qtbot.keyClicks(bench.window.scan.field, "IS01")
    assert bench.window.scan.field.holds == 4
    qtbot.keyClick(bench.window.scan.field, Qt.Key.Key_Escape)
    assert bench.window.scan.isHidden()
    assert bench.window.scan.field.holds == 0
    bench.window.scan.wait()
    bench.window.card_event(fakes.cps(False))
    qtbot.waitUntil(bench.window.scan.isHidden)


def test_apcv_says_why_not(bench, qtbot):
    bench.sign_in(qtbot)
    acts = {act.text(): act for act in bench.window.banner.entries.menu().actions()}
    acts[fr.ENTRY_APCV].trigger()
    qtbot.waitUntil(lambda: "appli carte Vitale" in bench.window.notices.what.text)


def test_apcv_is_for_who_asked(bench, qtbot):
    """It waits for the patient's phone; meanwhile another doctor sits there."""
    bench.entries.apcv = (fakes.LEA,)
    bench.entries.gate.clear()
    bench.sign_in(qtbot)
    {act.text(): act for act in bench.window.banner.entries.menu().actions()}[fr.ENTRY_APCV].trigger()
    assert bench.window.notices.what.text == fr.APCV_WAITS
    card_out(bench, qtbot)
    bench.session.who = OTHER
    bench.sign_in(qtbot)
    bench.entries.gate.set()
    qtbot.waitUntil(lambda: not bench.window.tasks.general.busy and not bench.window.tasks.card.busy)
    assert bench.window.session.state.patient is None


def test_apcv_opens_the_record(bench, qtbot):
    bench.entries.apcv = (fakes.LEA,)
    bench.sign_in(qtbot)
    {act.text(): act for act in bench.window.banner.entries.menu().actions()}[fr.ENTRY_APCV].trigger()
    qtbot.waitUntil(lambda: bench.window.banner.name.text() == "TEST-MARTIN Léa")


# All of it


def test_a_menu_over_the_record_is_closed_with_it(bench, qtbot):
    bench.open(qtbot)
    menu = bench.window.banner.entries.menu()
    menu.popup(bench.window.mapToGlobal(bench.window.rect().center()))
    qtbot.waitUntil(menu.isVisible)
    bench.window.gate.lock()
    assert not menu.isVisible()


def test_every_part_of_signing_in_has_a_name_and_plain_words(bench, qtbot, panel):
    from tests.ui.test_accessibility import names

    panel._offer()
    for asked in (ASKED, LAST, NO_MODULE):
        bench.window.pin.show_asked(asked)
    bench.window.places.ask(PLACES, 3)
    found = names(bench.window)
    pages = (bench.window.pin, bench.window.places, bench.window.locked, bench.window.desk, panel, bench.window.scan)
    reached = [widget for widget in found if any(page.isAncestorOf(widget) for page in pages)]
    assert len(reached) >= 12
    assert [widget for widget in reached if not found[widget]] == []
    for page in pages:
        for label in page.findChildren(QLabel):
            assert not label.text() or label.textFormat() is Qt.TextFormat.PlainText
        for button in page.findChildren(QPushButton):
            assert "&" not in button.text()


def test_names_of_objects_and_title_tell_nothing(bench, qtbot):
    bench.session.pin = PinAsked("TEST-NOM Prénom", ASKED.card_type, ASKED.state)
    bench.window.card_event(fakes.cps())
    qtbot.waitUntil(bench.window.pin.isVisible)
    assert "TEST-NOM" not in bench.window.windowTitle()
    assert not [child for child in bench.window.findChildren(QLabel) if "TEST" in child.objectName()]
