"""The services, joined: what the window and the command line are given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dmp_desktop.domain.acts import Act
from dmp_desktop.domain.ports import Clock
from dmp_desktop.platform.endpoint import Endpoint
from dmp_desktop.platform.keystore import PassphraseKeyStore
from dmp_desktop.platform.paths import Paths
from dmp_desktop.platform.release import release_keys
from dmp_desktop.platform.settings import Settings, SettingsFile, load_settings
from dmp_desktop.services.about import About, AboutDesk
from dmp_desktop.services.access import AttendingService
from dmp_desktop.services.access_desk import AccessDesk
from dmp_desktop.services.acts import ActBook
from dmp_desktop.services.administrators import Administrators
from dmp_desktop.services.backup import Backups
from dmp_desktop.services.backup_desk import BackupDesk, KeptPlace
from dmp_desktop.services.call_door import CallTokenDesk
from dmp_desktop.services.card_accounts import CardDesk
from dmp_desktop.services.clinic_conflicts import ClinicConflicts
from dmp_desktop.services.clinic_journal import PracticeBook
from dmp_desktop.services.clinic_link import ClinicLink
from dmp_desktop.services.compose import ComposeService
from dmp_desktop.services.dashboard import Dashboard
from dmp_desktop.services.digest import DigestService
from dmp_desktop.services.dossier import DossierService
from dmp_desktop.services.drafts import DraftService
from dmp_desktop.services.export_all import WholeExport
from dmp_desktop.services.first_run import FirstRun
from dmp_desktop.services.front_desk import FrontDeskService
from dmp_desktop.services.giving_desk import GivingDesk
from dmp_desktop.services.habits import HabitStore
from dmp_desktop.services.identity import IdentityService
from dmp_desktop.services.ins_accesses import InsAccessJournal
from dmp_desktop.services.installing import Installing
from dmp_desktop.services.journal import JournalBook
from dmp_desktop.services.journal_desk import JournalDesk
from dmp_desktop.services.mail_desk import MailDesk
from dmp_desktop.services.outbox import OutboxService
from dmp_desktop.services.outbox_worker import OutboxWorker
from dmp_desktop.services.own_settings import OwnSettingsStore
from dmp_desktop.services.passphrase import PassphraseDesk
from dmp_desktop.services.pasted import PasteDesk
from dmp_desktop.services.practice_code import PracticeCode
from dmp_desktop.services.preload import PreloadWorker
from dmp_desktop.services.profiles import ProfileDesk, ProfileFile
from dmp_desktop.services.program_update import ProgramUpdates
from dmp_desktop.services.properties import DocumentProperties
from dmp_desktop.services.proposals import ProposalService
from dmp_desktop.services.reading import ReadingService
from dmp_desktop.services.rounds import Rounds
from dmp_desktop.services.search import SearchService
from dmp_desktop.services.sign_in import Account, SignInDesk
from dmp_desktop.services.traced_settings import TracedSettings
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.journal import Journal
from dmp_desktop.wiring.arrivals import ArrivalsWiring
from dmp_desktop.wiring.base import SOURCE_OID, Base
from dmp_desktop.wiring.clinic import Clinic
from dmp_desktop.wiring.core import Core
from dmp_desktop.wiring.entry import Entry
from dmp_desktop.wiring.exchange import ExchangeWiring
from dmp_desktop.wiring.exporting import whole_export
from dmp_desktop.wiring.mail import MailWiring
from dmp_desktop.wiring.outgoing import OutgoingWiring
from dmp_desktop.wiring.safety import source_of
from dmp_desktop.wiring.tray import Tray

if TYPE_CHECKING:
    from dmp_desktop.card import Cards
    from dmp_desktop.services.diagnostics.service import Diagnostics
from dmp_desktop.services.psc_sign_in import PscSignIn


@dataclass(frozen=True, slots=True)
class Wiring:
    base: Base
    entry: Entry
    core: Core
    compose: ComposeService
    digest: DigestService
    reading: ReadingService
    habits: HabitStore
    journal: JournalBook
    acts_kept: Journal
    preload: PreloadWorker
    rounds: Rounds
    joined_clinic: Clinic | None
    drafts: DraftService
    tray: Tray
    proposals: ProposalService
    backups: Backups
    arrivals: ArrivalsWiring
    administrators: Administrators
    own_settings: OwnSettingsStore
    exchange: ExchangeWiring
    outgoing: OutgoingWiring
    mailing: MailWiring

    @property
    def clock(self) -> Clock:
        return self.base.clock

    @property
    def database(self) -> Database:
        return self.base.database

    @property
    def paths(self) -> Paths:
        return self.base.paths

    @property
    def settings(self) -> Settings:
        return self.base.settings

    @property
    def endpoint(self) -> Endpoint:
        return self.base.endpoint

    @property
    def notices(self) -> tuple[str, ...]:
        """French sentences to show at start."""
        return self.base.notices

    @property
    def repair_notice(self) -> str:
        """What to tell of files that were damaged and made anew at this start; empty when none were."""
        return self.base.repair.notice if self.base.repair else ""

    @property
    def access(self) -> AccessDesk:
        return self.core.access

    @property
    def attending(self) -> AttendingService:
        return self.core.attending

    @property
    def mail(self) -> MailDesk:
        return self.mailing.desk

    @property
    def properties(self) -> DocumentProperties:
        return self.core.properties

    @property
    def dossier(self) -> DossierService:
        return self.core.dossier

    @property
    def search(self) -> SearchService:
        return self.core.search

    @property
    def identities(self) -> IdentityService:
        return self.core.identities

    @property
    def accesses(self) -> InsAccessJournal:
        return self.core.accesses

    @property
    def outbox(self) -> OutboxService:
        return self.core.outbox

    @property
    def worker(self) -> OutboxWorker:
        return self.core.worker

    @property
    def clinic(self) -> ClinicLink | None:
        return self.joined_clinic.link if self.joined_clinic else None

    @property
    def practice_journal(self) -> PracticeBook | None:
        return self.joined_clinic.book if self.joined_clinic else None

    @property
    def conflicts(self) -> ClinicConflicts | None:
        return self.joined_clinic.conflicts if self.joined_clinic else None

    @property
    def accounts(self) -> tuple[Account, ...]:
        return self.entry.accounts

    @property
    def desk(self) -> SignInDesk:
        return self.entry.desk

    @property
    def acts(self) -> ActBook:
        """Where what is done is noted, for the journal."""
        return self.entry.acts

    @property
    def journal_desk(self) -> JournalDesk:
        """The journal for who looks at it."""
        who = self.desk.signed_in
        return JournalDesk(self.acts_kept, self.journal, self.acts, self.clock, who, self.practice_journal)

    @property
    def dashboard(self) -> Dashboard:
        """How many documents were sent or are on their way, for who looks at it."""
        proposed = self.proposals.unanswered
        return Dashboard(self.outbox.items, self.tray.store.scans, proposed, self.acts, self.desk.signed_in)

    @property
    def settings_file(self) -> TracedSettings:
        """The settings as written now, for who changes them."""
        return TracedSettings(SettingsFile(self.paths.settings), self.acts, self.desk.signed_in)

    @property
    def profiles(self) -> ProfileDesk:
        """What goes out to the practice software, for who changes it."""
        paths = self.paths
        return ProfileDesk(
            ProfileFile(paths.profiles),
            lambda: load_settings(paths.settings)[0],
            paths.home,
            self.acts,
            self.desk.signed_in,
            self.clock,
        )

    @property
    def giving(self) -> GivingDesk:
        """Documents for the practice software, as somebody asks for them."""
        return GivingDesk(ProfileFile(self.paths.profiles), self.outgoing.queue)

    @property
    def pasting(self) -> PasteDesk:
        """What is pasted from another program."""
        return PasteDesk(self.exchange.inbox, self.desk.signed_in, self.clock)

    @property
    def call_token(self) -> CallTokenDesk:
        """The token of the practice software, for who makes it."""
        return CallTokenDesk(self.exchange.token, self.acts, self.desk.signed_in)

    @property
    def backup_desk(self) -> BackupDesk:
        """The backups, for who asks for them."""
        kept = KeptPlace(self.backups, self.paths, source_of(self.base))
        return BackupDesk(kept, self.desk.signed_in, passphrase=self.paths.secrets.exists())

    @property
    def passphrase(self) -> PassphraseDesk | None:
        """The passphrase of this workstation, for who changes it; None where the system keeps its key."""
        base = self.base
        if not isinstance(base.keystore, PassphraseKeyStore):
            return None
        given = bool(base.endpoint.secrets.storage)
        return PassphraseDesk(base.keystore, base.liveness.alone, self.acts, self.desk.signed_in, given=given)

    @property
    def whole_export(self) -> WholeExport:
        """Everything in open formats, for who asks for it."""
        return whole_export(self)

    @property
    def psc(self) -> PscSignIn | None:
        return self.entry.psc

    @property
    def practice_code(self) -> PracticeCode:
        """The recovery code, whose paper names the practice."""

        def noted(what: str) -> None:
            self.acts.note(Act.PRACTICE_CODE, reason=what)

        keyring, training = self.base.practice_keys, self.endpoint.sandbox
        return PracticeCode(keyring, self.entry.vault, self.desk.signed_in, self._place, training=training, noted=noted)

    @property
    def about(self) -> AboutDesk:
        """What the program says of itself, and the page for patients."""
        software = self.base.software
        about = About(software.name, software.version, software.approval, SOURCE_OID, self.endpoint.sandbox)
        return AboutDesk(about, self._place, self.program_updates.newer)

    @property
    def program_updates(self) -> ProgramUpdates:
        """Where the practice has them announced, if anywhere."""
        return ProgramUpdates(self.paths, self.base.software.version, release_keys(), self.clock)

    @property
    def session_start(self) -> Installing | None:
        """Whether the program opens with the session; None in the sandbox, which nobody wants every morning."""
        return None if self.endpoint.sandbox else Installing(self.base.environment, Path.home())

    @property
    def first_run(self) -> FirstRun:
        """What is chosen at the first run of this workstation."""
        return FirstRun(self.base.paths.home, self.settings_file, sandbox=self.endpoint.sandbox)

    def _place(self) -> str:
        """The practice's name, as in this workstation's file, else as by who is signed in."""
        who = self.desk.signed_in()
        facility = self.base.practice.facility if self.base.practice else who.facility if who else None
        return facility.name if facility else ""

    @property
    def front_desk(self) -> FrontDeskService:
        """The day's list for the desk and for the doctors, with what is left to do for each."""
        here = self.arrivals
        return FrontDeskService(
            here.arrivals,
            here.people,
            here.watched,
            self.clock,
            self.identities.rights,
            self.dossier.check,
            self.access.oppositions.consent,
            lambda: self.tray.store.scans()[0],
        )

    def card_desk(self, reset: Callable[[], None] = lambda: None) -> CardDesk:
        """As `Entry.card_desk`."""
        return self.entry.card_desk(reset)

    def sign_in_software(self) -> None:
        """As `Entry.sign_in_software`."""
        self.entry.sign_in_software()

    def diagnostics(self, cards: Cards) -> Diagnostics:
        """The checks of this workstation, with its open database. What they need is loaded here: not on the window's thread."""
        from dmp_desktop.services.diagnostics.service import Diagnostics, workstation

        told, base = self.entry.server_clock, self.base
        here = workstation(base.environment, cards, base.clock, database=base.database, server_skew=lambda: told.skew)
        return Diagnostics(here)
