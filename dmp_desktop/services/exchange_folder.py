"""The folder the practice software writes contexts to: each is taken once it is whole, and leaves it once it is on the disk here.

A context is `NAME.json`; its note, if it has one, `NAME.txt`, `.rtf`, `.docx` or `.pdf`, written before it. Neither is removed
before both are in the inbox, which keeps where they came from: cut between any two steps, they are neither lost nor taken twice.
"""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from dmp_desktop.domain.ports import Clock
from dmp_desktop.errors import ContextError, DmpDesktopError
from dmp_desktop.exchange.context import MAX_CONTEXT_BYTES
from dmp_desktop.exchange.note_file import MAX_BYTES
from dmp_desktop.platform.settings import Settings
from dmp_desktop.services.context_inbox import ContextInbox, Origin, leave

NOTES = (".txt", ".rtf", ".docx", ".pdf")
SETTLE_SECONDS = 3.0
"""After which a file that stays as it is will not become whole: what is wrong with it is told."""
NOTE_SECONDS = 60.0
"""How long before its context a note may have been written: an older one may be another patient's, left over."""
MAX_ENTRIES = 2_000

log = logging.getLogger(__name__)

Signature = tuple[int, int]


@dataclass(slots=True)
class _Seen:
    signature: Signature
    since: float
    refused: bool = False


def check_exchange(settings: Settings) -> None:
    """Raises ContextError where the chosen folder is none, or what is taken otherwise is in it."""
    chosen = settings.exchange_folder
    if not chosen:
        return
    if not Path(chosen).is_dir():
        raise ContextError(
            "exchange-folder-none", "Ce dossier n'existe pas.", "Choisissez-en un autre.", field="folder"
        )
    others = [one for one in (settings.scan_folder, settings.received_folder) if one]
    if any(Path(chosen).resolve() == Path(other).resolve() for other in others):
        raise ContextError(
            "exchange-folder-shared",
            "Ce dossier est déjà celui du scanner ou des documents reçus.",
            "Choisissez un dossier réservé à l'échange avec le logiciel métier.",
            field="folder",
        )


class ExchangeFolder:
    """`folder` gives the one to watch, None where there is none. `refused` is told, once, why a file is not taken: it stays."""

    def __init__(self, folder: Callable[[], Path | None], inbox: ContextInbox, clock: Clock) -> None:
        self._folder = folder
        self._inbox = inbox
        self._clock = clock
        self._seen: dict[str, _Seen] = {}
        self._fault = ""
        self.refused: Callable[[DmpDesktopError], None] = lambda _error: None

    def look(self) -> int:
        """Take what is whole; how many were. One that cannot be used bars no other."""
        folder = self._folder()
        if folder is None:
            return 0
        try:
            found = _contexts(folder)
            self._fault = ""
        except (OSError, DmpDesktopError) as error:
            self._tell_fault(error if isinstance(error, DmpDesktopError) else _no_folder())
            return 0
        self._seen = {name: seen for name, seen in self._seen.items() if name in found}
        return sum(self._look_at(folder / name, signature) for name, signature in found.items())

    def _look_at(self, file: Path, signature: Signature) -> int:
        seen = self._seen.get(file.name)
        if seen is None or seen.signature != signature:
            seen = self._seen[file.name] = _Seen(signature, self._clock.monotonic())
        if seen.refused:
            return 0
        try:
            with self._inbox.lock:
                return self._take(file, signature)
        except (DmpDesktopError, OSError) as error:
            if self._clock.monotonic() - seen.since < SETTLE_SECONDS:
                return 0  # it may be half written, or open elsewhere
            seen.refused = isinstance(error, ContextError)
            told = error if isinstance(error, DmpDesktopError) else _held()
            log.warning("exchange folder: %s", told.code)
            seen.since = self._clock.monotonic() + NOTE_SECONDS  # of what is not the file's fault, told again only then
            self.refused(told)
            return 0

    def _take(self, file: Path, signature: Signature) -> int:
        here = Origin(str(file), *signature)
        if (taken := self._inbox.came_from(here)) is not None:
            for origin in taken.origin:
                leave(origin)
            return 0
        content, note = _read(file, MAX_CONTEXT_BYTES), _note_of(file, signature)
        words = _read(Path(note.path), MAX_BYTES) if note else b""
        origins = (note, here) if note else (here,)
        if any(_signature(Path(one.path)) != (one.size, one.changed_ns) for one in origins):
            return 0  # written to meanwhile
        self._inbox.receive(content, words, origins)
        for one in origins:
            leave(one)
        return 1

    def _tell_fault(self, error: DmpDesktopError) -> None:
        """Once, until the folder can be read again."""
        if self._fault != error.code:
            self._fault = error.code
            log.warning("exchange folder: %s", error.code)
            self.refused(error)


def _contexts(folder: Path) -> dict[str, Signature]:
    """The oldest first. Raises OSError, ContextError for too many."""
    with os.scandir(folder) as entries:
        listed = list(islice(entries, MAX_ENTRIES + 1))
    if len(listed) > MAX_ENTRIES:
        raise ContextError(
            "exchange-folder-full",
            f"Le dossier d'échange contient plus de {MAX_ENTRIES} éléments : rien n'y est pris.",
            "Choisissez un dossier réservé à l'échange avec le logiciel métier.",
        )
    names = [one.name for one in listed if one.name.lower().endswith(".json") and not one.name.startswith((".", "~"))]
    signed = {name: _signature(folder / name) for name in names}
    found = {name: signature for name, signature in signed.items() if signature is not None}
    return dict(sorted(found.items(), key=lambda one: one[1][1]))


def _note_of(file: Path, context: Signature) -> Origin | None:
    """Raises ContextError where it is not sure that it is of this context."""
    there = [path for suffix in NOTES if (path := file.with_suffix(suffix)).exists()]
    if not there:
        return None
    signature = _signature(there[0])
    if len(there) > 1 or signature is None:
        raise ContextError(
            "exchange-notes",
            "Plusieurs fichiers peuvent être la note de ce contexte : aucun n'est pris.",
            "N'en laissez qu'un sous ce nom dans le dossier d'échange.",
            field="note",
        )
    if not 0 <= context[1] - signature[1] <= NOTE_SECONDS * 1e9:
        raise ContextError(
            "exchange-note-age",
            "La note du dossier d'échange n'a pas été écrite juste avant son contexte : elle est peut-être d'un autre patient.",
            "Transmettez-la de nouveau depuis le logiciel métier.",
            field="note",
        )
    return Origin(str(there[0]), *signature)


def _signature(file: Path) -> Signature | None:
    """Size and time of change of an ordinary file; None for what is none, or is gone."""
    try:
        told = file.lstat()
    except OSError:
        return None
    return (told.st_size, told.st_mtime_ns) if stat.S_ISREG(told.st_mode) else None


def _read(file: Path, most: int) -> bytes:
    """Raises OSError; what is too big is cut, and refused by who reads it."""
    with file.open("rb") as opened:
        return opened.read(most + 1)


def _no_folder() -> ContextError:
    return ContextError(
        "exchange-folder",
        "Le dossier d'échange avec le logiciel métier ne peut pas être lu.",
        "Vérifiez qu'il existe et que le réseau du cabinet répond, ou choisissez-en un autre dans Réglages.",
    )


def _held() -> ContextError:
    return ContextError(
        "exchange-held",
        "Un fichier du dossier d'échange ne peut pas être repris : un autre logiciel le tient ouvert, ou n'est pas à vous.",
        "Fermez le logiciel qui l'affiche : il sera repris de lui-même.",
    )
