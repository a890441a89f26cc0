"""What stops a document on its way, besides what it is: the patient, and who may be kept from seeing it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dmp_desktop.domain.documents import Visibility
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.people import Patient
from dmp_desktop.domain.ports import DmpRepository


@dataclass(frozen=True, slots=True)
class FeedingRules:
    """What stops a document. `may_feed` and `may_show` raise ContextError: the patient objects; such a visibility does not exist.

    `discreetly` gives the DMP in a minor's secret connection, in which what only the parents must not see leaves.
    """

    may_feed: Callable[[InsIdentity], None] = lambda _patient: None
    may_show: Callable[[Patient, frozenset[Visibility]], None] = lambda _patient, _visibility: None
    discreetly: Callable[[DmpRepository], DmpRepository] = lambda repository: repository


NO_RULES = FeedingRules()
