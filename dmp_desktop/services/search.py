"""Finding a word in the whole record: the documents already read, and in the background those not yet read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.domain.people import Patient
from dmp_desktop.domain.search import Hit, Passage, SearchFilters
from dmp_desktop.errors import CdaError, DmpDesktopError
from dmp_desktop.storage.search import SearchStore
from dmp_desktop.storage.search_memory import IndexedDocument
from dmp_desktop.storage.search_text import indexed, parse_query

LIMIT = 20
"""Documents shown for a search: who does not find types a further word."""

NO_FILTER = SearchFilters()

_FAILURES = 3
"""Documents that cannot be fetched in a row: the DMP is out of reach, the others can wait."""

Fetch = Callable[[DocumentEntry], bytes]


@dataclass(frozen=True, slots=True)
class Completion:
    """What `SearchService.complete` did: documents added, bytes fetched, documents still not searchable."""

    added: int
    fetched_bytes: int
    left: int


class SearchService:
    """Search in one patient's record. `passages` cuts a document into what is searched, and may raise CdaError."""

    def __init__(self, store: SearchStore, passages: Callable[[bytes], Sequence[Passage]]) -> None:
        self._store = store
        self._passages = passages

    def index(self, patient: Patient, entry: DocumentEntry, content: bytes) -> bool:
        """Make a document searchable for as long as the cache keeps it; to be called once it is there. False: it is not.

        A document that cannot be read is found by its title. Raises StorageError.
        """
        try:
            passages = self._passages(content)
        except CdaError:
            passages = ()
        document = IndexedDocument(
            unique_id=entry.unique_id,
            title=entry.title,
            type_code=entry.type_code.code,
            class_code=entry.class_code.code,
            created=entry.creation_time,
            authors=tuple(author.display_name for author in entry.authors),
            words=indexed(entry.title, passages),
        )
        return self._store.put(patient.ins.value, document)

    def prepare(self, patient: Patient) -> None:
        """Bring the patient's words into memory, off the window's thread, before the first key. Raises StorageError."""
        self._store.load(patient.ins.value)

    def search(
        self, patient: Patient, words: str, filters: SearchFilters = NO_FILTER, limit: int = LIMIT
    ) -> tuple[Hit, ...]:
        """Documents that hold all the words, the most relevant first, then the latest. Any text is a search.

        Accents and case do not count, words in quotes follow each other, the last word may be unfinished. Raises StorageError.
        """
        return self._store.search(patient.ins.value, parse_query(words), filters, limit)

    def indexed(self, patient: Patient) -> frozenset[str]:
        """uniqueIds of the documents that a search goes through. Raises StorageError."""
        return self._store.ids(patient.ins.value)

    def complete(
        self,
        patient: Patient,
        entries: Iterable[DocumentEntry],
        fetch: Fetch,
        stop: Callable[[], bool],
        budget_bytes: int,
    ) -> Completion:
        """Fetch and index what is missing, the latest first, until `stop` or until the next one would cost more than is left.

        `fetch` gives a document's bytes and leaves them in the cache (DossierService.content). A document that cannot be fetched
        is passed over; after three in a row it ends. A document of unknown size is fetched while anything is left. Where
        nothing is kept, nothing is fetched. Raises StorageError.
        """
        known = self.indexed(patient)
        missing = [entry for entry in entries if entry.unique_id not in known]
        missing.sort(key=lambda entry: entry.creation_time, reverse=True)
        added = spent = failures = 0
        for entry in missing:
            if not self._store.keeps or stop() or spent >= budget_bytes or failures == _FAILURES:
                break
            if spent + entry.size > budget_bytes:
                continue  # an older, smaller one may still fit
            try:
                content = fetch(entry)
            except DmpDesktopError:
                failures += 1
                continue
            failures = 0
            spent += len(content)
            added += self.index(patient, entry, content)
        return Completion(added, spent, len(missing) - added)

    def sweep(self) -> None:
        """Forget what the cache has just dropped (masking, deletion, opposition, purge) without waiting for the next search."""
        self._store.sweep()

    def forget(self) -> None:
        """The professional left, or the record is closed: no word stays in memory."""
        self._store.close()
