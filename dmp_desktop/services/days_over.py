"""Which days are over for sure, though the workstation's clock may jump: what is forgotten then does not come back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from dmp_desktop.domain.ports import Clock

STEADY = timedelta(hours=1)
"""For how long the clock has to go at the pace of time before it is believed by itself."""
JUMP = timedelta(minutes=2)
"""More than any slow correction makes in between two looks; a machine that slept counts as one."""


class DaysOver:
    """`skew` is the DMP's clock minus ours, None while it told no time: told over TLS, it is believed at once."""

    def __init__(self, clock: Clock, skew: Callable[[], timedelta | None] = lambda: None) -> None:
        self._clock = clock
        self._skew = skew
        self._since = clock.now(), clock.monotonic()
        self._stale: timedelta | None = None  # what the server told before our clock jumped

    def first_left(self) -> date | None:
        """The first day that is not over; None while that is not sure. To be asked at least each half hour."""
        now, ticks = self._clock.now(), self._clock.monotonic()
        began, first_tick = self._since
        passed = timedelta(seconds=ticks - first_tick)
        skew = self._skew()
        if abs(now - began - passed) > JUMP:
            self._since, self._stale = (now, ticks), skew
            passed = timedelta(0)
        if skew is not None and skew != self._stale:
            return min(now, now + skew).astimezone().date()
        return now.astimezone().date() if passed >= STEADY else None
