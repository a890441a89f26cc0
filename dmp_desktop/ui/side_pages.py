"""Pages in the place of the record, opened from the banner's menu of other acts; made when first asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QWidget

from dmp_desktop.domain import roles
from dmp_desktop.domain.people import Patient, Role
from dmp_desktop.domain.ports import Clock
from dmp_desktop.domain.roles import Task
from dmp_desktop.services.session_state import SIGNED_IN, SessionState
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui import strings_journal_fr as journal_fr
from dmp_desktop.ui.access_controller import AccessController
from dmp_desktop.ui.dashboard_ports import DashboardPort
from dmp_desktop.ui.journal_ports import JournalPort
from dmp_desktop.ui.ports import Services
from dmp_desktop.ui.practice_reminder import PracticeReminder
from dmp_desktop.ui.records_menu import offer_records
from dmp_desktop.ui.strings_about_fr import ASK as ASK_ABOUT
from dmp_desktop.ui.strings_window_fr import WAITING_ROOM, WAITING_ROOM_KEY
from dmp_desktop.ui.views.conflicts.flow import offer_conflicts
from dmp_desktop.ui.views.identity.flow import offer_identity
from dmp_desktop.ui.views.proposals.flow import offer_proposals
from dmp_desktop.ui.views.tray.flow import offer_tray
from dmp_desktop.ui.widgets.notice_bar import of_error
from dmp_desktop.ui.widgets.side_page import SidePage

if TYPE_CHECKING:
    from dmp_desktop.ui.front_desk_ports import FrontDeskPort
    from dmp_desktop.ui.identity_ports import IdentityPort
    from dmp_desktop.ui.main_window import MainWindow
    from dmp_desktop.ui.views.compose.drafts import Draft
    from dmp_desktop.ui.views.front_desk.flow import FrontDeskFlow
    from dmp_desktop.ui.views.identity.desk_flow import DeskFlow
    from dmp_desktop.ui.workstation_ports import AboutPort

PAGE_NOTICE = "page"
Make = Callable[[], SidePage]


class SidePages(QObject):
    """`offer` puts a page in the menu, `open` shows one. Nothing of a patient stays in a page once another record is open, or
    none: it is emptied, and the record comes back."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._w = window
        self._made: dict[str, SidePage] = {}
        self._of_patient: set[str] = set()  # names of pages of a patient
        self._patient: Patient | None = None  # whom they were opened for last
        self._who = window.session.state.professional
        self._note: Draft | None = None  # which was before the eyes when a page took its place
        window.record.closed.connect(self._patient_left)
        window.session.changed.connect(self._session_changed)
        window.body.currentChanged.connect(self._turned)

    def offer(self, words: str, make: Make, *, of_patient: bool) -> None:
        """An entry of the menu; one of the patient is greyed out while no record is open."""
        self._w.banner.offer_act(words, lambda: self.open(words, make, of_patient=of_patient), of_patient=of_patient)

    def open(self, name: str, make: Make, *, of_patient: bool = False) -> None:
        """The page of this name, for the open record or for nobody; nothing while there is none for a page of a patient."""
        patient = self._w.record.patient if of_patient else None
        if of_patient and patient is None:
            return
        if name not in self._made:
            page = self._made[name] = make()
            page.left.connect(self.back)
            page.failed.connect(lambda error: self._w.notices.tell(of_error(error)))
            page.unlisted.connect(lambda error, again: self._w.notices.tell(of_error(error, "", again, PAGE_NOTICE)))
            page.asking.connect(lambda: self._w.notices.clear(PAGE_NOTICE))
            self._w.body.addWidget(page)
            self._w.parts.append(page)
        if of_patient:
            self._of_patient.add(name)
            self._patient = patient
        page = self._made[name]
        self._remember_note()
        page.back.setText(fr.BACK_TO_NOTE if self._note else fr.BACK_TO_RECORD)
        self._w.body.setCurrentWidget(page)
        page.show_for(patient)
        holder = QApplication.focusWidget()
        if holder is None or not page.isAncestorOf(holder):
            page.back.setFocus()  # the keyboard goes where the eyes are

    def back(self) -> None:
        """To what the page took the place of: the note that was being written, if its author is there; else the record."""
        note, self._note = self._note, None
        self.leave()
        if note is not None and note is self._w.composer.draft and note in self._w.drafts.of(self._who):
            self._w.conductor.show_draft(note)

    def _remember_note(self) -> None:
        front = self._w.body.currentWidget()
        if not isinstance(front, SidePage):
            self._note = self._w.composer.draft if front is self._w.composer else None

    def leave(self) -> None:
        """To the record."""
        page = self._w.body.currentWidget()
        if isinstance(page, SidePage):
            page.clear()
            self._w.body.setCurrentWidget(self._w.page)

    def _turned(self) -> None:
        """A note or the record took a page's place without its way back: nothing stays in it either, nor what failed in it."""
        self._w.notices.clear(PAGE_NOTICE)
        for page in self._made.values():
            if page is not self._w.body.currentWidget():
                page.clear()

    def _patient_left(self) -> None:
        page = self._w.body.currentWidget()
        if isinstance(page, SidePage) and page.patient is not None:
            self.leave()
        if self._w.record.patient != self._patient:  # else the same record is opened anew
            self._patient = None
            for name in self._of_patient:
                self._made[name].forget()

    def _session_changed(self, state: SessionState) -> None:
        """Who comes after does not find what somebody else had open."""
        former, self._who = self._who, state.professional
        if not self._w.gate.open(state):
            for page in self._made.values():
                page.clear()
        elif former is not None and former != self._who and not former.is_also(self._who):
            self.leave()  # somebody else came, without a moment in which all was covered
        if self._who is None or (former is not None and not former.is_also(self._who)):
            for page in self._made.values():
                page.forget()


def offer_pages(window: MainWindow, services: Services, clock: Clock) -> None:
    """What there is, for the services there are. Each page is loaded when it is first asked for."""
    pages = window.pages = SidePages(window)

    def show_settings() -> None:
        pages.open("settings", lambda: _settings(window, services))

    window.page.documents.settings_asked.connect(show_settings)
    if services.practice_code is not None:
        PracticeReminder(window, services.practice_code, lambda: _show_code(window, show_settings))
    if services.identity is not None:
        desk = offer_identity(window, services.identity, services.dossier, services.access, clock)
        if services.front_desk is not None:
            _offer_front_desk(window, pages, services.front_desk, services.identity, desk)
    if services.records is not None:
        offer_records(window, pages, services.records)
    window.tray = offer_tray(window, services.tray) if services.tray is not None else None
    if services.proposals is not None:
        window.proposals = offer_proposals(window, services.proposals)
        window.conductor.barring.proposing = window.proposals.why_not
    if services.conflicts is not None:
        offer_conflicts(window, services.conflicts)
    if (journal := services.journal) is not None:
        pages.offer(journal_fr.ASK, lambda: _journal(window, journal), of_patient=False)
    if (dashboard := services.dashboard) is not None:
        pages.offer(journal_fr.ASK_FEEDING, lambda: _dashboard(window, services, dashboard), of_patient=False)
    if (about := services.about) is not None:
        pages.offer(ASK_ABOUT, lambda: _about(window, about), of_patient=False)
    if services.access is not None:
        window.access = AccessController(window, services.access)


def _offer_front_desk(
    window: MainWindow, pages: SidePages, port: FrontDeskPort, identity: IdentityPort, desk: DeskFlow
) -> None:
    """The day's list at the desk and the waiting room, both loaded when first asked for."""
    made: list[FrontDeskFlow] = []

    def flow() -> FrontDeskFlow:
        from dmp_desktop.ui.views.front_desk.flow import FrontDeskFlow

        if not made:
            made.append(FrontDeskFlow(window, port, identity, desk))
        return made[0]

    def follow(state: SessionState) -> None:
        if not made and state.phase in SIGNED_IN and state.role is Role.SECRETARY:
            flow().follow(state)  # from now on it follows by itself

    def show_room() -> None:
        if window.gate.open(window.session.state):
            pages.open(WAITING_ROOM, lambda: flow().room())

    window.session.changed.connect(follow)
    window.banner.offer_act(WAITING_ROOM, show_room, of_patient=False)
    QShortcut(QKeySequence(WAITING_ROOM_KEY), window).activated.connect(show_room)


def _show_code(window: MainWindow, show_settings: Callable[[], None]) -> None:
    """Réglages, at the practice's recovery code."""
    from dmp_desktop.ui.views.settings.view import SettingsView

    show_settings()
    if isinstance(page := window.body.currentWidget(), SettingsView):
        page.open_at_code()


def _journal(window: MainWindow, port: JournalPort) -> SidePage:
    from dmp_desktop.ui.views.journal.view import JournalView

    return JournalView(port, window.tasks.general, window.body)


def _dashboard(window: MainWindow, services: Services, port: DashboardPort) -> SidePage:
    from dmp_desktop.ui.views.dashboard.flow import dashboard_page

    return dashboard_page(window, services, port)


def _about(window: MainWindow, port: AboutPort) -> SidePage:
    from dmp_desktop.ui.views.about.view import AboutView

    return AboutView(port, window.tasks.general, window.body)


def _settings(window: MainWindow, services: Services) -> SidePage:
    from dmp_desktop.ui.views.settings.usual import UsualVisibilitySection
    from dmp_desktop.ui.views.settings.view import SettingsView

    def why_not(task: Task) -> str:
        role = window.session.state.role
        return roles.refusal(role, task) if role else ""

    def usual(page: QWidget) -> UsualVisibilitySection:
        kinds = window.composer.options.kinds
        return UsualVisibilitySection(window.page.habits, kinds, lambda: why_not(Task.WRITE_NOTES), page)

    page = SettingsView(
        services.settings,
        window.tasks.general,
        window.body,
        practice_code=services.practice_code,
        backups=services.backups,
        passphrase=services.passphrase,
        call_token=services.call_token,
        export=services.export,
        administrators=services.administrators,
        own=services.own_settings,
        profiles=services.profiles,
        session_start=services.session_start,
        chosen=window.appearance.choose if window.appearance else lambda _own: None,
        usual=usual,
        window=panel.section if (panel := window.panel) else None,
        refusal=lambda: why_not(Task.WORKSTATION_SETTINGS),
    )
    page.left.connect(window.gate.read_settings)
    return page
