"""`dmp administrator list|name|withdraw`: who looks after the workstation, with no access to patients. Names are asked for."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from dmp_desktop.domain.identity import folded
from dmp_desktop.errors import ContextError
from dmp_desktop.services.administrators import Administrator
from dmp_desktop.wiring import Wiring, open_wiring


def register(families: Any) -> None:
    """Add `administrator` and its actions."""
    actions = families.add_parser("administrator", help="administrateurs techniques de ce poste").add_subparsers(
        required=True, metavar="ACTION"
    )
    shown = actions.add_parser("list", help="qui ils sont")
    shown.add_argument("--json", action="store_true", help="un objet JSON par ligne")
    shown.set_defaults(run=_list)
    for name, run, help_fr in (
        ("name", _name, "nommer une personne : son code s'affiche au terminal, une seule fois"),
        ("withdraw", _withdraw, "son code n'ouvre plus rien"),
    ):
        actions.add_parser(name, help=help_fr).set_defaults(run=run)


def _list(arguments: argparse.Namespace) -> int:
    with open_wiring() as wiring:
        for one in wiring.administrators.names():
            told = {"family": one.family, "given": one.given, "since": one.since}
            print(
                json.dumps(told, ensure_ascii=False) if arguments.json else f"{one.family} {one.given}, le {one.since}"
            )
    return 0


def _name(_arguments: argparse.Namespace) -> int:
    """The code is a secret: it goes to a terminal only."""
    if not sys.stdout.isatty():
        raise ContextError(
            "administrator-terminal",
            "Le code d'un administrateur technique ne s'écrit que sur un terminal, jamais dans un fichier.",
            "Relancez la commande sans redirection.",
        )
    with open_wiring() as wiring:
        code = wiring.administrators.name(*_typed())
    print(code)
    print("Recopiez ce code et remettez-le à cette personne : il ne sera plus affiché.", file=sys.stderr)
    return 0


def _withdraw(_arguments: argparse.Namespace) -> int:
    with open_wiring() as wiring:
        wiring.administrators.withdraw(_known(wiring, *_typed()))
    print("Son code n'ouvre plus rien sur ce poste.", file=sys.stderr)
    return 0


def _typed() -> tuple[str, str]:
    """Whom it is about: a name is no argument, which every program of the machine could read."""
    told = []
    for prompt in ("Nom : ", "Prénom : "):
        if sys.stdin.isatty():
            print(prompt, end="", file=sys.stderr, flush=True)
        told.append(sys.stdin.readline().strip())
    return told[0], told[1]


def _known(wiring: Wiring, family: str, given: str) -> Administrator:
    for one in wiring.administrators.names():
        if (folded(one.family), folded(one.given)) == (folded(family), folded(given)):
            return one
    raise ContextError(
        "administrator-absent",
        "Personne de ce nom n'est administrateur technique de ce poste.",
        "Voyez les noms : dmp administrator list.",
        field="family",
    )
