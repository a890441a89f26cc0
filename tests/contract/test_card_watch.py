"""The watcher in both worlds: every scenario of a desk."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from dmp_desktop.card import watch
from dmp_desktop.card.failures import E_CANCELLED, E_SYSTEM_CANCELLED, F_COMM_ERROR
from dmp_desktop.card.watch import PcscWatcher
from dmp_desktop.domain.cards import CardEvent, CardEventType, CardKind
from dmp_desktop.sandbox.virtual_cards import ATR_CPS3, VitaleCard
from tests.helpers.card_worlds import PATIENCE, PATIENT, WORLDS, Recorder, World, open_world, vitale, watching


@pytest.fixture(params=WORLDS)
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    with open_world(request.param) as opened:
        yield opened


class TestScenarios:
    def test_what_is_there_at_the_start_is_told(self, world: World) -> None:
        world.hand.plug("A")
        world.hand.plug("B")
        world.hand.insert("B", vitale())
        with watching(world) as told:
            told.expect("service_up", "reader_added A", "reader_added B", "card_inserted B")
            told.nothing_more()

    def test_an_event_carries_the_atr_and_the_kind_it_suggests(self, world: World) -> None:
        world.hand.plug("A")
        world.hand.insert("A", VitaleCard([PATIENT], atr=ATR_CPS3))
        with watching(world) as told:
            *_, reader, inserted = told.next(3)
            assert (reader.atr, reader.kind) == (b"", None)
            assert inserted == CardEvent(CardEventType.CARD_INSERTED, "A", ATR_CPS3, CardKind.CPS)

    def test_no_service_at_the_start(self, world: World) -> None:
        world.hand.stop_service()
        with watching(world) as told:
            told.expect("service_down")
            world.hand.plug("A")
            world.hand.start_service()
            told.expect("service_up", "reader_added A")

    def test_the_service_stops_and_comes_back(self, world: World) -> None:
        world.hand.plug("A")
        world.hand.plug("B")
        world.hand.insert("A", vitale())
        with watching(world) as told:
            told.expect("service_up", "reader_added A", "reader_added B", "card_inserted A")
            for _ in range(3):
                world.hand.stop_service()
                told.expect("card_removed A", "reader_removed A", "reader_removed B", "service_down")
                assert told.told[-1].why == "card.no_service"
                world.hand.start_service()
                told.expect("service_up", "reader_added A", "reader_added B", "card_inserted A")

    def test_a_reader_plugged_and_unplugged_with_its_card(self, world: World) -> None:
        with watching(world) as told:
            told.expect("service_up")
            for _ in range(3):
                world.hand.plug("A")
                told.expect("reader_added A")
                world.hand.insert("A", vitale())
                told.expect("card_inserted A")
                world.hand.unplug("A")
                told.expect("card_removed A", "reader_removed A")

    def test_two_readers_live_their_own_lives(self, world: World) -> None:
        world.hand.plug("A")
        world.hand.plug("B")
        with watching(world) as told:
            told.expect("service_up", "reader_added A", "reader_added B")
            world.hand.insert("B", vitale())
            told.expect("card_inserted B")
            world.hand.insert("A", vitale())
            told.expect("card_inserted A")
            world.hand.remove("B")
            told.expect("card_removed B")
            world.hand.unplug("A")
            told.expect("card_removed A", "reader_removed A")

    def test_a_card_swapped_in_a_blink_is_another_card(self, world: World) -> None:
        world.hand.plug("A")
        world.hand.insert("A", vitale())
        with watching(world) as told:
            told.expect("service_up", "reader_added A", "card_inserted A")
            for _ in range(20):
                world.hand.remove("A")
                world.hand.insert("A", vitale())
                told.expect("card_removed A", "card_inserted A")

    def test_a_mute_card(self, world: World) -> None:
        world.hand.plug("A")
        with watching(world) as told:
            told.expect("service_up", "reader_added A")
            world.hand.insert("A", vitale(), mute=True)
            told.expect("card_mute A")
            world.hand.remove("A")
            told.expect("card_removed A")
            world.hand.insert("A", vitale())
            told.expect("card_inserted A")

    def test_a_passing_failure_is_not_news(self, world: World) -> None:
        world.hand.plug("A")
        with watching(world) as told:
            told.expect("service_up", "reader_added A")
            for passing in (E_CANCELLED, E_SYSTEM_CANCELLED):
                world.hand.fail("wait", passing)
            world.hand.insert("A", vitale())
            told.expect("card_inserted A")

    def test_a_service_that_dies_at_each_wait_is_asked_ever_less_often(self, world: World) -> None:
        world.hand.fail("wait", F_COMM_ERROR, times=3)
        started = time.monotonic()
        with watching(world) as told:
            told.expect(*["service_up", "service_down"] * 3, "service_up")
            assert time.monotonic() - started >= sum(watch.BACKOFF[0] * 2**tried for tried in range(3)) * 0.95


class TestThread:
    @pytest.mark.alone
    def test_stop_is_prompt_whatever_the_moment(self, world: World) -> None:
        world.hand.plug("A")
        for _ in range(30):
            watcher = PcscWatcher(world.pcsc)
            watcher.start(Recorder())
            started = time.monotonic()
            watcher.stop()
            assert time.monotonic() - started < watch.STOP_PATIENCE / 2

    def test_stopped_it_tells_nothing_and_may_start_again(self, world: World) -> None:
        world.hand.plug("A")
        watcher = PcscWatcher(world.pcsc)
        first, second = Recorder(), Recorder()
        watcher.start(first)
        first.expect("service_up", "reader_added A")
        watcher.stop()
        watcher.stop()
        world.hand.insert("A", vitale())
        watcher.start(second)
        second.expect("service_up", "reader_added A", "card_inserted A")
        watcher.stop()
        first.nothing_more()

    def test_it_starts_once(self, world: World) -> None:
        watcher = PcscWatcher(world.pcsc)
        watcher.start(Recorder())
        with pytest.raises(RuntimeError):
            watcher.start(Recorder())
        watcher.stop()

    def test_a_failing_callback_loses_nothing(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        unhandled: list[threading.ExceptHookArgs] = []
        monkeypatch.setattr(threading, "excepthook", unhandled.append)
        told = Recorder()

        def fails_on_the_first(event: CardEvent) -> None:
            if not unhandled and event.type is CardEventType.SERVICE_UP:
                raise LookupError
            told(event)

        world.hand.plug("A")
        watcher = PcscWatcher(world.pcsc)
        watcher.start(fails_on_the_first)
        told.expect("reader_added A")
        world.hand.insert("A", vitale())
        told.expect("card_inserted A")
        watcher.stop()
        assert [hook.exc_type for hook in unhandled] == [LookupError]


class Restless:
    """A PC/SC whose waits come back at once with nothing new (reference card.md §4, row 7)."""

    def __init__(self, world: World, enough: int) -> None:
        self._world = world
        self._enough = enough
        self.waits = 0
        self.done = threading.Event()
        self.spent = 0.0

    def establish(self) -> Restless:
        self._inner = self._world.pcsc.establish()
        self.readers, self.cancel, self.release = self._inner.readers, self._inner.cancel, self._inner.release
        self.connect = self._inner.connect
        return self

    def wait(self, known, timeout_ms):  # type: ignore[no-untyped-def]
        if self.waits == 0:
            self._since = time.monotonic()
        self.waits += 1
        if self.waits == self._enough:
            self.spent = time.monotonic() - self._since
            self.done.set()
        return known


def test_a_wait_that_does_not_wait_is_slowed_down(world: World) -> None:
    world.hand.plug("A")
    restless = Restless(world, enough=watch.FRUITLESS + 6)
    watcher = PcscWatcher(restless)
    watcher.start(Recorder())
    assert restless.done.wait(PATIENCE)
    watcher.stop()
    assert restless.spent >= 4 * watch.REST
