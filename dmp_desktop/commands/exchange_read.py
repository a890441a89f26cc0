"""`dmp exchange read`: what a file of other software holds (design/cli.md)."""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any, Final

from dmp_desktop.domain.received import Received, result_line
from dmp_desktop.errors import ContextError
from dmp_desktop.services.received_files import read_received
from dmp_desktop.services.received_form import message_to_dict, wishes

_MAX_BYTES: Final = 64 * 1024 * 1024
_COMMANDS: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""What a terminal obeys instead of showing it, and what turns the words of a line round."""


def register(actions: Any) -> None:
    """Add `read` to the actions of `exchange`."""
    reading = actions.add_parser("read", help="dire ce que contient un fichier reçu")
    reading.add_argument("file", type=Path, metavar="FICHIER", help="fichier reçu d'un laboratoire, d'un confrère …")
    reading.add_argument("--json", action="store_true", help="un objet JSON par message et par ligne")
    reading.set_defaults(run=read)


def read(arguments: argparse.Namespace) -> int:
    """Print its messages; what is doubtful goes to stderr. Raises ContextError for a file of no known format."""
    messages = read_received(file_bytes(arguments.file))
    for number, message in enumerate(messages, 1):
        for warning in message.warnings:
            print(f"Attention (message {number} sur {len(messages)}) : {_escaped(warning)}", file=sys.stderr)
        shown = json.dumps(message_to_dict(message), ensure_ascii=False) if arguments.json else _shown(message)
        sys.stdout.buffer.write(_escaped(shown).encode("utf-8", "replace") + b"\n")
    sys.stdout.buffer.flush()
    return 0


def _escaped(told: str) -> str:
    """As JSON writes them, in JSON too: what a stranger sent does not command the terminal it is read on."""
    return _COMMANDS.sub(lambda found: f"\\u{ord(found[0]):04x}", told.replace("\r\n", "\n"))


def _shown(message: Received) -> str:
    patient = message.patient
    born = f", né(e) le {patient.birth_date:%d/%m/%Y}" if patient.birth_date else ""
    who = f"{patient.family} {patient.given}".strip() or "patient non indiqué"
    lines = [f"{message.format.value} : {who}{born}"]
    lines += [f"De {message.sender}"] if message.sender else []
    lines += [f"Date : {message.act_date:%d/%m/%Y}"] if message.act_date else []
    lines += [f"Document {one.mime}, {len(one.content)} octets {one.title}".rstrip() for one in message.documents]
    lines += [f"À savoir : {one}" for one in wishes(message)]
    if message.text:
        lines += ["", message.text]
    lines += ["", "Résultats :"] if message.results else []
    lines += [f"  {result_line(one, day=message.act_date)}".replace("\n", "\n  ") for one in message.results]
    return "\n".join(lines) + "\n"


def file_bytes(path: Path) -> bytes:
    """Raises ContextError."""
    if path.is_dir():
        raise ContextError("file", f"« {path.name or path} » est un dossier.", "Donnez le nom d'un fichier.")
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise ContextError("file", "Le fichier ne peut pas être lu.", "Vérifiez son nom.") from error
    if len(content) > _MAX_BYTES:
        raise ContextError("file", "Le fichier dépasse 64 Mo.", "Vérifiez que c'est le bon fichier.")
    return content
