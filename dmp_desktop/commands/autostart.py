"""`dmp autostart`: whether DMP Desktop opens with the session."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from dmp_desktop.services.installing import Installing


def register(families: Any) -> None:
    """Add this family's parser."""
    parser = families.add_parser("autostart", help="ouvrir DMP Desktop avec la session, ou non")
    parser.add_argument("wanted", choices=("on", "off"), nargs="?", help="on : oui, off : non ; rien : le dire")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    installing = Installing(os.environ, Path.home())
    if arguments.wanted:
        installing.open_with_session(wanted=arguments.wanted == "on")
    opens = installing.opens_with_session()
    print("DMP Desktop s'ouvre avec la session." if opens else "DMP Desktop ne s'ouvre pas avec la session.")
    return 0
