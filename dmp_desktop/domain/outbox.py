"""A document on its way to the DMP."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from dmp_desktop.domain.documents import Visibility
from dmp_desktop.domain.people import Patient


class OutboxState(StrEnum):
    """Where a document is; `waiting_for` says what WAITING waits for."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    REPLACED = "replaced"  # sent, then replaced in the DMP by a later one
    DELETED = "deleted"  # sent, then deleted from the DMP
    CANCELLED = "cancelled"

    @property
    def final(self) -> bool:
        """True when nothing more happens without someone doing something."""
        return self not in (OutboxState.WAITING, OutboxState.SENDING)


class WaitingFor(StrEnum):
    NOTHING = ""
    UNDO = "undo"  # the delay in which "Annuler" is offered
    NETWORK = "network"
    CARD = "card"
    INS = "ins"  # an identity that is not qualified
    OPPOSITION = "opposition"  # the patient's objection to the feeding of their record, or what is not known of it
    RIGHT = "right"  # an authorisation of the patient, or a right of the author
    HOLD = "hold"  # someone held it back


AWAITS_FORMER = "outbox-replaced-refused"
"""Code of what replaces a document that is refused itself: it follows as soon as that one is on its way again."""
NO_SUCH_FORMER = "outbox-replaced-unknown"
NO_FORMER = frozenset(("outbox-replaced-cancelled", "outbox-replaced-deleted", NO_SUCH_FORMER))
"""Codes of what replaces a document that the DMP does not have: it is to be sent as a document of its own."""


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """One document of the outbox as the screen shows it. Times are UTC and aware.

    `unique_id` (of the document) and `submission_id` (of its lot) are fixed for all tries. `author_id` is the
    national identifier of who sends it: its author, or the secretary, who sends what `validated_by` validated.
    `in_doubt` tells that the DMP may already have it: it is looked for there before it is sent again.
    `next_attempt_at` is the earliest moment of the next try while WAITING, None while it is parked. `message` and `remedy` are
    French sentences for WAITING and REFUSED. `proof` is, once SENT, the registry's entryUUID where it was read back, else
    the uniqueId of the submission set the DMP acknowledged; `sent_at` is when its answer came, `answer` the code in it.
    `replaces` is the uniqueId of the document it is a new version of, empty for a document of its own.
    """

    id: int
    unique_id: str
    submission_id: str
    patient: Patient
    title: str = field(repr=False)
    kind: str
    state: OutboxState
    waiting_for: WaitingFor
    created_at: datetime
    updated_at: datetime
    attempts: int = 0
    code: str = ""
    message: str = field(default="", repr=False)
    remedy: str = ""
    proof: str = ""
    author_id: str = ""
    visibility: frozenset[Visibility] = frozenset()
    in_doubt: bool = False
    next_attempt_at: datetime | None = None
    validated_by: str = ""
    sent_at: datetime | None = None
    answer: str = ""
    replaces: str = ""

    @property
    def parked(self) -> bool:
        """It waits for what no time brings: it is looked at again, never tried."""
        return self.state is OutboxState.WAITING and self.next_attempt_at is None
