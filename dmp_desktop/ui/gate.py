"""Who may see what: the page of the window that stands for each phase of the session, and what leads from one to the next."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from dmp_desktop.domain import roles
from dmp_desktop.domain.people import Patient, Professional, Role
from dmp_desktop.domain.roles import Task
from dmp_desktop.platform.settings import Settings
from dmp_desktop.services import session_notices as notices
from dmp_desktop.services.session_state import SIGNED_IN, Phase, SessionState
from dmp_desktop.ui import asking, clipboard
from dmp_desktop.ui import strings_card_fr as fr
from dmp_desktop.ui.administrator import AdministratorFlow
from dmp_desktop.ui.idle import IdleWatch
from dmp_desktop.ui.ports import Services
from dmp_desktop.ui.psc import PscController
from dmp_desktop.ui.rereading import Rereading
from dmp_desktop.ui.widgets.centred import CentredScreen
from dmp_desktop.ui.widgets.notice_bar import Notice
from dmp_desktop.ui.widgets.psc_panel import PscPanel

if TYPE_CHECKING:
    from dmp_desktop.ui.main_window import MainWindow

PLACE_NOTICE, BEHIND_NOTICE = "place", "behind"


class Gate(QObject):
    """`show` puts the page of a session's state before the eyes; `open` tells whether it is the one with records."""

    def __init__(self, window: MainWindow, services: Services) -> None:
        super().__init__(window)
        self._w, self._services = window, services
        self.idle = IdleWatch(self)
        self._psc: PscController | None = None
        self._whose: tuple[Professional | None, Patient | None] = (None, None)
        self._phase = Phase.MASKED
        self._by_psc = False  # who is there, or has locked, came by Pro Santé Connect
        self._leave_other: Callable[[], None] | None = None
        self._connect()
        self._technical: AdministratorFlow | None = None
        if services.administrators is not None:
            self._technical = AdministratorFlow(window, services, services.administrators)
        if services.psc is not None and services.psc.available:
            self._offer_psc()

    @staticmethod
    def open(state: SessionState) -> bool:
        """Whether records and notes may be on screen: somebody is signed in who treats patients."""
        return state.phase in SIGNED_IN and state.professional is not None and Gate._reads(state)

    @staticmethod
    def _reads(state: SessionState) -> bool:
        return state.role is not None and roles.may(state.role, Task.READ_RECORDS)

    def show(self, state: SessionState) -> None:
        """Covers before anything else is done: the pixels are on screen when this returns."""
        page = self._page(state)
        covering = page is not self._w.content
        if state.phase is not Phase.LOCKED:
            self._by_psc = state.without_card and state.role is not Role.ADMINISTRATOR
        former, self._whose = self._whose, (state.professional, state.patient)
        ended = former[0] is not None and former != self._whose  # a question of nobody's session outlives a card
        if ended:
            asking.end_questions()
            self._close_what_floats()
        if covering:
            self._fill(state)
        self._w.stack.setCurrentWidget(page)
        if covering:
            self._w.notices.cover()
            self._w.repaint()
        if former[0] not in (None, state.professional):
            clipboard.forget()
        self._tidy(state)
        phase, self._phase = self._phase, state.phase
        if phase is not state.phase:
            self._tell_behind(state)

    def give_way(self, leave: Callable[[], None]) -> None:
        """Another page (the diagnosis) is shown in the place of all of these, until `leave`.

        A card put in meanwhile does not take it away from whoever reads it: a line says what waits behind it. One that is there
        already is left.
        """
        if self._leave_other is not None:
            self._leave_other()
        self._leave_other = leave

    def take_back(self) -> None:
        """It was left."""
        self._leave_other = None
        self._w.notices.clear(BEHIND_NOTICE)
        self.lead()

    def lock(self) -> None:
        self._w.session.lock()

    def start(self) -> None:
        """From now on an unused window locks itself; the delay is asked off the window's thread."""
        self.idle.follow(self._w.windowHandle())
        self.read_settings()

    def read_settings(self) -> None:
        load = self._services.settings.load
        self._w.tasks.general.submit(load, self._take_settings, self._w.session.failed.emit)

    def _take_settings(self, settings: Settings) -> None:
        self.idle.set_delay(60 * settings.lock_minutes)

    def _connect(self) -> None:
        w = self._w
        w.pin.submitted.connect(w.session.give_pin)
        w.pin.said.connect(lambda words: w.announcer.say(words, urgent=True))
        w.pin.again_asked.connect(w.session.read_again)
        w.masked.retry_asked.connect(self._read_again)
        Rereading(w.session)
        w.session.entered.connect(w.pin.show_answered)
        w.session.entered.connect(w.places.show_answered)
        w.places.chosen.connect(w.session.practise)
        w.locked.resume_asked.connect(w.session.unlock)
        w.strip.lock_asked.connect(self.lock)
        w.strip.place_asked.connect(lambda: w.session.change_activity(self._say_one_place))
        w.strip.sign_out_asked.connect(w.session.sign_out)
        w.pin.since_key = w.places.settling.since_key = w.picker.settling.since_key = self.idle.since_key
        w.closed.connect(clipboard.forget)
        self.idle.idle.connect(self.lock)
        self.idle.idle.connect(w.pin.field.wipe)
        self.idle.window_changed.connect(self.lead)

    def _read_again(self) -> None:
        retry = self._w.masked.retry
        retry.setEnabled(False)
        self._w.session.read_again(lambda: retry.setEnabled(True))

    def lead(self) -> None:
        """The doctor is in this window: what they type is for the page that covers, or for the question above the record."""
        w = self._w
        page = w.stack.currentWidget()
        if isinstance(page, CentredScreen):
            page.lead()
        elif w.body.currentWidget() is w.page:  # never over a note
            w.picker.lead()

    def _page(self, state: SessionState) -> QWidget:
        w = self._w
        if state.phase is Phase.PIN and state.pin:
            return w.pin
        if state.phase is Phase.ACTIVITY:
            return w.places
        if state.phase is Phase.LOCKED:
            return w.locked
        if state.phase not in SIGNED_IN:
            return w.masked
        if self.open(state):
            return w.content
        return self._technical.page() if self._technical and state.role is Role.ADMINISTRATOR else w.desk

    def _fill(self, state: SessionState) -> None:
        """The words of the page that covers, before it is seen."""
        w = self._w
        for page in (w.masked, w.pin, w.places, w.locked, w.desk):
            page.show_notice(state.notice)
        in_a_reader = state.cps_present or state.unread or state.notice == notices.MUTE
        awaited = state.service_up and not in_a_reader
        w.masked.show_card(awaited=awaited, again=state.may_read_again)
        w.masked.offer_diagnostic(notices.of_a_fault(state.notice, state.doubt))
        w.locked.show_card(card_in=state.cps_present)
        if state.pin:
            w.pin.show_asked(state.pin)
        if state.phase is Phase.ACTIVITY:
            w.places.ask(state.activities, state.suggested)

    def _tidy(self, state: SessionState) -> None:
        if state.pin is None:
            self._w.pin.clear()
        if state.phase is not Phase.ACTIVITY:
            self._w.places.clear()
        if self._psc and state.phase is not Phase.MASKED:
            self._psc.cancel()

    @staticmethod
    def _close_what_floats() -> None:
        """Menus, lists that dropped down and tool tips are windows of their own, above the one that is covered."""
        QToolTip.hideText()
        while (popup := QApplication.activePopupWidget()) is not None and popup.close():
            pass

    def _tell_behind(self, state: SessionState) -> None:
        if self._leave_other is None:
            return
        refused = state.pin is not None and state.pin.refused
        words = fr.BEHIND_REFUSED if refused else fr.BEHIND.get(state.phase)
        if words is None:
            self._w.notices.clear(BEHIND_NOTICE)
            return
        self._w.notices.tell(Notice(words[0], button=words[1], act=self._leave_other, key=BEHIND_NOTICE))
        self._w.announcer.say(words[0], urgent=True)

    def _say_one_place(self) -> None:
        self._w.notices.tell(Notice(fr.ONE_PLACE, key=PLACE_NOTICE))

    def _offer_psc(self) -> None:
        w, port = self._w, self._services.psc
        if port is None:
            return
        panel = PscPanel()
        psc = self._psc = PscController(port, w.session, w.tasks.general, self)
        w.masked.put(panel)
        w.masked.offer_without_card()
        w.locked.resume_asked.connect(lambda: panel.open.click() if self._by_psc else None)
        panel.suggest(port.suggested)
        panel.phone_asked.connect(psc.phone)
        panel.browser_asked.connect(psc.browser)
        panel.cancel_asked.connect(psc.cancel)
        panel.said.connect(w.announcer.say)
        panel.unfolded.connect(w.masked.give_way)
        psc.asked.connect(panel.show_waiting)
        psc.progressed.connect(panel.show_progress)
        psc.agreed.connect(lambda: panel.show_waiting(fr.PSC_OPENING))
        psc.failed.connect(panel.show_error)
        psc.ended.connect(panel.rest)
        psc.ended.connect(lambda: panel.suggest(port.suggested))
        w.closed.connect(psc.cancel)
