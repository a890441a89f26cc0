"""The day's list of arrivals, joined: who is expected, the watched agendas, the records fetched ahead, what is forgotten."""

from __future__ import annotations

from dataclasses import dataclass

from dmp_desktop.domain.acts import Act
from dmp_desktop.services.arrivals import Arrivals, Naming
from dmp_desktop.services.arrivals_people import ArrivalPeople
from dmp_desktop.services.arrivals_watch import WatchedAgendas
from dmp_desktop.services.days_over import DaysOver
from dmp_desktop.services.identity import IdentityService
from dmp_desktop.services.next_patients import NextPatients
from dmp_desktop.services.preload import PreloadWorker
from dmp_desktop.services.rounds import Round
from dmp_desktop.storage.sealing import Seal
from dmp_desktop.wiring.base import Base
from dmp_desktop.wiring.entry import Entry
from dmp_desktop.wiring.stores import Stores

WATCH_SECONDS, PLAN_SECONDS, PURGE_SECONDS = 5.0, 15.0, 600.0
"""How often watched agendas are looked at (one is taken at the second look), and whom to fetch ahead; how long a list of a day
that is over may still be on the disk."""


@dataclass(frozen=True, slots=True)
class ArrivalsWiring:
    arrivals: Arrivals
    people: ArrivalPeople
    watched: WatchedAgendas
    coming: NextPatients

    @property
    def rounds(self) -> tuple[Round, ...]:
        return (
            Round(WATCH_SECONDS, self.watched.look),
            Round(PLAN_SECONDS, self.coming.look),
            Round(PURGE_SECONDS, self.arrivals.purge),
        )


def _naming(base: Base, stores: Stores) -> Naming | None:
    """Where there is a clinic."""
    if stores.clinic is None:
        return None
    return Naming(stores.tray.station, lambda: Seal(base.practice_keys.keys().key, "arrival").pseudonym)


def join_arrivals(
    base: Base, entry: Entry, stores: Stores, identities: IdentityService, preload: PreloadWorker
) -> ArrivalsWiring:
    desk = entry.desk
    over = DaysOver(base.clock, lambda: entry.server_clock.skew)

    def noted(act: Act, result: str, reason: str, by: str | None) -> None:
        entry.acts.note(act, result=result, reason=reason, actor=by)

    arrivals = Arrivals(stores.arrivals, base.clock, base.entropy, desk.signed_in, over, noted, _naming(base, stores))
    people = ArrivalPeople(identities)
    coming = NextPatients(
        arrivals, people.patient, preload.plan, lambda: desk.signed_in() if desk.reads_records() else None
    )
    return ArrivalsWiring(arrivals, people, WatchedAgendas(base.paths.home, arrivals), coming)
