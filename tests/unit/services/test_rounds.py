"""What is done from time to time: when it is due, whatever became of it the last time."""

from __future__ import annotations

import threading

import pytest

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
    assert done.wait(60)
    rounds.stop()
    assert not [one for one in threading.enumerate() if one.name == "rounds"]


def test_a_fault_of_ours_holds_nothing_else_up() -> None:
    clock, done = FakeClock(), []

    def wrong() -> None:
        done.append("wrong")
        raise KeyError

    rounds = Rounds(clock, Round(10, wrong), Round(10, lambda: done.append("right")))
    with pytest.raises(KeyError):
        rounds.step()
    assert rounds.step() == 10
    assert done == ["wrong", "right"]
    clock.advance(10)
    with pytest.raises(KeyError):
        rounds.step()


def test_a_fault_of_ours_is_told_and_another_thread_takes_over(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[type[BaseException]] = []
    monkeypatch.setattr(threading, "excepthook", lambda fault: told.append(fault.exc_type))
    done, tries = threading.Event(), []

    def wrong_once() -> None:
        tries.append(threading.current_thread())
        if len(tries) == 1:
            raise KeyError
        done.set()

    rounds = Rounds(SystemClock(), Round(0.01, wrong_once))
    rounds.start()
    assert done.wait(60)
    rounds.stop()
    tries[0].join(60)  # it tells its fault after the other has taken over
    assert tries[0] is not tries[1]
    assert told == [KeyError]
    assert not [one for one in threading.enumerate() if one.name == "rounds"]
