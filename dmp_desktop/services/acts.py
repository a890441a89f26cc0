"""What is done, written into the journal: by a thread of its own, so that who reads, sends or signs in waits for no disk."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from dmp_desktop.domain.acts import Act
from dmp_desktop.domain.consent import AccessAct, TracedAct
from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.outbox import OutboxItem, OutboxState, WaitingFor
from dmp_desktop.domain.people import Patient
from dmp_desktop.domain.ports import Clock
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.services.batches import Batches
from dmp_desktop.services.record import RecordListener
from dmp_desktop.storage.journal import JournalRecord

BATCH_SECONDS = 0.3
"""What is noted within it is one transaction; a power cut may lose as much of what was only read or listed (`flush`)."""
DONE = "done"
BY_RIGHT = frozenset(
    {
        "role-reserved",
        "EnvoiReserve",
        "EnvoiAuNomDuCabinet",
        "EnvoiDUnAutre",
        "DocumentNonValide",
        "DocumentDUnAutreCabinet",
        "RemplacementReserve",
        "AutorisationReservee",
        "ChangementReserve",
        "AccesReserve",
        "ReserveAuxSoignants",
        "SessionChangee",
        "practice-code-reserved",
        "identity.ins_not_allowed",
        "identity.insi_not_allowed",
        "identity.locked",
        "BannetteReservee",
        "NumerisationDUnAutre",
        "ValidationReservee",
    }
)
"""Codes of the refusals by role or right, which are acts themselves."""
_STATES = {
    OutboxState.SENT: Act.SENT,
    OutboxState.REFUSED: Act.SEND_REFUSED,
    OutboxState.REPLACED: Act.REPLACED,
    OutboxState.DELETED: Act.DELETED,
    OutboxState.CANCELLED: Act.CANCELLED,
}


class Pages(Protocol):
    """Where acts are written (storage.journal)."""

    def pseudonym(self, ins: str) -> str: ...

    def append_all(self, records: Collection[JournalRecord]) -> None: ...


class ActBook:
    """`actor` tells who is signed in. Safe from every thread; only `flush` and `stop` wait for the disk, nothing raises.

    What cannot be written is kept in memory and tried again: an act is done, its trace must not undo it.
    """

    def __init__(self, journal: Pages, clock: Clock, actor: Callable[[], str | None]) -> None:
        self._journal = journal
        self._clock = clock
        self._actor = actor
        self._batches = Batches("acts", journal.append_all, BATCH_SECONDS)

    def note(
        self,
        act: Act,
        patient: InsIdentity | None = None,
        *,
        document: str = "",
        result: str = DONE,
        reason: str = "",
        actor: str | None = None,
        card: str = "",
    ) -> None:
        """`document` is a uniqueId; `result` a code; `reason` a choice of a list; `actor` who did it where that is not who is
        signed in; `card` by which means."""
        by = self._actor() if actor is None else actor
        who = self._journal.pseudonym(patient.value) if patient else ""
        record = JournalRecord(self._clock.now(), by or "", act, who, document, card, result, reason)
        self._batches.note((record,))

    def refused(self, error: DmpDesktopError) -> None:
        """Of any error: that it was refused by right is an act."""
        if error.code in BY_RIGHT:
            self.note(Act.REFUSED, result=error.code)

    def access(self, patient: InsIdentity, traced: TracedAct) -> None:
        """What was traced of the access to a record: in the same words, but for the doctor's own."""
        self.note(_ACCESS[traced.act], patient, reason=traced.reason, actor=traced.by)

    def outbox(self, item: OutboxItem) -> None:
        """A document changed its state. SENDING is none: that it is transmitted is told by who transmits it."""
        act = _STATES.get(item.state)
        if item.state is OutboxState.WAITING:
            act = _waiting(item)
        if act is not None:
            by = self._actor() or item.author_id
            result = item.answer or DONE if act is Act.SENT else item.code or DONE
            patient, document = item.patient.ins, item.unique_id
            self.note(act, patient, document=document, result=result, reason=item.waiting_for, actor=by)

    def flush(self) -> None:
        """On the disk when it returns, unless the disk refuses."""
        self._batches.flush()

    def stop(self) -> None:
        """Ends once all is written, or cannot be."""
        self._batches.stop()


class Opened(RecordListener):
    """Who opens a record is noted, whether the DMP told its list or it was at hand."""

    def __init__(self, acts: ActBook) -> None:
        self._acts = acts

    def listed(self, patient: Patient, entries: Sequence[DocumentEntry]) -> None:
        del entries
        self._acts.note(Act.OPEN_RECORD, patient.ins)


_ACCESS = {one: Act(one.value) for one in AccessAct}


def _waiting(item: OutboxItem) -> Act:
    if item.waiting_for is WaitingFor.HOLD:
        return Act.HELD
    first = item.waiting_for in (WaitingFor.UNDO, WaitingFor.NOTHING) and not item.attempts
    return Act.QUEUED if first else Act.WAITS
