"""How many documents were sent, refused, held, wait or are to be validated: by who sends them, month and type. Numbers only, no
patient."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from dmp_desktop.domain import roles
from dmp_desktop.domain.acts import Act
from dmp_desktop.domain.documents import DocumentKind
from dmp_desktop.domain.outbox import OutboxItem, OutboxState, WaitingFor
from dmp_desktop.domain.proposals import Proposal
from dmp_desktop.domain.roles import Task
from dmp_desktop.domain.tray import Scan, ScanState
from dmp_desktop.errors import ContextError
from dmp_desktop.platform.keystore import write_durably
from dmp_desktop.services.acts import ActBook
from dmp_desktop.services.csv_cells import csv_bytes
from dmp_desktop.services.session_state import SignedIn

COLUMNS = ("Mois", "Professionnel", "Type de document", "Envoyés", "Refusés", "Retenus", "En attente", "À valider")
PROPOSED = "proposed-note"
"""The kind of a note proposed to a doctor: of which type it is stays sealed until she opens it."""


class Fate(StrEnum):
    """What became of a document; one that was sent, then replaced or deleted, was sent."""

    SENT = "sent"
    REFUSED = "refused"
    HELD = "held"
    WAITING = "waiting"
    TO_VALIDATE = "to-validate"  # a scan prepared, or a note proposed: its doctor has not answered yet


_SCANS = {ScanState.TO_VALIDATE: Fate.TO_VALIDATE, ScanState.VALIDATED: Fate.WAITING}
_Told = tuple[datetime, str, str, Fate]
"""When, whose (PS_IdNat), of what kind, what became of it."""


@dataclass(frozen=True, slots=True)
class FeedingLine:
    """`month` is `YYYY-MM` of when it was put into the outbox, local time, of a scan that is not there yet, when it was taken,
    of a note, when it was proposed. `author` (PS_IdNat) answers for it, whoever sends it; `kind` as in `OutboxItem`, or
    PROPOSED."""

    month: str
    author: str
    kind: str
    count: dict[Fate, int]


class Dashboard:
    """`items` gives the outbox: what was sent stays there as long as the setting `keep_sent_days` says, and is counted as long.
    `scans` gives those of the tray, and how many cannot be read; `proposed` the notes that wait for their doctor.

    `who` is signed in; nobody is the workstation's own command line, which sees the numbers of all.
    """

    def __init__(
        self,
        items: Callable[[], Iterable[OutboxItem]],
        scans: Callable[[], tuple[Iterable[Scan], int]],
        proposed: Callable[[], Iterable[Proposal]],
        acts: ActBook,
        who: Callable[[], SignedIn | None],
    ) -> None:
        self._items = items
        self._scans = scans
        self._proposed = proposed
        self._acts = acts
        self._who = who

    def lines(self) -> list[FeedingLine]:
        """The latest month first; one's own, or everybody's for who looks after the workstation. Raises ContextError
        ("role-reserved"), StorageError."""
        mine = self._mine()
        counts: dict[tuple[str, str, str], Counter[Fate]] = {}
        for at, author, kind, fate in (*self._fed(), *self._scanned(), *self._to_answer()):
            if mine in ("", author):
                place = f"{at.astimezone():%Y-%m}", author, kind
                counts.setdefault(place, Counter())[fate] += 1
        ordered = sorted(sorted(counts), key=lambda place: place[0], reverse=True)
        return [FeedingLine(*place, {fate: counts[place][fate] for fate in Fate}) for place in ordered]

    def export(self, file: Path) -> int:
        """CSV; how many lines. Raises as `lines`."""
        lines = self.lines()
        rows = ((one.month, one.author, one.kind, *one.count.values()) for one in lines)
        write_durably(file, csv_bytes(COLUMNS, rows))
        self._acts.note(Act.FEEDING_EXPORTED, result=str(len(lines)))
        return len(lines)

    def refusal(self) -> str:
        """Why there are no numbers for who is signed in, in French; empty when there are."""
        who = self._who()
        if who is None or roles.may(who.role, Task.FEEDING_NUMBERS):
            return ""
        return roles.refusal(who.role, Task.OWN_FEEDING)

    def _fed(self) -> Iterator[_Told]:
        for item in self._items():
            fate = fate_of(item)
            if fate is not None:
                yield item.created_at, item.validated_by or item.author_id, item.kind, fate

    def _scanned(self) -> Iterator[_Told]:
        """Those on their way to the outbox: one that is there is counted as what it is there."""
        for scan in self._scans()[0]:
            fate = _SCANS.get(scan.state)
            if fate is not None:
                yield scan.received_at, scan.author_id, DocumentKind.SCAN, fate

    def _to_answer(self) -> Iterator[_Told]:
        for one in self._proposed():
            yield one.proposed_at, one.doctor_id, PROPOSED, Fate.TO_VALIDATE

    def _mine(self) -> str:
        """Whose documents are counted; empty for everybody's. Raises ContextError."""
        who = self._who()
        if who is None or roles.may(who.role, Task.FEEDING_NUMBERS):
            return ""
        if why := self.refusal():
            raise ContextError("role-reserved", why, roles.remedy(who.role), field="role")
        return who.national_id


def fate_of(item: OutboxItem) -> Fate | None:
    """None of what was cancelled: nobody wanted it sent any more."""
    if item.state is OutboxState.CANCELLED:
        return None
    if item.state in (OutboxState.SENT, OutboxState.REPLACED, OutboxState.DELETED):
        return Fate.SENT
    if item.state is OutboxState.REFUSED:
        return Fate.REFUSED
    return Fate.HELD if item.waiting_for is WaitingFor.HOLD else Fate.WAITING
