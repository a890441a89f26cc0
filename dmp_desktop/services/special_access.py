"""Opening a record otherwise than in normal access: breaking the glass, centre 15, the secret connection of a minor.

One at a time, for one patient, over the same connection (`DmpClient.in_mode`). It ends with the card, with the patient, when its
time is over, or when the doctor says so; nothing that was read in it is kept.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol, Self, cast, runtime_checkable

from dmp_desktop.domain.access import AccessMode, Administrative, FoundPerson, PersonQuery
from dmp_desktop.domain.consent import AccessAct, Subject, TracedAct
from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.people import Patient
from dmp_desktop.domain.ports import DmpRepository
from dmp_desktop.errors import CardError, ContextError, DmpError, StorageError
from dmp_desktop.services.oppositions import AccessTrace, OppositionService
from dmp_desktop.services.record import RecordListener
from dmp_desktop.services.rights import Action, refusal
from dmp_desktop.services.visibility import is_minor

BREAK_GLASS_LASTS = timedelta(minutes=30)
"""Ours: long enough for an emergency, short enough that a forgotten one ends. The DMP gives no figure."""

MAX_WORDS = 500
"""Characters of a reason in free words."""

log = logging.getLogger(__name__)


class Reason(StrEnum):
    """Why the glass is broken (the conditions are those of CSP L.1111-17): the journal holds the choice, never the words."""

    IMMEDIATE_RISK = "immediate-risk"
    UNABLE = "unable-to-consent"
    OTHER = "other"


REASONS = {
    Reason.IMMEDIATE_RISK: "Risque immédiat pour la santé du patient",
    Reason.UNABLE: "Patient hors d'état d'exprimer sa volonté, dans une situation d'urgence",
    Reason.OTHER: "Autre situation d'urgence (à préciser)",
}
CONFIRM_BREAK_GLASS = (
    "Vous allez ouvrir ce dossier sans l'autorisation du patient. Cet accès est réservé à l'urgence, tracé par le DMP et "
    "visible du patient. Confirmez-vous ?"
)
CONFIRM_HIDDEN_FROM_PARENTS = (
    "La connexion secrète ouvre le dossier d'un mineur sans que ses représentants légaux en soient informés. Les documents "
    "envoyés pendant cette connexion leur restent invisibles. Confirmez-vous que le mineur le demande ?"
)


@dataclass(frozen=True, slots=True)
class SpecialAccess:
    """One access that is open. `ends` is None where it has no time of its own; times are aware."""

    patient: Patient
    mode: AccessMode
    secret: bool
    began: datetime
    ends: datetime | None
    by: str
    by_name: str

    @property
    def title(self) -> str:
        """The words that stay on screen during the whole access (EX_0.3-1050)."""
        if self.secret:
            return "CONNEXION SECRÈTE"
        return "ACCÈS EN URGENCE" if self.mode is AccessMode.BRIS_DE_GLACE else "RÉGULATION (CENTRE 15)"


@runtime_checkable
class Modal(Protocol):
    """A DMP that can be spoken to in another mode, with what is asked before."""

    def in_mode(self, access: AccessMode, *, secret: bool = False) -> Self: ...

    def administrative(self, patient: InsIdentity) -> Administrative: ...

    def search_person(self, query: PersonQuery) -> list[FoundPerson]: ...


class SpecialAccessService(RecordListener):
    """Begins and ends special accesses. Safe from every thread; `repository` gives the DMP of who is signed in."""

    def __init__(
        self, repository: Callable[[], DmpRepository | None], trace: AccessTrace, oppositions: OppositionService
    ) -> None:
        self._repository = repository
        self._trace = trace
        self._oppositions = oppositions
        self._open: SpecialAccess | None = None
        self._deadline = 0.0
        self._followers: tuple[Callable[[Patient], None], ...] = ()
        self._lock = threading.Lock()

    # -- what the window shows and asks --------------------------------------------------------------------------------------

    def follow(self, changed: Callable[[Patient], None]) -> None:
        """Have `changed` called with the patient when an access begins and when it has ended, from the thread that does it."""
        self._followers += (changed,)

    def current(self) -> SpecialAccess | None:
        """What is open now: the permanent red frame stands as long as this is not None."""
        opened = self._open
        if opened and opened.ends and self._trace.clock.monotonic() >= self._deadline:
            self.end()
            return None
        return opened

    def break_glass_refusal(self) -> str | None:
        """Why the button is greyed out, in French."""
        return self._refusal(AccessMode.BRIS_DE_GLACE)

    def regulation_refusal(self) -> str | None:
        return self._refusal(AccessMode.CENTRE_15)

    def secret_refusal(self, patient: Patient) -> str | None:
        if not is_minor(patient, self._trace.clock.now().astimezone().date()):
            return "La connexion secrète est celle des mineurs : ce patient est majeur."
        return self._refusal(AccessMode.NORMAL)

    def break_glass(self, patient: Patient, reason: Reason, words: str = "") -> SpecialAccess:
        """After `CONFIRM_BREAK_GLASS`. Traced on disk before anything is asked of the record.

        Raises DmpError (not for this card, the patient objects), ContextError("reason") without what it needs, StorageError.
        """
        words = words.strip()
        if len(words) > MAX_WORDS or (reason is Reason.OTHER and not words):
            raise ContextError(
                "reason",
                f"Précisez la situation d'urgence en {MAX_WORDS} caractères au plus.",
                "Écrivez-la, puis confirmez.",
                field="words",
            )
        dmp = self._entitled(AccessMode.BRIS_DE_GLACE)
        self.still_agreed(patient.ins)
        if dmp.administrative(patient.ins).opposes_break_glass:
            raise _opposed("Le patient s'est opposé à l'accès en urgence à son DMP.")
        traced = self._trace.note(patient.ins, AccessAct.GLASS_BROKEN, reason, words)
        return self._begin(patient, AccessMode.BRIS_DE_GLACE, traced, lasts=BREAK_GLASS_LASTS)

    def regulate(self, patient: Patient) -> SpecialAccess:
        """Open in mode centre 15. Raises as `break_glass`."""
        dmp = self._entitled(AccessMode.CENTRE_15)
        self.still_agreed(patient.ins)
        if dmp.administrative(patient.ins).opposes_emergency:
            raise _opposed("Le patient s'est opposé à l'accès de la régulation médicale à son DMP.")
        traced = self._trace.note(patient.ins, AccessAct.REGULATION_OPENED)
        return self._begin(patient, AccessMode.CENTRE_15, traced)

    def search_person(self, query: PersonQuery) -> Sequence[FoundPerson]:
        """TD0.5, in mode centre 15. Raises DmpError."""
        return self._entitled(AccessMode.CENTRE_15).in_mode(AccessMode.CENTRE_15).search_person(query)

    def connect_secretly(self, patient: Patient) -> SpecialAccess:
        """After `CONFIRM_HIDDEN_FROM_PARENTS`: a minor's record, unknown to the parents. Raises as `break_glass`."""
        if why := self.secret_refusal(patient):
            raise _reserved(why)
        self._entitled(AccessMode.NORMAL)
        self.still_agreed(patient.ins)
        traced = self._trace.note(patient.ins, AccessAct.CONFIDENTIAL_OPENED)
        return self._begin(patient, AccessMode.NORMAL, traced, secret=True)

    def end(self) -> None:
        """Back to normal access; nothing happens when none is open."""
        with self._lock:
            ended, self._open = self._open, None
        if ended is None:
            return
        now = self._trace.clock.now()
        try:
            self._trace.store.append(
                ended.patient.ins, TracedAct(AccessAct.SPECIAL_ENDED, now, ended.by, ended.by_name)
            )
        except StorageError as error:  # it ends all the same; the next start drops what was kept
            log.warning("end of a special access not traced: %s", error.code)
        self._changed(ended.patient)

    def patient_shown(self, patient: Patient | None) -> None:
        """Another patient, or none, is on screen: what was open for the former one ends."""
        opened = self._open
        if opened and (patient is None or not _same(opened.patient.ins, patient.ins)):
            self.end()

    def look(self) -> None:
        """End what has lasted long enough: to be called every few seconds."""
        self.current()

    # -- what the record asks ---------------------------------------------------------------------------------------------------

    def of(self, patient: InsIdentity) -> SpecialAccess | None:
        """The access open for this patient."""
        opened = self.current()
        return opened if opened and _same(opened.patient.ins, patient) else None

    def channel(self, repository: DmpRepository, patient: InsIdentity) -> DmpRepository:
        """The DMP in the mode of this patient's access."""
        opened = self.of(patient)
        if opened is None:
            return repository
        return cast("DmpRepository", _modal(repository).in_mode(opened.mode, secret=opened.secret))

    def still_agreed(self, patient: InsIdentity) -> None:
        """What the patient said here counts in every mode; that nothing was recorded stops no emergency. Raises DmpError."""
        if self._oppositions.is_opposed(patient, Subject.CONSULTATION):
            self._oppositions.may_consult(patient)

    def left(self) -> None:
        """RecordListener: the professional left."""
        self.end()

    def listed(self, patient: Patient, entries: Sequence[DocumentEntry]) -> None:
        """RecordListener: the doctor opened a record."""
        del entries
        self.patient_shown(patient)

    def _begin(
        self,
        patient: Patient,
        mode: AccessMode,
        traced: TracedAct,
        *,
        secret: bool = False,
        lasts: timedelta | None = None,
    ) -> SpecialAccess:
        self.end()
        ends = traced.at + lasts if lasts else None
        opened = SpecialAccess(patient, mode, secret, traced.at, ends, traced.by, traced.by_name)
        with self._lock:
            self._deadline = self._trace.clock.monotonic() + (lasts.total_seconds() if lasts else 0.0)
            self._open = opened
        self._changed(patient)
        return opened

    def _changed(self, patient: Patient) -> None:
        for changed in self._followers:
            changed(patient)

    def _refusal(self, mode: AccessMode) -> str | None:
        account = self._trace.who()
        if account is None:
            return "Insérez votre carte CPS."
        return refusal(Action.LIST, account.role, account.mode, mode, specialty=account.professional.specialty)

    def _entitled(self, mode: AccessMode) -> Modal:
        if why := self._refusal(mode):
            raise _reserved(why)
        repository = self._repository()
        if repository is None:
            raise CardError("CarteAbsente", "Votre carte CPS n'est pas dans le lecteur.", "Insérez-la.")
        return _modal(repository)


def _modal(repository: DmpRepository) -> Modal:
    if not isinstance(repository, Modal):
        raise _reserved("Ce mode d'accès n'est pas possible avec cette carte.")
    return repository


def _reserved(why: str) -> DmpError:
    return DmpError("AccesReserve", why, "Rien n'a été ouvert.")


def _opposed(why: str) -> DmpError:
    return DmpError("AccesSpecialOppose", why, "Le dossier ne peut pas être ouvert ainsi.")


def _same(one: InsIdentity, other: InsIdentity) -> bool:
    return replace(one, status=other.status) == other
