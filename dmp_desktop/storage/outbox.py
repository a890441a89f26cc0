"""The outbox on disk. Every method is one transaction, durable when it returns; each change of state is decided
inside it, so that several threads and processes may work on one outbox."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.outbox import AWAITS_FORMER, OutboxItem, OutboxState, WaitingFor
from dmp_desktop.errors import ContextError, StorageError
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.errors import DAMAGED
from dmp_desktop.storage.outbox_adding import enter, prepare
from dmp_desktop.storage.outbox_aside import Aside
from dmp_desktop.storage.outbox_new import enter_new
from dmp_desktop.storage.outbox_queue import (
    HELD,
    LEASE_HORIZON,
    QUEUED,
    SENDING,
    WAITING,
    due,
    heads,
    reached,
    take,
    together,
)
from dmp_desktop.storage.outbox_rows import ROWS, SILENT, NewItem, Outcome, Sealed, update
from dmp_desktop.storage.outbox_schema import outbox
from dmp_desktop.storage.sealing import Seal
from dmp_desktop.storage.store import Store

_log = logging.getLogger(__name__)

__all__ = ["NewItem", "OutboxStore", "Outcome"]


class OutboxStore:
    """Documents on their way. `seal` protects what describes a patient; states, times and identifiers stay
    searchable."""

    def __init__(self, database: Store, seal: Seal) -> None:
        self._database = database
        self._rows = Sealed(seal)
        self._aside = Aside(database)

    def add(self, new: NewItem, now: datetime, due_at: datetime, barred: Outcome | None = None) -> OutboxItem:
        """Keep a document, parked where it is `barred`; it is on disk when this returns.

        The same document twice is one item, put back when it had been cancelled or refused. What has surely not left takes
        restrictions asked for besides.

        Raises ContextError("outbox-duplicate") when the uniqueId stands for other bytes, ("outbox-visibility") when other
        restrictions are asked for than those it waits or left with, StorageError.
        """
        return self.add_lot((new,), now, due_at, barred)[0]

    def add_lot(
        self, news: Sequence[NewItem], now: datetime, due_at: datetime, barred: Outcome | None = None
    ) -> list[OutboxItem]:
        """As `add`, for documents that leave together: all are kept or none is. One that is known stays with what it was
        to leave with."""
        if isinstance(self._database, Database):
            kept = enter_new(self._database, self._rows, news, now, due_at, barred)
            if kept is not None:
                return kept
        entering = prepare(self._rows, news, now, due_at, barred)
        with self._database.write(lock=f"outbox {news[0].unique_id}") as connection:
            return [enter(connection, self._rows, one) for one in entering]

    def items(self, ins: InsIdentity | None = None) -> list[OutboxItem]:
        """All of them, or one patient's, the latest first."""
        wanted = ROWS if ins is None else ROWS.where(outbox.c.patient == self._rows.patient(ins))
        with self._database.read() as connection:
            rows = connection.execute(wanted.order_by(outbox.c.id.desc())).all()
        return self._readable(rows)

    def some(self, item_ids: Iterable[int]) -> list[OutboxItem]:
        """Those of these items that exist, the oldest first."""
        with self._database.read() as connection:
            wanted = ROWS.where(outbox.c.id.in_(tuple(item_ids))).order_by(outbox.c.id)
            rows = connection.execute(wanted).all()
        return self._readable(rows)

    def get(self, item_id: int) -> OutboxItem:
        """Raises ContextError("outbox-unknown")."""
        with self._database.read() as connection:
            return self._item(_one(connection, item_id))

    def lot_of(self, item_id: int) -> list[OutboxItem]:
        """The item and all of its lot, the oldest first; nothing where it is unknown."""
        with self._database.read() as connection:
            rows = connection.execute(ROWS.where(together([item_id])).order_by(outbox.c.id)).all()
        return self._readable(rows)

    def has(self, unique_id: str) -> bool:
        with self._database.read() as connection:
            found = connection.execute(sa.select(outbox.c.id).where(outbox.c.unique_id == unique_id)).one_or_none()
            return found is not None

    def named(self, unique_id: str) -> OutboxItem | None:
        """The item of this uniqueId, None where there is none that opens."""
        with self._database.read() as connection:
            rows = connection.execute(ROWS.where(outbox.c.unique_id == unique_id)).all()
        return next(iter(self._readable(rows)), None)

    def followers(self, unique_id: str) -> list[OutboxItem]:
        """What is to replace the document of this uniqueId and has not left, the oldest first."""
        here = outbox.c.state.in_((OutboxState.WAITING, OutboxState.REFUSED))
        with self._database.read() as connection:
            rows = connection.execute(ROWS.where(outbox.c.replaces == unique_id, here).order_by(outbox.c.id)).all()
        return self._readable(rows)

    def broken(self) -> list[OutboxItem]:
        """What was refused because what it replaces is, the oldest first."""
        behind = sa.and_(outbox.c.state == OutboxState.REFUSED, outbox.c.code == AWAITS_FORMER)
        with self._database.read() as connection:
            rows = connection.execute(ROWS.where(behind).order_by(outbox.c.id)).all()
        return self._readable(rows)

    def document(self, item_id: int) -> bytes:
        """The bytes of the CDA. Raises ContextError("outbox-unknown")."""
        with self._database.read() as connection:
            return self._rows.read_document(connection, item_id, _one(connection, item_id).unique_id)

    @property
    def connected(self) -> bool:
        """False while what others handed over is not seen."""
        return True

    def due(self, now: datetime, *, smallest: bool = False, but: Collection[int] = ()) -> list[tuple[str, int]]:
        """For each author with something to send now, `but` these: the author's identifier and the oldest such item, or the
        smallest, whose predecessor, if it replaces one, is not itself on its way here."""
        passed = set(but)
        while True:
            with self._database.read() as connection:
                first = [one for one in connection.execute(heads(now, smallest, passed)).scalars() if one is not None]
                rows = (
                    connection.execute(ROWS.where(outbox.c.id.in_(first)).order_by(outbox.c.id)).all() if first else []
                )
            stuck = self._aside.look(first)
            items = [item for item in self._readable(rows) if item.id not in stuck]
            if len(items) == len(rows):
                return [(item.author_id, item.id) for item in items]
            passed.update({row.id for row in rows} - {item.id for item in items})  # a later version's, or damaged

    def next_due(self, now: datetime) -> datetime | None:
        """The earliest moment after `now` that is planned for a waiting item."""
        with self._database.read() as connection:
            waiting = sa.and_(QUEUED, outbox.c.next_attempt_at > now)
            moment: datetime | None = connection.execute(
                sa.select(sa.func.min(outbox.c.next_attempt_at)).where(waiting)
            ).scalar_one()
            return moment

    def await_card(self, author_id: str, now: datetime) -> list[OutboxItem]:
        """Say of everything this author has to send now that it waits for the card; returns the items this is new
        for."""
        fresh = sa.and_(
            due(now),
            outbox.c.author == self._rows.author(author_id),
            outbox.c.waiting_for != WaitingFor.CARD,
        )
        return self._readable(self._aside.change(fresh, {"waiting_for": WaitingFor.CARD, "updated_at": now, **SILENT}))

    def claim(self, item_id: int, owner: str, now: datetime, lease: timedelta) -> tuple[list[OutboxItem], bool] | None:
        """Take a due item, and what leaves with it, under a lease; None when another was faster, nothing taken where a
        later version is to see to it. The flag tells whether an earlier try may have reached the DMP.

        From here until `settle` they are in doubt: whatever happens to this process, the next one looks before it sends.
        """
        try:
            with self._database.write() as connection:
                return self._claim(connection, item_id, owner, now, lease)
        except (ValueError, KeyError, TypeError) as error:  # a later version's is among them: it is left to it
            _log.warning("outbox row %d is not taken: %s", item_id, type(error).__name__)
            return [], False
        except StorageError as error:
            if error.code == DAMAGED:
                lot = self.lot_of(item_id)  # one of them does not open: it is set aside, and does not keep the others
                if self._aside.look(item.id for item in lot):
                    return [], False
            raise

    def _claim(
        self, connection: sa.Connection, item_id: int, owner: str, now: datetime, lease: timedelta
    ) -> tuple[list[OutboxItem], bool] | None:
        rows = take(connection, item_id, now)
        if not rows:
            return None
        for row in rows:
            WaitingFor(row.waiting_for)  # it is about to be written over: a later version's stays
        taken = {
            "state": OutboxState.SENDING,
            "waiting_for": WaitingFor.NOTHING,
            "in_doubt": True,
            "attempts": outbox.c.attempts + 1,
            "lease_owner": owner,
            "lease_until": now + lease,
            "updated_at": now,
            **SILENT,
        }
        claimed = update(connection, outbox.c.id.in_([row.id for row in rows]), taken)
        return [self._item(row) for row in claimed], any(row.in_doubt for row in rows)

    def settle(self, outcomes: Mapping[int, Outcome], owner: str, now: datetime) -> list[OutboxItem]:
        """Write what became of a try, by item: of all at once, and of those alone whose lease has not passed to another owner
        meanwhile. Returns these."""
        settled = []
        with self._database.write() as connection:
            for item_id, outcome in outcomes.items():
                mine = sa.and_(outbox.c.id == item_id, outbox.c.lease_owner == owner)
                row = connection.execute(HELD.where(mine)).one_or_none()
                if row is not None:
                    settled.append(self._settle(connection, row, outcome, now))
        return settled

    def _settle(self, connection: sa.Connection, row: sa.Row[Any], outcome: Outcome, now: datetime) -> OutboxItem:
        values = {name: getattr(outcome, name) for name in Outcome.__dataclass_fields__ if name in outbox.c}
        words = {name: getattr(outcome, name) for name in Outcome.__dataclass_fields__ if name not in outbox.c}
        if outcome.new_lot:
            values |= {"submission_id": outcome.new_lot, "lot": outcome.new_lot}
        sent = outcome.state is OutboxState.SENT
        told = self._rows.told(row.unique_id, {**words, "sent_at": now if sent else None})
        if sent and row.replaces:
            connection.execute(_overtaken(row.replaces).values(state=OutboxState.REPLACED, updated_at=now))
        return self._item(
            update(connection, outbox.c.id == row.id, {**values, "told": told, **_NO_LEASE, "updated_at": now})[0]
        )

    def overtake(self, unique_ids: Collection[str], now: datetime) -> None:
        """What was sent from here was replaced in the DMP, from another outbox."""
        with self._database.write() as connection:
            for unique_id in unique_ids:
                connection.execute(_overtaken(unique_id).values(state=OutboxState.REPLACED, updated_at=now))

    def deleted(self, unique_id: str, now: datetime) -> list[OutboxItem]:
        """What was sent from here and has been deleted from the DMP; returns it, if it is known."""
        gone = sa.and_(outbox.c.unique_id == unique_id, outbox.c.state.in_((OutboxState.SENT, OutboxState.REPLACED)))
        with self._database.write() as connection:
            rows = update(connection, gone, {"state": OutboxState.DELETED, "updated_at": now})
        return self._readable(rows)

    def release(self, is_dead: Callable[[str], bool], now: datetime, *, but: Collection[int] = ()) -> list[OutboxItem]:
        """Put back in the queue what was being sent by owners that are gone, or whose lease has run out, `but` these. It stays in
        doubt."""
        leases = sa.select(outbox.c.id, outbox.c.lease_owner).where(SENDING)
        expired = leases.where(reached(outbox.c.lease_until, now, LEASE_HORIZON))
        with self._database.read() as connection:
            lost = {(item_id, owner) for item_id, owner in connection.execute(expired)}
            lost.update((item_id, owner) for item_id, owner in connection.execute(leases) if is_dead(owner))
        lost = {(item_id, owner) for item_id, owner in lost if item_id not in but}
        if not lost:
            return []
        again = {"state": OutboxState.WAITING, "next_attempt_at": now, "updated_at": now, **_NO_LEASE}
        same = sa.and_(SENDING, sa.tuple_(outbox.c.id, outbox.c.lease_owner).in_(lost))
        with self._database.write() as connection:
            rows = update(connection, same, again)
        return self._readable(rows)

    def cancel(self, item_id: int, now: datetime) -> OutboxItem:
        """Withdraw what has surely not left. Raises ContextError("outbox-left") when it left or may have,
        ("outbox-unknown")."""
        with self._database.write() as connection:
            return self._item(_withdraw(connection, [_one(connection, item_id, HELD)], now)[0])

    def cancel_lot(self, item_id: int, now: datetime) -> list[OutboxItem]:
        """As `cancel`, with all that leaves with it: all of them or none."""
        with self._database.write() as connection:
            lot = HELD.where(together([item_id]), outbox.c.state != OutboxState.CANCELLED).order_by(outbox.c.id)
            rows = _withdraw(connection, connection.execute(lot).all() or [_one(connection, item_id)], now)
        return self._readable(rows)

    def retry(self, item_id: int, now: datetime) -> list[OutboxItem]:
        """Put a refused document back in the queue, with what was refused with it. Any other is left as it is."""
        again = {"state": OutboxState.WAITING, "next_attempt_at": now, "updated_at": now, **SILENT}
        refused = sa.and_(together([item_id]), outbox.c.state == OutboxState.REFUSED)
        with self._database.write() as connection:
            rows = update(connection, refused, again)
            rows = rows or [_one(connection, item_id)]
        return self._readable(rows)

    def stop(self, item_ids: Collection[int], why: Outcome, now: datetime) -> list[OutboxItem]:
        """Refuse or park what waits among these items and what leaves with them, and say why; what may have left stays in doubt,
        what someone holds back is left alone. Returns those it stopped."""
        with self._database.write() as connection:
            stopped = sa.and_(together(item_ids), WAITING, outbox.c.waiting_for != WaitingFor.HOLD)
            waiting = connection.execute(HELD.where(stopped)).all()
            rows = [
                update(connection, outbox.c.id == row.id, {**self._rows.parked(row.unique_id, why), "updated_at": now})[
                    0
                ]
                for row in waiting
            ]
        return self._readable(rows)

    def doubt(self, unique_id: str, cancelled: Outcome, now: datetime) -> None:
        """Another outbox may have sent this one: it is looked for before it is sent. One that was cancelled says it."""
        this = outbox.c.unique_id == unique_id
        open_states = outbox.c.state.in_((OutboxState.WAITING, OutboxState.REFUSED))
        was = sa.and_(this, outbox.c.state == OutboxState.CANCELLED)
        late = {**self._rows.parked(unique_id, cancelled), "in_doubt": True, "updated_at": now}
        with self._database.write() as connection:
            connection.execute(outbox.update().where(this, open_states).values(in_doubt=True, updated_at=now))
            connection.execute(outbox.update().where(was).values(late))

    def parked(self) -> list[OutboxItem]:
        """What waits for a cause to be gone, but what someone holds back."""
        causes = sa.and_(WAITING, outbox.c.next_attempt_at.is_(None), outbox.c.waiting_for != WaitingFor.HOLD)
        with self._database.read() as connection:
            rows = connection.execute(ROWS.where(causes).order_by(outbox.c.id)).all()
        return self._readable(rows)

    def unreadable(self) -> int:
        """How many documents were set aside because they do not open: they are in no list, and what still opens goes on."""
        return self._aside.count()

    def resume(self, items: Collection[OutboxItem], now: datetime) -> list[OutboxItem]:
        """Put back in the queue those that are still parked for the same cause, and what leaves with them; returns them."""
        resumed = []
        with self._database.write() as connection:
            for item in items:
                same = sa.and_(WAITING, together([item.id]), outbox.c.waiting_for == item.waiting_for)
                again = {"waiting_for": WaitingFor.NOTHING, "next_attempt_at": now, "updated_at": now, **SILENT}
                resumed += update(connection, sa.and_(same, outbox.c.next_attempt_at.is_(None)), again)
        return self._readable(resumed)

    def hold(self, item_id: int, now: datetime) -> list[OutboxItem]:
        """Keep back what waits, whatever for, and what leaves with it, until `resume`. Raises ContextError("outbox-left") when it
        does not wait, ("outbox-unknown")."""
        held = {"waiting_for": WaitingFor.HOLD, "next_attempt_at": None, "updated_at": now, **SILENT}
        with self._database.write() as connection:
            rows = update(connection, sa.and_(WAITING, together([item_id])), held)
            if not rows:
                _one(connection, item_id)
                raise ContextError(
                    "outbox-left",
                    "Ce document n'attend plus d'être envoyé : il ne peut pas être retenu.",
                    "Regardez où il en est dans « À envoyer ».",
                )
        return self._readable(rows)

    def hasten(self, now: datetime) -> None:
        """Everything that waits is due now, but what may still be undone."""
        waiting = sa.and_(QUEUED, outbox.c.waiting_for != WaitingFor.UNDO, outbox.c.next_attempt_at > now)
        self._aside.change(waiting, {"next_attempt_at": now})

    def purge(self, before: datetime) -> int:
        """Forget, bytes included, what came to its end before a moment; returns how many. What was refused stays."""
        over = outbox.c.state.in_(_OVER)
        with self._database.write() as connection:
            return connection.execute(outbox.delete().where(over, outbox.c.updated_at < before)).rowcount

    def _item(self, row: sa.Row[Any]) -> OutboxItem:
        return self._rows.item(row._asdict())

    def _readable(self, rows: Iterable[sa.Row[Any]]) -> list[OutboxItem]:
        return self._aside.readable(self._item, rows)


_OVER = (OutboxState.SENT, OutboxState.REPLACED, OutboxState.DELETED, OutboxState.CANCELLED)
_NO_LEASE = {"lease_owner": None, "lease_until": None}


def _overtaken(unique_id: str) -> sa.Update:
    return outbox.update().where(outbox.c.unique_id == unique_id, outbox.c.state == OutboxState.SENT)


def _withdraw(connection: sa.Connection, rows: Sequence[sa.Row[Any]], now: datetime) -> Sequence[sa.Row[Any]]:
    """As they are then. Raises ContextError("outbox-left") when one of them left or may have: none is withdrawn."""
    live = [row for row in rows if row.state != OutboxState.CANCELLED]
    if any(row.in_doubt or row.state not in (OutboxState.WAITING, OutboxState.REFUSED) for row in live):
        raise ContextError(
            "outbox-left",
            "Ce document est déjà parti, ou peut l'être.",
            "Une fois envoyé, il se supprime du DMP dans l'onglet Documents.",
        )
    values = {
        "state": OutboxState.CANCELLED,
        "waiting_for": WaitingFor.NOTHING,
        "next_attempt_at": None,
        "updated_at": now,
        **SILENT,
    }
    return update(connection, outbox.c.id.in_([row.id for row in live]), values) if live else rows


def _one(connection: sa.Connection, item_id: int, rows: sa.Select[Any] = ROWS) -> sa.Row[Any]:
    row = connection.execute(rows.where(outbox.c.id == item_id)).one_or_none()
    if row is None:
        raise ContextError("outbox-unknown", "Ce document n'est pas dans la boîte d'envoi.", "Actualisez la liste.")
    return row
