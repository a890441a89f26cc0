"""A consultation without a mouse: the keyboard is always somewhere that is seen, follows the eyes, and Enter presses."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QLineEdit, QPushButton, QWidget

from dmp_desktop.ui.kept_focus import KeptFocus
from dmp_desktop.ui.record_page import NAMES, OUTBOX
from dmp_desktop.ui.widgets.side_page import SidePage


@pytest.fixture
def active(bench, qtbot):
    bench.open(qtbot)
    bench.window.activateWindow()
    qtbot.waitActive(bench.window)
    return bench


def holder() -> QWidget | None:
    return QApplication.focusWidget()


@pytest.mark.parametrize("index", range(len(NAMES)))
def test_ctrl_and_a_number_lead_the_keyboard_into_the_tab(active, index: int) -> None:
    page = active.window.page
    active.window.acts.write.setFocus()
    QTest.keyClick(active.window, Qt.Key(Qt.Key.Key_1 + index), Qt.KeyboardModifier.ControlModifier)
    now = holder()
    assert page.stack.currentIndex() == index
    assert now is not None
    inside = page.stack.widget(index).isAncestorOf(now) and isinstance(now, QAbstractScrollArea)
    assert inside or now is page.tabs.buttons[index]
    assert inside or index != OUTBOX


@pytest.mark.parametrize(("key", "shown"), [(Qt.Key.Key_2, 1), (Qt.Key.Key_6, OUTBOX)])
def test_ctrl_and_a_number_leave_a_note_for_the_tab(active, qtbot, key: Qt.Key, shown: int) -> None:
    """The tabs are hidden behind the note: Qt has no shortcut of a hidden part."""
    window = active.window
    QTest.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(window.composer.editor.hasFocus)
    QTest.keyClicks(window.composer.editor, "Vue pour toux.")
    QTest.keyClick(window.composer.editor, key, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(window.page.isVisible)
    assert window.page.stack.currentIndex() == shown
    assert holder() is not None
    assert window.page.isAncestorOf(holder())
    assert window.composer.draft.text == "Vue pour toux."


def test_from_a_note_ctrl_f_searches_in_the_record(active, qtbot) -> None:
    window = active.window
    QTest.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(window.composer.editor.hasFocus)
    QTest.keyClick(window.composer.editor, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(window.page.search.line.hasFocus)


def test_a_page_over_a_note_offers_no_sending_of_it(active, qtbot) -> None:
    """« Pour … », « Envoyer au DMP » stood under another page: it sends nothing of what is hidden, and names whom nobody sees."""
    window = active.window
    QTest.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(window.composer.editor.hasFocus)
    QTest.keyClicks(window.composer.editor, "Vue pour toux.")
    qtbot.waitUntil(window.acts.send.isEnabled)
    window.pages.open("page", lambda: SidePage("Page", window.tasks.general, window.body))
    assert not window.acts.send.isEnabled()
    assert not window.acts.target.isVisible()
    window.pages.back()
    assert window.acts.send.isEnabled()
    assert window.acts.target.isVisible()


def test_behind_a_covered_screen_no_tab_answers(active, qtbot) -> None:
    window = active.window
    window.page.go(0)
    window.gate.lock()
    qtbot.waitUntil(lambda: not window.content.isVisible())
    QTest.keyClick(window, Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
    assert window.page.stack.currentIndex() == 0


def test_large_letters_cut_neither_a_tab_nor_a_digit(active, qtbot) -> None:
    window = active.window
    window.setStyleSheet("* { font-size: 20pt; }")
    window.resize(420, 700)
    tabs, banner = window.page.tabs, window.banner
    qtbot.waitUntil(lambda: tabs.buttons[0].height() >= tabs.buttons[0].sizeHint().height())
    assert all(one.height() >= one.sizeHint().height() for one in tabs.buttons)
    assert banner.ins.text()
    assert banner.ins.width() >= banner.ins.sizeHint().width()


def test_sent_by_keyboard_the_keyboard_is_in_the_record(active, qtbot) -> None:
    window = active.window
    QTest.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(window.composer.editor.hasFocus)
    QTest.keyClicks(window.composer.editor, "Vue pour toux.")
    qtbot.waitUntil(window.acts.send.isEnabled)
    QTest.keyClick(window, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(window.page.isVisible)
    qtbot.waitUntil(lambda: holder() is not None and window.page.isAncestorOf(holder()))


def test_enter_presses_the_button_that_has_the_keyboard(active, qtbot) -> None:
    window = active.window
    window.acts.write.setFocus()
    QTest.keyClick(window.acts.write, Qt.Key.Key_Return)
    qtbot.waitUntil(window.composer.isVisible)


def test_enter_in_a_field_does_not_press_the_button_it_leads_to(active, qtbot) -> None:
    """A field closed while its answer is awaited: Qt gives the keyboard to what follows, « Annuler », before the key goes up."""
    field, button = QLineEdit(), QPushButton()
    for part in (field, button):
        active.window.framed.rows.addWidget(part)
        part.show()
    field.returnPressed.connect(lambda: field.setEnabled(False))
    field.setFocus()
    QWidget.setTabOrder(field, button)
    with qtbot.assertNotEmitted(button.clicked):
        QTest.keyClick(field, Qt.Key.Key_Return)
    assert holder() is button
    with qtbot.waitSignal(button.clicked):
        QTest.keyClick(button, Qt.Key.Key_Return)


def test_the_bar_at_the_bottom_comes_after_the_record(active) -> None:
    """Tab goes down the window: from the banner to the tabs and their page, then to « Rédiger »."""
    window, met = active.window, []
    window.setFocus()
    for _step in range(40):
        now = holder()
        assert now is not None
        if now in met:
            break
        met.append(now)
        QTest.keyClick(now, Qt.Key.Key_Tab)
    tab, write = met.index(window.page.tabs.buttons[window.page.tabs.current]), met.index(window.acts.write)
    assert tab < write
    assert window.acts.isAncestorOf(met[-1])


def test_what_is_greyed_out_for_an_act_has_the_keyboard_again(qtbot) -> None:
    form = QWidget()
    qtbot.addWidget(form)
    inner = QWidget(form)
    inner.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    led = []
    KeptFocus(form, lambda: led.append(True))
    form.show()
    form.activateWindow()
    qtbot.waitActive(form)
    inner.setFocus()
    qtbot.waitUntil(inner.hasFocus)
    form.setEnabled(False)
    assert holder() is None
    form.setEnabled(True)
    assert inner.hasFocus()
    assert led == []
    form.setEnabled(False)
    inner.hide()
    form.setEnabled(True)
    qtbot.waitUntil(lambda: led == [True])
