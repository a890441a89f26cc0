"""What the window asks about documents, from the note to the DMP. Methods may block and raise DmpDesktopError."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    from dmp_desktop.domain.documents import (
        Attachment,
        BuiltDocument,
        Code,
        DocumentEntry,
        DocumentFormat,
        DocumentKind,
        Parent,
        Visibility,
    )
    from dmp_desktop.domain.notes import Proposal
    from dmp_desktop.domain.outbox import OutboxItem
    from dmp_desktop.domain.people import Facility, Patient, Professional
    from dmp_desktop.services.opened import OpenedDocument
    from dmp_desktop.services.orders import DocumentOrder, RecordFacts, SensitiveTopic, Suggestion
    from dmp_desktop.services.session import SignedIn
    from dmp_desktop.ui.ports import PaletteColours


class ComposePort(Protocol):
    """From a note to a document. Nothing here sends."""

    def known(self, patient: Patient) -> Patient:
        """The same patient, by the traits known now."""
        ...

    def propose(self, patient: Patient, text: str, author: Professional) -> tuple[Proposal, ...]: ...

    def formats(self, kind: DocumentKind) -> tuple[DocumentFormat, ...]:
        """The forms a kind has, none when it cannot be made. Never blocks."""
        ...

    def default_format(self, kind: DocumentKind) -> DocumentFormat:
        """The form a new document has, by the setting. Never blocks."""
        ...

    def document_types(self) -> tuple[Code, ...]:
        """Types a prescription or a scanned document may have (JDV_J07)."""
        ...

    def vaccines(self) -> tuple[Code, ...]:
        """Vaccines by ATC code; `display` is what the doctor chooses, a brand or a disease. A code may come several times."""
        ...

    def rapid_tests(self) -> tuple[Code, ...]:
        """Tests a rapid test report may name."""
        ...

    def sensitive(self, patient: Patient, text: str) -> tuple[SensitiveTopic, ...]:
        """Subjects of the text that ask who may see it."""
        ...

    def suggest(self, word: str) -> tuple[Suggestion, ...]:
        """Ends of a word under way, the likeliest first."""
        ...

    def learn(self, term: str, proposal: Proposal) -> None:
        """From now on `term` means, for who is signed in, what `proposal` says."""
        ...

    def summary_items(self, patient: Patient, stop: Callable[[], bool]) -> RecordFacts:
        """Facts of the record for a synthesis; several round trips, given up when `stop` says so."""
        ...

    def read_attachment(self, path: Path) -> Attachment:
        """A file to join. Refused when it is of no known media, or too big."""
        ...

    def replaced(self, entry: DocumentEntry, patient: Patient) -> Parent:
        """What a new version of a document says of the one it replaces."""
        ...

    def note_of(self, entry: DocumentEntry, patient: Patient) -> str:
        """The note a document of ours was made from, verbatim; empty when it cannot be told."""
        ...

    def build(self, order: DocumentOrder, facility: Facility) -> BuiltDocument:
        """The document ordered, from where its author practises; whoever is signed in meanwhile."""
        ...

    def preview(self, built: BuiltDocument, palette: PaletteColours) -> OpenedDocument: ...


class OutboxPort(Protocol):
    """Documents on their way to the DMP."""

    def send(
        self, patient: Patient, built: BuiltDocument, visibility: Collection[Visibility], by: SignedIn
    ) -> OutboxItem:
        """Returns once the document is durable; the sending itself goes on behind. Refused when `by`, who clicked, may not."""
        ...

    def send_together(
        self, documents: Sequence[tuple[Patient, BuiltDocument, Collection[Visibility]]], by: SignedIn
    ) -> list[OutboxItem]:
        """As `send`, several of one patient that leave in one lot: all are durable, or none is kept."""
        ...

    def items(self, patient: Patient | None) -> list[OutboxItem]:
        """Of one patient, or of all with None; newest first."""
        ...

    def unreadable(self, listed: Iterable[OutboxItem]) -> int:
        """How many do not open any more, besides those `listed`."""
        ...

    def cancel(self, item_id: int) -> None: ...

    def cancel_lot(self, item_id: int) -> None:
        """With all that leaves with it: all of them or none."""
        ...

    def retry(self, item_id: int) -> None: ...

    def hold(self, item_id: int) -> None:
        """Keep it back until `retry`."""
        ...

    def subscribe(self, callback: Callable[[], None]) -> None:
        """`callback` is called after each change, from any thread."""
        ...
