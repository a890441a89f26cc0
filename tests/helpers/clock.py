"""Time and randomness in the hand of the test."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


class FakeClock:
    """A Clock that moves when told: `advance` as time does, `set_back` as someone who corrects the system's clock."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start
        self._monotonic = 0.0

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    def advance(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)
        self._monotonic += seconds

    def set_back(self, seconds: float) -> None:
        self._now -= timedelta(seconds=seconds)


class SeededEntropy:
    """An Entropy that gives the same identifiers at each run."""

    def __init__(self, seed: int = 1) -> None:
        self._random = Random(seed)

    def uuid(self) -> UUID:
        return UUID(int=self._random.getrandbits(128), version=4)
