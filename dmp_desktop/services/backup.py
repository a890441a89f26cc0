"""Backups of this workstation: one a day by itself, one before each migration, one when somebody asks."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from dmp_desktop.domain.ports import Clock
from dmp_desktop.errors import StorageError
from dmp_desktop.platform.paths import Paths
from dmp_desktop.storage.backup_file import SUFFIX, BackupKeys, write_backup
from dmp_desktop.storage.database import Database

log = logging.getLogger(__name__)


class BackupKind(StrEnum):
    DAILY = "quotidienne"
    MIGRATION = "avant-mise-a-niveau"
    ASKED = "demandee"


KEPT = {BackupKind.DAILY: 7, BackupKind.MIGRATION: 3}
"""How many of each the folder keeps; those somebody asked for stay until somebody deletes them."""

EVERY = timedelta(hours=24)
FILES = ("settings.json", "cabinet.json")
"""Small files of the data folder that go with it, sealed; no secret, none that a restored workstation must not have."""

_NAME = re.compile(r"sauvegarde-(?P<when>\d{8}-\d{6})(?:-\d+)?-(?P<kind>[a-z-]+)" + re.escape(SUFFIX))


@dataclass(frozen=True, slots=True)
class KeptBackup:
    """A file of the folder of backups, by its name alone. `made_at` is aware (UTC); `size` in bytes."""

    path: Path
    kind: BackupKind
    made_at: datetime
    size: int


@dataclass(frozen=True, slots=True)
class BackupSource:
    """What is copied, and with which keys it is closed. `keys` may ask the system's key store."""

    database: Database
    outbox: Database
    keys: Callable[[], BackupKeys]


class Backups:
    """The backups of the folder `paths.backups`. Every method may block; safe from every thread, and beside other processes.

    `noted` is told, for the journal, what came of each (`done`, or a code); it never waits."""

    def __init__(
        self,
        paths: Paths,
        source: BackupSource,
        clock: Clock,
        software: str,
        noted: Callable[[str, BackupKind], None] = lambda _result, _kind: None,
    ) -> None:
        self._paths = paths
        self._source = source
        self._clock = clock
        self._software = software
        self._noted = noted
        self._lock = threading.Lock()
        self.failed: StorageError | None = None
        """Why the last one did not succeed, None once one did."""
        self.changed: Callable[[], None] = lambda: None
        """Told, on the thread of whoever made one, when `failed` is another than before."""

    def make(self, kind: BackupKind = BackupKind.ASKED, to: Path | None = None) -> Path:
        """Write one now, into the folder or, where somebody chose it, to the file `to`. Returns where it is. Raises StorageError:
        the databases have not changed, and no half of a backup is left."""
        with self._lock:
            made_at = self._clock.now()
            path = to or self._name(made_at, kind)
            try:
                write_backup(
                    path,
                    self._source.database,
                    self._source.outbox,
                    self._source.keys(),
                    made_at=made_at,
                    kind=kind,
                    software=self._software,
                    files=content_of_files(self._paths),
                )
            except StorageError as error:
                again = self.failed is not None and self.failed.code == error.code
                self.failed = error
                if not again:  # tried anew every few minutes: told once
                    self._noted(error.code, kind)
                    self.changed()
                raise
            mended, self.failed = self.failed is not None, None
        self._noted("done", kind)
        if mended:
            self.changed()
        log.info("backup made: %s", kind)
        self._rotate()
        return path

    def kept(self) -> list[KeptBackup]:
        """Those of the folder, the latest first."""
        return kept_backups(self._paths.backups)

    def look(self) -> None:
        """Make the daily one when it is time. Raises StorageError."""
        daily = [one.made_at for one in self.kept() if one.kind is BackupKind.DAILY]
        now = self._clock.now()
        if not daily or not timedelta() <= now - daily[0] < EVERY:  # a clock set back by days must not stop them
            self.make(BackupKind.DAILY)

    def _name(self, made_at: datetime, kind: BackupKind) -> Path:
        return backup_name(self._paths.backups, made_at, kind)

    def _rotate(self) -> None:
        for kind, most in KEPT.items():
            for old in [one for one in self.kept() if one.kind is kind][most:]:
                try:
                    old.path.unlink(missing_ok=True)
                except OSError:
                    log.warning("an old backup cannot be deleted")


def backup_name(folder: Path, made_at: datetime, kind: BackupKind) -> Path:
    """A name that is free; it tells when and why, nothing else."""
    when = f"{made_at.astimezone(UTC):%Y%m%d-%H%M%S}"
    free = folder / f"sauvegarde-{when}-{kind}{SUFFIX}"
    number = 1
    while free.exists():
        number += 1
        free = folder / f"sauvegarde-{when}-{number}-{kind}{SUFFIX}"
    return free


def kept_backups(folder: Path) -> list[KeptBackup]:
    """The latest first; whatever else lies there is passed over."""
    found = []
    for path in folder.glob(f"sauvegarde-*{SUFFIX}"):
        named = _NAME.fullmatch(path.name)
        try:
            if named:
                moment = datetime.strptime(named["when"] + "+0000", "%Y%m%d-%H%M%S%z")
                found.append(KeptBackup(path, BackupKind(named["kind"]), moment, path.stat().st_size))
        except (ValueError, OSError):
            continue
    return sorted(found, key=lambda one: (one.made_at, one.path.name), reverse=True)


def content_of_files(paths: Paths) -> dict[str, bytes]:
    """Those of `FILES` that can be read."""
    found = {}
    for name in FILES:
        try:
            found[name] = (paths.home / name).read_bytes()
        except OSError:
            continue
    return found
