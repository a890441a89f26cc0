"""A document goes over from the outbox of a workstation to the clinic's: at every moment one of the two answers for it.

Claimed here for the clinic, added there under its uniqueId, forgotten here. What was cut in between is found by its claim and
ended by the next hand-over; where the server does not come back, the claim runs out, and the document, in doubt, leaves from
here.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from dmp_desktop.domain.outbox import OutboxState, WaitingFor
from dmp_desktop.errors import ContextError, StorageError
from dmp_desktop.storage.outbox import NewItem, OutboxStore, Outcome
from dmp_desktop.storage.outbox_schema import outbox
from dmp_desktop.storage.store import Store
from dmp_desktop.storage.subject import Subject

CLINIC = "clinic"
"""Owner of the lease on what is being handed over; no process is called that."""

CLAIM = timedelta(hours=1)  # within storage.outbox_queue.LEASE_HORIZON


class HandOver:
    def __init__(self, database: Store, local: OutboxStore) -> None:
        self._database = database
        self._local = local

    def move(self, clinic: OutboxStore, item_id: int, now: datetime) -> int:
        """Hand over what is due and surely has not left; 1, or 0 where there was nothing to hand over. Raises StorageError."""
        if self._local.get(item_id).in_doubt:
            return 0  # this workstation's own affair, which it ends by looking in the DMP
        if self._local.claim(item_id, CLINIC, now, CLAIM) is None:
            return 0
        return self._add(clinic, item_id, now)

    def resume(self, clinic: OutboxStore, now: datetime) -> int:
        """End what was cut; returns how many. Raises StorageError."""
        handed = sa.select(outbox.c.id, outbox.c.unique_id).where(outbox.c.lease_owner == CLINIC)
        with self._database.read() as connection:
            begun = connection.execute(handed).all()
        ended = 0
        for item_id, unique_id in begun:
            if clinic.has(unique_id):  # perhaps sent or cancelled since: not put back
                self._forget(item_id)
                ended += 1
            else:
                ended += self._add(clinic, item_id, now)
        return ended

    def _add(self, clinic: OutboxStore, item_id: int, now: datetime) -> int:
        try:
            clinic.add(self._new(item_id), now, now)
        except ContextError as why:  # the clinic has the document otherwise: someone is to see to it
            refused = Outcome(OutboxState.REFUSED, code=why.code, message=why.message_fr, remedy=why.remedy_fr)
            self._local.settle(item_id, CLINIC, refused, now)
            return 0
        except StorageError as error:
            if error.code != "clinic-unreachable":  # else it may be there
                again = Outcome(OutboxState.WAITING, WaitingFor.CARD, next_attempt_at=now)
                self._local.settle(item_id, CLINIC, again, now)
            raise
        self._forget(item_id)
        return 1

    def _new(self, item_id: int) -> NewItem:
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
        )

    def _forget(self, item_id: int) -> None:
        mine = sa.and_(outbox.c.id == item_id, outbox.c.lease_owner == CLINIC)
        with self._database.write() as connection:
            connection.execute(outbox.delete().where(mine))
