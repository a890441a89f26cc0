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
    """`work` may raise DmpDesktopError: it is done again `every_seconds` later all the same."""

    every_seconds: float
    work: Callable[[], object]


class Rounds:
    """One thread for all of them, from `start` to `stop`. `step` does what is due, and says for how long nothing is."""

    def __init__(self, clock: Clock, *rounds: Round) -> None:
        self._clock = clock
        self._due = dict.fromkeys(rounds, clock.monotonic())
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="rounds", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends after what is under way."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join()

    def step(self) -> float:
        for one, due in self._due.items():
            if self._ended.is_set() or due > self._clock.monotonic():
                continue
            try:
                one.work()
            except DmpDesktopError as error:
                log.warning("not done: %s", error.code)
            self._due[one] = self._clock.monotonic() + one.every_seconds
        return max(0.0, min(self._due.values()) - self._clock.monotonic())

    def _run(self) -> None:
        while not self._ended.wait(self.step()):
            pass
