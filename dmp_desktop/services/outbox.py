"""The outbox: a document is durable before the screen says anything, then sent whatever happens in between."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dmp_desktop.domain.people import Patient


class OutboxState(StrEnum):
    """Where a document is; `waiting_for` says what WAITING waits for."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    CANCELLED = "cancelled"


class WaitingFor(StrEnum):
    NOTHING = ""
    UNDO = "undo"  # the delay in which "Annuler" is offered
    NETWORK = "network"
    CARD = "card"


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """One document of the outbox as the screen shows it. Times are UTC and aware.

    `message` and `remedy` are French sentences for WAITING and REFUSED; `proof` is the registry's identifier once SENT.
    """

    id: int
    unique_id: str
    submission_id: str
    patient: Patient
    title: str
    kind: str
    state: OutboxState
    waiting_for: WaitingFor
    created_at: datetime
    updated_at: datetime
    attempts: int = 0
    code: str = ""
    message: str = ""
    remedy: str = ""
    proof: str = ""
