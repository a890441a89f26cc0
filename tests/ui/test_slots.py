"""Whose card lies where: another card that leaves masks nothing, and the strip says the truth of the one that is in."""

from __future__ import annotations

import threading
import time

import pytest

from dmp_desktop.domain.cards import CardEvent, CardEventType, CardKind
from dmp_desktop.domain.people import Role
from dmp_desktop.errors import CardError
from dmp_desktop.services.session_state import NO_READER, Phase, SessionState, SignedIn
from dmp_desktop.ui import strings_window_fr as fr
from dmp_desktop.ui.session_controller import SessionController
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.widgets.psc_panel import PscPanel
from dmp_desktop.ui.widgets.status_strip import StatusStrip
from tests.helpers import session_desk as sd
from tests.ui import fakes


class Front:
    """The controller on the real session, and every phase it told."""

    def __init__(self, qtbot, folder) -> None:
        self.room, self.pool, self._qtbot = sd.PracticeRoom(folder), TaskRunner(1), qtbot
        self.controller = SessionController(self.room.session, self.pool)
        self.phases: list[Phase] = []
        self.controller.changed.connect(lambda state: self.phases.append(state.phase))

    def tell(self, kind: CardEventType, reader: str, card: CardKind) -> None:
        self.controller.card_event(CardEvent(kind, reader, b"\x3b", card))
        self.settle()

    def settle(self) -> None:
        self._qtbot.wait(20)
        self._qtbot.waitUntil(lambda: not self.pool.busy)

    def open(self) -> None:
        """The doctor's software card in R1, a patient's record open."""
        self.room.slots |= {"R1": sd.SOFTWARE, "V": (sd.LEA,)}
        self.tell(CardEventType.CARD_INSERTED, "R1", CardKind.CPS)
        self.tell(CardEventType.CARD_INSERTED, "V", CardKind.VITALE)
        assert self.controller.state.phase is Phase.OPEN
        self.phases.clear()


@pytest.fixture
def front(qtbot, tmp_path):
    front = Front(qtbot, tmp_path)
    yield front
    assert front.pool.close()


def test_a_bank_card_that_leaves_another_reader_masks_nothing(front):
    front.open()
    front.tell(CardEventType.CARD_INSERTED, "R2", CardKind.UNKNOWN)
    front.tell(CardEventType.CARD_REMOVED, "R2", CardKind.UNKNOWN)
    assert set(front.phases) <= {Phase.OPEN}
    front.phases.clear()
    front.tell(CardEventType.CARD_REMOVED, "R1", CardKind.UNKNOWN)
    assert front.phases[0] is Phase.MASKED


def test_a_card_that_leaves_before_it_is_known_whose_it_is_masks(front):
    front.open()
    front.room.slots["R2"] = sd.SOFTWARE
    for kind in (CardEventType.CARD_INSERTED, CardEventType.CARD_REMOVED):
        front.controller.card_event(CardEvent(kind, "R2", b"\x3b", CardKind.UNKNOWN))
    front.settle()
    assert Phase.MASKED in front.phases


def test_without_a_card_no_card_that_leaves_masks(front):
    front.room.slots["R2"] = sd.SOFTWARE
    front.tell(CardEventType.CARD_INSERTED, "R2", CardKind.CPS)
    front.controller.sign_out()
    front.controller.sign_in_by(lambda: SignedIn(fakes.DOCTOR, sd.LILAS, Role.DOCTOR, "x"), lambda: None)
    front.settle()
    assert (front.controller.state.phase, front.controller.state.slot) == (Phase.READY, NO_READER)
    front.phases.clear()
    front.tell(CardEventType.CARD_REMOVED, "R2", CardKind.CPS)
    assert set(front.phases) <= {Phase.READY}


@pytest.mark.parametrize("leave", ["lock", "sign_out"])
@pytest.mark.alone
def test_keys_do_not_wait_for_an_appli_carte_vitale_that_is_awaited(front, qtbot, leave):
    front.open()
    presented = threading.Event()
    front.room.session._stop_reading = presented.set
    front.controller.present(lambda: (presented.wait(3), (sd.LEA,))[1], lambda: None)
    began = time.monotonic()
    getattr(front.controller, leave)()
    assert front.room.desk.current() is None
    qtbot.waitUntil(presented.is_set, timeout=1000)
    front.settle()
    assert time.monotonic() - began < 2, "nor does the worker"
    assert front.controller.state.phase is (Phase.LOCKED if leave == "lock" else Phase.MASKED)
    assert [one.closings for one in front.room.transports] == [1]
    front.controller.unlock()
    front.settle()
    assert (front.controller.state.patient is not None) == (leave == "lock"), "kept for the same professional only"


@pytest.mark.parametrize(("code", "words"), [("card.busy", fr.CARD_BUSY), ("card.protocol", fr.NOT_READ)])
def test_a_card_that_is_in_and_cannot_be_read_is_not_absent(front, qtbot, code, words):
    def refuse(_reader: str) -> None:
        raise CardError(code, "Non lue.")

    front.room.read_public = refuse
    front.tell(CardEventType.CARD_INSERTED, "R1", CardKind.CPS)
    strip = StatusStrip()
    qtbot.addWidget(strip)
    strip.show_session(front.controller.state, fakes.NOW.date())
    assert strip.who.text() == words
    assert words in strip.detail.text()
    front.tell(CardEventType.CARD_REMOVED, "R1", CardKind.CPS)
    strip.show_session(front.controller.state, fakes.NOW.date())
    assert strip.who.text() == fr.NOT_SIGNED_IN


def test_signed_in_without_the_card_one_signs_out_here(qtbot):
    strip = StatusStrip()
    qtbot.addWidget(strip)
    state = SessionState(
        Phase.READY,
        cps_present=True,
        professional=fakes.DOCTOR,
        facility=fakes.CABINET,
        role=Role.DOCTOR,
        slot=NO_READER,
    )
    strip.show_session(state, fakes.NOW.date())
    assert (strip.sign_out.isVisible(), strip.change_place.isVisible()) == (True, False)


def test_a_lock_without_a_card_leads_back_to_pro_sante_connect(bench, qtbot):
    window = bench.window
    panel = window.masked.findChild(PscPanel)
    assert "Pro Santé Connect" in window.masked.hint.text()
    bench.psc.gate.set()
    panel.open.click()
    panel.browser.click()
    qtbot.waitUntil(lambda: window.stack.currentWidget() is window.content)
    window.gate.lock()
    assert window.strip.who.text() == fr.WITHOUT_CARD
    window.locked.resume.click()
    bench.window.session.sign_out()
    assert window.stack.currentWidget() is window.masked
    assert panel.choice.isVisible()
