"""Keeps the stores of this workstation and those of the practice's others together: shares what changed, takes what came."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from dmp_desktop.domain.ports import Clock
from dmp_desktop.domain.shared import SharedKind, SharedRow
from dmp_desktop.storage.clinic_rows import SharedRows

_log = logging.getLogger(__name__)


class Server(Protocol):
    """The practice's log of changes (storage.clinic_rows_server)."""

    def exchange(self, local: SharedRows, now: datetime) -> int: ...

    def purge(self, now: datetime) -> int: ...


class ClinicShare:
    """`step` is called by the clinic's thread only. `came` is called, from it, with the names of the kinds others changed."""

    def __init__(
        self, rows: SharedRows, kinds: Sequence[SharedKind], clock: Clock, came: Callable[[set[str]], None]
    ) -> None:
        self._rows = rows
        self._kinds = kinds
        self._clock = clock
        self._came = came
        self._shared: dict[tuple[str, str], str] = {}  # digests of rows as they were last looked at

    def step(self, server: Server) -> None:
        """One round. Raises StorageError: what was shared is kept, the next one goes on."""
        now = self._clock.now()
        for kind in self._kinds:
            self.share(kind)
        server.exchange(self._rows, now)
        if changed := {kind.name for kind in self._kinds if self._take(kind)}:
            self._came(changed)
        self._rows.purge(now)
        server.purge(now)

    def share(self, kind: SharedKind) -> None:
        """Note what this workstation's own store says by now. Raises StorageError."""
        now = self._clock.now()
        for row in kind.rows():
            digest = hashlib.sha256(json.dumps(row.values, sort_keys=True).encode()).hexdigest()
            if self._shared.get((kind.name, row.name)) == digest:
                continue
            self._rows.say(kind.name, row.name, row.values, row.by, now, until=row.until, keeps=kind.keeps_history)

    def conflicts(self) -> list[SharedRow]:
        """What two workstations said without knowing of each other, and nobody settled. Raises StorageError."""
        return [row for kind in self._kinds for row in self._rows.rows(kind.name) if row.conflicts]

    def _take(self, kind: SharedKind) -> int:
        taken = 0
        for name, changes in self._rows.to_take(kind.name):
            self._shared.pop((kind.name, name), None)
            known = self._rows.row(kind.name, name, applied=True).values
            if kind.take(self._rows.row(kind.name, name), known):
                self._rows.taken(changes)
                taken += 1
            else:
                _log.info("a shared row comes again: it changed here meanwhile")
        return taken
