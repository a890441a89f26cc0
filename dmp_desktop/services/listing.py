"""One asking for a patient's list of documents: the whole of it, or what changed since it was last told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from dmp_desktop.dmp.metadata import SIGNATURE_CLASS
from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.domain.people import Patient
from dmp_desktop.domain.ports import DmpRepository, FindCriteria
from dmp_desktop.services.kept_list import KeptList
from dmp_desktop.services.updates import changes_since, merged

FIRST_ROWS = 50
"""Rows handed over as soon as they are in; the others follow by as many."""

RECENT = timedelta(days=730)
"""At a first opening, acts of the last two years come first (PDSm4DMP, "exemples d'usage")."""

WHOLE_EVERY = timedelta(hours=12)
"""How long a list is only brought up to date: what disappears without a submission is noticed by the next whole one."""

MARGIN = timedelta(minutes=10)
"""The clocks of the workstation and of the DMP may differ: what changed is asked for from a little before."""

OnRows = Callable[[list[DocumentEntry]], None]


class Listing:
    """`now` is the moment of the asking, aware; `on_rows` gets documents by batches, once each unless they changed."""

    def __init__(self, dmp: DmpRepository, patient: Patient, now: datetime, on_rows: OnRows) -> None:
        self._dmp = dmp
        self._patient = patient
        self._now = now
        self._on_rows = on_rows

    def whole(self, *, older: bool) -> KeptList:
        """The last two years, then, if wanted, what is `older`. Raises DmpError."""
        begins = self._now - RECENT
        found = self._hand_over(self._find(FindCriteria(service_from=begins)), ())
        if older:
            found += self._hand_over(self._find(FindCriteria(service_to=begins)), found)
        return KeptList(tuple(found), self._now, self._now, None if older else begins)

    def update(self, kept: KeptList | None, *, older: bool) -> KeptList | None:
        """`kept` brought up to date; None when the whole must be asked for. Raises DmpError."""
        if kept is None or not timedelta(0) <= self._now - kept.listed_at < WHOLE_EVERY:
            return None
        self._hand_over(kept.entries, ())
        changes = changes_since(self._dmp, self._patient.ins, kept.asked_at - MARGIN)
        if changes is None:
            return None
        found = [entry for entry in merged(kept.entries, changes) if _is_document(entry)]
        self._hand_over(found, kept.entries)
        begins = kept.begins
        if older and begins is not None:
            found += self._hand_over(self._find(FindCriteria(service_to=begins)), found)
            begins = None
        return KeptList(tuple(found), kept.listed_at, self._now, begins)

    def _find(self, criteria: FindCriteria) -> Iterator[DocumentEntry]:
        return filter(_is_document, self._dmp.find(self._patient.ins, criteria))

    def _hand_over(self, entries: Iterable[DocumentEntry], told: Sequence[DocumentEntry]) -> list[DocumentEntry]:
        """Those of `entries` that are not in `told`, told by batches."""
        before = {entry.entry_uuid or entry.unique_id for entry in told}
        found: list[DocumentEntry] = []
        batch: list[DocumentEntry] = []
        for entry in entries:
            if (entry.entry_uuid or entry.unique_id) in before:
                continue
            found.append(entry)
            batch.append(entry)
            if len(batch) == FIRST_ROWS:
                self._on_rows(batch)
                batch = []
        if batch:
            self._on_rows(batch)
        return found


def within(entry: DocumentEntry, begins: datetime | None) -> bool:
    """Whether a list that begins there names a document; one that does not tell its act is in every list."""
    return begins is None or entry.service_start is None or entry.service_start >= begins


def _is_document(entry: DocumentEntry) -> bool:
    return entry.class_code.code != SIGNATURE_CLASS.code
