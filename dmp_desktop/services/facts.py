"""What each document of a record says, read once: the digest, the synthesis, biology and treatments ask for the same facts."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from dmp_desktop.domain.clinical import DocumentFacts, Quote
from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.domain.people import Patient
from dmp_desktop.errors import CdaError

Content = Callable[[Patient, DocumentEntry], bytes]
Extract = Callable[[bytes], DocumentFacts]
T = TypeVar("T")

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


def _conclusions(untrusted_cda: bytes) -> tuple[Quote, ...]:
    from dmp_desktop.cda import read

    try:
        return read.conclusions_of_file(untrusted_cda)
    except CdaError:
        return ()


class FactsReader:
    """Facts of the documents of the open record, kept until `forget`. Only structured documents are fetched.

    With an `executor` (`AHEAD` threads are enough), the next documents are fetched while one is read; `at_hand` gives the
    uniqueIds of those that need no request, and no thread.
    """

    def __init__(
        self,
        content: Content,
        extract: Extract = facts_from_cda,
        executor: Executor | None = None,
        at_hand: Callable[[Patient], Collection[str]] = lambda _patient: (),
    ) -> None:
        self._content = content
        self._extract = extract
        self._executor = executor
        self._at_hand = at_hand
        self._kept: dict[tuple[str, str], ReadDocument] = {}
        self._quotes: dict[tuple[str, str], tuple[Quote, ...]] = {}
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
        visit = self._visit
        wanted = [(entry, self._without_fetching(patient, entry)) for entry in entries]
        with closing(self._contents(patient, [entry for entry, kept in wanted if kept is None])) as contents:
            for entry, kept in wanted:
                if stop() or visit != self._visit:
                    return
                if kept is None:
                    kept = _read(entry, next(contents), self._extract)
                    self._keep(self._kept, patient, entry, kept, visit)
                yield kept

    def known(self, patient: Patient, entries: Iterable[DocumentEntry]) -> list[ReadDocument]:
        """Those of `entries` already read: nothing is fetched."""
        kept = (self._kept.get((patient.ins.value, entry.unique_id)) for entry in entries)
        return [read for read in kept if read is not None]

    def quotes(self, patient: Patient, entries: Iterable[DocumentEntry]) -> dict[str, tuple[Quote, ...]]:
        """Conclusions in the text of unstructured documents, by uniqueId; none where there is no text. Raises DmpDesktopError."""
        visit = self._visit
        wanted = [(entry, self._quotes.get((patient.ins.value, entry.unique_id))) for entry in entries]
        found = {}
        with closing(self._contents(patient, [entry for entry, kept in wanted if kept is None])) as contents:
            for entry, kept in wanted:
                if visit != self._visit:
                    break
                if kept is None:
                    kept = _conclusions(next(contents))
                    self._keep(self._quotes, patient, entry, kept, visit)
                found[entry.unique_id] = kept
        return found

    def forget(self) -> None:
        """The patient or the professional left: facts are clinical, none stays."""
        with self._lock:
            self._visit += 1
            self._kept.clear()
            self._quotes.clear()

    def _without_fetching(self, patient: Patient, entry: DocumentEntry) -> ReadDocument | None:
        if not is_structured(entry):
            return ReadDocument(entry, NOTHING)
        return self._kept.get((patient.ins.value, entry.unique_id))

    def _keep(
        self, kept: dict[tuple[str, str], T], patient: Patient, entry: DocumentEntry, made: T, visit: int
    ) -> None:
        with self._lock:
            if visit == self._visit:
                kept[(patient.ins.value, entry.unique_id)] = made

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
