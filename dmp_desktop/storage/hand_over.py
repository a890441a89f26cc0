"""A document goes over from the outbox of a workstation to the clinic's: at every moment one of the two answers for it.

Claimed here for the clinic, added there under its uniqueId, forgotten here. What was cut in between is found by its claim and
ended by the next hand-over; where the server does not come back, the claim runs out, and the document, in doubt, leaves from
here. Where the clinic turns out to have it then, the clinic answers for it: what was cancelled there is not sent from here.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy as sa

from dmp_desktop.domain.outbox import OutboxState, WaitingFor
from dmp_desktop.errors import ContextError, StorageError
from dmp_desktop.storage.errors import DAMAGED
from dmp_desktop.storage.outbox import NewItem, OutboxStore, Outcome
from dmp_desktop.storage.outbox_schema import outbox
from dmp_desktop.storage.store import Store
from dmp_desktop.storage.subject import Subject

CLINIC, CLINIC_IN_DOUBT = "clinic", "clinic, in doubt"
"""Owners of the lease on what is being handed over, and on what of it may have left from here; no process is called that."""

CLAIM = timedelta(hours=1)  # within storage.outbox_queue.LEASE_HORIZON
AT_ONCE = 100  # documents a look

_log = logging.getLogger(__name__)


class HandOver:
    def __init__(self, database: Store, local: OutboxStore) -> None:
        self._database = database
        self._local = local

    def move_all(self, clinic: OutboxStore, is_here: Callable[[str], bool], now: datetime) -> int:
        """Hand over what is due and whose author (PS_IdNat) is not here, each author's in its order; returns how many, about
        `AT_ONCE` at most. Raises StorageError."""
        moved, tried = 0, set[int]()
        while moved < AT_ONCE:
            due = [number for author, number in self._local.due(now) if number not in tried and not is_here(author)]
            if not due:
                break
            tried.update(due)
            moved += sum(self.move(clinic, number, now) for number in due)
        return moved

    def move(self, clinic: OutboxStore, item_id: int, now: datetime) -> int:
        """Hand over what is due, with what leaves with it and its doubt; returns how many documents. Raises StorageError."""
        doubt = any(item.in_doubt for item in self._local.lot_of(item_id))
        owner = CLINIC_IN_DOUBT if doubt else CLINIC
        claimed = self._local.claim(item_id, owner, now, CLAIM)
        return 0 if not claimed or not claimed[0] else self._add(clinic, [item.id for item in claimed[0]], owner, now)

    def join(self, clinic: OutboxStore, item_id: int, now: datetime) -> bool:
        """What is in doubt here and the clinic has, in part at least: the clinic answers for all of it from now on, in doubt too.
        False when someone was faster. Raises StorageError."""
        known = [item for item in self._local.lot_of(item_id) if clinic.has(item.unique_id)]
        for item in known:
            clinic.doubt(item.unique_id, CANCELLED_LATE, now)
        claimed = self._local.claim(item_id, CLINIC_IN_DOUBT, now, CLAIM)
        if not claimed or not claimed[0]:
            return False
        there = [item.id for item in known]
        self._forget(there)
        if rest := [item.id for item in claimed[0] if item.id not in there]:
            self._add(clinic, rest, CLINIC_IN_DOUBT, now)
        return True

    def resume(self, clinic: OutboxStore, now: datetime) -> int:
        """End what was cut; returns how many. What is damaged stays and is logged. Raises StorageError."""
        claimed = outbox.c.lease_owner.in_((CLINIC, CLINIC_IN_DOUBT))
        handed = sa.select(outbox.c.id, outbox.c.unique_id, outbox.c.submission_id, outbox.c.lease_owner).where(claimed)
        with self._database.read() as connection:
            begun = connection.execute(handed.order_by(outbox.c.id)).all()
        there = [row.id for row in begun if clinic.has(row.unique_id)]  # perhaps sent or cancelled since: not put back
        if there:
            self._forget(there)
        ended = len(there)
        lots: dict[tuple[str, str], list[int]] = {}
        for row in begun:
            if row.id not in there:
                lots.setdefault((row.submission_id, row.lease_owner), []).append(row.id)
        for (_, owner), item_ids in lots.items():
            try:
                ended += self._add(clinic, item_ids, owner, now)
            except StorageError as error:
                if error.code != DAMAGED:
                    raise
                _log.warning("outbox row %d is not handed over: %s", item_ids[0], error.code)
        return ended

    def _add(self, clinic: OutboxStore, item_ids: list[int], owner: str, now: datetime) -> int:
        doubt = owner == CLINIC_IN_DOUBT
        again = Outcome(OutboxState.WAITING, WaitingFor.CARD, in_doubt=doubt, next_attempt_at=now)
        try:
            clinic.add_lot([self._new(item_id, owner) for item_id in item_ids], now, now)
        except ContextError as why:  # the clinic has a document otherwise: someone is to see to it
            refused = Outcome(OutboxState.REFUSED, code=why.code, message=why.message_fr, remedy=why.remedy_fr)
            self._local.settle(dict.fromkeys(item_ids, refused), owner, now)
            return 0
        except StorageError as error:
            if error.code == DAMAGED:
                closed = [item_id for item_id in item_ids if not self._opens(item_id)] or item_ids
                outcomes = {item_id: _refused(error) if item_id in closed else again for item_id in item_ids}
                self._local.settle(outcomes, owner, now)
                return 0
            if error.code != "clinic-unreachable":  # else it may be there
                self._local.settle(dict.fromkeys(item_ids, again), owner, now)
            raise
        self._forget(item_ids)
        return len(item_ids)

    def _opens(self, item_id: int) -> bool:
        try:
            self._local.document(item_id)
        except StorageError:
            return False
        return True

    def _new(self, item_id: int, owner: str) -> NewItem:
        item = self._local.get(item_id)
        with self._database.read() as connection:
            apart = connection.execute(sa.select(outbox.c.replaces, outbox.c.lot).where(outbox.c.id == item_id)).one()
        return NewItem(
            unique_id=item.unique_id,
            submission_id=item.submission_id,
            author_id=item.author_id,
            subject=Subject(item.patient, item.title, item.kind, item.visibility, item.validated_by),
            cda=self._local.document(item_id),
            replaces=apart.replaces,
            lot=apart.lot,
            in_doubt=owner == CLINIC_IN_DOUBT,
        )

    def _forget(self, item_ids: list[int]) -> None:
        mine = sa.and_(outbox.c.id.in_(item_ids), outbox.c.lease_owner.in_((CLINIC, CLINIC_IN_DOUBT)))
        with self._database.write() as connection:
            connection.execute(outbox.delete().where(mine))


CANCELLED_LATE = Outcome(
    OutboxState.REFUSED,
    in_doubt=True,
    code="outbox-cancelled-late",
    message="Annulé sur un autre poste, alors que celui-ci l'avait peut-être déjà envoyé.",
    remedy="« Réessayer » le cherche dans le DMP, et l'envoie s'il n'y est pas ; sinon laissez-le.",
)


def _refused(error: StorageError) -> Outcome:
    return Outcome(OutboxState.REFUSED, code=error.code, message=error.message_fr, remedy=error.remedy_fr)
