"""`dmp card …`: what readers tell and what the inserted cards hold, for support and for programs."""

from __future__ import annotations

import argparse
import json
import queue
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from dmp_desktop import card
from dmp_desktop.card.failures import E_NO_READERS_AVAILABLE, PcscError, card_failure, no_card
from dmp_desktop.card.inventory import ReaderContent
from dmp_desktop.commands.parsing import seconds
from dmp_desktop.domain.cards import CardEvent, CardEventType, CardKind
from dmp_desktop.errors import CardError

_EVENTS_FR: Final = {
    CardEventType.SERVICE_UP: "service des cartes à puce prêt",
    CardEventType.SERVICE_DOWN: "service des cartes à puce arrêté",
    CardEventType.READER_ADDED: "lecteur branché",
    CardEventType.READER_REMOVED: "lecteur débranché",
    CardEventType.CARD_INSERTED: "carte insérée",
    CardEventType.CARD_REMOVED: "carte retirée",
    CardEventType.CARD_MUTE: "carte mal insérée",
}
_KINDS_FR: Final = {CardKind.CPS: "CPS", CardKind.VITALE: "Vitale", CardKind.UNKNOWN: "inconnue"}
_NOTHING_READ: Final = 3
# Longest wait for an event, in seconds: on Windows nothing interrupts a wait, not even Ctrl+C.
_SLICE: Final = 0.5


def register(families: Any) -> None:
    """Add this family's parsers."""
    actions = families.add_parser("card", help="lecteurs et cartes").add_subparsers(required=True, metavar="ACTION")
    watching = actions.add_parser("watch", help="une ligne par événement")
    watching.add_argument("--seconds", type=seconds, metavar="SECONDES", help="s’arrêter après ce temps")
    reading = actions.add_parser("read", help="ce que contiennent les cartes insérées")
    for action, run in ((watching, watch), (reading, read)):
        action.add_argument("--json", action="store_true", help="un objet JSON par ligne")
        action.set_defaults(run=run)


def watch(arguments: argparse.Namespace) -> int:
    """Print every event as it comes, until the time is over or the user interrupts."""
    started = time.monotonic()
    end = None if arguments.seconds is None else started + arguments.seconds
    events: queue.SimpleQueue[tuple[float, CardEvent]] = queue.SimpleQueue()
    watcher = card.open_real().watcher
    watcher.start(lambda event: events.put((time.monotonic() - started, event)))
    try:
        while (left := _SLICE if end is None else min(_SLICE, end - time.monotonic())) > 0:
            with suppress(queue.Empty):
                moment, event = events.get(timeout=left)
                print(_event_json(moment, event) if arguments.json else _event_text(moment, event), flush=True)
        return 0
    finally:
        watcher.stop()


def _event_json(moment: float, event: CardEvent) -> str:
    return json.dumps(
        {
            "t": round(moment, 6),
            "event": event.type.value,
            "reader": event.reader,
            "atr": event.atr.hex().upper(),
            "kind": event.kind.value if event.kind else None,
        },
        ensure_ascii=False,
    )


def _event_text(moment: float, event: CardEvent) -> str:
    told = f"{moment:9.3f} s  {_EVENTS_FR[event.type]}"
    if event.kind and event.type is not CardEventType.CARD_MUTE:
        told += f" ({_KINDS_FR[event.kind]})"
    return f"{told} : {event.reader}" if event.reader else told


def read(arguments: argparse.Namespace) -> int:
    """Print what each card holds. 0 when every card was read, 3 when one was not.

    Raises CardError when there is no service, no reader, or no card at all.
    """
    cards = card.open_real()
    contents = cards.inventory.look()
    if not contents:
        raise PcscError(E_NO_READERS_AVAILABLE)
    if not any(content.present for content in contents):
        raise no_card()
    status = 0
    for content in contents:
        found = {"reader": content.reader, "atr": content.atr.hex().upper(), "kind": None}
        if content.present:
            try:
                found |= _read_one(cards, content)
            except CardError as error:
                found |= {
                    "kind": content.kind.value,
                    "error": error.code,
                    "message": error.message_fr,
                    "remedy": error.remedy_fr,
                }
                status = _NOTHING_READ
        print(json.dumps(found, ensure_ascii=False) if arguments.json else _found_text(found))
    return status


def _read_one(cards: card.Cards, content: ReaderContent) -> dict[str, Any]:
    """Read by the kind the ATR suggests, then by the other one: an unknown ATR concludes nothing."""
    readers: list[tuple[str, Callable[[card.Cards, str], dict[str, Any]]]] = [
        ("card.not_vitale", _read_vitale),
        ("card.not_cps", _read_cps),
    ]
    if content.kind is CardKind.CPS:
        readers.reverse()
    for refusal, reader in readers:
        try:
            return reader(cards, content.reader)
        except CardError as error:
            if error.code != refusal:
                raise
    raise card_failure("unknown")


def _read_vitale(cards: card.Cards, reader: str) -> dict[str, Any]:
    identity = cards.vitale.read(reader)
    beneficiaries = [
        {
            "rank": person.rank,
            "family": person.family,
            "given": person.given,
            "birth_date": person.birth_date,
            "nir": person.nir,
        }
        for person in identity.beneficiaries
    ]
    return {"kind": CardKind.VITALE.value, "beneficiaries": beneficiaries, "source": identity.source}


def _read_cps(cards: card.Cards, reader: str) -> dict[str, Any]:
    bearer = cards.professional.read_public(reader)
    return {
        "kind": CardKind.CPS.value,
        "family": bearer.family,
        "given": bearer.given,
        "national_id": bearer.national_id,
        "profession": bearer.profession,
        "card_type": bearer.card_type.value,
        "is_test": bearer.is_test,
        "valid_until": bearer.valid_until.isoformat(),
        "has_signature": bool(bearer.signature_certificate_der),
    }


def _found_text(found: dict[str, Any]) -> str:
    """For people: the NIR is not shown, a screen may be shared with support."""
    if "error" in found:
        told = f"{found['message']} {found['remedy']}"
    elif found["kind"] == CardKind.VITALE.value:
        told = "Vitale"
        for person in found["beneficiaries"]:
            told += f"\n  {person['rank']}. {person['family']} {person['given']}, {person['birth_date']}"
    elif found["kind"] == CardKind.CPS.value:
        test = " (carte de test)" if found["is_test"] else ""
        told = f"CPS{test}\n  {found['family']} {found['given']}, {found['profession']}, {found['national_id']}"
        told += f", valable jusqu’au {found['valid_until'][:10]}"
    else:
        told = "vide"
    return f"{found['reader']} : {told}"
