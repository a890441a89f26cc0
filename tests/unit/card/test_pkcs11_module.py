"""The module's own thread: one call at a time, nobody waits for ever, nothing is done once nobody waits."""

from __future__ import annotations

import threading
import time

import pytest

from dmp_desktop.card.pkcs11.module import Module, module_at
from dmp_desktop.errors import CardError
from tests.helpers.cps_token import SOFTHSM, softhsm_token


@pytest.fixture(scope="module")
def module() -> Module:
    softhsm_token("CPS-MODULE", kept=(), data={})
    return module_at(SOFTHSM)


def test_one_module_whatever_its_name(module: Module) -> None:
    assert module_at(SOFTHSM.parent / "." / SOFTHSM.name) is module
    assert module_at(SOFTHSM.parent / ".." / SOFTHSM.parent.name / SOFTHSM.name) is module


def test_always_the_same_thread(module: Module) -> None:
    seen = {module.call(lambda _: threading.get_ident()) for _ in range(5)}
    assert len(seen) == 1
    assert seen != {threading.get_ident()}


def test_what_is_raised_reaches_who_asked(module: Module) -> None:
    with pytest.raises(ZeroDivisionError):
        module.call(lambda _: 1 // 0)
    assert module.call(lambda _: 1) == 1


def test_a_call_that_never_ends_is_told_and_what_waited_is_not_done(module: Module) -> None:
    """A PIN whose user has been told that the card is busy must not reach the card afterwards."""
    let_go, began = threading.Event(), threading.Event()
    undone: list[str] = []
    done: list[str] = []

    def hang(_module: Module) -> str:
        began.set()
        let_go.wait(120)
        return "late"

    with pytest.raises(CardError, match=r"card\.busy"):
        module.call(hang, patience=0.05, undo=undone.append)
    assert began.is_set()
    with pytest.raises(CardError, match=r"card\.busy"):
        module.call(lambda _: done.append("login"), patience=0.05)
    let_go.set()
    for _ in range(3):  # the thread has nothing else to do: what was undone is undone now
        module.call(lambda _: None)
    assert (done, undone) == ([], ["late"])


@pytest.mark.alone
def test_one_that_never_comes_back_is_told_at_once(module: Module, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next ones do not wait for it as long again, and are told to start the program anew; nothing is done for them."""
    let_go, done = threading.Event(), []
    monkeypatch.setattr(module, "stuck_after", 0.1)
    with pytest.raises(CardError, match=r"card\.busy"):
        module.call(lambda _: let_go.wait(120), patience=0.01)
    with pytest.raises(CardError, match=r"card\.stuck") as caught:
        module.call(lambda _: done.append("login"), patience=0.2)
    assert "relancez DMP Desktop" in caught.value.remedy_fr
    begun = time.monotonic()
    with pytest.raises(CardError, match=r"card\.stuck"):
        module.call(lambda _: done.append("login"))
    assert time.monotonic() - begun < 5
    let_go.set()
    assert (module.call(lambda _: 1), done) == (1, [])


@pytest.mark.alone
def test_what_is_sealed_is_waited_for(module: Module) -> None:
    """A PIN that is on its way to the card: what it comes to is told, or that nothing came of it."""
    let_go, undone = threading.Event(), []

    def send(loaded: Module) -> str:
        loaded.seal()
        let_go.wait(120)
        return "late"

    threading.Timer(0.2, let_go.set).start()
    assert module.call(send, patience=0.15) == "late"
    let_go.clear()
    with pytest.raises(CardError, match=r"card\.pin_unanswered"):
        module.call(send, patience=0.05, undo=undone.append)
    let_go.set()
    for _ in range(2):
        module.call(lambda _: None)
    assert undone == ["late"]


def test_what_was_given_up_is_not_sealed(module: Module) -> None:
    """A PIN whose user was told that the card is busy while it was being recognised."""
    let_go, sent = threading.Event(), []

    def send(loaded: Module) -> None:
        let_go.wait(120)
        loaded.seal()
        sent.append("pin")

    with pytest.raises(CardError, match=r"card\.busy"):
        module.call(send, patience=0.05)
    let_go.set()
    module.call(lambda _: None)
    assert sent == []


def test_what_is_posted_is_done_though_nobody_waits(module: Module) -> None:
    """As a logout, behind a call that does not end."""
    let_go = threading.Event()
    done: list[str] = []
    module.post(lambda _: let_go.wait(120))
    late = module.post(lambda _: done.append("logout"))
    assert done == []
    let_go.set()
    late.result(60)
    assert done == ["logout"]


def test_tokens_are_listed_afresh(module: Module) -> None:
    before = module.call(lambda loaded: {one.label for one in loaded.tokens()})
    softhsm_token("CPS-LATER", kept=(), data={})
    after = module.call(lambda loaded: {one.label for one in loaded.tokens()})
    assert after - before == {"CPS-LATER"}


def test_the_lengths_of_a_pin(module: Module) -> None:
    """SoftHSM2 takes 4 to 255 characters, and knows no slot of this number."""
    slot = module.call(lambda loaded: loaded.tokens()[0].slot.slot_id)
    assert module.call(lambda loaded: loaded.native.pin_lengths(slot)) == (4, 255)
    assert module.call(lambda loaded: loaded.native.pin_lengths(1 << 40)) == (0, 0)
