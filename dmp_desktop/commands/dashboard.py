"""`dmp dashboard`: how many documents were sent, refused, held or wait, by professional, month and type. No patient is named."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dmp_desktop.services.dashboard import COLUMNS
from dmp_desktop.wiring import open_wiring


def register(families: Any) -> None:
    """Add `dashboard`."""
    action = families.add_parser(
        "dashboard", help="envois par professionnel, mois et type : des nombres, aucun patient"
    )
    action.add_argument("-o", dest="file", type=Path, metavar="FICHIER", help="dans un fichier CSV")
    action.add_argument("--json", action="store_true", help="un objet JSON par ligne")
    action.set_defaults(run=_show)


def _show(arguments: argparse.Namespace) -> int:
    with open_wiring() as wiring:
        dashboard = wiring.dashboard
        if arguments.file:
            dashboard.export(arguments.file)
            return 0
        lines = dashboard.lines()
        kept = wiring.settings.keep_sent_days
    if arguments.json:
        for line in lines:
            print(json.dumps(asdict(line)))
        return 0
    print("\t".join(COLUMNS))
    for line in lines:
        print("\t".join(map(str, (line.month, line.author, line.kind, *line.count.values()))))
    print(f"Les envois terminés sont comptés {kept} jours (réglage « Envois terminés listés »).")
    return 0
