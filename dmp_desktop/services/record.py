"""What the record's service (dossier.py) is joined to: the cache it keeps documents in, the list it gives, who follows it, and
what decides how a record is opened."""

# ruff: noqa: ARG002 - what does nothing by itself looks at nothing

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from typing import Protocol

from dmp_desktop.domain.access import AccessMode, DossierStatus
from dmp_desktop.domain.consent import AccessAct
from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.people import Patient
from dmp_desktop.domain.ports import DmpRepository


class DocumentCache(Protocol):
    """Documents already read and lists already told, encrypted, for a limited time. Lists are by who reads; `ids` are those of
    documents that may still be read; `purge` drops what may not, and says how many."""

    def get(self, patient: Patient, unique_id: str) -> bytes | None: ...

    def put(self, patient: Patient, unique_id: str, content: bytes) -> None: ...

    def get_list(self, patient: Patient, owner: str) -> bytes | None: ...

    def put_list(self, patient: Patient, owner: str, content: bytes) -> None: ...

    def ids(self, patient: Patient) -> frozenset[str]: ...

    def forget(self, unique_ids: Collection[str]) -> None: ...

    def forget_list(self, patient: Patient, owner: str) -> None: ...

    def forget_patient(self, patient: InsIdentity) -> None: ...

    def clear(self) -> None: ...

    def purge(self) -> int: ...


class AccessRules:
    """Whether and how a record is opened (services.access). By itself it opens all in normal access, and declares nothing."""

    def may_consult(self, patient: InsIdentity) -> None:
        """Raises DmpError when the patient objects."""

    def mode(self, patient: InsIdentity) -> AccessMode:
        """In which mode this record is open now."""
        return AccessMode.NORMAL

    def channel(self, repository: DmpRepository, patient: InsIdentity) -> DmpRepository:
        """The DMP in that mode."""
        return repository

    def declares(self, patient: Patient, status: DossierStatus) -> bool:
        """Whether the patient's agreement is declared without being asked, on opening."""
        return False

    def declaring(self, patient: InsIdentity, *, attending: bool) -> None:
        """Raises DmpError when TD0.3 may not be sent."""

    def asking(self, patient: InsIdentity, act: AccessAct) -> AbstractContextManager[None]:
        """Around TD0.3. Raises StorageError when what is asked, or what became of it, cannot be traced."""
        return nullcontext()

    def checked(self, patient: InsIdentity, status: DossierStatus) -> None:
        """TD0.2 was answered."""


class Turns:
    """One thread at a time for a name."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._under_way: dict[str, tuple[threading.Lock, int]] = {}  # names asked for, and by how many threads

    @contextmanager
    def alone(self, name: str) -> Iterator[None]:
        with self._lock:
            lock, askers = self._under_way.get(name, (threading.Lock(), 0))
            self._under_way[name] = lock, askers + 1
        try:
            with lock:
                yield
        finally:
            with self._lock:
                lock, askers = self._under_way.pop(name)
                if askers > 1:
                    self._under_way[name] = lock, askers - 1


class RecordListener:
    """Follows what is read. Called from any thread; must not wait. By itself it does nothing."""

    def asked(self) -> None:
        """The doctor asks for something, and waits."""

    def answered(self) -> None:
        """It came, or failed."""

    def listed(self, patient: Patient, entries: Sequence[DocumentEntry]) -> None:
        """The doctor opened this record."""

    def fetched(self, patient: Patient, entry: DocumentEntry, content: bytes) -> None:
        """The bytes of a document came, and are in the cache."""

    def dropped(self) -> None:
        """Something left the cache before its time."""

    def left(self) -> None:
        """The professional left."""


class RecordList(list[DocumentEntry]):
    """A list of documents with what must be said of it.

    `offline_since`: the DMP is out of reach, and this is what it told then (aware); None: it was asked now. `begins`: acts before
    were not asked for; None: no limit. `at_hand`: uniqueIds of the documents that can be read all the same; None: any can.
    `shut`: what the DMP said of a record that may not be read: it is empty of what nobody read, not of documents.
    """

    def __init__(
        self,
        entries: Iterable[DocumentEntry] = (),
        *,
        offline_since: datetime | None = None,
        begins: datetime | None = None,
        at_hand: frozenset[str] | None = None,
        shut: DossierStatus | None = None,
    ) -> None:
        super().__init__(entries)
        self.offline_since = offline_since
        self.begins = begins
        self.at_hand = at_hand
        self.shut = shut
