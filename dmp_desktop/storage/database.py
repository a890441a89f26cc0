"""The encrypted database of the workstation: SQLCipher behind SQLAlchemy Core.

Durable before `write()` returns (WAL, synchronous=FULL) unless told otherwise; several threads and several processes may use one
file.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlcipher3 import dbapi2

from dmp_desktop.errors import StorageError
from dmp_desktop.storage.errors import damaged, storage_error, unreachable, wrong_key
from dmp_desktop.storage.migrations import migrate

KEY_BYTES = 32
_SALT_BYTES = 16  # SQLCipher's first 16 bytes of the file
BUSY_SECONDS = 10.0  # how long one process waits for another's transaction
QUICK_BYTES = 100_000_000
"""Of a larger file, a start verifies what is not a cache: 0.1 s for each 100 MB that are read."""
CACHE = frozenset({"cached_document", "indexed_document", "cached_facts"})
"""Tables of what is read of records: the DMP has it, and it may not outlive its hours or an objection, in a backup neither."""
_POOL = 4
_BARE_CACHE_KIB = 512
"""Of the connection a click waits for: it only adds, and pages that stay in the processor's cache are written twice as fast."""
_Made = TypeVar("_Made")


class Database:
    """One open database. Use `Database.open`, and `close` it (or use it as a context manager)."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._closed = False
        self._guard = threading.Lock()
        self._bare: dbapi2.Connection | None = None

    @classmethod
    def open(cls, path: Path, key: bytes) -> Database:
        """Open the file, made on first use, and bring its schema up to date.

        `key` is SQLCipher's raw key, 32 bytes: no derivation is paid, so it must come from a key store. Raises
        StorageError: "storage-key" (not the key of this file), "storage-damaged", "storage-newer",
        "storage-unreachable", "storage-busy" …
        """
        with_salt = raw_key(key)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not path.exists():
                new_file(path, with_salt)
        except OSError as error:
            raise unreachable() from error
        except dbapi2.Error as error:
            raise storage_error(error) from error
        database = cls.open_as_is(path, key)
        try:
            with database.write() as connection:
                migrate(connection)
        except StorageError:
            database.close()
            raise
        return database

    @classmethod
    def open_as_is(cls, path: Path, key: bytes) -> Database:
        """Open a file that exists, neither made nor migrated: for the diagnosis. Raises StorageError, as `open`."""
        with_salt = raw_key(key)
        _check_key(path, key)
        return cls(engine(path, with_salt))

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A connection on one unchanging picture of the data. Raises StorageError."""
        with self._connect("BEGIN") as connection:
            yield connection

    @contextmanager
    def write(self, *, durable: bool = True, lock: str = "") -> Iterator[sa.Connection]:
        """A connection in the one write transaction there is, whatever its `lock`: on disk when the block ends, undone when it
        raises.

        Not `durable`: a power cut may take it back, whole, for the time of a flush less (SQLite, "PRAGMA synchronous" in WAL
        mode). Raises StorageError, with nothing changed.
        """
        del lock
        with self._connect(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}", "BEGIN IMMEDIATE") as connection:
            yield connection

    def write_bare(self, work: Callable[[dbapi2.Connection], _Made], *, one_statement: bool = False) -> _Made:
        """As a durable `write`, on a driver's connection kept for it: for what a click waits for, where SQLAlchemy and its pool
        take as long as the disk. What `work` raises undoes all, but for `one_statement`, which SQLite makes a transaction of by
        itself. Raises StorageError, with nothing changed."""
        with self._guard:
            self.ensure_open()
            try:
                if self._bare is None:
                    self._bare = self.own_connection()
                    self._bare.execute(f"PRAGMA cache_size = -{_BARE_CACHE_KIB}")
                return work(self._bare) if one_statement else _in_transaction(self._bare, work)
            except dbapi2.Error as error:
                bare, self._bare = self._bare, None
                with suppress(dbapi2.Error):
                    cast("dbapi2.Connection", bare).close()
                raise storage_error(error) from error

    def own_connection(self) -> dbapi2.Connection:
        """A driver's connection that its asker closes: only to read, and what is asked so often that the pool costs too much.

        It outlives `close`: ask `ensure_open` before each use. Raises StorageError.
        """
        self.ensure_open()
        try:
            pooled = self._engine.raw_connection()
        except sa.exc.DBAPIError as error:
            raise storage_error(error.orig or error) from error
        connection = pooled.driver_connection
        pooled.detach()
        return cast("dbapi2.Connection", connection)

    def ensure_open(self) -> None:
        """Raises StorageError("storage-closed")."""
        if self._closed:
            raise StorageError("storage-closed", "La base locale est fermée.", "Relancez DMP Desktop.")

    def check(self) -> None:
        """Read every page and verify it against its HMAC and the file's structure. Raises
        StorageError("storage-damaged").

        What the log has goes to the file first: SQLCipher verifies the file alone, where a power cut may have left a page in
        part that is whole in the log.
        """
        with suppress(StorageError), self._connect("PRAGMA wal_checkpoint(FULL)"):
            pass  # a medium that cannot be written is read as it is
        with self.read() as connection:
            forged = connection.exec_driver_sql("PRAGMA cipher_integrity_check").scalars().all()
            wrong = connection.exec_driver_sql("PRAGMA quick_check").scalars().all()
        if forged or wrong != ["ok"]:
            raise damaged()

    def quick_check(self) -> None:
        """As `check`, at each start: of a large file only what the DMP has not. Raises StorageError("storage-damaged")."""
        with self.read() as connection:
            pages = connection.exec_driver_sql("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
            of = [""]
            if pages.scalar_one() > QUICK_BYTES:
                named = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars()
                of = [f"('{name}')" for name in named if name not in CACHE]
            for table in of:
                if connection.exec_driver_sql(f"PRAGMA quick_check{table}").scalars().all() != ["ok"]:
                    raise damaged()

    def close(self) -> None:
        """Give back every connection; whatever comes later raises StorageError("storage-closed")."""
        with self._guard:
            self._closed = True
            if self._bare is not None:
                self._bare.close()
                self._bare = None
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    @contextmanager
    def _connect(self, *begin: str) -> Iterator[sa.Connection]:
        self.ensure_open()
        try:
            with self._engine.connect() as connection:
                for statement in begin:
                    connection.exec_driver_sql(statement)
                yield connection
                connection.commit()
        except sa.exc.DBAPIError as error:
            raise storage_error(error.orig or error) from error


def _in_transaction(connection: dbapi2.Connection, work: Callable[[dbapi2.Connection], _Made]) -> _Made:
    connection.execute("BEGIN IMMEDIATE")
    try:
        made = work(connection)
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()  # nothing, where SQLite undid it itself
        raise
    return made


def engine(path: Path, raw_key: str = "") -> sa.Engine:
    """Connections to a file that exists; without a key, to a plain one. One that has gone is not made again, empty."""
    # hide_parameters: what a statement was given never reaches an exception, hence a log.
    return sa.create_engine(
        "sqlite+pysqlite://",
        module=dbapi2,
        creator=lambda: cast("DBAPIConnection", _open(path, raw_key)),
        poolclass=sa.QueuePool,
        pool_size=_POOL,
        hide_parameters=True,
    )


def _open(path: Path, raw_key: str) -> dbapi2.Connection:
    connection = _connect_existing(path)
    try:
        connection.execute("PRAGMA cipher_log_level = NONE")  # it would write to stderr; our errors tell enough
        if raw_key:
            connection.execute(f'PRAGMA key = "{raw_key}"')
        for pragma in ("synchronous = FULL", "foreign_keys = ON", "temp_store = MEMORY", "secure_delete = ON"):
            connection.execute(f"PRAGMA {pragma}")
    except dbapi2.Error:
        connection.close()
        raise
    return connection


def connected(path: Path, key: bytes = b"") -> dbapi2.Connection:
    """A connection of the driver's own to a file that exists, for who carries whole tables. Raises the driver's errors."""
    return _open(path, raw_key(key) if key else "")


def encrypted(path: Path, key: bytes) -> Database:
    """A file of ours under a key that is known to be its own: a copy taken out of a backup."""
    return Database(engine(path, raw_key(key)))


def _connect_existing(path: Path) -> dbapi2.Connection:
    return dbapi2.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )


def ensure_not_empty(path: Path) -> None:
    """Raises StorageError: "storage-unreachable" when there is no such file, "storage-damaged" when there is nothing in it,
    which SQLite would take for a new database."""
    try:
        size = path.stat().st_size
    except OSError as error:
        raise unreachable() from error
    if not size:
        raise damaged()


def new_file(path: Path, raw_key: str = "") -> None:
    """Make an empty database in WAL mode (it stays in the file), then give it its name in one step.

    What bears the name is whole, and of two processes that create it one wins: SQLite waits for nobody while it changes the mode.
    """
    descriptor, name = tempfile.mkstemp(
        prefix=f".{path.name}.", dir=path.parent
    )  # mode 0600, which -wal and -shm take over
    os.close(descriptor)
    fresh = Path(name)
    try:
        connection = _open(fresh, raw_key)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.close()
        with suppress(FileExistsError):
            fresh.rename(path) if sys.platform == "win32" else path.hardlink_to(fresh)
    finally:
        fresh.unlink(missing_ok=True)


def raw_key(key: bytes) -> str:
    """Key and salt as SQLCipher's `PRAGMA key` takes them."""
    if len(key) != KEY_BYTES:
        raise ValueError("the database key has 32 bytes")
    return f"x'{key.hex()}{_salt(key).hex()}'"


def file_mark(key: bytes) -> str:
    """Tells whether a file was made under this key, and nothing of it: what every such file begins with."""
    return _salt(key).hex()


def _salt(key: bytes) -> bytes:
    """SQLCipher's salt, here a fingerprint of the key: it tells nothing of a random 256-bit key, two processes that
    create one file agree on it, and a wrong key is told from damage.
    """
    return hashlib.sha256(b"dmp-desktop database salt" + key).digest()[:_SALT_BYTES]


def _check_key(path: Path, key: bytes) -> None:
    """Compare the salt of the file with the key's. SQLite is asked for it: this process closing any other descriptor of the file
    would drop all locks it has on it (POSIX; sqlite.org/howtocorrupt.html, 2.2), and another process could take away the log that
    is written to.
    """
    ensure_not_empty(path)
    try:
        connection = _connect_existing(path)
        try:
            connection.execute("PRAGMA cipher_log_level = NONE")
            connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")  # without a salt: SQLCipher reads the file's
            found = connection.execute("PRAGMA cipher_salt").fetchone()
        finally:
            connection.close()
    except dbapi2.Error as error:
        raise storage_error(error) from error
    if found is None or bytes.fromhex(found[0]) != _salt(key):
        raise wrong_key()
