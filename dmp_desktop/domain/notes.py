"""What is found in a consultation note; nothing is coded without the doctor's tick."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any


class ProposalKind(StrEnum):
    VITAL = "vital"
    PROBLEM = "problem"
    TREATMENT = "treatment"
    ALLERGY = "allergy"
    VACCINATION = "vaccination"
    RESULT = "result"
    SICK_LEAVE = "sick_leave"
    FOLLOW_UP = "follow_up"
    REASON = "reason"


class ProposalStatus(StrEnum):
    PRESENT = "present"
    ABSENT = "absent"
    HISTORY = "history"
    FAMILY = "family"
    SUSPECTED = "suspected"
    PLANNED = "planned"
    DONE = "done"
    REFUSED = "refused"
    STOPPED = "stopped"
    GOAL = "goal"
    """A value to be reached, not one that was found."""
    CANCELLED = "cancelled"
    """Cancelled, interrupted before it gave anything, replaced, or entered by error."""
    NOT_DONE = "not_done"
    """Said not to have been done, for whatever reason."""
    UNKNOWN = "unknown"
    """Not asked, or asked without an answer: neither present nor absent."""


NOT_FACTS = frozenset(
    {
        ProposalStatus.PLANNED,
        ProposalStatus.GOAL,
        ProposalStatus.CANCELLED,
        ProposalStatus.NOT_DONE,
        ProposalStatus.UNKNOWN,
    }
)
"""Of these nothing happened or was found: shown with their status, never counted, plotted, compared or told as news."""


class Confidence(StrEnum):
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Proposal:
    """One item proposed for coding, tied to the words `note[start:end]` (character offsets). `accepted` is the tick.

    `value` is a number, `{"systolic", "diastolic"}` in mmHg, or a treatment's dict (design/cli.md); `unit` is a UCUM code.
    """

    kind: ProposalKind
    label: str
    start: int
    end: int
    text: str
    status: ProposalStatus = ProposalStatus.PRESENT
    value: Any = None
    unit: str | None = None
    code: str | None = None
    system: str | None = None
    confidence: Confidence = Confidence.MEDIUM
    accepted: bool = False
    warnings: tuple[str, ...] = ()

    def ticked(self, accepted: bool) -> Proposal:
        return replace(self, accepted=accepted)


@dataclass(frozen=True, slots=True)
class OwnTerm:
    """An abbreviation of the doctor's own: a problem, a treatment or a vaccination, with the code they chose (None: none)."""

    term: str
    kind: ProposalKind
    code: str | None
    system: str | None
    label: str
