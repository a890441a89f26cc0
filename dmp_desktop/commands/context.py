"""`dmp context put`: a patient for the window, deposited by the practice software against an address that tells nothing."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from dmp_desktop.errors import ContextError
from dmp_desktop.exchange.context import MAX_CONTEXT_BYTES, load_context
from dmp_desktop.exchange.note_file import MAX_BYTES
from dmp_desktop.platform.clock import SystemClock
from dmp_desktop.platform.paths import find_paths
from dmp_desktop.services.note_file import read_note
from dmp_desktop.services.tickets import Tickets

ADDRESS = "dmp-desktop://open?ticket={}"


def register(families: Any) -> None:
    """Add this family's parsers."""
    actions = families.add_parser("context", help="transmettre un patient à la fenêtre").add_subparsers(
        required=True, metavar="ACTION"
    )
    putting = actions.add_parser(
        "put", help="déposer le contexte lu sur l'entrée standard ; affiche l'adresse à ouvrir"
    )
    putting.add_argument("--note", metavar="FICHIER", help="note en texte, RTF, Word ou PDF")
    putting.add_argument("--json", action="store_true", help="un objet JSON")
    putting.set_defaults(run=put)


def put(arguments: argparse.Namespace) -> int:
    """Print the address. Nothing of the patient is in it, nor on any command line."""
    untrusted = sys.stdin.buffer.read(MAX_CONTEXT_BYTES + 1)
    load_context(untrusted)
    note = b""
    if arguments.note:
        try:
            with Path(arguments.note).open("rb") as file:
                note = file.read(MAX_BYTES + 1)
        except OSError as error:
            raise ContextError(
                "note-file", "Le fichier de la note ne peut pas être lu.", "Vérifiez son nom."
            ) from error
        read_note(note)
    paths = find_paths(os.environ, Path.home()).create()
    address = ADDRESS.format(Tickets(paths.tickets, SystemClock()).put(untrusted, note))
    print(json.dumps({"url": address}) if arguments.json else address)
    return 0
