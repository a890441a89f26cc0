"""Where a new document lands: one row, its sealed bytes included, in a table without any index. No flush of it is cheaper.

Only `OutboxFile` knows of it: what has landed is taken in, row by row as it is, before anything is read or written there. So it
is later than all that `outbox` holds: who reads `outbox` alone reads one earlier moment. Where it cannot be taken in, both are
shown as one to who reads.
"""

# ruff: noqa: S608 - our own columns

from __future__ import annotations

from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlcipher3 import dbapi2

from dmp_desktop.storage.errors import DAMAGED, storage_error

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
_ROWS = (
    f"INSERT OR IGNORE INTO outbox (id, {_NAMES}) SELECT id, {_NAMES} FROM landing",
    # Only in a file that was damaged a number is another row's: the document gets a new one.
    f"INSERT OR IGNORE INTO outbox ({_NAMES}) SELECT {_NAMES} FROM landing"
    " WHERE unique_id NOT IN (SELECT unique_id FROM outbox)",
)
_DOCUMENT = (
    "INSERT INTO outbox_document (item_id, sealed) SELECT outbox.id, document FROM landing JOIN outbox USING (unique_id)"
    " WHERE landing.id = ? ON CONFLICT (item_id) DO UPDATE SET sealed = excluded.sealed WHERE sealed = x''",
    "DELETE FROM landing WHERE id = ? AND unique_id IN (SELECT unique_id FROM outbox)",
)
_NO_DOCUMENT = (
    "INSERT OR IGNORE INTO outbox_document (item_id, sealed)"
    " SELECT outbox.id, x'' FROM landing JOIN outbox USING (unique_id) WHERE landing.id = ?",
)
"""As a repair leaves one that is not there."""

_APART = (
    " FROM main.landing WHERE unique_id NOT IN (SELECT unique_id FROM main.outbox)"
    " AND id IN (SELECT min(id) FROM main.landing GROUP BY unique_id)"
)
_OWN = "CASE WHEN id IN (SELECT id FROM main.outbox) THEN -id ELSE id END"
"""Its number; one that nothing has, where it is another row's: what is asked for that one is not done to this one."""
_AS_ONE = (
    f"CREATE TEMP VIEW outbox AS SELECT id, {_NAMES}, lease_owner, lease_until FROM main.outbox"
    f" UNION ALL SELECT {_OWN}, {_NAMES}, NULL, NULL{_APART}",
    "CREATE TEMP VIEW outbox_document AS SELECT item_id, sealed FROM main.outbox_document"
    f" UNION ALL SELECT {_OWN}, document{_APART}",
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
    """First of all in a write transaction. The numbers stay. A document that cannot be read stays where it is, for a repair: its
    row goes without it, and it is told as damaged when it is asked for."""
    try:
        _move(connection, ())
    except sa.exc.DBAPIError as error:
        if not _damage(error):
            raise
        connection.rollback()  # nothing is written any more in a transaction that met a damaged page
        damaged = [number for number in _numbers(connection) if not _opens(connection, number)]
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        _move(connection, damaged)


def _move(connection: sa.Connection, damaged: Collection[int]) -> None:
    for statement in _ROWS:
        connection.exec_driver_sql(statement)
    for number in _numbers(connection):
        for statement in _NO_DOCUMENT if number in damaged else _DOCUMENT:
            connection.exec_driver_sql(statement, (number,))


def _numbers(connection: sa.Connection) -> Sequence[int]:
    return connection.exec_driver_sql("SELECT id FROM landing").scalars().all()


def _opens(connection: sa.Connection, number: int) -> bool:
    try:
        connection.exec_driver_sql("SELECT document FROM landing WHERE id = ?", (number,)).all()
    except sa.exc.DBAPIError as error:
        if not _damage(error):
            raise
        return False
    return True


def _damage(error: sa.exc.DBAPIError) -> bool:
    return storage_error(error.orig or error).code == DAMAGED


def show(connection: sa.Connection) -> None:
    """Within a read transaction that is undone at its end, and these views with it: `outbox` with what has landed."""
    for statement in _AS_ONE:
        connection.exec_driver_sql(statement)
