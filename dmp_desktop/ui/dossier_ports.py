"""What the window asks about the open record. Methods may block and raise DmpDesktopError."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from dmp_desktop.domain.access import DossierStatus
    from dmp_desktop.domain.documents import Association, DocumentEntry
    from dmp_desktop.domain.notes import Proposal
    from dmp_desktop.domain.people import Patient
    from dmp_desktop.domain.search import Hit, SearchFilters
    from dmp_desktop.services.digest import Digest, OnPart
    from dmp_desktop.services.habits import Habits
    from dmp_desktop.services.lab_series import Trends
    from dmp_desktop.services.medication import Medication
    from dmp_desktop.services.opened import OpenedDocument
    from dmp_desktop.services.reading import OnPage, OnReach, Reading
    from dmp_desktop.services.synthesis import Synthesis
    from dmp_desktop.ui.ports import PaletteColours


class DossierPort(Protocol):
    """The patient's record on the DMP."""

    def status(self, patient: Patient) -> DossierStatus: ...

    def authorise(self, patient: Patient) -> DossierStatus: ...

    def entries(self, patient: Patient, on_rows: Callable[[list[DocumentEntry]], None]) -> list[DocumentEntry]:
        """All documents; `on_rows` gets them by batches as they arrive, from the calling (worker) thread."""
        ...

    def kept_list(self, patient: Patient) -> list[DocumentEntry] | None:
        """What was listed last, marked as such (services.record.RecordList), for when the DMP does not answer; None: nothing."""
        ...

    def links(self, patient: Patient, entry: DocumentEntry) -> list[Association]:
        """What was deposited with a document."""
        ...

    def forget_patient(self, patient: Patient) -> None:
        """Nothing of this record stays on the workstation."""
        ...

    def clear(self) -> None:
        """Nothing of any record stays on the workstation."""
        ...

    def open(self, patient: Patient, entry: DocumentEntry, palette: PaletteColours) -> OpenedDocument: ...

    def content(self, patient: Patient, entry: DocumentEntry) -> bytes:
        """The document's bytes as deposited."""
        ...


class DigestPort(Protocol):
    """What is new since the last visit; `on_part` gets what is known before the rest is read, from the calling thread."""

    def digest(
        self,
        patient: Patient,
        entries: Sequence[DocumentEntry],
        seen: frozenset[str] = frozenset(),
        types: frozenset[str] | None = None,
        on_part: OnPart = lambda _part: None,
    ) -> Digest: ...


class SearchPort(Protocol):
    """Full-text search in the open record."""

    def search(self, patient: Patient, words: str, filters: SearchFilters) -> tuple[Hit, ...]: ...

    def indexed(self, patient: Patient) -> frozenset[str]:
        """uniqueIds of the documents that a search goes through."""
        ...

    def complete(self, patient: Patient, entries: Sequence[DocumentEntry], stop: Callable[[], bool]) -> int:
        """Reads the next few documents, until `stop` says so; how many are left."""
        ...


class HabitsPort(Protocol):
    """How a professional reads: sections folded, pins, documents seen."""

    def owner(self) -> str | None:
        """Who is signed in now. Never blocks."""
        ...

    def load(self, owner: str | None) -> Habits: ...

    def save(self, owner: str | None, habits: Habits) -> None: ...


class ReadingPort(Protocol):
    """Pages made of all documents of a record: several round trips, given up when `stop` says so.

    `on_page` gets the page of what is read so far, `on_reach` how far it went, from the calling (worker) thread.
    """

    def synthesis(
        self,
        patient: Patient,
        entries: Sequence[DocumentEntry],
        stop: Callable[[], bool],
        on_page: OnPage[Synthesis],
        on_reach: OnReach,
    ) -> Reading[Synthesis]: ...

    def labs(
        self,
        patient: Patient,
        entries: Sequence[DocumentEntry],
        stop: Callable[[], bool],
        on_page: OnPage[Trends],
        on_reach: OnReach,
    ) -> Reading[Trends]: ...

    def treatments(
        self,
        patient: Patient,
        entries: Sequence[DocumentEntry],
        notes: Sequence[Proposal],
        stop: Callable[[], bool],
        on_page: OnPage[Medication],
        on_reach: OnReach,
    ) -> Reading[Medication]:
        """`notes`: what was recognised in the note under way for this patient."""
        ...

    def forget(self) -> None:
        """Another patient, or none. Never blocks."""
        ...
