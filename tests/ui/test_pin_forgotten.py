"""A PIN is in memory while the card works at it, and no longer: no cycle keeps it until a garbage collection.

The program collects every two seconds at best, and nothing at all while it starts.
"""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest

from dmp_desktop.card.pkcs11.module import Module, module_at
from dmp_desktop.errors import CardError, DmpDesktopError, DmpError
from dmp_desktop.services.accounts import Practice
from dmp_desktop.services.session import Phase
from dmp_desktop.ui.session_controller import SessionController
from dmp_desktop.ui.tasks import TaskRunner
from tests.helpers.card_desks import READER, Desk, open_desk
from tests.helpers.cps_token import PIN, SOFTHSM, WRONG
from tests.helpers.session_desk import LILAS, PracticeRoom

"""The thread of the card lets go of an entry just after its answer."""


class Typed(str):
    """A PIN that tells when nothing refers to it."""

    __slots__ = ("__weakref__",)


@pytest.fixture(autouse=True)
def no_collection() -> Iterator[None]:
    """As the program runs (ui.collector)."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.fixture(params=["softhsm", "opensc"])
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    with open_desk(request.param) as opened:
        yield opened


@pytest.fixture
def runner(qapp) -> Iterator[TaskRunner]:
    runner = TaskRunner(1)
    yield runner
    assert runner.close()


def forgotten(qtbot, kept: weakref.ref[Typed]) -> None:
    qtbot.waitUntil(lambda: kept() is None)


def test_whatever_the_window_is_answered(qtbot, desk, runner, tmp_path):
    """Through the window's worker, the session and the module: refused, of the wrong form, locked, then good."""
    room = PracticeRoom(tmp_path, opener=desk.opener, practice=Practice(LILAS, "G15_10/SM26"))
    controller = SessionController(room.session, runner)
    room.plug(READER, desk.card)

    def give(pin: str) -> None:
        typed = Typed(pin)
        kept = weakref.ref(typed)
        question = getattr(room.state.pin, "question", None)
        with qtbot.waitSignal(controller.entered):
            controller.give_pin(typed, *(() if question is None else (question,)))
        del typed
        forgotten(qtbot, kept)

    for pin in ("12", "12a4", WRONG):
        give(pin)
        assert room.state.phase is Phase.PIN
        assert room.state.pin.said
    give(PIN)
    assert room.state.phase in (Phase.READY, Phase.ACTIVITY)
    room.pull(READER)
    room.plug(READER, desk.card)
    while desk.locks and not room.state.pin.refused:
        give(WRONG)
    if desk.locks:
        give(PIN)
        assert room.state.phase is Phase.PIN


def test_a_locked_card(qtbot, desk):
    """The entry that is refused before it reaches the card."""
    if not desk.locks:
        pytest.skip("SoftHSM2 locks no token")
    codes = []
    while "card.pin_locked" not in codes[:-1]:
        typed = Typed(WRONG)
        kept = weakref.ref(typed)
        with pytest.raises(CardError) as caught:
            desk.opener.open(desk.card, typed)
        codes.append(caught.value.code)
        del typed, caught
        forgotten(qtbot, kept)


def test_an_entry_given_up_before_its_turn(qtbot):
    """Its user was told that the card is busy."""
    module, typed, let_go = module_at(SOFTHSM), Typed(PIN), threading.Event()
    kept = weakref.ref(typed)
    module.post(lambda _: let_go.wait(120))

    def enter(_module: Module, pin: str = typed) -> str:
        return pin

    with pytest.raises(CardError, match=r"card\.busy"):
        module.call(enter, patience=0.05)
    del typed, enter
    let_go.set()
    forgotten(qtbot, kept)


@pytest.mark.parametrize("kind", [DmpError, KeyError])
def test_a_task_that_fails(qtbot, runner, kind):
    """Also while the task and its error are kept, and when the error came from another."""
    typed, told = Typed(PIN), []
    kept = weakref.ref(typed)

    def call(pin: str = typed) -> None:
        try:
            bytes.fromhex(f"{pin}?")
        except ValueError as error:
            raise kind("code", "Non.") from error

    task = runner.submit(call, told.append, told.append)
    del typed, call
    qtbot.waitUntil(lambda: bool(told))
    forgotten(qtbot, kept)
    assert isinstance(told[0], DmpDesktopError)
    assert not task.cancelled
