"""`dmp context put|http`: a patient for the window, deposited by the practice software against an address that tells nothing; and
where the practice software may call it."""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from dmp_desktop.errors import ContextError
from dmp_desktop.exchange.context import MAX_CONTEXT_BYTES, load_context
from dmp_desktop.exchange.note_file import MAX_BYTES
from dmp_desktop.platform.clock import SystemClock
from dmp_desktop.platform.paths import find_paths
from dmp_desktop.platform.settings import LIMITS
from dmp_desktop.services.note_file import read_note
from dmp_desktop.services.tickets import Tickets
from dmp_desktop.wiring import open_wiring

ADDRESS = "dmp-desktop://open?ticket={}"
_ADDRESS = "http://127.0.0.1:{}/patient"


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
    calling = actions.add_parser("http", help="l'appel du logiciel métier par HTTP sur ce poste (127.0.0.1)")
    calling.add_argument("port", nargs="?", metavar="PORT", type=_port, help="l'écouter sur ce port (0 : nulle part)")
    calling.add_argument("--new-token", action="store_true", help="créer un nouveau jeton, affiché cette seule fois")
    calling.add_argument("--json", action="store_true", help="un objet JSON")
    calling.set_defaults(run=http)


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


def http(arguments: argparse.Namespace) -> int:
    """Print where it is listened to, and the new token where one is asked for. An open window follows within a second."""
    with open_wiring() as wiring:
        files = wiring.settings_file
        if arguments.port is not None:
            files.save(replace(files.load(), call_port=arguments.port))
        port = files.load().call_port
        token = wiring.call_token.renew() if arguments.new_token else ""
        made = wiring.call_token.made()
    if arguments.json:
        print(json.dumps({"url": _ADDRESS.format(port) if port else None, "token": token or None, "token_made": made}))
        return 0
    print(_ADDRESS.format(port) if port else "désactivé")
    if token:
        print(f"jeton : {token}")
    elif port and not made:
        print("Aucun jeton n'est créé, tout appel est refusé : relancez avec --new-token.", file=sys.stderr)
    return 0


def _port(typed: str) -> int:
    low, high = LIMITS["call_port"]
    if not (typed.isascii() and typed.isdigit() and low <= int(typed) <= high):
        raise argparse.ArgumentTypeError(f"un nombre de {low} à {high} est attendu")
    return int(typed)
