"""The outbox of a workstation in a clinic: its own file first, then the clinic's database, and both as one list.

A document is durable here before anything else. What its author cannot send from here goes over to the clinic's database, under
the same uniqueId, and leaves from whichever workstation its author is signed in on. Without the server, what is here goes on;
what was handed over waits there. An item of the clinic bears its number there, below zero.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.outbox import OutboxItem, OutboxState
from dmp_desktop.domain.ports import Liveness
from dmp_desktop.errors import StorageError
from dmp_desktop.storage.clinic_errors import unreachable
from dmp_desktop.storage.errors import DAMAGED
from dmp_desktop.storage.hand_over import HandOver
from dmp_desktop.storage.outbox import OutboxStore, Outcome
from dmp_desktop.storage.sealing import Seal
from dmp_desktop.storage.store import Store

_log = logging.getLogger(__name__)
_Given = TypeVar("_Given")


_ANSWERED = frozenset({"clinic-busy", DAMAGED})
"""Errors of a server that is there."""


@dataclass(frozen=True, slots=True)
class _Untold:
    """What became of a try the server could not be told of, by its numbers there; `name`: in which one they were claimed."""

    name: str
    outcomes: Mapping[int, Outcome]


@dataclass(frozen=True, slots=True)
class ClinicSide:
    """The clinic's database, once it was opened: it mends its connections itself. `check` raises StorageError where it cannot be
    written."""

    outbox: OutboxStore
    liveness: Liveness
    check: Callable[[], None]


class ClinicOutbox(OutboxStore):
    """As `OutboxStore`, over both. `connect` and `move` are for a thread of their own: they may wait for the server, and nothing
    else asks for a server that did not answer."""

    def __init__(self, database: Store, seal: Seal, open_clinic: Callable[[], ClinicSide]) -> None:
        super().__init__(database, seal)
        self._hand_over = HandOver(database, OutboxStore(database, seal))
        self._open_clinic = open_clinic
        self._clinic: ClinicSide | None = None
        self._answers = False
        self._names: dict[int, str] = {}  # in which name what is being sent was claimed
        self._untold: list[_Untold] = []
        self._unanswered: set[str] = set()  # names in which more may be claimed than this process knows
        self._guard = threading.Lock()  # of the three above

    # -- the link --------------------------------------------------------------------------------------------------------------

    @property
    def connected(self) -> bool:
        """False while the list lacks what was handed over."""
        return self._answers

    def connect(self, now: datetime) -> None:
        """See that the clinic's database answers, opened on first use, and tell it what it missed. Raises StorageError."""
        if self._clinic is None:
            self._clinic = self._open_clinic()
        try:
            self._clinic.check()
        except StorageError as error:
            self._answers = self._answers and error.code in _ANSWERED
            raise
        self._answers = True
        with self._guard:
            untold = tuple(self._untold)
        for one in untold:
            with self._asked() as clinic:
                clinic.outbox.settle(one.outcomes, one.name, now)
            with self._guard:
                self._untold.remove(one)

    @property
    def untold(self) -> int:
        """How many outcomes the server is still to be told of; they are in doubt when this process ends before."""
        with self._guard:
            return sum(len(one.outcomes) for one in self._untold)

    def move(self, is_here: Callable[[str], bool], now: datetime) -> int:
        """Hand over what is due and whose author is not signed in here; returns how many. Raises StorageError."""
        with self._asked() as clinic:
            return self._hand_over.resume(clinic.outbox, now) + self._hand_over.move_all(clinic.outbox, is_here, now)

    # -- both ------------------------------------------------------------------------------------------------------------------

    def items(self, ins: InsIdentity | None = None) -> list[OutboxItem]:
        shared = self._if_there(lambda clinic: _shown(clinic.outbox.items(ins))) or []
        known = {item.unique_id for item in shared}  # one that is being handed over is in both
        local = [item for item in super().items(ins) if item.unique_id not in known]
        return sorted(local + shared, key=lambda item: item.created_at, reverse=True)

    def some(self, item_ids: Iterable[int]) -> list[OutboxItem]:
        here, there = _parted(item_ids)
        shared = self._if_there(lambda clinic: _shown(clinic.outbox.some(there))) if there else None
        return super().some(here) + (shared or [])

    def due(self, now: datetime, *, smallest: bool = False, but: Collection[int] = ()) -> list[tuple[str, int]]:
        here, there = _parted(but)

        def ask(clinic: ClinicSide) -> list[tuple[str, int]]:
            return [(author, -number) for author, number in clinic.outbox.due(now, smallest=smallest, but=there)]

        return super().due(now, smallest=smallest, but=here) + (self._if_there(ask) or [])

    def broken(self) -> list[OutboxItem]:
        return super().broken() + (self._if_there(lambda clinic: _shown(clinic.outbox.broken())) or [])

    def followers(self, unique_id: str) -> list[OutboxItem]:
        shared = self._if_there(lambda clinic: _shown(clinic.outbox.followers(unique_id))) or []
        return super().followers(unique_id) + shared

    def next_due(self, now: datetime) -> datetime | None:
        planned = super().next_due(now), self._if_there(lambda clinic: clinic.outbox.next_due(now))
        return min((moment for moment in planned if moment), default=None)

    def await_card(self, author_id: str, now: datetime) -> list[OutboxItem]:
        shared = self._if_there(lambda clinic: _shown(clinic.outbox.await_card(author_id, now))) or []
        return super().await_card(author_id, now) + shared

    def deleted(self, unique_id: str, now: datetime) -> list[OutboxItem]:
        shared = self._if_there(lambda clinic: _shown(clinic.outbox.deleted(unique_id, now))) or []
        return super().deleted(unique_id, now) + shared

    def release(self, is_dead: Callable[[str], bool], now: datetime, *, but: Collection[int] = ()) -> list[OutboxItem]:
        def ask(clinic: ClinicSide) -> list[OutboxItem]:
            return _shown(clinic.outbox.release(clinic.liveness.is_dead, now) + self._give_back(clinic, now))

        return super().release(is_dead, now, but=but) + (self._if_there(ask) or [])

    def _give_back(self, clinic: ClinicSide, now: datetime) -> list[OutboxItem]:
        """What the server let this process claim while it went, unheard: this process lives, nobody else would take it over. By
        the thread that claims: nothing is being claimed meanwhile."""
        with self._guard:
            names = frozenset(self._unanswered)
            known = {*self._names, *(number for one in self._untold for number in one.outcomes)}
        given = clinic.outbox.release(names.__contains__, now, but=known) if names else []
        with self._guard:
            self._unanswered -= names
        return given

    def stop(self, item_ids: Collection[int], why: Outcome, now: datetime) -> list[OutboxItem]:
        here, there = _parted(item_ids)
        stopped = super().stop(here, why, now)
        if there:
            with self._asked() as clinic:
                stopped += _shown(clinic.outbox.stop(there, why, now))
        return stopped

    def parked(self) -> list[OutboxItem]:
        return super().parked() + (self._if_there(lambda clinic: _shown(clinic.outbox.parked())) or [])

    def unreadable(self) -> int:
        return super().unreadable() + (self._if_there(lambda clinic: clinic.outbox.unreadable()) or 0)

    def resume(self, items: Collection[OutboxItem], now: datetime) -> list[OutboxItem]:
        shared = [replace(item, id=-item.id) for item in items if item.id < 0]
        resumed = super().resume([item for item in items if item.id > 0], now)
        if shared:
            with self._asked() as clinic:
                resumed += _shown(clinic.outbox.resume(shared, now))
        return resumed

    def hasten(self, now: datetime) -> None:
        super().hasten(now)
        self._if_there(lambda clinic: clinic.outbox.hasten(now))

    def purge(self, before: datetime) -> int:
        return super().purge(before) + (self._if_there(lambda clinic: clinic.outbox.purge(before)) or 0)

    # -- one -------------------------------------------------------------------------------------------------------------------

    def get(self, item_id: int) -> OutboxItem:
        if item_id > 0:
            return super().get(item_id)
        with self._asked() as clinic:
            return _as_shared(clinic.outbox.get(-item_id))

    def named(self, unique_id: str) -> OutboxItem | None:
        local = super().named(unique_id)  # before: what goes over meanwhile is there before it is gone from here
        shared = self._if_there(lambda clinic: clinic.outbox.named(unique_id))
        return _as_shared(shared) if shared else local

    def document(self, item_id: int) -> bytes:
        if item_id > 0:
            return super().document(item_id)
        with self._asked() as clinic:
            return clinic.outbox.document(-item_id)

    def claim(self, item_id: int, owner: str, now: datetime, lease: timedelta) -> tuple[list[OutboxItem], bool] | None:
        """What is the clinic's is claimed in the name this workstation has there. What was kept here once more, while the clinic
        has it, goes over instead of leaving twice."""
        if item_id > 0:
            if self._if_there(lambda clinic: self._joins(clinic, item_id, now)):
                return None
            return super().claim(item_id, owner, now, lease)
        with self._asked() as clinic:
            name = clinic.liveness.owner
            try:
                claimed = clinic.outbox.claim(-item_id, name, now, lease)
            except StorageError:
                with self._guard:
                    self._unanswered.add(name)
                raise
        if claimed is None:
            return None
        with self._guard:
            self._names.update((item.id, name) for item in claimed[0])
        return _shown(claimed[0]), claimed[1]

    def settle(self, outcomes: Mapping[int, Outcome], owner: str, now: datetime) -> list[OutboxItem]:
        """Nothing, too, where the server does not answer: it is told when it is back, or finds the items in doubt when this
        process ends before."""
        settled = self._settle_both(outcomes, owner, now)
        if formers := [item.replaces for item in settled if item.state is OutboxState.SENT and item.replaces]:
            self._overtake(formers, now)
        return settled

    def _overtake(self, formers: Collection[str], now: datetime) -> None:
        """What they replaced may be in the other outbox. It is a word in a list: nothing fails for it."""
        try:
            super().overtake(formers, now)
        except StorageError as error:
            _log.warning("what was replaced is not marked: %s", error.code)
        self._if_there(lambda clinic: clinic.outbox.overtake(formers, now))

    def _settle_both(self, outcomes: Mapping[int, Outcome], owner: str, now: datetime) -> list[OutboxItem]:
        here = {number: one for number, one in outcomes.items() if number > 0}
        settled = super().settle(here, owner, now) if here else []
        there = {-number: one for number, one in outcomes.items() if number < 0}
        if not there:
            return settled
        with self._guard:
            [name] = {self._names.pop(number) for number in there}
        try:
            with self._asked() as clinic:
                return settled + _shown(clinic.outbox.settle(there, name, now))
        except StorageError as error:
            _log.warning("outcome kept for the clinic: %s", error.code)
            with self._guard:
                self._untold.append(_Untold(name, there))
            return settled

    def cancel(self, item_id: int, now: datetime) -> OutboxItem:
        if item_id > 0:
            return super().cancel(item_id, now)
        with self._asked() as clinic:
            return _as_shared(clinic.outbox.cancel(-item_id, now))

    def cancel_lot(self, item_id: int, now: datetime) -> list[OutboxItem]:
        if item_id > 0:
            return super().cancel_lot(item_id, now)
        with self._asked() as clinic:
            return _shown(clinic.outbox.cancel_lot(-item_id, now))

    def retry(self, item_id: int, now: datetime) -> list[OutboxItem]:
        if item_id > 0:
            return super().retry(item_id, now)
        with self._asked() as clinic:
            return _shown(clinic.outbox.retry(-item_id, now))

    def hold(self, item_id: int, now: datetime) -> list[OutboxItem]:
        if item_id > 0:
            return super().hold(item_id, now)
        with self._asked() as clinic:
            return _shown(clinic.outbox.hold(-item_id, now))

    def _joins(self, clinic: ClinicSide, item_id: int, now: datetime) -> bool:
        """One the clinic has takes what would leave with it along."""
        items = super().lot_of(item_id)
        if not any(clinic.outbox.has(item.unique_id) for item in items):
            return False
        if any(item.in_doubt for item in items):
            return self._hand_over.join(clinic.outbox, item_id, now)
        return self._hand_over.move(clinic.outbox, item_id, now) > 0

    @contextmanager
    def _asked(self) -> Iterator[ClinicSide]:
        """Raises StorageError("clinic-unreachable") at once while the server is known not to answer."""
        if self._clinic is None or not self._answers:
            raise unreachable()
        try:
            yield self._clinic
        except StorageError as error:
            self._answers = self._answers and error.code in _ANSWERED
            raise

    def _if_there(self, ask: Callable[[ClinicSide], _Given]) -> _Given | None:
        """What the clinic's database says, None without it: what is here goes on."""
        if not self._answers:
            return None
        try:
            with self._asked() as clinic:
                return ask(clinic)
        except StorageError as error:
            _log.warning("without the clinic: %s", error.code)
            return None


def _as_shared(item: OutboxItem) -> OutboxItem:
    return replace(item, id=-item.id)


def _shown(items: Iterable[OutboxItem]) -> list[OutboxItem]:
    return [_as_shared(item) for item in items]


def _parted(item_ids: Iterable[int]) -> tuple[list[int], list[int]]:
    """Those of the workstation, and those of the clinic by their number there."""
    given = list(item_ids)
    return [number for number in given if number > 0], [-number for number in given if number < 0]
