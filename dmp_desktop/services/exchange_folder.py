"""The folder the practice software writes contexts to: each is taken once it is whole, and leaves it once it is on the disk here.

A context is `NAME.json`; its note, if it has one, `NAME.txt`, `.rtf`, `.docx` or `.pdf`, written before it. Neither is removed
before both are in the inbox, which keeps where they came from: cut between any two steps, they are neither lost nor taken twice.
What binds a note to its context is its name, just written, or better its SHA-256, which the context may tell: a name that has
been another patient's binds nothing any more.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from dmp_desktop.domain.people import Context
from dmp_desktop.domain.ports import Clock
from dmp_desktop.errors import ContextError, DmpDesktopError
from dmp_desktop.exchange.context import MAX_CONTEXT_BYTES, load_context
from dmp_desktop.exchange.note_file import MAX_BYTES
from dmp_desktop.services.context_inbox import ContextInbox
from dmp_desktop.services.context_origin import Origin, Signature, leave, put_back, set_aside, signature

NOTES = (".txt", ".rtf", ".docx", ".pdf")
SETTLE_SECONDS = 3.0
"""After which a file that stays as it is will not become whole: what is wrong with it is told."""
NOTE_SECONDS = 60.0
"""How long before its context a note may have been written: an older one may be another patient's, left over."""
MAX_ENTRIES = 2_000
MOST_NAMES = 5_000
"""Of which it is remembered whose they were, since the program began."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Found:
    """A context, and whatever else has its name, in any case of letters: `beside`, None for what is no ordinary file."""

    signature: Signature
    beside: tuple[tuple[str, Signature | None], ...]


@dataclass(slots=True)
class _Seen:
    found: object
    since: float
    refused: bool = False


class ExchangeFolder:
    """`folder` gives the one to watch, None where there is none, or raises why it is not watched. `refused` is told, once, why a
    file is not taken: it stays."""

    def __init__(self, folder: Callable[[], Path | None], inbox: ContextInbox, clock: Clock) -> None:
        self._folder = folder
        self._inbox = inbox
        self._clock = clock
        self._seen: dict[str, _Seen] = {}
        self._whose: dict[str, str] = {}
        self._fault = ""
        self.refused: Callable[[DmpDesktopError], None] = lambda _error: None

    def look(self) -> int:
        """Take what is whole; how many were. One that cannot be used bars no other."""
        try:
            folder = self._folder()
            if folder is None:
                return 0
            names = _listed(folder)
            self._take_back(folder, names)
            found, alone = _contexts(folder, names), _notes_alone(folder, names)
            self._fault = ""
        except (OSError, DmpDesktopError) as error:
            self._tell_fault(error if isinstance(error, DmpDesktopError) else _no_folder())
            return 0
        self._seen = {name: seen for name, seen in self._seen.items() if name in found or name in alone}
        for name, written in alone.items():
            self._look_alone(name, written)
        return sum(self._look_at(folder / name, one) for name, one in found.items())

    def _look_at(self, file: Path, found: _Found) -> int:
        seen = self._seen_as(file.name, found)
        if seen.refused:
            return 0
        try:
            return self._take(file, found)
        except (DmpDesktopError, OSError) as error:
            if self._clock.monotonic() - seen.since < SETTLE_SECONDS:
                return 0  # it may be half written, or open elsewhere
            seen.refused = isinstance(error, ContextError)
            told = error if isinstance(error, DmpDesktopError) else _held()
            log.warning("exchange folder: %s", told.code)
            seen.since = self._clock.monotonic() + NOTE_SECONDS  # of what is not the file's fault, told again only then
            self.refused(told)
            return 0

    def _seen_as(self, name: str, found: object) -> _Seen:
        seen = self._seen.get(name)
        if seen is None or seen.found != found:
            seen = self._seen[name] = _Seen(found, self._clock.monotonic())
        return seen

    def _look_alone(self, name: str, written: Signature) -> None:
        """A note that no context followed: it is nobody's, and would be lost in silence."""
        seen = self._seen_as(name, written)
        if not seen.refused and self._clock.monotonic() - seen.since > NOTE_SECONDS:
            seen.refused = True
            log.warning("exchange folder: exchange-note-alone")
            self.refused(_note_alone())

    def _take(self, file: Path, found: _Found) -> int:
        here = Origin(str(file), *found.signature)
        if (taken := self._inbox.came_from(here)) is not None:
            for origin in taken.origin:
                leave(origin)
            return 0
        content = _read(file, MAX_CONTEXT_BYTES)
        context = load_context(content)
        note = _note_of(file, found)
        if note is not None and self._inbox.came_from(note) is not None:
            leave(note)  # it was taken with another context, and could not leave: it is not this one's
            return 0
        if note is not None and not context.note_sha256:
            self._check_bound(file, found, note, context)
        words = _read(Path(note.path), MAX_BYTES) if note else b""
        origins = (note, here) if note else (here,)
        with self._inbox.lock:
            if self._inbox.came_from(here) or any(signature(Path(one.path)) != one.signature for one in origins):
                return 0  # written to meanwhile, or dropped
            self._inbox.receive(content, words, origins)
        self._remember(file, context)
        for one in origins:
            leave(one)
        return 1

    def _check_bound(self, file: Path, found: _Found, note: Origin, context: Context) -> None:
        """Raises ContextError where only a name says that the note is of this context, and it says too little."""
        if not 0 <= found.signature[1] - note.changed_ns <= NOTE_SECONDS * 1e9:
            raise _note_age()
        whose = _whose(context)
        if self._whose.get(_stem(file.name), whose) != whose:
            raise _name_again()

    def _remember(self, file: Path, context: Context) -> None:
        """Whose name it was, the latest last."""
        self._whose.pop(_stem(file.name), None)
        self._whose[_stem(file.name)] = _whose(context)
        if len(self._whose) > MOST_NAMES:
            del self._whose[next(iter(self._whose))]

    def _take_back(self, folder: Path, names: list[str]) -> None:
        """What a cut left set aside: it goes if it was taken; if another had been written there meanwhile, it is that again."""
        for name in names:
            former, now = set_aside(name), signature(folder / name)
            if not former or now is None:
                continue
            if self._inbox.came_from(Origin(str(folder / former), *now)) is not None:
                (folder / name).unlink(missing_ok=True)
            elif not any(_stem(one) == _stem(former) for one in names):
                put_back(folder / name, folder / former)

    def _tell_fault(self, error: DmpDesktopError) -> None:
        """Once, until the folder can be read again."""
        if self._fault != error.code:
            self._fault = error.code
            log.warning("exchange folder: %s", error.code)
            self.refused(error)


def _listed(folder: Path) -> list[str]:
    """Raises OSError, ContextError for too many."""
    with os.scandir(folder) as entries:
        listed = [one.name for one in islice(entries, MAX_ENTRIES + 1)]
    if len(listed) > MAX_ENTRIES:
        raise ContextError(
            "exchange-folder-full",
            f"Le dossier d'échange contient plus de {MAX_ENTRIES} éléments : rien n'y est pris.",
            "Choisissez un dossier réservé à l'échange avec le logiciel métier.",
        )
    return listed


def _contexts(folder: Path, names: list[str]) -> dict[str, _Found]:
    """The oldest first."""
    named: dict[str, list[str]] = {}
    for name in sorted(names):
        if not name.startswith((".", "~")):
            named.setdefault(_stem(name), []).append(name)
    found = {}
    for name in names:
        if _is_context(name) and (now := signature(folder / name)) is not None:
            beside = tuple((one, signature(folder / one)) for one in named[_stem(name)] if one != name)
            found[name] = _Found(now, beside)
    return dict(sorted(found.items(), key=lambda one: one[1].signature[1]))


def _notes_alone(folder: Path, names: list[str]) -> dict[str, Signature]:
    """Notes by whose side no context is."""
    contexts = {_stem(name) for name in names if _is_context(name)}
    alone = [
        name
        for name in names
        if Path(name).suffix.lower() in NOTES and not name.startswith((".", "~")) and _stem(name) not in contexts
    ]
    signed = {name: signature(folder / name) for name in alone}
    return {name: now for name, now in signed.items() if now is not None}


def _note_of(file: Path, found: _Found) -> Origin | None:
    """Raises ContextError where it is not sure which it is."""
    if not found.beside:
        return None
    name, written = found.beside[0]
    if len(found.beside) > 1 or written is None:
        raise _notes()
    if Path(name).suffix.lower() not in NOTES:
        raise _note_kind()
    return Origin(str(file.with_name(name)), *written)


def _is_context(name: str) -> bool:
    return name.lower().endswith(".json") and not name.startswith((".", "~"))


def _stem(name: str) -> str:
    """What two files have in common that are called the same: on most disks the case of letters tells nothing apart."""
    return Path(name).stem.casefold()


def _whose(context: Context) -> str:
    ins = context.patient.ins
    return hashlib.sha256(f"{ins.oid} {ins.value}".encode()).hexdigest()


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


def _notes() -> ContextError:
    return ContextError(
        "exchange-notes",
        "Plusieurs fichiers peuvent être la note de ce contexte : aucun n'est pris.",
        "N'en laissez qu'un sous ce nom dans le dossier d'échange.",
        field="note",
    )


def _note_kind() -> ContextError:
    return ContextError(
        "exchange-note-kind",
        "La note qui accompagne ce contexte est d'un type qui n'est pas repris : ni elle ni son patient ne sont pris.",
        "Transmettez-la en texte, RTF, Word (.docx) ou PDF.",
        field="note",
    )


def _note_age() -> ContextError:
    return ContextError(
        "exchange-note-age",
        "La note du dossier d'échange n'a pas été écrite juste avant son contexte : elle est peut-être d'un autre patient.",
        "Transmettez-la de nouveau depuis le logiciel métier.",
        field="note",
    )


def _name_again() -> ContextError:
    return ContextError(
        "exchange-name-again",
        "Le nom de cette note a déjà servi à un autre patient : elle est peut-être de celui-là. Rien n'est pris.",
        "Faites donner par l'éditeur du logiciel métier un nom nouveau à chaque envoi, ou l'empreinte de la note.",
        field="note",
    )


def _note_alone() -> ContextError:
    return ContextError(
        "exchange-note-alone",
        "Une note du dossier d'échange attend depuis une minute le contexte qui dirait son patient : elle n'est de personne.",
        "Transmettez-la de nouveau depuis le logiciel métier, puis retirez-la du dossier.",
        field="note",
    )
