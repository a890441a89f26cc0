"""Thousands of random acts at a desk: the stream is the truth (`tests/helpers/card_desk.py` says which), and nothing is left over."""

from __future__ import annotations

import pytest

from dmp_desktop.domain.cards import CardEvent
from tests.helpers.card_desk import Desk, Figures, idle_share, soak
from tests.helpers.card_worlds import WORLDS, Recorder, open_world, replay, watching

P99 = 0.005
"""Seconds from an act to our callback (brief)."""
IDLE = 0.001
"""Share of one processor (brief)."""
RESIDENT = 4_000_000
"""Bytes a long run may gain: what the allocator keeps."""
LONG = {"memory": 3_000, "libpcsclite": 10_000}


def told_right(figures: Figures) -> None:
    assert figures.threads == []
    assert figures.descriptors <= 0
    assert figures.resident < RESIDENT


@pytest.mark.parametrize("name", WORLDS)
def test_the_stream_is_the_truth(name: str) -> None:
    with open_world(name) as world:
        told_right(soak(world, 300, seed=300))


@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.parametrize("name", WORLDS)
def test_the_stream_is_the_truth_for_long(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with open_world(name) as world:
        figures = soak(world, LONG[name], seed=10_000)
    with capsys.disabled():
        print(f"\n{name}: {figures}")
    told_right(figures)
    assert figures.best_p99 <= P99


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
        figures = soak(world, 400, seed=1)
    assert figures.best_p99 <= P99, str(figures)


@pytest.mark.parametrize("name", WORLDS)
@pytest.mark.parametrize("seed", range(2))
def test_bursts_end_in_the_truth(name: str, seed: int) -> None:
    """Faster than anyone looks, some moves may go unseen, but the stream stays well formed and ends right."""
    with open_world(name) as world, watching(world) as told:
        desk = Desk(world, seed)
        for _ in range(10):
            for _ in range(25):
                desk.act(rare=False)
            told.until(lambda: seen(told) == true(desk))
        assert replay(told.told)[0]


def seen(told: Recorder) -> list[tuple[str, bool]]:
    events: list[CardEvent] = list(told.told)
    return sorted((name, atr is not None) for name, atr in replay(events)[1].items())


def true(desk: Desk) -> list[tuple[str, bool]]:
    return sorted((name, slot.card is not None) for name, slot in desk.readers.items())
