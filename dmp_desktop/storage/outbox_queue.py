"""What of the outbox is to be sent now, and what of it first. Portable: as on a workstation, so in the clinic's database."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from dmp_desktop.domain.outbox import OutboxState
from dmp_desktop.storage.outbox_rows import ROWS
from dmp_desktop.storage.outbox_schema import outbox

# Nothing is ever planned further ahead than this (platform.settings: undo of 5 min at most; services.delivery: pauses of 5 min at
# most): a later moment means that the clock was set back, and counts as now.
PLANNING_HORIZON = timedelta(minutes=6)
LEASE_HORIZON = timedelta(hours=3)  # as much for a lease, which lasts as long as the slowest try

# Constants: the partial indexes ask for them.
SENDING = outbox.c.state == sa.literal_column("'sending'")
WAITING = outbox.c.state == sa.literal_column("'waiting'")
MANY = outbox.c.lot != sa.literal_column("''")  # as in the partial index
QUEUED = sa.and_(WAITING, outbox.c.next_attempt_at.is_not(None))

# What a change is decided by stays as it was read until the change is made; who claims does not wait for who does.
HELD = ROWS.with_for_update()
FREE = ROWS.with_for_update(skip_locked=True)


def due(now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(QUEUED, reached(outbox.c.next_attempt_at, now))


def together(item_ids: Collection[int]) -> sa.ColumnElement[bool]:
    """These items, and what is of the same lot: one that was cancelled has left it."""
    lots = sa.select(outbox.c.lot).where(outbox.c.id.in_(item_ids), MANY, outbox.c.state != OutboxState.CANCELLED)
    return sa.or_(outbox.c.id.in_(item_ids), sa.and_(MANY, outbox.c.lot.in_(lots)))


def heads(now: datetime, smallest: bool, but: Collection[int] = ()) -> sa.Select[Any]:
    """What each author with something in the queue sends first, `but` these; authors are found by jumps through its index."""
    lowest = sa.func.min(outbox.c.author)
    authors = sa.select(lowest.label("author")).where(QUEUED).cte("authors", recursive=True)
    further = sa.select(lowest).where(QUEUED, outbox.c.author > authors.c.author).scalar_subquery()
    authors = authors.union_all(sa.select(further).where(authors.c.author.is_not(None)))
    before = outbox.alias("before")
    on_its_way = before.c.state.in_((OutboxState.WAITING, OutboxState.SENDING))
    followed = sa.exists().where(before.c.unique_id == outbox.c.replaces, on_its_way)
    order = (outbox.c.size, outbox.c.id) if smallest else (outbox.c.id,)
    first = sa.select(outbox.c.id).where(outbox.c.author == authors.c.author, due(now), ~followed)
    if but:
        first = first.where(outbox.c.id.not_in(but))
    return sa.select(first.order_by(*order).limit(1).scalar_subquery()).select_from(authors)


def reached(column: sa.Column[Any], now: datetime, horizon: timedelta = PLANNING_HORIZON) -> sa.ColumnElement[bool]:
    return sa.or_(column <= now, column > now + horizon)


def take(connection: sa.Connection, item_id: int, now: datetime) -> list[sa.Row[Any]]:
    """A due item and all of its lot that is due, held; none where another has begun to take them."""
    found = connection.execute(sa.select(outbox.c.lot).where(outbox.c.id == item_id)).one_or_none()
    if found is None or not found.lot:
        return list(connection.execute(FREE.where(outbox.c.id == item_id, due(now))))
    lot = sa.and_(MANY, outbox.c.lot == found.lot)
    first = sa.select(sa.func.min(outbox.c.id)).where(lot).scalar_subquery()
    if connection.execute(FREE.where(outbox.c.id == first)).one_or_none() is None:
        return []
    rows = list(connection.execute(HELD.where(lot, due(now)).order_by(outbox.c.id)))
    return rows if any(row.id == item_id for row in rows) else []
