"""What the tab Biologie shows: points, series, and the reports that no program can read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dmp_desktop.domain.documents import DocumentEntry

ABNORMAL_FLAGS = frozenset({"A", "AA", "H", "HH", "HU", "L", "LL", "LU", "<", ">"})
CRITICAL_FLAGS = frozenset({"AA", "HH", "LL", "HU", "LU"})
"""HL7 ObservationInterpretation, 2.16.840.1.113883.5.83."""


class Direction(StrEnum):
    """The last value against the one before, no more than that."""

    UP = "up"
    DOWN = "down"
    SAME = "same"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, repr=False)
class LabPoint:
    """One result. `text` and `unit` are as written; `value`, `low` and `high` are in the unit of the series.

    `value` is None where the laboratory gives a bound or words; a bound is then in `bound`, with its sign in `text`.
    `conversion` tells how `value` came from what was written; empty where nothing was converted. `dated` is False where the
    report gives no date for the result: `when` is then that of the document. `sources` are all the documents that tell it,
    `entry` first; `quoted` where none of them is the laboratory's own report of it. `also`: the same result in other units.
    """

    when: datetime
    text: str
    unit: str
    entry: DocumentEntry
    value: float | None = None
    bound: float | None = None
    conversion: str = ""
    low: float | None = None
    high: float | None = None
    flag: str = ""
    label: str = ""
    loinc: str = ""
    laboratory: str = ""
    sources: tuple[DocumentEntry, ...] = ()
    also: tuple[str, ...] = ()
    dated: bool = True
    quoted: bool = False
    by_label: bool = False

    @property
    def critical(self) -> bool:
        return self.flag in CRITICAL_FLAGS

    @property
    def abnormal(self) -> bool:
        """By the laboratory's flag; without one, by its own limits."""
        if self.flag:
            return self.flag in ABNORMAL_FLAGS
        if self.value is None:
            return False
        return (self.low is not None and self.value < self.low) or (self.high is not None and self.value > self.high)


@dataclass(frozen=True, slots=True, repr=False)
class LabSeries:
    """Results that may share a curve, in time order. `key` is stable from one visit to the next.

    `loinc`: the codes found; `by_label`: some results have none and were placed by their name. `unit` is a UCUM code, empty for
    results in words.
    """

    key: str
    label: str
    unit: str
    points: tuple[LabPoint, ...]
    loinc: tuple[str, ...] = ()
    by_label: bool = False
    specimen: str = ""

    @property
    def last(self) -> LabPoint:
        return self.points[-1]

    @property
    def previous(self) -> LabPoint | None:
        return self.points[-2] if len(self.points) > 1 else None

    @property
    def direction(self) -> Direction:
        """From the two last points, where both are numbers."""
        before = self.previous
        if before is None or before.value is None or self.last.value is None:
            return Direction.UNKNOWN
        if self.last.value == before.value:
            return Direction.SAME
        return Direction.UP if self.last.value > before.value else Direction.DOWN

    @property
    def band(self) -> tuple[float | None, float | None]:
        """Limits of the last report that gives some: laboratories differ."""
        limits = ((point.low, point.high) for point in reversed(self.points))
        return next((pair for pair in limits if pair != (None, None)), (None, None))


@dataclass(frozen=True, slots=True, repr=False)
class Trends:
    """Series in the order of a report; and the laboratory reports that hold no result a program can read: they are to be read."""

    series: tuple[LabSeries, ...] = ()
    unexploitable: tuple[DocumentEntry, ...] = ()
