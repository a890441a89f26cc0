"""The tray is one for the practice: scanned at the desk, validated at the doctor's own workstation, sent from either, once.

The row of a scan goes with the other shared rows; its pages, words and document are put on the server beside it, and a
workstation has the row once it has them. The file as the scanner wrote it stays where it was scanned.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from dmp_desktop.domain.ports import Clock
from dmp_desktop.domain.shared import LocalRow, Said, SharedRow
from dmp_desktop.domain.tray import Part, Scan, ScanRows, ScanState, TrayDoctor
from dmp_desktop.errors import StorageError
from dmp_desktop.storage.errors import DAMAGED
from dmp_desktop.storage.tray import from_plain, plain

_log = logging.getLogger(__name__)

_SCAN, _COPIES = "scan", "copies"
_RANK = {ScanState.SENT: 3, ScanState.QUEUED: 2, ScanState.VALIDATED: 1, ScanState.FILED: 1}
"""Of what two workstations did without hearing each other, what is further along holds: a document that was made, or left, is
never forgotten for what the other one did meanwhile."""

MOST = 64_000_000
"""Bytes of one part: a larger one stays where it was scanned."""
AT_ONCE = 4
"""Scans brought a round: the other things that are shared wait meanwhile."""
KEPT_THERE = timedelta(days=60)
"""Parts on the server; those still of use are put there again."""
_LATER = timedelta(days=7)
"""After the stores have forgotten a scan, all logs do."""


class Parts(Protocol):
    """What the server has of scans (storage.clinic_scans). Methods raise StorageError."""

    def lacking(self, names: Sequence[str]) -> list[str]: ...

    def put(self, name: str, content: bytes, until: datetime) -> None: ...

    def get(self, name: str) -> bytes | None: ...

    def forget(self, names: Sequence[str], now: datetime) -> None: ...


class SharedStore(ScanRows, Protocol):
    """The tray of a workstation that takes part."""

    def take(self, told: Scan, parts: Mapping[Part, bytes], fits: Callable[[Scan | None], bool]) -> bool: ...


class SharedScans:
    """A SharedKind: a row a scan. `bring` is for the clinic's thread: it waits for the server. `kept`: how long stores keep what
    is over."""

    name = "scan"
    keeps_history = False

    def __init__(self, store: SharedStore, clock: Clock, kept: timedelta) -> None:
        self._store = store
        self._clock = clock
        self._kept = kept
        self._wanted: dict[str, Scan] = {}  # what others told of, and whose parts are not here
        self._ready: dict[str, dict[Part, bytes]] = {}  # brought, to be taken
        self._sent: set[str] = set()  # whose parts were taken off the server

    def rows(self) -> Iterable[LocalRow]:
        since = self._clock.now() - self._kept
        for scan in self._store.scans()[0]:
            if not scan.over:
                yield LocalRow(scan.id, _fields(scan), scan.validated_by)
            elif scan.updated_at >= since:
                yield LocalRow(scan.id, _fields(scan), scan.validated_by, scan.updated_at + self._kept + _LATER)

    def take(self, row: SharedRow, known: Mapping[str, Any]) -> bool:
        try:
            told, here = _furthest(row), self._store.get(row.name)
        except (KeyError, TypeError, ValueError) as error:  # half of it, or a later version's: it waits
            _log.warning("a shared scan cannot be read yet: %s", type(error).__name__)
            return False
        except StorageError as error:
            if error.code != DAMAGED:
                raise
            _log.warning("a scan that is damaged here follows no other workstation")  # bars nothing else
            return False
        self._wanted.pop(row.name, None)
        if here is None and told.over:
            return True  # it came and went
        parts, lacking = dict(self._ready.pop(row.name, {})), _lacking(told, here)
        if any(part not in parts for part in lacking):
            self._wanted[row.name] = told
            return False
        given = {part: parts[part] for part in lacking}
        if here is not None and here.unique_id and not told.unique_id:
            given[Part.CDA] = b""
        return self._store.take(told, given, lambda now: now is None or not known or _fields(now) == known)

    def bring(self, server: Parts) -> bool:
        """Put on the server what it lacks of the scans here, and fetch what lacks here; whether there is something to take. Cut
        anywhere, the next one goes on. Raises StorageError."""
        scans = self._store.scans()[0]
        names = {_name(scan, part): (scan, part) for scan in scans if not scan.over for part in _parts(scan)}
        for name in server.lacking(list(names)) if names else ():
            scan, part = names[name]
            content = self._content(scan, part)
            if content is not None and len(content) <= MOST:
                server.put(name, content, self._clock.now() + KEPT_THERE)
            elif content is not None:
                _log.warning("a scan is too large for the practice's server: it stays here")
        self._clear(server, scans)
        brought = [scan for scan in tuple(self._wanted.values())[:AT_ONCE] if self._fetch(server, scan)]
        return bool(brought)

    def _content(self, scan: Scan, part: Part) -> bytes | None:
        try:
            content = self._store.part(scan.id, part)
        except StorageError as error:
            if error.code != DAMAGED:
                raise
            _log.warning("a part of a scan cannot be read here: %s", error.code)  # bars nothing else
            return None
        return b"" if content is None and part is Part.TEXT else content  # there are no words on it

    def _fetch(self, server: Parts, scan: Scan) -> bool:
        parts = {}
        for part in _lacking(scan, self._store.get(scan.id)):
            try:
                content = server.get(_name(scan, part))
            except StorageError as error:
                if error.code == "clinic-unreachable":
                    raise
                _log.warning("a part of a scan cannot be read: %s", error.code)  # bars nothing else
                content = None
            if content is None:
                self._wanted[scan.id] = self._wanted.pop(scan.id)  # the others first, next time
                return False
            parts[part] = content
        self._ready[scan.id] = parts
        return True

    def _clear(self, server: Parts, scans: Iterable[Scan]) -> None:
        """What was sent is no longer needed there."""
        sent = [scan for scan in scans if scan.state is ScanState.SENT and scan.id not in self._sent]
        server.forget([_name(scan, part) for scan in sent for part in _parts(scan)], self._clock.now())
        self._sent.update(scan.id for scan in sent)


class SharedDoctors:
    """A SharedKind: whom scans may be for, on every workstation."""

    name = "tray-doctor"
    keeps_history = False

    def __init__(self, store: ScanRows) -> None:
        self._store = store

    def rows(self) -> Iterable[LocalRow]:
        for doctor in self._store.doctors():
            yield LocalRow(doctor.national_id, {"name": doctor.name}, doctor.national_id)

    def take(self, row: SharedRow, known: Mapping[str, Any]) -> bool:
        del known  # a name is told by the card each time
        self._store.meet(TrayDoctor(row.name, row.values["name"]))
        return True


def _parts(scan: Scan) -> tuple[Part, ...]:
    return (Part.PDF, Part.TEXT, Part.CDA) if scan.unique_id else (Part.PDF, Part.TEXT)


def _lacking(told: Scan, here: Scan | None) -> tuple[Part, ...]:
    """What has to come with a row."""
    if here is None:
        return _parts(told)
    return (Part.CDA,) if told.unique_id not in ("", here.unique_id) and not told.over else ()


def _name(scan: Scan, part: Part) -> str:
    return f"{scan.id}/{part.value}" + (f"/{scan.unique_id}" if part is Part.CDA else "")


def _fields(scan: Scan) -> dict[str, Any]:
    told = plain(scan)
    copies = told.pop(_COPIES)
    times = {"received_at": scan.received_at.isoformat(), "updated_at": scan.updated_at.isoformat()}
    return {_SCAN: told | times | {"state": scan.state.value}, _COPIES: copies}


def _furthest(row: SharedRow) -> Scan:
    """Of all that is said."""
    said = (row.said[_SCAN], *row.conflicts.get(_SCAN, ()))
    copies = (row.said[_COPIES], *row.conflicts.get(_COPIES, ()))
    best = max(said, key=lambda one: (_RANK.get(ScanState(one.value["state"]), 0), one.at))
    return _scan(row.name, best, max(one.value for one in copies))


def _scan(scan_id: str, said: Said, copies: int) -> Scan:
    told = dict(said.value)
    row = {
        "id": scan_id,
        "state": ScanState(told.pop("state")),
        "received_at": datetime.fromisoformat(told.pop("received_at")),
        "updated_at": datetime.fromisoformat(told.pop("updated_at")),
    }
    return from_plain(told | {_COPIES: copies}, row)
