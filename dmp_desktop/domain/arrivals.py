"""Who is expected at the practice on a day, as somebody typed it or an agenda says it. Nothing of a consultation is in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from dmp_desktop.domain.identity import folded
from dmp_desktop.domain.people import Patient, Professional, Sex


class Stage(StrEnum):
    """How far somebody is on their way to the doctor, each told by a person; nobody is taken off a list, but `ABSENT`."""

    EXPECTED = "expected"
    ARRIVED = "arrived"
    HANDED = "handed"
    SEEN = "seen"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True, repr=False)
class Expected:
    """What a line says, letter for letter; what it does not say is empty, None or UNKNOWN.

    `at` is the moment of the appointment (aware), None for who comes without one. `ins` has 15 characters and a right key.
    `doctor` is whom they come to see, as written; `rpps` that doctor's number of 11 digits. `uid` is the appointment's own in its
    agenda.
    `patient`: as the practice software gives them, whole.
    """

    family: str
    given: str = ""
    birth_date: date | None = None
    sex: Sex = Sex.UNKNOWN
    at: datetime | None = None
    ins: str = ""
    doctor: str = ""
    rpps: str = ""
    uid: str = ""
    patient: Patient | None = None

    @property
    def who(self) -> tuple[str, str, date | None, Sex, str]:
        """The person, writing aside: two lines that differ here are not of one person for sure."""
        return folded(self.family), folded(self.given), self.birth_date, self.sex, self.ins

    def is_with(self, professional: Professional) -> bool | None:
        """Whether they come to see this professional; None where the line does not say whom."""
        if self.rpps:
            return self.rpps == professional.rpps
        named = set(folded(self.doctor).split()) - _TITLES
        if not named:
            return None
        family, given = set(folded(professional.family).split()), set(folded(professional.given).split())
        return family <= named and named - family <= given | {name[:1] for name in given}

    def __repr__(self) -> str:
        """Never shows an identity: representations end up in logs."""
        return "Expected(…)"


_TITLES = frozenset({"DR", "DOCTEUR", "PR", "PROFESSEUR", "MME", "M", "MR"})


@dataclass(frozen=True, slots=True)
class DmpTold:
    """What TD0.2 answered at `at`. `access` is an Authorization, empty where the DMP tells none."""

    at: datetime
    exists: bool
    closed: bool = False
    access: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """`stage` was told at `at` by `by` (national identifier, empty for an agenda)."""

    stage: Stage
    at: datetime
    by: str
    by_name: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Arrival:
    """One appointment of one day. `source` is the watched file that tells it, empty for what was typed or imported by hand.

    `person` is the identity of here (services.identity) that somebody said it is; empty before. `steps` has the latest last.
    `withdrawn`: its file does not tell it any more. `moved_from`: when it was to be, before the agenda moved it. `place` is
    the one it has in its file.
    """

    arrival_id: str
    day: date
    expected: Expected
    source: str = ""
    person: str = ""
    dmp: DmpTold | None = None
    steps: tuple[Step, ...] = ()
    withdrawn: bool = False
    moved_from: datetime | None = None
    place: int = 0
    revision: int = field(default=0, compare=False)

    @property
    def stage(self) -> Stage:
        return self.steps[-1].stage if self.steps else Stage.EXPECTED

    def stepped(self, step: Step) -> Arrival:
        return replace(self, steps=(*self.steps, step))

    def meant(self, person: str) -> Arrival:
        """Somebody else's answer of the DMP does not stay."""
        return self if person == self.person else replace(self, person=person, dmp=None)

    def __repr__(self) -> str:
        """Never shows an identity: representations end up in logs."""
        return f"Arrival({self.arrival_id}, {self.stage.value})"


@dataclass(frozen=True, slots=True)
class DayList:
    """`unreadable` rows could not be opened: there are more people than are shown."""

    arrivals: tuple[Arrival, ...] = ()
    unreadable: int = 0


Decide = Callable[[tuple[Arrival, ...]], Iterable[Arrival]]
"""From what a day's list holds to what is to be written of it: new arrivals, or others under their own `arrival_id`."""


class ArrivalStore(Protocol):
    """The lists of days, kept sealed. Methods raise StorageError."""

    def of(self, day: date) -> DayList:
        """In no order."""
        ...

    def update(self, day: date, decide: Decide) -> Sequence[Arrival]:
        """What `decide` gives is written, durably, with nothing in between: it saw the list as it was. As written."""
        ...

    def days(self) -> list[date]:
        """Those that have a list."""
        ...

    def forget(self, day: date) -> int:
        """How many arrivals there were."""
        ...
