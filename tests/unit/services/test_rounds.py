"""What is done from time to time: when it is due, whatever became of it the last time."""

from __future__ import annotations

import threading

from dmp_desktop.errors import StorageError
from dmp_desktop.platform.clock import SystemClock
from dmp_desktop.services.rounds import Round, Rounds
from tests.helpers.clock import FakeClock


def test_each_is_done_at_its_own_pace() -> None:
    clock, done = FakeClock(), []
    rounds = Rounds(clock, Round(10, lambda: done.append("often")), Round(25, lambda: done.append("seldom")))
    for _ in range(5):
        clock.advance(rounds.step())
    assert done == ["often", "seldom", "often", "often", "seldom", "often"]


def test_a_failure_is_tried_again_the_next_time() -> None:
    clock, tries = FakeClock(), []

    def fail() -> None:
        tries.append(clock.monotonic())
        raise StorageError("write-failed", "Le disque est plein.")

    rounds = Rounds(clock, Round(10, fail))
    for _ in range(2):
        clock.advance(rounds.step())
    assert len(tries) == 2


def test_the_thread_ends_when_told() -> None:
    done = threading.Event()
    rounds = Rounds(SystemClock(), Round(3600, done.set))
    rounds.start()
    assert done.wait(10)
    rounds.stop()
    assert not [one for one in threading.enumerate() if one.name == "rounds"]
