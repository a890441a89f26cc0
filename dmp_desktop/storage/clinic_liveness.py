"""Which workstations of a clinic are gone: each holds an advisory lock of the server, on a connection of its own, while it lives.

The server drops the lock with the connection: at once when the process dies, within 20 s of a power cut (its keepalives, set by
`ClinicAddress`).
"""

from __future__ import annotations

import hashlib
import threading
from contextlib import suppress
from typing import Any

import psycopg

from dmp_desktop.domain.ports import Entropy
from dmp_desktop.errors import StorageError
from dmp_desktop.storage.clinic_address import ClinicAddress
from dmp_desktop.storage.clinic_errors import clinic_error, closed


class WorkstationLiveness:
    """Implements the Liveness port among the workstations of one database. Safe from several threads."""

    def __init__(self, address: ClinicAddress, password: str, entropy: Entropy) -> None:
        """Raises StorageError."""
        self._address = address
        self._password = password
        self._owner = str(entropy.uuid())
        self._guard = threading.Lock()
        self._closed = False
        self._connection = self._hold()

    @property
    def owner(self) -> str:
        """The name of this process, whose lock is surely held. Raises StorageError."""
        self.ensure_held()
        return self._owner

    def ensure_held(self) -> None:
        """Take the lock again after a cut. Raises StorageError."""
        with self._guard:
            self._ask("SELECT 1")

    def is_dead(self, owner: str) -> bool:
        """True when nobody holds that owner's lock. An owner cut off for longer than the keepalives bear counts as dead until it
        is back. Raises StorageError."""
        if owner == self._owner:
            return False
        with self._guard:
            return not self._ask(_HELD, _key(owner))

    def close(self) -> None:
        """From now on this owner counts as dead."""
        with self._guard:
            self._closed = True
            self._connection.close()

    def _ask(self, statement: str, *values: int) -> Any:
        """The one value of a query, on a connection that holds the lock."""
        if self._closed:
            raise closed()
        try:
            return _one(self._connection, statement, *values)
        except StorageError as error:
            if error.code != "clinic-unreachable":
                raise
        self._connection.close()
        self._connection = self._hold()
        return _one(self._connection, statement, *values)

    def _hold(self) -> psycopg.Connection[Any]:
        connection = self._address.connect(self._password)
        connection.autocommit = True
        try:
            _one(connection, "SELECT pg_advisory_lock(%s)", _key(self._owner))
        except StorageError:
            with suppress(psycopg.Error):
                connection.close()
            raise
        return connection


# A lock by one key of 64 bits: its halves as the view shows them (PostgreSQL, "pg_locks"). Reading takes no lock from anybody.
_HELD = """
SELECT count(*) FROM pg_locks
WHERE locktype = 'advisory' AND granted AND objsubid = 1
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
AND (classid::bigint << 32 | objid::bigint) = %s
"""


def _one(connection: psycopg.Connection[Any], statement: str, *values: int) -> Any:
    try:
        row = connection.execute(statement, values).fetchone()
    except psycopg.Error as error:
        raise clinic_error(error) from None
    return row[0] if row else None


def _key(owner: str) -> int:
    """PostgreSQL's bigint is signed."""
    return int.from_bytes(hashlib.sha256(f"dmp-desktop owner {owner}".encode()).digest()[:8], "big", signed=True)
