"""`dmp erase --everything`: nothing of DMP Desktop stays on this workstation. The uninstaller asks it with `PURGE=1`."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from dmp_desktop.errors import StorageError
from dmp_desktop.platform.clock import SystemClock, SystemEntropy
from dmp_desktop.platform.keystore import KeyringKeyStore
from dmp_desktop.platform.locks import FileLock, ProcessLiveness
from dmp_desktop.platform.paths import FOLDER_MODE, HOME_VARIABLE, Paths, find_paths, training_station
from dmp_desktop.platform.storage_key import KEY_NAME
from dmp_desktop.services.call_door import TOKEN_NAME
from dmp_desktop.services.clinic_journal import CUT
from dmp_desktop.services.clinic_journal_heads import HEADS, MISSED
from dmp_desktop.services.journal import HEAD
from dmp_desktop.services.practice_keys import PRACTICE_KEY, RECOVERY_KEY, TO_PRINT
from dmp_desktop.services.repair import OPENING
from dmp_desktop.services.restore import COMING_KEY, FORMER_KEY
from dmp_desktop.storage.errors import disk_told
from dmp_desktop.wiring.clinic import PASSWORD, REFUSED

KEYS = (
    *(KEY_NAME, COMING_KEY, FORMER_KEY, PRACTICE_KEY, RECOVERY_KEY, TO_PRINT),
    *(PASSWORD, REFUSED, CUT, HEAD, HEADS, MISSED, TOKEN_NAME),
)
"""What this user's key store holds for us. They go first: cut there, what is left can no longer be read."""
PATIENCE_S = 30.0
"""How long a start under way is waited for, at most: the uninstaller waits for us."""


def register(families: Any) -> None:
    """Add this family's parser."""
    parser = families.add_parser("erase", help="effacer de ce poste tout ce que DMP Desktop y garde")
    parser.add_argument(
        "--everything",
        action="store_true",
        required=True,
        help="documents en attente d'envoi, brouillons, sauvegardes et clés compris, sans retour",
    )
    parser.set_defaults(run=_run)


def _run(_arguments: argparse.Namespace) -> int:
    """Raises StorageError: nothing was then erased, but for "erase-left", when something could not be."""
    paths = find_paths(os.environ, Path.home())
    if os.environ.get(HOME_VARIABLE):
        raise StorageError(
            "erase-place",
            f"Le dossier des données est celui de {HOME_VARIABLE} : rien n'a été effacé.",
            "Effacez-le vous-même s'il ne contient rien d'autre.",
        )
    store = _key_store(paths)
    training = training_station(paths.training)
    there = [folder for folder in (paths.home, paths.training) if folder.is_dir()]
    stations = [paths, *([training] if training.home.is_dir() else [])]
    with disk_told(), ExitStack() as held:
        for station in stations:
            _keep_others_out(station, held)
        keys = _erase_keys(store)
        left = [one for station in stations for one in _emptied(station)]
        if paths.training.is_dir():
            left += _removed([one for one in paths.training.iterdir() if one != training.home])
        _take_away(stations, held)
        with suppress(OSError):
            paths.training.rmdir()
    if left:
        raise StorageError(
            "erase-left",
            "Les clés sont effacées, mais des fichiers n'ont pas pu l'être.",
            "Fermez ce qui les tient ouverts, puis effacez " + ", ".join(map(str, left)) + ".",
        )
    _tell(there, keys, store)
    return 0


def _tell(erased: list[Path], keys: int, store: KeyringKeyStore | None) -> None:
    for folder in erased:
        print(f"Effacé : {folder}")
    if keys:
        print(f"Effacées du coffre à secrets : {keys} clés.")
    if not erased and not keys:
        print("Rien à effacer.")
    if not erased and store is None:
        print(
            "Cette session n'atteint aucun coffre à secrets : s'il en reste des clés, recommencez depuis le bureau ouvert."
        )


def _key_store(paths: Paths) -> KeyringKeyStore | None:
    """None where this user has none. Raises StorageError where the keys are in one that is out of reach, or does not answer."""
    if KeyringKeyStore.available():
        store = KeyringKeyStore()
        store.get(KEY_NAME)
        return store
    if paths.database.exists() and not paths.secrets.exists():
        raise StorageError(
            "erase-keys",
            "Cette session n'atteint pas le coffre à secrets qui a les clés de ce poste : rien n'a été effacé.",
            f"Recommencez depuis le bureau ouvert ; si ce coffre n'existe plus, effacez vous-même {paths.home}.",
        )
    return None


def _keep_others_out(paths: Paths, held: ExitStack) -> None:
    """From now on, and until `held` is closed, nobody opens these files. A start under way is waited for, not for ever: it may be
    asking for a code. Raises StorageError, when DMP Desktop is open here."""
    paths.locks.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    for lock, seconds in ((FileLock(paths.instance_lock), 0.0), (FileLock(paths.home / OPENING), PATIENCE_S)):
        if not lock.acquire_within(seconds):
            raise _running()
        held.callback(lock.release)
    liveness = ProcessLiveness(paths.locks, SystemEntropy(), SystemClock())
    held.callback(liveness.close)
    if not liveness.alone():
        raise _running()


def _erase_keys(store: KeyringKeyStore | None) -> int:
    """How many there were. Raises StorageError with those that stay: the files are then left for another time."""
    if store is None:
        return 0
    there = [name for name in KEYS if store.get(name) is not None]
    for name in there:
        store.delete(name)
    left = [name for name in there if store.get(name) is not None]
    if left:
        raise StorageError(
            "erase-keys",
            f"Le coffre à secrets a gardé {len(left)} clés sur {len(there)} : les fichiers sont restés.",
            "Ouvrez-le (trousseau, gestionnaire d'identification), puis recommencez.",
        )
    return len(there)


def _emptied(paths: Paths) -> list[Path]:
    """All of it but what keeps others out. Returns what could not go."""
    outside = [one for one in paths.home.iterdir() if one not in (paths.locks, paths.home / OPENING)]
    return _removed(outside)


def _removed(places: list[Path]) -> list[Path]:
    for one in places:
        if one.is_dir() and not one.is_symlink():
            shutil.rmtree(one, ignore_errors=True)
        else:
            with suppress(OSError):
                one.unlink(missing_ok=True)
    return [one for one in places if one.exists()]


def _take_away(stations: list[Paths], held: ExitStack) -> None:
    """The locks themselves. Where they can be removed while they are held, nobody comes between; Windows removes no file that is
    open, ours or that of a start that waits for us: what such a start has is its own by then."""
    if sys.platform == "win32":
        held.close()
    for paths in stations:
        for file in (*paths.locks.iterdir(), paths.home / OPENING):
            with suppress(OSError):
                file.unlink()
        for folder in (paths.locks, paths.home):
            with suppress(OSError):
                folder.rmdir()


def _running() -> StorageError:
    return StorageError(
        "erase-running",
        "DMP Desktop est ouvert sur ce poste : rien n'a été effacé.",
        "Fermez-le, et son entraînement, puis recommencez.",
    )
