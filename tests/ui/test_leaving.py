"""Closing the window: a note on its way is waited for, one that would be lost is said first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dmp_desktop.errors import DmpError
from dmp_desktop.ui import strings_fr as fr
from tests.ui import fakes


@pytest.fixture
def writing(bench, qtbot):
    bench.open(qtbot)
    bench.window.acts.write.click()
    bench.window.composer.editor.setPlainText("Gorge rouge.")
    return bench


def test_nothing_to_lose_closes_at_once(bench, qtbot):
    bench.open(qtbot)
    bench.window.acts.write.click()
    assert bench.window.close()
    assert not bench.window.isVisible()


def test_a_note_is_not_lost_without_a_word(writing):
    window = writing.window
    assert not window.close()
    assert window.isVisible()
    assert (window.notices.what.text, window.notices.button.text()) == (fr.NOTE_LOST, fr.LEAVE_ANYWAY)
    window.notices.button.click()
    assert not window.isVisible()


def test_closing_again_under_the_question_closes(writing):
    assert not writing.window.close()
    assert writing.window.close()


def test_a_note_sent_under_the_question_is_waited_for(writing, qtbot):
    assert not writing.window.close()
    writing.outbox.gate.clear()
    writing.window.conductor.send()
    assert not writing.window.close()
    writing.outbox.gate.set()
    qtbot.waitUntil(lambda: not writing.window.isVisible())
    assert len(writing.outbox.held) == 1


def test_the_question_is_asked_again_once_it_was_put_away(writing):
    assert not writing.window.close()
    writing.window.notices.close_notice.click()
    assert not writing.window.close()


def test_the_question_names_nobody_and_stands_on_the_masked_screen(writing, qtbot):
    writing.window.card_event(fakes.cps(False))
    qtbot.waitUntil(lambda: writing.window.stack.currentWidget() is writing.window.masked)
    assert not writing.window.close()
    assert writing.window.notices.isVisible()
    assert "TEST-" not in writing.window.notices.what.text


def test_a_document_on_its_way_is_kept_before_the_window_closes(writing, qtbot):
    writing.outbox.gate.clear()
    window = writing.window
    window.conductor.send()
    assert not window.close()
    assert not window.close()
    assert window.notices.what.text == fr.LEAVING_WAITS
    writing.outbox.gate.set()
    qtbot.waitUntil(lambda: not window.isVisible())
    assert len(writing.outbox.held) == 1


def test_what_could_not_be_kept_is_asked_about(writing, qtbot):
    writing.outbox.gate.clear()
    writing.compose.gate.clear()
    window = writing.window
    writing.compose.error = DmpError("cda-x", "Il manque le lieu de naissance.")
    window.conductor.send()
    assert not window.close()
    writing.compose.gate.set()
    writing.outbox.gate.set()
    qtbot.waitUntil(lambda: window.notices.what.text == fr.NOTE_LOST)
    assert window.isVisible()


def test_the_wait_has_an_end(writing, qtbot):
    writing.outbox.gate.clear()
    window = writing.window
    assert window.leaving.patience.interval() == 5000
    window.leaving.patience.setInterval(1)
    window.conductor.send()
    assert not window.close()
    qtbot.waitUntil(lambda: window.notices.what.text == fr.NOTE_LOST)
    assert window.isVisible()
    writing.outbox.gate.set()
    assert window.close()


@pytest.mark.parametrize("signed_in", [None, replace(fakes.DOCTOR, rpps="10003333333", family="MARTIN")])
def test_the_note_of_somebody_who_is_not_there_is_not_for_the_first_comer_to_lose(writing, qtbot, signed_in):
    """Whose it is comes first, without a button; a cabinet that must close its workstation still can."""
    window = writing.window
    window.card_event(fakes.cps(False))
    qtbot.waitUntil(lambda: window.stack.currentWidget() is window.masked)
    if signed_in:
        writing.session.who = signed_in
        window.card_event(fakes.cps())
        qtbot.waitUntil(lambda: window.session.state.professional == signed_in)
    assert not window.close()
    assert window.notices.what.text == f"{fr.NOTE_LOST} {fr.NOTES_AWAY.format('Dr Camille DUPONT')}"
    assert not window.notices.button.isVisible()
    assert not window.close()
    assert (window.notices.what.text, window.notices.button.text()) == (fr.NOTE_LOST, fr.LEAVE_ANYWAY)
    assert window.isVisible()
    window.notices.button.click()
    assert not window.isVisible()
