"""The end of the day: what has not left is told quietly, and what becomes of it when the window closes; nothing is asked."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dmp_desktop.domain.outbox import OutboxState, WaitingFor
from dmp_desktop.domain.proposals import ProposalState, Told
from dmp_desktop.ui import strings_dashboard_fr as fr
from dmp_desktop.ui import strings_fr as window_fr
from dmp_desktop.ui.leaving import FAREWELL_NOTICE
from tests.ui import fakes
from tests.ui.test_dashboard import put


@pytest.fixture
def fed(bench, qtbot):
    """One that leaves by itself, one held, one refused, one of yesterday, one of a colleague."""
    outbox = bench.outbox
    put(outbox, "Attend", OutboxState.WAITING, waiting_for=WaitingFor.NETWORK)
    put(outbox, "Retenu", OutboxState.WAITING, waiting_for=WaitingFor.HOLD)
    put(outbox, "Refus", OutboxState.REFUSED)
    put(outbox, "Hier", OutboxState.REFUSED, created_at=fakes.NOW - timedelta(days=1))
    put(outbox, "Parti", OutboxState.SENT)
    put(outbox, "Celui d'un autre", OutboxState.WAITING, author_id="810000000001")
    bench.open(qtbot)
    qtbot.waitUntil(lambda: len(bench.window.outbox.all) == 6)
    return bench


def evening(bench) -> None:
    bench.clock.moment = fakes.NOW.replace(hour=18)
    bench.window.day_end.show()


def test_nothing_is_said_of_the_day_before_the_evening(fed):
    assert fed.window.strip.day.isHidden()


def test_in_the_evening_one_line_says_what_has_not_left_today(fed):
    evening(fed)
    line = fed.window.strip.day
    assert line.isVisible()
    assert line.text() == fr.today(1, 1, 1, 0)
    assert line.text() == "Aujourd'hui, pas encore parti : 1 document en attente, 1 retenu, 1 refusé."


def test_a_draft_of_today_is_in_it_and_leaves_it_with_its_note(fed):
    evening(fed)
    draft = fed.window.drafts.open_for(fakes.LEA, fakes.DOCTOR)
    draft.text = "Gorge rouge."
    fed.window.drafts.changed.emit()
    assert fed.window.strip.day.text().endswith("1 refusé, 1 brouillon.")
    fed.window.drafts.remove(draft)
    assert fed.window.strip.day.text().endswith("1 refusé.")


def test_a_note_that_waits_for_its_doctor_is_in_it_and_one_that_was_validated_is_not(fed):
    evening(fed)
    draft = fed.window.drafts.open_for(fakes.LEA, fakes.DOCTOR)
    draft.text = "Gorge rouge."
    for state, counted in ((ProposalState.WAITING, True), (ProposalState.VALIDATED, False)):
        draft.proposed = Told(state, "Dr TEST", fakes.NOW)
        fed.window.drafts.changed.emit()
        assert fed.window.strip.day.text().endswith("1 brouillon.") is counted


def test_nothing_left_is_nothing_said(bench, qtbot):
    bench.open(qtbot)
    evening(bench)
    assert bench.window.strip.day.isHidden()


def test_who_leaves_reads_it_at_any_hour_and_it_follows_what_leaves_after_them(fed, qtbot):
    fed.window.card_event(fakes.cps(False))
    qtbot.waitUntil(lambda: fed.window.stack.currentWidget() is fed.window.masked)
    assert fed.window.strip.day.text() == fr.today(1, 1, 1, 0)
    assert "TEST-" not in fed.window.strip.day.text()
    fed.outbox.move(1, state=OutboxState.SENT)
    qtbot.waitUntil(lambda: fed.window.strip.day.text() == fr.today(0, 1, 1, 0))


def test_closing_tells_what_is_still_to_leave_and_closes_by_itself(fed, qtbot):
    window = fed.window
    window.leaving.farewell.setInterval(1)
    assert not window.close()
    told = window.notices.notice
    assert (told.key, told.text, told.safe) == (FAREWELL_NOTICE, fr.CLOSES, fr.closing(2, 1, 2, 0))
    assert "2 documents attendent" in told.safe
    assert "TEST-" not in told.safe
    qtbot.waitUntil(lambda: not window.isVisible())


def test_a_second_click_closes_at_once(fed):
    assert not fed.window.close()
    assert fed.window.close()
    assert not fed.window.isVisible()


@pytest.mark.parametrize("how", ["button", "cross", "record"])
def test_it_stays_for_who_wants_it_or_goes_on(fed, qtbot, how):
    window = fed.window
    assert not window.close()
    assert window.leaving.farewell.isActive()
    if how == "record":
        window.session.close_patient()
        fed.session.vitale = (fakes.PAUL,)
        window.card_event(fakes.vitale())
        qtbot.waitUntil(lambda: window.record.patient == fakes.PAUL)
    else:
        {"button": window.notices.button, "cross": window.notices.close_notice}[how].click()
    assert not window.leaving.farewell.isActive()
    assert window.isVisible()
    assert not window.close()  # it is told again


def test_a_card_pulled_meanwhile_does_not_keep_it_open(fed, qtbot):
    window = fed.window
    window.leaving.farewell.setInterval(200)
    assert not window.close()
    window.card_event(fakes.cps(False))
    qtbot.waitUntil(lambda: not window.isVisible())


def test_a_note_that_would_be_lost_is_asked_about_and_nothing_more_after_it(fed):
    window = fed.window
    window.acts.write.click()
    window.composer.editor.setPlainText("Gorge rouge.")
    assert not window.close()
    assert window.notices.what.text == window_fr.NOTE_LOST
    assert window.close()


def test_a_system_that_shuts_down_is_not_made_to_wait(fed, qapp):
    window = fed.window
    window.leaving._hurry(None)
    assert window.close()
