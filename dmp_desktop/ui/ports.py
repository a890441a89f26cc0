"""What the window asks of the services. Every method may block and raise DmpDesktopError: `ui/tasks.py` runs them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    from dmp_desktop.domain.access import DossierStatus
    from dmp_desktop.domain.cards import Beneficiary, CardEvent
    from dmp_desktop.domain.documents import (
        Association,
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
    from dmp_desktop.domain.search import Hit, SearchFilters
    from dmp_desktop.platform.settings import Settings
    from dmp_desktop.services.diagnostics.model import Result, Topic
    from dmp_desktop.services.digest import Digest, OnPart
    from dmp_desktop.services.habits import Habits
    from dmp_desktop.services.lab_series import Trends
    from dmp_desktop.services.medication import Medication
    from dmp_desktop.services.opened import OpenedDocument
    from dmp_desktop.services.orders import DocumentOrder, RecordFacts, SensitiveTopic, Suggestion
    from dmp_desktop.services.own_settings import OwnSettings
    from dmp_desktop.services.reading import OnPage, OnReach, Reading
    from dmp_desktop.services.session import SessionState, SignedIn
    from dmp_desktop.services.synthesis import Synthesis
    from dmp_desktop.ui.access_ports import AccessPort
    from dmp_desktop.ui.administrator_ports import AdministratorsPort, BackupsPort, ExportPort
    from dmp_desktop.ui.conflict_ports import ConflictPort
    from dmp_desktop.ui.dashboard_ports import DashboardPort
    from dmp_desktop.ui.draft_ports import DraftsPort
    from dmp_desktop.ui.front_desk_ports import FrontDeskPort
    from dmp_desktop.ui.identity_ports import IdentityPort
    from dmp_desktop.ui.journal_ports import JournalPort
    from dmp_desktop.ui.practice_ports import PracticeCodePort
    from dmp_desktop.ui.properties_ports import MayShow, PropertiesPort
    from dmp_desktop.ui.records_ports import RecordsPort
    from dmp_desktop.ui.sign_in_ports import PatientEntriesPort, ProSanteConnect
    from dmp_desktop.ui.tray_ports import TrayPort

PaletteColours = Mapping[str, str]
"""`#RRGGBB` by role: base, panel, text, muted, accent, danger, warning, success, border."""


class SessionPort(Protocol):
    """Who is signed in and which patient is open. Called on the serial card pool only, `state` and `let_go` excepted."""

    def state(self) -> SessionState: ...

    def let_go(self, event: CardEvent | None = None) -> Callable[[], None]:
        """From any thread, before `handle`, or `lock` and `sign_out` (no event): the keys of a card that may have left, or of who
        leaves, sign nothing any more. Never blocks. To be called then in any case: what begins their end, aside."""
        ...

    def handle(self, event: CardEvent) -> SessionState: ...

    def read_again(self) -> SessionState:
        """The cards that could not be read, or whose PIN could not be asked, as if they had just come in."""
        ...

    def look_again(self) -> SessionState:
        """The same, unasked, of the cards that another program held: whoever is signed in stays, no PIN is given."""
        ...

    def choose(self, person: Beneficiary | None) -> SessionState:
        """Opens the record of one of the candidates, or with None leaves everything as it was."""
        ...

    def close_patient(self) -> SessionState: ...

    def present(self, find: Callable[[], tuple[Beneficiary, ...]]) -> SessionState:
        """Somebody presented themselves without a carte Vitale; what `find` refuses (DmpDesktopError) becomes the notice."""
        ...

    def give_pin(self, pin: str, question: int) -> SessionState:
        """One try of the PIN, while PIN and only if `state.pin.question` is still `question`.

        What the card says to it is in `state.pin`; else ACTIVITY, READY, CHOOSING or OPEN.
        """
        ...

    def practise(self, number: int) -> SessionState:
        """Practise at the place of this number (`state.activities`), while ACTIVITY; remembered for the next time."""
        ...

    def change_activity(self) -> SessionState:
        """To ACTIVITY again, without a PIN; nothing changes when the card knows one place only."""
        ...

    def lock(self) -> SessionState:
        """Nobody uses the workstation: LOCKED, keys dropped. Nothing when nobody is signed in."""
        ...

    def unlock(self) -> SessionState:
        """From LOCKED to PIN, or at once to where one was when the card asks no PIN; to MASKED when there is no card."""
        ...

    def card_reset(self) -> SessionState:
        """The card may have been reset by another program: to PIN if so, with the same patient afterwards; else nothing."""
        ...

    def sign_in_by(self, sign_in: Callable[[], SignedIn]) -> SessionState:
        """Without a card. `sign_in` raises DmpDesktopError when it is not granted, which becomes the notice."""
        ...

    def sign_out(self) -> SessionState:
        """To MASKED, wherever the card is."""
        ...


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

    def send(self, patient: Patient, built: BuiltDocument, visibility: Visibility | None, by: SignedIn) -> OutboxItem:
        """Returns once the document is durable; the sending itself goes on behind. Refused when `by`, who clicked, may not."""
        ...

    def items(self, patient: Patient | None) -> list[OutboxItem]:
        """Of one patient, or of all with None; newest first."""
        ...

    def unreadable(self, listed: Iterable[OutboxItem]) -> int:
        """How many do not open any more, besides those `listed`."""
        ...

    def cancel(self, item_id: int) -> None: ...

    def retry(self, item_id: int) -> None: ...

    def hold(self, item_id: int) -> None:
        """Keep it back until `retry`."""
        ...

    def subscribe(self, callback: Callable[[], None]) -> None:
        """`callback` is called after each change, from any thread."""
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


class SettingsPort(Protocol):
    """What this user chose for the workstation; read at the start of the program."""

    def load(self) -> Settings:
        """As written now."""
        ...

    def save(self, settings: Settings) -> None: ...


class OwnSettingsPort(Protocol):
    """What is of who is signed in, and follows them. `refusal` never blocks."""

    def refusal(self) -> str:
        """Why they have none of their own; empty where they have."""
        ...

    def load(self) -> OwnSettings: ...

    def save(self, settings: OwnSettings) -> None: ...


class DiagnosticsPort(Protocol):
    """The checks of this workstation."""

    @property
    def topics(self) -> tuple[Topic, ...]: ...

    def run(
        self, tell: Callable[[Result], None], ids: Iterable[str] = (), stopped: Callable[[], bool] = lambda: False
    ) -> None:
        """Every check, or those named; each result as it comes, from worker threads, until `stopped`."""
        ...

    def again(self, check: str, known: Iterable[Result]) -> tuple[str, ...]:
        """What to run with `check`, itself included, so that what is known does not contradict it. Never blocks."""
        ...

    def ordered(self, results: Iterable[Result]) -> list[Result]:
        """Problems first. Never blocks."""
        ...

    def report(self, results: Iterable[Result]) -> str:
        """Text for support. Never blocks."""
        ...


@dataclass(frozen=True, slots=True)
class Services:
    """All the window needs, joined by the composition root."""

    session: SessionPort
    dossier: DossierPort
    compose: ComposePort
    outbox: OutboxPort
    digest: DigestPort
    search: SearchPort
    habits: HabitsPort
    reading: ReadingPort
    settings: SettingsPort
    psc: ProSanteConnect | None = None
    entries: PatientEntriesPort | None = None
    diagnostics: Callable[[], DiagnosticsPort] | None = None  # called off the window's thread, when first asked for
    records: RecordsPort | None = None
    identity: IdentityPort | None = None
    properties: PropertiesPort | None = None
    may_show: MayShow | None = None
    access: AccessPort | None = None
    drafts: DraftsPort | None = None
    practice_code: PracticeCodePort | None = None
    tray: TrayPort | None = None
    front_desk: FrontDeskPort | None = None
    journal: JournalPort | None = None
    dashboard: DashboardPort | None = None
    administrators: AdministratorsPort | None = None
    own_settings: OwnSettingsPort | None = None
    backups: BackupsPort | None = None
    export: ExportPort | None = None
    clinic_state: Callable[[], str] | None = (
        None  # why the practice's base is not there, empty where it is; never blocks
    )
    conflicts: ConflictPort | None = None
