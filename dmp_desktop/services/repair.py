"""The workstation's files, opened: brought up to date after a backup, made anew from what can be read when they are damaged."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from dmp_desktop.domain.ports import Clock
from dmp_desktop.errors import ContextError, StorageError
from dmp_desktop.platform.keystore import write_durably
from dmp_desktop.platform.locks import FileLock
from dmp_desktop.platform.paths import Paths
from dmp_desktop.services.backup import BackupKind, backup_name, content_of_files, kept_backups
from dmp_desktop.services.repair_report import DAMAGE, Repair, report_of
from dmp_desktop.storage import outbox_file, plan, swap
from dmp_desktop.storage.backup_file import BackupKeys, Opened, extracted, open_with_station, write_backup
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.errors import DAMAGED, WRONG_KEY
from dmp_desktop.storage.inspection import level_of
from dmp_desktop.storage.migrations import MIGRATIONS
from dmp_desktop.storage.outbox_file import OutboxFile
from dmp_desktop.storage.rebuild import Rebuilt, rebuild

log = logging.getLogger(__name__)

OPENING = "ouverture.lock"


@dataclass(frozen=True, slots=True)
class StationFiles:
    """Open. `repair` tells what was done before, if anything was."""

    database: Database
    outbox: OutboxFile
    repair: Repair | None = None


@contextmanager
def opening(paths: Paths) -> Iterator[None]:
    """One process at a time opens, repairs, restores or erases the files. Raises StorageError("erased-meanwhile") where the last
    is what was waited for."""
    lock = FileLock(paths.home / OPENING)
    try:
        lock.acquire()
    except FileNotFoundError as error:
        raise StorageError(
            "erased-meanwhile",
            "Les données de ce poste viennent d'être effacées.",
            "Relancez DMP Desktop s'il doit encore servir ici.",
        ) from error
    try:
        yield
    finally:
        lock.release()


def open_files(
    paths: Paths, keys: Callable[[], BackupKeys], key: bytes, clock: Clock, alone: Callable[[], bool], software: str
) -> StationFiles:
    """Under `opening`. `alone` tells that no other process of this workstation runs: only then are files replaced.

    Raises StorageError: "storage-damaged" when others run, "storage-newer", "storage-key" …: nothing was changed.
    """
    ended = swap.finish(paths.home)  # of a repair that was cut off
    repair = Repair(clock.now(), DAMAGE, None, None, tuple(one.name for one in ended)) if ended else None
    try:
        _back_up_before_migrating(paths, keys, key, clock, software)
        return _opened(paths, key, repair)
    except StorageError as error:
        hurt = error.code == DAMAGED or (error.code == WRONG_KEY and plan.opened_before(paths.database, key))
        if not hurt or not alone():
            raise
        log.warning("damage found: the files are made anew")
    repair = make_anew(paths, key, clock.now(), kept_here(paths, key))
    return _opened(paths, key, repair)


Candidates = Iterable[tuple[Path, Opened]]
"""Backups that are open, with the key of the workstation that made them, the first to be used first."""


def make_anew(
    paths: Paths,
    key: bytes,
    now: datetime,
    backups: Candidates,
    why: str = DAMAGE,
    *,
    before: Callable[[], None] = lambda: None,
    needed: bool = False,
) -> Repair:
    """Both files from what can be read of them and the first of `backups` that is whole; the former ones stay, named after `why`.

    Nobody has them open. `before` is called when the new ones are whole, before they take their place. Raises StorageError,
    where a backup is `needed` and none is whole too: nothing was replaced.
    """
    stamp = f"{why}-{now.astimezone():%Y%m%d-%H%M%S}"
    names = [paths.database.name, paths.outbox.name]
    with swap.made_anew(paths.home) as folder:
        told, used = _rebuilt(paths, key, folder, backups)
        if needed and used is None:
            raise StorageError(
                "backup-damaged", "Cette sauvegarde n'a pas pu être relue en entier.", "Prenez une autre sauvegarde."
            )
        aside = tuple(f"{name}.{stamp}" for name in names if (paths.home / name).exists())
        repair = Repair(now, why, told, used, aside)
        paths.backups.mkdir(mode=0o700, exist_ok=True)
        write_durably(paths.backups / f"rapport-{stamp}.txt", report_of(repair).encode())
        swap.ready(paths.home, names, stamp)
    before()
    for path in (paths.database, paths.outbox):
        plan.forget(path)  # that of the former files
    swap.finish(paths.home)
    return repair


def kept_here(paths: Paths, key: bytes) -> Iterator[tuple[Path, Opened]]:
    """The backups of the folder that this workstation's key opens, the latest first."""
    for kept in kept_backups(paths.backups):
        try:
            yield kept.path, open_with_station(kept.path, key)
        except ContextError as error:
            log.warning("a backup cannot be used: %s", error.code)


def _rebuilt(paths: Paths, key: bytes, folder: Path, backups: Candidates) -> tuple[Rebuilt, Path | None]:
    for path, opened in backups:
        try:
            with extracted(path, opened, folder) as (base, outbox, _files):
                return rebuild(folder, paths.database, paths.outbox, key, (base, outbox)), path
        except ContextError as error:
            log.warning("a backup cannot be used: %s", error.code)
    return rebuild(folder, paths.database, paths.outbox, key), None


def _opened(paths: Paths, key: bytes, repair: Repair | None) -> StationFiles:
    """Where their tables begin is noted: it holds until the next migration."""
    database, outbox = _checked(paths, key)
    plan.note(paths.database, database, key)
    plan.note(paths.outbox, outbox)
    return StationFiles(database, outbox, repair)


def _checked(paths: Paths, key: bytes) -> tuple[Database, OutboxFile]:
    database = Database.open(paths.database, key)
    try:
        database.quick_check()
        outbox = OutboxFile.of(paths.outbox)
    except StorageError:
        database.close()
        raise
    try:
        outbox.check()
    except StorageError:
        database.close()
        outbox.close()
        raise
    return database, outbox


def _back_up_before_migrating(
    paths: Paths, keys: Callable[[], BackupKeys], key: bytes, clock: Clock, software: str
) -> None:
    """Raises StorageError: without it nothing is migrated."""
    if not (paths.database.exists() and paths.outbox.exists()):
        return
    with Database.open_as_is(paths.database, key) as database, OutboxFile.as_is(paths.outbox) as outbox:
        levels = level_of(database), level_of(outbox)
        if levels[0] >= len(MIGRATIONS) and levels[1] >= len(outbox_file.MIGRATIONS):
            return
        now = clock.now()
        write_backup(
            backup_name(paths.backups, now, BackupKind.MIGRATION),
            database,
            outbox,
            keys(),
            made_at=now,
            kind=BackupKind.MIGRATION,
            software=software,
            files=content_of_files(paths),
        )
