"""What the tab Biologie shows: points, series, and the reports that no program can read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from functools import cache
from typing import NamedTuple

from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.domain.notes import ProposalStatus

CRITICAL_FLAGS = frozenset({"AA", "HH", "LL", "HU", "LU", "H>", "L<"})
UP_FLAGS = frozenset({"H", "HH", "HU", "HX", "H>", ">"})
DOWN_FLAGS = frozenset({"L", "LL", "LU", "LX", "L<", "<"})
ABNORMAL_FLAGS = frozenset({"A", "AA"}) | UP_FLAGS | DOWN_FLAGS
"""HL7 ObservationInterpretation, 2.16.840.1.113883.5.83, in capitals; `H>` and `L<` are those of HL7 v2 for HU and LU."""

POSITIVE_FLAGS = frozenset({"POS", "DET", "RR"})
"""Positive, detected, reactive: what has no limits is then worth reading, a germ in the blood among them."""

NORMAL_FLAGS = frozenset({"N"})
"""With the abnormal ones, those that judge a result: after any other (POS, R, a laboratory's own) its limits still do."""

FOUND = frozenset({ProposalStatus.PRESENT, ProposalStatus.DONE})
"""Statuses of a result that was found. Any other is shown as what it is: planned, cancelled, denied …"""


class Grade(IntEnum):
    """How a result stands, by the laboratory's flag, else by its own limits."""

    UNREMARKABLE = 0
    ABNORMAL = 1
    CRITICAL = 2


class Direction(StrEnum):
    """The last value against the one before, no more than that."""

    UP = "up"
    DOWN = "down"
    SAME = "same"
    UNKNOWN = "unknown"


@cache
def _codes(flag: str) -> frozenset[str]:
    return frozenset(flag.upper().replace(",", " ").split())


class Telling(NamedTuple):
    """What one document makes of a result. `quoted`: it repeats an earlier one."""

    unique_id: str
    grade: Grade
    quoted: bool


@dataclass(frozen=True, slots=True, repr=False)
class LabPoint:
    """One result. `text` and `unit` are as written; `value`, `low` and `high` are in the unit of the series.

    `value` is None where the laboratory gives a bound or words; a bound is then in `bound`, with its sign in `text`.
    `conversion` tells how `value` came from what was written; empty where nothing was converted. `dated` is False where the
    report gives no date for the result: `when` is then that of the document. `sources` are all the documents that tell it,
    `entry` first; `quoted` where none of them is the laboratory's own report of it. `also`: the same result in other units.

    `flag` is as written, and the worst where several documents tell the result; `tellings`: what each of them makes of it.
    `operator`: the sign of `bound`. `future`: dated after its own document, so wrongly. `status`: not of FOUND, it is no result.
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
    operator: str = ""
    tellings: tuple[Telling, ...] = ()
    future: bool = False
    status: ProposalStatus = ProposalStatus.PRESENT

    @property
    def codes(self) -> frozenset[str]:
        """The flags, as HL7 writes them."""
        return _codes(self.flag)

    @property
    def told(self) -> tuple[Telling, ...]:
        """What each document makes of it."""
        return self.tellings or (Telling(self.entry.unique_id, self.grade, self.quoted),)

    @property
    def critical(self) -> bool:
        return self.grade is Grade.CRITICAL

    @property
    def abnormal(self) -> bool:
        return self.grade is not Grade.UNREMARKABLE

    @property
    def grade(self) -> Grade:
        """By the worst of the laboratory's flags; by its own limits where no flag says it is normal or not."""
        if self.status not in FOUND:
            return Grade.UNREMARKABLE
        if self.codes & CRITICAL_FLAGS:
            return Grade.CRITICAL
        beyond = not self.judged and (self.above or self.below)
        found = self.low is None and self.high is None and self.codes & POSITIVE_FLAGS
        return Grade.ABNORMAL if beyond or found or self.codes & ABNORMAL_FLAGS else Grade.UNREMARKABLE

    @property
    def judged(self) -> bool:
        """Whether a flag says how it stands: its limits then say no more."""
        return bool(self.codes & (ABNORMAL_FLAGS | NORMAL_FLAGS))

    @property
    def above(self) -> bool:
        """Beyond its high limit; off the scale of the analyser too (`> 10000`)."""
        if self.high is None:
            return False
        if self.value is not None:
            return self.value > self.high
        bound = self.bound if self.operator.startswith(">") else None
        return bound is not None and (bound > self.high or (bound == self.high and self.operator == ">"))

    @property
    def below(self) -> bool:
        """Beyond its low limit; below what the analyser can measure too."""
        if self.low is None:
            return False
        if self.value is not None:
            return self.value < self.low
        bound = self.bound if self.operator.startswith("<") else None
        return bound is not None and (bound < self.low or (bound == self.low and self.operator == "<"))


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
    def future(self) -> bool:
        """Its results are dated after their own documents: kept apart, they are never the last value of the others."""
        return self.last.future

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
    """Series in the order of a report; and the laboratory reports that hold no result a program can read: they are to be read.

    `others`: analyses planned, cancelled, not done or whose finding is denied, the latest first: they are on no curve.
    """

    series: tuple[LabSeries, ...] = ()
    unexploitable: tuple[DocumentEntry, ...] = ()
    others: tuple[LabPoint, ...] = ()
