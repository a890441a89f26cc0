"""The outbox of the workstation: a plain SQLite file beside the encrypted database, whose rows are sealed one by one.

A document is to be durable at the cost of the disk's own flush. SQLCipher encrypts every page a row touches and asks for up to
three times that (ADR 19); what describes a patient is closed by `Seal` either way, as on a clinic's server.
"""

from __future__ import annotations

from pathlib import Path

from sqlcipher3 import dbapi2

from dmp_desktop.errors import StorageError
from dmp_desktop.storage.database import Database, engine, ensure_not_empty, new_file
from dmp_desktop.storage.errors import damaged, storage_error, unreachable
from dmp_desktop.storage.migrations import migrate

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

# A document is kept in its own row, by one statement and with a page less: a click waits for it. The row's first change, by
# whatever version, puts it apart, and no later one writes it anew. OR IGNORE: a damaged file may have it in both places.
# It is the last column but its padding (`outbox_new`): the others are read without its pages, whatever became of these.
_IN_ITS_ROW = """
ALTER TABLE outbox ADD COLUMN sealed BLOB;
ALTER TABLE outbox ADD COLUMN padding BLOB;
CREATE TRIGGER outbox_document_apart AFTER UPDATE ON outbox WHEN new.sealed IS NOT NULL BEGIN \
INSERT OR IGNORE INTO outbox_document (item_id, sealed) VALUES (new.id, new.sealed); \
UPDATE outbox SET sealed = NULL, padding = NULL WHERE id = new.id; END;
"""

MIGRATIONS = (_OUTBOX, _LOTS, _FEWER_INDEXES, _IN_ITS_ROW)
PUT_APART = "UPDATE outbox SET sealed = sealed WHERE sealed IS NOT NULL"
"""Has all documents in `outbox_document`, for who works on whole tables."""
APART = {"outbox": ("sealed", "padding")}
"""Columns without which a row is carried where they cannot be read, by table."""


class OutboxFile(Database):
    """As `Database`, without a key."""

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
            with opened.write() as connection:
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
            with opened.read() as connection:
                connection.exec_driver_sql("PRAGMA schema_version").scalar_one()  # reads the header
        except StorageError:
            opened.close()
            raise
        return opened

    def check(self) -> None:
        """Verify the file's structure; each seal verifies what it closes when it is opened. Raises
        StorageError("storage-damaged")."""
        with self.read() as connection:
            if connection.exec_driver_sql("PRAGMA quick_check").scalars().all() != ["ok"]:
                raise damaged()
