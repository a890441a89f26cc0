"""How documents enter the outbox that are known already, or come back, and new ones on a clinic's server (`outbox_new`: here)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dmp_desktop.domain.outbox import OutboxItem, OutboxState, WaitingFor
from dmp_desktop.errors import ContextError
from dmp_desktop.storage.outbox_queue import HELD, together
from dmp_desktop.storage.outbox_rows import ROWS, SILENT, NewItem, Outcome, Sealed, same_visibility, update
from dmp_desktop.storage.outbox_schema import outbox, outbox_document
from dmp_desktop.storage.subject import Subject


@dataclass(frozen=True, slots=True)
class Entering:
    """A document as it is to be written. `again` is what one that comes back becomes."""

    new: NewItem
    again: dict[str, Any]
    values: dict[str, Any]
    sealed: bytes


def prepare(
    rows: Sealed, news: Sequence[NewItem], now: datetime, due_at: datetime, barred: Outcome | None
) -> list[Entering]:
    """Closed before the transaction begins."""
    return [_prepare(rows, new, now, due_at, barred) for new in news]


def _prepare(rows: Sealed, new: NewItem, now: datetime, due_at: datetime, barred: Outcome | None) -> Entering:
    again = {
        "state": OutboxState.WAITING,
        "waiting_for": WaitingFor.UNDO if due_at > now else WaitingFor.NOTHING,
        "updated_at": now,
        "next_attempt_at": due_at,
        "subject": rows.subject(new.unique_id, new.subject, new.author_id),
        **SILENT,
    }
    if barred:
        again |= rows.parked(new.unique_id, barred)
    values = {
        "unique_id": new.unique_id,
        "submission_id": new.submission_id,
        "author": rows.author(new.author_id),
        "patient": rows.patient(new.subject.patient.ins),
        "replaces": new.replaces,
        "size": len(new.cda),
        "created_at": now,
        "in_doubt": new.in_doubt,
        "attempts": 0,
        "lot": new.lot,
        **again,
    }
    return Entering(new, again, values, rows.document(new.unique_id, new.cda))


def enter(connection: sa.Connection, rows: Sealed, one: Entering) -> OutboxItem:
    """Write it, or bring back what is known. Raises ContextError as `OutboxStore.add`."""
    new = one.new
    row = connection.execute(_BY_UNIQUE_ID, {"sought": new.unique_id}).one_or_none()
    if row is None:
        row = connection.execute(_INSERT, one.values).one()
        connection.execute(_INSERT_DOCUMENT, {"item_id": row.id, "sealed": one.sealed})
        return rows.item(row._asdict(), new.subject, new.author_id)
    if rows.read_document(connection, row.id, new.unique_id) != new.cda:
        raise ContextError(
            "outbox-duplicate",
            "Un autre document porte déjà cet identifiant dans la boîte d'envoi.",
            "Construisez le document à nouveau : il recevra son propre identifiant.",
        )
    if row.state in (OutboxState.CANCELLED, OutboxState.REFUSED):
        row = _bring_back(connection, rows, row, one)
    elif rows.item(row._asdict()).visibility != new.subject.visibility:
        row = _restrict(connection, rows, row, new.subject)
    return rows.item(row._asdict())


def _bring_back(connection: sa.Connection, rows: Sealed, row: sa.Row[Any], one: Entering) -> sa.Row[Any]:
    """What surely has not left leaves as it is sent now; what may have left goes with what it left with."""
    if not row.in_doubt:
        own = {"submission_id": one.new.submission_id, "lot": one.new.lot} if row.lot or one.new.lot else {}
        return update(connection, outbox.c.id == row.id, {**one.again, **own})[0]
    same_visibility(rows.item(row._asdict()), one.new.subject)
    rest = {name: value for name, value in one.again.items() if name not in ("subject", "told")}
    refused = sa.and_(together([row.id]), outbox.c.id != row.id, outbox.c.state == OutboxState.REFUSED)
    for mate in connection.execute(HELD.where(refused)).all():
        told = rows.move_told(one.again["told"], row.unique_id, mate.unique_id)
        update(connection, outbox.c.id == mate.id, {**rest, "told": told})
    return update(connection, outbox.c.id == row.id, one.again)[0]


def _restrict(connection: sa.Connection, rows: Sealed, row: sa.Row[Any], wanted: Subject) -> sa.Row[Any]:
    """More restrictions for what surely has not left; nothing else is changed in silence."""
    item = rows.item(row._asdict())
    if row.in_doubt or row.state != OutboxState.WAITING or not wanted.visibility > item.visibility:
        same_visibility(item, wanted)
    subject = replace(rows.open_subject(row.unique_id, row.subject), visibility=wanted.visibility)
    values = {"subject": rows.subject(row.unique_id, subject, subject.author_id)}
    return update(connection, outbox.c.id == row.id, values)[0]


# Made once: to build and to hash a statement costs more than to run it, and this is on the way of a click.
_BY_UNIQUE_ID = HELD.where(outbox.c.unique_id == sa.bindparam("sought"))
_INSERT = outbox.insert().returning(*ROWS.selected_columns)
_INSERT_DOCUMENT = outbox_document.insert()
