"""`dmp backup`: a backup of this workstation now, and those there are. Sealed: it may lie anywhere."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from dmp_desktop.services.backup import KeptBackup
from dmp_desktop.wiring import open_wiring


def register(families: Any) -> None:
    """Add `backup`."""
    parser = families.add_parser("backup", help="sauvegarde de ce poste (chiffrée)")
    parser.add_argument(
        "-o", dest="file", type=Path, metavar="FICHIER", help="où l'écrire ; sinon dans le dossier des sauvegardes"
    )
    parser.add_argument("--list", action="store_true", help="seulement lister celles du dossier")
    parser.add_argument("--json", action="store_true", help="un objet JSON par ligne")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    with open_wiring() as wiring:
        if arguments.list:
            for kept in wiring.backup_desk.kept():
                print(json.dumps(_described(kept)) if arguments.json else _line(kept))
            return 0
        made = wiring.backup_desk.make(arguments.file)
    print(json.dumps({"file": str(made), "size": made.stat().st_size}) if arguments.json else made)
    return 0


def _described(kept: KeptBackup) -> dict[str, Any]:
    return {"file": str(kept.path), "kind": kept.kind, "made_at": kept.made_at.isoformat(), "size": kept.size}


def _line(kept: KeptBackup) -> str:
    return f"{kept.made_at.astimezone():%d/%m/%Y %H:%M}  {kept.kind}  {kept.size // 1000} ko  {kept.path.name}"
