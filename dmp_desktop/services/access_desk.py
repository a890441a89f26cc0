"""Everything about access to records, joined: what patients said, special accesses, what reading and sending must heed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import cast

from dmp_desktop.domain.access import AccessMode
from dmp_desktop.domain.consent import RESTART, AccessAct, Subject, TracedAct
from dmp_desktop.domain.documents import Visibility
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.ins_access import Why
from dmp_desktop.domain.people import Patient
from dmp_desktop.domain.ports import Clock, DmpRepository
from dmp_desktop.platform.settings import Settings
from dmp_desktop.services.access import AccessPolicy
from dmp_desktop.services.dossier import DossierService
from dmp_desktop.services.feeding import FeedingRules
from dmp_desktop.services.known_numbers import Numbers, alone
from dmp_desktop.services.oppositions import AccessTrace, OppositionService
from dmp_desktop.services.outbox import OutboxService
from dmp_desktop.services.sign_in import SignInDesk
from dmp_desktop.services.special_access import SpecialAccessService
from dmp_desktop.services.special_rights import Modal
from dmp_desktop.services.visibility import VisibilityRules
from dmp_desktop.storage.access import AccessStore


@dataclass(frozen=True, slots=True)
class AccessDesk:
    """What the window and the command line ask about access."""

    oppositions: OppositionService
    special: SpecialAccessService
    policy: AccessPolicy
    visibility: VisibilityRules
    clock: Clock

    @staticmethod
    def open(
        store: AccessStore,
        desk: SignInDesk,
        clock: Clock,
        settings: Settings,
        numbers: Numbers = alone,
        *,
        barred: Callable[[], str] = str,
        accessed: Callable[[Iterable[str], Why], None] = lambda _numbers, _why: None,
    ) -> AccessDesk:
        """`barred` as in AccessPolicy, `accessed` as in SpecialAccessService."""
        trace = AccessTrace(store, desk.current, clock)
        unrecorded = settings.unrecorded_consent == "allowed"
        oppositions = OppositionService(trace, unrecorded_allowed=unrecorded, numbers=numbers)
        special = SpecialAccessService(desk.repository, trace, oppositions, barred=barred, accessed=accessed)
        policy = AccessPolicy(
            oppositions, special, trace, automatic=settings.authorisation == "automatic", barred=barred
        )
        rules = VisibilityRules(masked_and_invisible=settings.masked_and_invisible == "allowed")
        return AccessDesk(oppositions, special, policy, rules, clock)

    def feeding(self) -> FeedingRules:
        """What the outbox asks."""
        return FeedingRules(
            self.oppositions.may_feed, self.may_show, discreetly, authorised_at=self.oppositions.authorised_at
        )

    def may_show(self, patient: Patient, restrictions: frozenset[Visibility]) -> None:
        """Raises ContextError("visibility") for a document that may not be sent so."""
        opened = self.special.of(patient.ins)
        today = self.clock.now().astimezone().date()
        self.visibility.check(patient, restrictions, today, secret=opened is not None and opened.secret)

    def join(self, dossier: DossierService, outbox: OutboxService) -> None:
        """Let the record and the outbox follow what changes here, and special accesses follow the record."""
        self.special.follow(dossier.reopen)
        dossier.follow(self.special)
        self.oppositions.follow(_heeding(dossier, outbox, self.special))


def end_interrupted(store: AccessStore, forget: Callable[[str], object], clock: Clock) -> None:
    """What was read in a special access that nobody ended, the program having been killed, is dropped: `forget` gets an INS."""
    for patient in store.unended():
        forget(patient.value)
        store.append(patient, TracedAct(AccessAct.SPECIAL_ENDED, clock.now(), "", "", reason=RESTART))


def discreetly(repository: DmpRepository) -> DmpRepository:
    """The same person's DMP in the secret connection of a minor."""
    if not isinstance(repository, Modal):
        return repository
    return cast("DmpRepository", repository.in_mode(AccessMode.NORMAL, secret=True))


def _heeding(
    dossier: DossierService, outbox: OutboxService, special: SpecialAccessService
) -> Callable[[InsIdentity, Subject, bool], None]:
    """What follows from a patient's objection. Who objects during a special access can express their will: it ends (ADR 15)."""

    def heed(patient: InsIdentity, subject: Subject, opposed: bool) -> None:
        if opposed and subject is Subject.CONSULTATION:
            special.objected(patient)
            dossier.reopen_number(patient)
        if subject is Subject.FEEDING:
            if opposed:
                outbox.stop_feeding(patient)
            else:
                outbox.look_again()

    return heed
