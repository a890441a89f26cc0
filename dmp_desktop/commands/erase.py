"""`dmp erase --everything`: nothing of DMP Desktop stays on this workstation. The uninstaller asks it with `PURGE=1`."""

from __future__ import annotations

import argparse
import os
import shutil
from pathlib import Path
from typing import Any

from dmp_desktop.errors import StorageError
from dmp_desktop.platform.clock import SystemClock, SystemEntropy
from dmp_desktop.platform.keystore import KeyringKeyStore
from dmp_desktop.platform.locks import ProcessLiveness
from dmp_desktop.platform.paths import HOME_VARIABLE, Paths, find_paths
from dmp_desktop.platform.storage_key import KEY_NAME
from dmp_desktop.services.clinic_journal import CUT
from dmp_desktop.services.clinic_journal_heads import HEADS, MISSED
from dmp_desktop.services.journal import HEAD
from dmp_desktop.services.practice_keys import PRACTICE_KEY, RECOVERY_KEY, TO_PRINT
from dmp_desktop.services.repair import opening
from dmp_desktop.services.restore import COMING_KEY, FORMER_KEY
from dmp_desktop.wiring.clinic import PASSWORD, REFUSED

KEYS = (
    *(KEY_NAME, COMING_KEY, FORMER_KEY, PRACTICE_KEY, RECOVERY_KEY, TO_PRINT),
    *(PASSWORD, REFUSED, CUT, HEAD, HEADS, MISSED),
)
"""What this user's key store holds for us. They go first: cut there, what is left can no longer be read."""


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
    """Raises StorageError: nothing was then erased, or "erase-left" when something could not be."""
    paths = find_paths(os.environ, Path.home())
    home = paths.home
    if os.environ.get(HOME_VARIABLE):
        raise StorageError(
            "erase-place",
            f"Le dossier des données est celui de {HOME_VARIABLE} : rien n'a été effacé.",
            "Effacez-le vous-même s'il ne contient rien d'autre.",
        )
    if not home.is_dir():
        print("Rien à effacer.")
        return 0
    _refuse_while_open(paths)
    if KeyringKeyStore.available():
        store = KeyringKeyStore()
        for name in KEYS:
            store.delete(name)
    try:
        shutil.rmtree(home)
    except OSError as error:
        raise StorageError(
            "erase-left",
            "Les clés sont effacées, mais des fichiers n'ont pas pu l'être.",
            f"Fermez ce qui les tient ouverts, puis effacez {home}.",
        ) from error
    print(f"Effacé : {home}")
    return 0


def _refuse_while_open(paths: Paths) -> None:
    """Waits for a start under way: until it has opened the files, it does not count as alive."""
    paths.locks.mkdir(exist_ok=True)
    with opening(paths):
        _refuse_others(paths.locks)


def _refuse_others(locks: Path) -> None:
    liveness = ProcessLiveness(locks, SystemEntropy(), SystemClock())
    try:
        if not liveness.alone():
            raise StorageError(
                "erase-running",
                "DMP Desktop est ouvert sur ce poste : rien n'a été effacé.",
                "Fermez-le, puis recommencez.",
            )
    finally:
        liveness.close()
