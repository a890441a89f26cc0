"""The card leaves, or the doctor locks, while a document is on its way: it waits, and is in the DMP once when they are back."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from dmp_desktop.demo.stage import CPS
from dmp_desktop.domain.outbox import OutboxState, WaitingFor
from dmp_desktop.services.session import Phase
from tests.helpers.real_window import real_window

pytestmark = pytest.mark.slow


def test_a_card_that_leaves_or_a_lock_in_the_middle_of_a_send_refuses_nothing(qapp, tmp_path: Path) -> None:
    with real_window(qapp, tmp_path) as real:
        window, outbox = real.window, real.desktop._wiring.outbox
        outbox._undo_delay = timedelta(0)
        real.sign_in()
        real.open("ordinary")
        for number, how in enumerate(("pull", "lock", "pull", "lock"), 1):
            window.conductor.write()
            window.composer.editor.setPlainText(f"Motif : toux {number}. Repos.")
            real.until(lambda: window.composer.can_send)
            window.conductor.send()
            real.until(lambda number=number: len(outbox.items()) == number)
            real.until(lambda: outbox.items()[0].state is not OutboxState.WAITING)
            real.stage.remove(0) if how == "pull" else window.gate.lock()
            real.until(lambda: outbox.items()[0].state is not OutboxState.SENDING)
            item = outbox.items()[0]
            assert item.state in (OutboxState.WAITING, OutboxState.SENT), (how, item.code)
            assert item.state is OutboxState.SENT or item.waiting_for in (WaitingFor.CARD, WaitingFor.NETWORK)
            real.stage.insert(0, CPS) if how == "pull" else window.session.unlock()
            real.until(lambda: window.session.state.phase is not Phase.LOCKED and window.session.state.professional)
            if window.session.state.patient is None:
                real.stage.remove(1)
                real.stage.insert(1, real.stage.patient_card("ordinary"))
                real.until(lambda: window.session.state.phase is Phase.OPEN)
            real.until(lambda: outbox.items()[0].state is OutboxState.SENT)


def test_a_card_that_leaves_or_a_lock_right_after_the_click_refuses_nothing(qapp, tmp_path: Path) -> None:
    """A long note sent before its proposals are there is still being read when its author goes: it is built as at the click."""
    with real_window(qapp, tmp_path) as real:
        window, outbox = real.window, real.desktop._wiring.outbox
        outbox._undo_delay = timedelta(0)
        real.sign_in()
        real.open("ordinary")
        author = window.session.state.professional.national_id
        for number, how in enumerate(("lock", "pull"), 1):
            window.conductor.write()
            window.composer.editor.setPlainText("TEST. Toux depuis 3 jours, TA 13/8. Repos. " * 300)
            window.composer.draft.visibility_chosen = True
            assert not window.composer.draft.proposals_hold
            window.conductor.send()
            real.stage.remove(0) if how == "pull" else window.gate.lock()
            real.until(lambda: not window.gate.open(window.session.state))
            real.until(lambda: not window.composer.busy)
            assert (len(outbox.items()), window.drafts.unsent) == (number, 0), how
            assert outbox.items()[0].author_id == author
            real.stage.insert(0, CPS) if how == "pull" else window.session.unlock()
            real.until(lambda: window.gate.open(window.session.state))
            if window.session.state.patient is None:
                real.stage.remove(1)
                real.stage.insert(1, real.stage.patient_card("ordinary"))
            real.until(lambda: window.session.state.phase is Phase.OPEN)
        real.until(lambda: all(item.state is OutboxState.SENT for item in outbox.items()))
