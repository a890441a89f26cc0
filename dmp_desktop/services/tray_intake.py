"""The folder the scanner writes to: each file is taken once it is whole, and leaves the folder once it is in the sealed store.

A file is first moved into a folder of this workstation's own beside the others, in one step of the file system: of two
workstations that watch one folder, one gets it. It is removed from there once it is on the disk elsewhere. Cut between any two
steps, it is in one of the three places, and the next look goes on from there.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from uuid import NAMESPACE_OID, uuid5

from dmp_desktop.domain.ports import Clock, Entropy
from dmp_desktop.domain.tray import Part, Scan, ScanRows, ScanState
from dmp_desktop.errors import ContextError, DmpDesktopError, StorageError
from dmp_desktop.platform.locks import FileLock
from dmp_desktop.services import tray_faults as faults
from dmp_desktop.services.files import MAX_BYTES
from dmp_desktop.services.tray_folder import Signature, files_in, read_file, signature_of

SETTLE_SECONDS = 2.0
"""A file whose size and time stay the same that long is whole: scanners write without a pause."""
LOOK_SECONDS = 10.0
"""After which a look takes no further file: the next one goes on."""
STALLED_SECONDS = 60.0
"""After which a file that stays empty, or held by another program, is told of: nobody waits for it any more."""
OWN = ".dmp-desktop-"
if TYPE_CHECKING:
    from dmp_desktop.services.tray_reading import Examined

log = logging.getLogger(__name__)


class Examiner(Protocol):
    """What a file of the folder is. `several`: it may hold several things, each of which is kept apart."""

    several: bool
    faults: Mapping[str, tuple[str, str]]

    def __call__(self, untrusted: bytes, now: datetime) -> Sequence[Examined]:
        """Raises ContextError for what cannot be taken."""
        ...


class _Papers:
    """Scans: a file is one paper."""

    several = False
    faults: Mapping[str, tuple[str, str]] = {}

    def __call__(self, untrusted: bytes, now: datetime) -> Sequence[Examined]:
        from dmp_desktop.services.tray_reading import examine

        return (examine(untrusted, now),)


@dataclass(frozen=True, slots=True)
class RefusedFile:
    """A file that stays where it is: its name is for the screen of who put it there, never for a log."""

    name: str
    why: DmpDesktopError

    def __repr__(self) -> str:
        return f"RefusedFile({self.why.code})"


@dataclass(frozen=True, slots=True)
class IntakeReport:
    """What the last look found. `fault`: why nothing could be taken at all; `coming`: files not yet whole; `again`: how many,
    since the program runs, were in the tray already, byte for byte."""

    folder: Path | None = None
    fault: DmpDesktopError | None = None
    refused: tuple[RefusedFile, ...] = ()
    coming: int = 0
    again: int = 0


class Intake:
    """`folder` gives the one to watch, None where there is none; `station` names this workstation's own folder in it; `lock` is a
    file that processes of this workstation exclude each other by. `note` is called for each
    scan taken, `taken` after a look that took some; `examine` says what a file is, a scan unless told otherwise, and has
    its own words for a fault, by code."""

    def __init__(
        self,
        store: ScanRows,
        folder: Callable[[], Path | None],
        station: str,
        lock: Path,
        clock: Clock,
        entropy: Entropy,
        note: Callable[[], None] = lambda: None,
        examine: Examiner | None = None,
    ) -> None:
        self._store = store
        self._examine = examine or _Papers()
        self._folder = folder
        self._own = f"{OWN}{station}"
        self._lock = lock
        self._clock = clock
        self._entropy = entropy
        self._note = note
        self._seen: dict[str, tuple[Signature, float]] = {}  # since when it is as it is, by our monotonic clock
        self._refused: dict[str, tuple[Signature, DmpDesktopError]] = {}
        self._held: dict[str, DmpDesktopError] = {}  # what the last look could not open, for long
        self._begun: set[Path] = set()  # in our own folder, and no look came to its end with it
        self._again = 0
        self._report = IntakeReport()
        self.taken: Callable[[], None] = lambda: None

    @property
    def report(self) -> IntakeReport:
        """Never blocks."""
        return self._report

    def look(self) -> int:
        """Take what is whole; how many were. A file that cannot be used stays there and is told of; no other waits for it.

        Raises StorageError: whatever was being taken is taken by a later look. A fault of ours ends the look; the next one passes
        over the file it met it with, which is told of.
        """
        folder = self._folder()
        if folder is None:
            self._report = IntakeReport()
            return 0
        try:
            lock = FileLock(self._lock)
            if not lock.acquire(wait=False):
                return 0  # another process of this workstation is at it
        except OSError:
            return 0
        try:
            return self._taken_from(folder)
        finally:
            lock.release()

    def _taken_from(self, folder: Path) -> int:
        until = self._clock.monotonic() + LOOK_SECONDS
        count, fault = 0, None
        found: dict[str, Signature] = {}
        self._held = {}
        try:
            for claimed in list(self._claimed(folder)):
                count += self._resumed(claimed, folder)
            found = files_in(folder)
            for name in self._whole(found):
                if self._clock.monotonic() > until:
                    break
                if self._take(folder, name, found[name]):
                    count += 1
                    del found[name]
        except ContextError as error:
            fault = self._worded(error)
        except OSError as error:
            log.warning("scan folder: %s", type(error).__name__)
            fault = self._worded(faults.no_folder())
        if fault is None:
            self._forget_gone(found)
        told = {name: why for name, (_signature, why) in self._refused.items()} | self._held
        refused = tuple(RefusedFile(name, why) for name, why in told.items())
        coming = sum(name not in told for name in found) if fault is None else 0
        self._report = IntakeReport(folder, fault, refused, coming, self._again)
        if count:
            self.taken()
        return count

    def _resumed(self, claimed: Path, folder: Path) -> int:
        """What an earlier look left in our own folder."""
        again = claimed in self._begun
        self._begun.add(claimed)
        try:
            if again:
                self._give_back(claimed, folder, self._worded(faults.unforeseen()))
                count = 0
            else:
                count = self._finish(claimed, folder)
        except OSError as error:  # open elsewhere: the others do not wait for it
            log.warning("a scan under way: %s", type(error).__name__)
            count = 0
        except DmpDesktopError:
            self._begun.discard(claimed)
            raise
        self._begun.discard(claimed)
        return count

    def _whole(self, found: dict[str, Signature]) -> list[str]:
        """Those that have been as they are for long enough, and were not found to be of no use as such."""
        now, whole = self._clock.monotonic(), []
        for name, signature in found.items():
            since = self._seen.get(name)
            if since is None or since[0] != signature:
                self._seen[name] = signature, now
            elif not signature[0]:
                if now - since[1] >= STALLED_SECONDS:
                    self._refused[name] = signature, self._worded(faults.empty())
            elif now - since[1] >= SETTLE_SECONDS:
                known = self._refused.get(name)
                if known is None or known[0] != signature:
                    whole.append(name)
        return whole

    def _take(self, folder: Path, name: str, signature: Signature) -> int:
        file = folder / name
        try:
            if signature[0] > MAX_BYTES:
                raise faults.too_big()
            content = read_file(file)
            self._refused[name] = signature, self._worded(faults.unforeseen())  # until we come back from reading it
            examined = self._examined(content)
        except ContextError as error:
            self._refused[name] = signature, self._worded(error)
            return 0
        except StorageError:
            del self._refused[name]
            raise
        except OSError:
            self._refused.pop(name, None)
            return self._later(name)
        del self._refused[name]
        if signature_of(file) != signature:
            return 0
        claimed = folder / self._own / self._entropy.uuid().hex / name
        try:
            claimed.parent.mkdir(mode=0o700, parents=True)
        except OSError as error:
            raise faults.not_ours() from error
        try:
            file.rename(claimed)
        except OSError:  # open elsewhere, on Windows; or another workstation was faster
            claimed.parent.rmdir()
            return self._later(name)
        return self._finish(claimed, folder, examined)

    def _later(self, name: str) -> int:
        """Tried again at each look; told of once that lasts."""
        if self._clock.monotonic() - self._seen[name][1] >= STALLED_SECONDS:
            self._held[name] = faults.held_elsewhere()
        return 0

    def _finish(self, claimed: Path, folder: Path, examined: Sequence[Examined] = ()) -> int:
        """Keep what is in our own folder, then remove it from there; how many new scans there are. It is read again: nobody
        writes to it by its name any more. What it holds first is kept last: who finds that here finds the rest."""
        scan_id, content = claimed.parent.name, read_file(claimed)
        digest, new = _digest(content), 0
        if self._store.get(scan_id) is None:
            try:
                if not examined or examined[0].digest != digest:
                    examined = self._examined(content)
            except ContextError as error:  # it changed since it was looked at
                self._give_back(claimed, folder, self._worded(error))
                return 0
            if not examined:
                self._tell_again(self._store.with_digest(digest))
            for rank in reversed(range(len(examined))):
                new += self._keep_or_tell(_id_of(scan_id, rank), content, examined[rank])
        claimed.unlink()
        claimed.parent.rmdir()
        return new

    def _keep_or_tell(self, scan_id: str, content: bytes, told: Examined) -> int:
        known = self._store.with_digest(told.digest)
        if known is None:
            self._keep(scan_id, content, told)
            return 1
        if known.id != scan_id:
            self._tell_again(known)
        return 0

    def _keep(self, scan_id: str, content: bytes, told: Examined) -> None:
        now = self._clock.now()
        file = content if told.file is None else told.file
        scan = Scan(
            scan_id,
            ScanState.TO_PREPARE,
            now,
            now,
            len(file),
            told.pages,
            told.digest,
            told.codes,
            type_code=told.type_code,
            act_date=told.act_date,
            origin=told.origin,
        )
        parts = {Part.FILE: file, Part.PDF: told.pdf, Part.TEXT: told.text.encode()}
        if not self._store.add(scan, parts):
            raise ContextError("scan-taken", "Ce fichier vient d'être repris par un autre poste.")
        self._note()

    def _examined(self, content: bytes) -> Sequence[Examined]:
        """Nothing where it is one thing that is in the tray already, which is not drawn again."""
        if not self._examine.several and self._store.with_digest(_digest(content)) is not None:
            return ()
        try:
            return self._examine(content, self._clock.now())
        except (ContextError, StorageError):
            raise
        except DmpDesktopError as error:  # of a part of it: told as it is, the other files go on
            raise ContextError(error.code, error.message_fr, error.remedy_fr) from error

    def _worded(self, error: ContextError) -> ContextError:
        told = self._examine.faults.get(error.code)
        return ContextError(error.code, *told) if told else error

    def _tell_again(self, known: Scan | None) -> None:
        """The very same file: counted where it is in the tray, back in it where it had been taken out."""
        while known is not None:
            now = self._clock.now()
            if known.state is ScanState.DISCARDED:
                anew = replace(known, state=ScanState.TO_PREPARE, updated_at=now)
            else:
                anew = replace(known, copies=known.copies + 1, updated_at=now)
            if self._store.change(anew) is not None:
                self._again += anew.copies > known.copies
                return
            known = self._store.get(known.id)

    def _give_back(self, claimed: Path, folder: Path, why: ContextError) -> None:
        """Under its name, or one beside it: nothing that stands there is written over."""
        place, number = folder / claimed.name, 1
        while place.exists():
            place, number = folder / f"{claimed.stem} ({number}){claimed.suffix}", number + 1
        claimed.rename(place)
        claimed.parent.rmdir()
        signature = signature_of(place)
        if signature is not None:
            self._refused[place.name] = signature, why

    def _claimed(self, folder: Path) -> Iterator[Path]:
        own = folder / self._own
        if own.is_dir():
            for place in sorted(own.iterdir()):
                files = list(place.iterdir()) if place.is_dir() else []
                yield from files
                if not files and place.is_dir():
                    place.rmdir()  # cut before anything was in it, or after it was removed

    def _forget_gone(self, found: dict[str, Signature]) -> None:
        self._seen = {name: told for name, told in self._seen.items() if name in found}
        self._refused = {name: told for name, told in self._refused.items() if found.get(name) == told[0]}


def _id_of(scan_id: str, rank: int) -> str:
    """Of what a file holds at a rank from 0: the same one when it is read again."""
    return scan_id if rank == 0 else uuid5(NAMESPACE_OID, f"{scan_id}/{rank}").hex


def _digest(content: bytes) -> str:
    from dmp_desktop.services.tray_reading import digest_of

    return digest_of(content)
