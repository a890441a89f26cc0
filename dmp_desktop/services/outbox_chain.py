"""What becomes of a new version when the document it replaces does not get to the DMP, or was taken away from there."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime

from dmp_desktop.domain.outbox import AWAITS_FORMER, NO_FORMER, NO_SUCH_FORMER, OutboxItem, OutboxState
from dmp_desktop.domain.people import Patient
from dmp_desktop.errors import ContextError, StorageError
from dmp_desktop.storage.outbox import OutboxStore, Outcome

_AS_NEW = "Envoyez celui-ci comme nouveau document."
_WHY = {
    OutboxState.CANCELLED: Outcome(
        OutboxState.REFUSED,
        code="outbox-replaced-cancelled",
        message="Le document qu'il remplace n'est jamais parti : son envoi a été annulé.",
        remedy=_AS_NEW,
    ),
    OutboxState.DELETED: Outcome(
        OutboxState.REFUSED,
        code="outbox-replaced-deleted",
        message="Le document qu'il remplace a été supprimé du DMP.",
        remedy=_AS_NEW,
    ),
    OutboxState.REFUSED: Outcome(
        OutboxState.REFUSED,
        code=AWAITS_FORMER,
        message="Le document qu'il remplace n'est pas parti : son envoi est refusé.",
        remedy="Réglez d'abord ce refus, dans « À envoyer » : celui-ci suivra de lui-même.",
    ),
}
BROKEN = NO_FORMER | {AWAITS_FORMER}

log = logging.getLogger(__name__)


class Chain:
    """`listed` tells whether the DMP told a document as there, the last time it was asked: it counts more than what left from
    here. Nothing is said of what may have left."""

    def __init__(self, store: OutboxStore, listed: Callable[[Patient, str], bool]) -> None:
        self._store = store
        self._listed = listed
        self._behind: dict[int, str] = {}

    # -- a former one that another store has -----------------------------------------------------------------------------------

    @property
    def behind(self) -> frozenset[int]:
        """Items whose former one was found on its way elsewhere, since `look_anew`: it goes before them."""
        return frozenset(self._behind)

    def look_anew(self) -> None:
        self._behind = {}

    def comes_first(self, item: OutboxItem) -> bool:
        """Whether what an item replaces is itself on its way, handed over to the clinic or kept here while the item was; the item
        is `behind` then, until that one is told of. One store by itself sees to its own order. Raises StorageError."""
        if not self._is_on_its_way(item.replaces):
            return False
        self._behind[item.id] = item.replaces
        return True

    def pass_over(self, item_id: int) -> None:
        """One that is not to be taken from here is not tried again before `look_anew`."""
        self._behind[item_id] = ""

    def to_come(self, outcomes: Iterable[Outcome], items: Iterable[OutboxItem], whole: bool) -> bool:
        """Whether what these replace, which the DMP said not to know, may yet come to it: it is on its way, or may be with the
        clinic, which does not answer, or did not (`whole`) when they were tried. Raises StorageError where nothing left."""
        if not any(one.code == NO_SUCH_FORMER for one in outcomes):
            return False
        return any(self._is_on_its_way(item.replaces) for item in items) or not (whole and self._store.connected)

    def _is_on_its_way(self, unique_id: str) -> bool:
        former = self._store.named(unique_id) if unique_id else None
        return former is not None and not former.state.final

    # -- a former one that stops -----------------------------------------------------------------------------------------------

    def why_not(self, patient: Patient, replaces: str) -> Outcome | None:
        """Why what replaces the document of this uniqueId cannot leave, as far as it is known here; None: it may. Raises
        StorageError."""
        former = self._store.named(replaces) if replaces else None
        if former is None or former.in_doubt or former.state not in _WHY or self._listed(patient, replaces):
            return None
        return _WHY[former.state]

    def check(self, patient: Patient, replaces: str) -> Outcome | None:
        """As `why_not`, for what is to be kept: it may wait for one that is refused. Raises ContextError when nothing will bring
        back what it replaces."""
        why = self.why_not(patient, replaces)
        if why and why.code in NO_FORMER:
            raise ContextError(why.code, why.message, why.remedy, field="replaces")
        return why

    def stopped_by(self, former: OutboxItem, now: datetime) -> list[OutboxItem]:
        """What replaces a document stops when this one does; returns those it stopped. Where the disk does not answer, none:
        they are looked at again before they leave."""
        if former.state.final:
            self._behind = {number: one for number, one in self._behind.items() if one != former.unique_id}
        if former.state not in _WHY or former.in_doubt:
            return []
        try:
            return self._stop_behind(former, now)
        except StorageError as error:
            log.warning("what follows was not stopped: %s", error.code)
            return []

    def _stop_behind(self, former: OutboxItem, now: datetime) -> list[OutboxItem]:
        waiting = [item for item in self._store.followers(former.unique_id) if item.state is OutboxState.WAITING]
        why = self.why_not(former.patient, former.unique_id) if waiting else None
        return self._store.stop([item.id for item in waiting if not item.in_doubt], why, now) if why else []

    def freed_by(self, former: OutboxItem, now: datetime) -> list[OutboxItem]:
        """What had stopped because this document had goes on behind it, now that it is on its way again; returns it."""
        if former.state is not OutboxState.WAITING:
            return []
        again = []
        for item in self._store.followers(former.unique_id):
            if item.state is OutboxState.REFUSED and item.code in BROKEN:
                again += self._store.retry(item.id, now)
        return again

    def freed_elsewhere(self, now: datetime) -> list[OutboxItem]:
        """What had stopped because its former one had, which another workstation has set right since: it goes on, or says what
        became of it; returns it. Raises StorageError."""
        again = []
        for item in self._store.broken() if self._store.connected else ():
            why = self.why_not(item.patient, item.replaces)
            if why is None or why.code != item.code:
                again += self._store.retry(item.id, now)
        return again
