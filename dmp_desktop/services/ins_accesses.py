"""Accesses to INS numbers, traced by a worker: who shows, prints, sends or asks one waits for nothing (rule 4, INS/va1.39)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from dmp_desktop.domain.ins_access import InsAccess, Why
from dmp_desktop.domain.ports import Clock
from dmp_desktop.services.batches import Batches

BATCH_SECONDS = 0.5
"""What is noted within it is one transaction; a power cut may lose as much."""


class Accesses(Protocol):
    """Where they are kept (storage.ins_accesses)."""

    def pseudonym(self, ins: str) -> str: ...

    def append(self, accesses: Sequence[InsAccess]) -> None: ...

    def accesses(self, ins: str = "") -> list[InsAccess]: ...


class InsAccessJournal:
    """`actor` tells who is signed in. Safe from every thread; `stop` writes what is left."""

    def __init__(self, store: Accesses, clock: Clock, actor: Callable[[], str | None]) -> None:
        self._store = store
        self._clock = clock
        self._actor = actor
        self._batches = Batches("ins-accesses", store.append, BATCH_SECONDS)

    def note(self, ins: str, why: Why) -> None:
        """Who is signed in gets at this matricule now. Never blocks, never raises."""
        self.note_all((ins,), why)

    def note_all(self, numbers: Iterable[str], why: Why) -> None:
        """As `note`, of those shown together; a number is noted once."""
        now, by = self._clock.now(), self._actor() or ""
        self._batches.note([InsAccess(now, by, self._store.pseudonym(ins), why) for ins in dict.fromkeys(numbers)])

    def accesses(self, ins: str = "") -> list[InsAccess]:
        """All that was noted, to one number or to all, the latest first. Raises StorageError."""
        self._batches.write()
        return self._store.accesses(ins)

    def stop(self) -> None:
        """Ends once all is written, or cannot be."""
        self._batches.stop()
