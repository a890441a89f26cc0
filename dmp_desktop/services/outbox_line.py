"""The line to the DMP: when it bears another try, after one that did not reach the DMP."""

from __future__ import annotations

from dmp_desktop.domain.ports import Clock, Entropy
from dmp_desktop.services.delivery import jitter, pause

FIRST_GAP = 2.0
"""Seconds (up to half less, at random) between the first document after an outage and the next; halved after each, until it is
`LAST_GAP`: the workstations of a country that come back together do not fall on the DMP at once."""
LAST_GAP = 0.1


class Line:
    """Held after each try that did not reach the DMP, and for ever shorter a while after those that do again."""

    def __init__(self, clock: Clock, entropy: Entropy) -> None:
        self._clock, self._entropy = clock, entropy
        self._failures = 0  # tries in a row that did not reach the DMP
        self._held_until = 0.0  # monotonic: nothing is tried before
        self._gap = 0.0  # seconds to leave between documents, while what an outage left is sent

    @property
    def down(self) -> bool:
        """Whether the last try did not reach the DMP."""
        return self._failures > 0

    def held(self) -> float:
        """Seconds until anything may be tried; none, or fewer, now."""
        return self._held_until - self._clock.monotonic()

    def try_now(self) -> None:
        self._held_until = 0.0

    def tried(self, *, reached: bool) -> None:
        """After a try that did not reach the DMP, the others are left alone too, longer each time; once one did, they follow."""
        if not reached:
            self._failures += 1
            self._gap = FIRST_GAP
            self._wait(pause(self._failures, self._entropy).total_seconds())
            return
        self._failures = 0
        if self._gap:
            self._wait(self._gap * jitter(self._entropy))
            self._gap = self._gap / 2 if self._gap > LAST_GAP else 0.0

    def _wait(self, seconds: float) -> None:
        self._held_until = self._clock.monotonic() + seconds
