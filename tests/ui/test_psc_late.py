"""Pro Santé Connect against the cards: who agreed elsewhere never takes the place of whose card has gone in meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from dmp_desktop.domain.cards import CardEventType, CardKind
from dmp_desktop.domain.people import Professional, Role
from dmp_desktop.errors import DmpError
from dmp_desktop.services import session_notices as notices
from dmp_desktop.services.session import Phase, SignedIn
from dmp_desktop.ui.psc import PscController
from dmp_desktop.ui.sign_in_ports import Told
from dmp_desktop.ui.tasks import TaskRunner
from tests.helpers import session_desk as sd
from tests.ui.test_slots import Front

ALICE = Professional("10001234567", "MARTIN", "Alice", "G15_10/SM26")


class Agreement:
    """The service as the window sees it: somebody agrees when `gate` opens, and what is not claimed is dropped by `cancel`."""

    available, suggested = True, ""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.unclaimed = False
        self.opened = 0

    def browser(self, tell: Told) -> Callable[[], SignedIn]:
        self.gate.wait(120)
        self.unclaimed = True
        return self._claim

    def phone(self, national_id: str, tell: Told) -> Callable[[], SignedIn]:
        return self.browser(tell)

    def cancel(self) -> None:
        self.unclaimed = False

    def _claim(self) -> SignedIn:
        if not self.unclaimed:
            raise DmpError("psc.cancelled", "La connexion a été annulée.")
        self.unclaimed = False
        self.opened += 1
        return SignedIn(ALICE, sd.LILAS, Role.DOCTOR, "810001234567")


class SlowRoom(sd.PracticeRoom):
    """A card is read once `gate` is open."""

    def read_public(self, reader: str) -> sd.PublicCps:
        self.gate.wait(120)
        return super().read_public(reader)


class Late(Front):
    def __init__(self, qtbot, folder) -> None:
        super().__init__(qtbot, folder)
        self.room.__class__ = SlowRoom
        self.room.gate = threading.Event()
        self.room.know(sd.DUPONT, sd.PLACES[0])
        self.room.slots["R1"] = sd.DUPONT
        self.general, self.psc = TaskRunner(2), Agreement()
        self.control = PscController(self.psc, self.controller, self.general)

    def agree(self) -> None:
        """Until the session is asked to open what was agreed."""
        with self._qtbot.waitSignal(self.control.agreed):
            self.psc.gate.set()


@pytest.fixture
def late(qtbot, tmp_path):
    late = Late(qtbot, tmp_path)
    late.control.browser()
    yield late
    late.room.gate.set()
    late.psc.gate.set()
    assert late.general.close()
    assert late.pool.close()


def card_in(late: Late) -> None:
    late.controller.card_event(sd.CardEvent(CardEventType.CARD_INSERTED, "R1", b"\x3b", CardKind.CPS))


def test_who_agrees_while_a_card_is_read_leaves_the_place_to_whose_card_it_is(late, qtbot):
    card_in(late)
    qtbot.wait(20)
    late.agree()
    late.room.gate.set()
    late.settle()
    state = late.controller.state
    assert (state.phase, state.card, state.notice) == (Phase.PIN, sd.DUPONT, notices.CARD_CAME)
    assert (late.psc.opened, late.psc.unclaimed, late.control.waiting) == (0, False, False)


def test_an_agreement_waits_for_the_session_and_may_be_taken_back_until_then(late, qtbot):
    """As the gate does when another page than the masked one comes."""
    card_in(late)
    qtbot.wait(20)
    late.agree()
    assert late.control.waiting
    late.control.cancel()
    assert not late.psc.unclaimed
    late.room.gate.set()
    late.settle()
    assert late.psc.opened == 0


def test_what_was_agreed_opens_where_nobody_came(late, qtbot):
    ended: list[bool] = []
    late.control.ended.connect(lambda: ended.append(True))
    late.agree()
    late.settle()
    assert (late.controller.state.professional, late.psc.opened) == (ALICE, 1)
    assert (late.control.waiting, ended) == (False, [True])
