"""Facts sorted into the sections that code them, as the rest of a document takes them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from dmp_desktop.domain.clinical import ClinicalItem
from dmp_desktop.domain.documents import Code
from dmp_desktop.domain.notes import ProposalStatus
from dmp_desktop.terminology.oids import ABSENT_OR_UNKNOWN

_PARTIAL = re.compile(r"\d{4}(?:-\d\d){0,2}")


class Topic(StrEnum):
    """One section of coded facts; the value starts the IDs of its lines."""

    VITALS = "vital"
    PROBLEMS = "problem"
    HISTORY = "history"
    FAMILY = "family"
    PROCEDURES = "procedure"
    ALLERGIES = "allergy"
    TREATMENTS = "treatment"
    VACCINATIONS = "vaccination"
    RESULTS = "result"
    LIFESTYLE = "lifestyle"
    DEVICES = "device"


class Fact(NamedTuple):
    """One item to code.

    `row` is the ID of its line in the section, `words` the ID of the words it was first said with (in the note, else its name).
    `time` is a TS, empty when unknown. `sources`: the documents that say it, the same fact said twice being coded once.
    `past`: a treatment that ended before the day of the document.
    """

    item: ClinicalItem
    row: str
    words: str
    time: str
    sources: tuple[str, ...] = ()
    past: bool = False

    def __repr__(self) -> str:
        return f"Fact({self.row})"

    @property
    def name(self) -> str:
        """The ID of its name in that line."""
        return f"{self.row}-name"

    @property
    def how(self) -> str:
        """The ID of what its line says more, where it does."""
        return f"{self.row}-how"

    @property
    def statement(self) -> Code | None:
        """ "None known" or "unknown" as a code, when that is all this fact says."""
        code = self.item.code
        return code if code is not None and code.system == ABSENT_OR_UNKNOWN else None

    @property
    def is_absence(self) -> bool:
        """Does it state that something is not, or not known?"""
        return self.item.status is ProposalStatus.ABSENT or self.statement is not None


@dataclass(slots=True)
class Coded:
    """`spans`: the words of the note that get an ID, as (start, end, rank), in order and never overlapping."""

    facts: dict[Topic, list[Fact]] = field(default_factory=dict)
    spans: list[tuple[int, int, int]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def of(self, topic: Topic) -> list[Fact]:
        return self.facts.get(topic, [])


@lru_cache(maxsize=64)
def timestamp(day: date | None, when: str) -> str:
    """TS of a day, or of a date as precise as it was written (`2019` -> `2019`, `2019-03` -> `201903`); empty when unknown.

    Kept, like the markup of dates: a document has few of them and asks for each several times a fact.
    """
    if day is not None:
        return day.isoformat().replace("-", "")  # several times faster than strftime
    partial = _PARTIAL.match(when)
    return partial[0].replace("-", "") if partial else ""


def end_of(item: ClinicalItem) -> str:
    """TS of when it ends, from its length where nothing is said of that; empty when unknown, or said in no way we read."""
    days = item.dosage.duration_days if item.dosage else None
    if item.end or item.until or item.start is None or not days:
        return timestamp(item.end, item.until)
    try:
        return timestamp(item.start + timedelta(days=days), "")
    except OverflowError:  # past the year 9999
        return ""


def is_over(item: ClinicalItem, day: date) -> bool:
    """Did it end before `day`? An end known to the year alone counts once that year is over."""
    until = end_of(item)
    return bool(until) and until < timestamp(day, "")[: len(until)]
