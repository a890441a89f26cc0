"""How records are opened: by whose agreement, in which mode, and what is declared to the DMP of it (TD0.3)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from dmp_desktop.domain.access import AccessMode, Authorization, DossierStatus
from dmp_desktop.domain.consent import AccessAct
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.people import Patient
from dmp_desktop.domain.ports import DmpRepository
from dmp_desktop.errors import DmpError
from dmp_desktop.services.declarations import Declarations
from dmp_desktop.services.oppositions import AccessTrace, OppositionService
from dmp_desktop.services.record import AccessRules
from dmp_desktop.services.rights import Action, Whose, refusal
from dmp_desktop.services.special_access import SpecialAccessService

if TYPE_CHECKING:
    from dmp_desktop.services.dossier import DossierService

CONFIRM_ATTENDING = (
    "Vous allez vous déclarer médecin traitant de ce patient dans son DMP : vous y verrez aussi les documents masqués. "
    "Confirmez-vous que le patient vous a choisi ?"
)
CONFIRM_NO_LONGER_ATTENDING = (
    "Vous ne serez plus médecin traitant dans ce DMP ; votre autorisation d'accès demeure. Confirmez-vous ?"
)
CONFIRM_WITHDRAW = (
    "Vous n'aurez plus accès au DMP de ce patient tant qu'il ne l'aura pas autorisé à nouveau. Confirmez-vous ?"
)

_UNDECLARED = frozenset((None, Authorization.NON_EXISTE, Authorization.EXPIRE))


class AccessPolicy(AccessRules):
    """The rules DossierService follows. `automatic` (setting `authorisation`): the patient's agreement is declared on opening
    when they did not object (DMP/UX.50); otherwise only by the doctor's own act (EX_0.3-1010). Never for feeding or deleting
    (DMP/CONF.05): nothing but opening a record asks for it. `barred`: why the practice lets who is there see nobody's INS."""

    def __init__(
        self,
        oppositions: OppositionService,
        special: SpecialAccessService,
        trace: AccessTrace,
        *,
        automatic: bool = False,
        barred: Callable[[], str] = str,
    ) -> None:
        self._barred = barred
        self._oppositions = oppositions
        self._special = special
        self._trace = trace
        self._declarations = Declarations(trace)
        self._automatic = automatic

    def may_consult(self, patient: InsIdentity) -> None:
        if self._special.of(patient) is None:
            self._oppositions.may_consult(patient)
        else:  # begun although nothing was recorded: an opposition noted since still counts
            self._special.still_agreed(patient)

    def mode(self, patient: InsIdentity) -> AccessMode:
        opened = self._special.of(patient)
        return opened.mode if opened else AccessMode.NORMAL

    def channel(self, repository: DmpRepository, patient: InsIdentity) -> DmpRepository:
        return self._special.channel(repository, patient)

    def declares(self, patient: Patient, status: DossierStatus) -> bool:
        if not self._automatic or not status.exists or status.closed or status.authorization not in _UNDECLARED:
            return False
        if self._special.of(patient.ins) or self.refusal(Action.READ, patient.ins):
            return False  # no special access declares anything, and who reads no record needs no authorisation
        if self._special.was_found(patient.ins) or self._oppositions.withdrawn(patient.ins):
            return False  # a regulator asks nobody, and what was withdrawn comes back by an act of its own
        try:
            self._oppositions.may_consult(patient.ins)
        except DmpError:
            return False
        return self.refusal(Action.AUTHORISE, patient.ins) is None

    def declaring(self, patient: InsIdentity, *, attending: bool) -> None:
        if why := self.refusal(Action.DECLARE_ATTENDING if attending else Action.AUTHORISE, patient):
            raise DmpError("AutorisationReservee", why, "Rien n'a été déclaré.")

    def asking(self, patient: InsIdentity, act: AccessAct) -> AbstractContextManager[None]:
        return self._declarations.asking(patient, act)

    def checked(self, patient: InsIdentity, status: DossierStatus) -> None:
        self._declarations.checked(patient, status)

    def refusal(
        self,
        action: Action,
        patient: InsIdentity | None = None,
        *,
        attending: bool = False,
        whose: Whose = Whose.MINE,
    ) -> str | None:
        """Why a button is greyed out for who is signed in, in this patient's mode of access; in French."""
        account = self._trace.who()
        if account is None:
            return "Insérez votre carte CPS."
        if why := self._barred():
            return why
        mode = self.mode(patient) if patient else AccessMode.NORMAL
        return refusal(
            action,
            account.role,
            account.mode,
            mode,
            specialty=account.professional.specialty,
            attending=attending,
            whose=whose,
        )


class AttendingService:
    """Being the patient's médecin traitant in the DMP, each after the doctor confirmed (the texts CONFIRM_…)."""

    def __init__(self, dossier: DossierService, policy: AccessPolicy) -> None:
        self._dossier = dossier
        self._policy = policy

    def refusal(self, patient: Patient) -> str | None:
        """Why « Médecin traitant » is greyed out, in French."""
        return self._policy.refusal(Action.DECLARE_ATTENDING, patient.ins)

    def declare(self, patient: Patient) -> DossierStatus:
        """TD0.3 AJOUT with the role. Raises DmpError."""
        return self._dossier.authorise(patient, attending=True)

    def end(self, patient: Patient) -> DossierStatus:
        """TD0.3 AJOUT without the role: the access stays. Raises DmpError."""
        return self._dossier.authorise(patient, attending=False)
