"""`dmp tray folder|take|list`: the tray of scans, from a shell. No patient and no file is named in what is written."""

from __future__ import annotations

import argparse
import json
import sys
import threading
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from dmp_desktop.domain.tray import Scan, ScanState
from dmp_desktop.errors import ContextError
from dmp_desktop.platform.settings import load_settings, save_settings
from dmp_desktop.services.tray_intake import SETTLE_SECONDS
from dmp_desktop.wiring import open_wiring

_NO_FOLDER = (
    "Le dossier où le scanner écrit n'est pas choisi : rien n'est pris. Choisissez-le par « dmp tray folder DOSSIER »."
)
_STATES_FR = {
    ScanState.TO_PREPARE: "à préparer",
    ScanState.TO_VALIDATE: "à valider",
    ScanState.VALIDATED: "validé, à envoyer",
    ScanState.QUEUED: "dans « À envoyer »",
    ScanState.SENT: "envoyé",
    ScanState.DISCARDED: "écarté",
}


def register(families: Any) -> None:
    """Add `tray` and its actions."""
    actions = families.add_parser("tray", help="numérisations à préparer, à valider, à envoyer").add_subparsers(
        required=True, metavar="ACTION"
    )
    folder = actions.add_parser("folder", help="le dossier où le scanner écrit")
    folder.add_argument("folder", nargs="?", metavar="DOSSIER", help="le choisir (« - » : aucun)")
    folder.set_defaults(run=_folder)
    take = actions.add_parser("take", help="prendre maintenant ce que le scanner y a écrit")
    take.set_defaults(run=_take)
    listed = actions.add_parser("list", help="ce que contient la bannette")
    listed.add_argument("--json", action="store_true", help="un objet JSON par ligne")
    listed.set_defaults(run=_list)


def _folder(arguments: argparse.Namespace) -> int:
    with open_wiring() as wiring:
        file = wiring.paths.settings
        settings, _notice = load_settings(file)
        if arguments.folder is not None:
            chosen = "" if arguments.folder == "-" else str(Path(arguments.folder).expanduser().absolute())
            if chosen and not Path(chosen).is_dir():
                raise ContextError(
                    "scan-folder", "Ce dossier n'existe pas.", "Créez-le, puis recommencez.", field="DOSSIER"
                )
            settings = replace(settings, scan_folder=chosen)
            save_settings(file, settings)
    print(settings.scan_folder or "aucun")
    return 0


def _take(_arguments: argparse.Namespace) -> int:
    """Looks until nothing more comes: twice at least, a file is whole once it stays as it is. 1 when one is of no use."""
    with open_wiring() as wiring:
        if not load_settings(wiring.paths.settings)[0].scan_folder:
            print(_NO_FOLDER, file=sys.stderr)
            return 0
        intake = wiring.tray.intake
        count = intake.look()
        threading.Event().wait(SETTLE_SECONDS + 0.1)
        while taken := intake.look():
            count += taken
        report = intake.report
    if report.fault is not None:
        raise report.fault
    print(f"{count} numérisation(s) prise(s).")
    for (code, told), number in sorted(Counter((one.why.code, one.why.told_fr) for one in report.refused).items()):
        print(f"{number} fichier(s) laissé(s) : {told} [{code}]")
    return 1 if report.refused else 0


def _list(arguments: argparse.Namespace) -> int:
    with open_wiring() as wiring:
        scans, damaged = wiring.tray.store.scans()
    for scan in scans:
        print(json.dumps(_described(scan), ensure_ascii=False) if arguments.json else _line(scan))
    if damaged:
        print(json.dumps({"damaged": damaged}) if arguments.json else f"{damaged} numérisation(s) illisible(s)")
    return 0


def _line(scan: Scan) -> str:
    pages = f"{scan.pages} page{'s' if scan.pages > 1 else ''}"
    return f"{scan.id[:8]}\t{_STATES_FR[scan.state]}\t{pages}\t{scan.received_at.astimezone():%d/%m/%Y %H:%M}"


def _described(scan: Scan) -> dict[str, Any]:
    told: dict[str, Any] = {
        name: getattr(scan, name) for name in ("id", "pages", "size", "returns", "copies", "unique_id")
    }
    return {"state": scan.state.value, **told, "received_at": scan.received_at.isoformat()}
