"""What a backup would bring back, before anybody asks for it; and the note that has the next start do it."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from dmp_desktop.errors import StorageError
from dmp_desktop.platform.keystore import write_durably
from dmp_desktop.platform.paths import Paths
from dmp_desktop.services.backup import BackupSource
from dmp_desktop.storage import tables
from dmp_desktop.storage.backup_file import extracted, open_with_station, practice_mark, read_header, station_mark
from dmp_desktop.storage.database import Database

NOTE = "a-restaurer.json"


@dataclass(frozen=True, slots=True)
class Preview:
    """`missing`: how many documents, drafts and acts it has that this workstation has not; None when only the recovery code of
    its practice opens it. `same_practice`: that is this workstation's practice."""

    file: Path
    made_at: datetime
    same_practice: bool
    missing: tuple[int, int, int] | None


def preview(path: Path, paths: Paths, source: BackupSource) -> Preview:
    """Reads all of it. Raises ContextError("backup-unreadable") …, StorageError."""
    header, keys = read_header(path), source.keys()
    same = header.practice == practice_mark(keys.recovery)
    if header.station != station_mark(keys.station):
        return Preview(path, header.moment, same, None)
    opened = open_with_station(path, keys.station)
    paths.backups.mkdir(mode=0o700, parents=True, exist_ok=True)
    with extracted(path, opened, paths.backups) as (base, outbox, _files):
        missing = (
            _missing(outbox, source.outbox, "outbox", "unique_id"),
            _missing(base, source.database, "draft", "draft_id"),
            _missing(base, source.database, "journal", "number"),
        )
    return Preview(path, header.moment, same, missing)


def ask_next_start(path: Path, paths: Paths) -> None:
    """The next start that is alone restores it. Raises ContextError where it is no backup, StorageError."""
    read_header(path)
    write_durably(paths.home / NOTE, json.dumps({"file": str(path.absolute())}).encode())


def asked_backup(paths: Paths) -> Path | None:
    """Once: what fails is told, and not tried again at each start. Raises StorageError where the note cannot be taken away."""
    note = paths.home / NOTE
    try:
        told = json.loads(note.read_text("utf-8"))
        path: Path | None = Path(told["file"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        path = None
    try:
        note.unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(
            "write-failed",
            "La restauration demandée n'a pas été commencée : le dossier des données ne peut pas être modifié.",
            "Vérifiez ses droits, puis relancez.",
        ) from error
    return path


def _missing(there: Database, here: Database, table: str, name: str) -> int:
    with closing(there.own_connection()) as former, closing(here.own_connection()) as present:
        if table not in tables.names(former):
            return 0
        query = f'SELECT "{name}" FROM "{table}"'  # noqa: S608 - our own names
        return len(set(former.execute(query).fetchall()) - set(present.execute(query).fetchall()))
