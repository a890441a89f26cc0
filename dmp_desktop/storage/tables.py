"""Whole tables from one database file to another: strictly for a backup, row by row around what is damaged for a repair.

Both ends are the driver's own connections. Rows are carried as they are: nothing sealed is opened.
"""

# ruff: noqa: S608 - names of tables and columns are those of our own schema, which cannot be parameters

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from sqlcipher3 import dbapi2

from dmp_desktop.storage.database import CACHE

MOST_FAILURES = 400
"""Failed reads in a row after which the rest of a table is given up: wide stretches are tried before narrow ones."""
_HIGHEST = 1 << 20
"""Number of a row up to which is looked where nothing tells the last one."""

Row = tuple[Any, ...]


@dataclass(slots=True)
class Carried:
    """Rows carried by table; tables in which something could not be read; `schema` is False when not even their names could."""

    rows: dict[str, int] = field(default_factory=dict)
    damaged: set[str] = field(default_factory=set)
    schema: bool = True


def names(source: dbapi2.Connection) -> list[str]:
    """The tables, in the order in which they were made: parents first."""
    found = source.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid"
    )
    return [name for (name,) in found.fetchall()]


def columns(source: dbapi2.Connection, table: str) -> list[str]:
    return [row[1] for row in source.execute(f'PRAGMA table_info("{table}")').fetchall()]


def copy(source: dbapi2.Connection, target: dbapi2.Connection, skip: Collection[str] = CACHE) -> Carried:
    """All tables of a sound file into an empty one; those to `skip` arrive empty. `source` is in one read transaction of its own,
    or of the caller's. Raises the driver's errors, with nothing of `target` to be used."""
    carried = Carried()
    _schema(source, target, "table")
    for table in names(source):
        carried.rows[table] = 0 if table in skip else _fill(target, table, _all(source, table))
    _numbers(source, target)
    _schema(source, target, "index", "trigger")
    _level(source, target)
    return carried


def salvage(
    connect: Callable[[], dbapi2.Connection],
    target: dbapi2.Connection,
    skip: Collection[str] = CACHE,
    apart: Mapping[str, Collection[str]] = MappingProxyType({}),
) -> Carried:
    """As `copy`, of a file that may be damaged anywhere: what can be read arrives, the rest is told. `apart`: the columns, by
    table, without which a row arrives where it cannot be read with them.

    `connect` opens the file, again after each failure: SQLCipher reads nothing more with a connection that met a forged page.
    """
    carried = Carried()
    try:
        reader = _Reader(connect)
    except dbapi2.DatabaseError:
        return Carried(schema=False)
    try:
        _level(reader.connection, target)
        _schema(reader.connection, target, "table", "index", "trigger")
        tables = names(reader.connection)
    except dbapi2.DatabaseError:
        reader.connection.close()
        return Carried(schema=False)
    for table in tables:
        carried.rows[table], damaged = (
            (0, False) if table in skip else _around(reader, target, table, apart.get(table, ()))
        )
        carried.damaged |= {table} if damaged else set()
    carried.damaged |= drop_orphans(target)
    with suppress(dbapi2.DatabaseError):  # else the highest numbers that were read
        _numbers(reader.connection, target)
    reader.connection.close()
    return carried


def salvage_table(
    connect: Callable[[], dbapi2.Connection], target: dbapi2.Connection, table: str, apart: Collection[str] = ()
) -> tuple[int, bool]:
    """As `salvage`, of one table that `target` has: how many rows, and whether some could not be read."""
    try:
        reader = _Reader(connect)
    except dbapi2.DatabaseError:
        return 0, True
    try:
        return _around(reader, target, table, apart)
    finally:
        with suppress(dbapi2.DatabaseError):
            for name, last in _numbered(reader.connection).items():
                if name == table:
                    _number(target, name, last)
        reader.connection.close()


def add_missing(source: dbapi2.Connection, target: dbapi2.Connection, skip: Collection[str]) -> dict[str, int]:
    """Rows of a sound `source`, of the same schema, that `target` has not: what is there stays. Returns how many, by table."""
    counted = set(_numbered(target))
    added = {}
    for table in names(source):
        if table in skip:
            continue
        named = columns(target, table)
        added[table] = 0
        for row in _all(source, table):
            added[table] += _add_counted(target, table, named, row) if table in counted else _add(target, table, row)
    return added


def _add(target: dbapi2.Connection, table: str, row: Row) -> int:
    marks = ", ".join("?" * len(row))
    return int(target.execute(f'INSERT OR IGNORE INTO "{table}" VALUES ({marks})', row).rowcount)


def _add_counted(target: dbapi2.Connection, table: str, named: list[str], row: Row) -> int:
    """The number in front is only a number: the same row under another one is the same, another row under the same one is not."""
    same = " AND ".join(f'"{name}" IS ?' for name in named[1:])
    if target.execute(f'SELECT 1 FROM "{table}" WHERE {same}', row[1:]).fetchone():
        return 0
    return _add(target, table, row) or _add(target, table, (None, *row[1:]))


def _numbered(connection: dbapi2.Connection) -> dict[str, int]:
    """The highest number ever given, by table. A file that was made and not brought up to date yet knows of no numbers."""
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'").fetchone():
        return {}
    return dict(connection.execute("SELECT name, seq FROM sqlite_sequence").fetchall())


def _schema(source: dbapi2.Connection, target: dbapi2.Connection, *kinds: str) -> None:
    for kind in kinds:
        made = source.execute(
            "SELECT sql FROM sqlite_master WHERE type = ? AND sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid",
            (kind,),
        )
        for (sql,) in made.fetchall():
            target.execute(sql)


def _level(source: dbapi2.Connection, target: dbapi2.Connection) -> None:
    level = int(source.execute("PRAGMA user_version").fetchone()[0])
    target.execute(f"PRAGMA user_version = {level}")


def _around(reader: _Reader, target: dbapi2.Connection, table: str, apart: Collection[str]) -> tuple[int, bool]:
    whole = _Around(reader, table)
    carried = _fill(target, table, whole.rows())
    if whole.damaged and apart:
        carried += _fill(target, table, _Around(reader, table, apart).rows())
    return carried, whole.damaged


def drop_orphans(target: dbapi2.Connection) -> set[str]:
    """Rows whose parent could not be read: without it they say nothing. Returns their tables."""
    orphans = target.execute("PRAGMA foreign_key_check").fetchall()
    for table, rowid, *_parent in orphans:
        target.execute(f'DELETE FROM "{table}" WHERE rowid = ?', (rowid,))
    return {orphan[0] for orphan in orphans}


def _numbers(source: dbapi2.Connection, target: dbapi2.Connection) -> None:
    """The numbers that may not be given again."""
    for table, last in _numbered(source).items():
        _number(target, table, last)


def _number(target: dbapi2.Connection, table: str, last: int) -> None:
    target.execute("DELETE FROM sqlite_sequence WHERE name = ?", (table,))
    target.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, last))


def _all(source: dbapi2.Connection, table: str) -> Iterator[Row]:
    yield from source.execute(f'SELECT * FROM "{table}" ORDER BY rowid')


def _fill(target: dbapi2.Connection, table: str, rows: Iterator[Row]) -> int:
    number = 0
    for row in rows:
        number += _add(target, table, row)
    return number


class _Reader:
    def __init__(self, connect: Callable[[], dbapi2.Connection]) -> None:
        self._connect = connect
        self.connection = connect()

    def renew(self) -> None:
        self.connection.close()
        self.connection = self._connect()


class _Around:
    """Rows of a table, NULL for the columns `apart`, read from both ends of each stretch up to what cannot be read."""

    def __init__(self, reader: _Reader, table: str, apart: Collection[str] = ()) -> None:
        self._reader, self._table = reader, table
        named = columns(reader.connection, table) if apart else []
        self._columns = ", ".join("NULL" if name in apart else f'"{name}"' for name in named) or "*"
        self.damaged = False
        self._failed = False
        self._failures = 0

    def rows(self) -> Iterator[Row]:
        stretches = deque([(-(1 << 62), 1 << 62)])
        while stretches and self._failures < MOST_FAILURES:
            low, high = stretches.popleft()
            for row in self._read(low, high, "ASC"):
                low = row[0] + 1
                yield row[1:]
            if not self._failed:
                continue
            for row in self._read(low, high, "DESC"):
                high = row[0] - 1
                yield row[1:]
            if high - low > _HIGHEST:  # nothing at all can be read from one end
                low, high = self._known_numbers(low, high)
            if self._failed and low < high:
                middle = (low + high) // 2
                stretches += [(low, middle), (middle + 1, high)]

    def _read(self, low: int, high: int, order: str) -> Iterator[Row]:
        self._failed = False
        query = f'SELECT rowid, {self._columns} FROM "{self._table}" WHERE rowid BETWEEN ? AND ? ORDER BY rowid {order}'
        try:
            for row in self._reader.connection.execute(query, (low, high)):
                self._failures = 0
                yield row
        except dbapi2.DatabaseError:
            self._failed = self.damaged = True
            self._failures += 1
            self._reader.renew()

    def _known_numbers(self, low: int, high: int) -> tuple[int, int]:
        """An open end, closed: by the highest number ever given, where it is known."""
        try:
            last = self._reader.connection.execute(
                "SELECT seq FROM sqlite_sequence WHERE name = ?", (self._table,)
            ).fetchone()
        except dbapi2.DatabaseError:
            self._reader.renew()
            last = None
        return max(low, 1), min(high, last[0] if last else _HIGHEST)
