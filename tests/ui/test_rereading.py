"""A card that another program holds is read again by itself, and only while it is held."""

from __future__ import annotations

import time

import pytest

from dmp_desktop.card.failures import E_SHARING_VIOLATION
from dmp_desktop.domain.cards import CardEventType, CardKind
from dmp_desktop.sandbox.virtual_cards import CpsCard, VitaleCard
from dmp_desktop.services.session import Phase
from dmp_desktop.ui import rereading
from tests.helpers import session_desk as sd
from tests.helpers.card_worlds import PATIENT
from tests.ui.screenshots_cards import CPS, FIRST, SECOND, Scene
from tests.ui.test_slots import Front
from tests.unit.services.test_session_unread import Room


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(rereading, "EVERY_MS", 20)


@pytest.fixture
def held(quick, qtbot, tmp_path):
    """The doctor's card is in, and another program holds it."""
    front = Front(qtbot, tmp_path)
    front.room.__class__ = Room
    front.room.faults, front.room.visits = {}, []
    front.room.know(sd.DUPONT, sd.PLACES[0])
    again = rereading.Rereading(front.controller)
    front.room.slots["A"] = sd.DUPONT
    front.room.hold("A")
    front.tell(CardEventType.CARD_INSERTED, "A", CardKind.CPS)
    yield front
    assert again.parent() is front.controller
    assert front.pool.close()


def test_a_card_that_is_let_go_of_is_read(held, qtbot):
    changes: list[object] = []
    held.controller.changed.connect(changes.append)
    qtbot.waitUntil(lambda: held.room.visits.count("A") > 3)
    assert changes == [], "nothing moves on screen meanwhile"
    held.room.hold("A", held=False)
    qtbot.waitUntil(lambda: held.controller.state.phase is Phase.PIN)
    assert held.room.opener.sent == []
    held.settle()
    visits = len(held.room.visits)
    qtbot.wait(100)
    assert len(held.room.visits) == visits, "a card that was read is left alone"


def test_a_card_that_has_gone_is_asked_no_more(held, qtbot):
    del held.room.slots["A"]
    held.tell(CardEventType.CARD_REMOVED, "A", CardKind.CPS)
    visits = len(held.room.visits)
    qtbot.wait(100)
    assert len(held.room.visits) == visits


@pytest.mark.alone
def test_a_look_that_lasts_is_not_repeated_at_once(held, qtbot):
    """The one worker of the cards is for whoever acts."""
    slow = held.room.__class__._visit

    def visit(reader: str) -> None:
        time.sleep(0.1)
        slow(held.room, reader)

    held.room._visit = visit
    before = len(held.room.visits)
    qtbot.wait(900)
    assert 1 <= len(held.room.visits) - before <= 3


@pytest.mark.parametrize("kind", [CardKind.CPS, CardKind.VITALE])
def test_in_the_window_the_doctor_has_nothing_to_do(quick, qtbot, tmp_path, kind):
    """The billing software ends its reading: the sentence goes, the card is read."""
    scene = Scene(tmp_path)
    try:
        scene.until(lambda: len(scene.window.session.state.readers) == 2)
        if kind is CardKind.VITALE:
            scene.ask_pin()
            scene.type_pin()
            scene.until(lambda: scene.window.session.state.phase is Phase.READY)
        scene.pcsc.fail("connect", E_SHARING_VIOLATION, times=12)
        if kind is CardKind.VITALE:
            scene.put(VitaleCard([PATIENT]), reader=SECOND)
        else:
            scene.put(CpsCard(*CPS), reader=FIRST)
        scene.until(lambda: scene.window.session.state.busy)
        scene.until(lambda: not scene.window.session.state.busy)
        state = scene.window.session.state
        assert "autre logiciel" not in state.notice
        assert state.phase is (Phase.READY if kind is CardKind.VITALE else Phase.PIN)
    finally:
        scene.close()
