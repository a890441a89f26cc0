"""What happens while the watcher does not look, or cannot be heard: between two contexts, a service that hangs, a slow callback."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator, Sequence

import pytest

from dmp_desktop.card import watch
from dmp_desktop.card.failures import E_TIMEOUT, PcscError
from dmp_desktop.card.pcsc import MAX_STATES, STATE_CHANGED, STATE_UNKNOWN, ReaderState
from dmp_desktop.card.watch import PcscWatcher
from dmp_desktop.domain.cards import CardEvent
from tests.helpers.altered_pcsc import F_INTERNAL_ERROR, Altered, Wait, as_it_is
from tests.helpers.card_desk import MOVES, Desk
from tests.helpers.card_worlds import PATIENCE, WORLDS, Recorder, World, open_world, replay, vitale, watching
from tests.helpers.scripted_pcsc import ScriptedPcsc


@pytest.fixture(params=WORLDS)
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    with open_world(request.param) as opened:
        yield opened


def test_another_card_of_the_same_kind_while_no_context_looked(world: World) -> None:
    """A workstation that wakes up: the reader comes back under its name, its counter starts again, and every Vitale 2 has one ATR."""

    def falls_asleep(wait: Wait, known: Sequence[ReaderState], timeout_ms: int) -> list[ReaderState]:
        if timeout_ms <= 2 * watch.SLICE_MS[0]:
            return wait(known, timeout_ms)
        world.hand.unplug("A")
        world.hand.plug("A")
        world.hand.insert("A", vitale())
        raise PcscError(F_INTERNAL_ERROR)

    world.hand.plug("A")
    world.hand.insert("A", vitale())
    with watching(World(world.hand, Altered(world, falls_asleep, as_it_is))) as told:
        told.expect("service_up", "reader_added A", "card_inserted A")
        told.expect("card_removed A", "card_inserted A")
        world.hand.remove("A")
        told.expect("card_removed A")


def test_a_reader_that_is_listed_and_unknown_takes_nothing_from_the_others(world: World) -> None:
    """A driver left behind in the registry of Windows: in the list, unknown as soon as it is asked."""

    def ghost(wait: Wait, known: Sequence[ReaderState], timeout_ms: int) -> list[ReaderState]:
        real = [one for one in known if one.reader != "Fantome"]
        answer = ReaderState("Fantome", STATE_UNKNOWN | STATE_CHANGED)
        if not next(one for one in known if one.reader == "Fantome").state & STATE_UNKNOWN:
            timeout_ms = 0
        try:
            return [answer, *wait(real, timeout_ms)]
        except PcscError as error:
            if error.status != E_TIMEOUT or timeout_ms:
                raise
            return [answer]

    world.hand.plug("A")
    pcsc = Altered(world, ghost, listed=["Fantome"])
    with watching(World(world.hand, pcsc)) as told:
        told.expect("service_up", "reader_added A", "reader_added Fantome")
        pcsc.until(lambda waits: len(waits) > 3 and waits[-1] - waits[-2] > 4 * watch.REST)
        world.hand.insert("A", vitale())
        told.expect("card_inserted A")


def test_readers_that_come_while_a_wait_begins(world: World) -> None:
    """Between the listing and the wait: pcsc-lite tells nothing of them, listing again does."""
    coming = [f"Lecteur {number}" for number in range(8)]

    def grows(wait: Wait, known: Sequence[ReaderState], timeout_ms: int) -> list[ReaderState]:
        if coming:
            world.hand.plug(coming.pop(0))
        return wait(known, timeout_ms)

    with watching(World(world.hand, Altered(world, grows))) as told:
        told.expect("service_up", *(f"reader_added {name}" for name in list(coming)))
        world.hand.insert("Lecteur 7", vitale())
        told.expect("card_inserted Lecteur 7")


def test_thirty_readers() -> None:
    """More than PC/SC waits on (a server of a big practice, redirections): the first are followed, the others as those leave."""
    names = [f"Lecteur {number:02}" for number in range(30)]
    with open_world("memory") as world:
        for name in names:
            world.hand.plug(name)
        world.hand.insert(names[-1], vitale())
        with watching(world) as told:
            followed = MAX_STATES - 1
            told.expect("service_up", *(f"reader_added {name}" for name in names[:followed]))
            for name in names[followed : 2 * followed]:
                leaving = names.pop(0)
                world.hand.unplug(leaving)
                told.expect(f"reader_removed {leaving}", f"reader_added {name}")
            told.expect(f"card_inserted {names[-1]}")
            told.nothing_more()


def test_idle_it_looks_ever_less_often(world: World) -> None:
    world.hand.plug("A")
    pcsc = Altered(world, as_it_is)
    with watching(World(world.hand, pcsc)) as told:
        told.expect("service_up", "reader_added A")
        pcsc.until(lambda waits: len(waits) > 1 and waits[-1] - waits[0] > 0.5)
    assert len(pcsc.waits) <= 12


class TestCallback:
    def test_while_it_is_slow_the_desk_moves_on(self, world: World) -> None:
        """What could not be told meanwhile is not made up; what is told afterwards is true."""
        slow, told = threading.Event(), Recorder()

        def hear(event: CardEvent) -> None:
            told(event)
            slow.wait(PATIENCE)

        desk, watcher = Desk(world, 5, MOVES), PcscWatcher(world.pcsc)
        watcher.start(hear)
        told.expect("service_up")
        for _ in range(60):
            desk.act()
        slow.set()
        told.until(
            lambda: (
                replay(list(told.told))[1]
                == {name: None if slot.empty else slot.atr for name, slot in desk.readers.items()}
            )
        )
        watcher.stop()

    @pytest.mark.alone
    def test_stopped_while_it_is_slow_nothing_follows(self, world: World) -> None:
        busy, slow, told = threading.Event(), threading.Event(), Recorder()

        def hear(event: CardEvent) -> None:
            told(event)
            busy.set()
            slow.wait(PATIENCE)

        world.hand.plug("A")
        watcher = PcscWatcher(world.pcsc)
        watcher.start(hear)
        assert busy.wait(PATIENCE)
        threading.Timer(0.2, slow.set).start()
        watcher.stop()
        assert slow.is_set()
        told.expect("service_up")
        told.nothing_more()

    def test_whatever_it_raises_each_event_is_offered_once(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        unhandled: list[threading.ExceptHookArgs] = []
        monkeypatch.setattr(threading, "excepthook", unhandled.append)
        monkeypatch.setattr(watch, "BACKOFF", (0.01, 0.02))
        told = Recorder()

        def hear(event: CardEvent) -> None:
            told(event)
            raise LookupError

        threads = set(threading.enumerate())
        world.hand.plug("A")
        watcher = PcscWatcher(world.pcsc)
        watcher.start(hear)
        told.expect("service_up", "reader_added A")
        for _ in range(10):
            world.hand.insert("A", vitale())
            told.expect("card_inserted A")
            world.hand.remove("A")
            told.expect("card_removed A")
        watcher.stop()
        told.nothing_more()
        assert [thread.name for thread in set(threading.enumerate()) - threads if thread.name == "card-watch"] == []
        assert len(unhandled) == len(told.told)


class TestStop:
    @pytest.mark.alone
    def test_it_is_prompt_and_clean_at_any_moment_of_a_restart(self) -> None:
        moment, threads = random.Random(2026), set(threading.enumerate())
        with open_world("libpcsclite") as world:
            world.hand.plug("A")
            world.hand.insert("A", vitale())
            for _ in range(40):
                watcher, told = PcscWatcher(world.pcsc), Recorder()
                watcher.start(told)
                told.until(lambda told=told: bool(told.told))  # type: ignore[misc]
                world.hand.stop_service()
                back = threading.Timer(moment.random() * 0.02, world.hand.start_service)
                back.start()
                threading.Event().wait(moment.random() * 0.04)
                began = time.monotonic()
                watcher.stop()
                assert time.monotonic() - began < 1
                back.join()
                replay(told.told)
            service = world.hand
        for thread in set(threading.enumerate()) - threads:
            thread.join(PATIENCE)
        assert isinstance(service, ScriptedPcsc)
        assert service.ledger.problems() == []

    @pytest.mark.alone
    def test_a_service_that_answers_nothing_does_not_hold_it_up(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """pcscd stopped by a debugger, or swapped out: the wait hangs, and so does its cancellation."""
        monkeypatch.setattr(watch, "STOP_PATIENCE", 0.3)
        threads = set(threading.enumerate())
        with open_world("libpcsclite") as world:
            service = world.hand
            assert isinstance(service, ScriptedPcsc)
            service.plug("A")
            pcsc = Altered(world, as_it_is)
            watcher, told = PcscWatcher(pcsc), Recorder()
            watcher.start(told)
            told.expect("service_up", "reader_added A")
            pcsc.until(lambda waits: len(waits) > 1 and waits[-1] - waits[-2] > 0.2)
            threading.Event().wait(0.05)  # the wait that has just begun lasts half a second: it is under way
            service.freeze()
            stopping = threading.Thread(target=watcher.stop)
            stopping.start()
            stopping.join(10)
            prompt = not stopping.is_alive()
            service.thaw()
            stopping.join(PATIENCE)
            service.insert("A", vitale())
            told.nothing_more()
        for thread in set(threading.enumerate()) - threads:
            thread.join(PATIENCE)
        assert prompt
        assert service.ledger.problems() == []
