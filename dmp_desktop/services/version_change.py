"""From one version to the next: first tried on this workstation's data, by itself; gone back from until it is confirmed.

`mise-a-jour-en-cours.json` says how far it is. TRYING: the new version may have brought the data up to date, nothing was entered
with it, and who starts next puts back what was there. DONE: from here on forward only. Whoever reads TRYING writes BACK before it
looks whether the trial still runs, and the trial counts as alive before it reads TRYING: one of both sees the other.
"""

from __future__ import annotations

import json
import logging
import secrets
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from dmp_desktop.errors import ContextError, StorageError, UpdateError
from dmp_desktop.platform.keystore import write_durably
from dmp_desktop.platform.paths import Paths
from dmp_desktop.platform.versions import Versions
from dmp_desktop.storage import migrations, outbox_file, plan, swap
from dmp_desktop.storage.backup_file import extracted, open_with_station
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.errors import DAMAGED
from dmp_desktop.storage.inspection import level_of
from dmp_desktop.storage.outbox_file import OutboxFile
from dmp_desktop.storage.put_back import put_back

log = logging.getLogger(__name__)

PATIENCE_S, LOOK_EVERY_S = 20.0, 0.1
"""How long a trial that goes on without its master is waited for."""
WHY = "mise-a-jour-annulee"


class Phase(StrEnum):
    TRYING = "essai"
    BACK = "retour"
    DONE = "faite"


@dataclass(frozen=True, slots=True)
class Change:
    """`former` and `coming` are versions, `backup` the file made before; `root` is where the versions lie; who tries the new one
    must know `token`."""

    phase: Phase
    former: str
    coming: str
    backup: str
    root: str
    token: str


def begin(paths: Paths, former: str, coming: str, backup: Path, root: Path) -> Change:
    """From here on a start that finds no end of it goes back. Raises StorageError."""
    change = Change(Phase.TRYING, former, coming, str(backup), str(root), secrets.token_hex(16))
    _write(paths, change)
    return change


def confirm(paths: Paths, change: Change) -> Change:
    """The new version works on this data: forward only from here on. Raises StorageError."""
    confirmed = replace(change, phase=Phase.DONE)
    _write(paths, confirmed)
    return confirmed


def under_way(paths: Paths) -> Change | None:
    """Raises StorageError("update-state") for what cannot be read: nothing is guessed of the data."""
    try:
        told = json.loads(paths.update_state.read_text("utf-8"))
        return Change(**{**told, "phase": Phase(told["phase"])})
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise StorageError(
            "update-state",
            "Une mise à jour a été interrompue, et ce qu'elle avait noté ne peut pas être relu.",
            "Gardez le dossier des données tel quel, et appelez votre installateur.",
        ) from error


def go_on(paths: Paths, key: bytes, installed: str, alone: Callable[[], bool], now: datetime) -> str:
    """End what was under way, under `repair.opening`, with no file open: a French sentence for who starts, or nothing.

    Raises StorageError: "update-busy", "update-done" where this is the former version, "update-stuck".
    """
    change = under_way(paths)
    if change is None:
        return ""
    if change.phase is Phase.DONE:
        finish(paths, change)
        if installed != change.coming:
            raise StorageError(
                "update-done",
                f"DMP Desktop vient d'être mis à jour vers la version {change.coming}.",
                "Fermez cette fenêtre, puis ouvrez DMP Desktop de nouveau.",
            )
        return f"DMP Desktop a été mis à jour : version {change.coming}."
    go_back(paths, key, change, alone, now)
    return (
        f"La mise à jour vers la version {change.coming} n'a pas abouti : la version {change.former} et vos données sont "
        "comme avant elle."
    )


def finish(paths: Paths, change: Change) -> None:
    """The new version is started from now on; the former one stays on the disk. Raises UpdateError."""
    versions = Versions(Path(change.root))
    if versions.folder(change.coming).is_dir():
        versions.point_to(change.coming)
        versions.sweep({change.coming, change.former})
    _forget(paths)


def go_back(paths: Paths, key: bytes, change: Change, alone: Callable[[], bool], now: datetime) -> None:
    """The data as they were. Nothing was entered since: only the trial had them open. Raises StorageError."""
    _write(paths, replace(change, phase=Phase.BACK))
    until = time.monotonic() + PATIENCE_S
    while not alone():
        if time.monotonic() > until:
            raise StorageError(
                "update-busy",
                "Une mise à jour de DMP Desktop n'est pas encore finie.",
                "Attendez une minute, puis recommencez.",
            )
        time.sleep(LOOK_EVERY_S)
    swap.finish(paths.home)
    if not _known_here(paths, key):
        _put_back(paths, key, Path(change.backup), now)
    _forget(paths)
    log.warning("an update was gone back from")


def _known_here(paths: Paths, key: bytes) -> bool:
    """Whether this version can read the files as they are: the trial then changed nothing."""
    known = len(migrations.MIGRATIONS), len(outbox_file.MIGRATIONS)
    try:
        with ExitStack() as opened:
            files = Database.open_as_is(paths.database, key), OutboxFile.as_is(paths.outbox)
            for file in files:
                opened.enter_context(file)
            return all(level_of(file) <= most for file, most in zip(files, known, strict=True))
    except StorageError as error:
        if error.code != DAMAGED:
            raise
        return False


def _put_back(paths: Paths, key: bytes, backup: Path, now: datetime) -> None:
    stamp = f"{WHY}-{now.astimezone():%Y%m%d-%H%M%S}"
    try:
        opened = open_with_station(backup, key)
        with swap.made_anew(paths.home) as folder:
            with extracted(backup, opened, folder) as (base, outbox, _files):
                put_back(folder, paths.database, paths.outbox, key, (base, outbox))
            swap.ready(paths.home, [paths.database.name, paths.outbox.name], stamp)
    except ContextError as error:
        raise StorageError(
            "update-stuck",
            "Une mise à jour n'a pas abouti, et la sauvegarde faite avant elle ne peut pas être relue.",
            "Installez la nouvelle version, qui lit vos données telles qu'elles sont, ou appelez votre installateur.",
        ) from error
    for path in (paths.database, paths.outbox):
        plan.forget(path)
    swap.finish(paths.home)


def may_be_tried(paths: Paths, token: str, installed: str) -> Change:
    """For the new version, once it counts as alive. Raises UpdateError("update-trial") when nobody tries it any more."""
    change = under_way(paths)
    if change is None or (change.phase, change.token, change.coming) != (Phase.TRYING, token, installed):
        raise UpdateError("update-trial", "Cet essai de mise à jour n'est plus attendu.", "Ouvrez DMP Desktop.")
    return change


def _write(paths: Paths, change: Change) -> None:
    write_durably(paths.update_state, json.dumps(asdict(change)).encode())


def _forget(paths: Paths) -> None:
    paths.update_state.unlink(missing_ok=True)
