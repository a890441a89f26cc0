"""Which documents of the open record the cache still holds: asked at each keystroke, so read again only once somebody wrote."""

from __future__ import annotations

import json
import threading
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlcipher3 import dbapi2

from dmp_desktop.storage.database import Database
from dmp_desktop.storage.errors import storage_error
from dmp_desktop.storage.schema import EPOCH

# Another number once any other connection, of this process or another one, has committed
# (https://www.sqlite.org/pragma.html#pragma_data_version); this one only reads.
_VERSION = "PRAGMA data_version"
_SOME = """
SELECT unique_id, expires_at FROM cached_document
WHERE patient = ?1 AND key_id = ?2 AND unique_id IN (SELECT value FROM json_each(?3))
"""
_INDEXED = """
SELECT indexed_document.unique_id, expires_at FROM indexed_document
JOIN cached_document USING (unique_id, key_id)
WHERE cached_document.patient = ?1 AND indexed_document.patient = ?1 AND key_id = ?2
"""


class _Indexed:
    """Documents that have words in the index, by their end."""

    def __init__(self, ends: Mapping[str, int]) -> None:
        self._ends = ends
        self._all = frozenset(ends)
        self._soonest, self._latest = min(ends.values(), default=0), max(ends.values(), default=0)

    def ids(self, first: int, last: int) -> frozenset[str]:
        """Those that end after `first`, at `last` at most."""
        if first < self._soonest and self._latest <= last:
            return self._all
        return frozenset(name for name, end in self._ends.items() if first < end <= last)


class LivingDocuments:
    """Of the patient `pseudonym` under the key `key_id`, from any thread. What was read counts for one state of the
    database, and expires by the clock.

    A document is readable from when the clock shows less than its end, itself at most `ttl` ahead: as `CacheStore.get`.
    """

    def __init__(self, database: Database, pseudonym: str, key_id: str, ttl: timedelta) -> None:
        """Raises StorageError."""
        self._database = database
        self._whose = pseudonym, key_id
        self._ttl = _microseconds(ttl)
        self._lock = threading.Lock()
        self._connection: dbapi2.Connection | None = database.own_connection()
        self._version = -1
        self._ends: dict[str, int] = {}  # microseconds since 1970; documents asked for that are not there are absent
        self._indexed: _Indexed | None = None

    def hold(self, unique_ids: Collection[str], now: datetime) -> bool:
        """Whether all of them may be shown. Raises StorageError."""
        with self._lock:
            if self._connection is None:
                return False
            self._look(self._connection)
            unknown = [name for name in unique_ids if name not in self._ends]
            if unknown:
                self._ends.update(self._rows(self._connection, _SOME, json.dumps(unknown)))
            first, last = self._bounds(now)
            return all(first < self._ends.get(name, 0) <= last for name in unique_ids)

    def ids(self, now: datetime) -> frozenset[str]:
        """Those that have words in the index. Raises StorageError."""
        with self._lock:
            if self._connection is None:
                return frozenset()
            self._look(self._connection)
            if self._indexed is None:
                self._indexed = _Indexed(self._rows(self._connection, _INDEXED))
            return self._indexed.ids(*self._bounds(now))

    def close(self) -> None:
        with self._lock:
            connection, self._connection = self._connection, None
            if connection is not None:
                connection.close()

    def _look(self, connection: dbapi2.Connection) -> None:
        """Forget what was read before the last commit.

        A commit between this and what is read next is seen the next time: the number is then no longer the one kept here.
        """
        self._database.ensure_open()
        try:
            ((version,),) = connection.execute(_VERSION).fetchall()
        except dbapi2.Error as error:
            raise storage_error(error) from error
        if version != self._version:
            self._version = version
            self._ends.clear()
            self._indexed = None

    def _rows(self, connection: dbapi2.Connection, statement: str, *values: str) -> dict[str, int]:
        try:  # to the last row: a statement left open would keep this connection in the past
            return dict(connection.execute(statement, (*self._whose, *values)).fetchall())
        except dbapi2.Error as error:
            raise storage_error(error) from error

    def _bounds(self, now: datetime) -> tuple[int, int]:
        first = _microseconds(now - EPOCH)
        return first, first + self._ttl


def _microseconds(span: timedelta) -> int:
    return span // timedelta(microseconds=1)
