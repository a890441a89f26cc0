"""Who may open a record otherwise than in normal access, and by which DMP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Protocol, Self, runtime_checkable

from dmp_desktop.domain.access import AccessMode, Administrative, AuthenticationMode, FoundPerson, PersonQuery
from dmp_desktop.domain.consent import TracedAct
from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.people import Patient
from dmp_desktop.domain.ports import DmpRepository, FindCriteria
from dmp_desktop.errors import CardError, ContextError, DmpError
from dmp_desktop.services.lacking import lacking
from dmp_desktop.services.oppositions import AccessTrace, OppositionService
from dmp_desktop.services.rights import Action, refusal
from dmp_desktop.services.sign_in import Account
from dmp_desktop.services.visibility import is_minor

_DENIED = "DMPAccessDeniedByRightsService"


@runtime_checkable
class Modal(Protocol):
    """A DMP that can be spoken to in another mode, with what is asked before."""

    def in_mode(self, access: AccessMode, *, secret: bool = False) -> Self: ...

    def administrative(self, patient: InsIdentity) -> Administrative: ...

    def find(self, patient: InsIdentity, criteria: FindCriteria) -> Iterator[DocumentEntry]: ...

    def search_person(self, query: PersonQuery) -> list[FoundPerson]: ...


class SpecialRights:
    """Refusals are in French, for greyed-out buttons. `barred` as in AccessPolicy. Safe from every thread."""

    def __init__(
        self,
        repository: Callable[[], DmpRepository | None],
        trace: AccessTrace,
        oppositions: OppositionService,
        barred: Callable[[], str] = str,
    ) -> None:
        self._barred = barred
        self._repository = repository
        self._trace = trace
        self._oppositions = oppositions

    def refusal(self, mode: AccessMode) -> str | None:
        """Why who is signed in may not open records so. Never blocks."""
        account = self._trace.who()
        if account is None:
            return "Insérez votre carte CPS."
        why = self._barred() or refusal(
            Action.LIST, account.role, account.mode, mode, specialty=account.professional.specialty
        )
        return why or (_not_regulating(account) if mode is AccessMode.CENTRE_15 else None)

    def search_refusal(self) -> str | None:
        """Why who is signed in may not search for a person (TD0.5). Never blocks."""
        return self.refusal(AccessMode.CENTRE_15) or lacking(self._repository(), Action.SEARCH_PERSON)

    def secret_refusal(self, patient: Patient) -> str | None:
        if not is_minor(patient, self._trace.clock.now().astimezone().date()):
            return "La connexion secrète est celle des mineurs : ce patient est majeur."
        return self.refusal(AccessMode.NORMAL)

    def entitled(self, mode: AccessMode) -> Modal:
        """The DMP of who is signed in. Raises DmpError, CardError."""
        if why := self.refusal(mode):
            raise reserved(why)
        repository = self._repository()
        if repository is None:
            raise CardError("CarteAbsente", "Votre carte CPS n'est pas dans le lecteur.", "Insérez-la.")
        return modal(repository)

    def objection(self, patient: InsIdentity) -> TracedAct | None:
        """The patient's objection to consultation noted here. Raises StorageError."""
        said = self._oppositions.consent(patient).consultation
        return said.told if said.opposed else None

    def told_of(self, patient: InsIdentity, despite: TracedAct | None) -> None:
        """Raises ContextError when the objection noted here is not the one the doctor was told of."""
        if (noted := self.objection(patient)) and noted != despite:
            raise ContextError(
                "objection",
                "Le patient s'est opposé à la consultation de son DMP : vous devez en prendre connaissance.",
                "Recommencez : son avis vous est dit, et vous le cochez.",
                field="despite",
            )


def modal(repository: DmpRepository) -> Modal:
    """Raises DmpError where no other mode is possible."""
    if not isinstance(repository, Modal):
        raise reserved("Ce mode d'accès n'est pas possible avec cette carte.")
    return repository


def judge(dmp: Modal, patient: InsIdentity, mode: AccessMode, now: datetime) -> None:
    """Have the DMP judge this mode, where its protocol does not tell whether the patient objects.

    It refuses a list of no document as it would the record: over FHIR (reference §8), ITI-67 is the first thing that is judged by
    the purpose of the VIHF. Raises DmpError, CardError.
    """
    nothing = FindCriteria(created_from=now, created_to=now)
    try:
        for _document in dmp.in_mode(mode).find(patient, nothing):
            break
    except DmpError as error:
        if error.code != _DENIED:
            raise
        raise opposed("Le DMP refuse cet accès : le plus souvent, c'est que le patient s'y est opposé.").with_reason(
            error.reason
        ) from None


def reserved(why: str) -> DmpError:
    return DmpError("AccesReserve", why, "Rien n'a été ouvert.")


def opposed(why: str) -> DmpError:
    return DmpError("AccesSpecialOppose", why, "Le dossier ne peut pas être ouvert ainsi.")


def _not_regulating(account: Account) -> str | None:
    """A card does not tell who regulates: the workstation does. Pro Santé Connect tells of the person."""
    if account.regulation:
        return None
    if account.mode is AuthenticationMode.INDIRECTE_RENFORCEE:
        return "Pro Santé Connect ne vous indique pas comme médecin de la régulation."
    return "Ce poste n'est pas inscrit comme poste de régulation médicale (voir le guide)."
