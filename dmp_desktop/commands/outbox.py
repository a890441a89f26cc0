"""`dmp outbox list|flush|cancel`: documents on their way to the DMP, from a shell. No patient is named in the output."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Collection
from typing import Any

from dmp_desktop.commands.parsing import seconds
from dmp_desktop.domain.outbox import OutboxItem, OutboxState, WaitingFor
from dmp_desktop.errors import ContextError
from dmp_desktop.services.delivery import CLOCK
from dmp_desktop.services.outbox_worker import follow
from dmp_desktop.wiring import Wiring, open_wiring

DEFAULT_WAIT = 60.0  # seconds

_STATES_FR = {
    OutboxState.WAITING: "en attente",
    OutboxState.SENDING: "en cours d'envoi",
    OutboxState.SENT: "envoyé",
    OutboxState.REFUSED: "refusé",
    OutboxState.REPLACED: "envoyé, puis remplacé",
    OutboxState.DELETED: "envoyé, puis supprimé",
    OutboxState.CANCELLED: "annulé",
}
_WAITING_FR = {
    WaitingFor.UNDO: " (annulable)",
    WaitingFor.NETWORK: " (réseau)",
    WaitingFor.CARD: " (carte)",
    WaitingFor.INS: " (INS)",
    WaitingFor.OPPOSITION: " (opposition)",
    WaitingFor.RIGHT: " (droit)",
    WaitingFor.HOLD: " (retenu)",
}
_UNREADABLE_FR = (
    "Documents qui ne s'ouvrent plus : {}. Ils sont gardés, mais ne partiront pas d'ici. "
    "Vérifiez aux dossiers des derniers patients ce qui manque, et appelez le support."
)
_GONE = frozenset({OutboxState.SENT, OutboxState.REPLACED, OutboxState.DELETED})


def register(families: Any) -> None:
    """Add `outbox` and its actions."""
    actions = families.add_parser("outbox", help="documents en attente d'envoi").add_subparsers(
        required=True, metavar="ACTION"
    )
    for name, run, help_fr in (
        ("list", _list, "ce que contient la boîte d'envoi"),
        ("flush", _flush, "essayer tout de suite ce qui attend le réseau ou la carte"),
        ("cancel", _cancel, "retirer des documents qui ne sont pas partis"),
    ):
        action = actions.add_parser(name, help=help_fr)
        action.add_argument("--json", action="store_true", help="un objet JSON par ligne")
        action.set_defaults(run=run)
        if name == "flush":
            add_wait(action)
        elif name == "cancel":
            action.add_argument("documents", nargs="+", metavar="DOCUMENT", help="numéro ou uniqueId")


def add_wait(action: argparse.ArgumentParser) -> None:
    action.add_argument(
        "--wait", type=seconds, default=DEFAULT_WAIT, metavar="SECONDES", help="attendre l'issue au plus ce temps (60)"
    )


def send_and_follow(wiring: Wiring, item_ids: Collection[int], arguments: argparse.Namespace) -> int:
    """Send, and print each change of state. Exit status: 0 all sent; 1 one refused or cancelled; 3 one still waits."""
    wiring.worker.start()
    last: dict[int, OutboxState] = {}
    for item in follow(wiring.outbox, item_ids, arguments.wait, wiring.clock):
        last[item.id] = item.state
        if item.state is not OutboxState.WAITING or item.waiting_for is not WaitingFor.NOTHING:
            tell(item, arguments)
    states = set(last.values())
    if states & {OutboxState.REFUSED, OutboxState.CANCELLED}:
        return 1
    return 0 if states <= _GONE else 3


def tell(item: OutboxItem, arguments: argparse.Namespace, state: str = "") -> None:
    """One line on the state of a document (`state` replaces its name), flushed at once."""
    if not arguments.json:
        awaited = " (horloge)" if item.code == CLOCK else _WAITING_FR.get(item.waiting_for, "")
        words = f"{_STATES_FR[item.state]}{awaited if item.state is OutboxState.WAITING else ''}"
        print(f"{item.id}\t{item.unique_id}\t{words}\t{item.message} {item.remedy}".rstrip(), flush=True)
        return
    told: dict[str, Any] = {"unique_id": item.unique_id, "state": state or item.state.value}
    for name in ("waiting_for", "code", "message", "remedy", "proof"):
        if value := getattr(item, name):
            told[name] = str(value)
    print(json.dumps(told, ensure_ascii=False), flush=True)


def _list(arguments: argparse.Namespace) -> int:
    with open_wiring() as wiring:
        items = wiring.outbox.items()
        for item in items:
            if arguments.json:
                print(json.dumps(_described(item), ensure_ascii=False))
            else:
                tell(item, arguments)
        if count := wiring.outbox.unreadable(items):
            print(_UNREADABLE_FR.format(count), file=sys.stderr)
    return 0


def _flush(arguments: argparse.Namespace) -> int:
    with open_wiring() as wiring:
        wiring.outbox.flush()
        wiring.outbox.look_again()
        waiting = {item.id for item in wiring.outbox.items() if not item.state.final and not _is_held(item)}
        if not waiting:
            return 0
        wiring.sign_in_software()
        wiring.desk.may_send()
        return send_and_follow(wiring, waiting, arguments)


def _is_held(item: OutboxItem) -> bool:
    return item.waiting_for is WaitingFor.HOLD


def _cancel(arguments: argparse.Namespace) -> int:
    with open_wiring() as wiring:
        known = {str(name): item.id for item in wiring.outbox.items() for name in (item.id, item.unique_id)}
        for document in arguments.documents:
            if document not in known:
                raise ContextError(
                    "outbox-unknown",
                    "Ce document n'est pas dans la boîte d'envoi.",
                    "Voyez « dmp outbox list ».",
                    field="DOCUMENT",
                )
            wiring.outbox.cancel(known[document])
        cancelled = {known[document] for document in arguments.documents}
        for item in wiring.outbox.items():
            if item.id in cancelled:
                tell(item, arguments)
    return 0


def _described(item: OutboxItem) -> dict[str, Any]:
    moments = {
        name: moment.isoformat() if (moment := getattr(item, name)) else None
        for name in ("created_at", "updated_at", "next_attempt_at")
    }
    names = ("id", "unique_id", "submission_id", "title", "kind", "state", "waiting_for", "attempts", "in_doubt")
    told = {name: getattr(item, name) for name in (*names, "code", "message", "remedy", "proof")}
    return {**told, **moments, "visibility": sorted(item.visibility)}
