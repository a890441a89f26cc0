"""Clock and Entropy, system and test."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dmp_desktop.domain.ports import Clock, Entropy
from dmp_desktop.platform.clock import SystemClock, SystemEntropy
from tests.helpers.clock import FakeClock, SeededEntropy


@pytest.mark.parametrize("clock", [SystemClock(), FakeClock()], ids=["system", "fake"])
class TestClock:
    def test_now_is_aware_and_in_utc(self, clock: Clock) -> None:
        assert clock.now().utcoffset() == timedelta(0)

    def test_monotonic_never_goes_back(self, clock: Clock) -> None:
        readings = [clock.monotonic() for _ in range(100)]
        assert readings == sorted(readings)

    @pytest.mark.alone
    def test_the_two_run_together(self, clock: Clock) -> None:
        began, started = clock.now(), clock.monotonic()
        if isinstance(clock, FakeClock):
            clock.advance(5)
        elapsed = (clock.now() - began).total_seconds()
        assert elapsed == pytest.approx(clock.monotonic() - started, abs=0.5)


@pytest.mark.parametrize("entropy", [SystemEntropy(), SeededEntropy()], ids=["system", "seeded"])
class TestEntropy:
    def test_uuids_are_random_ones_and_never_the_same(self, entropy: Entropy) -> None:
        uuids = [entropy.uuid() for _ in range(1000)]
        assert len(set(uuids)) == 1000
        assert {uuid.version for uuid in uuids} == {4}

    def test_the_low_bits_are_spread(self, entropy: Entropy) -> None:
        fractions = [(entropy.uuid().int & 0xFFFFFFFF) / 2**32 for _ in range(2000)]
        assert 0.45 < sum(fractions) / len(fractions) < 0.55
