"""What a life of the program does in a kill campaign besides the command line: acts of a practice, one after the other.

Each act is told on the output once the program has told that it is done, a line of JSON each; what is told is what is promised.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from dmp_desktop.cda.read import entry_from_cda
from dmp_desktop.domain.documents import Availability
from dmp_desktop.domain.outbox import OutboxItem, OutboxState, WaitingFor
from dmp_desktop.errors import ContextError, DmpDesktopError, StorageError
from dmp_desktop.services.deposit import patient_of
from dmp_desktop.services.outbox_worker import follow
from dmp_desktop.storage import schema
from dmp_desktop.storage.sealing import Seal
from dmp_desktop.storage.subject import Subject, encode
from dmp_desktop.wiring import Wiring, open_wiring
from tests.helpers import steps

TRIED_AGAIN = frozenset({"DMPInvalidVIHF", "outbox-replaced-unknown", "outbox-lot-apart"})
"""Refusals somebody tries again: the clock was wrong; what is to be replaced was not there yet; the rest of its lot was cancelled."""
_LOOK = 2.0  # seconds
_MOST = 15.0  # seconds to follow what was sent


def say(unique_id: str, state: str, **more: str) -> None:
    print(json.dumps({"unique_id": unique_id, "state": state, **more}), flush=True)


class Practice:
    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring
        self._outbox = wiring.outbox
        self.open: dict[str, int] = {}

    def sign_in(self) -> None:
        with suppress(DmpDesktopError):
            self._wiring.sign_in_software()

    def do(self, act: Mapping[str, Any]) -> None:
        """Raises KeyError for an act there is not."""
        acts: dict[str, Callable[[Mapping[str, Any]], None]] = {
            "send": self._send,
            "lot": self._lot,
            "former": self._former,
            "cancel": self._cancel,
            "hold": self._hold,
            "resume": self._resume,
            "delete": self._delete,
            "away": lambda _act: self._wiring.desk.sign_out(),
            "back": lambda _act: self.sign_in(),
            "flush": lambda _act: self._outbox.flush(),
            "pause": lambda act: _pause(act["seconds"]),
        }
        with suppress(ContextError, StorageError):  # told to who does it, who may do it again: nothing is promised
            acts[act["do"]](act)

    def _send(self, act: Mapping[str, Any]) -> None:
        for content in map(_content, act["files"]):
            item = self._outbox.enqueue_cda(patient_of(content), content, undo_delay=timedelta(seconds=act["undo"]))
            self._kept(item.unique_id, item.id)

    def _lot(self, act: Mapping[str, Any]) -> None:
        documents = [(patient_of(content), content) for content in map(_content, act["files"])]
        for lot in self._outbox.enqueue_files(documents, undo_delay=timedelta(seconds=act["undo"])):
            for item in lot:
                self._kept(item.unique_id, item.id)

    def _kept(self, unique_id: str, item_id: int) -> None:
        self.open[unique_id] = item_id
        steps.at(steps.SAID, lambda: say(unique_id, "queued"))

    def _former(self, act: Mapping[str, Any]) -> None:
        """As an earlier version of the program, which still runs, keeps documents: the next start moves them over."""
        seal, now = Seal(self._wiring.base.key, "outbox"), self._wiring.clock.now()
        for content in map(_content, act["files"]):
            entry = entry_from_cda(content)
            subject = Subject(patient_of(content), entry.title, entry.type_code.code, frozenset())
            row = {
                "unique_id": entry.unique_id,
                "submission_id": f"2.25.{self._wiring.base.entropy.uuid().int}",
                "author_id": entry.authors[0].person_id,
                "subject": seal.seal(encode(subject), f"outbox/{entry.unique_id}/subject"),
                "state": OutboxState.WAITING,
                "waiting_for": WaitingFor.NOTHING,
                "in_doubt": False,
                "attempts": 0,
                **dict.fromkeys(("created_at", "updated_at", "next_attempt_at"), now),
                **dict.fromkeys(("code", "message", "remedy", "proof"), ""),
            }
            sealed = seal.seal(content, f"outbox/{entry.unique_id}/document")
            with self._wiring.database.write() as connection:
                made = connection.execute(schema.outbox.insert().values(row).returning(schema.outbox.c.id)).scalar_one()
                connection.execute(schema.outbox_document.insert().values(item_id=made, sealed=sealed))
            say(entry.unique_id, "queued")

    def _number(self, unique_id: str) -> int:
        found = [item.id for item in self._outbox.items() if item.unique_id == unique_id]
        if not found:
            raise ContextError("outbox-unknown", "", "")
        return found[0]

    def _cancel(self, act: Mapping[str, Any]) -> None:
        number = self._number(act["unique_id"])
        try:
            self._outbox.cancel(number)
        except ContextError as error:
            say(act["unique_id"], "left", code=error.code)
            return
        say(act["unique_id"], "cancelled")

    def _hold(self, act: Mapping[str, Any]) -> None:
        self._outbox.hold(self._number(act["unique_id"]))
        say(act["unique_id"], "held")

    def _resume(self, act: Mapping[str, Any]) -> None:
        self._outbox.retry(self._number(act["unique_id"]))
        say(act["unique_id"], "resumed")

    def _delete(self, act: Mapping[str, Any]) -> None:
        """TD3.3c, as the window does it: the document is asked for, then deleted."""
        repository = self._wiring.desk.repository()
        patient = patient_of(_content(act["file"]))
        with suppress(DmpDesktopError):  # told to who does it: perhaps done, perhaps not
            found = repository.find_by_unique_id(patient.ins, [act["unique_id"]]) if repository else []
            for entry in [one for one in found if one.status is Availability.APPROVED]:
                self._wiring.properties.set_status(patient, entry, Availability.DELETED, attending=False)
                say(act["unique_id"], "deleted")

    def follow(self, seconds: float) -> None:
        for item in follow(self._outbox, list(self.open.values()), seconds, self._wiring.clock):
            say(item.unique_id, item.state.value)

    def settle(self) -> None:
        """Somebody sits before it until nothing is left: what is held is let go, what was refused tried again once the rest has
        left. Not before: the oldest goes first, and it would keep what it waits for from leaving."""
        while True:
            self._outbox.flush()
            items = self._outbox.items()
            held = [item for item in items if item.waiting_for is WaitingFor.HOLD]
            rest = any(not item.state.final for item in items)
            for item in held or (() if rest else filter(_tried_again, items)):
                with suppress(ContextError, StorageError):
                    self._outbox.retry(item.id)
            if all(
                item.state.final and not (item.code in TRIED_AGAIN and item.state is OutboxState.REFUSED)
                for item in items
            ):
                return
            _pause(_LOOK / 4)


def _at_work(wiring: Wiring, acts: Sequence[Mapping[str, Any]]) -> Practice:
    """Signed in where the environment has an identity, with its acts done."""
    practice = Practice(wiring)
    if "DMP_DESKTOP_IDENTITY" in os.environ:
        practice.sign_in()
    wiring.worker.start()
    for act in acts:
        practice.do(act)
    return practice


def practise(acts: Sequence[Mapping[str, Any]]) -> None:
    """One life, killed or not."""
    with open_wiring() as wiring:
        practice = _at_work(wiring, acts)
        practice.follow(_MOST)


def drain() -> None:
    """The last life, which nobody kills."""
    with open_wiring() as wiring:
        practice = Practice(wiring)
        practice.sign_in()
        wiring.worker.start()
        practice.settle()


def station(acts: Sequence[Mapping[str, Any]]) -> None:
    """A workstation at work until it is killed: signed in where the environment has an identity; without acts somebody sits
    before it who tries at once what waits, and again what was refused for the clock."""
    with open_wiring() as wiring:
        practice = _at_work(wiring, acts)
        while acts:
            _pause(_LOOK)
        while True:
            with suppress(StorageError):
                practice.settle()
            _pause(_LOOK)


def _tried_again(item: OutboxItem) -> bool:
    return item.state is OutboxState.REFUSED and item.code in TRIED_AGAIN


def _pause(seconds: float) -> None:
    threading.Event().wait(seconds)


def _content(file: str) -> bytes:
    return Path(file).read_bytes()
