"""`dmp exchange hprim`: documents as a HPRIM Médecins file, for practice software that reads nothing else."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from dmp_desktop.commands.exchange_read import file_bytes
from dmp_desktop.exchange.hprim_write import ENCODINGS, LINE_ENDS, write_hprim
from dmp_desktop.services.export import write_whole
from dmp_desktop.services.received_files import read_received


def register(actions: Any) -> None:
    """Add `hprim` to the actions of `exchange`."""
    writing = actions.add_parser("hprim", help="texte et résultats de documents, dans un fichier HPRIM Médecins")
    writing.add_argument(
        "files", nargs="+", type=Path, metavar="FICHIER", help="document CDA, ou tout fichier que « read » lit"
    )
    writing.add_argument("-o", dest="output", required=True, type=Path, metavar="FICHIER.hpr", help="où l'écrire")
    writing.add_argument("--encoding", choices=ENCODINGS, default=ENCODINGS[0], help="codage des caractères")
    writing.add_argument("--line-ends", choices=tuple(LINE_ENDS), default="crlf", help="fins de ligne")
    writing.set_defaults(run=write)


def write(arguments: argparse.Namespace) -> int:
    """What the file does not hold as it was goes to stderr. Raises ContextError, or what keeps a file from being read."""
    messages = [message for path in arguments.files for message in read_received(file_bytes(path))]
    made = write_hprim(messages, arguments.encoding, arguments.line_ends)
    write_whole(made.content, arguments.output)
    for warning in dict.fromkeys([*(one for message in messages for one in message.warnings), *made.warnings]):
        print(f"Attention : {warning}", file=sys.stderr)
    return 0
