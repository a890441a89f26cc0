"""What each document of a record says, read once: the digest, the synthesis, biology and treatments ask for the same facts."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from dmp_desktop.domain.clinical import DocumentFacts, Quote
from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.domain.people import Patient
from dmp_desktop.errors import CdaError

Content = Callable[[Patient, DocumentEntry], bytes]
Extract = Callable[[bytes], DocumentFacts]

AHEAD = 4
"""Documents on their way while one is read: a request of its own each, whose time is mostly spent waiting for the network."""

NOTHING = DocumentFacts()
_UNSTRUCTURED = ("urn:ihe:iti:xds-sd:", "urn:ihe:iti-fr:xds-sd:")


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """A document and its facts: none where its body is one file, or where it could not be read (`failed`)."""

    entry: DocumentEntry
    facts: DocumentFacts
    failed: bool = False


Kept = dict[tuple[str, str], ReadDocument]
"""By the patient's INS and uniqueId."""


def is_structured(entry: DocumentEntry) -> bool:
    """Whether a document may hold coded facts, by its formatCode."""
    return not entry.format_code.code.startswith(_UNSTRUCTURED)


def facts_from_cda(untrusted_cda: bytes) -> DocumentFacts:
    """Facts of one document. Raises CdaError."""
    # lxml takes its time to load: the window, which knows the types of this module, starts without it.
    from dmp_desktop.cda import read

    return read.facts_from_cda(untrusted_cda)


def read_all(documents: Iterable[tuple[DocumentEntry, bytes]], extract: Extract = facts_from_cda) -> list[ReadDocument]:
    """Facts of documents whose bytes are at hand, in their order. What cannot be read is told, never left out."""
    return [_read(entry, content, extract) for entry, content in documents]


def _read(entry: DocumentEntry, untrusted_cda: bytes, extract: Extract) -> ReadDocument:
    try:
        return ReadDocument(entry, extract(untrusted_cda))
    except CdaError:
        return ReadDocument(entry, NOTHING, failed=True)


def _conclusions(untrusted_cda: bytes) -> DocumentFacts:
    from dmp_desktop.cda import read

    return DocumentFacts(conclusions=read.conclusions_of_file(untrusted_cda))


class FactsStore(Protocol):
    """Facts kept from one opening of a record to the next, by uniqueId; they go with the cached document."""

    def get(self, patient: Patient, unique_ids: Iterable[str]) -> dict[str, DocumentFacts]: ...

    def put(self, patient: Patient, facts: Mapping[str, DocumentFacts]) -> None: ...


class FactsReader:
    """Facts of the documents of the open record, in memory until `forget`. Only structured documents are fetched.

    With an `executor` (`AHEAD` threads are enough), the next documents are fetched while one is read; `at_hand` gives the
    uniqueIds of those that need no request, and no thread. What `store` keeps is read in no document.
    """

    def __init__(
        self,
        content: Content,
        extract: Extract = facts_from_cda,
        executor: Executor | None = None,
        at_hand: Callable[[Patient], Collection[str]] = lambda _patient: (),
        store: FactsStore | None = None,
    ) -> None:
        self._content = content
        self._extract = extract
        self._executor = executor
        self._at_hand = at_hand
        self._store = store
        self._kept: Kept = {}
        self._papers: Kept = {}  # conclusions of unstructured documents, whose facts are none
        self._visit = 0
        self._lock = threading.Lock()

    def read(
        self, patient: Patient, entries: Iterable[DocumentEntry], stop: Callable[[], bool] = lambda: False
    ) -> list[ReadDocument]:
        """In the order of `entries`; ends early, with what it has, when `stop` says so. Raises DmpDesktopError (network)."""
        return list(self.each(patient, entries, stop))

    def each(
        self, patient: Patient, entries: Iterable[DocumentEntry], stop: Callable[[], bool] = lambda: False
    ) -> Iterator[ReadDocument]:
        """As `read`, one by one as they come; ends too when the record is forgotten meanwhile."""
        visit, wanted = self._visit, list(entries)
        structured = [entry for entry in wanted if is_structured(entry)]
        with closing(self._reading(self._kept, patient, structured, self._extract, visit)) as reading:
            for entry in wanted:
                if stop() or visit != self._visit:
                    return
                yield next(reading) if is_structured(entry) else ReadDocument(entry, NOTHING)

    def known(self, patient: Patient, entries: Iterable[DocumentEntry]) -> list[ReadDocument]:
        """Those of `entries` already read: nothing is fetched."""
        kept = (self._kept.get((patient.ins.value, entry.unique_id)) for entry in entries)
        return [read for read in kept if read is not None]

    def quotes(self, patient: Patient, entries: Iterable[DocumentEntry]) -> dict[str, tuple[Quote, ...]]:
        """Conclusions in the text of unstructured documents, by uniqueId; none where there is no text. Raises DmpDesktopError."""
        visit, wanted = self._visit, list(entries)
        found = {}
        with closing(self._reading(self._papers, patient, wanted, _conclusions, visit)) as reading:
            for entry in wanted:
                if visit != self._visit:
                    break
                found[entry.unique_id] = next(reading).facts.conclusions
        return found

    def forget(self) -> None:
        """The patient or the professional left: facts are clinical, none stays in memory."""
        with self._lock:
            self._visit += 1
            self._kept.clear()
            self._papers.clear()

    def _reading(
        self, kept: Kept, patient: Patient, entries: Sequence[DocumentEntry], extract: Extract, visit: int
    ) -> Generator[ReadDocument, None, None]:
        """One for each of `entries`, in their order: from `kept`, else from the store, else from the document."""
        known = self._recalled(kept, patient, entries, visit)
        fresh: dict[str, DocumentFacts] = {}
        try:
            with closing(self._contents(patient, [one for one in entries if one.unique_id not in known])) as contents:
                for entry in entries:
                    read = known.get(entry.unique_id)
                    if read is None:
                        read = _read(entry, next(contents), extract)
                        self._keep(kept, patient, read, visit)
                        if not read.failed:
                            fresh[entry.unique_id] = read.facts
                    yield read
        finally:
            self._store_behind(patient, fresh, visit)

    def _recalled(
        self, kept: Kept, patient: Patient, entries: Sequence[DocumentEntry], visit: int
    ) -> dict[str, ReadDocument]:
        """By uniqueId, what need not be read in the document."""
        found = [(entry, kept.get((patient.ins.value, entry.unique_id))) for entry in entries]
        known = {entry.unique_id: read for entry, read in found if read is not None}
        missing = {entry.unique_id: entry for entry, read in found if read is None}
        if missing and self._store is not None:
            for unique_id, facts in self._store.get(patient, missing).items():
                known[unique_id] = ReadDocument(missing[unique_id], facts)
                self._keep(kept, patient, known[unique_id], visit)
        return known

    def _keep(self, kept: Kept, patient: Patient, read: ReadDocument, visit: int) -> None:
        with self._lock:
            if visit == self._visit:
                kept[(patient.ins.value, read.entry.unique_id)] = read

    def _store_behind(self, patient: Patient, fresh: dict[str, DocumentFacts], visit: int) -> None:
        """All at once, and on another thread if there is one: each writing waits for the disk."""
        store = self._store
        if store is None or not fresh:
            return

        def write() -> None:
            if visit == self._visit:
                store.put(patient, fresh)

        if self._executor is None:
            write()
            return
        with suppress(RuntimeError):  # the program ends
            self._executor.submit(write)

    def _contents(self, patient: Patient, entries: Sequence[DocumentEntry]) -> Generator[bytes, None, None]:
        """Bytes in the order of `entries`, at most `AHEAD` documents fetched beyond what was asked for."""
        executor = self._executor
        at_hand = self._at_hand(patient) if executor and entries else ()
        rest = iter([entry for entry in entries if entry.unique_id not in at_hand])
        coming: deque[Future[bytes]] = deque()
        try:
            for entry in entries:
                if executor is None or entry.unique_id in at_hand:
                    yield self._content(patient, entry)
                    continue
                ahead = islice(rest, AHEAD - len(coming))
                coming.extend(executor.submit(self._content, patient, one) for one in ahead)
                yield coming.popleft().result()
        finally:
            for one in coming:
                one.cancel()
