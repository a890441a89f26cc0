"""`dmp update`: where new versions are announced, whether there is one, going to it. No network before an address is set."""

from __future__ import annotations

import argparse
import getpass
import json
import os
import sys
from pathlib import Path
from typing import Any

from dmp_desktop import version
from dmp_desktop.platform.clock import SystemClock
from dmp_desktop.platform.paths import find_paths
from dmp_desktop.platform.release import release_keys
from dmp_desktop.services.program_update import Offered, ProgramUpdates
from dmp_desktop.wiring.updating import change_version

_FROM = "dossier qui contient l'annonce et le programme (clé USB), au lieu de l'adresse"


STEPS = {
    "download": "Réception de la nouvelle version…",
    "unpacked": "Sauvegarde des données…",
    "trying": "Essai de la nouvelle version sur ce poste…",
    "failed": "Retour à la version en place…",
}


def register(families: Any) -> None:
    """Add this family's parser."""
    acts = families.add_parser("update", help="mises à jour du programme").add_subparsers(
        required=True, metavar="ACTION"
    )
    check = acts.add_parser("check", help="y a-t-il une nouvelle version ?")
    _options(check)
    check.set_defaults(run=_check)
    apply = acts.add_parser("apply", help="passer à la nouvelle version, DMP Desktop fermé")
    _options(apply)
    apply.set_defaults(run=_apply)
    address = acts.add_parser("address", help="où les nouvelles versions sont annoncées")
    address.add_argument("address", metavar="ADRESSE", nargs="?", default="", help="https://… ; rien : plus nulle part")
    address.add_argument(
        "--authority", default="", metavar="PEM", help="autorité de ce serveur ; sinon celles du système"
    )
    address.set_defaults(run=_address)


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--from", dest="folder", type=Path, metavar="DOSSIER", help=_FROM)
    parser.add_argument("--json", action="store_true", help="un objet JSON")


def updates() -> ProgramUpdates:
    return ProgramUpdates(find_paths(os.environ, Path.home()), version(), release_keys(), SystemClock())


def _check(arguments: argparse.Namespace) -> int:
    offered = updates().check(arguments.folder)
    print(json.dumps(_described(offered)) if arguments.json else _told(offered))
    return 0


def _apply(arguments: argparse.Namespace) -> int:
    """What was fetched stays until it is installed."""
    desk = updates()
    offered = desk.check(arguments.folder)
    if not offered.newer:
        print(json.dumps(_described(offered)) if arguments.json else _told(offered))
        return 0
    told = (lambda _step: None) if arguments.json else _tell
    program = desk.fetch(offered, told)
    if sys.platform == "win32":
        print(f'Fermez DMP Desktop, puis lancez : msiexec /i "{program}"')
        return 0
    backup = change_version(os.environ, getpass.getpass, program, offered.manifest.version, told)
    program.unlink(missing_ok=True)
    if arguments.json:
        print(json.dumps({**_described(offered), "backup": str(backup)}))
    else:
        print(f"DMP Desktop est passé à la version {offered.manifest.version}. Sauvegarde faite avant : {backup}")
    return 0


def _tell(step: str) -> None:
    if step in STEPS:
        print(STEPS[step], flush=True)


def _address(arguments: argparse.Namespace) -> int:
    updates().follow(arguments.address, arguments.authority)
    print("Adresse des mises à jour enregistrée." if arguments.address else "Les mises à jour ne sont plus cherchées.")
    return 0


def _described(offered: Offered) -> dict[str, Any]:
    manifest = offered.manifest
    return {
        "installed": version(),
        "version": manifest.version,
        "newer": offered.newer,
        "issued": manifest.issued.isoformat(),
        "expires": manifest.expires.isoformat(),
    }


def _told(offered: Offered) -> str:
    if not offered.newer:
        return f"DMP Desktop {version()} est à jour."
    return f"La version {offered.manifest.version} est disponible (ce poste a la {version()})."
