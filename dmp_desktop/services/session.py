"""Who is in front of the screen and which patient is open: follows the cards, never decides alone."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dmp_desktop.domain.cards import Beneficiary
from dmp_desktop.domain.people import Facility, Patient, Professional, Role


class Phase(StrEnum):
    """What the window may show."""

    MASKED = "masked"  # no professional card: nothing of a patient is on screen
    READY = "ready"  # professional signed in, no patient
    CHOOSING = "choosing"  # the carte Vitale holds several people, or a second one came in: ask
    OPEN = "open"  # a patient's record is open


@dataclass(frozen=True, slots=True)
class SessionState:
    """One immutable picture of the session. `notice` is a French sentence on the reader or the cards, or empty."""

    phase: Phase = Phase.MASKED
    service_up: bool = False
    readers: tuple[str, ...] = ()
    cps_present: bool = False
    vitale_present: bool = False
    professional: Professional | None = None
    facility: Facility | None = None
    role: Role | None = None
    patient: Patient | None = None
    candidates: tuple[Beneficiary, ...] = ()
    notice: str = ""
