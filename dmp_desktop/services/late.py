"""Documents written before the last visit and deposited after: asked for while those that are new by their date are read."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from datetime import datetime

from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.domain.people import Patient
from dmp_desktop.errors import DmpDesktopError

Deposits = Mapping[str, datetime]
"""When documents were deposited, by entryUUID; aware."""

log = logging.getLogger(__name__)


def _unknown() -> Deposits:
    return {}


class LateDeposits:
    """Asks for deposits since a moment, once for a list; on another thread with an `executor`. Unanswered, they are unknown."""

    def __init__(self, deposited: Callable[[Patient, datetime], Deposits], executor: Executor | None = None) -> None:
        self._deposited = deposited
        self._executor = executor
        self._last: tuple[int, Deposits] = (0, {})  # whose it is cannot be read from it

    def ask(
        self, patient: Patient, entries: Sequence[DocumentEntry], me: str | None, since: datetime
    ) -> Callable[[], Deposits]:
        """What waits for them and gives them. A list that was told by no DMP is not asked about."""
        if getattr(entries, "offline_since", None) is not None:
            return _unknown
        of = hash((patient.ins.value, me, since, *(entry.entry_uuid for entry in entries)))
        last, deposits = self._last
        if last == of:
            return lambda: deposits

        def ask() -> Deposits:
            try:
                found = self._deposited(patient, since)
            except DmpDesktopError as error:
                log.info("deposits unknown: %s", error.code)
                return {}
            self._last = (of, found)
            return found

        try:
            return self._executor.submit(ask).result if self._executor else ask
        except RuntimeError:  # the program ends
            return _unknown


def late(entries: Sequence[DocumentEntry], deposits: Deposits, before: Callable[[DocumentEntry], bool]) -> Deposits:
    """When those of `entries` that were written `before` came, by uniqueId.

    A later version is the same document whose visibility was changed since (TD3.3): it did not come then.
    """
    return {
        entry.unique_id: deposits[entry.entry_uuid]
        for entry in entries
        if entry.entry_uuid in deposits and entry.version == 1 and before(entry)
    }
