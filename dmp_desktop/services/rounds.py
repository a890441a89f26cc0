"""Small things to be done from time to time, behind the doctor's back, as long as the program runs."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from dmp_desktop.domain.ports import Clock
from dmp_desktop.errors import DmpDesktopError

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Round:
    """`work` may raise DmpDesktopError, or have a fault of ours: it is done again `every_seconds` later all the same."""

    every_seconds: float
    work: Callable[[], object]


class Rounds:
    """One thread for all of them at a time, from `start` to `stop`. `step` does what is due, and says for how long nothing is."""

    def __init__(self, clock: Clock, *rounds: Round) -> None:
        self._clock = clock
        self._due = dict.fromkeys(rounds, clock.monotonic())
        self._ended = threading.Event()
        self._spawning = threading.Lock()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._spawn()

    def stop(self) -> None:
        """Ends after what is under way."""
        self._ended.set()
        joined = None
        while self._thread is not joined:  # the one that took over meanwhile, if any
            joined = self._thread
            if joined is not None:
                joined.join()

    def step(self) -> float:
        """Raises what nobody foresaw, of one of them: the others are done at the next step, that one in its turn."""
        for one, due in self._due.items():
            if self._ended.is_set() or due > self._clock.monotonic():
                continue
            try:
                one.work()
            except DmpDesktopError as error:
                log.warning("not done: %s", error.code)
            finally:
                self._due[one] = self._clock.monotonic() + one.every_seconds
        return max(0.0, min(self._due.values()) - self._clock.monotonic())

    def _spawn(self) -> None:
        with self._spawning:  # one that ends at once waits until it is known: who takes over comes after it
            thread = threading.Thread(target=self._run, name="rounds", daemon=True)
            thread.start()  # before `stop` may join it
            self._thread = thread

    def _run(self) -> None:
        """A fault of ours ends this thread through the excepthook, which tells its type and place; another takes over."""
        try:
            while not self._ended.wait(self.step()):
                pass
        finally:
            if not self._ended.is_set():
                self._spawn()
