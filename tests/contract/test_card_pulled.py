"""A professional's card is pulled while the licensed component hangs on a carte Vitale: its keys do not wait for that."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from time import perf_counter

import pytest

from dmp_desktop.card.access import CardAccess
from dmp_desktop.card.api_lec import ApiLecVitaleReader, PreferredVitaleReader
from dmp_desktop.card.api_lec_process import ApiLecProcess
from dmp_desktop.card.fake import FakePcsc
from dmp_desktop.card.inventory import Inventory
from dmp_desktop.card.pkcs11 import Pkcs11CardOpener
from dmp_desktop.card.pkcs11.module import Module, module_at
from dmp_desktop.card.vitale import PlainPcscVitaleReader
from dmp_desktop.domain.cards import CardEvent, CardEventType, CardKind
from dmp_desktop.errors import CardError
from dmp_desktop.services.card_accounts import CardDesk
from dmp_desktop.services.session import Phase, Session
from tests.helpers.api_lec import Component
from tests.helpers.card_worlds import PATIENT, vitale
from tests.helpers.cps_token import PIN, SOFTHSM, holder, softhsm_token
from tests.helpers.session_desk import PLACES, PracticeRoom

WITHIN = 0.1
"""Seconds from the watcher's event to keys that sign nothing (issue D)."""
OUT = CardEvent(CardEventType.CARD_REMOVED, "CPS", b"\x3b")

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the stand-in component is a library of Linux")


@cache
def _token() -> str:
    return softhsm_token("CPS-PULLED")


class Room(PracticeRoom):
    """Real card reading, helper process and PKCS#11 module; `busy` is the card pool's one thread."""

    def sit_down(self, component: Component) -> None:
        pcsc = FakePcsc()
        for name in ("CPS", "VITALE"):
            pcsc.plug(name)
        pcsc.insert("VITALE", vitale())
        process = ApiLecProcess(component.library, component.folder)
        plain = PlainPcscVitaleReader(CardAccess(pcsc))
        self.licensed = PreferredVitaleReader(ApiLecVitaleReader(process), plain, Inventory(pcsc))
        self.people.add(PATIENT[3])
        self.counter = CardDesk(self.desk, Pkcs11CardOpener(SOFTHSM, _token()), self.last, lambda: None)
        self.session = Session(
            self.licensed, self, self, self.counter, self._came, self._left, stop_reading=self.licensed.stop_reading
        )
        self.slots["CPS"] = holder().public
        self.session.handle(CardEvent(CardEventType.CARD_INSERTED, "CPS", b"\x3b", CardKind.CPS))
        self.last.set(holder().public.national_id, PLACES[0].number)
        assert self.give_pin(PIN).phase is Phase.READY

    def hang(self, component: Component) -> None:
        """Returns once the component has the card and says no more."""
        inserted = CardEvent(CardEventType.CARD_INSERTED, "VITALE", b"\x3b", CardKind.VITALE)
        self.busy = threading.Thread(target=self.session.handle, args=(inserted,))
        with component.listen() as calls:
            self.busy.start()
            while "read" not in calls.readline():
                continue


@pytest.fixture
def component(tmp_path: Path) -> Component:
    return Component(tmp_path, "hang")


@pytest.fixture
def room(tmp_path: Path, component: Component) -> Iterator[Room]:
    room = Room(tmp_path)
    room.sit_down(component)
    yield room
    room.licensed.close()
    room.session.sign_out()


def logged_in() -> bool:
    """Asked of the module's thread, after all it had to do before; other tests may have left theirs logged in."""

    def work(module: Module) -> bool:
        return any(one.label == _token() and one.slot.slot_id in module.ends for one in module.tokens())

    return module_at(SOFTHSM).call(work)


def left() -> None:
    """Returns once what the departure began has ended."""
    for thread in [one for one in threading.enumerate() if one.name == "card-left"]:
        thread.join()


@pytest.mark.alone
def test_keys_sign_nothing_within_100_ms_and_the_worker_is_free_at_once(room: Room, component: Component) -> None:
    assert room.identity.signature.sign_sha256(b"TEST")
    assert logged_in()
    room.hang(component)
    began = perf_counter()
    room.session.let_go(OUT)()
    for key in (room.identity.signature, room.identity.authentication):
        with pytest.raises(CardError, match=r"card\.removed"):
            key.sign_sha256(b"TEST")
    refused = perf_counter() - began
    left()
    assert not logged_in()
    logged_out = perf_counter() - began
    room.busy.join()
    freed = perf_counter() - began
    print(f"refused {refused * 1e3:.1f} ms, logged out {logged_out * 1e3:.1f} ms, worker free {freed * 1e3:.0f} ms")
    assert refused < WITHIN
    assert logged_out < WITHIN
    assert freed < 1
    assert room.state.patient is None, "nobody's record is opened for who has left"
    assert (room.session.handle(OUT).phase, room.left) == (Phase.MASKED, 1)
    assert [one.closings for one in room.transports] == [1]


def test_a_key_refuses_before_anything_is_closed(room: Room) -> None:
    """Closing may wait for the card: what was let go of signs nothing before that, nor gives what it was signing."""
    signing, outcome = threading.Event(), []
    module_at(SOFTHSM).post(lambda _module: signing.wait(120))

    def sign() -> None:
        try:
            outcome.append(room.identity.signature.sign_sha256(b"TEST"))
        except CardError as error:
            outcome.append(error.code)

    under_way = threading.Thread(target=sign)
    under_way.start()
    close = room.counter.let_go()
    with pytest.raises(CardError, match=r"card\.removed"):
        room.identity.authentication.sign_digest_info(b"TEST")
    signing.set()
    under_way.join()
    assert outcome == ["card.removed"]
    assert logged_in()
    close()
    assert not logged_in()


def test_a_module_that_does_not_answer_holds_up_neither_the_refusal_nor_the_watcher(
    room: Room, component: Component
) -> None:
    """Logging out comes as soon as the module lets go."""
    free = threading.Event()
    module_at(SOFTHSM).post(lambda _module: free.wait(120))
    room.hang(component)
    try:
        room.session.let_go(OUT)()
        with pytest.raises(CardError, match=r"card\.removed"):
            room.identity.signature.sign_sha256(b"TEST")
        room.busy.join()
    finally:
        free.set()
    left()
    assert not logged_in()
    assert room.session.handle(OUT).phase is Phase.MASKED
