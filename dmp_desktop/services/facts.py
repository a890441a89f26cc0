"""What each document of a record says, read once: the digest, the synthesis, biology and treatments ask for the same facts."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from dmp_desktop.domain.clinical import DocumentFacts, Quote
from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.domain.people import Patient
from dmp_desktop.errors import CdaError

Content = Callable[[Patient, DocumentEntry], bytes]
Extract = Callable[[bytes], DocumentFacts]

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
    """Facts of the documents of the open record, kept until `forget`. Only structured documents are fetched."""

    def __init__(self, content: Content, extract: Extract = facts_from_cda) -> None:
        self._content = content
        self._extract = extract
        self._kept: dict[tuple[str, str], ReadDocument] = {}
        self._quotes: dict[tuple[str, str], tuple[Quote, ...]] = {}
        self._visit = 0
        self._lock = threading.Lock()

    def read(
        self, patient: Patient, entries: Iterable[DocumentEntry], stop: Callable[[], bool] = lambda: False
    ) -> list[ReadDocument]:
        """In the order of `entries`; ends early, with what it has, when `stop` says so. Raises DmpDesktopError (network)."""
        found = []
        for entry in entries:
            if stop():
                break
            found.append(self._one(patient, entry))
        return found

    def known(self, patient: Patient, entries: Iterable[DocumentEntry]) -> list[ReadDocument]:
        """Those of `entries` already read: nothing is fetched."""
        kept = (self._kept.get((patient.ins.value, entry.unique_id)) for entry in entries)
        return [read for read in kept if read is not None]

    def quotes(self, patient: Patient, entry: DocumentEntry) -> tuple[Quote, ...]:
        """Conclusions in the text of an unstructured document; none where it has no text. Raises DmpDesktopError (network)."""
        key = (patient.ins.value, entry.unique_id)
        visit = self._visit
        kept = self._quotes.get(key)
        if kept is None:
            kept = _conclusions(self._content(patient, entry))
            with self._lock:
                if visit == self._visit:
                    self._quotes[key] = kept
        return kept

    def forget(self) -> None:
        """The patient or the professional left: facts are clinical, none stays."""
        with self._lock:
            self._visit += 1
            self._kept.clear()
            self._quotes.clear()

    def _one(self, patient: Patient, entry: DocumentEntry) -> ReadDocument:
        if not is_structured(entry):
            return ReadDocument(entry, NOTHING)
        key = (patient.ins.value, entry.unique_id)
        visit = self._visit
        kept = self._kept.get(key)
        if kept is not None:
            return kept
        read = _read(entry, self._content(patient, entry), self._extract)
        with self._lock:
            if visit == self._visit:
                self._kept[key] = read
        return read
