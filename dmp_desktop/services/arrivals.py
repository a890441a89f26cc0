"""The day's list of who is expected: typed, taken from an agenda, followed to the doctor's door, forgotten after the day."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count

from dmp_desktop.domain.acts import Act
from dmp_desktop.domain.arrivals import Arrival, ArrivalStore, DayList, DmpTold, Expected, Stage, Step
from dmp_desktop.domain.identity import folded, is_possible
from dmp_desktop.domain.ports import Clock, Entropy
from dmp_desktop.errors import ContextError, StorageError
from dmp_desktop.exchange.agenda import Agenda, Line, Refused
from dmp_desktop.exchange.agendas import read_agenda
from dmp_desktop.services.acts import DONE
from dmp_desktop.services.arrivals_merge import NewId, merge
from dmp_desktop.services.days_over import DaysOver
from dmp_desktop.services.session_state import SignedIn

_log = logging.getLogger(__name__)

AHEAD = timedelta(days=31)
"""An agenda tells of no later day here."""


@dataclass(frozen=True, slots=True)
class Naming:
    """How workstations that share a list name what each takes from its agendas: an appointment that two of them take is one.

    `station` names this one; `pseudonyms` gives the practice's as of now, and may raise StorageError.
    """

    station: str
    pseudonyms: Callable[[], Callable[[str], str]]

    def source(self, file: str) -> str:
        """A file of this workstation: the one of another workstation lacks other appointments."""
        return f"{file}@{self.station}"

    @staticmethod
    def words(line: Line, number: int) -> str:
        """The day and the person, the appointment's own id or else its moment and the doctor; `number`: where that is there
        already, of somebody or something else."""
        told = line.expected
        family, given, born, sex, ins = told.who
        at = told.at.astimezone(UTC).isoformat() if told.at else ""
        place = ("uid", told.uid) if told.uid else ("at", at, folded(told.doctor), told.rpps)
        parts = (line.day.isoformat(), family, given, born and born.isoformat(), sex, ins, *place, number)
        return json.dumps(parts)


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of an agenda, by appointments; `left_out` as in `Agenda`."""

    added: int = 0
    already: int = 0
    moved: int = 0
    withdrawn: int = 0
    refused: tuple[Refused, ...] = ()
    left_out: tuple[str, ...] = ()


Noted = Callable[[Act, str, str, str | None], None]
"""An act of the journal: its result, its reason, and by whom where that is not who is signed in."""


class Arrivals:
    """`who` is signed in; `over` tells which days are; `noted` never waits; `naming`
    where other workstations share the list. Methods raise StorageError, and those that change
    something ContextError.

    Safe from every thread. `follow`ers are called on the thread of whoever changed the list.
    """

    def __init__(
        self,
        store: ArrivalStore,
        clock: Clock,
        entropy: Entropy,
        who: Callable[[], SignedIn | None],
        over: DaysOver,
        noted: Noted = lambda _act, _result, _reason, _by: None,
        naming: Naming | None = None,
    ) -> None:
        self._naming = naming
        self._store = store
        self._clock = clock
        self._entropy = entropy
        self._who = who
        self._over = over
        self._noted = noted
        self._followers: tuple[Callable[[], None], ...] = ()

    def follow(self, changed: Callable[[], None]) -> None:
        self._followers += (changed,)

    def today(self) -> date:
        """By the workstation's clock, in its zone. Never blocks."""
        return self._clock.now().astimezone().date()

    def listed(self) -> DayList:
        """Today's, in the order in which they are to come; without a time, as they were told, at the end."""
        told = self._store.of(self.today())
        return replace(told, arrivals=tuple(sorted(told.arrivals, key=_order)))

    def add(self, expected: Expected) -> Arrival:
        """Typed by somebody. The same person at the same time is refused; at another time it is another appointment."""
        today = self.today()
        if not expected.family.strip():
            raise ContextError(
                "arrival.name", "Le nom du patient manque.", "Saisissez au moins son nom.", field="family"
            )
        if expected.birth_date is not None and not is_possible(expected.birth_date, today):
            raise ContextError(
                "arrival.birth",
                "Cette date de naissance est impossible.",
                "Vérifiez-la auprès du patient.",
                field="birth_date",
            )
        taken = self._take(Agenda((Line(1, today, expected),)))
        if not taken.added:
            raise ContextError(
                "arrival.already",
                "Ce rendez-vous est déjà dans la liste du jour.",
                "Indiquez une autre heure si le patient vient deux fois.",
                field="at",
            )
        self._noted(Act.ARRIVAL_ADDED, DONE, "", None)
        return next(one for one in self._store.of(today).arrivals if one.expected == expected)

    def read(self, untrusted: bytes, day: date | None = None) -> Agenda:
        """What an agenda says; nothing is taken. `day` is that of lines that tell none, today if not given."""
        return read_agenda(untrusted, day or self.today(), _local)

    def take(self, agenda: Agenda, source: str = "", *, whole: bool = False, days: Iterable[date] = ()) -> Taken:
        """Beside what is there already (arrivals_merge). `days`: those that a `whole` file tells all of, besides its lines'."""
        told = self._take(agenda, source, whole=whole, days=days)
        if told.added or told.moved or told.withdrawn or not source:  # a watched file is read again and again
            counts = f"{told.added}/{told.already}/{told.moved}/{told.withdrawn}"
            self._noted(Act.ARRIVALS_IMPORTED, counts, "", "" if source else None)
        return told

    def _take(self, agenda: Agenda, source: str = "", *, whole: bool = False, days: Iterable[date] = ()) -> Taken:
        today, source = self.today(), self.source(source)
        usable = [line for line in agenda.lines if _usable(line, today)]
        refused = [*agenda.refused, *(_other_day(line, today) for line in agenda.lines if not _usable(line, today))]
        told, ids = Taken(left_out=agenda.left_out), self._ids()
        for day in sorted({line.day for line in usable} | {one for one in days if one >= today}):
            lines = [line for line in usable if line.day == day]
            done = None

            def decide(known: tuple[Arrival, ...], lines: list[Line] = lines) -> Iterable[Arrival]:
                nonlocal done
                done = merge(known, lines, source, ids, whole=whole)
                return done.written.values()

            self._store.update(day, decide)
            if done is not None:
                refused += done.refused
                told = replace(
                    told,
                    added=told.added + done.added,
                    already=told.already + done.already,
                    moved=told.moved + done.moved,
                    withdrawn=told.withdrawn + done.withdrawn,
                )
        self._changed()
        return replace(told, refused=tuple(sorted(refused, key=lambda one: one.number)))

    def step(self, arrival: Arrival, stage: Stage) -> Arrival:
        """Told by who is signed in. What somebody else told meanwhile stays in its history."""
        who = self._signed_in()
        name = who.professional.display_name
        stepped = self._become(arrival, lambda now: now.stepped(Step(stage, self._clock.now(), who.national_id, name)))
        self._noted(Act.ARRIVAL_STEP, DONE, stage, who.national_id)
        return stepped

    def means(self, arrival: Arrival, person: str) -> Arrival:
        """It is the identity kept here under `person`, says who is signed in; empty: it is not."""
        who = self._signed_in()
        meant = self._become(arrival, lambda now: now.meant(person))
        self._noted(Act.ARRIVAL_MEANT, DONE, "", who.national_id)
        return meant

    def dmp_told(self, arrival: Arrival, told: DmpTold, person: str) -> Arrival:
        """Nothing is noted of who has become somebody else since it was asked."""
        return self._become(arrival, lambda now: replace(now, dmp=told) if now.person in ("", person) else now)

    def purge(self) -> None:
        """Lists of days that are over for sure go."""
        first = self._over.first_left()
        if first is None:
            return
        gone = [self._store.forget(day) for day in self._store.days() if day < first]
        if gone:
            self._noted(Act.ARRIVALS_FORGOTTEN, str(len(gone)), "", "")
            self._changed()

    def _become(self, arrival: Arrival, become: Callable[[Arrival], Arrival]) -> Arrival:
        def decide(known: tuple[Arrival, ...]) -> Iterable[Arrival]:
            return [become(one) for one in known if one.arrival_id == arrival.arrival_id]

        written = self._store.update(arrival.day, decide)
        if not written:
            raise ContextError(
                "arrival.gone",
                "Ce rendez-vous n'est plus dans la liste.",
                "Ajoutez le patient à nouveau s'il est là.",
                field="arrival",
            )
        self._changed()
        return written[0]

    def _signed_in(self) -> SignedIn:
        who = self._who()
        if who is None:
            raise ContextError(
                "arrival.nobody", "Personne n'est connecté : rien n'a été noté.", "Insérez votre carte.", field="by"
            )
        return who

    def source(self, file: str) -> str:
        """As arrivals name a watched file of this workstation."""
        return self._naming.source(file) if self._naming and file else file

    def _ids(self) -> NewId:
        if self._naming is not None:
            try:
                pseudonym = self._naming.pseudonyms()
            except StorageError as error:  # the list goes on; two workstations may then have it twice
                _log.warning("arrivals without the practice's key: %s", error.code)
            else:
                return lambda line, taken: next(
                    name for number in count() if (name := pseudonym(Naming.words(line, number))) not in taken
                )
        return lambda _line, _taken: self._entropy.uuid().hex

    def changed_elsewhere(self) -> None:
        """Another workstation of the practice changed a list: tell who follows it."""
        self._changed()

    def _changed(self) -> None:
        for changed in self._followers:
            changed()


def _order(one: Arrival) -> tuple[bool, float, int, str]:
    at = one.expected.at
    return at is None, at.timestamp() if at else 0.0, one.place, one.arrival_id


def _usable(line: Line, today: date) -> bool:
    return today <= line.day <= today + AHEAD


def _other_day(line: Line, today: date) -> Refused:
    why = "le jour du rendez-vous est passé." if line.day < today else "le rendez-vous est dans plus d'un mois."
    return Refused(line.number, why)


def _local(moment: datetime) -> datetime:
    """Without a zone it is of the practice's, which is the workstation's."""
    return moment.astimezone()
