"""Both databases as a backup has them, and nothing else: what a version that could not go on has made of them goes (ADR 39)."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from sqlcipher3 import dbapi2

from dmp_desktop.storage import tables
from dmp_desktop.storage.backup_file import empty_copy
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.errors import storage_error, unreachable


def put_back(folder: Path, database: Path, outbox: Path, key: bytes, backup: tuple[Database, Database]) -> None:
    """Make both files in `folder`, under the names of those that are there, with the tables `backup` was made with.

    Raises StorageError: what is in `folder` is to be thrown away.
    """
    try:
        for source, path, its_key in ((backup[0], database, key), (backup[1], outbox, b"")):
            with closing(source.own_connection()) as there, closing(empty_copy(folder / path.name, its_key)) as copy:
                tables.copy(there, copy)
                copy.execute("COMMIT")
                copy.execute("PRAGMA journal_mode = WAL").fetchone()
    except dbapi2.Error as error:
        raise storage_error(error) from error
    except OSError as error:
        raise unreachable() from error
