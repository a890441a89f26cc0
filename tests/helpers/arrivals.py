"""A day's list over a real encrypted store, and who is at the desk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from dmp_desktop.domain.acts import Act
from dmp_desktop.domain.arrivals import Arrival, Expected
from dmp_desktop.domain.insi import InsiAnswer, InsiOutcome
from dmp_desktop.domain.people import Facility, Professional, Role, Sex
from dmp_desktop.services.arrivals import Arrivals, Taken
from dmp_desktop.services.arrivals_people import ArrivalPeople
from dmp_desktop.services.days_over import DaysOver
from dmp_desktop.services.session_state import SignedIn
from dmp_desktop.storage.arrivals import SealedArrivals
from dmp_desktop.storage.sealing import Seal
from tests.helpers.clock import FakeClock, SeededEntropy
from tests.helpers.identities import KEY, Practice, ScriptedInsi, practice

CABINET = Facility("410002422979001", "Cabinet", "SA07")
SECRETARY = SignedIn(Professional("", "TEST-ACCUEIL", "Zoé", "S"), CABINET, Role.SECRETARY, "3123/1")
DOCTOR = SignedIn(Professional("10002422979", "DUPONT", "Camille", "G15_10/SM26"), CABINET, Role.DOCTOR, "810002422979")
COLLEAGUE = SignedIn(Professional("10003333333", "MARTIN", "Luc", "G15_10/SM26"), CABINET, Role.DOCTOR, "810003333333")
MARIE = Expected("TEST-PATIENTE", "MARIE", date(1979, 3, 12), Sex.FEMALE)


@dataclass
class Counter:
    """The desk of a practice. `skew` is what the DMP's clock told."""

    arrivals: Arrivals
    people: ArrivalPeople
    store: SealedArrivals
    practice: Practice
    who: SignedIn | None = SECRETARY
    skew: timedelta | None = None
    acts: list[tuple[Act, str, str, str | None]] = field(default_factory=list)

    @property
    def clock(self) -> FakeClock:
        return self.practice.clock

    @property
    def listed(self) -> tuple[Arrival, ...]:
        return self.arrivals.listed().arrivals

    @property
    def names(self) -> list[str]:
        return [one.expected.family for one in self.listed]

    def take(self, text: str, source: str = "", *, whole: bool = False) -> Taken:
        """An agenda of today."""
        agenda = self.arrivals.read(text.encode())
        return self.arrivals.take(agenda, source, whole=whole, days=(self.arrivals.today(),))


@contextmanager
def counter(folder: Path) -> Iterator[Counter]:
    """INSi finds nobody."""
    with practice(folder, ScriptedInsi(lambda _query: InsiAnswer(InsiOutcome.NONE))) as here:
        store = SealedArrivals(here.database, Seal(KEY, "arrivals"), here.clock)
        over = DaysOver(here.clock, lambda: desk.skew)
        arrivals = Arrivals(
            store, here.clock, SeededEntropy(), lambda: desk.who, over, lambda *act: desk.acts.append(act)
        )
        desk = Counter(arrivals, ArrivalPeople(here.service), store, here)
        yield desk
