"""What a row of the outbox holds, and how it is closed and opened again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.outbox import OutboxItem, OutboxState, WaitingFor
from dmp_desktop.errors import ContextError, StorageError
from dmp_desktop.storage.outbox_schema import outbox, outbox_document
from dmp_desktop.storage.sealing import Seal
from dmp_desktop.storage.subject import Subject, decode, encode

ROWS = sa.select(*(column for column in outbox.c if not column.name.startswith("lease_")))
IN_ITS_ROW: sa.ColumnElement[bytes | None] = sa.literal_column("outbox.sealed", sa.LargeBinary)
"""The document of a row that nothing has changed since a click kept it (`outbox_file`); a clinic's server has no such column."""
_APART = sa.select(outbox_document.c.sealed).where(outbox_document.c.item_id == sa.bindparam("item"))
_EITHER = sa.select(sa.func.coalesce(_APART.scalar_subquery(), IN_ITS_ROW)).where(outbox.c.id == sa.bindparam("item"))
SILENT: dict[str, Any] = {"code": "", "told": None}
_TOLD = ("message", "remedy", "proof", "answer", "sent_at")
_NOT_SHOWN = frozenset({"subject", "told", "author", "patient", "size", "lot"})
_MADE = frozenset({"state", "waiting_for"})
_SHOWN = tuple(one.name for one in ROWS.selected_columns if one.name not in _NOT_SHOWN | _MADE)


@dataclass(frozen=True, slots=True, repr=False)
class NewItem:
    """A document to keep: its identifiers, fixed from here on, whom it is about, its bytes, the uniqueId it replaces. `lot` is
    `submission_id` where it leaves with others, empty where it leaves alone; `in_doubt`: it may have left already, from another
    outbox."""

    unique_id: str
    submission_id: str
    author_id: str
    subject: Subject
    cda: bytes
    replaces: str = ""
    lot: str = ""
    in_doubt: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one try; the fields are those of OutboxItem. `new_lot`: the submission set it leaves in from now on; empty:
    the same as before."""

    state: OutboxState
    waiting_for: WaitingFor = WaitingFor.NOTHING
    in_doubt: bool = False
    next_attempt_at: datetime | None = None
    code: str = ""
    message: str = ""
    remedy: str = ""
    proof: str = ""
    answer: str = ""
    new_lot: str = ""


@dataclass(frozen=True, slots=True)
class Sealed:
    """The rows under one seal. `place` binds each sealed column to its row."""

    seal: Seal
    authors: dict[str, str] = field(default_factory=dict, compare=False)
    """Their pseudonyms, as far as they were asked for: one sends all day."""

    def author(self, author_id: str) -> str:
        """The pseudonym that stands in the row for who sends."""
        known = self.authors.get(author_id)
        if known is None:
            known = self.authors[author_id] = self.seal.pseudonym(f"author {author_id}")
        return known

    def patient(self, ins: InsIdentity) -> str:
        """The pseudonym that stands in the row for whom the document is about."""
        return self.seal.pseudonym(f"patient {ins.oid} {ins.value}")

    def subject(self, unique_id: str, subject: Subject, author_id: str) -> bytes:
        return self.seal.seal(encode(subject, author_id), _place(unique_id, "subject"))

    def open_subject(self, unique_id: str, sealed: bytes) -> Subject:
        return decode(self.seal.open(sealed, _place(unique_id, "subject")))

    def told(self, unique_id: str, told: Mapping[str, Any]) -> bytes | None:
        """Of the words in `told` those an item shows, closed; None when there are none."""
        words = {name: str(told[name]) for name in _TOLD if told.get(name)}
        return (
            self.seal.seal(json.dumps(words, ensure_ascii=False).encode(), _place(unique_id, "told")) if words else None
        )

    def document(self, unique_id: str, cda: bytes) -> bytes:
        return self.seal.seal(cda, _place(unique_id, "document"))

    def open_document(self, unique_id: str, sealed: bytes) -> bytes:
        return self.seal.open(sealed, _place(unique_id, "document"))

    def opens(self, unique_id: str, sealed: bytes) -> bool:
        """Whether this is the document of that uniqueId."""
        try:
            self.open_document(unique_id, sealed)
        except (StorageError, ValueError, TypeError):
            return False
        return True

    def read_document(self, connection: sa.Connection, item_id: int, unique_id: str) -> bytes:
        """The bytes of an item that is there: apart, or on a workstation in its row, where nothing has changed that yet."""
        asked = _EITHER if connection.dialect.name == "sqlite" else _APART
        return self.open_document(unique_id, connection.execute(asked, {"item": item_id}).scalar_one() or b"")

    def parked(self, unique_id: str, why: Outcome) -> dict[str, Any]:
        """What a row becomes that is stopped, and told why."""
        told = self.told(unique_id, {"message": why.message, "remedy": why.remedy})
        stopped = {"state": why.state, "waiting_for": why.waiting_for, "next_attempt_at": None}
        return {**stopped, "code": why.code, "told": told}

    def move_told(self, told: bytes | None, of: str, to: str) -> bytes | None:
        """The same words for another row: each is closed in its place."""
        return told and self.seal.seal(self.seal.open(told, _place(of, "told")), _place(to, "told"))

    def sound(self, unique_id: str, subject: bytes, told: bytes | None, document: bytes) -> bool:
        """Whether all that is closed of a row opens."""
        try:
            self.open_subject(unique_id, subject)
            self.open_document(unique_id, document)
            if told:
                self.seal.open(told, _place(unique_id, "told"))
        except (StorageError, ValueError, KeyError, TypeError):
            return False
        return True

    def item(self, row: Mapping[str, Any], subject: Subject | None = None, author_id: str = "") -> OutboxItem:
        """`subject` where it was closed a moment ago, `author_id` where it has none. Raises StorageError("storage-damaged")."""
        subject = subject or self.open_subject(row["unique_id"], row["subject"])
        told = json.loads(self.seal.open(row["told"], _place(row["unique_id"], "told"))) if row["told"] else {}
        if "sent_at" in told:
            told["sent_at"] = datetime.fromisoformat(told["sent_at"])
        return OutboxItem(
            state=OutboxState(row["state"]),
            waiting_for=WaitingFor(row["waiting_for"]),
            patient=subject.patient,
            title=subject.title,
            kind=subject.kind,
            visibility=subject.visibility,
            validated_by=subject.validated_by,
            author_id=author_id or subject.author_id,
            **{name: row[name] for name in _SHOWN},
            **told,
        )


def update(connection: sa.Connection, where: Any, values: dict[str, Any]) -> list[sa.Row[Any]]:
    """Change rows; returns them as they are now, the oldest first."""
    statement = outbox.update().where(where).values(values).returning(*ROWS.selected_columns)
    return sorted(connection.execute(statement), key=lambda row: row.id)


def same_visibility(item: OutboxItem, wanted: Subject) -> None:
    """Raises ContextError("outbox-visibility") when `wanted` has another one."""
    if item.visibility == wanted.visibility:
        return
    left = item.in_doubt or item.state is not OutboxState.WAITING
    raise ContextError(
        "outbox-visibility",
        "Ce document est déjà parti, ou peut l'être, avec une autre visibilité : rien n'a été changé."
        if left
        else "Ce document attend déjà d'être envoyé, avec une autre visibilité : rien n'a été changé.",
        "Masquez-le dans le DMP : bouton « Propriétés », ou « dmp dossier hide »."
        if left
        else "Annulez cet envoi, puis envoyez le document à nouveau.",
        field="visibility",
    )


def _place(unique_id: str, column: str) -> str:
    return f"outbox/{unique_id}/{column}"
