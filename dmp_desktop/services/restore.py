"""A backup brought back: on the workstation that made it, or on another one by the practice's recovery code."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

from dmp_desktop.domain.ports import KeyStore
from dmp_desktop.domain.recovery_code import secret_of
from dmp_desktop.errors import ContextError, StorageError
from dmp_desktop.platform.keystore import write_durably
from dmp_desktop.platform.paths import Paths
from dmp_desktop.platform.storage_key import KEY_NAME, kept_key
from dmp_desktop.services.backup import FILES
from dmp_desktop.services.practice_keys import PracticeKeyring
from dmp_desktop.services.repair import make_anew
from dmp_desktop.services.repair_report import RESTORED, Repair
from dmp_desktop.storage import swap
from dmp_desktop.storage.backup_file import Opened, extracted, open_with_code, open_with_station, read_header
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.outbox_file import OutboxFile

log = logging.getLogger(__name__)

COMING_KEY, FORMER_KEY = "storage-key-coming", "storage-key-former"
"""Names in the key store: of the key of files that are about to take their place, of the one they replace."""

CODE_FR = "Code de secours du cabinet qui a fait cette sauvegarde (13 groupes de 5 signes) :"
_HELD = ("outbox", "draft", "scan")
"""Tables that hold what somebody wrote and nobody else has."""


def restore(
    paths: Paths,
    keystore: KeyStore,
    path: Path,
    ask: Callable[[str], str],
    now: datetime,
    alone: Callable[[], bool],
) -> Repair:
    """Bring `path` back, under `repair.opening`, with no file open in this process. What is there and can be read stays; the
    backup gives what is missing. What may have left since is looked for in the DMP before it is sent.

    `ask` gets a French prompt and returns the recovery code; it is called only for a backup of another key. Raises ContextError:
    "backup-…", "recovery-code", "restore-not-empty", "restore-running"; StorageError: nothing was replaced.
    """
    if not alone():
        raise ContextError(
            "restore-running", "DMP Desktop est ouvert sur ce poste.", "Fermez sa fenêtre, puis restaurez."
        )
    promote(paths, keystore)
    swap.finish(paths.home)
    key = kept_key(keystore)
    opened, code = _opened(path, key, ask)
    if opened.station != key:
        _ensure_nothing_is_hidden(paths, key, opened.station)
        keystore.set(COMING_KEY, opened.station.hex())
    repair = make_anew(paths, opened.station, now, [(path, opened)], RESTORED, before=lambda: promote(paths, keystore))
    if code:
        PracticeKeyring(keystore).join(code)
    _bring_files(paths, path, opened, replace=bool(code))
    return repair


def promote(paths: Paths, keystore: KeyStore) -> None:
    """The key of new files that are whole becomes the workstation's; the former one stays in the key store. Call it before
    `swap.finish`, at each start."""
    if not (paths.home / swap.FOLDER / swap.READY).exists():
        return
    coming = keystore.get(COMING_KEY)
    if coming and coming != keystore.get(KEY_NAME):
        if former := keystore.get(KEY_NAME):
            keystore.set(FORMER_KEY, former)
        keystore.set(KEY_NAME, coming)
    keystore.delete(COMING_KEY)


def _opened(path: Path, key: bytes | None, ask: Callable[[str], str]) -> tuple[Opened, str]:
    """And the code that was typed, if one was."""
    if key is not None:
        try:
            return open_with_station(path, key), ""
        except ContextError as error:
            if error.code != "backup-other":
                raise
    read_header(path)
    code = ask(CODE_FR)
    return open_with_code(path, secret_of(code)), code


def _ensure_nothing_is_hidden(paths: Paths, key: bytes | None, coming: bytes) -> None:
    """What is there under another key than the backup, the new files cannot hold. Raises ContextError."""
    if not paths.database.exists() or opens(paths.database, coming):
        return
    if key is None or not opens(paths.database, key) or _holds_something(paths, key):
        raise ContextError(
            "restore-not-empty",
            "Ce poste a déjà ses propres notes ou envois, sous une autre clé : cette sauvegarde ne peut pas s'y joindre.",
            "Envoyez d'abord ce qui attend, ou restaurez sur un poste qui n'a pas encore servi.",
        )


def opens(database: Path, key: bytes) -> bool:
    """Whether it is the key of this file."""
    try:
        Database.open_as_is(database, key).close()
    except StorageError:
        return False
    return True


def _holds_something(paths: Paths, key: bytes) -> bool:
    with Database.open(paths.database, key) as database, OutboxFile.of(paths.outbox) as outbox:
        for file in (database, outbox):
            with closing(file.own_connection()) as connection:
                named = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
                for table in set(named) & set(_HELD):
                    if connection.execute(f'SELECT 1 FROM "{table}" LIMIT 1').fetchone():  # noqa: S608 - our own names
                        return True
    return False


def _bring_files(paths: Paths, path: Path, opened: Opened, *, replace: bool) -> None:
    with extracted(path, opened, paths.backups) as (_base, _outbox, files):
        for name in FILES:
            if name in files and (replace or not (paths.home / name).exists()):
                write_durably(paths.home / name, files[name])
