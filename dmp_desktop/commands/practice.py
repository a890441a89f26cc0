"""`dmp practice code|printed|join|recover`: the practice's recovery code. It is never an argument, nor written to a file."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from dmp_desktop.errors import ContextError
from dmp_desktop.wiring import open_wiring


def register(families: Any) -> None:
    """Add `practice` and its actions."""
    actions = families.add_parser("practice", help="code de secours du cabinet").add_subparsers(
        required=True, metavar="ACTION"
    )
    for name, run, help_fr in (
        ("code", _code, "l'afficher au terminal, tant qu'il n'est pas dit imprimé"),
        ("printed", _printed, "il est sur papier (dernier groupe demandé) : ce poste l'oublie"),
        ("join", _join, "ce poste rejoint le cabinet dont le code est saisi"),
        ("recover", _recover, "rouvrir avec votre carte ce qu'une autre avait fermé"),
    ):
        actions.add_parser(name, help=help_fr).set_defaults(run=run)


def _code(_arguments: argparse.Namespace) -> int:
    if not sys.stdout.isatty():
        raise ContextError(
            "practice-code-terminal",
            "Le code de secours ne s'écrit que sur un terminal, jamais dans un fichier.",
            "Relancez la commande sans redirection.",
        )
    with open_wiring() as wiring:
        code = wiring.practice_code.code()
    for number, group in enumerate(code.split("-"), 1):
        print(f"{number:2}. {group}")
    print(
        "\nRecopiez ces groupes sur papier, gardez-les sous clé, puis : dmp practice printed",
        file=sys.stderr,
        flush=True,
    )
    return 0


def _printed(_arguments: argparse.Namespace) -> int:
    with open_wiring() as wiring:
        wiring.practice_code.printed(_typed("Dernier groupe du code, lu sur le papier : "))
    return _said("Ce poste ne connaît plus le code de secours : il est sur papier.")


def _join(_arguments: argparse.Namespace) -> int:
    with open_wiring() as wiring:
        wiring.practice_code.join(_typed("Code de secours du cabinet : "))
    return _said("Ce poste est un poste du cabinet de ce code.")


def _recover(_arguments: argparse.Namespace) -> int:
    with open_wiring() as wiring:
        wiring.sign_in_software()
        found = wiring.practice_code.recover(_typed("Code de secours du cabinet : "))
    return _said(f"{found} clé(s) rouverte(s) avec votre carte." if found else "Votre carte ouvre déjà tout.")


def _typed(prompt: str) -> str:
    """A line, typed or from a pipe; nothing of it is written."""
    if sys.stdin.isatty():
        print(prompt, end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip()


def _said(words: str) -> int:
    print(words, file=sys.stderr)
    return 0
