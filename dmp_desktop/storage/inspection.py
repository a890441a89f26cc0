"""What support needs to know of the local database, by counts alone: nothing that is sealed is opened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from dmp_desktop.domain.outbox import OutboxState
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.migrations import MIGRATIONS
from dmp_desktop.storage.outbox_schema import outbox


@dataclass(frozen=True, slots=True)
class OutboxCounts:
    """How many documents wait or are being sent, how many were refused, and since when the oldest of the first waits."""

    waiting: int
    refused: int
    oldest_waiting: datetime | None


def schema_level(database: Database) -> tuple[int, int]:
    """Number of the last migration applied, and of the last one this version knows. Raises StorageError."""
    return level_of(database), len(MIGRATIONS)


def level_of(file: Database) -> int:
    """Number of the last migration applied to a file. Raises StorageError."""
    with file.read() as connection:
        return int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())


def outbox_counts(file: Database) -> OutboxCounts:
    """Of the outbox's own file. Raises StorageError."""
    query = sa.select(outbox.c.state, sa.func.count(), sa.func.min(outbox.c.created_at)).group_by(outbox.c.state)
    with file.read() as connection:
        rows = {OutboxState(state): (int(count), since) for state, count, since in connection.execute(query)}
    nothing: tuple[int, datetime | None] = (0, None)
    open_rows = [rows.get(state, nothing) for state in (OutboxState.WAITING, OutboxState.SENDING)]
    since = [one for _count, one in open_rows if one is not None]
    refused, _since = rows.get(OutboxState.REFUSED, nothing)
    return OutboxCounts(sum(count for count, _ in open_rows), refused, min(since, default=None))
