"""The outbox of the workstation: a plain SQLite file beside the encrypted database, whose rows are sealed one by one.

A document is to be durable at the cost of the disk's own flush. SQLCipher encrypts every page a row touches and asks for up to
three times that (ADR 19); what describes a patient is closed by `Seal` either way, as on a clinic's server.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlcipher3 import dbapi2

from dmp_desktop.errors import StorageError
from dmp_desktop.storage.database import Database, engine, ensure_not_empty, new_file
from dmp_desktop.storage.errors import BUSY, damaged, storage_error, unreachable
from dmp_desktop.storage.migrations import migrate
from dmp_desktop.storage.outbox_landing import has_place, landed, show, take_in

_log = logging.getLogger(__name__)

_OUTBOX = """
CREATE TABLE outbox (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    unique_id TEXT NOT NULL UNIQUE,
    submission_id TEXT NOT NULL,
    author TEXT NOT NULL,
    patient TEXT NOT NULL,
    replaces TEXT NOT NULL,
    size INTEGER NOT NULL,
    subject BLOB NOT NULL,
    told BLOB,
    state TEXT NOT NULL CHECK (
        state IN ('waiting', 'sending', 'sent', 'refused', 'replaced', 'deleted', 'cancelled')
    ),
    waiting_for TEXT NOT NULL,
    in_doubt BOOLEAN NOT NULL,
    attempts INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    next_attempt_at BIGINT,
    lease_owner TEXT,
    lease_until BIGINT,
    code TEXT NOT NULL,
    CHECK ((state = 'sending') = (lease_owner IS NOT NULL))
);
CREATE INDEX outbox_queue ON outbox (author, id) WHERE state = 'waiting' AND next_attempt_at IS NOT NULL;
CREATE INDEX outbox_planned ON outbox (next_attempt_at) WHERE state = 'waiting' AND next_attempt_at IS NOT NULL;
CREATE INDEX outbox_state ON outbox (state, updated_at);
CREATE INDEX outbox_patient ON outbox (patient);
CREATE TABLE outbox_document (
    item_id INTEGER NOT NULL PRIMARY KEY REFERENCES outbox (id) ON DELETE CASCADE,
    sealed BLOB NOT NULL
);
"""

# Documents that leave together. The index is of those alone: one more page to write is what a click waits for.
_LOTS = """
ALTER TABLE outbox ADD COLUMN lot TEXT NOT NULL DEFAULT '';
CREATE INDEX outbox_lot ON outbox (lot) WHERE lot != '';
"""

# Each index that a new row enters is a page more that a click waits for. What is asked by patient, or to forget what is over,
# walks through the few thousand rows of a month.
_FEWER_INDEXES = """
DROP INDEX outbox_patient;
DROP INDEX outbox_state;
CREATE INDEX outbox_sending ON outbox (lease_until) WHERE state = 'sending';
DROP INDEX outbox_planned;
DROP INDEX outbox_queue;
CREATE INDEX outbox_queue ON outbox (author, id, next_attempt_at) WHERE state = 'waiting' AND next_attempt_at IS NOT NULL;
"""

# What a new row of `outbox` has, and its document: one page chain to flush, no index (`outbox_landing`).
_LANDING = """
CREATE TABLE landing (
    id INTEGER NOT NULL PRIMARY KEY,
    unique_id TEXT NOT NULL,
    submission_id TEXT NOT NULL,
    author TEXT NOT NULL,
    patient TEXT NOT NULL,
    replaces TEXT NOT NULL,
    size INTEGER NOT NULL,
    subject BLOB NOT NULL,
    told BLOB,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'refused')),
    waiting_for TEXT NOT NULL,
    in_doubt BOOLEAN NOT NULL,
    attempts INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    next_attempt_at BIGINT,
    code TEXT NOT NULL,
    lot TEXT NOT NULL,
    document BLOB NOT NULL
);
"""

MIGRATIONS = (_OUTBOX, _LOTS, _FEWER_INDEXES, _LANDING)


class OutboxFile(Database):
    """As `Database`, without a key. What has landed is taken in before anything is read or written: all see one form."""

    _place = False
    """Whether the file was seen to have a place to land: one of an earlier version that is opened as it is has none."""

    @classmethod
    def of(cls, path: Path) -> OutboxFile:
        """Open the file, made on first use, and bring its schema up to date. Raises StorageError as `Database.open`."""
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not path.exists():
                new_file(path)
        except OSError as error:
            raise unreachable() from error
        except dbapi2.Error as error:
            raise storage_error(error) from error
        opened = cls.as_is(path)
        try:
            with Database.write(opened) as connection:  # as it is: what has landed waits until the file was checked
                migrate(connection, MIGRATIONS)
        except StorageError:
            opened.close()
            raise
        return opened

    @classmethod
    def as_is(cls, path: Path) -> OutboxFile:
        """Open a file that exists, neither made nor migrated: for the diagnosis. Raises StorageError."""
        ensure_not_empty(path)
        opened = cls(engine(path))
        try:
            with Database.read(opened) as connection:
                connection.exec_driver_sql("PRAGMA schema_version").scalar_one()  # reads the header
        except StorageError:
            opened.close()
            raise
        return opened

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """As `Database.read`. What cannot be taken in, on a full disk for one, stays where it is and is shown with the rest."""
        with super().read() as connection:
            apart = self._landed(connection) and not _taken_in(connection)
            if apart:
                show(connection)
            yield connection
            if apart:
                connection.rollback()

    @contextmanager
    def write(self, *, durable: bool = True, lock: str = "") -> Iterator[sa.Connection]:
        """As `Database.write`. Raises StorageError too when what has landed cannot be taken in: it may be what is to change."""
        with super().write(durable=durable, lock=lock) as connection:
            if self._landed(connection):
                take_in(connection)
            yield connection

    def own_connection(self) -> dbapi2.Connection:
        """As `Database.own_connection`. Raises StorageError too when what has landed cannot be taken in: it is shown to `read`
        alone."""
        with super().read() as connection:
            landed_now = self._landed(connection)
        if landed_now:
            with self.write():
                pass
        return super().own_connection()

    def _landed(self, connection: sa.Connection) -> bool:
        self._place = self._place or has_place(connection)
        return self._place and landed(connection)

    def check(self) -> None:
        """Verify the file's structure; each seal verifies what it closes when it is opened. Raises
        StorageError("storage-damaged")."""
        with super().read() as connection:  # nothing is moved in a file that is not known to be sound
            if connection.exec_driver_sql("PRAGMA quick_check").scalars().all() != ["ok"]:
                raise damaged()


def _taken_in(connection: sa.Connection) -> bool:
    """Within a read transaction, whose picture is then of a later moment. False where it cannot be, and where another process
    writes: who reads waits for nobody."""
    wait = connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one()
    connection.exec_driver_sql("PRAGMA busy_timeout = 0")
    try:
        # Flushed here, though nothing would be lost: left to the next click, its pages would be in that one's flush.
        for statement in ("COMMIT", "PRAGMA synchronous = FULL", "BEGIN IMMEDIATE"):
            connection.exec_driver_sql(statement)
        take_in(connection)
        connection.exec_driver_sql("COMMIT")
    except sa.exc.DBAPIError as error:
        why = storage_error(error.orig or error).code
        _log.log(logging.DEBUG if why == BUSY else logging.WARNING, "what has landed is read where it is: %s", why)
        connection.rollback()
        taken = False
    else:
        taken = True
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {wait}")
    connection.exec_driver_sql("BEGIN")
    return taken
