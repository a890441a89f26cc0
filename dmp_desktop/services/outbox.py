"""The outbox: a document is durable before the screen says anything, then sent whatever happens in between."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from dmp_desktop.domain.documents import BuiltDocument, DocumentEntry, Visibility
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.outbox import OutboxItem, OutboxState, WaitingFor
from dmp_desktop.domain.people import Patient
from dmp_desktop.domain.ports import Clock, DmpRepository, Entropy, Liveness
from dmp_desktop.errors import ContextError, StorageError
from dmp_desktop.services.delivery import INTERNAL_FAILURE, Delivery
from dmp_desktop.services.feeding import NO_RULES, FeedingRules
from dmp_desktop.services.outbox_barriers import UNREAD, Contents, barrier, is_over
from dmp_desktop.services.outbox_chain import Chain
from dmp_desktop.services.outbox_intake import Intake, Paper, as_one_lot, lots
from dmp_desktop.services.outbox_line import Line
from dmp_desktop.services.sending import check_may_send
from dmp_desktop.services.session_state import SignedIn
from dmp_desktop.services.visibility import SECRET_ONLY, is_minor
from dmp_desktop.storage.errors import DAMAGED
from dmp_desktop.storage.outbox import OutboxStore, Outcome

__all__ = ["OutboxItem", "OutboxService", "OutboxState", "WaitingFor"]

UNDO_DELAY = timedelta(seconds=30)
KEEP_SENT = timedelta(days=30)
LOOK_EVERY = 30.0
"""Seconds: how late it is noticed that a cause of waiting is gone, when nobody tells (`look_again`)."""
LEASE = timedelta(minutes=90)
"""Longer than any try: 20 MB over the slowest line the transport bears with take half of it. What an owner that died was sending
is taken over at once (`Liveness`): only one nobody can tell to be dead is waited for that long."""
RepositoryProvider = Callable[[str], DmpRepository | None]
"""The DMP as the professional with this national identifier (`8` + RPPS) is signed in to it; None when she is not."""

_log = logging.getLogger(__name__)


class OutboxService:
    """What the composer, the "À envoyer" tab and the command line do with the outbox. Safe from every thread.

    Several services, in one process or several, may work on one store: each document is sent under a lease.
    `acts` is told each document whose state changed, for the journal, and never waits.
    `skew` is the DMP's clock minus ours, None while unknown. `contents` tells what documents say.
    `deliver_due` does the work; `outbox_worker.OutboxWorker` calls it from its thread.
    """

    def __init__(
        self,
        store: OutboxStore,
        repository: RepositoryProvider,
        metadata: Callable[[bytes], DocumentEntry],
        *,
        source_id: str,
        clock: Clock,
        entropy: Entropy,
        liveness: Liveness,
        undo_delay: timedelta = UNDO_DELAY,
        may_handle: Callable[[str], None] = lambda _author_id: None,
        rules: FeedingRules = NO_RULES,
        acts: Callable[[OutboxItem], None] = lambda _item: None,
        skew: Callable[[], timedelta | None] = lambda: None,
        contents: Contents = UNREAD,
    ) -> None:
        self._store = store
        self._repository = repository
        self._chain = Chain(store, contents.listed)
        self._intake = Intake(store, metadata, rules, clock, entropy, contents, self._chain)
        self._delivery = Delivery(metadata, source_id, entropy, skew)
        self._clock = clock
        self._liveness = liveness
        self._undo_delay = undo_delay
        self._may_handle = may_handle
        self._rules = rules
        self._acts = acts
        self._subscribers: list[Callable[[], None]] = []
        self._line = Line(clock, entropy)
        self._looked_at = -LOOK_EVERY  # monotonic
        self._unwritten: list[dict[int, Outcome]] = []  # what became of tries, that the disk did not take
        self.wake = threading.Event()
        """Set when there may be something to do at once; the worker waits for it."""

    def send(
        self, patient: Patient, built: BuiltDocument, visibility: Collection[Visibility], by: SignedIn
    ) -> OutboxItem:
        """The one click: keep a document for sending, with the usual delay in which it can be cancelled. Raises as `enqueue`, and
        DmpError when `by`, who was signed in at the click, may not send. Who is there by now does not matter."""
        check_may_send(by)
        return self.enqueue(patient, built, visibility)

    def send_together(
        self, documents: Sequence[tuple[Patient, BuiltDocument, Collection[Visibility]]], by: SignedIn
    ) -> list[OutboxItem]:
        """As `send`, several that leave in one set: all are kept, or none. Raises ContextError("lot-apart")."""
        check_may_send(by)
        papers = [self._intake.of_built(one, built, hidden) for one, built, hidden in documents]
        return self._keep(as_one_lot(papers), None)

    def enqueue(
        self,
        patient: Patient,
        built: BuiltDocument,
        visibility: Iterable[Visibility] = (),
        *,
        undo_delay: timedelta | None = None,
    ) -> OutboxItem:
        """Keep a document for sending: on disk when this returns. Nothing leaves before `undo_delay` (or the service's) is over.

        Where the patient objects or is not qualified, it waits for that to end. Raises ContextError when the document is not
        about this patient, is empty or the same as the one it replaces, its uniqueId is taken, the identity was taken away or
        the visibility does not exist, CdaError when it says too little of itself, StorageError when it could not be kept:
        nothing was then kept.
        """
        return self._keep([self._intake.of_built(patient, built, visibility)], undo_delay)[0]

    def enqueue_cda(
        self,
        patient: Patient,
        cda: bytes,
        visibility: Iterable[Visibility] = (),
        *,
        undo_delay: timedelta | None = None,
    ) -> OutboxItem:
        """As `enqueue`, for a document made elsewhere: its title and its type (a LOINC code) are those of its header."""
        return self._keep([self._intake.of_file(patient, cda, visibility)], undo_delay)[0]

    def enqueue_for_structure(
        self,
        patient: Patient,
        cda: bytes,
        visibility: Iterable[Visibility],
        by: SignedIn,
        validated_by: str,
        *,
        undo_delay: timedelta | None = None,
    ) -> OutboxItem:
        """As `enqueue_cda`, sent by a secretary for her structure (TD2.2) once `validated_by` (PS_IdNat) validated it.

        Only her own card sends it, later too. Raises as `enqueue`, and DmpError as `sending.check_validated`.
        """
        return self._keep([self._intake.of_file(patient, cda, visibility, by, validated_by)], undo_delay)[0]

    def enqueue_files(
        self,
        documents: Sequence[tuple[Patient, bytes]],
        visibility: Iterable[Visibility] = (),
        *,
        secretary: SignedIn | None = None,
        validated_by: str = "",
        undo_delay: timedelta | None = None,
    ) -> Iterator[list[OutboxItem]]:
        """As `enqueue_cda`, or as `enqueue_for_structure` by a secretary, for documents that leave together as far as they can
        (`outbox_intake.lots`). All are checked before the first is kept; gives each lot once it is on disk."""
        shown = frozenset(visibility)
        papers = [self._intake.of_file(patient, cda, shown, secretary, validated_by) for patient, cda in documents]
        for lot in lots(papers):
            yield self._keep(lot, undo_delay)

    def items(self, patient: Patient | None = None) -> list[OutboxItem]:
        """Of one patient, or of all; the latest first."""
        return self._store.items(patient.ins if patient else None)

    def some(self, item_ids: Iterable[int]) -> list[OutboxItem]:
        """Those of these items that exist, the oldest first."""
        return self._store.some(item_ids)

    def document(self, item_id: int) -> bytes:
        """The bytes of a document's CDA. Raises ContextError("outbox-unknown")."""
        return self._store.document(item_id)

    def cancel(self, item_id: int) -> None:
        """Withdraw a document that has surely not left. Raises ContextError("outbox-left"), ("outbox-unknown"), DmpError when it
        is another professional's."""
        self._may_handle(self._store.get(item_id).author_id)
        self._tell(self._store.cancel(item_id, self._clock.now()))

    def cancel_lot(self, item_id: int) -> None:
        """As `cancel`, with all that leaves with it: all of them or none."""
        self._may_handle(self._store.get(item_id).author_id)
        self._tell_all(self._store.cancel_lot(item_id, self._clock.now()))

    def retry(self, item_id: int) -> None:
        """Try again what was refused, or what waits for a right or is held back, and what leaves with it. Raises
        ContextError("outbox-unknown") or what still bars it, DmpError when it is another professional's."""
        item = self._store.get(item_id)
        self._may_handle(item.author_id)
        broken = None if item.in_doubt else self._chain.why_not(item.patient, item.replaces)
        if barred := barrier(self._rules, item.patient) or broken:
            raise ContextError(barred.code, barred.message, barred.remedy)
        now = self._clock.now()
        for again in self._store.resume([item], now) if item.parked else self._store.retry(item_id, now):
            self._tell(again)
            self._free(again)
        self.wake.set()

    def hold(self, item_id: int) -> None:
        """Keep back a document that waits, and what leaves with it, until `retry`. Raises ContextError("outbox-left"),
        ("outbox-unknown"), DmpError when it is another professional's."""
        self._may_handle(self._store.get(item_id).author_id)
        self._tell_all(self._store.hold(item_id, self._clock.now()))

    def stop_feeding(self, patient: InsIdentity) -> None:
        """The patient objects: what waits for them stops and says why; nothing is deleted, what is being sent not called back."""
        items = self._store.items(patient)
        if items and (barred := barrier(self._rules, items[0].patient)):
            self._stop([item.id for item in items], barred)

    def changed_elsewhere(self) -> None:
        """Other workstations of the practice, or the way to them, changed what is in the outbox: tell who follows it."""
        self._changed()
        self.wake.set()

    def unreadable(self, listed: Iterable[OutboxItem]) -> int:
        """How many documents do not open any more and are not among those `listed` (of all patients). Raises StorageError."""
        return max(0, self._store.unreadable() - sum(item.code == DAMAGED for item in listed))

    def look_again(self) -> None:
        """A cause of waiting may be gone (an objection lifted, an identity qualified): the worker looks at once."""
        self._looked_at = -LOOK_EVERY
        self.wake.set()

    def note_deleted(self, unique_id: str) -> None:
        """A document was deleted from the DMP: what sent it says so."""
        self._tell_all(self._store.deleted(unique_id, self._clock.now()))

    def flush(self) -> None:
        """Try at once whatever waits for the network or the card: call it when either is back. What may be undone
        keeps its delay."""
        self._store.hasten(self._clock.now())
        self._line.try_now()
        self.wake.set()

    def purge(self, keep: timedelta = KEEP_SENT) -> int:
        """Forget what was sent or cancelled longer ago than `keep`; returns how many."""
        return self._store.purge(self._clock.now() - keep)

    def subscribe(self, callback: Callable[[], None]) -> None:
        """Have `callback` called after each change made by this process, from the thread that made it. It must return at once and
        raise nothing."""
        self._subscribers.append(callback)

    def unsubscribe(self, callback: Callable[[], None]) -> None:
        self._subscribers.remove(callback)

    def deliver_due(self, stop: Callable[[], bool] = lambda: False) -> float | None:
        """Send what is due, one document after the other, until nothing is, the line is down, or `stop` says so.

        Returns the seconds until there is something to do again, None when nothing is planned. Raises StorageError
        when the outbox cannot be read or written: what became of a try is written by the next call; until then it is in doubt,
        and looked for in the DMP before it is sent again should this process end.
        """
        while self._unwritten:
            self._settle(self._unwritten[0])
            del self._unwritten[0]
        self._tell_all(self._store.release(self._liveness.is_dead, self._clock.now()))
        self._resume()
        self._chain.look_anew()
        while not stop():
            if (held := self._line.held()) > 0:
                return held
            now = self._clock.now()
            if not self._deliver_next(now):
                planned = self._store.next_due(now)
                return None if planned is None else (planned - now).total_seconds()
        return None

    def _deliver_next(self, now: datetime) -> bool:
        """Try one document, and what leaves with it; False when none can be now."""
        for author_id, item_id in self._store.due(now, smallest=self._line.down, but=self._chain.behind):
            repository = self._repository(author_id)
            if repository is not None:
                self._deliver(repository, item_id)
                return True
            self._tell_all(self._store.await_card(author_id, now))
        return False

    def _resume(self) -> None:
        """Once in a while, put back in the queue what waits for a cause that is gone."""
        if self._clock.monotonic() - self._looked_at < LOOK_EVERY:
            return
        self._looked_at = self._clock.monotonic()
        over = []
        for item in self._store.parked():
            barred = barrier(self._rules, item.patient)
            if barred is None and is_over(self._rules, item):
                over.append(item)
            elif barred and barred.code != item.code:
                self._stop([item.id], barred)
        self._tell_all(self._store.resume(over, self._clock.now()) if over else ())
        for item in self._chain.freed_elsewhere(self._clock.now()):
            self._tell(item)
            self._free(item)

    def _stop(self, item_ids: list[int], why: Outcome) -> None:
        self._tell_all(self._store.stop(item_ids, why, self._clock.now()))

    def _deliver(self, repository: DmpRepository, item_id: int) -> None:
        try:
            head = self._store.get(item_id)
        except ContextError:  # it went over to the clinic meanwhile
            return
        if self._chain.comes_first(head):
            return
        broken = None if head.in_doubt else self._chain.why_not(head.patient, head.replaces)
        if barred := barrier(self._rules, head.patient) or broken:
            self._stop([item_id], barred)
            return
        claimed = self._store.claim(item_id, self._liveness.owner, self._clock.now(), LEASE)
        if claimed is None:
            return
        items, in_doubt = claimed
        if not items:
            self._chain.pass_over(item_id)
            return
        self._tell_all(items)
        first, today = items[0], self._clock.now().astimezone().date()
        if first.visibility == SECRET_ONLY and is_minor(first.patient, today):
            repository = self._rules.discreetly(repository)
        # Stays so when a fault of ours cuts it short: never sent in a circle.
        outcomes = [INTERNAL_FAILURE] * len(items)
        try:
            outcomes = self._attempt(repository, items, in_doubt)
        finally:
            told = dict(zip((item.id for item in items), outcomes, strict=True))
            try:
                self._settle(told)
            except StorageError:
                self._unwritten.append(told)
                raise
        self._line.tried(reached=all(outcome.waiting_for is not WaitingFor.NETWORK for outcome in outcomes))

    def _settle(self, told: dict[int, Outcome]) -> None:
        self._tell_all(self._store.settle(told, self._liveness.owner, self._clock.now()))

    def _attempt(self, repository: DmpRepository, items: list[OutboxItem], in_doubt: bool) -> list[Outcome]:
        parcel: list[tuple[OutboxItem, bytes]] = []
        unread: Sequence[OutboxItem] = items
        try:
            self._rules.leaving(items[0].patient.ins)
            for item in items:
                unread = (item,)
                parcel.append((item, self._store.document(item.id)))
            whole, now = self._store.connected, self._clock.now()
            outcomes = self._delivery.attempt(repository, parcel, in_doubt, now)
            to_come = self._chain.to_come(outcomes, items, whole)
            return self._delivery.behind(outcomes, items, now) if to_come else outcomes
        except StorageError as error:  # nothing left: the clinic's server was cut, the disk did not answer
            return self._delivery.unread(error, items, unread, in_doubt, self._clock.now())

    def _keep(self, papers: Sequence[Paper], undo_delay: timedelta | None) -> list[OutboxItem]:
        items = self._intake.keep(papers, self._undo_delay if undo_delay is None else undo_delay)
        for item in items:
            self._tell(item)
            if item.updated_at > item.created_at:
                self._free(item)  # it came back
        self.wake.set()
        return items

    def _free(self, item: OutboxItem) -> None:
        for freed in self._chain.freed_by(item, self._clock.now()):
            self._tell(freed)
            self._free(freed)

    def _tell_all(self, items: Iterable[OutboxItem]) -> None:
        for item in items:
            self._tell(item)

    def _tell(self, item: OutboxItem) -> None:
        _log.info("outbox item %d: %s %s %s", item.id, item.state, item.waiting_for, item.code)
        self._acts(item)
        self._changed()
        for stopped in self._chain.stopped_by(item, self._clock.now()):
            self._tell(stopped)

    def _changed(self) -> None:
        for callback in tuple(self._subscribers):
            callback()
