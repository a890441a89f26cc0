"""Ends of words while typing: at a pause, from elsewhere, never in the way. And the doctor's own abbreviations."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor

from dmp_desktop.domain.notes import ProposalKind
from dmp_desktop.errors import ContextError
from dmp_desktop.services.habits import Habits
from dmp_desktop.ui.stalls import LIMIT_MS
from tests.ui.timing import worst_stall


@pytest.fixture
def typing(bench, qtbot):
    """An empty note for Léa. `type(words)` types them, key by key."""
    bench.open(qtbot)
    bench.window.acts.write.click()
    bench.window.activateWindow()
    editor = bench.window.composer.editor
    editor.setFocus()
    bench.editor, bench.popup = editor, editor.popup
    bench.type = lambda words: qtbot.keyClicks(editor, words)
    return bench


def shown(bench, qtbot, words="Traitement : met") -> None:
    bench.type(words)
    qtbot.waitUntil(bench.popup.isVisible)


def test_after_three_letters_and_a_pause(typing, qtbot):
    typing.type("me")
    assert not typing.window.composer.note.suggester._pause.isActive()
    shown(typing, qtbot, "t")
    assert typing.compose.asked_words == ["met"]
    assert typing.popup.list.item(0).text() == "metformine  médicament"
    assert typing.editor.hasFocus()
    assert typing.editor.toPlainText() == "met"


def test_it_is_asked_off_the_gui_thread(typing, qtbot, monkeypatch):
    threads: list[int] = []
    suggest = typing.compose.suggest
    monkeypatch.setattr(typing.compose, "suggest", lambda word: threads.append(threading.get_ident()) or suggest(word))
    shown(typing, qtbot)
    assert threads
    assert threading.get_ident() not in threads


def test_tab_takes_the_first(typing, qtbot):
    shown(typing, qtbot)
    qtbot.keyClick(typing.editor, Qt.Key.Key_Tab)
    assert typing.editor.toPlainText() == "Traitement : metformine"
    assert not typing.popup.isVisible()
    typing.editor.undo()
    assert typing.editor.toPlainText() == "Traitement : met"


def test_the_arrows_point_and_enter_takes(typing, qtbot):
    shown(typing, qtbot, "ang")
    qtbot.keyClick(typing.editor, Qt.Key.Key_Down)
    assert typing.popup.pointed
    qtbot.keyClick(typing.editor, Qt.Key.Key_Return)
    assert typing.editor.toPlainText() == "angine"


def test_enter_types_a_line_while_nothing_is_pointed_at(typing, qtbot):
    shown(typing, qtbot)
    qtbot.keyClick(typing.editor, Qt.Key.Key_Return)
    assert typing.editor.toPlainText() == "Traitement : met\n"
    assert not typing.popup.isVisible()


def test_escape_closes_and_keeps_the_word(typing, qtbot):
    shown(typing, qtbot)
    qtbot.keyClick(typing.editor, Qt.Key.Key_Escape)
    assert not typing.popup.isVisible()
    assert typing.editor.toPlainText() == "Traitement : met"
    assert typing.window.body.currentWidget() is typing.window.composer


def test_typing_goes_on_over_suggestions(typing, qtbot):
    shown(typing, qtbot)
    typing.type("hode")
    assert not typing.popup.isVisible()
    assert typing.editor.toPlainText() == "Traitement : methode"


def test_what_comes_late_for_another_word_is_not_shown(typing, qtbot, monkeypatch):
    gate = threading.Event()
    suggest = typing.compose.suggest
    monkeypatch.setattr(typing.compose, "suggest", lambda word: gate.wait(120) and suggest(word))
    typing.type("met")
    qtbot.waitUntil(lambda: typing.window.tasks.general.busy)
    typing.type(" ")
    gate.set()
    qtbot.waitUntil(lambda: not typing.window.tasks.general.busy)
    assert not typing.popup.isVisible()


def test_no_suggestion_inside_a_word_or_for_a_number(typing, qtbot):
    typing.editor.setPlainText("metformine")
    cursor = typing.editor.textCursor()
    cursor.setPosition(3)
    typing.editor.setTextCursor(cursor)
    assert typing.editor.word == ""
    typing.editor.setPlainText("TA 135")
    typing.editor.moveCursor(QTextCursor.MoveOperation.End)
    assert typing.editor.word == ""


def test_a_pasted_text_asks_for_nothing(typing, qtbot):
    typing.editor.insertPlainText("Traitement : met")
    assert not typing.window.composer.note.suggester._pause.isActive()


def test_it_can_be_switched_off(typing, qtbot):
    shown(typing, qtbot)
    switch = typing.window.composer.note.suggestions
    switch.click()
    assert not typing.popup.isVisible()
    typing.editor.setFocus()
    typing.type("f")
    assert not typing.window.composer.note.suggester._pause.isActive()
    switch.click()
    typing.editor.setFocus()
    typing.type("o")
    assert typing.window.composer.note.suggester._pause.isActive()


def test_the_switch_is_remembered(typing, qtbot):
    switch = typing.window.composer.note.suggestions
    switch.click()
    qtbot.waitUntil(lambda: not typing.habits.kept.suggesting)
    switch.click()
    qtbot.waitUntil(lambda: typing.habits.kept.suggesting)


def test_it_is_as_the_doctor_left_it(bench, qtbot):
    bench.habits.kept = Habits(suggesting=False, pins=("1.2",))
    bench.open(qtbot)
    note = bench.window.composer.note
    qtbot.waitUntil(lambda: not note.suggestions.isChecked())
    bench.window.acts.write.click()
    qtbot.keyClicks(note.editor, "met")
    assert not note.suggester._pause.isActive()
    assert bench.habits.kept == Habits(suggesting=False, pins=("1.2",))


def test_the_list_stays_inside_the_note(typing, qtbot):
    typing.window.resize(420, 700)
    shown(typing, qtbot, "x" * 45 + " met")
    assert typing.editor.viewport().rect().contains(typing.popup.geometry())
    qtbot.keyClick(typing.editor, Qt.Key.Key_Escape)
    typing.editor.setPlainText("\n" * 60)
    typing.editor.moveCursor(QTextCursor.MoveOperation.End)
    shown(typing, qtbot, "met")
    assert typing.editor.viewport().rect().contains(typing.popup.geometry())


def test_leaving_the_note_closes_it(typing, qtbot):
    shown(typing, qtbot)
    typing.window.composer.back.setFocus()
    assert not typing.popup.isVisible()


@pytest.mark.alone
def test_typing_never_waits_for_suggestions(typing, qtbot, monkeypatch):
    gate = threading.Event()
    monkeypatch.setattr(typing.compose, "suggest", lambda _word: gate.wait(0.3) and ())

    def note() -> None:
        for word in ("metformine ", "amoxicilline ", "angine "):
            typing.type(word)
            qtbot.waitUntil(lambda: not typing.window.composer.note.suggester._pause.isActive())

    assert worst_stall(note) <= LIMIT_MS


@pytest.fixture
def learning(bench, qtbot):
    bench.open(qtbot)
    bench.window.acts.write.click()
    composer = bench.window.composer
    composer.editor.setPlainText("dnid connu. Gorge rouge : angine.")
    qtbot.waitUntil(lambda: bool(composer.proposals.model.proposals))
    return bench


def select(bench, start: int, end: int) -> None:
    editor = bench.window.composer.editor
    cursor = editor.textCursor()
    cursor.setPosition(start)
    cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
    editor.setTextCursor(cursor)


def test_an_abbreviation_is_learned_from_words_and_a_ticked_proposal(learning, qtbot):
    panel = learning.window.composer.proposals
    assert not panel.learn.isVisible()
    select(learning, 0, 4)
    assert panel.learn.isVisible()
    assert not panel.learn.isEnabled()
    panel.list.setCurrentIndex(panel.model.index(0))
    assert not panel.learn.isEnabled()
    panel.model.tick(0, True)
    assert panel.learn.isEnabled()
    proposed = len(learning.compose.proposed)
    panel.learn.click()
    qtbot.waitUntil(lambda: bool(learning.compose.learned))
    ((term, meaning),) = learning.compose.learned
    assert (term, meaning.kind, meaning.label) == ("dnid", ProposalKind.PROBLEM, "Angine aiguë")
    qtbot.waitUntil(lambda: len(learning.compose.proposed) > proposed)
    assert learning.window.notices.what.text == "« dnid » sera reconnu comme Angine aiguë."


@pytest.mark.parametrize(("start", "end"), [(0, 1), (0, 0)])
def test_nothing_too_short_is_learned(learning, start, end):
    select(learning, start, end)
    assert not learning.window.composer.proposals.learn.isVisible()


def test_what_cannot_be_learned_is_said_so(learning, qtbot, monkeypatch):
    def refuse(_term, _proposal) -> None:
        raise ContextError("AbreviationInvalide", "Une abréviation a entre 2 et 60 caractères.")

    monkeypatch.setattr(learning.compose, "learn", refuse)
    panel = learning.window.composer.proposals
    select(learning, 0, 4)
    panel.list.setCurrentIndex(panel.model.index(0))
    panel.model.tick(0, True)
    panel.learn.click()
    qtbot.waitUntil(learning.window.notices.isVisible)
    assert learning.window.notices.what.text == "Une abréviation a entre 2 et 60 caractères."
