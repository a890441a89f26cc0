"""`dmp desk list|import`: the day's list of arrivals. Names stand in files and in answers, never on a command line."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from dmp_desktop.domain.arrivals import Arrival, Stage
from dmp_desktop.errors import ContextError
from dmp_desktop.exchange.agenda import MAX_BYTES
from dmp_desktop.services.arrivals import Taken
from dmp_desktop.wiring import open_wiring

STAGES = {
    Stage.EXPECTED: "attendu",
    Stage.ARRIVED: "arrivé",
    Stage.HANDED: "prêt",
    Stage.SEEN: "vu",
    Stage.ABSENT: "absent",
}


def register(families: Any) -> None:
    """Add `desk` and its actions."""
    actions = families.add_parser("desk", help="accueil : patients attendus aujourd'hui").add_subparsers(
        required=True, metavar="ACTION"
    )
    listed = actions.add_parser("list", help="la liste du jour, dans l'ordre d'arrivée prévu")
    listed.set_defaults(run=_list)
    taken = actions.add_parser("import", help="prendre un agenda (CSV, ICS ou JSON) dans la liste")
    taken.add_argument("file", metavar="FICHIER", help="l'agenda, « - » pour l'entrée standard")
    taken.set_defaults(run=_import)
    for action in (listed, taken):
        action.add_argument("--json", action="store_true", help="un objet JSON par ligne")


def _list(arguments: argparse.Namespace) -> int:
    with open_wiring() as wiring:
        told = wiring.arrivals.arrivals.listed()
    for one in told.arrivals:
        print(json.dumps(_told(one), ensure_ascii=False) if arguments.json else _line(one))
    if told.unreadable:
        print(f"{told.unreadable} rendez-vous illisible(s) : la liste est incomplète.", file=sys.stderr)
    return 1 if told.unreadable else 0


def _import(arguments: argparse.Namespace) -> int:
    """1 when a line was refused: the others are taken all the same."""
    untrusted = _read(arguments.file)
    with open_wiring() as wiring:
        arrivals = wiring.arrivals.arrivals
        taken = arrivals.take(arrivals.read(untrusted))
    if arguments.json:
        refused = [{"line": one.number, "why": one.why} for one in taken.refused]
        counts = {name: getattr(taken, name) for name in ("added", "already", "moved")}
        print(json.dumps(counts | {"refused": refused, "left_out": list(taken.left_out)}, ensure_ascii=False))
    else:
        _say(taken)
    return 1 if taken.refused else 0


def _read(name: str) -> bytes:
    try:
        if name == "-":
            return sys.stdin.buffer.read(MAX_BYTES + 1)
        with Path(name).open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ContextError(
            "agenda-file", "L'agenda ne peut pas être lu.", "Vérifiez le nom du fichier et vos droits."
        ) from error


def _say(taken: Taken) -> None:
    print(f"{taken.added} ajouté(s), {taken.already} déjà présent(s), {taken.moved} déplacé(s).")
    for one in taken.refused:
        print(f"Ligne {one.number} : {one.why}", file=sys.stderr)
    if taken.left_out:
        print(f"Non repris : {', '.join(taken.left_out)}.", file=sys.stderr)


def _line(one: Arrival) -> str:
    told = one.expected
    at = f"{told.at.astimezone():%H:%M}" if told.at else "--:--"
    born = told.birth_date.isoformat() if told.birth_date else "naissance inconnue"
    return f"{at}  {STAGES[one.stage]:8}  {told.family} {told.given}  {born}"


def _told(one: Arrival) -> dict[str, Any]:
    told = one.expected
    return {
        "at": told.at.isoformat() if told.at else None,
        "family": told.family,
        "given": told.given,
        "birth_date": told.birth_date.isoformat() if told.birth_date else None,
        "sex": told.sex.value,
        "doctor": told.doctor,
        "stage": one.stage.value,
        "withdrawn": one.withdrawn,
    }
