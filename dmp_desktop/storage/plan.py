"""Where the tables of a file begin, kept beside it: its first page says so, and without that page nothing else is found.

No table moves but by a migration: what is noted at a start holds until the next one. It tells names of tables, nothing of what
they hold. A first page made anew from it, in a copy, has everything else of the file read (ADR 22).
"""

from __future__ import annotations

import json
import logging
import os
import shutil
from collections.abc import Callable, Collection, Mapping
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlcipher3 import dbapi2

from dmp_desktop.errors import StorageError
from dmp_desktop.storage import tables
from dmp_desktop.storage.database import Database, connected, file_mark, new_file, raw_key
from dmp_desktop.storage.tables import Carried

log = logging.getLogger(__name__)

PAGE = 4096
"""Bytes of a page, SQLite's and SQLCipher's own choice for every file of ours."""
FIRST_PAGE = "première page"
_SEQUENCE = "sqlite_sequence"
_CHUNK = 1_000_000
_SUFFIX = ".plan.json"


@dataclass(frozen=True, slots=True)
class Plan:
    """`parts`: rows of sqlite_master (type, name, table, root page, SQL); `mark` tells which key the file was opened with."""

    level: int
    mark: str
    parts: tuple[tuple[str, str, str, int, str | None], ...]


def note(path: Path, file: Database, key: bytes = b"") -> None:
    """Write it where it is not as noted. A disk that refuses is no reason not to start."""
    query = "SELECT type, name, tbl_name, rootpage, sql FROM sqlite_master ORDER BY rowid"
    try:
        with closing(file.own_connection()) as connection:
            connection.execute("BEGIN")
            level = int(connection.execute("PRAGMA user_version").fetchone()[0])
            plan = Plan(level, file_mark(key) if key else "", tuple(connection.execute(query).fetchall()))
        if noted(path) != plan:
            _write(_place(path), json.dumps(asdict(plan)))
    except (StorageError, dbapi2.Error, OSError) as error:
        log.warning("the plan of a file is not noted: %s", getattr(error, "code", type(error).__name__))


def noted(path: Path) -> Plan | None:
    try:
        told = json.loads(_place(path).read_text("utf-8"))
        return Plan(int(told["level"]), str(told["mark"]), tuple(tuple(part) for part in told["parts"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write(place: Path, text: str) -> None:
    """Whole or not at all."""
    part = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        with part.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(place)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def forget(path: Path) -> None:
    with suppress(OSError):
        _place(path).unlink(missing_ok=True)


def opened_before(path: Path, key: bytes) -> bool:
    """Whether this key opened the file at an earlier start: if it does not now, the file is damaged."""
    plan = noted(path)
    return plan is not None and plan.mark == file_mark(key)


def salvage(
    source: Path,
    key: bytes,
    target: dbapi2.Connection,
    work: Path,
    skip: Collection[str],
    apart: Mapping[str, Collection[str]],
) -> Carried:
    """As `tables.salvage`, of a file whose first page is gone, by the plan beside it; without a plan nothing. `work` is a folder
    for copies. Nobody has the file open. Raises the driver's errors, OSError."""
    plan = noted(source)
    if plan is None or source.stat().st_size <= PAGE:
        return Carried(schema=False)
    carried = Carried(damaged={FIRST_PAGE})
    for kind in ("table", "index", "trigger"):
        for part in plan.parts:
            if part[0] == kind and part[4] and not part[1].startswith("sqlite_"):
                target.execute(part[4])
    target.execute(f"PRAGMA user_version = {plan.level}")
    forged = work / "sans-premiere-page.db"
    for end in ("", "-wal"):
        if (former := source.with_name(source.name + end)).exists():
            shutil.copyfile(former, forged.with_name(forged.name + end))
    made = work / "premiere-page.db"
    _make_room(made, forged.stat().st_size, key)
    for table in [part[1] for part in plan.parts if part[0] == "table" and not part[1].startswith("sqlite_")]:
        if table in skip:
            carried.rows[table] = 0
            continue
        _put_first_page(forged, made, plan, table, key)
        carried.rows[table], damaged = tables.salvage_table(_opener(forged, key), target, table, apart.get(table, ()))
        carried.damaged |= {table} if damaged else set()
    carried.damaged |= tables.drop_orphans(target)
    for copied in (forged, made):
        for left in work.glob(f"{copied.name}*"):
            left.unlink()
    return carried


def _opener(forged: Path, key: bytes) -> Callable[[], dbapi2.Connection]:
    return lambda: connected(forged, key)


def _make_room(made: Path, size: int, key: bytes) -> None:
    """A file of no fewer pages than `size` bytes are, whose first page says so."""
    new_file(made, raw_key(key) if key else "")
    with closing(connected(made, key)) as connection:
        connection.execute("CREATE TABLE room (x)")
        count = "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
        connection.execute(f"INSERT INTO room {count} SELECT zeroblob(?) FROM n", (size // _CHUNK, _CHUNK))  # noqa: S608 - our own
        connection.execute("DROP TABLE room")


def _put_first_page(forged: Path, made: Path, plan: Plan, table: str, key: bytes) -> None:
    """One that knows of this table, its indexes and the numbers given."""
    with closing(connected(made, key)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("DELETE FROM sqlite_master")
        for kind, name, of, root, sql in plan.parts:
            if (of == table or name == _SEQUENCE) and kind in ("table", "index"):
                connection.execute("INSERT INTO sqlite_master VALUES (?, ?, ?, ?, ?)", (kind, name, of, root, sql))
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    with made.open("rb") as source, forged.open("r+b") as target:
        target.write(source.read(PAGE))
        target.truncate(max(made.stat().st_size, forged.stat().st_size))  # as many pages as the new first one says


def _place(path: Path) -> Path:
    return path.with_name(path.name + _SUFFIX)
