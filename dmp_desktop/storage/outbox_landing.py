"""Where a new document lands: one row, its sealed bytes included, in a table without any index. No flush of it is cheaper.

Only `OutboxFile` knows of it: what has landed is taken in, row by row as it is, before anything is read or written there. So it
is later than all that `outbox` holds: who reads `outbox` alone reads one earlier moment.
"""

# ruff: noqa: S608 - our own columns

from __future__ import annotations

import sqlalchemy as sa
from sqlcipher3 import dbapi2

COLUMNS = (
    "unique_id",
    "submission_id",
    "author",
    "patient",
    "replaces",
    "size",
    "subject",
    "told",
    "state",
    "waiting_for",
    "in_doubt",
    "attempts",
    "created_at",
    "updated_at",
    "next_attempt_at",
    "code",
    "lot",
)
"""Of `outbox`, what a new row has, and `landing` too: a column added to one for new rows is added to both."""
MOST = 20
"""Landed rows: a known document is looked for in each of them, and who takes them in takes all."""

_NAMES = ", ".join(COLUMNS)
_NUMBER = (
    "SELECT 1 + max(ifnull((SELECT seq FROM sqlite_sequence WHERE name = 'outbox'), 0),"
    " ifnull((SELECT max(id) FROM landing), 0))"
    " WHERE NOT EXISTS (SELECT 1 FROM outbox WHERE unique_id = ?1)"
    " AND NOT EXISTS (SELECT 1 FROM landing WHERE unique_id = ?1)"
    " AND (SELECT count(*) FROM landing) < ?2"
)
_LAND = f"INSERT INTO landing (id, {_NAMES}, document) VALUES (?, {', '.join('?' * len(COLUMNS))}, ?)"
_TAKE_IN = (
    f"INSERT OR IGNORE INTO outbox (id, {_NAMES}) SELECT id, {_NAMES} FROM landing",
    # Only in a file that was damaged a number is another row's: the document gets a new one.
    f"INSERT OR IGNORE INTO outbox ({_NAMES}) SELECT {_NAMES} FROM landing"
    " WHERE unique_id NOT IN (SELECT unique_id FROM outbox)",
    "INSERT OR IGNORE INTO outbox_document (item_id, sealed)"
    " SELECT outbox.id, document FROM landing JOIN outbox USING (unique_id)",
    "DELETE FROM landing WHERE unique_id IN (SELECT unique_id FROM outbox)",
)


def land(connection: dbapi2.Connection, row: tuple[object, ...], document: bytes) -> int | None:
    """Write a new row (`COLUMNS`) with its sealed document; returns its number, one that was never given. None, with nothing
    written, where its uniqueId is known, or much has landed: it is to be taken in first."""
    found = connection.execute(_NUMBER, (row[0], MOST)).fetchone()
    if found is None:
        return None
    connection.execute(_LAND, (*found, *row, document))
    return int(found[0])


def has_place(connection: sa.Connection) -> bool:
    """False in a file of an earlier version: nothing lands there."""
    return connection.exec_driver_sql("SELECT 1 FROM sqlite_master WHERE name = 'landing'").first() is not None


def landed(connection: sa.Connection) -> bool:
    """Whether something is to be taken in."""
    return bool(connection.exec_driver_sql("SELECT EXISTS (SELECT 1 FROM landing)").scalar_one())


def take_in(connection: sa.Connection) -> None:
    """Within a write transaction. The numbers stay."""
    for statement in _TAKE_IN:
        connection.exec_driver_sql(statement)
