"""Keeps the stores of this workstation and those of the practice's others together: shares what changed, takes what came."""

from __future__ import annotations

import hashlib
import json
import logging
import threading
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Protocol

from dmp_desktop.domain.ports import Clock
from dmp_desktop.domain.shared import SharedKind, SharedRow
from dmp_desktop.errors import StorageError
from dmp_desktop.storage.clinic_rows import SharedRows
from dmp_desktop.storage.errors import DAMAGED

_log = logging.getLogger(__name__)


class Server(Protocol):
    """The practice's log of changes (storage.clinic_rows_server)."""

    def exchange(self, local: SharedRows, now: datetime) -> int: ...

    def purge(self, now: datetime) -> int: ...


class ClinicShare:
    """`step` is called by the clinic's thread only, `settle` and `conflicts` by any. `came` is called with the names of the kinds
    others changed, from the thread that takes it."""

    def __init__(
        self, rows: SharedRows, kinds: Sequence[SharedKind], clock: Clock, came: Callable[[set[str]], None]
    ) -> None:
        self._rows = rows
        self._kinds = kinds
        self._clock = clock
        self._came = came
        self._shared: dict[tuple[str, str], str] = {}  # digests of rows as they were last looked at
        self._adopted = False
        self._left: set[str] = set()  # changes that are not understood here, told of in the log
        self._stores = (
            threading.Lock()
        )  # one at a time compares with them or writes to them; nobody waits for a server in it

    def step(self, server: Server) -> None:
        """One round. Raises StorageError: what was shared is kept, the next one goes on."""
        now = self._clock.now()
        if not self._adopted:
            self._rows.adopt()
            self._adopted = True
        with self._stores:
            for kind in self._kinds:
                self.share(kind)
        server.exchange(self._rows, now)
        self._take_all()
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
            self._shared[kind.name, row.name] = digest

    def conflicts(self, kinds: Collection[str] | None = None) -> list[SharedRow]:
        """What two workstations said without knowing of each other, and nobody settled; of these kinds, or of all. Raises
        StorageError."""
        wanted = [kind.name for kind in self._kinds if kinds is None or kind.name in kinds]
        return [row for name in wanted for row in self._rows.rows(name) if row.conflicts]

    def settle(self, kind: str, name: str, which: str, change: str, by: str) -> bool:
        """`change` holds of a field, here from now on and at the others' once they look. False where somebody settled it
        meanwhile. Raises StorageError."""
        with self._stores:
            for one in self._kinds:
                if one.name == kind:
                    self.share(one)  # what was written here meanwhile is said before
        if not self._rows.settle(kind, name, which, change, by, self._clock.now()):
            return False
        self._take_all()
        return True

    def take(self) -> None:
        """Write to the stores what came and could not be written before. Raises StorageError."""
        self._take_all()

    def _take_all(self) -> None:
        with self._stores:
            changed = {kind.name for kind in self._kinds if self._take(kind)}
        if changed:
            self._came(changed)

    def _take(self, kind: SharedKind) -> int:
        taken = 0
        for name, changes in self._rows.to_take(kind.name):
            self._shared.pop((kind.name, name), None)
            try:
                fits = self._take_one(kind, name)
            except StorageError as error:
                if error.code != DAMAGED:
                    raise
                self._leave(changes, kind.name, error.code)
            except (AttributeError, LookupError, TypeError, ValueError) as error:  # a later version's
                self._leave(changes, kind.name, type(error).__name__)
            else:
                if fits:
                    self._rows.taken(changes)
                    taken += 1
                else:
                    _log.info("a shared row comes again: it changed here meanwhile")
        return taken

    def _take_one(self, kind: SharedKind, name: str) -> bool:
        known = self._rows.row(kind.name, name, applied=True).values
        return kind.take(self._rows.row(kind.name, name), known)

    def _leave(self, changes: Collection[str], kind: str, why: str) -> None:
        """Kept as it came, looked at each round, told once: the others go on."""
        if not self._left.issuperset(changes):
            _log.warning("a shared row of kind %s is left alone: %s", kind, why)
            self._left.update(changes)
