"""The patient's record: may it be opened, what is in it, one document to read."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from dmp_desktop.dmp.metadata import SIGNATURE_CLASS
from dmp_desktop.domain.access import DossierStatus
from dmp_desktop.domain.documents import Attachment, DocumentEntry
from dmp_desktop.domain.people import Patient
from dmp_desktop.domain.ports import DmpRepository, FindCriteria
from dmp_desktop.errors import CardError

FIRST_ROWS = 50
"""Rows handed over as soon as they are in; the others follow by as many."""


@dataclass(frozen=True, slots=True, repr=False)
class SectionPart:
    """A section of a narrative without its inner sections, which follow it with a greater `depth`: they may be folded, reordered.

    `code` (LOINC or national) and `title` may be empty; `anchor` names its place in `html`. `original_html`: as its author laid
    it out, when `html` lays it out otherwise.
    """

    code: str
    title: str
    anchor: str
    depth: int
    html: str
    original_html: str = ""


@dataclass(frozen=True, slots=True)
class OpenedDocument:
    """A document ready to show.

    `html` is whitelisted HTML without any URL but `cda-media:ID`, whose bytes are in `media`; empty when the document is
    only `pdfs`. It is `summary` then `sections`, where it has any, in a page whose stylesheet is `style`. `details` is the whole
    header, to show on demand. `notices` are French sentences to show above (unreadable part); `mismatches`, what tells that the
    document is about someone else.
    """

    entry: DocumentEntry
    html: str
    media: dict[str, Attachment] = field(default_factory=dict)
    pdfs: tuple[Attachment, ...] = ()
    notices: tuple[str, ...] = ()
    raw: bytes = b""
    original_html: str = ""
    """The narrative as its author laid it out, when `html` lays it out otherwise (one card a row): "Vue originale"."""
    style: str = ""
    summary: str = ""
    sections: tuple[SectionPart, ...] = ()
    details: str = ""
    mismatches: tuple[str, ...] = ()
class DocumentCache(Protocol):
    """Bytes of documents already read, encrypted, for a limited time."""

    def get(self, patient: Patient, unique_id: str) -> bytes | None: ...

    def put(self, patient: Patient, unique_id: str, content: bytes) -> None: ...


Render = Callable[[DocumentEntry, bytes, Patient, Mapping[str, str]], OpenedDocument]
"""Bytes of a document to what is shown, for the patient whose record it comes from, with the screen's colours."""


class DossierService:
    """Reads one professional's patients' records. `repository` gives the DMP of whoever is signed in, or None."""

    def __init__(self, repository: Callable[[], DmpRepository | None], cache: DocumentCache, render: Render) -> None:
        self._repository = repository
        self._cache = cache
        self._render = render
        self._known: dict[str, DossierStatus] = {}
        self._visit = 0  # of whom the answers are: what arrives after `forget` is dropped
        self._lock = threading.Lock()

    def status(self, patient: Patient) -> DossierStatus:
        """TD0.2. Opens the way to `entries` when the record is readable (Ségur DMP/UX.08: no consultation before the check)."""
        visit = self._visit
        status = self._dmp().status(patient.ins)
        with self._lock:
            if visit == self._visit:
                self._known[patient.ins.value] = status
        return status

    def authorise(self, patient: Patient) -> DossierStatus:
        """TD0.3 after the doctor declared the patient's consent, then TD0.2 again.

        The médecin traitant is declared again as such: AJOUT without that role would end it (reference §2.1).
        """
        known = self._known.get(patient.ins.value) or self.status(patient)
        self._dmp().authorise(patient.ins, attending=known.attending)
        return self.status(patient)

    def entries(
        self, patient: Patient, on_rows: Callable[[list[DocumentEntry]], None] = lambda _rows: None
    ) -> list[DocumentEntry]:
        """All Approved documents; `on_rows` gets them by batches as they arrive. Checks the right first if nobody did."""
        known = self._known.get(patient.ins.value) or self.status(patient)
        if not known.readable:
            return []
        found: list[DocumentEntry] = []
        batch: list[DocumentEntry] = []
        for entry in self._dmp().find(patient.ins, FindCriteria()):
            if entry.class_code.code == SIGNATURE_CLASS.code:
                continue
            found.append(entry)
            batch.append(entry)
            if len(batch) == FIRST_ROWS:
                on_rows(batch)
                batch = []
        if batch:
            on_rows(batch)
        return found

    def open(self, patient: Patient, entry: DocumentEntry, palette: Mapping[str, str]) -> OpenedDocument:
        """The document ready to show, from the cache when it is still there."""
        return self._render(entry, self.content(patient, entry), patient, palette)

    def content(self, patient: Patient, entry: DocumentEntry) -> bytes:
        """The document's bytes as deposited."""
        kept = self._cache.get(patient, entry.unique_id)
        if kept is not None:
            return kept
        visit = self._visit
        content = self._dmp().retrieve(patient.ins, entry)
        if visit == self._visit:
            self._cache.put(patient, entry.unique_id, content)
        return content

    def forget(self) -> None:
        """The professional left: rights are checked anew for whoever comes next."""
        with self._lock:
            self._visit += 1
            self._known.clear()

    def _dmp(self) -> DmpRepository:
        repository = self._repository()
        if repository is None:
            raise CardError(
                "CarteAbsente", "Votre carte CPS n'est pas dans le lecteur.", "Insérez-la pour consulter le DMP."
            )
        return repository
