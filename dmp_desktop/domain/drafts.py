"""A note under way as it is kept on the disk: all that its author wrote, ticked, chose and joined."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dmp_desktop.domain.clinical import ClinicalItem
from dmp_desktop.domain.documents import Attachment, DocumentEntry, DocumentFormat, DocumentKind, Visibility
from dmp_desktop.domain.notes import Proposal
from dmp_desktop.domain.people import Patient, Professional
from dmp_desktop.domain.proposals import Prepared


@dataclass(frozen=True, slots=True, repr=False)
class KeptForm:
    """What the form of one kind holds: `extra` as in a context file (design/cli.md), and the file to join."""

    kind: DocumentKind
    extra: Mapping[str, Any] = field(default_factory=dict)
    attachment: Attachment | None = None


@dataclass(frozen=True, slots=True)
class KeptTick:
    """The doctor's decision on the proposal of this meaning, the `rank`-th of several alike."""

    meaning: tuple[str, ...]
    rank: int
    accepted: bool


@dataclass(frozen=True, slots=True, repr=False)
class KeptDraft:
    """`draft_id` is its own for good; so are patient (INS) and author. Times are aware. `facts` were ticked in a review of the
    record; `replaced` is the document it is a new version of, `former` the note that one was made from; `prepared`: it is
    somebody else's note, proposed to its author; `hidden_with`: what hid the document it began as, where that was several."""

    draft_id: str
    patient: Patient
    author: Professional
    started_at: datetime
    text: str = ""
    kind: DocumentKind = DocumentKind.CONSULTATION
    format: DocumentFormat = DocumentFormat.STRUCTURED
    visibility: Visibility | None = None
    proposals: tuple[Proposal, ...] = ()
    proposed_for: str = ""
    ticks: tuple[KeptTick, ...] = ()
    format_chosen: bool = False
    visibility_chosen: bool = False
    refused: tuple[Visibility | None, ...] = ()
    secret: bool = False
    forms: tuple[KeptForm, ...] = ()
    facts: tuple[ClinicalItem, ...] = ()
    replaced: DocumentEntry | None = None
    former: str = ""
    prepared: Prepared | None = None
    hidden_with: tuple[Visibility, ...] = ()

    def __repr__(self) -> str:
        """Never shows a note: representations end up in logs."""
        return "KeptDraft(…)"


@dataclass(frozen=True, slots=True)
class FoundDrafts:
    """The drafts of one person, in the order they were begun, with how often each was kept. `elsewhere`: how many only another
    key of theirs opens (a former card); `unread`: how many this version cannot read. None of these is lost. `whose`: PS_IdNat,
    empty when nobody could be asked about.

    `leaving`: notes that were sent and are not in the DMP yet, each with the uniqueId of its document; no drafts unless they are
    withdrawn. `doubtful`: ids of drafts that may have been sent long ago.
    """

    whose: str = ""
    drafts: tuple[tuple[KeptDraft, int], ...] = ()
    elsewhere: int = 0
    unread: int = 0
    leaving: tuple[tuple[KeptDraft, int, str], ...] = ()
    doubtful: frozenset[str] = frozenset()
