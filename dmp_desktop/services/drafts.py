"""Drafts of whoever is signed in, on the disk: nothing that was written is lost with the program, the card or the current."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from dmp_desktop.domain.drafts import FoundDrafts, KeptDraft
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.people import Patient
from dmp_desktop.errors import StorageError
from dmp_desktop.services.draft_form import pack, unpack
from dmp_desktop.storage.drafts import PURPOSE, DraftRow, DraftStore
from dmp_desktop.storage.sealing import OwnedSeal

log = logging.getLogger(__name__)

_ID_BYTES = 16


class DraftSeals(Protocol):
    """The vault: the key of who is signed in."""

    @property
    def awaits_pin(self) -> bool:
        """Whether the first seal asks a PIN. Never blocks."""
        ...

    def seal(self, purpose: str, key_id: str = "") -> OwnedSeal:
        """Raises StorageError("vault-closed"), StorageError("vault-other-key")."""
        ...


@dataclass(frozen=True, slots=True)
class Pen:
    """What one person's drafts are kept with. Taken while they are signed in, it still keeps their last words when they have
    just left; whoever holds it drops it then."""

    owner: str
    own: OwnedSeal = field(repr=False)


@dataclass(frozen=True, slots=True)
class Departures:
    """uniqueIds in the outbox: those that `arrived` for good, those `under_way`, which may still be withdrawn or refused. Not
    `whole` while what the practice's server holds is not known; what left before `since` may be forgotten there."""

    arrived: Collection[str] = frozenset()
    under_way: Collection[str] = frozenset()
    whole: bool = True
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """`draft_id` is another one than was asked for when the draft had changed elsewhere meanwhile: both are there."""

    draft_id: str
    revision: int


class DraftService:
    """Safe from every thread, and beside another process. `me` is PS_IdNat of who is signed in, None while nobody is; a note
    that was sent stays until its document is in the DMP, beside the drafts: it may come back. `departures` tells where
    they are."""

    def __init__(
        self,
        store: DraftStore,
        seals: DraftSeals,
        me: Callable[[], str | None],
        departures: Callable[[], Departures],
    ) -> None:
        self._store = store
        self._seals = seals
        self._me = me
        self._departures = departures
        self._revisions: dict[str, int] = {}  # how often each was kept, as this process knows it
        self._documents: dict[str, str] = {}  # what each is leaving as
        self._lock = threading.Lock()

    def pen(self, national_id: str) -> Pen | None:
        """For this person, while they are the one signed in and have a key of their own that is open; None else. Never blocks."""
        return None if self._seals.awaits_pin else self.ask_pen(national_id)

    @property
    def awaits_pin(self) -> bool:
        """Whether `ask_pen` asks a PIN (that of a key of Windows). Never blocks."""
        return self._seals.awaits_pin

    def ask_pen(self, national_id: str) -> Pen | None:
        """As `pen`; waits for the PIN where one is asked."""
        if not national_id or self._me() != national_id:
            return None
        try:
            own = self._seals.seal(PURPOSE)
        except StorageError:
            return None
        return Pen(national_id, own) if self._me() == national_id else None  # asked again: the seal is theirs

    def keep(self, pen: Pen, draft: KeptDraft) -> Kept:
        """On the disk when it returns. Raises StorageError, ValueError for somebody else's draft."""
        if draft.author.national_id != pen.owner:
            raise ValueError("a draft is kept by its author")
        content, files = pack(draft)
        owner, patient = self._store.owner(pen.owner), self._store.patient(_name(draft.patient.ins))
        with self._lock:
            draft_id, revision = draft.draft_id, self._revisions.get(draft.draft_id, 0)
            leaving = self._documents.get(draft_id, "")
            if not self._store.keep(
                pen.own, draft_id, owner, patient, content, files, revision=revision, leaving=leaving
            ):
                log.warning("a draft was changed elsewhere: kept as another one")
                draft_id, revision = secrets.token_hex(_ID_BYTES), 0
                content, files = pack(replace(draft, draft_id=draft_id))
                self._store.keep(pen.own, draft_id, owner, patient, content, files, revision=0)
            self._revisions[draft_id] = revision + 1
        return Kept(draft_id, revision + 1)

    def leaves(self, draft_id: str, unique_id: str) -> None:
        """It is about to be put into the outbox as this document: while that one is there, it is not offered to be sent twice.
        Raises StorageError."""
        with self._lock:
            self._documents[draft_id] = unique_id
            self._store.mark(draft_id, unique_id)

    def forget(self, draft_ids: Collection[str]) -> None:
        """Sent and durable, or given up by who wrote them. Raises StorageError."""
        with self._lock:
            self._store.forget(draft_ids)
            for one in draft_ids:
                self._revisions.pop(one, None)
                self._documents.pop(one, None)

    def settle(self) -> None:
        """What is in the DMP is forgotten, whoever wrote it: before the outbox forgets it. Raises StorageError."""
        marked = self._store.marked()
        if marked:
            arrived = self._departures().arrived
            self.forget([draft_id for draft_id, unique_id in marked.items() if unique_id in arrived])

    def mine(self, patient: Patient | None = None) -> FoundDrafts:
        """Of whoever is signed in: of one patient, or of all. Nobody's while nobody with a key of their own is. What arrived
        meanwhile is forgotten. Raises StorageError."""
        me = self._me()
        if not me or self.pen(me) is None:
            return FoundDrafts()
        rows = self._store.of(self._store.owner(me))
        if patient is not None:
            wanted = self._store.patient(_name(patient.ins))
            rows = [row for row in rows if row.patient == wanted]
        parted = self._part(rows)
        found, elsewhere, unread = self._read(parted.here)
        leaving = self._read(parted.leaving)[0]
        with self._lock:
            for draft, revision, unique_id in (*found, *leaving):
                self._revisions[draft.draft_id] = revision
                if unique_id:
                    self._documents[draft.draft_id] = unique_id
        drafts = tuple((draft, revision) for draft, revision, _unique_id in found)
        return FoundDrafts(me, drafts, elsewhere, unread, tuple(leaving), parted.doubtful)

    def _read(self, rows: list[DraftRow]) -> tuple[list[tuple[KeptDraft, int, str]], int, int]:
        """Those that open, in the order they were begun, with what they leave as; how many another key opens, none."""
        found: list[tuple[KeptDraft, int, str]] = []
        elsewhere = unread = 0
        for row in rows:
            try:
                found.append((self._open(row), row.revision, row.leaving))
            except StorageError as error:
                elsewhere += error.code == "vault-other-key"
                unread += error.code != "vault-other-key"
            except (ValueError, TypeError, KeyError, AttributeError) as error:
                log.warning("a draft cannot be read: %s", type(error).__name__)
                unread += 1
        found.sort(key=lambda one: one[0].started_at)
        return found, elsewhere, unread

    def _open(self, row: DraftRow) -> KeptDraft:
        """Raises StorageError, ValueError when what is in it is another patient's."""
        own = self._seals.seal(PURPOSE, row.key_id)
        draft = unpack(self._store.content(row, own), lambda name: self._store.file(row, name, own))
        if self._store.patient(_name(draft.patient.ins)) != row.patient:
            raise ValueError("a draft of another patient")
        return draft

    def _part(self, rows: list[DraftRow]) -> _Parted:
        """The drafts, and what is in the outbox. While it is not known whether a note is there, it is neither."""
        if not any(row.leaving for row in rows):
            return _Parted(rows)
        told = self._departures()
        arrived = {row.draft_id for row in rows if row.leaving in told.arrived}
        if arrived:
            self.forget(arrived)
        leaving = [row for row in rows if row.leaving in told.under_way]
        known = arrived | {row.draft_id for row in leaving}
        here = [row for row in rows if row.draft_id not in known and (told.whole or not row.leaving)]
        old = {row.draft_id for row in here if row.leaving and told.since and row.updated_at < told.since}
        return _Parted(here, leaving, frozenset(old))


@dataclass(frozen=True, slots=True)
class _Parted:
    """`doubtful`: ids of those `here` that may have been sent so long ago that the outbox would have forgotten them."""

    here: list[DraftRow]
    leaving: list[DraftRow] = field(default_factory=list)
    doubtful: frozenset[str] = frozenset()


def _name(ins: InsIdentity) -> str:
    return f"{ins.oid}/{ins.value}"
