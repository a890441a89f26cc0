"""Full-text search in the open record, as the window asks for it: words now, documents not read yet a few at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.domain.people import Patient
from dmp_desktop.domain.search import Hit, SearchFilters
from dmp_desktop.services.search import NO_FILTER, SearchService

STEP = 8
"""Documents fetched at once: the count on screen moves, and a record that closes is not read further."""
BUDGET_BYTES = 60_000_000
"""Of one step; a document beyond is not fetched to be searched."""


class RecordSearch:
    """`fetch` gives a document's bytes and leaves them in the cache; `may_read` tells whether who is signed in may see any."""

    def __init__(
        self,
        search: SearchService,
        fetch: Callable[[Patient, DocumentEntry], bytes],
        may_read: Callable[[], bool] = lambda: True,
    ) -> None:
        self._search = search
        self._fetch = fetch
        self._may_read = may_read

    def search(self, patient: Patient, words: str, filters: SearchFilters = NO_FILTER) -> tuple[Hit, ...]:
        """Raises StorageError."""
        return self._search.search(patient, words, filters) if self._may_read() else ()

    def indexed(self, patient: Patient) -> frozenset[str]:
        """uniqueIds of the documents that a search goes through. Raises StorageError."""
        return self._search.indexed(patient)

    def complete(self, patient: Patient, entries: Sequence[DocumentEntry], stop: Callable[[], bool]) -> int:
        """Read the next few of `entries`, the latest first; how many are left. Raises StorageError."""
        known = self._search.indexed(patient)
        missing = [entry for entry in entries if entry.unique_id not in known]
        missing.sort(key=lambda entry: entry.creation_time, reverse=True)
        done = self._search.complete(
            patient, missing[:STEP], lambda entry: self._fetch(patient, entry), stop, BUDGET_BYTES
        )
        return len(missing) - done.added
