"""A backup: one file that holds a consistent copy of the workstation's two databases, closed under a key of its own.

A ZIP without compression: `sauvegarde.json` in clear (when, of which practice), then both copies as SQLCipher databases and small
files sealed. The backup's key and the workstation's are in it twice: sealed under the workstation's key, and to the practice's
recovery code (ADR 22).
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import tempfile
import time
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from sqlcipher3 import dbapi2

from dmp_desktop.errors import ContextError, StorageError
from dmp_desktop.storage import tables
from dmp_desktop.storage.database import KEY_BYTES, Database, connected, encrypted
from dmp_desktop.storage.errors import storage_error
from dmp_desktop.storage.recovery import recover, recovery_public, seal_for_recovery
from dmp_desktop.storage.sealing import Seal, derive

FORMAT = 1
SUFFIX = ".dmpsauvegarde"
BASE, OUTBOX = "base.db", "envoi.db"
_HEADER = "sauvegarde.json"
_FILES = "fichiers/"
_PURPOSE = "backup"
_MOST_HEADER = 65_536
_CHUNK = 1 << 20
_WORK = ".sauvegarde-"
_LEFT_S = 6 * 3600.0
"""Seconds after which whoever worked in a folder is gone; nothing of it is ever needed."""


@dataclass(frozen=True, slots=True)
class BackupKeys:
    """What a backup is closed with: the workstation's key, the practice's public recovery key."""

    station: bytes = field(repr=False)
    recovery: bytes


@dataclass(frozen=True, slots=True)
class Header:
    """What stands in clear. `station` and `practice` tell keys apart and nothing of them; `made_at` is aware."""

    format: int
    made_at: str
    kind: str
    software: str
    station: str
    practice: str

    @property
    def moment(self) -> datetime:
        return datetime.fromisoformat(self.made_at)

    @property
    def place(self) -> str:
        """What both seals are bound to: a header that was changed opens nothing."""
        return "backup " + json.dumps(asdict(self), sort_keys=True)


@dataclass(frozen=True, slots=True)
class Opened:
    """The backup's own key and the key of the workstation that made it."""

    own: bytes = field(repr=False)
    station: bytes = field(repr=False)


def station_mark(key: bytes) -> str:
    return derive(key, "backup station")[:8].hex()


def practice_mark(recovery: bytes) -> str:
    return derive(recovery, "backup practice")[:8].hex()


def write_backup(
    path: Path,
    database: Database,
    outbox: Database,
    keys: BackupKeys,
    *,
    made_at: datetime,
    kind: str,
    software: str,
    files: Mapping[str, bytes],
) -> None:
    """Write it whole and flushed, or not at all, while others write to both databases.

    The copy of the outbox is of a later moment than that of the database: a note that left its draft in between is in both, never
    in neither. Raises StorageError: "storage-damaged" when one of them cannot be read to its end, "storage-full" …
    """
    header = Header(
        FORMAT, made_at.isoformat(), kind, software, station_mark(keys.station), practice_mark(keys.recovery)
    )
    own = secrets.token_bytes(KEY_BYTES)
    both = own + keys.station
    closed = {
        "station": Seal(keys.station, _PURPOSE).seal(both, header.place).hex(),
        "practice": seal_for_recovery(keys.recovery, both, header.place).hex(),
    }
    seal = Seal(own, _PURPOSE)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sweep(path.parent)
        with _work_folder(path.parent) as folder:
            _copies(database, outbox, folder, own)
            whole = folder / "whole"
            with os.fdopen(os.open(whole, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
                with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
                    archive.writestr(_HEADER, json.dumps({**asdict(header), "keys": closed}, indent=1))
                    for name in (BASE, OUTBOX):
                        archive.write(folder / name, name)
                    for name, content in files.items():
                        archive.writestr(_FILES + name, seal.seal(content, _FILES + name))
                file.flush()
                os.fsync(file.fileno())
            whole.replace(path)
    except dbapi2.Error as error:
        raise storage_error(error) from error
    except OSError as error:
        raise _not_written() from error


def _copies(database: Database, outbox: Database, folder: Path, own: bytes) -> None:
    with closing(database.own_connection()) as first, closing(outbox.own_connection()) as second:
        for source in (first, second):
            source.execute("BEGIN")
            source.execute("SELECT count(*) FROM sqlite_master").fetchone()  # the picture is taken now
        for source, name in ((first, BASE), (second, OUTBOX)):
            with closing(empty_copy(folder / name, own)) as target:
                tables.copy(source, target)
                target.execute("COMMIT")


def empty_copy(path: Path, key: bytes = b"") -> dbapi2.Connection:
    """A new file that nobody else has, in a transaction; cut short, it is to be thrown away.

    Raises the driver's errors, OSError.
    """
    path.touch(mode=0o600, exist_ok=False)
    target = connected(path, key)
    for pragma in ("journal_mode = OFF", "synchronous = FULL", "foreign_keys = OFF"):
        target.execute(f"PRAGMA {pragma}").fetchall()
    target.execute("BEGIN")
    return target


def read_header(path: Path) -> Header:
    """Raises ContextError("backup-unreadable"), ("backup-newer")."""
    return _read(path)[0]


def open_with_station(path: Path, key: bytes) -> Opened:
    """Raises ContextError: "backup-other" when it was made under another key, "backup-unreadable"."""
    header, closed = _read(path)
    try:
        return _opened(Seal(key, _PURPOSE).open(bytes.fromhex(closed["station"]), header.place))
    except StorageError as error:
        raise _other() from error


def open_with_code(path: Path, secret: bytes) -> Opened:
    """`secret`: what the recovery code says. Raises ContextError: "backup-other-practice", "backup-unreadable"."""
    header, closed = _read(path)
    try:
        return _opened(recover(secret, bytes.fromhex(closed["practice"]), header.place))
    except ContextError as error:
        known = practice_mark(recovery_public(secret)) == header.practice
        raise (_unreadable() if known else _other_practice()) from error


@contextmanager
def extracted(path: Path, opened: Opened, beside: Path) -> Iterator[tuple[Database, Database, dict[str, bytes]]]:
    """Both copies, open to be read and verified page by page, and the small files; nothing of it remains after the block.

    Raises ContextError("backup-unreadable"), StorageError.
    """
    with _work_folder(beside) as folder:
        try:
            with zipfile.ZipFile(path) as archive:
                for name in (BASE, OUTBOX):
                    with archive.open(name) as source, (folder / name).open("xb") as target:
                        shutil.copyfileobj(source, target, _CHUNK)
                seal = Seal(opened.own, _PURPOSE)
                named = [name for name in archive.namelist() if name.startswith(_FILES)]
                files = {name[len(_FILES) :]: seal.open(archive.read(name), name) for name in named}
        except (zipfile.BadZipFile, KeyError, StorageError) as error:
            raise _unreadable() from error
        except OSError as error:
            raise _not_written() from error
        with encrypted(folder / BASE, opened.own) as base, encrypted(folder / OUTBOX, opened.own) as outbox:
            try:
                base.check()
                outbox.check()
            except StorageError as error:
                raise _unreadable() from error
            yield base, outbox, files


def _read(path: Path) -> tuple[Header, dict[str, str]]:
    try:
        with zipfile.ZipFile(path) as archive:
            if any(entry.compress_type != zipfile.ZIP_STORED for entry in archive.infolist()):
                raise _unreadable()
            with archive.open(_HEADER) as file:
                told = json.loads(file.read(_MOST_HEADER))
        if told["format"] > FORMAT:
            raise ContextError(
                "backup-newer",
                "Cette sauvegarde vient d'une version plus récente de DMP Desktop.",
                "Installez la dernière version.",
            )
        closed = told.pop("keys")
        header = Header(**told)
        header.moment.astimezone()
        return header, {name: str(closed[name]) for name in ("station", "practice")}
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise _unreadable() from error


def _opened(both: bytes) -> Opened:
    return Opened(both[:KEY_BYTES], both[KEY_BYTES:])


@contextmanager
def _work_folder(beside: Path) -> Iterator[Path]:
    beside.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=_WORK, dir=beside))
    try:
        yield folder
    finally:
        with suppress(OSError):
            shutil.rmtree(folder)


def _sweep(beside: Path) -> None:
    """Folders of processes that were killed at work: they would fill the disk."""
    for left in beside.glob(f"{_WORK}*"):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > _LEFT_S:
                shutil.rmtree(left)


def _unreadable() -> ContextError:
    return ContextError(
        "backup-unreadable",
        "Ce fichier n'est pas une sauvegarde de DMP Desktop, ou il est abîmé.",
        "Prenez une autre sauvegarde.",
    )


def _other() -> ContextError:
    return ContextError(
        "backup-other",
        "Cette sauvegarde vient d'un autre poste, ou la clé de ce poste a changé.",
        "Saisissez le code de secours du cabinet qui l'a faite.",
    )


def _other_practice() -> ContextError:
    return ContextError(
        "backup-other-practice",
        "Cette sauvegarde est d'un autre cabinet : ce code de secours ne l'ouvre pas.",
        "Prenez une sauvegarde de votre cabinet, ou le code imprimé par celui qui l'a faite.",
    )


def _not_written() -> StorageError:
    return StorageError(
        "backup-disk",
        "La sauvegarde n'a pas pu être lue ou écrite sur ce disque ; les données du poste n'ont pas changé.",
        "Vérifiez la place libre et les droits du dossier, puis recommencez.",
    )
