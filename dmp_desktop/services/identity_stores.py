"""What the services of identities need of the store and of the journal."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Protocol

from dmp_desktop.domain.identity import Identity
from dmp_desktop.storage.journal import JournalRecord


class Identities(Protocol):
    """What this workstation knows of identities (storage.identities)."""

    def of(self, person: str) -> Identity | None: ...

    def put(
        self, identity: Identity, *, former: Identity | None, refuse: Callable[[list[Identity]], None]
    ) -> Identity: ...

    def born_on(self, day: date) -> list[Identity]: ...

    def with_matricule(self, value: str) -> list[Identity]: ...

    def formerly(self, value: str) -> list[Identity]: ...

    def known_as(self, value: str) -> list[Identity]: ...

    def to_review(self) -> list[Identity]: ...


class Acts(Protocol):
    """Where acts are traced (storage.journal)."""

    def append(self, record: JournalRecord, *, ins: str = "", told: str = "") -> None: ...

    def told(self) -> Iterable[tuple[JournalRecord, str]]: ...
