"""Opening a record otherwise than in normal access: breaking the glass, centre 15, the secret connection of a minor.

One at a time, for one patient, over the same connection (`DmpClient.in_mode`). It ends with the card, with the patient, when its
time is over, or when the doctor says so; nothing that was read in it is kept.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from dmp_desktop.domain.access import AccessMode, FoundPerson, PersonQuery
from dmp_desktop.domain.consent import AccessAct, Subject, TracedAct
from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.ins_access import Why
from dmp_desktop.domain.people import Patient
from dmp_desktop.domain.ports import DmpRepository
from dmp_desktop.errors import ContextError, DmpDesktopError, StorageError
from dmp_desktop.services.awaited import Awaited
from dmp_desktop.services.found_person import same_person
from dmp_desktop.services.oppositions import AccessTrace, OppositionService
from dmp_desktop.services.record import RecordListener
from dmp_desktop.services.special_rights import Modal, SpecialRights, judge, modal, opposed, reserved
from dmp_desktop.services.special_words import MAX_WORDS, Reason

BREAK_GLASS_LASTS = timedelta(minutes=30)
"""Ours: long enough for an emergency, short enough that a forgotten one ends. The DMP gives no figure."""

log = logging.getLogger(__name__)


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
    despite: TracedAct | None = None  # the objection noted here that the doctor was told of

    @property
    def title(self) -> str:
        """The words that stay on screen during the whole access (EX_0.3-1050)."""
        if self.secret:
            return "CONNEXION SECRÈTE"
        return "ACCÈS EN URGENCE" if self.mode is AccessMode.BRIS_DE_GLACE else "RÉGULATION (CENTRE 15)"


class SpecialAccessService(RecordListener):
    """Begins and ends special accesses. Safe from every thread; `repository` gives the DMP of who is signed in, `accessed` is
    told the numbers found; `barred` as in AccessPolicy."""

    def __init__(
        self,
        repository: Callable[[], DmpRepository | None],
        trace: AccessTrace,
        oppositions: OppositionService,
        *,
        barred: Callable[[], str] = str,
        accessed: Callable[[Iterable[str], Why], None] = lambda _numbers, _why: None,
    ) -> None:
        self._accessed = accessed
        self._rights = SpecialRights(repository, trace, oppositions, barred)
        self._trace = trace
        self._oppositions = oppositions
        self._open: SpecialAccess | None = None
        self._deadline = 0.0
        self._followers: tuple[Callable[[Patient], None], ...] = ()
        self._found: frozenset[tuple[str, str]] = frozenset()  # root and number of who TD0.5 found since the start
        self._awaited = Awaited()
        self._lock = threading.Lock()

    # -- what the window shows and asks --------------------------------------------------------------------------------------

    def follow(self, changed: Callable[[Patient], None]) -> None:
        """Have `changed` called with the patient when an access begins and when it has ended, from the thread that does it."""
        self._followers += (changed,)

    def current(self) -> SpecialAccess | None:
        """What is open now: the permanent red frame stands as long as this is not None."""
        opened = self.peek()
        if opened is None:
            self._end_overdue()
        return opened

    def peek(self) -> SpecialAccess | None:
        """As `current`, and never blocks: what is over is not ended yet."""
        opened = self._open
        return None if opened and self._overdue(opened) else opened

    def seconds_left(self) -> float | None:
        """Until what is open now ends; None where it has no time of its own. Never blocks."""
        opened = self._open
        return self._deadline - self._trace.clock.monotonic() if opened and opened.ends else None

    def break_glass_refusal(self) -> str | None:
        """Why the button is greyed out, in French."""
        return self._rights.refusal(AccessMode.BRIS_DE_GLACE)

    def regulation_refusal(self) -> str | None:
        """As the former: mode centre 15 begins with a search."""
        return self._rights.search_refusal()

    def secret_refusal(self, patient: Patient) -> str | None:
        return self._rights.secret_refusal(patient)

    def objection(self, patient: InsIdentity) -> TracedAct | None:
        """The patient's objection to consultation noted here: who breaks the glass is told of it. Raises StorageError."""
        return self._rights.objection(patient)

    def break_glass(
        self, patient: Patient, reason: Reason, words: str = "", *, despite: TracedAct | None = None
    ) -> SpecialAccess:
        """After `CONFIRM_BREAK_GLASS`. Traced on disk before anything is asked of the record; open once nothing bars it.

        What bars it is the patient's express objection to it, which the DMP tells (CSP L.1111-17). An objection to consultation
        noted here does not, once the doctor was told of it: it is `despite` (ADR 15).
        Raises DmpError (not for this card, the patient objects), ContextError: "reason" without what it needs, "objection" when
        another one than `despite` is noted; StorageError.
        """
        words = words.strip()
        if len(words) > MAX_WORDS or (reason is Reason.OTHER and not words):
            raise ContextError(
                "reason",
                f"Précisez la situation d'urgence en {MAX_WORDS} caractères au plus.",
                "Écrivez-la, puis confirmez.",
                field="words",
            )
        with self._awaited.answer(patient.ins) as still:
            dmp = self._rights.entitled(AccessMode.BRIS_DE_GLACE)
            self._rights.told_of(patient.ins, despite)
            told = dmp.administrative(patient.ins).opposes_break_glass
            if told:
                raise opposed("Le patient s'est opposé à l'accès en urgence à son DMP.")
            still()
            self._note_despite(patient.ins, despite)
            traced = self._trace.note(patient.ins, AccessAct.GLASS_BROKEN, reason, words)
            if told is None:
                self._judge(dmp, patient.ins, AccessMode.BRIS_DE_GLACE, traced)
            return self._begin(
                patient, AccessMode.BRIS_DE_GLACE, traced, still, despite=despite, lasts=BREAK_GLASS_LASTS
            )

    def regulate(self, patient: Patient, *, despite: TracedAct | None = None) -> SpecialAccess:
        """Open in mode centre 15; what is open so goes on. Raises as `break_glass`."""
        with self._awaited.answer(patient.ins) as still:
            dmp = self._rights.entitled(AccessMode.CENTRE_15)
            self._rights.told_of(patient.ins, despite)
            under_way = self.of(patient.ins)
            if under_way and under_way.mode is AccessMode.CENTRE_15:
                return under_way
            told = dmp.administrative(patient.ins).opposes_emergency
            if told:
                raise opposed("Le patient s'est opposé à l'accès de la régulation médicale à son DMP.")
            still()
            self._note_despite(patient.ins, despite)
            traced = self._trace.note(patient.ins, AccessAct.REGULATION_OPENED)
            if told is None:
                self._judge(dmp, patient.ins, AccessMode.CENTRE_15, traced)
            return self._begin(patient, AccessMode.CENTRE_15, traced, still, despite=despite)

    def search_person(self, query: PersonQuery) -> Sequence[FoundPerson]:
        """TD0.5, in mode centre 15. Raises DmpError."""
        found = self._rights.entitled(AccessMode.CENTRE_15).in_mode(AccessMode.CENTRE_15).search_person(query)
        self._accessed([one.patient.value for one in found], Why.DISPLAY)
        with self._lock:
            self._found |= {(one.patient.oid, one.patient.value) for one in found}
        return found

    def was_found(self, patient: InsIdentity) -> bool:
        """Whether `search_person` found them: nobody asked them anything then."""
        return (patient.oid, patient.value) in self._found

    def connect_secretly(self, patient: Patient) -> SpecialAccess:
        """After `CONFIRM_HIDDEN_FROM_PARENTS`: a minor's record, unknown to the parents. Raises as `break_glass`."""
        if why := self.secret_refusal(patient):
            raise reserved(why)
        self._rights.entitled(AccessMode.NORMAL)
        if self.objection(patient.ins):  # no emergency: it bars this as it bars normal access
            self._oppositions.may_consult(patient.ins)
        with self._awaited.answer(patient.ins) as still:
            traced = self._trace.note(patient.ins, AccessAct.CONFIDENTIAL_OPENED)
            return self._begin(patient, AccessMode.NORMAL, traced, still, secret=True)

    def end(self) -> None:
        """Back to normal access; nothing happens when none is open."""
        with self._lock:
            ended, self._open = self._open, None
        if ended is None:
            return
        self._trace_end(ended.patient.ins, ended.by, ended.by_name)
        self._changed(ended.patient)

    def end_for(self, patient: InsIdentity) -> None:
        """As `end`, where what is open is theirs."""
        if self.of(patient):
            self.end()

    def objected(self, patient: InsIdentity) -> None:
        """End what is open for who objects now; not where its doctor was told of this very objection. Raises StorageError."""
        opened = self.of(patient)
        if opened and (opened.despite is None or opened.despite != self.objection(patient)):
            self.end()

    def patient_shown(self, patient: Patient | None) -> None:
        """Another patient, or none, is on screen: what was open for the former one ends."""
        self._awaited.keep(patient.ins if patient else None)
        opened = self._open
        if opened and (patient is None or not same_person(opened.patient.ins, patient.ins)):
            self.end()

    def look(self) -> None:
        """End what has lasted long enough: to be called every few seconds."""
        self.current()

    # -- what the record asks ---------------------------------------------------------------------------------------------------

    def of(self, patient: InsIdentity) -> SpecialAccess | None:
        """The access open for this patient."""
        opened = self.current()
        return opened if opened and same_person(opened.patient.ins, patient) else None

    def channel(self, repository: DmpRepository, patient: InsIdentity) -> DmpRepository:
        """The DMP in the mode of this patient's access."""
        opened = self.of(patient)
        if opened is None:
            return repository
        return cast("DmpRepository", modal(repository).in_mode(opened.mode, secret=opened.secret))

    def still_agreed(self, patient: InsIdentity) -> None:
        """In a special access: an objection the doctor was not told of when it began ends it, wherever it was noted; that nothing
        was recorded stops no emergency. Raises DmpError, StorageError."""
        if not self._oppositions.is_opposed(patient, Subject.CONSULTATION):
            return
        self.objected(patient)
        if self.of(patient) is None:
            self._oppositions.may_consult(patient)

    def left(self) -> None:
        """RecordListener: the professional left."""
        self.patient_shown(None)

    def listed(self, patient: Patient, entries: Sequence[DocumentEntry]) -> None:
        """RecordListener: the doctor opened a record."""
        del entries
        self.patient_shown(patient)

    def _judge(self, dmp: Modal, patient: InsIdentity, mode: AccessMode, traced: TracedAct) -> None:
        """What the DMP refuses, or does not answer, never began: its trace is closed. Raises DmpError, CardError."""
        try:
            judge(dmp, patient, mode, self._trace.clock.now())
        except DmpDesktopError:
            self._trace_end(patient, traced.by, traced.by_name)
            raise

    def _trace_end(self, patient: InsIdentity, by: str, by_name: str) -> None:
        try:
            self._trace.store.append(patient, TracedAct(AccessAct.SPECIAL_ENDED, self._trace.clock.now(), by, by_name))
        except StorageError as error:  # it ends all the same; the next start drops what was kept
            log.warning("end of a special access not traced: %s", error.code)

    def _begin(
        self,
        patient: Patient,
        mode: AccessMode,
        traced: TracedAct,
        still: Callable[[], None],
        *,
        secret: bool = False,
        despite: TracedAct | None = None,
        lasts: timedelta | None = None,
    ) -> SpecialAccess:
        if (who := self._trace.who()) is None or who.national_id != traced.by:
            self._trace_end(patient.ins, traced.by, traced.by_name)
            raise reserved("Votre session a été fermée avant la réponse du DMP.")
        self.end()
        ends = traced.at + lasts if lasts else None
        opened = SpecialAccess(patient, mode, secret, traced.at, ends, traced.by, traced.by_name, despite)
        with self._lock:
            self._deadline = self._trace.clock.monotonic() + (lasts.total_seconds() if lasts else 0.0)
            self._open = opened
        try:
            still()
        except ContextError:  # whoever closed it may have looked before it was open
            self.end_for(patient.ins)
            raise
        self._changed(patient)
        return opened

    def _overdue(self, opened: SpecialAccess) -> bool:
        return opened.ends is not None and self._trace.clock.monotonic() >= self._deadline

    def _end_overdue(self) -> None:
        opened = self._open
        if opened and self._overdue(opened):
            self.end()

    def _note_despite(self, patient: InsIdentity, despite: TracedAct | None) -> None:
        if despite:
            self._trace.note(patient, AccessAct.OPENED_DESPITE)

    def _changed(self, patient: Patient) -> None:
        for changed in self._followers:
            changed(patient)
