"""`dmp restore FICHIER`: a backup brought back on this workstation. The recovery code is asked for, never an argument."""

from __future__ import annotations

import argparse
import getpass
import os
from pathlib import Path
from typing import Any

from dmp_desktop.errors import ContextError
from dmp_desktop.platform.clock import SystemClock
from dmp_desktop.services.repair_report import report_of
from dmp_desktop.wiring.base import restore_now


def register(families: Any) -> None:
    """Add `restore`."""
    parser = families.add_parser("restore", help="restaurer une sauvegarde de ce poste ou de ce cabinet")
    parser.add_argument("file", type=Path, metavar="FICHIER", help="la sauvegarde")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """What is there and can be read stays; the backup gives what is missing."""
    if not arguments.file.is_file():
        raise ContextError(
            "file-unreadable",
            "La sauvegarde est introuvable : rien n'a été changé.",
            "Vérifiez son chemin ; « dmp backup --list » montre celles de ce poste.",
            field="FICHIER",
        )
    repair = restore_now(os.environ, getpass.getpass, arguments.file, SystemClock())
    print(report_of(repair), end="")
    return 0
