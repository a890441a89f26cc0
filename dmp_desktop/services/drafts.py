"""Drafts of whoever is signed in, on the disk: nothing that was written is lost with the program, the card or the current."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
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
class Kept:
    """`draft_id` is another one than was asked for when the draft had changed elsewhere meanwhile: both are there."""

    draft_id: str
    revision: int


class DraftService:
    """Safe from every thread, and beside another process. `me` is PS_IdNat of who is signed in, None while nobody is; `leaving`
    tells the uniqueIds of the outbox, without those that were withdrawn."""

    def __init__(
        self,
        store: DraftStore,
        seals: DraftSeals,
        me: Callable[[], str | None],
        leaving: Callable[[], Collection[str]],
    ) -> None:
        self._store = store
        self._seals = seals
        self._me = me
        self._leaving = leaving
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
        """It is about to be put into the outbox as this document: should the program end before `forget`, it is not offered
        to be sent twice. Raises StorageError."""
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

    def mine(self, patient: Patient | None = None) -> FoundDrafts:
        """Of whoever is signed in: of one patient, or of all. Nobody's while nobody with a key of their own is. What left
        meanwhile is forgotten. Raises StorageError."""
        me = self._me()
        if not me or self.pen(me) is None:
            return FoundDrafts()
        rows = self._store.of(self._store.owner(me))
        if patient is not None:
            wanted = self._store.patient(_name(patient.ins))
            rows = [row for row in rows if row.patient == wanted]
        rows = self._still_here(rows)
        found: list[tuple[KeptDraft, int]] = []
        elsewhere = unread = 0
        for row in rows:
            try:
                found.append((self._open(row), row.revision))
            except StorageError as error:
                elsewhere += error.code == "vault-other-key"
                unread += error.code != "vault-other-key"
            except (ValueError, TypeError, KeyError, AttributeError) as error:
                log.warning("a draft cannot be read: %s", type(error).__name__)
                unread += 1
        with self._lock:
            for draft, revision in found:
                self._revisions[draft.draft_id] = revision
        found.sort(key=lambda one: one[0].started_at)
        return FoundDrafts(me, tuple(found), elsewhere, unread)

    def _open(self, row: DraftRow) -> KeptDraft:
        """Raises StorageError, ValueError when what is in it is another patient's."""
        own = self._seals.seal(PURPOSE, row.key_id)
        draft = unpack(self._store.content(row, own), lambda name: self._store.file(row, name, own))
        if self._store.patient(_name(draft.patient.ins)) != row.patient:
            raise ValueError("a draft of another patient")
        return draft

    def _still_here(self, rows: list[DraftRow]) -> list[DraftRow]:
        """Without those whose document is in the outbox: the program ended before they were forgotten."""
        if not any(row.leaving for row in rows):
            return rows
        there = set(self._leaving())
        left = {row.draft_id for row in rows if row.leaving in there}
        if left:
            self.forget(left)
        return [row for row in rows if row.draft_id not in left]


def _name(ins: InsIdentity) -> str:
    return f"{ins.oid}/{ins.value}"
