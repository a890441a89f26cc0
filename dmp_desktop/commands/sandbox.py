"""`dmp sandbox`: the stand-in national server, until it is stopped."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from dmp_desktop.dmp.named_file import pour, replaceable
from dmp_desktop.errors import StorageError


def register(families: Any) -> None:
    """Add this family's parsers."""
    parser = families.add_parser("sandbox", help="serveur DMP de bac à sable, sur cette machine seulement")
    parser.add_argument("--port", type=_port, default=0, metavar="PORT", help="port d'écoute (0 : un port libre)")
    parser.add_argument(
        "--data", type=Path, default=Path("bac-a-sable"), metavar="DOSSIER", help="dossier des données, conservé"
    )
    parser.add_argument("--ready-file", type=Path, metavar="FICHIER", help="fichier JSON écrit quand le serveur écoute")
    parser.set_defaults(run=run)


def _port(text: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() else -1
    if not 0 <= number <= 65535:
        raise argparse.ArgumentTypeError("un port est un nombre de 0 à 65535")
    return number


def _tell(file: Path, ready: str) -> None:
    """The whole file or none; what is no file (a fifo, `/dev/stdout`) is written to. Raises StorageError."""
    try:
        place = replaceable(file)
        if place is None:
            pour(ready.encode(), file)
            return
        aside = place.with_name(place.name + ".tmp")
        aside.write_text(ready, encoding="utf-8")
        aside.replace(place)
    except OSError:
        raise StorageError(
            "write-failed", "Le fichier de --ready-file ne peut pas être écrit.", "Vérifiez son dossier et ses droits."
        ) from None


def run(arguments: argparse.Namespace) -> int:
    """Serve until SIGINT or SIGTERM."""
    from dmp_desktop.sandbox import Sandbox  # the other commands need not load the server

    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with Sandbox(arguments.data, arguments.port) as sandbox:
        ready = json.dumps(sandbox.ready, ensure_ascii=False, indent=1)
        if arguments.ready_file:
            _tell(arguments.ready_file, ready)
        print(f"Bac à sable prêt : {sandbox.url}", file=sys.stderr, flush=True)
        while not stopped.wait(1.0):  # on Windows, Ctrl-C is heard between two waits only
            pass
    return 0
