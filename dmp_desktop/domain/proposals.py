"""Notes that somebody in training proposes to a doctor, who validates and sends them, or gives them back. See ADR 28."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from dmp_desktop.domain.documents import DocumentKind
from dmp_desktop.domain.people import Patient, Professional

KEPT = timedelta(days=30)
"""How long what is over is still told."""


class ProposalState(StrEnum):
    WAITING = "waiting"  # on the doctor's list
    VALIDATED = "validated"  # its document is in the outbox, or further
    RETURNED = "returned"  # with a reason, to its author
    WITHDRAWN = "withdrawn"  # by its author


class Said(StrEnum):
    """What a doctor answered last. PENDING: a document that was made of it was withdrawn before it left."""

    PENDING = "pending"
    VALIDATED = "validated"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True, repr=False)
class Answer:
    """`round`: of which proposal; `words`: the reason, sealed under the key of the note; `made`: how many documents were made of
    it and withdrawn; `unique_id`: of the one that leaves."""

    said: Said
    round: int
    at: datetime
    words: bytes = b""
    made: int = 0
    unique_id: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Proposal:
    """One note, as its row: nothing of the patient is outside `box`. `id` is that of its author's draft; each time it is proposed
    is a `round`.

    `box` is the note, sealed under a key of its own; that one is sealed to each of the doctor's public keys (`keys`, by their
    ids) and, under `own_key`, to its author (`own`). `revision` counts the changes on this workstation.
    """

    id: str
    round: int
    author_id: str
    author_name: str
    doctor_id: str
    doctor_name: str
    proposed_at: datetime
    box: bytes
    keys: Mapping[str, bytes]
    own: bytes
    own_key: str
    withdrawn: bool = False
    answer: Answer | None = None
    revision: int = 0

    @property
    def state(self) -> ProposalState:
        """A document that was made of it is never forgotten for what somebody else did meanwhile."""
        answer = self.answer
        if answer is not None and answer.said is Said.VALIDATED:
            return ProposalState.VALIDATED
        if self.withdrawn:
            return ProposalState.WITHDRAWN
        if answer is not None and answer.said is Said.RETURNED and answer.round == self.round:
            return ProposalState.RETURNED
        return ProposalState.WAITING

    @property
    def changed_at(self) -> datetime:
        return max(self.proposed_at, self.answer.at) if self.answer else self.proposed_at

    @property
    def over(self) -> bool:
        """Nobody has anything to do with it any more."""
        return self.state in (ProposalState.VALIDATED, ProposalState.WITHDRAWN)

    def __repr__(self) -> str:
        return f"Proposal({self.state.value})"


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a doctor's draft comes from: who wrote it first, which proposal, in which round."""

    proposal_id: str
    round: int
    author: Professional = field(repr=False)


@dataclass(frozen=True, slots=True)
class Told:
    """Where a proposed note is, for its author. `reason` is the doctor's; `readable`: whether it opens on this workstation."""

    state: ProposalState
    doctor: str
    at: datetime
    reason: str = field(default="", repr=False)
    readable: bool = True


@dataclass(frozen=True, slots=True)
class Validator:
    """A doctor of the practice. `why` they cannot be proposed anything yet, in French; empty where they can."""

    national_id: str
    name: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Validators:
    """By name; `chosen` (PS_IdNat) is whom this author proposed to last, empty for the first time."""

    doctors: tuple[Validator, ...] = ()
    chosen: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class ToValidate:
    """A note on a doctor's list. Not a word of it."""

    id: str
    round: int
    patient: Patient
    author: str
    proposed_at: datetime
    kind: DocumentKind

    @property
    def draft_id(self) -> str:
        return draft_name(self.id, self.round)


@dataclass(frozen=True, slots=True)
class NotesToValidate:
    """`closed`: how many were proposed to who is signed in and do not open with their card."""

    notes: tuple[ToValidate, ...] = ()
    closed: int = 0


def draft_name(proposal_id: str, round_: int) -> str:
    """Of the draft a doctor makes of it, on the disk: opened twice, it is one."""
    return f"{proposal_id}-{round_}"
