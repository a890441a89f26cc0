"""`dmp install` (Linux): this frozen program put in its place and in this user's menu, where it can be updated; or removed."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from dmp_desktop import version
from dmp_desktop.errors import UpdateError
from dmp_desktop.platform.clock import SystemClock, SystemEntropy
from dmp_desktop.platform.locks import ProcessLiveness
from dmp_desktop.platform.paths import find_paths
from dmp_desktop.services.installing import Installing
from dmp_desktop.services.repair import opening


def register(families: Any) -> None:
    """Add this family's parser."""
    parser = families.add_parser("install", help="installer ce programme pour cet utilisateur (Linux)")
    parser.add_argument("--remove", action="store_true", help="le retirer ; les données restent")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    installing = Installing(os.environ, Path.home())
    if arguments.remove:
        return _remove(installing)
    print(f"Installé : {installing.install(version())}")
    return 0


def _remove(installing: Installing) -> int:
    """Raises UpdateError("uninstall-open"): the window still loads parts of it."""
    paths = find_paths(os.environ, Path.home()).create()
    with opening(paths):
        liveness = ProcessLiveness(paths.locks, SystemEntropy(), SystemClock())
        try:
            if not liveness.alone():
                raise UpdateError(
                    "uninstall-open",
                    "DMP Desktop est ouvert sur ce poste : rien n'est retiré.",
                    "Fermez sa fenêtre, puis recommencez.",
                )
            installing.uninstall()
        finally:
            liveness.close()
    print(f"Retiré. Les données restent dans {paths.home}")
    return 0
