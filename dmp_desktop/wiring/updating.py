"""The program's next version: tried on this workstation's data before it takes the place of this one (ADR 39)."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path

from dmp_desktop import version
from dmp_desktop.domain.ports import Clock
from dmp_desktop.errors import UpdateError
from dmp_desktop.own_program import WINDOW
from dmp_desktop.platform.clock import SystemClock, SystemEntropy
from dmp_desktop.platform.endpoint import find_endpoint
from dmp_desktop.platform.locks import ProcessLiveness
from dmp_desktop.platform.paths import Paths, find_paths
from dmp_desktop.platform.versions import Versions, of_program
from dmp_desktop.services.backup import BackupKind, backup_name, content_of_files
from dmp_desktop.services.lost_key import opened_keystore
from dmp_desktop.services.repair import open_files, opening
from dmp_desktop.services.version_change import begin, confirm, finish, go_back, go_on, may_be_tried
from dmp_desktop.storage.backup_file import BackupKeys, write_backup
from dmp_desktop.wiring.base import station_key, station_practice_keys

TRIAL = "--update-trial"
"""Given to the window of the new version: it makes itself, unseen, and opens the data. `start.TRIAL`, said again."""
TRIAL_SECONDS = 600.0
"""A migration reads the whole of a file."""
SOFTWARE = "DMP Desktop"


def change_version(
    environment: Mapping[str, str],
    ask: Callable[[str], str],
    archive: Path,
    coming: str,
    told: Callable[[str], None] = lambda _step: None,
) -> Path:
    """Go to version `coming`, which `archive` holds, verified before. Returns the backup made on the way.

    `told` gets each step that was taken. Raises UpdateError: "update-place", "update-open", "update-failed" …, StorageError: the
    version in place stays, with its data.
    """
    versions, clock, said = of_program(), SystemClock(), list[str]()
    if versions is None:
        raise _not_installed()

    def heard(prompt: str) -> str:
        said.append(ask(prompt))
        return said[-1]

    paths = find_paths(environment, Path.home()).create()
    with opening(paths), ExitStack() as opened:
        liveness = ProcessLiveness(paths.locks, SystemEntropy(), clock)
        opened.callback(liveness.close)
        if not liveness.alone():
            raise _open()
        key, backup_keys = _keys(environment, paths, heard, clock)
        go_on(paths, key, version(), liveness.alone, clock.now())  # of an update that was cut off
        versions.unpack(archive, coming)
        told("unpacked")
        backup = _backed_up(paths, key, backup_keys, clock)
        told("backed-up")
        change = begin(paths, version(), coming, backup, versions.root)
        told("trying")
        if not _tried(versions, coming, environment, change.token, said):
            told("failed")
            go_back(paths, key, change, liveness.alone, clock.now())
            raise _failed(coming)
        told("tried")
        change = confirm(paths, change)
        told("confirmed")
        finish(paths, change)
        told("done")
    return backup


def be_tried(environment: Mapping[str, str], line: bytes) -> None:
    """The new version's part: bring the data up to date and look at them. Nothing else has them open: who tries holds the lock.

    `line` is the JSON of `_tried`. Raises DmpDesktopError.
    """
    told = json.loads(line)
    secrets, clock = iter(told["secrets"]), SystemClock()
    paths = find_paths(environment, Path.home())
    liveness = ProcessLiveness(paths.locks, SystemEntropy(), clock)
    try:
        may_be_tried(paths, told["token"], version())
        key, backup_keys = _keys(environment, paths, lambda _prompt: next(secrets, ""), clock)
        files = open_files(paths, backup_keys, key, clock, lambda: False, f"{SOFTWARE} {version()}")
        files.database.close()
        files.outbox.close()
    finally:
        liveness.close()


def _tried(versions: Versions, coming: str, environment: Mapping[str, str], token: str, said: list[str]) -> bool:
    line = json.dumps({"token": token, "secrets": said}).encode()
    command = [str(versions.folder(coming) / WINDOW), TRIAL]
    unseen = {**environment, "QT_QPA_PLATFORM": "offscreen", "PYINSTALLER_RESET_ENVIRONMENT": "1"}
    try:
        done = subprocess.run(  # noqa: S603 - the program whose hash a release key signed
            command, input=line, capture_output=True, env=unseen, timeout=TRIAL_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _keys(
    environment: Mapping[str, str], paths: Paths, ask: Callable[[str], str], clock: Clock
) -> tuple[bytes, Callable[[], BackupKeys]]:
    keystore = opened_keystore(paths, find_endpoint(environment).secrets.storage, ask, clock.now)
    key = station_key(paths, keystore, ask)
    practice, _damage = station_practice_keys(keystore, paths)
    return key, lambda: BackupKeys(key, practice.keys().recovery_key)


def _backed_up(paths: Paths, key: bytes, keys: Callable[[], BackupKeys], clock: Clock) -> Path:
    files = open_files(paths, keys, key, clock, lambda: False, f"{SOFTWARE} {version()}")
    now = clock.now()
    path = backup_name(paths.backups, now, BackupKind.MIGRATION)
    with files.database, files.outbox:
        write_backup(
            path,
            files.database,
            files.outbox,
            keys(),
            made_at=now,
            kind=BackupKind.MIGRATION,
            software=f"{SOFTWARE} {version()}",
            files=content_of_files(paths),
        )
    return path


def _open() -> UpdateError:
    return UpdateError(
        "update-open",
        "DMP Desktop est ouvert sur ce poste : la mise à jour attend.",
        "Fermez sa fenêtre, puis recommencez.",
    )


def _failed(coming: str) -> UpdateError:
    return UpdateError(
        "update-failed",
        f"La version {coming} ne s'ouvre pas sur ce poste : la {version()} reste, vos données sont comme avant.",
        "Continuez avec elle, et prévenez votre installateur.",
    )


def _not_installed() -> UpdateError:
    return UpdateError(
        "update-place",
        "Ce programme n'est pas installé à la place prévue : il ne se met pas à jour seul.",
        "Installez-le par « dmp install », ou remplacez-le comme vous l'avez mis.",
    )
