"""`dmp tray folder|received-folder|take|list`: the tray, from a shell. No patient and no file is named in what is written."""

from __future__ import annotations

import argparse
import json
import sys
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from dmp_desktop.domain.tray import Scan, ScanState
from dmp_desktop.platform.settings import Settings, load_settings
from dmp_desktop.services.tray_desk import watched_folder
from dmp_desktop.services.tray_intake import SETTLE_SECONDS
from dmp_desktop.wiring import open_wiring

_NO_FOLDER = (
    "Aucun dossier n'est choisi : rien n'est pris. Choisissez celui du scanner par « dmp tray folder DOSSIER », celui de ce que "
    "vous recevez par « dmp tray received-folder DOSSIER »."
)
_STATES_FR = {
    ScanState.TO_PREPARE: "à préparer",
    ScanState.TO_VALIDATE: "à valider",
    ScanState.VALIDATED: "validé, à envoyer",
    ScanState.QUEUED: "dans « À envoyer »",
    ScanState.SENT: "envoyé",
    ScanState.FILED: "reçu, classé",
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
    received = actions.add_parser("received-folder", help="le dossier où arrive ce que d'autres envoient")
    received.add_argument("folder", nargs="?", metavar="DOSSIER", help="le choisir (« - » : aucun)")
    received.set_defaults(run=_received_folder)
    take = actions.add_parser("take", help="prendre maintenant ce qui est dans ces dossiers")
    take.set_defaults(run=_take)
    listed = actions.add_parser("list", help="ce que contient la bannette")
    listed.add_argument("--json", action="store_true", help="un objet JSON par ligne")
    listed.set_defaults(run=_list)


def _folder(arguments: argparse.Namespace) -> int:
    def chosen(settings: Settings, folder: str) -> Settings:
        return replace(settings, scan_folder=folder and watched_folder(folder))

    return _watched(arguments.folder, chosen, lambda settings: settings.scan_folder)


def _received_folder(arguments: argparse.Namespace) -> int:
    def chosen(settings: Settings, folder: str) -> Settings:
        return replace(settings, received_folder=folder and watched_folder(folder))

    return _watched(arguments.folder, chosen, lambda settings: settings.received_folder)


def _watched(
    wanted: str | None, chosen: Callable[[Settings, str], Settings], folder_of: Callable[[Settings], str]
) -> int:
    """Says which folder is watched, once changed where that is asked for."""
    with open_wiring() as wiring:
        file = wiring.settings_file
        settings = file.load()
        if wanted is not None:
            settings = chosen(settings, "" if wanted == "-" else str(Path(wanted).expanduser()))
            file.save(settings)
    print(folder_of(settings) or "aucun")
    return 0


def _take(_arguments: argparse.Namespace) -> int:
    """Looks until nothing more comes: twice at least, a file is whole once it stays as it is. 1 when one is of no use."""
    with open_wiring() as wiring:
        settings = load_settings(wiring.paths.settings)[0]
        if not settings.scan_folder and not settings.received_folder:
            print(_NO_FOLDER, file=sys.stderr)
            return 0
        intakes = (wiring.tray.intake, wiring.tray.received)
        counts = [one.look() for one in intakes]
        threading.Event().wait(SETTLE_SECONDS + 0.1)
        while any(taken := [one.look() for one in intakes]):
            counts = [one + more for one, more in zip(counts, taken, strict=True)]
        reports = [one.report for one in intakes]
    for fault in (one.fault for one in reports if one.fault is not None):
        raise fault
    refused = [one.why for report in reports for one in report.refused]
    if settings.scan_folder:
        print(f"{counts[0]} numérisation(s) prise(s).")
    if settings.received_folder:
        print(f"{counts[1]} message(s) reçu(s) pris.")
    for (code, told), number in sorted(Counter((why.code, why.told_fr) for why in refused).items()):
        print(f"{number} fichier(s) laissé(s) : {told} [{code}]")
    return 1 if refused else 0


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
