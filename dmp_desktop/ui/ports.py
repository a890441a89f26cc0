"""All that the window asks of the services, a part a module. What blocks is run by `ui/tasks.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dmp_desktop.ui.access_ports import AccessPort
    from dmp_desktop.ui.administrator_ports import AdministratorsPort, BackupsPort, ExportPort
    from dmp_desktop.ui.compose_ports import ComposePort, OutboxPort
    from dmp_desktop.ui.conflict_ports import ConflictPort
    from dmp_desktop.ui.dashboard_ports import DashboardPort
    from dmp_desktop.ui.dossier_ports import DigestPort, DossierPort, HabitsPort, ReadingPort, SearchPort
    from dmp_desktop.ui.draft_ports import DraftsPort
    from dmp_desktop.ui.front_desk_ports import FrontDeskPort
    from dmp_desktop.ui.identity_ports import IdentityPort
    from dmp_desktop.ui.journal_ports import JournalPort
    from dmp_desktop.ui.mail_ports import MailPort
    from dmp_desktop.ui.practice_ports import PracticeCodePort
    from dmp_desktop.ui.properties_ports import MayShow, PropertiesPort
    from dmp_desktop.ui.proposal_ports import ProposalsPort
    from dmp_desktop.ui.received_ports import PastingPort, ReceivedPort
    from dmp_desktop.ui.records_ports import RecordsPort
    from dmp_desktop.ui.session_ports import SessionPort
    from dmp_desktop.ui.sign_in_ports import PatientEntriesPort, ProSanteConnect
    from dmp_desktop.ui.software_ports import GivingPort, ProfilesPort
    from dmp_desktop.ui.tray_ports import TrayPort
    from dmp_desktop.ui.workstation_ports import (
        AboutPort,
        CallTokenPort,
        DiagnosticsPort,
        FirstRunPort,
        OwnSettingsPort,
        PassphrasePort,
        SessionStartPort,
        SettingsPort,
    )

PaletteColours = Mapping[str, str]
"""`#RRGGBB` by role: base, panel, text, muted, accent, danger, warning, success, border."""


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
    passphrase: PassphrasePort | None = None  # where the system has no key store
    call_token: CallTokenPort | None = None
    export: ExportPort | None = None
    clinic_state: Callable[[], str] | None = None  # why the practice's base is not there, else empty; never blocks
    conflicts: ConflictPort | None = None
    proposals: ProposalsPort | None = None
    about: AboutPort | None = None
    contexts: ReceivedPort | None = None
    pasting: PastingPort | None = None
    mail: MailPort | None = None
    giving: GivingPort | None = None
    profiles: ProfilesPort | None = None
    first_run: FirstRunPort | None = None
    session_start: SessionStartPort | None = None  # never of a training window
