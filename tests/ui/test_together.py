"""Several notes of one patient leave in one lot by one click, come back by one click, and none leaves while one is to be read."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt

from dmp_desktop.domain.documents import DocumentKind, Visibility
from dmp_desktop.domain.outbox import OutboxState, WaitingFor
from dmp_desktop.errors import ContextError
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui import strings_together_fr as together_fr
from dmp_desktop.ui.views.compose.drafts import Replacement
from tests.ui import fakes

LETTER, REPORT = "TEST adressée pour avis.", "TEST toux."


def note(bench, text: str, kind: DocumentKind = DocumentKind.CONSULTATION):
    bench.window.conductor.write(kind)
    composer = bench.window.composer
    composer.editor.setPlainText(text)
    return composer.draft


@pytest.fixture
def two(bench, qtbot):
    """A letter that is ready, and the report before the eyes."""
    bench.open(qtbot)
    letter = note(bench, LETTER, DocumentKind.LETTER)
    letter.visibility = Visibility.MASQUE_PS
    report = note(bench, REPORT)
    assert bench.window.composer.draft is report
    return bench, letter, report


def sent(bench, qtbot, count: int) -> None:
    bench.window.conductor.send()
    qtbot.waitUntil(lambda: len(bench.outbox.held) == count)
    qtbot.waitUntil(lambda: len(bench.window.outbox.all) == count)


def test_nothing_is_offered_where_there_is_one_note(bench, qtbot):
    bench.open(qtbot)
    note(bench, REPORT)
    assert not bench.window.composer.together.isVisible()
    assert bench.window.acts.send.text() == fr.SEND


def test_another_note_is_offered_and_leaves_only_when_ticked(two, qtbot):
    bench, letter, _report = two
    composer = bench.window.composer
    (box,) = composer.together.boxes
    assert not box.isChecked()
    time = f"{fakes.NOW.astimezone():%H:%M}"
    assert box.text() == f"Lettre d'adressage ({time})\nMasqué aux professionnels"
    sent(bench, qtbot, 1)
    assert [order.text for order in bench.compose.orders] == [REPORT]
    assert letter in bench.window.drafts.all


def test_ticked_both_leave_in_one_lot_each_seen_by_whom_it_says(two, qtbot):
    bench, _letter, _report = two
    bench.window.composer.together.boxes[0].click()
    assert bench.window.acts.send.text() == together_fr.SEND.format(2)
    sent(bench, qtbot, 2)
    assert [(order.kind, order.text) for order in bench.compose.orders] == [
        (DocumentKind.CONSULTATION, REPORT),
        (DocumentKind.LETTER, LETTER),
    ]
    letter, report = bench.outbox.held
    assert letter.submission_id == report.submission_id
    assert (report.visibility, letter.visibility) == (frozenset(), {Visibility.MASQUE_PS})
    assert bench.window.drafts.all == ()
    assert bench.window.notices.notice.text == together_fr.QUEUED.format(2)
    assert bench.window.acts.send.text() == fr.SEND


def test_one_click_takes_both_back_each_to_its_own_words(two, qtbot):
    bench, letter, report = two
    bench.window.composer.together.boxes[0].click()
    sent(bench, qtbot, 2)
    bench.window.notices.button.click()
    qtbot.waitUntil(lambda: len(bench.window.drafts.all) == 2)
    assert {one.state for one in bench.outbox.held} == {OutboxState.CANCELLED}
    assert {(one.kind, one.text) for one in bench.window.drafts.all} == {(letter.kind, LETTER), (report.kind, REPORT)}
    assert bench.window.notices.notice.text == together_fr.BACK.format(2)


def test_one_of_them_that_is_to_be_looked_at_keeps_both(two, qtbot):
    bench, letter, _report = two
    bench.compose.topics = {"adressée": "santé mentale"}
    letter.visibility = None
    bench.window.composer.together.boxes[0].click()
    bench.window.conductor.send()
    composer = bench.window.composer
    qtbot.waitUntil(lambda: composer.draft is letter)
    assert bench.outbox.held == []
    assert composer.sensitive.isVisible()
    assert [box.isChecked() for box in composer.together.boxes] == [True]
    composer.sensitive.buttons[0].click()
    qtbot.waitUntil(lambda: len(bench.outbox.held) == 2)
    assert len({one.submission_id for one in bench.outbox.held}) == 1
    qtbot.waitUntil(lambda: bench.window.drafts.all == ())


def test_a_refusal_of_one_keeps_both_among_the_drafts(two, qtbot):
    bench, letter, report = two
    bench.window.composer.together.boxes[0].click()
    bench.compose.error = ContextError("motif", "Le traitement n'a pas de date.", "Ajoutez-la.", field="items")
    bench.window.conductor.send()
    qtbot.waitUntil(lambda: bench.window.notices.notice is not None)
    assert bench.outbox.held == []
    assert set(bench.window.drafts.all) == {letter, report}
    assert bench.window.notices.safe.text() == fr.BUILD_SAFE


def test_another_patient_s_note_and_a_new_version_are_not_offered(two, qtbot):
    bench, letter, report = two
    drafts = bench.window.drafts
    drafts.open_for(fakes.PAUL, fakes.DOCTOR).text = "TEST autre patient"
    colleague = replace(fakes.DOCTOR, rpps="10003333333")
    drafts.open_for(fakes.LEA, colleague, DocumentKind.CERTIFICATE).text = "TEST du confrère"
    composer = bench.window.composer
    composer.offer_others()
    assert len(composer.together.boxes) == 1
    letter.replaces = Replacement(fakes.entries(1)[0])
    composer.offer_others()
    assert not composer.together.isVisible()
    letter.replaces = None
    report.hide_from_parents()
    composer.together.show_draft(report)
    assert not composer.together.isVisible()


def test_a_tick_goes_with_what_it_was_for(two, qtbot):
    """A note that becomes empty, or that left by itself, is not sent by a tick of before."""
    bench, letter, report = two
    bench.window.composer.together.boxes[0].click()
    letter.text = ""
    bench.window.composer.changed.emit()
    assert (report.together, bench.window.acts.send.text()) == (set(), fr.SEND)


def test_a_refused_lot_is_told_once(two, qtbot):
    bench, _letter, _report = two
    bench.window.composer.together.boxes[0].click()
    sent(bench, qtbot, 2)
    for item in list(bench.outbox.held):
        bench.outbox.move(
            item.id, state=OutboxState.REFUSED, waiting_for=WaitingFor.NOTHING, message="Refusé.", code="XDSError"
        )
    qtbot.waitUntil(lambda: {one.state for one in bench.window.outbox.all} == {OutboxState.REFUSED})
    news = bench.window.conductor._news
    assert len(news._refused) == 2
    assert bench.window.notices.notice.text == "Refusé."
    bench.window.notices.close_notice.click()
    assert bench.window.notices.notice is None


def test_a_note_of_yesterday_says_its_day(two, qtbot):
    bench, letter, _report = two
    letter.started_at -= timedelta(days=1)
    bench.window.composer.offer_others()
    assert bench.window.composer.together.boxes[0].text().startswith("Lettre d'adressage (du 19/11/2026)")


def test_the_tab_key_goes_through_them_before_what_stands_below(two, qtbot):
    bench, _letter, _report = two
    composer = bench.window.composer
    (box,) = composer.together.boxes
    following = box.nextInFocusChain()
    while not (following.isVisible() and following.focusPolicy() & Qt.FocusPolicy.TabFocus):
        following = following.nextInFocusChain()
    assert following is composer.back
