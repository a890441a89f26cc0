"""The front desk: the day's list with what is left to do for each, and the acts on it; the doctor's waiting room."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from dmp_desktop.domain.access import DossierStatus
from dmp_desktop.domain.arrivals import Arrival, DmpTold, Expected, Stage
from dmp_desktop.domain.cards import Beneficiary
from dmp_desktop.domain.consent import Consent
from dmp_desktop.domain.front_desk import Check, Facts, checks_of, ready
from dmp_desktop.domain.identity import Identity, StrictTraits, folded
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.people import Patient, Professional
from dmp_desktop.domain.ports import Clock
from dmp_desktop.domain.tray import Scan
from dmp_desktop.errors import ContextError
from dmp_desktop.exchange.agenda import Agenda
from dmp_desktop.services.arrivals import Arrivals, Taken
from dmp_desktop.services.arrivals_people import ArrivalPeople, traits_of
from dmp_desktop.services.arrivals_watch import Watched, WatchedAgendas
from dmp_desktop.services.identity_rights import IdentityRights
from dmp_desktop.services.presented import as_read

LATE = timedelta(minutes=10)
"""Past the time of an appointment: who parks the car is not late."""


@dataclass(frozen=True, slots=True, repr=False)
class DeskLine:
    """One arrival as it is shown. `scans` wait in the tray; `homonyms` others of the day have the same name; `again`: the same
    person is on the list twice; `late`: expected, and the time of the appointment is past. `consent` is None while it is not
    sure whose."""

    arrival: Arrival
    identity: Identity | None
    candidates: tuple[Identity, ...]
    checks: tuple[Check, ...]
    scans: int = 0
    homonyms: int = 0
    again: bool = False
    late: bool = False
    consent: Consent | None = None

    @property
    def ready(self) -> bool:
        return ready(self.checks)


@dataclass(frozen=True, slots=True)
class DeskDay:
    """`unreadable` rows are on the list and cannot be shown; `watched` are the agendas that are looked at."""

    day: date
    lines: tuple[DeskLine, ...]
    unreadable: int = 0
    watched: tuple[Watched, ...] = ()


class FrontDeskService:
    """`status` asks TD0.2 of who is signed in, `consent` what a patient said here; `scans` are those of the tray. Methods may
    block, and raise DmpDesktopError, unless they say otherwise."""

    def __init__(
        self,
        arrivals: Arrivals,
        people: ArrivalPeople,
        watched: WatchedAgendas,
        clock: Clock,
        rights: IdentityRights,
        status: Callable[[Patient], DossierStatus],
        consent: Callable[[InsIdentity], Consent],
        scans: Callable[[], Iterable[Scan]] | None = None,
    ) -> None:
        self._arrivals = arrivals
        self._people = people
        self._watched = watched
        self._clock = clock
        self._rights = rights
        self._status = status
        self._consent = consent
        self._scans = scans

    def follow(self, changed: Callable[[], None]) -> None:
        """On the thread of whoever changed the list. Never blocks."""
        self._arrivals.follow(changed)

    # The list

    def day(self) -> DeskDay:
        """Today's. Refused to who may not see identities."""
        self._rights.may_see()
        told = self._arrivals.listed()
        waiting = self._waiting_scans()
        lines = [self._line(one, waiting) for one in told.arrivals]
        return DeskDay(self._arrivals.today(), _side_by_side(lines), told.unreadable, self._watched.told)

    def waiting_room(self, professional: Professional) -> DeskDay:
        """Those who come to see this professional, or of whom nobody says whom: who is there first, who was seen last."""
        day = self.day()
        mine = [one for one in day.lines if one.arrival.expected.is_with(professional) is not False]
        mine.sort(key=lambda one: _ROOM[one.arrival.stage])
        return DeskDay(day.day, tuple(mine), day.unreadable, day.watched)

    # What changes it

    def add(self, expected: Expected) -> None:
        self._arrivals.add(expected)

    def read(self, untrusted: bytes) -> Agenda:
        """What an agenda holds: nothing is taken."""
        return self._arrivals.read(untrusted)

    def take(self, agenda: Agenda) -> Taken:
        return self._arrivals.take(agenda)

    def step(self, arrival: Arrival, stage: Stage) -> None:
        self._arrivals.step(arrival, stage)

    def means(self, arrival: Arrival, identity: Identity) -> None:
        """They are this person, says who is signed in. Raises ContextError for one that is not kept here yet."""
        if not identity.person:
            raise ContextError(
                "arrival.unknown",
                "Cette identité n'est pas encore enregistrée sur ce poste.",
                "Interrogez l'INSi ou regardez une pièce d'identité d'abord.",
                field="person",
            )
        self._arrivals.means(arrival, identity.person)

    def forget_person(self, arrival: Arrival) -> None:
        """It is not who somebody said."""
        self._arrivals.means(arrival, "")

    def ask_dmp(self, arrival: Arrival) -> DossierStatus:
        """TD0.2, noted on the list."""
        patient = self._patient(arrival)
        whom = self._people.whom(arrival)
        status = self._status(patient)
        told = DmpTold(self._clock.now(), status.exists, status.closed, status.authorization or "")
        self._arrivals.dmp_told(arrival, told, whom.identity.person if whom.identity else "")
        return status

    # Who it is

    def begin(self, arrival: Arrival) -> StrictTraits | None:
        """The traits to look for, or to begin an identity with; None while the line lacks one. Never blocks."""
        return traits_of(arrival.expected)

    def present(self, arrival: Arrival) -> tuple[Beneficiary, ...]:
        """For Session.present: the patient, whose record is opened. Raises ContextError while it is not sure who it is."""
        return (as_read(self._patient(arrival)),)

    def seen_by(self, arrival: Arrival) -> None:
        """The doctor opened their record from the waiting room."""
        if arrival.stage is not Stage.SEEN:
            self._arrivals.step(arrival, Stage.SEEN)

    def _patient(self, arrival: Arrival) -> Patient:
        patient = self._people.patient(arrival)
        if patient is None:
            raise ContextError(
                "arrival.not_qualified",
                "L'identité de ce patient n'est pas qualifiée : rien n'est demandé ni ouvert en son nom.",
                "Vérifiez son identité d'abord.",
                field="person",
            )
        return patient

    def _line(self, arrival: Arrival, waiting: Sequence[str] | None) -> DeskLine:
        whom = self._people.whom(arrival)
        patient = self._people.patient(arrival)
        scans = None if waiting is None else waiting.count(patient.ins.value) if patient else 0
        consent = self._consent(patient.ins) if patient else None
        facts = Facts(
            arrival,
            whom.identity,
            whom.candidates,
            given=whom.given is not None,
            discordant=whom.discordant,
            consent=consent,
            scans=scans,
        )
        checks = checks_of(facts)
        late = self._late(arrival)
        return DeskLine(arrival, whom.identity, whom.candidates, checks, scans or 0, late=late, consent=consent)

    def _late(self, arrival: Arrival) -> bool:
        """Nobody said that they came, nor that they will not."""
        at = arrival.expected.at
        waited_for = at is not None and arrival.stage is Stage.EXPECTED and not arrival.withdrawn
        return waited_for and at is not None and self._clock.now() - at > LATE

    def _waiting_scans(self) -> Sequence[str] | None:
        """The number of each scan that is still to be seen to, as somebody said or as a code on it tells."""
        if self._scans is None:
            return None
        open_scans = [one for one in self._scans() if not one.over]
        return [
            one.patient.ins.value if one.patient else one.codes[0].ins.value
            for one in open_scans
            if one.patient or one.codes
        ]


_ROOM = {Stage.HANDED: 0, Stage.ARRIVED: 1, Stage.EXPECTED: 2, Stage.SEEN: 3, Stage.ABSENT: 4}


def _side_by_side(lines: Sequence[DeskLine]) -> tuple[DeskLine, ...]:
    """Each told whether others have its name, or the same person comes again."""
    names: dict[tuple[str, str], list[DeskLine]] = {}
    for line in lines:
        names.setdefault(_name(line), []).append(line)
    told = []
    for line in lines:
        others = [one for one in names[_name(line)] if one is not line]
        again = any(_same(one, line) for one in others)
        homonyms = sum(not _same(one, line) for one in others)
        told.append(replace(line, homonyms=homonyms, again=again))
    return tuple(told)


def _name(line: DeskLine) -> tuple[str, str]:
    told = line.arrival.expected
    return folded(told.family), folded(told.given).split(" ")[0]


def _same(one: DeskLine, other: DeskLine) -> bool:
    """One person for sure: the same identity, or all the same words with a birth among them."""
    if one.identity is not None and other.identity is not None:
        return one.identity.person == other.identity.person
    told = one.arrival.expected
    return told.birth_date is not None and told.who == other.arrival.expected.who
