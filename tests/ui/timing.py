"""Figures that other work on the machine cannot spoil: it only adds, and not three times in the same place."""

from __future__ import annotations

import json
from collections.abc import Callable
from statistics import median
from time import perf_counter

from dmp_desktop.ui.stalls import LIMIT_MS, StallMeter

RUNS = 3
WORK_MS = 1.7
"""What `_work` takes on the machine the limits were set on (2 cores of a Xeon of 2023, nothing beside it): the best of 200."""
SLOWEST = 2.0
"""A machine slower than that is no measure of anything: its excess counts."""


def best(measure: Callable[[], float], limit: float) -> float:
    """The smallest of at most three runs of the same thing: a real excess happens every time. Ends at the first within `limit`.

    Each is divided by how much slower the machine is at that moment than the one the limits are for.
    """
    figures: list[float] = []
    while len(figures) < RUNS and (not figures or min(figures) > limit):
        figure = measure()
        figures.append(figure / slowness() if figure > limit else figure)
    return min(figures)


def slowness() -> float:
    """How many times longer than on the machine of the limits the same work takes now: 1 to SLOWEST."""
    return min(max(median(_work() for _ in range(25)) / WORK_MS, 1.0), SLOWEST)


def worst_stall(scenario: Callable[[], None]) -> float:
    """How long the window stood still at worst, in milliseconds, while the best run of `scenario` went on."""

    def measure() -> float:
        meter = StallMeter()
        meter.start()
        scenario()
        return meter.stop()

    return best(measure, LIMIT_MS)


def _work() -> float:
    """Milliseconds: objects, strings and a sort, as in a turn of the window's loop."""
    began = perf_counter()
    rows = [{"number": number * 7919 % 1000, "text": f"row {number}"} for number in range(1500)]
    rows.sort(key=lambda row: (row["number"], row["text"]))
    json.loads(json.dumps(rows, ensure_ascii=False))
    return 1000 * (perf_counter() - began)
