"""Keyboard for everything, a name on everything, no letter twice, no rich text from others."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QScrollBar, QWidget

from dmp_desktop.domain.access import Authorization, DossierStatus
from dmp_desktop.domain.documents import DocumentKind
from dmp_desktop.errors import DmpError
from dmp_desktop.services.orders import DocumentOrder
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui import strings_window_fr as window_fr
from dmp_desktop.ui.widgets.notice_bar import Notice, of_error
from dmp_desktop.ui.widgets.still_box import StillBox
from tests.ui import fakes


def everything_shown(bench, qtbot) -> None:
    """Reader, notice, picker, consent, document, note: as many parts at once as can be."""
    bench.session.vitale = (fakes.LEA, fakes.PAUL)
    bench.sign_in(qtbot)
    bench.window.card_event(fakes.vitale())
    qtbot.waitUntil(bench.window.picker.isVisible)


def names(window: QWidget) -> dict[QWidget, str]:
    reachable = [
        widget
        for widget in window.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not isinstance(widget, QScrollBar)
        and widget.window() is window  # the lists that boxes drop down are windows of Qt's own
    ]
    found = {}
    for widget in reachable:
        interface = QAccessible.queryAccessibleInterface(widget)
        found[widget] = interface.text(QAccessible.Text.Name) if interface else ""
    return found


def test_every_widget_the_keyboard_reaches_has_a_name(bench, qtbot):
    everything_shown(bench, qtbot)
    bench.window.notices.tell(of_error(DmpError("x", "Le DMP ne répond pas."), retry=lambda: None))
    built = bench.compose.build(DocumentOrder(fakes.LEA, fakes.DOCTOR, fakes.NOW, "x"), fakes.CABINET)
    bench.outbox.send(fakes.LEA, built, ())
    qtbot.waitUntil(lambda: bool(bench.window.page.outbox.cards))
    found = names(bench.window)
    assert len(found) > 25
    unnamed = [f"{type(widget).__name__} in {type(widget.parent()).__name__}" for widget, n in found.items() if not n]
    assert unnamed == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", DocumentKind)
def test_every_form_can_be_reached_named_and_lettered(bench, qtbot, kind):
    bench.compose.facts = fakes.FACTS
    bench.compose.topics = {"IVG": "IVG"}
    bench.open(qtbot, fakes.BABY)
    bench.window.conductor.write(kind)
    qtbot.waitUntil(lambda: not bench.window.tasks.general.busy)
    composer = bench.window.composer
    composer.sensitive.ask(composer.draft, ("IVG",))
    shown = {widget: name for widget, name in names(bench.window).items() if widget.isVisible()}
    assert [type(widget).__name__ for widget, name in shown.items() if not name] == []
    found = letters(bench.window)
    assert found == sorted(set(found))
    keys = [shortcut.key().toString() for shortcut in bench.window.findChildren(QShortcut)]
    assert sorted(keys) == sorted(set(keys))


def letters(window: QWidget) -> list[str]:
    """Alt letters of what may stand in the window together."""
    texts = [widget.text() for widget in window.findChildren(QAbstractButton)]
    texts += [window_fr.RETRY, fr.UNDO, fr.SEE_OUTBOX, fr.DISCARD_UNDO, fr.SEND_ANYWAY, fr.LEAVE_ANYWAY]
    found = [match.lower() for text in set(texts) for match in re.findall(r"&([^&\s])", text.replace("&&", ""))]
    return sorted(found)


def test_no_letter_stands_twice(bench, qtbot):
    everything_shown(bench, qtbot)
    found = letters(bench.window)
    assert len(found) >= 12
    assert found == sorted(set(found))


def test_no_shortcut_stands_twice(bench):
    keys = [shortcut.key().toString() for shortcut in bench.window.findChildren(QShortcut)]
    assert sorted(keys) == sorted(set(keys))
    assert {"Ctrl+N", "Ctrl+Return", "Ctrl+F", "Ctrl+W", "F5", "Ctrl+P", "Ctrl+1", "Ctrl+6"} <= set(keys)


def test_no_box_of_choices_is_turned_by_the_wheel(bench, qtbot):
    """Who scrolls past « Qui le verra » or a treatment's state would change it unseen."""
    everything_shown(bench, qtbot)
    boxes = bench.window.findChildren(QComboBox)
    assert len(boxes) > 10
    assert {type(box) for box in boxes if not isinstance(box, StillBox)} == set()


@pytest.mark.parametrize("index", range(6))
def test_tabs_by_number_even_on_a_french_keyboard(bench, qtbot, index):
    bench.sign_in(qtbot)
    bench.window.activateWindow()
    for key in fr.TAB_KEYS[index]:
        bench.window.page.go((index + 1) % 6)
        combination = QKeySequence(key)[0]
        qtbot.keyClick(bench.window, combination.key(), combination.keyboardModifiers())
        qtbot.waitUntil(lambda: bench.window.page.tabs.current == index)
        assert bench.window.page.stack.currentIndex() == index


def test_labels_never_interpret_what_they_are_given(bench, qtbot):
    bench.open(qtbot)
    for label in bench.window.findChildren(QLabel):
        assert not label.text() or label.textFormat() is Qt.TextFormat.PlainText, label.text()
    bench.window.notices.tell(Notice('<img src="file:///etc/passwd">'))
    assert bench.window.notices.what.words.textFormat() is Qt.TextFormat.PlainText


def test_names_of_others_make_no_mnemonic(bench, qtbot):
    from dataclasses import replace

    bench.session.vitale = (replace(fakes.LEA, birth_family="TEST-A&B"), fakes.PAUL)
    bench.sign_in(qtbot)
    bench.window.card_event(fakes.vitale())
    qtbot.waitUntil(bench.window.picker.isVisible)
    assert bench.window.picker.buttons[0].text().startswith("1\N{NO-BREAK SPACE}· TEST-A&&B ")


def test_states_are_words_not_colours_alone(bench, qtbot):
    for state in (*fr.STATE.values(), *fr.INS_STATUS.values(), *fr.DMP_STATE.values(), fr.DMP_NONE, fr.DMP_CLOSED):
        words, icon, _role = state
        assert words
        assert icon
    assert "✓" in window_fr.YES
    assert set(fr.DMP_STATE) == set(Authorization)


def test_rows_are_spoken_as_one_sentence(bench, qtbot):
    bench.open(qtbot)
    cards = bench.window.page.documents.list.cards
    interface = QAccessible.queryAccessibleInterface(cards)
    spoken = interface.child(0).text(QAccessible.Text.Name)
    assert spoken == "20/11/2026, CR d'examens biologiques, CR d'examens biologiques, Anne PETIT, actif"


def test_consent_by_keyboard(bench, qtbot):
    bench.dossier.answer = DossierStatus(exists=True, authorization=Authorization.NON_EXISTE)
    bench.sign_in(qtbot)
    bench.window.card_event(fakes.vitale())
    qtbot.waitUntil(bench.window.banner.authorise.isVisible)
    bench.window.activateWindow()
    qtbot.waitActive(bench.window)
    qtbot.keyClick(bench.window, Qt.Key.Key_D, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: "authorise" in bench.dossier.calls)
