"""Rows of the outbox that do not open are set aside: one of them would stop all that waits behind it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any

import sqlalchemy as sa

from dmp_desktop.domain.outbox import OutboxItem, OutboxState, WaitingFor
from dmp_desktop.errors import StorageError
from dmp_desktop.storage.errors import DAMAGED
from dmp_desktop.storage.outbox_queue import WAITING
from dmp_desktop.storage.outbox_schema import outbox
from dmp_desktop.storage.store import Store

_log = logging.getLogger(__name__)


def readable(
    database: Store, opened: Callable[[sa.Row[Any]], OutboxItem], rows: Iterable[sa.Row[Any]]
) -> list[OutboxItem]:
    """The items of those that open. Call it outside of any transaction. What opens and is not understood was written by a later
    version: it is left to it. Raises StorageError when the others cannot be marked."""
    found, fresh = [], []
    for row in rows:
        try:
            found.append(opened(row))
        except StorageError as error:
            _log.warning("outbox row %d cannot be read: %s", row.id, error.code)
            if row.code != DAMAGED:
                fresh.append(row.id)
        except (ValueError, KeyError, TypeError) as error:
            _log.warning("outbox row %d is not understood: %s", row.id, type(error).__name__)
    if fresh:
        _set_aside(database, fresh)
    return found


def count(database: Store) -> int:
    """How many were set aside and are still there. Raises StorageError."""
    aside = sa.select(sa.func.count()).select_from(outbox).where(outbox.c.code == DAMAGED)
    with database.read() as connection:
        return int(connection.execute(aside).scalar_one())


def _set_aside(database: Store, item_ids: list[int]) -> None:
    """Out of the queue, the bytes as they are; what is being sent or was is marked only."""
    these = outbox.c.id.in_(item_ids)
    out = {"state": OutboxState.REFUSED, "waiting_for": WaitingFor.NOTHING, "next_attempt_at": None}
    with database.write() as connection:
        connection.execute(outbox.update().where(these, WAITING).values(out))
        connection.execute(outbox.update().where(these).values(code=DAMAGED))
