"""Agendas that the practice software writes beside our data: taken once they are whole, again when they change, never touched."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from dmp_desktop.errors import ContextError, DmpDesktopError
from dmp_desktop.exchange.agenda import MAX_BYTES
from dmp_desktop.services.arrivals import Arrivals, Taken

NEXT_PATIENTS = "prochains-patients.json"
FILES = ("agenda.csv", "agenda.ics", NEXT_PATIENTS)
PATIENCE = 6
"""Looks at a file that is another one each time, after which what it holds is taken; what it lacks proves nothing."""

log = logging.getLogger(__name__)

Version = tuple[int, int]


@dataclass(slots=True)
class _Followed:
    seen: Version | None = None  # size and time at the last look
    taken: Version | None = None
    looks: int = 0  # at what was another file each time


@dataclass(frozen=True, slots=True)
class Watched:
    """What became of a watched file: what was taken of it last, or why nothing is."""

    name: str
    taken: Taken | None = None
    error: DmpDesktopError | None = None


class WatchedAgendas:
    """`look` is called from time to time, by one thread; `told` may be asked from any."""

    def __init__(self, folder: Path, arrivals: Arrivals) -> None:
        self._folder = folder
        self._arrivals = arrivals
        self._files = {name: _Followed() for name in FILES}
        self._told: dict[str, Watched] = {}
        self._lock = threading.Lock()

    @property
    def told(self) -> tuple[Watched, ...]:
        """Of files there are, or were."""
        with self._lock:
            return tuple(self._told.values())

    def look(self) -> None:
        """Never raises for a file: one that cannot be used bars no other one."""
        for name, followed in self._files.items():
            try:
                self._look_at(name, followed)
            except DmpDesktopError as error:
                log.warning("agenda: %s", error.code)
                followed.taken = followed.seen
                self._tell(Watched(name, error=error))
            except OSError as error:
                log.warning("agenda: %s", type(error).__name__)
                self._tell(Watched(name, error=_unreadable()))

    def _look_at(self, name: str, followed: _Followed) -> None:
        path = self._folder / name
        now = _version(path)
        if now is None or now == followed.taken:
            return
        still = now == followed.seen
        followed.seen, followed.looks = now, 0 if still else followed.looks + 1
        if not still and followed.looks < PATIENCE:
            return  # it may be half written
        with path.open("rb") as file:
            untrusted = file.read(MAX_BYTES + 1)
        still = still and _version(path) == now
        if still:
            followed.taken = now
        written = _day_of(now)
        agenda = self._arrivals.read(untrusted, written)
        taken = self._arrivals.take(agenda, name, whole=still, days=(written,))
        self._tell(Watched(name, taken))

    def _tell(self, told: Watched) -> None:
        with self._lock:
            self._told[told.name] = told


def _version(path: Path) -> Version | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_size, found.st_mtime_ns


def _day_of(version: Version) -> date:
    """The day a file was written on: a list of yesterday is of nobody who is coming."""
    return datetime.fromtimestamp(version[1] / 1e9, UTC).astimezone().date()


def _unreadable() -> ContextError:
    return ContextError(
        "agenda-unreadable",
        "L'agenda écrit par le logiciel de cabinet ne peut pas être lu.",
        "Vérifiez qu'il n'est pas ouvert ailleurs et que ce poste a le droit de le lire.",
    )
