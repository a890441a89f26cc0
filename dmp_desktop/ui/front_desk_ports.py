"""What the front desk and the waiting room ask of the services (services.front_desk)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from dmp_desktop.domain.access import DossierStatus
    from dmp_desktop.domain.arrivals import Arrival, Expected, Stage
    from dmp_desktop.domain.cards import Beneficiary
    from dmp_desktop.domain.identity import Identity, StrictTraits
    from dmp_desktop.domain.people import Professional
    from dmp_desktop.exchange.agenda import Agenda
    from dmp_desktop.services.arrivals import Taken
    from dmp_desktop.services.front_desk import DeskDay


class FrontDeskPort(Protocol):
    """Every method may block and raise DmpDesktopError, unless it says otherwise."""

    def follow(self, changed: Callable[[], None]) -> None:
        """Called on the thread of whoever changed the list. Never blocks."""
        ...

    def day(self) -> DeskDay: ...

    def waiting_room(self, professional: Professional) -> DeskDay: ...

    def add(self, expected: Expected) -> None: ...

    def read(self, untrusted: bytes) -> Agenda: ...

    def take(self, agenda: Agenda) -> Taken: ...

    def step(self, arrival: Arrival, stage: Stage) -> None: ...

    def means(self, arrival: Arrival, identity: Identity) -> None: ...

    def forget_person(self, arrival: Arrival) -> None: ...

    def ask_dmp(self, arrival: Arrival) -> DossierStatus: ...

    def begin(self, arrival: Arrival) -> StrictTraits | None:
        """Never blocks."""
        ...

    def present(self, arrival: Arrival) -> tuple[Beneficiary, ...]:
        """For SessionPort.present."""
        ...

    def seen_by(self, arrival: Arrival) -> None: ...
