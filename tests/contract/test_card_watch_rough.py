"""What drivers, redirections and faults do to the watcher, in both worlds: it keeps telling the truth, and never turns in a loop."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence

import pytest

from dmp_desktop.card import watch
from dmp_desktop.card.failures import E_CANCELLED, E_TIMEOUT, E_UNKNOWN_READER, PcscError
from dmp_desktop.card.pcsc import PNP_NOTIFICATION, STATE_CHANGED, STATE_UNKNOWN, PcscContext, ReaderState
from dmp_desktop.card.watch import PcscWatcher
from tests.helpers.altered_pcsc import F_INTERNAL_ERROR, Altered, Altering, Wait, as_it_is
from tests.helpers.card_worlds import PATIENCE, WORLDS, Recorder, World, open_world, replay, vitale, watching


@pytest.fixture(params=WORLDS)
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    with open_world(request.param) as opened:
        yield opened


def always(status: int) -> Altering:
    def refuse(_wait: Wait, _known: Sequence[ReaderState], _timeout_ms: int) -> list[ReaderState]:
        raise PcscError(status)

    return refuse


def pseudo_reader_refused(wait: Wait, known: Sequence[ReaderState], timeout_ms: int) -> list[ReaderState]:
    """macOS, and redirections that know their own readers only."""
    if any(one.reader == PNP_NOTIFICATION for one in known):
        raise PcscError(E_UNKNOWN_READER)
    return wait(known, timeout_ms)


def pseudo_reader_answers(state: int) -> Altering:
    """At once, whatever is asked of it: as Windows does when it is asked with state 0."""

    def altering(wait: Wait, known: Sequence[ReaderState], timeout_ms: int) -> list[ReaderState]:
        true = [one for one in known if one.reader != PNP_NOTIFICATION]
        if len(true) == len(known):
            return wait(known, timeout_ms)
        try:
            seen = wait(true, 0) if true else []
        except PcscError as error:
            if error.status != E_TIMEOUT:
                raise
            seen = true
        return [*seen, ReaderState(PNP_NOTIFICATION, state)]

    return altering


def times_out_at_once(wait: Wait, known: Sequence[ReaderState], timeout_ms: int) -> list[ReaderState]:
    return wait(known, 0)


def answers_at_once(wait: Wait, known: Sequence[ReaderState], timeout_ms: int) -> list[ReaderState]:
    try:
        return wait(known, 0)
    except PcscError:
        return list(known)


TRAPS = {
    "the pseudo-reader is refused": pseudo_reader_refused,
    "the pseudo-reader is unknown": pseudo_reader_answers(STATE_UNKNOWN | STATE_CHANGED),
    "the pseudo-reader answers at once": pseudo_reader_answers(STATE_CHANGED),
    "a wait times out at once": times_out_at_once,
    "a wait answers at once": answers_at_once,
}


class TestTraps:
    @pytest.mark.parametrize("trap", TRAPS.values(), ids=TRAPS)
    def test_everything_is_told_all_the_same(self, world: World, trap: Altering) -> None:
        with watching(World(world.hand, Altered(world, trap))) as told:
            told.expect("service_up")
            world.hand.plug("A")
            told.expect("reader_added A")
            world.hand.insert("A", vitale())
            told.expect("card_inserted A")
            world.hand.plug("B")
            told.expect("reader_added B")
            world.hand.remove("A")
            told.expect("card_removed A")
            world.hand.unplug("A")
            told.expect("reader_removed A")
            told.nothing_more()

    @pytest.mark.parametrize("trap", TRAPS.values(), ids=TRAPS)
    def test_no_loop_is_busy(self, world: World, trap: Altering) -> None:
        world.hand.plug("A")
        pcsc = Altered(world, trap)
        watcher = PcscWatcher(pcsc)
        watcher.start(Recorder())
        quick = watch.FRUITLESS + 2
        pcsc.until(lambda waits: len(waits) > 3 and waits[-1] - waits[-3] >= 2 * watch.REST * 0.9)
        watcher.stop()
        assert len(pcsc.waits) <= quick + 4

    def test_news_without_end_are_looked_at_at_a_pace(self, world: World) -> None:
        """A contact that bounces: each look finds a card moved."""
        world.hand.plug("A")
        pcsc = Altered(world, as_it_is)
        storming = threading.Event()

        def bounce() -> None:
            while not storming.wait(0.0002):
                world.hand.insert("A", vitale())
                world.hand.remove("A")

        with watching(World(world.hand, pcsc)) as told:
            told.expect("service_up", "reader_added A")
            storm = threading.Thread(target=bounce)
            storm.start()
            pcsc.until(lambda waits: len(waits) > 40)
            storming.set()
            storm.join()
            began, ended = pcsc.waits[10], pcsc.waits[40]
            world.hand.insert("A", vitale(), mute=True)
            told.until(lambda: told.told[-1].type.value == "card_mute")
        assert ended - began >= 30 * watch.PACE * 0.95
        assert replay(told.told) == (True, {"A": b""})


class TestFaults:
    @pytest.fixture
    def unhandled(self, monkeypatch: pytest.MonkeyPatch) -> list[threading.ExceptHookArgs]:
        caught: list[threading.ExceptHookArgs] = []
        monkeypatch.setattr(threading, "excepthook", caught.append)
        return caught

    @pytest.mark.parametrize("call", ["establish", "readers", "wait"])
    def test_whatever_is_raised_the_thread_goes_on(
        self, call: str, world: World, unhandled: list[threading.ExceptHookArgs]
    ) -> None:
        """The excepthook logs it (platform/logging.py)."""
        world.hand.plug("A")
        pcsc, failing = Altered(world, as_it_is), [LookupError(), ValueError()]
        establish = pcsc.establish

        def fail(*_anything: object) -> list[ReaderState]:
            raise failing.pop()

        def established() -> PcscContext:
            if failing and call == "establish":
                fail()
            context = establish()
            if failing:
                setattr(context, call, fail)
            return context

        pcsc.establish = established  # type: ignore[method-assign]
        with watching(World(world.hand, pcsc)) as told:
            told.expect("service_up", "reader_added A")
            world.hand.insert("A", vitale())
            told.expect("card_inserted A")
        assert [hook.exc_type for hook in unhandled] == [ValueError, LookupError]

    def test_a_service_good_for_nothing_is_told_down(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        """It lists the readers, and refuses each wait for a reason nobody knows."""
        monkeypatch.setattr(watch, "BACKOFF", (0.01, 0.02))
        world.hand.plug("A")
        refusing = always(F_INTERNAL_ERROR)
        with watching(World(world.hand, Altered(world, *[refusing] * (watch.USELESS + 1), as_it_is))) as told:
            told.expect("service_up", "reader_added A", "reader_removed A", "service_down")
            told.expect("service_up", "reader_added A")

    def test_a_context_that_only_says_cancelled_is_given_up(self, world: World) -> None:
        """A remote-desktop session that was taken up again (FreeRDP 7032)."""
        world.hand.plug("A")
        with watching(World(world.hand, Altered(world, always(E_CANCELLED), as_it_is))) as told:
            told.expect("service_up", "reader_added A")
            world.hand.insert("A", vitale())
            told.expect("card_inserted A")

    @pytest.mark.alone
    def test_a_service_that_hangs_holds_up_neither_the_end_nor_the_next_start(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(watch, "STOP_PATIENCE", 0.2)
        reached, freed = threading.Event(), threading.Event()

        def hang(wait: Wait, known: Sequence[ReaderState], timeout_ms: int) -> list[ReaderState]:
            reached.set()
            freed.wait(PATIENCE)
            return wait(known, timeout_ms)

        world.hand.plug("A")
        world.hand.insert("A", vitale())
        watcher = PcscWatcher(Altered(world, hang, as_it_is))
        first, second = Recorder(), Recorder()
        watcher.start(first)
        assert reached.wait(PATIENCE)
        began = time.monotonic()
        watcher.stop()
        assert time.monotonic() - began < 2
        watcher.start(second)
        second.expect("service_up", "reader_added A", "card_inserted A")
        freed.set()
        watcher.stop()
        first.expect("service_up", "reader_added A")
        first.nothing_more()


class TestNames:
    def test_a_reader_renamed_with_its_card(self, world: World) -> None:
        """Remote desktop: the card leaves the old name before it comes in under the new one, neither lost nor twice there."""
        old, new = "Lecteur 0", "Lecteur 0 (session 2)"
        world.hand.plug(old)
        world.hand.insert(old, vitale())
        with watching(world) as told:
            told.expect("service_up", f"reader_added {old}", f"card_inserted {old}")
            for name, other in [(old, new), (new, old)] * 3:
                world.hand.rename(name, other)
                told.expect(f"card_removed {name}", f"reader_removed {name}")
                told.expect(f"reader_added {other}", f"card_inserted {other}")
            told.nothing_more()

    def test_both_slots_renamed_at_once(self, world: World) -> None:
        for slot in ("Bifente 00 00", "Bifente 00 01"):
            world.hand.plug(slot)
            world.hand.insert(slot, vitale())
        with watching(world) as told:
            told.next(5)
            world.hand.rename("Bifente 00 00", "R 0")
            world.hand.rename("Bifente 00 01", "R 1")
            told.next(8)
            assert sorted(replay(told.told)[1]) == ["R 0", "R 1"]
            assert all(replay(told.told)[1].values())

    def test_two_slots_of_one_reader_are_two_readers(self, world: World) -> None:
        first, second = "Bifente 00 00", "Bifente 00 01"
        world.hand.plug(first)
        world.hand.plug(second)
        with watching(world) as told:
            told.expect("service_up", f"reader_added {first}", f"reader_added {second}")
            world.hand.insert(second, vitale())
            told.expect(f"card_inserted {second}")
            world.hand.insert(first, vitale(), mute=True)
            told.expect(f"card_mute {first}")
            world.hand.remove(second)
            told.expect(f"card_removed {second}")
            told.nothing_more()

    def test_a_card_another_program_takes_and_gives_back_is_no_news(self, world: World) -> None:
        world.hand.plug("A")
        world.hand.insert("A", vitale())
        with watching(world) as told:
            told.expect("service_up", "reader_added A", "card_inserted A")
            for held in (True, False) * 10:
                world.hand.hold("A", held)
            world.hand.reset_card("A")
            world.hand.remove("A")
            told.expect("card_removed A")
