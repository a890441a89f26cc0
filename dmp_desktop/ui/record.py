"""The open record on its way to the screen: status first (DMP/UX.08), then the list as it arrives, then the digest."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot

from dmp_desktop.domain.access import DossierStatus
from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.domain.people import Patient
from dmp_desktop.errors import DmpDesktopError, DmpError
from dmp_desktop.services.digest import Digest
from dmp_desktop.services.habits import Habits
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui.arrivals import Arrivals
from dmp_desktop.ui.dossier_ports import DigestPort, DossierPort
from dmp_desktop.ui.habits import HabitsKeeper
from dmp_desktop.ui.tasks import TaskRunner

OPPOSED = "ConsultationOpposee"
"""The patient objects, as noted on this workstation."""
T = TypeVar("T")
Untold = Callable[[Patient, DmpDesktopError], None]
Unreached = Callable[[DmpDesktopError, Callable[[], None]], None]


class RecordController(QObject):
    """One record at a time. Whatever comes late for another one is dropped (`_turn`)."""

    opened = Signal(object)  # Patient
    closed = Signal()
    status_changed = Signal(object)  # DossierStatus
    list_started = Signal()
    rows_arrived = Signal(list)
    list_complete = Signal(object)  # the list of documents, a RecordList when it comes from the DMP
    digest_ready = Signal(object)  # Digest; not `complete` while the documents are read
    asking = Signal()  # again, from the status on or for the consent: what failed before is out of date
    server_answered = Signal(bool)
    failed = Signal(object, object)  # DmpDesktopError, what tries again
    declaring_changed = Signal()
    unread = Signal(str)  # why no list is shown: said instead of an empty one
    _rows = Signal(int, list)
    _part = Signal(int, object, object)

    def __init__(
        self, dossier: DossierPort, digest: DigestPort, pool: TaskRunner, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.patient: Patient | None = None
        self.status: DossierStatus | None = None
        self.offline_since: datetime | None = None  # when the DMP told what is shown, if it was not asked now
        self._dossier = dossier
        self._digest = digest
        self._pool = pool
        self._turn = 0
        self._habits: HabitsKeeper | None = None
        self._listed: list[DocumentEntry] | None = None
        self._told: tuple[object, ...] = ()
        self._declared: set[Patient] = set()  # whose consent is on its way to the DMP
        self._arrivals = Arrivals(self)
        self._arrivals.rows.connect(self.rows_arrived)
        self._arrivals.complete.connect(self.list_complete)
        self._rows.connect(self._arrive, Qt.ConnectionType.QueuedConnection)
        self._part.connect(self._take_part, Qt.ConnectionType.QueuedConnection)

    def follow(self, habits: HabitsKeeper) -> None:
        """What was seen, and what is counted apart: the digest is made again when it changes."""
        self._habits = habits
        habits.changed.connect(self._digest_again)

    def show(self, patient: Patient | None) -> None:
        """Opens a patient's record, or closes the open one. The same patient again changes nothing."""
        if patient == self.patient:
            return
        self._turn += 1
        self._arrivals.forget()
        self.patient = patient
        self.status = self._listed = self.offline_since = None
        self.closed.emit()
        self.unread.emit(fr.NEWS_LOADING if patient else fr.NO_PATIENT_HINT)
        if patient:
            self.opened.emit(patient)
            self.refresh()

    def explain(self, words: str) -> None:
        """Why no record is open, for the views to say."""
        self.unread.emit(words)

    def refresh(self) -> None:
        """Asks the DMP again, from the status on."""
        patient = self.patient
        if patient:
            self._turn += 1
            self.asking.emit()
            self._ask(lambda: self._dossier.status(patient), self._take_status, self.refresh, self._unreached)

    def reopen(self) -> None:
        """How this record may be opened has changed: nothing read before stays shown, and the DMP is asked anew."""
        if self.patient:
            self._turn += 1
            self.status = self.offline_since = None
            self._take_back()
            self.unread.emit(fr.NEWS_LOADING)
            self.refresh()

    @property
    def declaring(self) -> bool:
        """Whether the consent of the patient on screen is on its way."""
        return self.patient in self._declared

    def authorise(self, untold: Untold = lambda _patient, _error: None) -> None:
        """Declares the patient's consent, once however often it is asked for, then opens the record.

        `untold` is called where it failed for a record that was closed or asked anew meanwhile, or where it may have been done:
        `failed` says nothing of it.
        """
        patient, turn = self.patient, self._turn
        if patient is None or self.declaring:
            return
        self._declared.add(patient)
        self.declaring_changed.emit()
        self.asking.emit()

        def ended(error: DmpDesktopError | None) -> None:
            self._declared.discard(patient)
            self.declaring_changed.emit()
            if turn == self._turn and not getattr(error, "ambiguous", False):
                return
            if patient == self.patient:
                self.refresh()  # what was told meanwhile may be of before, or nobody knows whether it was done
            if error:
                untold(patient, error)

        declare = lambda: self._dossier.authorise(patient)  # noqa: E731  (one call, one line)
        self._ask(declare, self._take_status, lambda: self.authorise(untold), ended=ended)

    def _take_status(self, status: DossierStatus) -> None:
        self.status, self.offline_since = status, None
        if not status.readable and self._listed is not None:
            self._take_back()
        self.status_changed.emit(status)
        if status.readable:
            self._list()
        else:
            self.unread.emit(unread_reason(status))

    def _take_back(self) -> None:
        """What was shown may be read no longer: as if the record were opened now."""
        self._arrivals.forget()
        self._listed = None
        self.closed.emit()
        self.opened.emit(self.patient)

    def _unreached(self, error: DmpDesktopError, again: Callable[[], None]) -> None:
        """The DMP does not answer: what it told last, while it may be read, marked as such."""
        patient, turn = self.patient, self._turn

        def take(kept: list[DocumentEntry] | None) -> None:
            if turn != self._turn:
                return
            if kept is None:
                self._give_up(error, again)
                return
            self.status = None
            self._arrivals.forget()
            self.list_started.emit()
            self._take_list(kept)
            self.failed.emit(error, self._while_open(again))

        def refuse(_error: DmpDesktopError) -> None:
            if turn == self._turn:
                self._give_up(error, again)

        if patient:
            self._pool.submit(lambda: self._dossier.kept_list(patient), take, refuse)

    def _list(self) -> None:
        patient, turn = self.patient, self._turn
        if patient is None:
            return
        self._arrivals.forget()
        self.list_started.emit()

        def arrive(rows: list[DocumentEntry]) -> None:
            self._rows.emit(turn, rows)

        self._ask(lambda: self._dossier.entries(patient, arrive), self._take_list, self.refresh)

    @Slot(int, list)
    def _arrive(self, turn: int, rows: list[DocumentEntry]) -> None:
        if turn == self._turn:
            self._arrivals.add(rows)

    def _take_list(self, entries: list[DocumentEntry]) -> None:
        self.offline_since = getattr(entries, "offline_since", None)
        self._arrivals.finish(entries)
        self._listed = entries
        self._ask_digest(entries)

    def _ask_digest(self, entries: list[DocumentEntry]) -> None:
        patient, turn = self.patient, self._turn
        habits = self._habits.current if self._habits else Habits()
        self._told = told = (habits.seen, habits.counted)
        seen = frozenset(habits.seen)
        types = None if habits.counted is None else frozenset(habits.counted)

        def arrive(part: Digest) -> None:
            self._part.emit(turn, told, part)

        if patient:
            self._ask(
                lambda: self._digest.digest(patient, entries, seen, types, arrive),
                lambda digest: self._take_digest(digest) if told == self._told else None,
                self.refresh,
            )

    def _digest_again(self) -> None:
        habits = self._habits.current if self._habits else Habits()
        if self._listed is not None and self._told != (habits.seen, habits.counted):
            self._ask_digest(self._listed)

    @Slot(int, object, object)
    def _take_part(self, turn: int, told: tuple[object, ...], part: Digest) -> None:
        if (turn, told) == (self._turn, self._told):
            self.digest_ready.emit(part)

    def _take_digest(self, digest: Digest) -> None:
        self.digest_ready.emit(digest)

    def _ask(
        self,
        call: Callable[[], T],
        done: Callable[[T], None],
        again: Callable[[], None],
        unreached: Unreached | None = None,
        ended: Callable[[DmpDesktopError | None], None] = lambda _error: None,
    ) -> None:
        """`unreached` is called instead of telling that it failed when the DMP is out of reach; `ended` in any case, first."""
        turn = self._turn

        def answered(result: T) -> None:
            ended(None)
            if turn == self._turn:
                done(result)
                self.server_answered.emit(self.offline_since is None)

        def refused(error: DmpDesktopError) -> None:
            ended(error)
            if turn == self._turn:
                away = isinstance(error, DmpError) and error.retryable
                if isinstance(error, DmpError):
                    self.server_answered.emit(not away)
                (unreached if unreached and away else self._give_up)(error, again)

        self._pool.submit(call, answered, refused)

    def _give_up(self, error: DmpDesktopError, again: Callable[[], None]) -> None:
        self._arrivals.give_up()
        self.unread.emit(fr.UNREAD_OPPOSED if error.code == OPPOSED else fr.UNREAD_FAILED)
        self.failed.emit(error, self._while_open(again))

    def _while_open(self, again: Callable[[], None]) -> Callable[[], None]:
        """What tries again, for the record of now only: another one opened meanwhile, or asked again, it does nothing."""
        patient, turn = self.patient, self._turn

        def retry() -> None:
            if (self.patient, self._turn) == (patient, turn):
                again()

        return retry


def unread_reason(status: DossierStatus) -> str:
    """Why a record that answered is not read."""
    if not status.exists:
        return fr.UNREAD_NONE
    return fr.UNREAD_CLOSED if status.closed else fr.UNREAD[status.authorization]
