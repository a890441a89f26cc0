"""Both databases anew: what can be read of those that are there, then, of a backup, what they have not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2

from dmp_desktop.domain.outbox import OutboxState, WaitingFor
from dmp_desktop.storage import migrations, outbox_file, plan, tables
from dmp_desktop.storage.backup_file import empty_copy
from dmp_desktop.storage.database import CACHE, Database, connected
from dmp_desktop.storage.errors import DAMAGED, storage_error, unreachable
from dmp_desktop.storage.outbox_file import OutboxFile
from dmp_desktop.storage.outbox_rows import Sealed
from dmp_desktop.storage.sealing import Seal
from dmp_desktop.storage.tables import Carried

_GONE = (OutboxState.SENT, OutboxState.REPLACED, OutboxState.DELETED)

_LOST = "Ce document n'a pas pu être relu : le disque l'a abîmé."
_REMEDY = "Regardez s'il est dans le DMP ; sinon, rédigez-le à nouveau."


@dataclass(slots=True)
class Rebuilt:
    """What came of what was there, by file; how many rows of each table came from the backup besides; how many documents came
    from it, which are looked for in the DMP before anything is sent; how many stay that cannot be read (they are set aside)."""

    database: Carried = field(default_factory=Carried)
    outbox: Carried = field(default_factory=Carried)
    from_backup: dict[str, int] = field(default_factory=dict)
    documents: int = 0
    unreadable: int = 0

    @property
    def damaged(self) -> bool:
        return any(not one.schema or one.damaged for one in (self.database, self.outbox))


def rebuild(
    folder: Path, database: Path, outbox: Path, key: bytes, backup: tuple[Database, Database] | None = None
) -> Rebuilt:
    """Make both files in `folder`, under the names of those that are there.

    `database` and `outbox` may be damaged or missing, and nobody else has them open. `backup`: copies taken out of one made under
    the same key.

    Raises StorageError: what is in `folder` is to be thrown away.
    """
    told = Rebuilt()
    try:
        told.database = _salvaged(database, folder / database.name, key)
        with Database.open(folder / database.name, key) as made:
            if backup:
                told.from_backup = _fill_from(backup[0], made)
            _settle_file(made)
        told.outbox = _salvaged(outbox, folder / outbox.name)
        with OutboxFile.of(folder / outbox.name) as file:
            with closing(file.own_connection()) as connection, _transaction(connection):
                _mend(connection, Sealed(Seal(key, "outbox")), told, backup)
            _settle_file(file)
    except dbapi2.Error as error:
        raise storage_error(error) from error
    except OSError as error:
        raise unreachable() from error
    return told


def _salvaged(source: Path, target: Path, key: bytes = b"") -> Carried:
    """`target` is there only when something could be read of `source`."""
    if not source.exists() or not source.stat().st_size:
        return Carried(schema=not source.exists())

    def whole(copy: dbapi2.Connection) -> Carried:
        return tables.salvage(lambda: connected(source, key), copy, apart=outbox_file.APART)

    def without_first_page(copy: dbapi2.Connection) -> Carried:
        return plan.salvage(source, key, copy, target.parent, CACHE, outbox_file.APART)

    for salvage in (whole, without_first_page):
        with closing(empty_copy(target, key)) as copy:
            carried = salvage(copy)
            copy.execute("COMMIT")
            if carried.schema and carried.rows:
                copy.execute("PRAGMA journal_mode = WAL").fetchone()
                return carried
        target.unlink()
    return Carried(schema=False)


def _fill_from(backup: Database, made: Database) -> dict[str, int]:
    with backup.write() as connection:
        migrations.migrate(connection)
    with closing(backup.own_connection()) as source, closing(made.own_connection()) as target:
        target.execute("PRAGMA foreign_keys = OFF")
        with _transaction(target):
            return tables.add_missing(source, target, CACHE)


def _mend(target: dbapi2.Connection, rows: Sealed, told: Rebuilt, backup: tuple[Database, Database] | None) -> None:
    _put_apart(target, rows)
    if told.outbox.damaged:  # a page may be of an earlier moment: what waits may have left since
        target.execute("UPDATE outbox SET in_doubt = 1 WHERE state IN ('waiting', 'refused')")
    target.execute(
        "INSERT INTO outbox_document SELECT id, x'' FROM outbox WHERE id NOT IN (SELECT item_id FROM outbox_document)"
    )
    unreadable = {unique_id for unique_id, opens in _opened(target, rows) if not opens}
    if backup:
        with backup[1].write() as connection:
            migrations.migrate(connection, outbox_file.MIGRATIONS)
        with closing(backup[1].own_connection()) as source:
            _put_apart(source, rows)
            for row, sealed in _documents(source):
                there = target.execute("SELECT 1 FROM outbox WHERE unique_id = ?", (row["unique_id"],)).fetchone()
                if there and row["unique_id"] not in unreadable:
                    continue
                target.execute("DELETE FROM outbox WHERE unique_id = ?", (row["unique_id"],))
                _restore(target, row, sealed)
                unreadable.discard(row["unique_id"])
                told.documents += 1
    for unique_id in unreadable:
        _give_up(target, rows, unique_id)
    told.unreadable = len(unreadable)


def _put_apart(connection: dbapi2.Connection, rows: Sealed) -> None:
    """Every document in its own table; of one that a damaged file has in both places, what opens."""
    both = (
        "SELECT id, unique_id, outbox_document.sealed FROM outbox JOIN outbox_document ON item_id = id"
        " WHERE outbox.sealed IS NOT NULL"
    )
    for number, unique_id, apart in connection.execute(both).fetchall():
        if not rows.opens(unique_id, apart):
            connection.execute("DELETE FROM outbox_document WHERE item_id = ?", (number,))
    connection.execute(outbox_file.PUT_APART)


def _give_up(target: dbapi2.Connection, rows: Sealed, unique_id: str) -> None:
    """It can never leave: whoever sent it is told, by what still opens of it. What has left stays as it is."""
    told = rows.told(unique_id, {"message": _LOST, "remedy": _REMEDY})
    target.execute(
        "UPDATE outbox SET state = ?, waiting_for = ?, next_attempt_at = NULL, lease_owner = NULL, lease_until = NULL,"
        " code = ?, told = ? WHERE unique_id = ? AND state IN ('waiting', 'sending', 'refused')",
        (OutboxState.REFUSED, WaitingFor.NOTHING, DAMAGED, told, unique_id),
    )


def _opened(connection: dbapi2.Connection, rows: Sealed) -> Iterator[tuple[str, bool]]:
    for row, sealed in _documents(connection):
        yield row["unique_id"], rows.sound(row["unique_id"], row["subject"], row["told"], sealed)


def _documents(connection: dbapi2.Connection) -> Iterator[tuple[dict[str, Any], bytes]]:
    names = tables.columns(connection, "outbox")
    numbers = [number for (number,) in connection.execute("SELECT id FROM outbox ORDER BY id").fetchall()]
    for number in numbers:
        found = connection.execute(
            "SELECT outbox.*, outbox_document.sealed FROM outbox JOIN outbox_document ON item_id = id WHERE id = ?",
            (number,),
        ).fetchone()
        if found:
            yield dict(zip(names, found[:-1], strict=True)), found[-1]


def _restore(target: dbapi2.Connection, row: dict[str, Any], sealed: bytes) -> None:
    """As it was, but for what may have become of it since: what may have left is looked for in the DMP first; what could still be
    taken back at that moment may have been, and waits for somebody's word."""
    row = dict(row)
    if row["state"] not in _GONE:
        row["in_doubt"] = 1
    if row["state"] == OutboxState.SENDING:
        row |= {
            "state": OutboxState.WAITING,
            "lease_owner": None,
            "lease_until": None,
            "next_attempt_at": row["updated_at"],
        }
    if row["waiting_for"] == WaitingFor.UNDO:
        row |= {"waiting_for": WaitingFor.HOLD, "next_attempt_at": None}
    if target.execute("SELECT 1 FROM outbox WHERE id = ?", (row["id"],)).fetchone():
        row["id"] = None
    marks = ", ".join("?" * len(row))
    names = ", ".join(f'"{name}"' for name in row)
    made = target.execute(f"INSERT INTO outbox ({names}) VALUES ({marks}) RETURNING id", tuple(row.values()))  # noqa: S608 - our columns
    number = made.fetchone()[0]
    target.execute("INSERT INTO outbox_document VALUES (?, ?)", (number, sealed))


def _settle_file(file: Database) -> None:
    """All of it in the file itself: nothing in the log, which does not go along. Raises StorageError when it is not sound."""
    file.check()
    with closing(file.own_connection()) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()


@contextmanager
def _transaction(connection: dbapi2.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
