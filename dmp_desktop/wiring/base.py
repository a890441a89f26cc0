"""What everything else stands on: clock, folders, settings, the server's address, the database and its key."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from dmp_desktop import version
from dmp_desktop.dmp.vihf import Software
from dmp_desktop.domain.ports import Clock, Entropy, KeyStore
from dmp_desktop.errors import StorageError
from dmp_desktop.platform import logging as logs
from dmp_desktop.platform.clock import SystemClock, SystemEntropy
from dmp_desktop.platform.endpoint import Endpoint, find_endpoint
from dmp_desktop.platform.locks import FileLock, ProcessLiveness
from dmp_desktop.platform.paths import Paths, find_paths
from dmp_desktop.platform.settings import Settings, load_settings
from dmp_desktop.platform.storage_key import KEY_LOST, storage_key
from dmp_desktop.services.accounts import PRACTICE_FILE, Practice, configured_practice
from dmp_desktop.services.backup_preview import asked_backup
from dmp_desktop.services.lost_key import lost_key, opened_keystore
from dmp_desktop.services.practice_keys import DAMAGED, PracticeKeyring
from dmp_desktop.services.professional import told
from dmp_desktop.services.repair import open_files, opening
from dmp_desktop.services.repair_report import Repair
from dmp_desktop.services.restore import promote, restore
from dmp_desktop.services.version_change import go_on, under_way
from dmp_desktop.storage.backup_file import BackupKeys
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.errors import disk_told
from dmp_desktop.storage.outbox_file import OutboxFile

SOURCE_OID = f"2.25.{uuid.UUID('8d7c1f0e-63b5-4f0a-9a41-1d4f6a0c2e57').int}"
"""OID of this software (ITU-T X.667, from a UUID drawn once): sourceId of its lots, sender of its messages."""

SANDBOX_APPROVAL = "BAC-A-SABLE"
"""Stands for the homologation number, which only the real DMP's approval gives."""


@dataclass(frozen=True, slots=True)
class Base:
    """`ask` gets a French prompt and returns a secret. `practice` is what its file says of this place; `practice_keys` are the
    practice's own, made; `notices` are French sentences to show at start."""

    environment: Mapping[str, str]
    ask: Callable[[str], str]
    clock: Clock
    entropy: Entropy
    paths: Paths
    settings: Settings
    endpoint: Endpoint
    practice: Practice | None
    database: Database
    outbox_file: OutboxFile
    key: bytes
    keystore: KeyStore
    practice_keys: PracticeKeyring
    liveness: ProcessLiveness
    software: Software
    backup_keys: Callable[[], BackupKeys]
    repair: Repair | None
    notices: tuple[str, ...]


@disk_told()
def open_base(environment: Mapping[str, str], ask: Callable[[str], str], opened: ExitStack) -> Base:
    """Everything opened is closed by `opened`. Raises DmpDesktopError where data folder, key or settings cannot be used."""
    clock, entropy = SystemClock(), SystemEntropy()
    paths = find_paths(environment, Path.home()).create()
    opened.callback(logs.configure(paths.logs).close)
    settings, settings_notice = load_settings(paths.settings)
    endpoint = find_endpoint(environment)
    keystore = opened_keystore(paths, endpoint.secrets.storage, ask, clock.now)
    software = Software("DMP Desktop", version(), SANDBOX_APPROVAL if endpoint.sandbox else "")

    with opening(paths):
        liveness = ProcessLiveness(paths.locks, entropy, clock)
        opened.callback(liveness.close)
        promote(paths, keystore)
        wanted = asked_backup(paths) if liveness.alone() and not under_way(paths) else None
        restored = restore(paths, keystore, wanted, ask, clock.now(), liveness.alone) if wanted else None
        key = station_key(paths, keystore, ask)
        practice_keys, damage = station_practice_keys(keystore, paths)

        changed = go_on(paths, key, software.version, liveness.alone, clock.now())

        def backup_keys() -> BackupKeys:
            return BackupKeys(key, practice_keys.keys().recovery_key)

        files = open_files(paths, backup_keys, key, clock, liveness.alone, f"{software.name} {software.version}")
    opened.enter_context(files.database)
    opened.enter_context(files.outbox)
    repair = files.repair or restored
    return Base(
        environment=environment,
        ask=ask,
        clock=clock,
        entropy=entropy,
        paths=paths,
        settings=settings,
        endpoint=endpoint,
        practice=configured_practice(paths.home / PRACTICE_FILE),
        database=files.database,
        outbox_file=files.outbox,
        key=key,
        keystore=keystore,
        practice_keys=practice_keys,
        liveness=liveness,
        software=software,
        backup_keys=backup_keys,
        repair=repair,
        notices=tuple(
            filter(None, (changed, repair.notice if repair else "", settings_notice, damage, *endpoint.notices))
        ),
    )


@disk_told()
def restore_now(environment: Mapping[str, str], ask: Callable[[str], str], path: Path, clock: Clock) -> Repair:
    """Bring a backup back while no process of this workstation runs. Raises DmpDesktopError: nothing was replaced."""
    paths = find_paths(environment, Path.home()).create()
    secret = find_endpoint(environment).secrets.storage
    keystore = opened_keystore(paths, secret, ask, clock.now)
    with opening(paths):
        if under_way(paths):
            raise StorageError(
                "update-busy",
                "Une mise à jour de DMP Desktop n'est pas encore finie.",
                "Ouvrez DMP Desktop une fois, puis restaurez.",
            )
        liveness = ProcessLiveness(paths.locks, SystemEntropy(), clock)
        try:
            return restore(paths, keystore, path, ask, clock.now(), liveness.alone)
        finally:
            liveness.close()


def station_key(paths: Paths, keystore: KeyStore, ask: Callable[[str], str]) -> bytes:
    """The database's; where the key store has lost it, out of a backup by the recovery code."""
    try:
        return storage_key(keystore, paths.database)
    except StorageError as error:
        if error.code != KEY_LOST:
            raise
        return lost_key(paths, keystore, ask)


def station_practice_keys(keystore: KeyStore, paths: Paths) -> tuple[PracticeKeyring, str]:
    """Made where they are not, by one process; and what to tell of keys that are damaged: the program is what mends them."""
    keyring = PracticeKeyring(keystore)
    try:
        with FileLock(paths.database.with_suffix(".key-lock")):
            keyring.keys()
    except StorageError as error:
        if error.code != DAMAGED:
            raise
        return keyring, told(error)
    return keyring, ""
