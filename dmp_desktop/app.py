"""The program behind the window: joins it to what `wiring` built. `start` opens it; the demonstration drives the same object."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication

from dmp_desktop.card import Cards
from dmp_desktop.dmp.psc_errors import session_over
from dmp_desktop.domain.acts import Act
from dmp_desktop.domain.cards import Beneficiary
from dmp_desktop.domain.people import Patient
from dmp_desktop.domain.ports import PatientDirectory
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.services.access_acts import AccessActs
from dmp_desktop.services.arrivals_people import AgendaPatients
from dmp_desktop.services.by_role import guarded
from dmp_desktop.services.clinic_preferences import SharedPreferences
from dmp_desktop.services.clinic_proposals import SharedProposals
from dmp_desktop.services.clinic_scans import SharedScans
from dmp_desktop.services.context_desk import ContextDesk, ContextPatients
from dmp_desktop.services.directory import IdentifiedPatients
from dmp_desktop.services.documents import warm_up
from dmp_desktop.services.identity_desk import IdentityDesk, LastVitale
from dmp_desktop.services.patient_entries import PatientEntries
from dmp_desktop.services.program_update import UpdateWatch
from dmp_desktop.services.record_search import RecordSearch
from dmp_desktop.services.records import RecordsService
from dmp_desktop.services.session import Session
from dmp_desktop.services.session_state import SessionState
from dmp_desktop.services.tray_desk import TrayDesk
from dmp_desktop.services.tray_patients import TrayPatients
from dmp_desktop.ui import collector
from dmp_desktop.ui.main_window import MainWindow
from dmp_desktop.ui.ports import Services
from dmp_desktop.ui.strings_administrator_fr import BACKUPS_FAILED
from dmp_desktop.ui.tasks import attempt
from dmp_desktop.ui.typing_watch import TypingWatch
from dmp_desktop.ui.widgets.notice_bar import Notice, of_error
from dmp_desktop.wiring import Wiring

CLINIC_NOTICE, REPAIR_NOTICE, BACKUP_NOTICE, RECEIVED_NOTICE = "clinic", "repair", "backup", "received"


class _Told(QObject):
    """Brings to the window's thread what others say: the provider (Pro Santé Connect) ended the session, a card was reset, the
    practice's server came or went, another workstation changed something, backups fail or succeed again."""

    ended = Signal()
    reset = Signal()
    clinic = Signal()
    others = Signal(object)  # kinds of what another workstation changed
    backups = Signal()
    ungiven = Signal(object)  # why a document is not in the folder of the practice software yet
    unreceived = Signal(object)  # why what the practice software wrote is not taken


class Desktop:
    """The window over its services, with the watcher, the outbox's worker and the session behind it.

    `window` is the one that is already shown, or has something of its own; else a plain one is made.
    """

    def __init__(
        self,
        application: QApplication,
        wiring: Wiring,
        cards: Cards,
        directory: PatientDirectory,
        window: MainWindow | None = None,
    ) -> None:
        self._application = application
        self._wiring = wiring
        self._cards = cards
        self._updates = UpdateWatch(wiring.program_updates.look)
        self._told = _Told()
        given = ContextPatients(AgendaPatients(directory, wiring.arrivals.arrivals), wiring.exchange.inbox)
        patients = IdentifiedPatients(given, wiring.identities)
        vitale = LastVitale(cards.vitale, wiring.clock)
        self._identity = IdentityDesk(
            wiring.identities, patients, vitale, lambda: self.session.state().role, wiring.accesses.accesses
        )
        self.session = Session(
            vitale,
            cards.professional,
            patients,
            wiring.card_desk(self._told.reset.emit),
            wiring.outbox.flush,
            self._forget,
            stop_reading=cards.stop_reading,
        )
        services = self._joined(patients)
        self._services = replace(services, **guarded(services, wiring.desk.signed_in, wiring.desk.actor))
        self._shown: Patient | None = None
        self.settled = False
        self.window = window or MainWindow(sandbox=wiring.endpoint.sandbox)
        for pool in (self.window.tasks.general, self.window.tasks.card):
            pool.told = wiring.acts.refused
        self.window.ready.connect(lambda: attempt(self._begin, self.window.fail))

    def _joined(self, patients: IdentifiedPatients) -> Services:
        """What the window asks, as `wiring` has it: whoever is signed in."""
        wiring, desk, may_read = self._wiring, self._wiring.desk, self._wiring.identities.may_read
        return Services(
            self.session,
            wiring.dossier,
            wiring.compose,
            wiring.outbox,
            wiring.digest,
            RecordSearch(wiring.search, wiring.dossier.fetch_now, desk.reads_records),
            wiring.habits,
            wiring.reading,
            wiring.settings_file,
            psc=wiring.psc,
            entries=PatientEntries(patients, self._cards.licensed, self._identity.remember),
            diagnostics=lambda: wiring.diagnostics(self._cards),
            access=AccessActs(wiring.access, wiring.dossier, wiring.attending, desk.administration, may_read),
            properties=wiring.properties,
            may_show=wiring.access.may_show,
            records=self._records(patients),
            identity=self._identity,
            drafts=wiring.drafts,
            practice_code=wiring.practice_code,
            tray=self._tray(patients),
            front_desk=wiring.front_desk,
            journal=wiring.journal_desk,
            dashboard=wiring.dashboard,
            administrators=wiring.administrators,
            own_settings=wiring.own_settings,
            backups=wiring.backup_desk,
            passphrase=wiring.passphrase,
            call_token=wiring.call_token,
            export=wiring.whole_export,
            clinic_state=self._clinic_state if wiring.clinic else None,
            conflicts=wiring.conflicts,
            proposals=wiring.proposals,
            about=wiring.about,
            contexts=ContextDesk(wiring.exchange.inbox, patients, self._card_there, wiring.acts, desk.actor),
            pasting=wiring.pasting,
            mail=wiring.mail,
            giving=wiring.giving,
            profiles=wiring.profiles,
            first_run=wiring.first_run,
            session_start=wiring.session_start,
        )

    def _card_there(self) -> tuple[Beneficiary, ...]:
        """Who is on the carte Vitale that lies in a reader."""
        return self._identity.card() if self.session.state().vitale_present else ()

    def _records(self, patients: IdentifiedPatients) -> RecordsService:
        wiring = self._wiring
        return RecordsService(
            wiring.desk.administration,
            patients.look,
            wiring.access.policy,
            wiring.clock,
            wiring.endpoint.web_dmp,
            wiring.identities.may_read,
        )

    def _tray(self, patients: IdentifiedPatients) -> TrayDesk:
        wiring, tray = self._wiring, self._wiring.tray
        whose = TrayPatients(wiring.identities, patients.look)
        signed_in = wiring.desk.signed_in
        return TrayDesk(tray.service, tray.sending, whose, tray.intake, tray.received, wiring.settings_file, signed_in)

    def start(self) -> None:
        """Show the window; once it has all its parts, begin to watch cards and to send: nothing of it runs on the GUI thread."""
        self.window.show()
        self.window.furnish(self._services, self._wiring.clock)

    def _begin(self) -> None:
        if self._wiring.psc:
            self._told.ended.connect(self._sign_out_without_card, Qt.ConnectionType.QueuedConnection)
            self._wiring.psc.on_end = self._told.ended.emit
        self._told.reset.connect(self.window.session.card_reset, Qt.ConnectionType.QueuedConnection)
        self.window.session.changed.connect(self._trace_shown)
        self._tell_place()
        self.window.page.documents.exporter.copied.connect(self._trace_copied)
        self._cards.warm()
        self._cards.watcher.start(self.window.card_event)
        typing = TypingWatch(self._wiring.clock, self.window)
        self.window.composer.editor.word_typed.connect(typing.note)
        self._wiring.worker.busy = typing.busy
        self._wiring.worker.start()
        self._wiring.rounds.start()
        self._updates.start()
        for rounds in self._wiring.tray.rounds:
            rounds.start()
        self._told.unreceived.connect(self._tell_unreceived, Qt.ConnectionType.QueuedConnection)
        self._wiring.exchange.folder.refused = self._wiring.exchange.door.refused = self._told.unreceived.emit
        self._wiring.exchange.inbox.refused = self._told.unreceived.emit
        self._wiring.exchange.rounds.start()
        self._wiring.mailing.rounds.start()
        self._told.ungiven.connect(self._tell, Qt.ConnectionType.QueuedConnection)
        self._wiring.outgoing.queue.told = self._told.ungiven.emit
        self._wiring.outgoing.rounds.start()
        self.window.tasks.general.submit(_load_late, self._settled, self._settled)

    def stop(self) -> None:
        self._updates.stop()
        self._cards.watcher.stop()
        self._cards.close()
        self._wiring.worker.stop()
        self._wiring.rounds.stop()
        for rounds in self._wiring.tray.rounds:
            rounds.stop()
        self._wiring.exchange.rounds.stop()
        self._wiring.mailing.stop()
        self._wiring.exchange.door.close()
        self._wiring.outgoing.rounds.stop()
        self.window.flush()
        if not self.window.close():  # it asks once about a note that is not sent; here nobody is left to answer
            self.window.close()

    def wait(self, condition: Callable[[], object], seconds: float) -> bool:
        """Run the event loop until `condition` holds; False when it does not within `seconds`. What the same turn of the loop
        goes on to do may undo it again: it held all the same."""
        if condition():
            return True
        loop, held = QEventLoop(), False
        ticks, limit = QTimer(), QTimer()

        def look() -> None:
            nonlocal held
            if condition():
                held = True
                loop.quit()

        limit.setSingleShot(True)
        limit.timeout.connect(loop.quit)
        ticks.timeout.connect(look)
        ticks.start(2)
        limit.start(int(seconds * 1000))
        loop.exec()
        return held

    def picture(self, file: Path) -> None:
        """A PNG of the window as it is."""
        self.window.grab().save(str(file))

    def _settled(self, _outcome: object) -> None:
        collector.settle()
        self.settled = True
        if self._wiring.clinic:
            self._told.clinic.connect(self._tell_clinic, Qt.ConnectionType.QueuedConnection)
            self._wiring.clinic.follow(self._told.clinic.emit)
            self._tell_clinic()
            self._told.others.connect(self._follow_others, Qt.ConnectionType.QueuedConnection)
            self._wiring.clinic.follow_kinds(self._told.others.emit)
        self.window.tasks.general.submit(_check_bridge, lambda _told: None, self._tell)

    def _tell(self, error: DmpDesktopError, key: str = "") -> None:
        self.window.notices.tell(of_error(error, key=key))

    def _tell_unreceived(self, error: DmpDesktopError) -> None:
        self._tell(error, RECEIVED_NOTICE)

    def _clinic_state(self) -> str:
        trouble = self._wiring.clinic.trouble if self._wiring.clinic else None
        return trouble.told_fr if trouble else ""

    def _follow_others(self, kinds: set[str]) -> None:
        """Whoever is signed in chose otherwise on another workstation; scans came from there, or left."""
        if SharedPreferences.name in kinds:
            self.window.page.habits.again()
            if self.window.appearance is not None:
                self.window.appearance.again()
        if SharedScans.name in kinds and self.window.tray is not None:
            self.window.tray.again()
        if kinds & {SharedProposals.name, SharedPreferences.name} and self.window.proposals is not None:
            self.window.proposals.again()

    def _tell_clinic(self) -> None:
        """The practice's server came or went: what is here goes on, and it is said that the others' is not."""
        trouble = self._wiring.clinic.trouble if self._wiring.clinic else None
        if trouble is None:
            self.window.notices.clear(CLINIC_NOTICE)
        else:
            self.window.notices.tell(replace(of_error(trouble, key=CLINIC_NOTICE), place=True))

    def _tell_place(self) -> None:
        """How the workstation stands, once; the bar keeps it over a covered screen (`Notice.place`)."""
        if repaired := self._wiring.repair_notice:
            self.window.notices.tell(Notice(repaired, tone="warning", key=REPAIR_NOTICE, place=True))
        self._told.backups.connect(self._tell_backups, Qt.ConnectionType.QueuedConnection)
        self._wiring.backups.changed = self._told.backups.emit
        self._tell_backups()

    def _tell_backups(self) -> None:
        failed = self._wiring.backups.failed
        if failed is None:
            self.window.notices.clear(BACKUP_NOTICE)
        else:
            told = BACKUPS_FAILED.format(failed.told_fr)
            self.window.notices.tell(replace(of_error(failed, key=BACKUP_NOTICE), text=told, place=True))

    def _trace_shown(self, state: SessionState) -> None:
        """Who opens a record sees the number it is of (INS/va1.39)."""
        shown, self._shown = self._shown, state.patient
        if state.patient is not None and state.patient != shown:
            self._identity.displayed(state.patient.ins)

    def _trace_copied(self) -> None:
        if self._shown is not None:
            self._identity.printed(self._shown.ins)
            self._wiring.acts.note(Act.EXPORT, self._shown.ins)

    def _sign_out_without_card(self) -> None:
        """The provider ended the session it had granted; one by a card, or granted since, has nothing to do with it."""
        from dmp_desktop.ui.conductor import SESSION_NOTICE  # which takes it back at the next sign-in

        session, psc = self.window.session, self._wiring.psc
        if psc and psc.over and session.state.professional and session.state.card is None:
            session.sign_out(lambda: self._tell(session_over(), SESSION_NOTICE))

    def _forget(self) -> None:
        self._wiring.dossier.forget()
        self._wiring.reading.forget()
        self._wiring.exchange.inbox.forget()
        self._wiring.mail.forget()
        self._identity.forget()


def _load_late() -> None:
    """What the first document needs and the start does not, on a worker: the first PDF does not wait for its viewer (24 ms)."""
    warm_up()
    import_module("dmp_desktop.ui.widgets.pdf_pane")


def _check_bridge() -> None:
    """Whether this Python can use a card's key, before one is asked (0.2 s, mostly for a key). Raises DmpError."""
    from dmp_desktop.dmp.bridge_check import self_test

    self_test()
