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

from dmp_desktop.domain.outbox import OutboxItem, OutboxState, WaitingFor
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
        """Hand over what is due, with its doubt; 1, or 0 where there was nothing to hand over. Raises StorageError."""
        owner = CLINIC_IN_DOUBT if self._local.get(item_id).in_doubt else CLINIC
        if self._local.claim(item_id, owner, now, CLAIM) is None:
            return 0
        return self._add(clinic, item_id, owner, now)

    def join(self, clinic: OutboxStore, item: OutboxItem, now: datetime) -> bool:
        """What is in doubt here and the clinic has: the clinic answers for it from now on, in doubt too. False when someone was
        faster. Raises StorageError."""
        clinic.doubt(item.unique_id, CANCELLED_LATE, now)
        if self._local.claim(item.id, CLINIC_IN_DOUBT, now, CLAIM) is None:
            return False
        self._forget(item.id)
        return True

    def resume(self, clinic: OutboxStore, now: datetime) -> int:
        """End what was cut; returns how many. What is damaged stays and is logged. Raises StorageError."""
        claimed = outbox.c.lease_owner.in_((CLINIC, CLINIC_IN_DOUBT))
        handed = sa.select(outbox.c.id, outbox.c.unique_id, outbox.c.lease_owner).where(claimed)
        with self._database.read() as connection:
            begun = connection.execute(handed).all()
        ended = 0
        for item_id, unique_id, owner in begun:
            if clinic.has(unique_id):  # perhaps sent or cancelled since: not put back
                self._forget(item_id)
                ended += 1
                continue
            try:
                ended += self._add(clinic, item_id, owner, now)
            except StorageError as error:
                if error.code != DAMAGED:
                    raise
                _log.warning("outbox row %d is not handed over: %s", item_id, error.code)
        return ended

    def _add(self, clinic: OutboxStore, item_id: int, owner: str, now: datetime) -> int:
        try:
            clinic.add(self._new(item_id, owner), now, now)
        except ContextError as why:  # the clinic has the document otherwise: someone is to see to it
            refused = Outcome(OutboxState.REFUSED, code=why.code, message=why.message_fr, remedy=why.remedy_fr)
            self._local.settle(item_id, owner, refused, now)
            return 0
        except StorageError as error:
            if error.code == DAMAGED:
                self._local.settle(item_id, owner, _refused(error), now)
                return 0
            if error.code != "clinic-unreachable":  # else it may be there
                doubt = owner == CLINIC_IN_DOUBT
                again = Outcome(OutboxState.WAITING, WaitingFor.CARD, in_doubt=doubt, next_attempt_at=now)
                self._local.settle(item_id, owner, again, now)
            raise
        self._forget(item_id)
        return 1

    def _new(self, item_id: int, owner: str) -> NewItem:
        item = self._local.get(item_id)
        with self._database.read() as connection:
            replaces = connection.execute(sa.select(outbox.c.replaces).where(outbox.c.id == item_id)).scalar_one()
        return NewItem(
            unique_id=item.unique_id,
            submission_id=item.submission_id,
            author_id=item.author_id,
            subject=Subject(item.patient, item.title, item.kind, item.visibility, item.validated_by),
            cda=self._local.document(item_id),
            replaces=replaces,
            in_doubt=owner == CLINIC_IN_DOUBT,
        )

    def _forget(self, item_id: int) -> None:
        mine = sa.and_(outbox.c.id == item_id, outbox.c.lease_owner.in_((CLINIC, CLINIC_IN_DOUBT)))
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
