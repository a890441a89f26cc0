"""Thousands of random acts at a desk: the stream is the truth (`tests/helpers/card_desk.py` says which), each event is told within
5 ms, our readers leave every card as they found it, and nothing is left over."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from dmp_desktop.card import watch
from dmp_desktop.card.access import CardAccess
from dmp_desktop.card.vitale import PlainPcscVitaleReader
from dmp_desktop.card.watch import PcscWatcher
from dmp_desktop.domain.cards import CardEvent, CardEventType
from dmp_desktop.errors import CardError
from tests.helpers.card_desk import EVERYDAY, MOVES, Desk
from tests.helpers.card_soak import BACK, MUTE, Figures, idle_share, percentile, soak
from tests.helpers.card_worlds import WORLDS, Recorder, open_world, replay, watching
from tests.helpers.scripted_pcsc import ScriptedPcsc

P99 = 0.005
"""Seconds from the hand's move to our callback (brief), on a machine that does nothing else."""
QUIET = 0.001
"""A bare wait takes less at p99 on such a machine, by far; on another, what it takes is added to the limit."""
APART = {BACK: watch.BACKOFF, MUTE: (0.41, 0.41)}
"""Seconds, median and p99, of what the events wait for that are not told at once (`tests/helpers/card_soak.py` says what)."""
IDLE = 0.001
"""Share of one processor (brief)."""
RESIDENT = 4_000_000
"""Bytes a long run may gain: what the allocator keeps."""
ENOUGH = 500
"""Of each act in a long run."""
ENOUGH_MUTE = 50
"""Of mute cards where each costs 0.8 s of libpcsclite's own sleep."""
QUICK: Mapping[str, float] = EVERYDAY | {"restart": 0.7, "mute": 0.7}
LONG: Mapping[str, Mapping[str, float]] = {
    "memory": EVERYDAY | {"restart": 3.7, "mute": 8},
    "libpcsclite": EVERYDAY | {"restart": 3.7, "mute": 1.1},
}


def nothing_left(figures: Figures) -> None:
    assert figures.unkept == []
    assert figures.threads == []
    assert figures.descriptors <= 0  # those of an earlier test may close meanwhile; contexts are counted by the service
    assert figures.resident < RESIDENT


def told_in_time(figures: Figures) -> None:
    noise = percentile(figures.control, 0.99)
    limit = P99 + (noise if noise > QUIET else 0)
    assert percentile(figures.prompt, 0.99) <= limit, str(figures)
    for act in figures.apart & figures.latencies.keys():
        for share, waited in zip((0.5, 0.99), APART[act], strict=True):
            assert percentile(figures.latencies[act], share) <= waited + limit, str(figures)


@pytest.mark.parametrize("name", WORLDS)
def test_the_stream_is_the_truth(name: str) -> None:
    with open_world(name) as world:
        figures = soak(world, 400, seed=300, mix=QUICK)
    assert figures.acts.keys() == QUICK.keys()
    nothing_left(figures)


@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", WORLDS)
def test_the_stream_is_the_truth_for_long(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with open_world(name) as world:
        figures = soak(world, 10_000, seed=10_000, mix=LONG[name])
    with capsys.disabled():
        print(f"\n{name}: {figures}")
    nothing_left(figures)
    for act in LONG[name]:
        assert figures.acts[act] >= (ENOUGH_MUTE if act in figures.apart else ENOUGH), act
    told_in_time(figures)


@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.parametrize("name", WORLDS)
def test_idle_it_takes_no_processor(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with open_world(name) as world:
        share = idle_share(world, 3)
    with capsys.disabled():
        print(f"\n{name}: idle {share:.3%} of one processor")
    assert share < IDLE


@pytest.mark.alone
@pytest.mark.parametrize("name", WORLDS)
def test_latency(name: str) -> None:
    with open_world(name) as world:
        told_in_time(soak(world, 600, seed=1))


@pytest.mark.parametrize("name", WORLDS)
@pytest.mark.parametrize("seed", range(2))
def test_bursts_end_in_the_truth(name: str, seed: int) -> None:
    """Faster than anyone looks, some moves may go unseen, but the stream stays well formed and ends right."""
    with open_world(name) as world, watching(world) as told:
        desk = Desk(world, seed, MOVES | {"violate": 1})
        for _ in range(40):
            for _ in range(25):
                desk.act()
            told.until(lambda: seen(told) == true(desk))
        assert replay(told.told)[0]


def test_cards_read_while_they_move_are_left_as_they_are() -> None:
    """Each card that comes in is read at once, as the session does, and pulled, reset, held or renamed away in the middle of it."""
    with open_world("libpcsclite") as world, ThreadPoolExecutor(2) as pool:
        service, told = world.hand, Recorder()
        assert isinstance(service, ScriptedPcsc)
        reader = PlainPcscVitaleReader(CardAccess(world.pcsc, lambda _seconds: None))

        def read(name: str) -> None:
            with suppress(CardError):
                reader.read(name)

        def hear(event: CardEvent) -> None:
            told(event)
            if event.type is CardEventType.CARD_INSERTED:
                pool.submit(read, event.reader)

        watcher, desk = PcscWatcher(world.pcsc), Desk(world, 7, MOVES)
        watcher.start(hear)
        try:
            for _ in range(600):
                desk.act()
                told.until(lambda: seen(told) == true(desk))
        finally:
            watcher.stop()
        pool.shutdown()
    assert service.ledger.calls["begin"] > 50
    assert service.ledger.problems() == []


def seen(told: Recorder) -> list[tuple[str, bytes | None]]:
    return sorted(replay(list(told.told))[1].items())


def true(desk: Desk) -> list[tuple[str, bytes | None]]:
    return sorted((name, None if slot.empty else slot.atr) for name, slot in desk.readers.items())
