"""What the window and the services hand each other about a document to make; nothing heavy is loaded with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dmp_desktop.domain.clinical import ClinicalItem
from dmp_desktop.domain.documents import Attachment, DocumentFormat, DocumentKind, Parent
from dmp_desktop.domain.notes import Proposal
from dmp_desktop.domain.people import Patient, Professional


@dataclass(frozen=True, slots=True, repr=False)
class DocumentOrder:
    """What the doctor wants made, as it was when he asked: nothing typed, ticked or chosen later is in it.

    `started_at` (aware) is when the consultation began. `extra` holds what the kind needs besides the note (design/cli.md);
    `items` are reviewed facts of the record; `replaces` the document of which this is a new version. `unique_id` where it is
    fixed already, empty for a new one; `entered_by` wrote it under the author's responsibility.
    """

    patient: Patient
    author: Professional
    started_at: datetime
    text: str
    proposals: tuple[Proposal, ...] = ()
    kind: DocumentKind = DocumentKind.CONSULTATION
    format: DocumentFormat = DocumentFormat.STRUCTURED
    extra: Mapping[str, Any] = field(default_factory=dict)
    items: tuple[ClinicalItem, ...] = ()
    attachment: Attachment | None = None
    replaces: Parent | None = None
    unique_id: str = ""
    entered_by: Professional | None = None

    def __repr__(self) -> str:
        """Never shows a note: representations end up in logs."""
        return f"DocumentOrder({self.kind.value})"


@dataclass(frozen=True, slots=True)
class RecordFacts:
    """What the structured documents of a record say. `unread`: how many of them are not in it (unreadable, too many, stopped)."""

    items: tuple[ClinicalItem, ...] = ()
    unread: int = 0


@dataclass(frozen=True, slots=True)
class SensitiveTopic:
    """A subject of a text that asks who may see it, with its words (character offsets)."""

    label: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A way to end a word: what the list says, what takes the word's place, and what it means in small."""

    label: str
    insert: str
    detail: str = ""
