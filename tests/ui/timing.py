"""Figures that other work on the machine cannot spoil: it only adds, and not three times in the same place."""

from __future__ import annotations

from collections.abc import Callable

from dmp_desktop.ui.stalls import LIMIT_MS, StallMeter

RUNS = 3


def best(measure: Callable[[], float], limit: float) -> float:
    """The smallest of at most three runs of the same thing: a real excess happens every time. Ends at the first within `limit`."""
    figures: list[float] = []
    while len(figures) < RUNS and (not figures or min(figures) > limit):
        figures.append(measure())
    return min(figures)


def worst_stall(scenario: Callable[[], None]) -> float:
    """How long the window stood still at worst, in milliseconds, while the best run of `scenario` went on."""

    def measure() -> float:
        meter = StallMeter()
        meter.start()
        scenario()
        return meter.stop()

    return best(measure, LIMIT_MS)
