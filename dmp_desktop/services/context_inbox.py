"""What the practice software hands over, whichever way it comes: validated, durable, then proposed. Nothing is done of it here.

Each context with its note is one sealed file of the data folder until somebody has taken or ignored it: the sender is told that
it was taken only then, and may forget it.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from dmp_desktop.domain.people import Context, Patient
from dmp_desktop.domain.ports import Clock, Entropy
from dmp_desktop.errors import ContextError, DmpDesktopError, StorageError
from dmp_desktop.exchange.context import load_context
from dmp_desktop.platform.keystore import flush_folder, write_durably
from dmp_desktop.services.context_origin import Origin, leave
from dmp_desktop.services.note_file import read_note
from dmp_desktop.storage.sealing import Seal

log = logging.getLogger(__name__)

FRESH = timedelta(minutes=15)
"""Ours: who was opened in the practice software longer ago is not who sits there. What came with a note waits without end."""
MOST = 50
"""Notes that wait: more come from a loop in the practice software."""
_SUFFIX = ".recu"


@dataclass(frozen=True, slots=True, repr=False)
class HandedOver:
    """`id`: 32 hex digits, drawn when it came; a draft made of it has the same. `doubts`: what to check in the note."""

    id: str
    context: Context
    note: str
    at: datetime
    digest: str
    origin: tuple[Origin, ...] = ()
    doubts: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Never shows a patient: representations end up in logs."""
        return "HandedOver(…)"


class ContextInbox:
    """Every adapter feeds it, from any thread. `lock` is of its own files, and held by who takes one of the exchange folder from
    its last look to `receive`: never while something of that folder is read or leaves, which may hang with its network."""

    def __init__(self, folder: Path, seal: Seal, clock: Clock, entropy: Entropy) -> None:
        self._folder = folder
        self._seal = seal
        self._clock = clock
        self._entropy = entropy
        self._accepted: list[Patient] = []
        self._turn, self._people = 0, threading.Lock()
        self._flushed = False
        self._damaged: set[str] = set()
        self.refused: Callable[[DmpDesktopError], None] | None = None
        """Told, once and from any thread, that what was received can be read no more."""
        self._listeners: list[Callable[[], None]] = []
        self.lock = threading.RLock()

    def follow(self, listener: Callable[[], None]) -> None:
        """Told, on the thread of whoever changed it, that other ones wait."""
        self._listeners.append(listener)

    def receive(
        self,
        untrusted_context: bytes | str,
        untrusted_note: bytes = b"",
        origin: tuple[Origin, ...] = (),
        age: timedelta = timedelta(0),
    ) -> HandedOver:
        """Durable when it returns. `age`: since when the program has had it, and could not take it. A context alone takes the
        place of the one before: the doctor has gone on to another patient. The same note again, while it waits, is one. Raises
        ContextError with the field at fault, StorageError."""
        told = _text(untrusted_context)
        context = load_context(told)
        _check_announced(context, untrusted_note)
        note, doubts = _note(untrusted_note)
        digest = hashlib.sha256(f"{len(told)} {told}{note}".encode()).hexdigest()
        with self.lock:
            there = self._all()
            same = next((one for one in there if one.digest == digest), None)
            if same is None and note and sum(bool(one.note) for one in there) >= MOST:
                raise _too_many()
            if same is not None and note:
                if origin:  # nor is it taken again from there
                    self._keep(replace(same, origin=(*same.origin, *origin)), told)
                return same
            item = HandedOver(self._entropy.uuid().hex, context, note, self._clock.now() - age, digest, origin, doubts)
            self._keep(item, told)
        for former in there:
            if not former.note and not note:
                self._leave_later(former)
        self._tell()
        return item

    def waiting(self) -> tuple[HandedOver, ...]:
        """The context that came last, then those with a note, the oldest first. What is stale goes. Raises StorageError."""
        now = self._clock.now()
        there = sorted(self._all(), key=lambda one: one.at)
        alone = [one for one in there if not one.note]
        last = [one for one in alone if abs(now - one.at) <= FRESH][-1:]  # of the future: the clock has been put back
        for former in alone:
            if former not in last:
                self._leave_later(former)
        return (*last, *(one for one in there if one.note))

    def came_from(self, file: Origin) -> HandedOver | None:
        """What waits of this file of the exchange folder, which was cut before it left. Raises StorageError."""
        return next((one for one in self._all() if file in one.origin), None)

    def drop(self, received_id: str) -> bool:
        """Taken or ignored: it is proposed no more, its file is not taken again. Whether it was there until now. Raises
        StorageError."""
        left: tuple[Origin, ...] = ()
        while True:
            with self.lock:
                item = next((one for one in self._all() if one.id == received_id), None)
                if item is None:
                    return False
                if set(item.origin) <= set(left):
                    self._remove(item)
                    break
            for one in item.origin:  # the same note may have come from there again meanwhile
                leave(one)
            left = item.origin
        self._tell()
        return True

    # Patients somebody has taken from here

    @property
    def turn(self) -> int:
        """Another one each time who is signed in leaves. Never blocks."""
        return self._turn

    def accept(self, patient: Patient, turn: int) -> None:
        """A professional opens them: the practice software calls them qualified. Until `forget`; of a former `turn`, no more."""
        with self._people:
            if turn != self._turn:
                return
            self._accepted = [one for one in self._accepted if one.ins.value != patient.ins.value] + [patient]

    @property
    def accepted(self) -> tuple[Patient, ...]:
        return tuple(self._accepted)

    def forget(self) -> None:
        """Who had accepted them has left. Waits for no disk."""
        with self._people:
            self._turn += 1
            self._accepted = []

    # Files

    def _keep(self, item: HandedOver, context: str) -> None:
        told: dict[str, Any] = {
            "context": context,
            "note": item.note,
            "at": item.at.isoformat(),
            "digest": item.digest,
            "doubts": item.doubts,
        }
        told["origin"] = [[one.path, one.size, one.changed_ns] for one in item.origin]
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not self._flushed:  # what is in a folder that a cut takes away is lost with it
                flush_folder(self._folder.parent)
                self._flushed = True
        except OSError as error:
            raise _disk() from error
        write_durably(self._file(item.id), self._seal.seal(json.dumps(told).encode(), item.id))

    def _all(self) -> list[HandedOver]:
        """One that does not open is left where it is; that there is one is told once, in the log by its error alone."""
        found = []
        try:
            files = sorted(self._folder.glob(f"*{_SUFFIX}"))
        except OSError as error:
            raise _disk() from error
        for file in files:
            try:
                found.append(self._read(file))
            except FileNotFoundError:  # dropped meanwhile
                continue
            except (DmpDesktopError, OSError, ValueError, KeyError, TypeError) as error:
                log.warning("a received context cannot be read: %s", type(error).__name__)
                if self.refused is not None and file.name not in self._damaged:
                    self._damaged.add(file.name)
                    self.refused(_damaged())
        return found

    def _read(self, file: Path) -> HandedOver:
        told = json.loads(self._seal.open(file.read_bytes(), file.stem))
        origin = tuple(Origin(*one) for one in told["origin"])
        at = datetime.fromisoformat(told["at"])
        return HandedOver(
            file.stem, load_context(told["context"]), told["note"], at, told["digest"], origin, tuple(told["doubts"])
        )

    def _leave(self, item: HandedOver) -> None:
        """Its files first: none of them is taken again."""
        for one in item.origin:
            leave(one)
        self._remove(item)

    def _leave_later(self, item: HandedOver) -> None:
        """Nobody waits for it: a file that stays in the exchange folder is no reason to keep the patient of now from view."""
        try:
            self._leave(item)
        except StorageError as error:
            log.warning("a former context stays: %s", error.code)

    def _remove(self, item: HandedOver) -> None:
        try:
            self._file(item.id).unlink(missing_ok=True)
        except OSError as error:
            raise _disk() from error

    def _file(self, received_id: str) -> Path:
        return self._folder / f"{received_id}{_SUFFIX}"

    def _tell(self) -> None:
        for listener in [*self._listeners]:
            listener()


def _text(untrusted: bytes | str) -> str:
    """Raises ContextError, as `load_context` does for what is no JSON."""
    try:
        return untrusted if isinstance(untrusted, str) else untrusted.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ContextError(
            "context-json", "Le fichier de contexte n'est pas du JSON en UTF-8.", "Vérifiez que c'est le bon fichier."
        ) from error


def _check_announced(context: Context, untrusted_note: bytes) -> None:
    """Raises ContextError where the context tells which note it comes with, and this is another, or none."""
    if context.note_sha256 and context.note_sha256 != hashlib.sha256(untrusted_note).hexdigest():
        raise ContextError(
            "note-other",
            "La note n'est pas celle que son contexte annonce, ou manque : rien n'est repris.",
            "Transmettez de nouveau les deux depuis le logiciel métier.",
            field="note_sha256",
        )


def _note(untrusted: bytes) -> tuple[str, tuple[str, ...]]:
    """Its text and its doubts. Raises ContextError with the field at fault."""
    if not untrusted:
        return "", ()
    try:
        found = read_note(untrusted)
    except ContextError as error:
        raise ContextError(error.code, error.message_fr, error.remedy_fr, field="note") from error
    return found.text, tuple(found.doubts)


def _too_many() -> ContextError:
    return ContextError(
        "received-many",
        f"Déjà {MOST} notes du logiciel métier attendent d'être reprises : celle-ci n'est pas prise.",
        "Reprenez ou ignorez celles qui attendent.",
    )


def _damaged() -> StorageError:
    return StorageError(
        "received-damaged",
        "Un patient ou une note reçus du logiciel métier ne peuvent plus être relus : ils ne sont pas proposés.",
        "Transmettez-les de nouveau.",
    )


def _disk() -> StorageError:
    return StorageError(
        "received-disk",
        "Ce que transmet le logiciel métier ne peut pas être enregistré : rien n'est repris.",
        "Vérifiez l'espace du disque et les droits du dossier des données.",
    )
