"""`dmp doctor`: the diagnosis of this workstation, for support and for programs."""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
from typing import Any

from dmp_desktop import card
from dmp_desktop.platform.clock import SystemClock
from dmp_desktop.services.diagnostics.model import Result
from dmp_desktop.services.diagnostics.report import as_json, status
from dmp_desktop.services.diagnostics.service import Diagnostics, workstation


def register(families: Any) -> None:
    """Add this family's parser."""
    parser = families.add_parser("doctor", help="diagnostic du poste")
    parser.add_argument(
        "--json", action="store_true", help="un objet JSON par ligne, dès que chaque résultat est connu"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Tell what each check says. 0 when nothing is wrong, 1 when something is, 3 when something is only missing."""
    results: list[Result] = []
    diagnostics = Diagnostics(workstation(os.environ, card.open_real(), SystemClock()))

    unheard = threading.Event()

    def tell(result: Result) -> None:
        results.append(result)
        if arguments.json:
            try:
                print(json.dumps(as_json(result), ensure_ascii=False), flush=True)
            except BrokenPipeError:  # in a thread of the run: cli.py ends the command, once
                unheard.set()
        elif sys.stderr.isatty():
            print(f"\r{len(results)}/{len(diagnostics.topics)}", end="\r", file=sys.stderr, flush=True)

    diagnostics.run(tell, stopped=unheard.is_set)
    if unheard.is_set():
        raise BrokenPipeError
    if not arguments.json:
        print(diagnostics.report(results), end="")
    return status(results)
