"""The PC/SC of a world behind a driver or a redirection with its own ideas."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

from dmp_desktop.card.pcsc import PcscContext, ReaderState
from tests.helpers.card_worlds import PATIENCE, World

F_INTERNAL_ERROR = 0x80100001
Wait = Callable[[Sequence[ReaderState], int], list[ReaderState]]
Altering = Callable[[Wait, Sequence[ReaderState], int], list[ReaderState]]


class AlteredContext:
    """A context whose waits are not what the service gave."""

    def __init__(self, inner: PcscContext, altering: Altering, begin: Callable[[], None], listed: list[str]) -> None:
        self.cancel, self.connect, self.release = inner.cancel, inner.connect, inner.release
        self._inner, self._altering, self._begin, self._listed = inner, altering, begin, listed

    def readers(self) -> list[str]:
        return [*self._inner.readers(), *self._listed]

    def wait(self, known: Sequence[ReaderState], timeout_ms: int) -> list[ReaderState]:
        self._begin()
        return self._altering(self._inner.wait, known, timeout_ms)


class Altered:
    """The PC/SC of a world behind a driver or a redirection with its own ideas."""

    def __init__(self, world: World, *altering: Altering, listed: Sequence[str] = ()) -> None:
        """One alteration a context, the last for all that follow. `listed` are readers the service lists and does not have."""
        self._listed = list(listed)
        self._world = world
        self._altering = list(altering)
        self.waits: list[float] = []
        """When each wait began."""
        self._begun = threading.Condition()

    def establish(self) -> PcscContext:
        altering = self._altering.pop(0) if len(self._altering) > 1 else self._altering[0]
        return AlteredContext(self._world.pcsc.establish(), altering, self._begin, self._listed)

    def until(self, true: Callable[[list[float]], bool]) -> None:
        with self._begun:
            assert self._begun.wait_for(lambda: true(self.waits), PATIENCE), len(self.waits)

    def _begin(self) -> None:
        with self._begun:
            self.waits.append(time.monotonic())
            self._begun.notify_all()


def as_it_is(wait: Wait, known: Sequence[ReaderState], timeout_ms: int) -> list[ReaderState]:
    return wait(known, timeout_ms)
