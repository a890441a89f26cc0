"""From validated scans to the outbox, and back when it does not send them. A document has one uniqueId whatever happens in
between.

A scan is marked as handed over before its document enters the outbox: nobody gives it back meanwhile. Cut in between, nobody
knows whether it did, which is told; handing it over again is harmless: the outbox and the DMP know the uniqueId.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta

from dmp_desktop.domain import roles
from dmp_desktop.domain.acts import Act
from dmp_desktop.domain.outbox import OutboxItem, OutboxState
from dmp_desktop.domain.ports import Clock
from dmp_desktop.domain.roles import Task
from dmp_desktop.domain.tray import Part, Scan, ScanRows, ScanState
from dmp_desktop.errors import CardError, ContextError, DmpDesktopError, DmpError
from dmp_desktop.services.outbox import OutboxService
from dmp_desktop.services.sending import check_may_send
from dmp_desktop.services.session_state import SignedIn
from dmp_desktop.services.tray import Note

OTHERS_ANSWER = timedelta(days=1)
"""How long another workstation is waited for to tell what became of a document it sends."""

_LEFT = (OutboxState.SENT, OutboxState.REPLACED, OutboxState.DELETED)


@dataclass(frozen=True, slots=True)
class Failure:
    """What was not handed over, and why; it is still validated."""

    scan_id: str
    why: DmpDesktopError


@dataclass(frozen=True, slots=True)
class Batch:
    queued: int = 0
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True)
class Leaving:
    """A scan that is handed over, and its item of the outbox: None where that is not known."""

    scan: Scan
    item: OutboxItem | None
    elsewhere: bool = False
    """Another workstation sends it, and tells what becomes of it."""

    @property
    def stopped(self) -> bool:
        """Somebody has to do something about it."""
        if self.item is None:
            return not self.elsewhere
        return self.item.state is OutboxState.REFUSED


class TraySending:
    """`who` is signed in; `station` names this workstation where several share the tray. Safe from every thread. Methods raise
    StorageError."""

    def __init__(
        self,
        rows: ScanRows,
        outbox: OutboxService,
        clock: Clock,
        who: Callable[[], SignedIn | None],
        note: Note,
        station: str = "",
    ) -> None:
        self._station = station
        self._rows = rows
        self._outbox = outbox
        self._clock = clock
        self._who = who
        self._note = note
        self._moving = threading.Lock()  # what was cancelled is put back by `send`: `settle` does not see it in between

    def send(self, scans: Iterable[Scan]) -> Batch:
        """Hand over those that are validated: a secretary what professionals of her structure validated, anybody else their own.
        One that is refused keeps no other from leaving. Raises DmpDesktopError when who is signed in may send nothing."""
        who = self._sender()
        queued, failures = 0, []
        for scan in scans:
            try:
                with self._moving:
                    self._hand_over(scan, who)
            except DmpDesktopError as error:
                failures.append(Failure(scan.id, error))
            else:
                queued += 1
        return Batch(queued, tuple(failures))

    def leaving(self) -> list[Leaving]:
        """What is handed over and has not arrived."""
        queued = [one for one in self._rows.scans()[0] if one.state is ScanState.QUEUED]
        items = self._items() if queued else {}
        return [Leaving(one, items.get(one.unique_id), self._elsewhere(one)) for one in queued]

    def retry(self, scan: Scan) -> None:
        """Once more, the same document. Raises as `OutboxService.retry`, or `send`."""
        item = self._items().get(scan.unique_id)
        if item is None:
            self._enqueue(scan, self._sender())
        else:
            self._outbox.retry(item.id)

    def take_back(self, scan: Scan) -> Scan:
        """To the front desk, out of the outbox first; another document is made once it is validated again. Raises
        ContextError("outbox-left") where it may have left, DmpError where somebody else sends it."""
        item = self._items().get(scan.unique_id)
        if item is None and self._elsewhere(scan):
            raise ContextError(
                "scan-elsewhere",
                "Ce document part d'un autre poste du cabinet : il se reprend là-bas.",
                "Sur ce poste-là, annulez-le dans « À envoyer », ou attendez qu'il soit arrivé.",
            )
        if item is None:
            raise ContextError(
                "scan-unsure",
                "On ne sait pas si ce document est parti : il ne peut pas être repris.",
                "Renvoyez-le : s'il est déjà dans le DMP, il n'y sera pas deux fois.",
            )
        self._outbox.cancel(item.id)
        while (now := self._rows.get(scan.id)) is not None:
            back = replace(now, state=ScanState.TO_PREPARE, unique_id="", validated_by="", queued_by="", queued_from="")
            kept = self._rows.change(replace(back, updated_at=self._clock.now()), {Part.CDA: b""})
            if kept is not None:
                self._note(Act.SCAN_TAKEN_BACK, now, "")
                return kept
        return scan

    def settle(self) -> bool:
        """See what the outbox did: what was cancelled there is in the tray again, what was sent is done. Whether anything
        changed."""
        followed = [one for one in self._rows.scans()[0] if one.unique_id and not one.over]
        if not followed:
            return False
        changed = False
        with self._moving:
            items = self._items()
            for scan in followed:
                item = items.get(scan.unique_id)
                state = scan.state if item is None else _state(scan, item)
                if state is not ScanState.SENT and scan.queued_from not in ("", self._station):
                    continue  # what was tried here before says nothing of it
                if state is not scan.state:
                    changed |= self._rows.change(replace(scan, state=state, updated_at=self._clock.now())) is not None
        return changed

    def _hand_over(self, scan: Scan, who: SignedIn) -> None:
        if scan.state is not ScanState.VALIDATED:
            raise ContextError("scan-state", "Cette numérisation n'est pas validée.", "Actualisez la liste.")
        claimed = self._rows.change(
            replace(
                scan,
                state=ScanState.QUEUED,
                queued_by=who.national_id,
                queued_from=self._station,
                updated_at=self._clock.now(),
            )
        )
        if claimed is None:
            raise ContextError("scan-changed", "Cette numérisation a changé entre-temps.", "Actualisez la liste.")
        try:
            self._enqueue(claimed, who)
        except DmpDesktopError:
            with suppress(DmpDesktopError):
                self._rows.change(replace(claimed, state=ScanState.VALIDATED, queued_by="", queued_from=""))
            raise

    def _enqueue(self, scan: Scan, who: SignedIn) -> None:
        cda = self._rows.part(scan.id, Part.CDA)
        if cda is None or scan.patient is None:
            raise ContextError("scan-state", "Cette numérisation n'est pas validée.", "Actualisez la liste.")
        if roles.may(who.role, Task.SEND_FOR_PRACTICE):
            self._outbox.enqueue_for_structure(scan.patient, cda, scan.visibility, who, scan.validated_by)
            return
        check_may_send(who)
        if scan.validated_by != who.professional.national_id:
            raise DmpError(
                "EnvoiDUnAutre",
                "Ce document a été validé par un autre professionnel.",
                "Lui ou le secrétariat l'envoie, avec sa carte.",
            )
        self._outbox.enqueue_cda(scan.patient, cda, scan.visibility)

    def _elsewhere(self, scan: Scan) -> bool:
        """For a day: a workstation that is gone for good answers for nothing."""
        lately = self._clock.now() - scan.updated_at < OTHERS_ANSWER
        return scan.queued_from not in ("", self._station) and lately

    def _sender(self) -> SignedIn:
        who = self._who()
        if who is None:
            raise CardError("CarteAbsente", "Votre carte n'est pas dans le lecteur.", "Insérez-la puis recommencez.")
        if not roles.may(who.role, Task.SEND_FOR_PRACTICE):
            check_may_send(who)
        return who

    def _items(self) -> dict[str, OutboxItem]:
        return {item.unique_id: item for item in self._outbox.items()}


def _state(scan: Scan, item: OutboxItem) -> ScanState:
    """Of a scan with a document, by what the outbox says of it."""
    if item.state in _LEFT:
        return ScanState.SENT
    if item.state is OutboxState.CANCELLED:
        return ScanState.VALIDATED
    return ScanState.QUEUED if scan.state is ScanState.VALIDATED else scan.state
