"""The pages of identities in the window: from an unknown carte Vitale to an open record, from a lost number to a closed one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from dmp_desktop.domain.cards import Beneficiary
from dmp_desktop.domain.identity import Identity
from dmp_desktop.domain.people import Patient
from dmp_desktop.domain.ports import Clock
from dmp_desktop.services.presented import DISCORDANT, INCOMPLETE_DATE, NOT_HERE, NOT_QUALIFIED, as_read
from dmp_desktop.services.session_state import Phase, SessionState
from dmp_desktop.ui import strings_identity_fr as fr
from dmp_desktop.ui.access_ports import AccessPort
from dmp_desktop.ui.conductor import SESSION_NOTICE
from dmp_desktop.ui.dossier_ports import DossierPort
from dmp_desktop.ui.identity_ports import IdentityPort
from dmp_desktop.ui.views.identity.acting import Late
from dmp_desktop.ui.views.identity.desk import DeskActs
from dmp_desktop.ui.views.identity.desk_flow import DeskFlow
from dmp_desktop.ui.views.identity.view import IdentityView
from dmp_desktop.ui.widgets.notice_bar import Notice

if TYPE_CHECKING:
    from dmp_desktop.ui.main_window import MainWindow

CLOSED_NOTICE = "identity"


class IdentityFlow(QObject):
    """Makes the pages of who treats patients and follows the session. What is no longer qualified does not stay open, whatever
    page is in front; nothing is taken here."""

    acted = Signal(object)  # Identity, from whatever thread

    def __init__(self, window: MainWindow, port: IdentityPort, clock: Clock) -> None:
        super().__init__(window)
        self._w, self._port, self._clock = window, port, clock
        self._all: IdentityView | None = None
        self._lost: Patient | None = None  # whose record is being closed
        window.session.changed.connect(self._follow)
        window.page.outbox.can_check = True
        window.page.outbox.check_asked.connect(self._check_patient)
        self.acted.connect(self._look_at_patient, Qt.ConnectionType.QueuedConnection)
        port.follow(self.acted.emit)

    def page(self, *, of_patient: bool) -> IdentityView:
        session, tasks = self._w.session, self._w.tasks
        vitale_in, who = (lambda: session.state.vitale_present), (lambda: session.state.professional)
        view = IdentityView(self._port, tasks.general, self._clock, vitale_in, who, self._w.body)
        view.qualified.connect(self._open)
        view.late.connect(self._tell_late)
        if not of_patient:
            self._all = view
        return view

    def _follow(self, state: SessionState) -> None:
        if state.patient is None:
            self._lost = None
        elif state.patient != self._lost:
            self._w.notices.clear(CLOSED_NOTICE)  # of another record, or of this one, open again
        if self._all is not None and self._all.isVisible():
            self._all.look_at_card()
        if self._w.gate.open(state) and state.notice in (NOT_QUALIFIED, INCOMPLETE_DATE):
            self._offer(state.notice, self._port.unknown())
        elif self._w.gate.open(state) and state.notice.startswith((NOT_HERE, DISCORDANT)):
            self._offer(state.notice, None)  # what the DMP tells of somebody is no identity to begin with

    def _offer(self, words: str, person: Beneficiary | None) -> None:
        act = partial(self._check, person)
        self._w.notices.tell(Notice(words, tone="warning", button=fr.CHECK_IDENTITY, act=act, key=SESSION_NOTICE))

    def _check(self, person: Beneficiary | None) -> None:
        self._w.pages.open(fr.ASK_ALL, lambda: self.page(of_patient=False))
        if self._all is not None:
            self._all.start_with(person)

    def _go_on(self, identity: Identity) -> None:
        """With whoever's record was closed."""
        self._check(None)
        if self._all is not None:
            self._all.show_identity(identity)

    def _check_patient(self, patient: Patient) -> None:
        """Of a document that is not for the open record, maybe."""
        self._find(lambda: self._port.of_patient(patient))

    def _find(self, call: Callable[[], Identity]) -> None:
        """Shown to who asked, unless they left the screen meanwhile."""
        session, asked = self._w.session, self._w.session.state.professional

        def show(identity: Identity) -> None:
            if self._w.gate.open(session.state) and session.state.professional == asked:
                self._go_on(identity)

        self._w.tasks.general.submit(call, show, session.failed.emit)

    def _tell_late(self, late: Late) -> None:
        """The page was left: whoever is on screen by now, nobody is named before who asked wants to see it."""
        shown = self._w.notices.notice
        closed = late.error is None and shown is not None and shown.key == CLOSED_NOTICE  # which says it all
        if late.who is not None and not closed:
            tone, code = ("danger", late.error.code) if late.error else ("warning", "")
            again = partial(self._show_again, late.identity)
            notice = Notice(late.text, late.remedy, tone, code, fr.CHECK_IDENTITY, again)
            self._w.conductor.act_news.tell(late.who, notice)

    def _show_again(self, identity: Identity) -> None:
        """On the page of the open patient where it is theirs: it knows what the practice software says of them."""
        patient, number = self._w.record.patient, identity.matricule
        if patient is not None and number is not None and number.value == patient.ins.value:
            self._w.pages.open(fr.ASK, lambda: self.page(of_patient=True), of_patient=True)
        else:
            self._find(lambda: self._port.now(identity))

    def _open(self, identity: Identity) -> None:
        """Like somebody who presents themselves: over another open record, the usual question is asked."""
        self._w.session.present(lambda: self._port.find(identity), self._w.pages.leave)

    def _look_at_patient(self, identity: Identity) -> None:
        """The record of who is no longer qualified is closed (rules 25, 27, 49), that of who has other traits opened again."""
        patient = self._w.session.state.patient
        if patient is not None:
            self._w.tasks.general.submit(
                lambda: self._port.still(patient), partial(self._settle, patient, identity), self._w.session.failed.emit
            )

    def _settle(self, patient: Patient, identity: Identity, now: Patient | None) -> None:
        session = self._w.session
        if session.state.patient != patient or now == patient:
            return
        session.close_patient()
        if now is None:
            self._lost = patient
            again = partial(self._go_on, identity)
            told = Notice(fr.CLOSED, tone="danger", button=fr.CHECK_IDENTITY, act=again, key=CLOSED_NOTICE)
            self._w.notices.tell(told)
        elif session.state.phase is not Phase.CHOOSING:  # of the people before the eyes, one is chosen first
            session.present(lambda: (as_read(now),), lambda: None)


def offer_identity(
    window: MainWindow, port: IdentityPort, dossier: DossierPort, access: AccessPort | None, clock: Clock
) -> DeskFlow:
    """Both entries of the menu, the front desk, the way from an unknown card. What stands at the front desk."""
    flow = IdentityFlow(window, port, clock)
    desk = DeskFlow(window, port, DeskActs(dossier.status, access), clock)
    window.pages.offer(fr.ASK, lambda: flow.page(of_patient=True), of_patient=True)
    window.pages.offer(fr.ASK_ALL, lambda: flow.page(of_patient=False), of_patient=False)
    return desk
