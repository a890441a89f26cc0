"""`dmp terminology …`: code tables brought up to date from the official files."""

from __future__ import annotations

import argparse
import json
import os
from datetime import date
from pathlib import Path
from typing import Any

from dmp_desktop.errors import ContextError
from dmp_desktop.platform.paths import find_paths
from dmp_desktop.terminology import importers


def register(families: Any) -> None:
    """Add this family's parsers."""
    actions = families.add_parser("terminology", help="tables de codes").add_subparsers(required=True, metavar="ACTION")
    parser = actions.add_parser("import", help="importer des fichiers officiels")
    parser.add_argument("--bdpm", type=Path, metavar="DOSSIER", help="CIS_bdpm.txt, CIS_COMPO_bdpm.txt et CIS_MITM.txt")
    parser.add_argument("--nuva", type=Path, metavar="FICHIER", help="nuva_core.csv")
    parser.add_argument(
        "--jdv", type=Path, nargs="+", default=[], metavar="FICHIER", help="jeux de valeurs de l'ANS, en XML"
    )
    parser.add_argument("--into", type=Path, metavar="DOSSIER", help="où écrire (sinon, le dossier des données)")
    parser.add_argument("--json", action="store_true", help="un objet JSON par table")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Import what is given; tell each table and its rows."""
    if not (arguments.bdpm or arguments.nuva or arguments.jdv):
        raise ContextError("import-nothing", "Aucun fichier à importer.", "Indiquez --bdpm, --nuva ou --jdv.")
    into = arguments.into or find_paths(os.environ, Path.home()).create().codes
    today = date.today()
    made = importers.import_bdpm(arguments.bdpm, into, today) if arguments.bdpm else []
    made += importers.import_nuva(arguments.nuva, into, today) if arguments.nuva else []
    made += importers.import_jdv(arguments.jdv, into, today) if arguments.jdv else []
    for table, rows in made:
        print(json.dumps({"table": table, "rows": rows}) if arguments.json else f"{table} : {rows} lignes")
    return 0
