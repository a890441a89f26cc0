"""What is on its way to the folder of the practice software: durable until it is there, written once, kept while that is away.

One sealed file a document and profile (`.attend`), then an empty one (`.fait`): what was written does not come by itself again
(ADR 38). Cut between any two steps, the next look goes on: see `outgoing_folder`.
"""

from __future__ import annotations

import base64
import json
import logging
import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from dmp_desktop.domain.documents import Visibility
from dmp_desktop.domain.outbox import OutboxItem, OutboxState
from dmp_desktop.domain.ports import Clock
from dmp_desktop.errors import DmpDesktopError, StorageError
from dmp_desktop.exchange.profile import Profile
from dmp_desktop.platform.keystore import write_durably
from dmp_desktop.platform.settings import Settings
from dmp_desktop.services.outgoing_folder import Move, finish, mark_of
from dmp_desktop.services.profiles import ProfileFile
from dmp_desktop.storage.sealing import Seal

log = logging.getLogger(__name__)

_FORGOTTEN_AFTER_S = 366 * 24 * 3600
"""The longest an outbox lists what was sent (`settings.LIMITS`), and a day."""

_WAITS, _DONE = ".attend", ".fait"
_SENT = (OutboxState.SENT, OutboxState.REPLACED)
_FOLDER = frozenset(
    (
        "profile-folder",
        "profile-folder-shared",
        "profile-folder-ours",
        "profile-unwritable",
        "profile-full",
        "write-failed",
    )
)
"""Codes of what is the folder's fault, or a disk's: it is tried again. Anything else is the document's, and stays as it is."""


class Documents(Protocol):
    """The outbox, as far as what was sent is asked of it."""

    def items(self) -> list[OutboxItem]: ...

    def document(self, item_id: int) -> bytes: ...


@dataclass(frozen=True, slots=True, repr=False)
class Waiting:
    """A document for a profile. `moves`: what was about to be named, None before it was written. `asked`: by somebody."""

    mark: str
    profile: str
    unique_id: str
    cda: bytes
    visibility: tuple[str, ...]
    asked: bool
    moves: tuple[Move, ...] | None = None


@dataclass(frozen=True, slots=True)
class OutgoingReport:
    """How many documents wait, and why; `warnings`: what the last ones written do not hold, in French."""

    waiting: int = 0
    fault: DmpDesktopError | None = None
    warnings: tuple[str, ...] = ()


class OutgoingQueue:
    """`told` hears, once until it is over, why documents wait, and why one cannot be written; `noted` each that was written. Safe
    from every thread; `report` never blocks."""

    def __init__(
        self,
        folder: Path,
        seal: Seal,
        profiles: ProfileFile,
        settings: Callable[[], Settings],
        home: Path,
        source_id: str,
        clock: Clock,
    ) -> None:
        self._folder = folder
        self._seal = seal
        self._profiles = profiles
        self._settings = settings
        self._home = home
        self._source_id = source_id
        self._clock = clock
        self._lock = threading.RLock()
        self._report = OutgoingReport()
        self._fault = ""
        self._clinics: set[str] = set()  # uniqueIds of the clinic's documents that left from here
        self.told: Callable[[DmpDesktopError], None] = lambda _error: None
        self.noted: Callable[[Waiting], None] = lambda _waiting: None

    @property
    def report(self) -> OutgoingReport:
        return self._report

    def sent_here(self, item: OutboxItem) -> None:
        """What became of a document in this process. Of a clinic's, which every workstation lists, the one that sent it gives it:
        two of them would give it twice. Never blocks."""
        if item.id < 0 and item.state is OutboxState.SENT:
            self._clinics.add(item.unique_id)

    def stage(self, outbox: Documents) -> None:
        """Keep what the DMP took since each profile wants it. Raises StorageError, ContextError (damaged profiles)."""
        wanted = [(one, one.since) for one in self._profiles.load() if one.since is not None]
        if not wanted and not self._folder.is_dir():
            return
        items = [one for one in outbox.items() if one.state in _SENT]
        for profile, since in wanted:
            for item in items:
                elsewhere = item.id < 0 and item.unique_id not in self._clinics
                if elsewhere or (item.sent_at or item.updated_at) < since:
                    continue
                mark = mark_of(profile.name, item.unique_id)
                # in this order: `.fait` comes before `.attend` goes
                if any(self._file(mark, kind).exists() for kind in (_WAITS, _DONE)):
                    continue
                shown = tuple(sorted(one.value for one in item.visibility))
                self._keep(Waiting(mark, profile.name, item.unique_id, outbox.document(item.id), shown, asked=False))
        self._forget({mark_of(profile.name, item.unique_id) for profile, _since in wanted for item in items})

    def ask(self, profile: str, unique_id: str, cda: bytes, visibility: Collection[Visibility]) -> None:
        """Keep one document that somebody wants there, even once more. Raises StorageError."""
        shown = tuple(sorted(one.value for one in visibility))
        with self._lock:
            self._keep(Waiting(mark_of(profile, unique_id), profile, unique_id, cda, shown, asked=True))

    def look(self) -> int:
        """Write what waits; how many documents were. One that cannot be written keeps no other from it. Raises StorageError:
        nothing is lost."""
        with self._lock:
            return self._look()

    def _look(self) -> int:
        waiting = list(self._all())
        try:
            profiles = {one.name: one for one in self._profiles.load()} if waiting else {}
        except DmpDesktopError as error:
            self._report = OutgoingReport(len(waiting), error)
            self._tell(error)
            return 0
        settings, fault, count, said = self._settings(), None, 0, list[str]()
        away: set[str] = set()
        for one in waiting:
            profile = profiles.get(one.profile)
            if profile is None:  # it was removed: the document is in the DMP, or was asked for by who removed it
                self._over(one)
            elif one.profile not in away:
                try:
                    said += self._written(one, profile, settings)
                    count += 1
                except DmpDesktopError as error:
                    if error.code in _FOLDER:
                        fault = error
                        away.add(one.profile)
                    else:
                        log.warning("a document for the practice software: %s", error.code)
                        self._over(one)
                        self.told(error)
        left = sum(one.profile in away for one in waiting)
        self._report = OutgoingReport(left, fault, tuple(dict.fromkeys(said)) if count else self._report.warnings)
        self._tell(fault)
        return count

    def _written(self, one: Waiting, profile: Profile, settings: Settings) -> Sequence[str]:
        """Raises as `write_now`."""
        from dmp_desktop.services.outgoing import (  # what writes PDFs and reads CDA: when there is something
            WORDS,
            Outgoing,
        )
        from dmp_desktop.services.outgoing_run import unwritable, write_now
        from dmp_desktop.services.profiles import check_folders

        used = {Path(folder) for folder in profile.used_folders}
        if (
            one.moves is not None and {Path(move.named).parent for move in one.moves} <= used
        ):  # cut while they were named
            check_folders(profile, settings, self._home)
            try:
                finish(one.moves)
            except OSError as error:
                raise unwritable() from error
            self._done(one)
            return ()

        def intend(moves: Sequence[Move]) -> None:
            self._keep(replace(one, moves=tuple(moves)))

        document = Outgoing(one.cda, [Visibility(name) for name in one.visibility], self._source_id)
        written = write_now(document, profile, settings, self._home, intend)
        self._done(one)
        return (*written.warnings, *(f"{WORDS[kind]} : {error.message_fr}" for kind, error in written.refused))

    def _done(self, one: Waiting) -> None:
        self._over(one)
        self.noted(one)

    def _over(self, one: Waiting) -> None:
        write_durably(self._file(one.mark, _DONE), b"")  # asked for or not: it is there
        try:
            self._file(one.mark, _WAITS).unlink(missing_ok=True)
        except OSError as error:
            raise _disk() from error

    def _tell(self, fault: DmpDesktopError | None) -> None:
        code = fault.code if fault else ""
        if fault is not None and code != self._fault:
            log.warning("folder of the practice software: %s", code)
            self.told(fault)
        self._fault = code

    def _forget(self, listed: set[str]) -> None:
        """Of what the outbox lists no more, nothing is asked any more. A clinic's are not listed while its server is away."""
        oldest = self._clock.now().timestamp() - _FORGOTTEN_AFTER_S
        for file in self._files(_DONE):
            if file.stem not in listed:
                with suppress(OSError):
                    if file.stat().st_mtime < oldest:
                        file.unlink()

    # Files

    def _keep(self, one: Waiting) -> None:
        told: dict[str, Any] = {
            "profile": one.profile,
            "unique_id": one.unique_id,
            "cda": base64.b64encode(one.cda).decode(),
            "visibility": one.visibility,
            "asked": one.asked,
            "moves": None if one.moves is None else [[move.hidden, move.named] for move in one.moves],
        }
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise _disk() from error
        write_durably(self._file(one.mark, _WAITS), self._seal.seal(json.dumps(told).encode(), one.mark))

    def _all(self) -> Iterable[Waiting]:
        """One that does not open stays where it is, told in the log by its error alone."""
        for file in self._files(_WAITS):
            try:
                told = json.loads(self._seal.open(file.read_bytes(), file.stem))
                yield Waiting(
                    file.stem,
                    told["profile"],
                    told["unique_id"],
                    base64.b64decode(told["cda"]),
                    tuple(told["visibility"]),
                    told["asked"],
                    None if told["moves"] is None else tuple(Move(*move) for move in told["moves"]),
                )
            except FileNotFoundError:
                continue
            except (OSError, DmpDesktopError, ValueError, LookupError, TypeError) as error:
                log.warning("a document for the practice software does not open: %s", type(error).__name__)

    def _files(self, suffix: str) -> list[Path]:
        try:
            return sorted(self._folder.glob(f"*{suffix}"))
        except OSError as error:
            raise _disk() from error

    def _file(self, mark: str, suffix: str) -> Path:
        return self._folder / f"{mark}{suffix}"


def _disk() -> StorageError:
    return StorageError(
        "outgoing-disk",
        "Ce qui part vers le logiciel métier ne peut pas être gardé sur ce poste.",
        "Vérifiez l'espace du disque et les droits du dossier des données.",
    )
