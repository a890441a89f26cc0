"""What the window asks of the services. Every method may block and raise DmpDesktopError: `ui/tasks.py` runs them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from dmp_desktop.domain.access import DossierStatus
from dmp_desktop.domain.cards import CardEvent
from dmp_desktop.domain.documents import BuiltDocument, DocumentEntry, Visibility
from dmp_desktop.domain.notes import Proposal
from dmp_desktop.domain.outbox import OutboxItem
from dmp_desktop.domain.people import Patient
from dmp_desktop.services.compose import DocumentOrder
from dmp_desktop.services.digest import Digest
from dmp_desktop.services.dossier import OpenedDocument
from dmp_desktop.services.session import SessionState

PaletteColours = Mapping[str, str]
"""`#RRGGBB` by role: base, panel, text, muted, accent, danger, warning, success, border."""


class SessionPort(Protocol):
    """Who is signed in and which patient is open. Called on the serial card pool only, `state` excepted (it never blocks)."""

    def state(self) -> SessionState: ...

    def handle(self, event: CardEvent) -> SessionState: ...

    def choose(self, index: int) -> SessionState:
        """Opens `candidates[index]`, or with STAY (services.session) leaves everything as it was."""
        ...

    def close_patient(self) -> SessionState: ...


class DossierPort(Protocol):
    """The patient's record on the DMP."""

    def status(self, patient: Patient) -> DossierStatus: ...

    def authorise(self, patient: Patient) -> DossierStatus: ...

    def entries(self, patient: Patient, on_rows: Callable[[list[DocumentEntry]], None]) -> list[DocumentEntry]:
        """All documents; `on_rows` gets them by batches as they arrive, from the calling (worker) thread."""
        ...

    def open(self, patient: Patient, entry: DocumentEntry, palette: PaletteColours) -> OpenedDocument: ...


class ComposePort(Protocol):
    """From a note to a document. Nothing here sends."""

    def propose(self, patient: Patient, text: str) -> tuple[Proposal, ...]: ...

    def build(self, order: DocumentOrder) -> BuiltDocument:
        """The document ordered. Refused when the order's author is not who is signed in."""
        ...

    def preview(self, built: BuiltDocument, palette: PaletteColours) -> OpenedDocument: ...


class OutboxPort(Protocol):
    """Documents on their way to the DMP."""

    def send(self, patient: Patient, built: BuiltDocument, visibility: Visibility | None) -> OutboxItem:
        """Returns once the document is durable; the sending itself goes on behind."""
        ...

    def items(self, patient: Patient | None) -> list[OutboxItem]:
        """Of one patient, or of all with None; newest first."""
        ...

    def cancel(self, item_id: int) -> None: ...

    def retry(self, item_id: int) -> None: ...

    def subscribe(self, callback: Callable[[], None]) -> None:
        """`callback` is called after each change, from any thread."""
        ...


class DigestPort(Protocol):
    """What is new since the last visit."""

    def digest(self, patient: Patient, entries: Sequence[DocumentEntry]) -> Digest: ...


@dataclass(frozen=True, slots=True)
class Services:
    """All the window needs, joined by the composition root."""

    session: SessionPort
    dossier: DossierPort
    compose: ComposePort
    outbox: OutboxPort
    digest: DigestPort
