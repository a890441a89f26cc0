"""The clinic's shared database: PostgreSQL behind SQLAlchemy Core, with the same transactions as the workstation's own.

Several workstations, and several versions of the program, work on it at once. What describes a patient comes here sealed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import cast

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPIConnection

from dmp_desktop.errors import StorageError
from dmp_desktop.storage.clinic_address import ClinicAddress
from dmp_desktop.storage.clinic_errors import clinic_error, closed, unreachable
from dmp_desktop.storage.clinic_migrations import MIGRATIONS, Migration, enter, migrate

_POOL = 4
_POOL_SECONDS = 10.0  # a thread's longest wait for another's connection


class ClinicDatabase:
    """One open database. Use `ClinicDatabase.open`, and `close` it (or use it as a context manager)."""

    def __init__(self, engine: sa.Engine, fingerprint: str, version: int) -> None:
        self._engine = engine
        self._fingerprint = fingerprint
        self._version = version
        self._closed = False

    @classmethod
    def open(
        cls,
        address: ClinicAddress,
        password: str,
        fingerprint: str,
        *,
        migrations: Sequence[Migration] = MIGRATIONS,
    ) -> ClinicDatabase:
        """Connect, and bring the schema up to date. `fingerprint` is the practice key's: whoever comes first gives the database
        theirs. Lasts 5 s at most where there is no server.

        Raises StorageError: "clinic-unreachable", "clinic-refused", "clinic-tls", "clinic-newer", "clinic-practice" …
        """
        database = cls(_engine(address, password), fingerprint, len(migrations))
        try:
            with database._connect() as connection:
                migrate(connection, fingerprint, migrations)
        except StorageError:
            database.close()
            raise
        return database

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A connection on one unchanging picture of the data. Raises StorageError."""
        with self._connect(isolation_level="REPEATABLE READ", postgresql_readonly=True) as connection:
            yield connection

    @contextmanager
    def write(self, *, durable: bool = True, lock: str = "") -> Iterator[sa.Connection]:
        """A connection in a transaction (READ COMMITTED): on the server's disk when the block ends, undone when it raises.

        Those that name the same `lock` go one at a time. Raises StorageError, with nothing changed; only where the server went
        while it was committing, "clinic-unreachable" leaves open what became of it.
        """
        with self._connect() as connection:
            enter(connection, self._fingerprint, self._version)
            if not durable:
                connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
            if lock:
                connection.execute(_LOCK, {"name": lock})
            yield connection

    def close(self) -> None:
        """Give back every connection; whatever comes later raises StorageError("clinic-closed")."""
        self._closed = True
        self._engine.dispose()

    def __enter__(self) -> ClinicDatabase:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    @contextmanager
    def _connect(self, **options: object) -> Iterator[sa.Connection]:
        if self._closed:
            raise closed()
        try:
            with self._engine.connect().execution_options(**options) as connection:
                yield connection
                connection.commit()
        except sa.exc.TimeoutError as error:  # no connection of the pool came free
            raise unreachable() from error
        except sa.exc.DBAPIError as error:
            raise clinic_error(error.orig or error) from None


_LOCK = sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")


def _engine(address: ClinicAddress, password: str) -> sa.Engine:
    # hide_parameters: what a statement was given never reaches an exception, hence a log.
    return sa.create_engine(
        "postgresql+psycopg://",
        creator=lambda: cast("DBAPIConnection", address.connect(password)),
        pool_size=_POOL,
        max_overflow=0,
        pool_timeout=_POOL_SECONDS,
        pool_pre_ping=True,
        use_native_hstore=False,
        hide_parameters=True,
    )
