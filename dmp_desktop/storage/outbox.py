"""The outbox on disk. Every method is one transaction, durable when it returns; each change of state is decided
inside it, so that several threads and processes may work on one outbox."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from dmp_desktop.domain.outbox import OutboxItem, OutboxState, WaitingFor
from dmp_desktop.errors import ContextError, DmpDesktopError
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.schema import outbox, outbox_document
from dmp_desktop.storage.sealing import Seal
from dmp_desktop.storage.subject import Subject, decode, encode

# Nothing is ever planned further ahead than this: a later moment means that the clock was set back, and counts as now.
PLANNING_HORIZON = timedelta(minutes=30)


@dataclass(frozen=True, slots=True, repr=False)
class NewItem:
    """A document to keep: its identifiers, fixed from here on, whom it is about, its bytes."""

    unique_id: str
    submission_id: str
    author_id: str
    subject: Subject
    cda: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one try; the fields are those of OutboxItem."""

    state: OutboxState
    waiting_for: WaitingFor = WaitingFor.NOTHING
    in_doubt: bool = False
    next_attempt_at: datetime | None = None
    code: str = ""
    message: str = ""
    remedy: str = ""
    proof: str = ""


class OutboxStore:
    """Documents on their way. `seal` protects what describes a patient; states, times and identifiers stay
    searchable."""

    def __init__(self, database: Database, seal: Seal) -> None:
        self._database = database
        self._seal = seal

    def add(self, new: NewItem, now: datetime, due_at: datetime) -> OutboxItem:
        """Keep a document; it is on disk when this returns. The same document twice is one item, put back when it had
        been cancelled or refused. What has surely not left takes restrictions asked for besides.

        Raises ContextError("outbox-duplicate") when the uniqueId stands for other bytes, ("outbox-visibility") when other
        restrictions are asked for than those it waits or left with, StorageError.
        """
        start = {
            "state": OutboxState.WAITING,
            "waiting_for": WaitingFor.UNDO if due_at > now else WaitingFor.NOTHING,
            "updated_at": now,
            "next_attempt_at": due_at,
            "subject": self._seal.seal(encode(new.subject), _place(new.unique_id, "subject")),
            **_SILENT,
        }
        values = {
            "unique_id": new.unique_id,
            "submission_id": new.submission_id,
            "author_id": new.author_id,
            "created_at": now,
            "in_doubt": False,
            "attempts": 0,
            **start,
        }
        sealed = self._seal.seal(new.cda, _place(new.unique_id, "document"))
        with self._database.write() as connection:
            row = connection.execute(_BY_UNIQUE_ID, {"sought": new.unique_id}).one_or_none()
            if row is None:
                row = connection.execute(_INSERT, values).one()
                connection.execute(_INSERT_DOCUMENT, {"item_id": row.id, "sealed": sealed})
            elif self._document(connection, row.id, new.unique_id) != new.cda:
                raise ContextError(
                    "outbox-duplicate",
                    "Un autre document porte déjà cet identifiant dans la boîte d'envoi.",
                    "Construisez le document à nouveau : il recevra son propre identifiant.",
                )
            elif row.state in (OutboxState.CANCELLED, OutboxState.REFUSED):
                if row.in_doubt:
                    _same_visibility(self._item(row), new.subject)
                row = self._update(connection, outbox.c.id == row.id, start)[0]
            elif self._item(row).visibility != new.subject.visibility:
                row = self._restrict(connection, row, new.subject)
            return self._item(row)

    def items(self) -> list[OutboxItem]:
        """All of them, the latest first."""
        with self._database.read() as connection:
            return [self._item(row) for row in connection.execute(_ROWS.order_by(outbox.c.id.desc()))]

    def some(self, item_ids: Iterable[int]) -> list[OutboxItem]:
        """Those of these items that exist, the oldest first."""
        with self._database.read() as connection:
            wanted = _ROWS.where(outbox.c.id.in_(tuple(item_ids))).order_by(outbox.c.id)
            return [self._item(row) for row in connection.execute(wanted)]

    def get(self, item_id: int) -> OutboxItem:
        """Raises ContextError("outbox-unknown")."""
        with self._database.read() as connection:
            return self._item(_one(connection, item_id))

    def document(self, item_id: int) -> bytes:
        """The bytes of the CDA. Raises ContextError("outbox-unknown")."""
        with self._database.read() as connection:
            return self._document(connection, item_id, _one(connection, item_id).unique_id)

    def due(self, now: datetime) -> list[tuple[str, int]]:
        """For each author with something to send now: the author's identifier and the oldest such item."""
        heads = sa.select(outbox.c.author_id, sa.func.min(outbox.c.id)).where(_due(now)).group_by(outbox.c.author_id)
        with self._database.read() as connection:
            return [(author, item_id) for author, item_id in connection.execute(heads)]

    def next_due(self, now: datetime) -> datetime | None:
        """The earliest moment after `now` that is planned for a waiting item."""
        with self._database.read() as connection:
            waiting = sa.and_(outbox.c.state == OutboxState.WAITING, outbox.c.next_attempt_at > now)
            moment: datetime | None = connection.execute(
                sa.select(sa.func.min(outbox.c.next_attempt_at)).where(waiting)
            ).scalar_one()
            return moment

    def await_card(self, author_id: str, now: datetime) -> list[OutboxItem]:
        """Say of everything this author has to send now that it waits for the card; returns the items this is new
        for."""
        fresh = sa.and_(
            _due(now),
            outbox.c.author_id == author_id,
            outbox.c.waiting_for != WaitingFor.CARD,
        )
        with self._database.write() as connection:
            changed = self._update(connection, fresh, {"waiting_for": WaitingFor.CARD, "updated_at": now, **_SILENT})
            return [self._item(row) for row in changed]

    def claim(self, item_id: int, owner: str, now: datetime, lease: timedelta) -> tuple[OutboxItem, bool] | None:
        """Take a due item under a lease; None when another was faster. The flag tells whether an earlier try may have
        reached the DMP.

        From here until `settle` the item is in doubt: whatever happens to this process, the next one looks before it
        sends.
        """
        with self._database.write() as connection:
            row = connection.execute(_ROWS.where(outbox.c.id == item_id, _due(now))).one_or_none()
            if row is None:
                return None
            taken = {
                "state": OutboxState.SENDING,
                "waiting_for": WaitingFor.NOTHING,
                "in_doubt": True,
                "attempts": row.attempts + 1,
                "lease_owner": owner,
                "lease_until": now + lease,
                "updated_at": now,
                **_SILENT,
            }
            return self._item(self._update(connection, outbox.c.id == item_id, taken)[0]), bool(row.in_doubt)

    def settle(self, item_id: int, owner: str, outcome: Outcome, now: datetime) -> OutboxItem | None:
        """Write what became of a try, unless the lease has passed to another owner meanwhile (then None)."""
        mine = sa.and_(outbox.c.id == item_id, outbox.c.lease_owner == owner)
        values = {name: getattr(outcome, name) for name in Outcome.__dataclass_fields__}
        with self._database.write() as connection:
            rows = self._update(connection, mine, {**values, **_NO_LEASE, "updated_at": now})
            return self._item(rows[0]) if rows else None

    def release(self, is_dead: Callable[[str], bool], now: datetime) -> list[OutboxItem]:
        """Put back in the queue what was being sent by owners that are gone, or whose lease has run out. It stays in
        doubt."""
        leases = sa.select(outbox.c.id, outbox.c.lease_owner).where(_SENDING)
        expired = sa.select(outbox.c.id).where(_SENDING, _reached(outbox.c.lease_until, now))
        with self._database.read() as connection:
            lost = set(connection.execute(expired).scalars())
            lost.update(item_id for item_id, owner in connection.execute(leases) if is_dead(owner))
        if not lost:
            return []
        again = {"state": OutboxState.WAITING, "next_attempt_at": now, "updated_at": now, **_NO_LEASE}
        with self._database.write() as connection:
            return [
                self._item(row) for row in self._update(connection, sa.and_(_SENDING, outbox.c.id.in_(lost)), again)
            ]

    def cancel(self, item_id: int, now: datetime) -> OutboxItem:
        """Withdraw what has surely not left. Raises ContextError("outbox-left") when it left or may have,
        ("outbox-unknown")."""
        with self._database.write() as connection:
            row = _one(connection, item_id)
            if row.state == OutboxState.CANCELLED:
                return self._item(row)
            if row.in_doubt or row.state not in (OutboxState.WAITING, OutboxState.REFUSED):
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
                **_SILENT,
            }
            return self._item(self._update(connection, outbox.c.id == item_id, values)[0])

    def retry(self, item_id: int, now: datetime) -> OutboxItem:
        """Put a refused document back in the queue. Any other is left as it is."""
        again = {"state": OutboxState.WAITING, "next_attempt_at": now, "updated_at": now}
        refused = sa.and_(outbox.c.id == item_id, outbox.c.state == OutboxState.REFUSED)
        with self._database.write() as connection:
            rows = self._update(connection, refused, again)
            return self._item(rows[0] if rows else _one(connection, item_id))

    def refuse(self, item_ids: Collection[int], why: DmpDesktopError, now: datetime) -> list[OutboxItem]:
        """Stop what waits among these items, and say why; what may have left stays in doubt. Returns those it stopped."""
        told = {"code": why.code, "message": why.message_fr, "remedy": why.remedy_fr, "proof": ""}
        stopped = {"state": OutboxState.REFUSED, "waiting_for": WaitingFor.NOTHING, "next_attempt_at": None}
        waiting = sa.and_(outbox.c.id.in_(item_ids), outbox.c.state == OutboxState.WAITING)
        with self._database.write() as connection:
            return [
                self._item(row) for row in self._update(connection, waiting, {**stopped, **told, "updated_at": now})
            ]

    def hasten(self, now: datetime) -> None:
        """Everything that waits is due now, but what may still be undone."""
        waiting = sa.and_(outbox.c.state == OutboxState.WAITING, outbox.c.waiting_for != WaitingFor.UNDO)
        with self._database.write() as connection:
            connection.execute(outbox.update().where(waiting).values(next_attempt_at=now))

    def purge(self, before: datetime) -> int:
        """Forget, bytes included, what was sent or cancelled before a moment; returns how many."""
        over = outbox.c.state.in_((OutboxState.SENT, OutboxState.CANCELLED))
        with self._database.write() as connection:
            return connection.execute(outbox.delete().where(over, outbox.c.updated_at < before)).rowcount

    def _update(self, connection: sa.Connection, where: Any, values: dict[str, Any]) -> list[sa.Row[Any]]:
        statement = outbox.update().where(where).values(values).returning(*_ROWS.selected_columns)
        return list(connection.execute(statement))

    def _restrict(self, connection: sa.Connection, row: sa.Row[Any], wanted: Subject) -> sa.Row[Any]:
        """More restrictions for what surely has not left; nothing else is changed in silence."""
        item = self._item(row)
        if row.in_doubt or row.state != OutboxState.WAITING or not wanted.visibility > item.visibility:
            _same_visibility(item, wanted)
        subject = decode(self._seal.open(row.subject, _place(row.unique_id, "subject")))
        told = encode(replace(subject, visibility=wanted.visibility))
        values = {"subject": self._seal.seal(told, _place(row.unique_id, "subject"))}
        return self._update(connection, outbox.c.id == row.id, values)[0]

    def _document(self, connection: sa.Connection, item_id: int, unique_id: str) -> bytes:
        sealed = connection.execute(
            sa.select(outbox_document.c.sealed).where(outbox_document.c.item_id == item_id)
        ).scalar_one()
        return self._seal.open(sealed, _place(unique_id, "document"))

    def _item(self, row: sa.Row[Any]) -> OutboxItem:
        fields = dict(row._mapping)
        subject = decode(self._seal.open(fields.pop("subject"), _place(row.unique_id, "subject")))
        fields.update(state=OutboxState(row.state), waiting_for=WaitingFor(row.waiting_for))
        return OutboxItem(
            patient=subject.patient,
            title=subject.title,
            kind=subject.kind,
            visibility=subject.visibility,
            validated_by=subject.validated_by,
            **fields,
        )


_SILENT = {"code": "", "message": "", "remedy": "", "proof": ""}
_NO_LEASE = {"lease_owner": None, "lease_until": None}
_SENDING = outbox.c.state == OutboxState.SENDING
_ROWS = sa.select(*(column for column in outbox.c if not column.name.startswith("lease_")))

# Made once: to build and to hash a statement costs more than to run it, and `add` is on the way of a click.
_BY_UNIQUE_ID = _ROWS.where(outbox.c.unique_id == sa.bindparam("sought"))
_INSERT = outbox.insert().returning(*_ROWS.selected_columns)
_INSERT_DOCUMENT = outbox_document.insert()


def _due(now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(outbox.c.state == OutboxState.WAITING, _reached(outbox.c.next_attempt_at, now))


def _reached(column: sa.Column[Any], now: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(column <= now, column > now + PLANNING_HORIZON)


def _one(connection: sa.Connection, item_id: int) -> sa.Row[Any]:
    row = connection.execute(_ROWS.where(outbox.c.id == item_id)).one_or_none()
    if row is None:
        raise ContextError("outbox-unknown", "Ce document n'est pas dans la boîte d'envoi.", "Actualisez la liste.")
    return row


def _same_visibility(item: OutboxItem, wanted: Subject) -> None:
    if item.visibility == wanted.visibility:
        return
    left = item.in_doubt or item.state is not OutboxState.WAITING
    raise ContextError(
        "outbox-visibility",
        "Ce document est déjà parti, ou peut l'être, avec une autre visibilité : rien n'a été changé."
        if left
        else "Ce document attend déjà d'être envoyé, avec une autre visibilité : rien n'a été changé.",
        "Masquez-le dans le DMP : bouton « Propriétés », ou « dmp dossier hide »."
        if left
        else "Annulez cet envoi, puis envoyez le document à nouveau.",
        field="visibility",
    )


def _place(unique_id: str, column: str) -> str:
    return f"outbox/{unique_id}/{column}"
