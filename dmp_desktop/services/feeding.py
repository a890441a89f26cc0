"""What stops a document on its way, besides what it is: the patient, and who may be kept from seeing it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from dmp_desktop.domain.documents import Visibility
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.people import Patient
from dmp_desktop.domain.ports import DmpRepository


@dataclass(frozen=True, slots=True)
class FeedingRules:
    """What stops a document. `may_feed` and `may_show` raise ContextError: the patient objects; such a visibility does not exist.

    `qualified` tells whether this workstation knows a patient, with these very traits, as qualified under their number by now;
    `authorised_at` when an authorisation to the record was last given from here.

    `discreetly` gives the DMP in a minor's secret connection, in which what only the parents must not see leaves. `leaving` is
    told whose document is about to leave.
    """

    may_feed: Callable[[InsIdentity], None] = lambda _patient: None
    may_show: Callable[[Patient, frozenset[Visibility]], None] = lambda _patient, _visibility: None
    discreetly: Callable[[DmpRepository], DmpRepository] = lambda repository: repository
    leaving: Callable[[InsIdentity], None] = lambda _patient: None
    qualified: Callable[[Patient], bool] = lambda _patient: False
    authorised_at: Callable[[InsIdentity], datetime | None] = lambda _patient: None


NO_RULES = FeedingRules()
