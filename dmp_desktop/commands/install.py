"""`dmp install`: this frozen program put in its place for this user (Linux), where it can be updated."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from dmp_desktop import version
from dmp_desktop.services.installing import install


def register(families: Any) -> None:
    """Add this family's parser."""
    parser = families.add_parser("install", help="installer ce programme pour cet utilisateur (Linux)")
    parser.set_defaults(run=_install)


def _install(_arguments: argparse.Namespace) -> int:
    print(f"Installé : {install(os.environ, Path.home(), version())}")
    return 0
