"""The access to the open record in the window: its page, the emergency, the red frame around everything."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from dmp_desktop.domain.access import AccessMode, DossierStatus, FoundPerson
from dmp_desktop.domain.consent import Consent, Subject
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.people import Patient, Professional, Role
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.services.found_person import presented, same_person
from dmp_desktop.services.rights import TRAINEE
from dmp_desktop.services.session_state import Phase, SessionState
from dmp_desktop.ui import asking, formats
from dmp_desktop.ui import strings_access_fr as fr
from dmp_desktop.ui.access_ports import AccessPort
from dmp_desktop.ui.access_questions import AccessQuestions
from dmp_desktop.ui.views.compose.objecting import Objecting
from dmp_desktop.ui.widgets.notice_bar import Notice, of_error
from dmp_desktop.ui.widgets.special_frame import SpecialBar

if TYPE_CHECKING:
    from dmp_desktop.services.special_access import SpecialAccess
    from dmp_desktop.ui.main_window import MainWindow
    from dmp_desktop.ui.widgets.side_page import SidePage

ACCESS_NOTICE = "access"
TICK_MS = 1000
VIEW = "dmp_desktop.ui.views.access.view"
"""Loaded off the window's thread before it is asked for: 6 ms of its first showing else."""


class AccessController(QObject):
    """The frame stands as long as a special access is open and its session before the eyes. The end of one is noticed at the
    latest a second after its time; what was read in it leaves the screen at that moment."""

    _told = Signal()
    _heard = Signal(object, object, bool)  # InsIdentity, Subject

    def __init__(self, window: MainWindow, port: AccessPort) -> None:
        super().__init__(window)
        self._w, self._port = window, port
        self._access_page: SidePage | None = None
        self._whose: Patient | None = None  # whose record was opened last
        self.opened: SpecialAccess | None = None  # what the frame stands for
        self._opener: Professional | None = None  # who was before the screen when it began
        self._reminded: set[str] = set()  # of whom it was said since the start that no opinion is noted
        self._regulating: FoundPerson | None = None
        self._opposed = self._barred = False  # the patient on screen
        self.questions = AccessQuestions(window, port, window.conductor.act_news.failed)
        self.questions.opposed.connect(self._bar)
        self.objecting = Objecting(window.composer, port, window.tasks.general)
        window.conductor.barring.objects = self.objecting.why
        self.objecting.changed.connect(window.conductor.show_target)
        self.bar = SpecialBar(fr.END)
        window.framed.rows.insertWidget(window.framed.rows.indexOf(window.strip), self.bar)
        self._ticks = QTimer(self)
        self._ticks.setInterval(TICK_MS)
        self._ticks.timeout.connect(self.look)
        window.tasks.general.submit(lambda: import_module(VIEW), _nothing, _nothing)
        self._offer()
        self._connect()
        self._session_changed(window.session.state)

    def _offer(self) -> None:
        w, banner = self._w, self._w.banner
        banner.offer_access()
        w.pages.offer(fr.PAGE, self._page, of_patient=True)
        self.emergency_line = banner.offer_act(fr.EMERGENCY, self.questions.ask_emergency, of_patient=True)
        self.regulation_line = banner.offer_act(
            fr.REGULATION_PAGE, lambda: w.pages.open(fr.REGULATION_PAGE, self._regulation), of_patient=False
        )
        banner.access_asked.connect(self.show_page)
        banner.emergency_asked.connect(self.questions.ask_emergency)

    def _connect(self) -> None:
        w = self._w
        self._told.connect(self.look, Qt.ConnectionType.QueuedConnection)
        self._port.follow(lambda _patient: self._told.emit())
        self._heard.connect(self._take_heard, Qt.ConnectionType.QueuedConnection)
        self._port.follow_others(self._heard.emit)
        self.bar.end_asked.connect(self.end)
        w.session.changed.connect(self._session_changed)
        w.record.opened.connect(self._opened)
        w.record.closed.connect(self._shown)
        w.record.status_changed.connect(self._status_changed)

    # Pages

    def show_page(self) -> None:
        self._w.pages.open(fr.PAGE, self._page, of_patient=True)

    def _page(self) -> SidePage:
        from dmp_desktop.ui.views.access.view import AccessView

        w = self._w
        who = lambda: w.session.state.professional  # noqa: E731  (one argument)
        self._access_page = page = AccessView(self._port, lambda: w.record.status, who, w.tasks.general, w.body)
        page.show_declaring(w.record.declaring)
        page.authorise_asked.connect(w.conductor.declare)
        w.record.declaring_changed.connect(lambda: page.show_declaring(w.record.declaring))
        page.emergency_asked.connect(self.questions.ask_emergency)
        page.changed.connect(lambda patient, anew: self.follow_act(page, patient, anew=anew))
        page.act_failed.connect(w.conductor.act_news.failed)
        page.barred.connect(self._bar)
        w.record.status_changed.connect(lambda _status: page.show_status())
        return page

    def _regulation(self) -> SidePage:
        from dmp_desktop.ui.views.regulation.view import RegulationView

        page = RegulationView(self._port, self._w.tasks.general, self._w.body)
        page.chosen.connect(self.open_found)
        return page

    def follow_act(self, page: SidePage, patient: Patient, *, anew: bool) -> None:
        """Something was noted or declared on the page, which stays where it is still shown; the record follows in any case."""
        w = self._w
        if w.record.patient is None or not same_person(w.record.patient.ins, patient.ins):
            return
        w.banner.unrecorded.hide()
        if anew:
            self._forget_facts(patient)
            self._reopen(page)
        else:
            w.record.refresh()

    def _reopen(self, page: SidePage | None = None) -> None:
        """Nothing that is shown of the record stays but the page of its access, where it, or `page` in its place, is shown."""
        w, shown = self._w, self._w.body.currentWidget()
        stays = shown in (page, self._access_page)
        w.record.reopen()
        if shown is not None and stays:
            self.show_page()
            shown.setFocus()

    # The record on screen

    def _opened(self, patient: Patient) -> None:
        self._shown()
        if patient != self._whose:
            self._w.notices.clear(ACCESS_NOTICE)  # it was about the former one
        self._whose = patient
        found, self._regulating = self._regulating, None
        if found and same_person(found.patient, patient.ins):
            self.questions.ask_regulation(patient)
        self._opposed = self._barred = False
        self._ask_consent(patient)

    def _ask_consent(self, patient: Patient) -> None:
        self._ask(lambda: self._port.consent(patient), lambda consent: self._take_consent(patient, consent), _nothing)

    def _take_consent(self, patient: Patient, consent: Consent) -> None:
        """What bars the record here opens the emergency. Said once, in one line, where nothing is noted (DMP/CONF.06, 09)."""
        if self._w.record.patient != patient:
            return
        self._opposed = bool(consent.consultation.opposed)
        self._show_access()
        unrecorded = None in (consent.consultation.opposed, consent.feeding.opposed)
        if unrecorded and patient.ins.value not in self._reminded:
            self._reminded.add(patient.ins.value)
            self._w.banner.unrecorded.show()

    @Slot(object, object, bool)
    def _take_heard(self, whose: InsIdentity, subject: Subject, opposed: bool) -> None:
        """Another workstation noted it of the patient on screen: who objects to consultation closes the record before the eyes,
        but for who opened it in an emergency having been told."""
        record, was_opposed = self._w.record, self._opposed
        if record.patient is None or not same_person(record.patient.ins, whose):
            return
        self._w.banner.unrecorded.hide()
        if subject is not Subject.CONSULTATION or not opposed:
            self._ask_consent(record.patient)
            if subject is Subject.CONSULTATION and was_opposed:
                record.refresh()
        elif self._port.peek() is None:
            self._forget_facts(record.patient)
            self._reopen()
            self._w.notices.tell(Notice(fr.OPPOSED_ELSEWHERE, tone="warning", key=ACCESS_NOTICE))
            self._w.announcer.say(fr.OPPOSED_ELSEWHERE, urgent=True)
        if self._access_page is not None and self._w.body.currentWidget() is self._access_page:
            self.show_page()

    def _shown(self) -> None:
        patient = self._w.record.patient
        self._ask(lambda: self._port.patient_shown(patient), _nothing)

    def _bar(self, patient: Patient | None) -> None:
        if patient is not None and patient == self._w.record.patient:
            self._barred = True
            self._show_access()

    def _status_changed(self, status: DossierStatus) -> None:
        patient = self._w.record.patient
        if patient is not None and not status.readable:
            self._forget_facts(patient)
        elif patient is not None:
            self._w.drafts.ask_record_again(patient)
            self._w.composer.form.record_readable(patient)
        self._show_access()

    def _show_access(self) -> None:
        """The emergency is greyed out for who may not break the glass, and where nothing has to be broken; who signs in with a
        training card declares nothing, and nobody for a patient who objects."""
        banner, status = self._w.banner, self._w.record.status
        if status is None:
            return
        normal = status.mode is AccessMode.NORMAL
        absent = fr.NO_RECORD if not status.exists or status.closed else None
        needless = fr.ALREADY if status.readable and not (self._opposed and normal) else None
        why = self._port.break_glass_refusal() or absent or (fr.BARRED if self._barred else None) or needless
        for way in (banner.emergency, self.emergency_line):
            way.setEnabled(why is None)
            way.setToolTip(why or "")
        if self._opposed and normal and not absent:
            banner.dmp.show_state(*fr.OPPOSED_STATE)
            banner.authorise.hide()
            banner.emergency.show()
        trainee = self._w.session.state.role is Role.TRAINEE
        banner.bar_declaring(TRAINEE if trainee else "")

    def _session_changed(self, state: SessionState) -> None:
        """The frame goes with the session; what it stood for ends by itself."""
        shown = self._w.gate.open(state)
        if state.phase is not Phase.CHOOSING:
            self._regulating = None  # who was found was opened before this, or will not be
        why = self._port.regulation_refusal() if shown else None
        self.regulation_line.setEnabled(shown and why is None)
        self.regulation_line.setToolTip(why or "")
        self._show()

    # Special accesses

    @Slot()
    def look(self) -> None:
        """What is open may have begun, ended, or be over."""
        former, self.opened = self.opened, self._port.peek()
        if self.opened not in (None, former):
            self._opener = self._w.session.state.professional
        if former is not None and self.opened is None:
            self._ask(self._port.look, _nothing)
        if former != self.opened:
            secretly = self.opened is not None and self.opened.secret
            self._w.composer.who_sees.follow(self.opened.patient if self.opened and secretly else None)
            self._take_back(former)
        self._show()

    def _take_back(self, former: SpecialAccess | None) -> None:
        """Nothing read in another access stays before the eyes."""
        record = self._w.record
        concerned = [one.patient.ins for one in (former, self.opened) if one]
        if former is not None:
            asking.end_questions()
            self._forget_facts(former.patient)
            ended = Notice(fr.ENDED_WITH_SESSION.format(former.title), tone="warning")
            if self.opened is None and self._opener and not self._w.gate.open(self._w.session.state):
                self._w.conductor.act_news.tell(self._opener, ended)
        if record.patient is not None and any(same_person(record.patient.ins, ins) for ins in concerned):
            self._reopen()
            if former is not None and self.opened is None:
                self._w.notices.tell(Notice(fr.ENDED.format(former.title), tone="warning", key=ACCESS_NOTICE))
        if self.opened is not None:
            self._w.notices.clear(ACCESS_NOTICE)
            self._w.announcer.say(self.opened.title, urgent=True)
            self._shown()  # another record may have been opened while it began

    def _forget_facts(self, patient: Patient) -> None:
        """What a review took from a record leaves it with the access; what the doctor wrote stays."""
        composer = self._w.composer
        for draft in self._w.drafts.forget_facts(patient):
            if draft is composer.draft:
                composer.preview_button.setChecked(False)
                composer.form.show_draft(draft)

    def _show(self) -> None:
        shown = self.opened is not None and self._w.gate.open(self._w.session.state)
        self._w.framed.show_frame(shown)
        if self.opened is not None and shown:
            self.bar.show_access(self.opened.title, formats.time_left(self._port.seconds_left()))
        else:
            self.bar.hide()
        if self.opened is not None and not self._ticks.isActive():
            self._ticks.start()
        elif self.opened is None:
            self._ticks.stop()

    def end(self) -> None:
        self._ask(self._port.end, _nothing)

    # Regulation

    def open_found(self, found: FoundPerson) -> None:
        """By the way of who comes without a carte Vitale: only a patient qualified here opens. Then the record is opened in mode
        centre 15."""
        patient = self._w.record.patient
        self._w.pages.leave()
        if patient is not None and same_person(patient.ins, found.patient):
            self.questions.ask_regulation(patient)
            return
        self._regulating = found
        self._w.session.present(lambda: presented(found), self._presented)

    def _presented(self) -> None:
        if self._w.session.state.phase is not Phase.CHOOSING:
            self._regulating = None

    def _ask(
        self,
        call: Callable[[], object],
        done: Callable[..., None],
        refused: Callable[[DmpDesktopError], None] | None = None,
    ) -> None:
        """Off the window's thread; `refused` instead of telling it in a notice."""
        self._w.tasks.general.submit(call, done, refused or self._refuse)

    def _refuse(self, error: DmpDesktopError) -> None:
        if self._w.gate.open(self._w.session.state):
            self._w.notices.tell(of_error(error, key=ACCESS_NOTICE))


def _nothing(_answer: object) -> None:
    """There is nothing to show of it."""
