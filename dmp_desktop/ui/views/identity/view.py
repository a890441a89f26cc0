"""The page Identité (INS): of the open patient, or of whoever is found, for who treats patients and for the front desk."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from dmp_desktop.domain.cards import Beneficiary
from dmp_desktop.domain.identity import Doubt, Identity, StrictTraits
from dmp_desktop.domain.ins import InsStatus
from dmp_desktop.domain.people import Professional
from dmp_desktop.domain.ports import Clock
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.services.identity import CHANGED
from dmp_desktop.services.identity_proposal import Proposal
from dmp_desktop.ui import strings_identity_fr as fr
from dmp_desktop.ui.identity_ports import IdentityPort
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.views.identity.accesses import AccessesPanel
from dmp_desktop.ui.views.identity.answer import AnswerPanel, may_be
from dmp_desktop.ui.views.identity.desk import DeskActs, DeskPanel
from dmp_desktop.ui.views.identity.finding import FindingPage
from dmp_desktop.ui.views.identity.person import PersonPanel
from dmp_desktop.ui.views.identity.unsaved import Unsaved, same


class IdentityView(FindingPage):
    """Nothing is taken without a click. `qualified` tells that a record may now be opened; `desk` is for the front desk."""

    qualified = Signal(object)  # Identity

    def __init__(
        self,
        port: IdentityPort,
        pool: TaskRunner,
        clock: Clock,
        vitale_in: Callable[[], bool],
        who: Callable[[], Professional | None],
        parent: QWidget | None = None,
        *,
        desk: DeskActs | None = None,
    ) -> None:
        super().__init__(port, pool, vitale_in, who, parent)
        self._clock, self._at_desk = clock, desk is not None
        self._proposal: Proposal | None = None
        self.person, self.answer = PersonPanel(clock), AnswerPanel()
        self._unsaved = Unsaved(self.search.form, self.person.form)
        self.person.offered = self.answer.offered = port.documents()
        self.person.insi_refusal = port.insi_refusal
        self.open_record = QPushButton(fr.OPEN)
        self.open_record.setProperty("primary", True)
        self.desk = DeskPanel(self, port, desk)
        self.accesses = AccessesPanel(self, port)
        acts = (self.open_record, self.desk, self.accesses, self.search)
        for part in (self.trouble, self.other, self.answer, self.person, *acts):
            self.rows.addWidget(part)
        self.rows.addStretch(1)
        self._connect()
        self.empty()

    def _connect(self) -> None:
        person, answer = self.person, self.answer
        person.traits_asked.connect(self._ask_traits)
        person.vitale_asked.connect(self.ask_vitale)
        person.document_seen.connect(self._see)
        person.corrected.connect(self._correct)
        person.doubted.connect(self._doubt)
        person.cleared.connect(self._clear)
        answer.taken.connect(lambda: self._take())
        answer.taken_seen.connect(self._take)
        self.open_record.clicked.connect(self._open)

    # What is shown

    def fill(self) -> None:
        patient = self.patient
        self.search.setVisible(patient is None)
        if patient is None:
            self.look_at_card()
            self._ask_review()
            if typed := self._unsaved.new:
                self.search.retype(typed)
                self.said.setText(fr.TYPED_KEPT)
        else:
            self.ask(lambda: self._port.of_patient(patient), self.show_identity)

    def empty(self) -> None:
        self._unsaved.keep(self._identity)
        self._identity = self._proposal = None
        self.search.clear()
        self.person.clear()
        self.answer.clear()
        self.desk.clear()
        self.accesses.clear()
        self.trouble.hide()
        for part in (self.search, self.person, self.open_record, self.other):
            part.hide()

    def forget(self) -> None:
        self._unsaved.forget()

    def step_back(self) -> bool:
        return self.person.step_back()

    def refresh(self) -> None:
        self.person.status.repaint_icon()
        self.desk.repaint_icons()

    def show_identity(self, identity: Identity) -> None:
        self._unsaved.keep(self._identity)
        again = same(self._identity, identity)
        self._identity = identity
        self.search.hide()
        self.trouble.hide()
        privileged = self._port.may_correct()
        self.person.show_identity(identity, self.patient, self._card(), privileged=privileged)
        self.person.show()
        self.accesses.offer(identity)
        qualified = identity.status is InsStatus.QUALIFIEE and self.patient is None
        self.open_record.setText(fr.OPEN)
        self.open_record.setVisible(qualified and not self._at_desk)
        if qualified:
            self.desk.show_identity(identity)
        else:
            self.desk.clear()
        self.other.setVisible(self.patient is None)
        if typed := self._unsaved.of(identity):
            self.person.retype(typed)
            self.said.setText(self.said.text() if again else fr.TYPED_KEPT)

    # INSi

    def ask_vitale(self, person: Beneficiary) -> None:
        self.question(lambda: self._port.ask_by_vitale(person), self._answered)
        self._wait()

    def _ask_traits(self) -> None:
        identity = self._identity
        if identity is not None:
            ask = partial(self._port.ask, identity)
            self.do(fr.ASK_TRAITS, identity, ask, self._answered, late=partial(_lost, identity))
            self._wait()

    def _wait(self) -> None:
        """What is shown cannot be touched meanwhile: INSi answers on what it was asked."""
        self.form.setEnabled(False)
        self._proposal = None
        self.answer.show_asking()
        self.search.hide()

    def _answered(self, proposal: Proposal) -> None:
        self.form.setEnabled(True)
        shown, told = self._identity, proposal.identity
        other = shown is not None and told is not None and not may_be(shown, proposal)
        self._proposal = None if other else proposal
        if told is not None and not other:
            if told != shown:
                self.show_identity(told)
            self.person.setVisible(shown is not None or told.matricule is not None or bool(told.person))
        self.other.setVisible(self.patient is None)
        today = self._clock.now().astimezone().date()
        self.answer.show_proposal(proposal, today, of_patient=self.patient is not None, other=other)
        if self.answer.offers:
            self.person.give_way()
        self.keep_keyboard()
        if proposal.divergences:  # who INSi names may not be who is there
            self.open_record.setVisible(self.open_record.isVisible() and proposal.nothing_new)
            who = proposal.traits
            self.open_record.setText(fr.OPEN_NAMED.format(who.birth_family, who.first_given) if who else fr.OPEN)

    def _take(self, document: str = "") -> None:
        """`document`: the code of the one that was seen with it."""
        proposal = self._proposal
        if proposal is not None:

            def act(_identity: Identity) -> Identity:
                return self._port.take_with_document(proposal, document) if document else self._port.accept(proposal)

            self._change(fr.TAKE, act, fr.TAKEN, opens=proposal.as_on_card)

    # Acts

    def _see(self, code: str) -> None:
        self._change(fr.SEE, lambda identity: self._port.see_document(identity, code), fr.SEEN_DONE)

    def _correct(self, traits: StrictTraits) -> None:
        correct = lambda identity: self._port.correct(identity, traits)  # noqa: E731  (one call, one line)
        self._change(fr.CORRECT.rstrip("…"), correct, fr.CORRECT_DONE, corrects=True)

    def _doubt(self, doubt: Doubt) -> None:
        self._change(fr.DOUBT_ASK[doubt], lambda identity: self._port.doubt(identity, doubt), fr.DOUBT_DONE)

    def _clear(self) -> None:
        self._change(fr.CLEAR, self._port.clear, fr.CLEAR_DONE)

    def _open(self) -> None:
        if self._identity is not None:
            self.qualified.emit(self._identity)

    def _change(
        self, words: str, act: Callable[[Identity], Identity], done: str, *, opens: bool = True, corrects: bool = False
    ) -> None:
        """`opens`: the record of who is qualified thereby; else another click is asked for."""
        identity = self._identity
        if identity is None:
            return

        def follow(_now: Identity) -> None:
            self._unsaved.drop(identity, self._identity, corrected=corrects, created=self._created)

        self.do(words, identity, lambda: act(identity), partial(self._changed, done, opens), follow=follow)

    def _changed(self, words: str, opens: bool, identity: Identity) -> None:
        self._proposal = None
        self.answer.clear()
        self.show_identity(identity)
        self.said.setText(words)
        self.keep_keyboard()
        if opens and identity.status is InsStatus.QUALIFIEE and self.patient is None and not self._at_desk:
            self.said.setText(fr.OPENING)
            self.qualified.emit(identity)

    def refused(self, error: DmpDesktopError) -> None:
        self.answer.clear()
        super().refused(error)
        identity = self._identity
        if identity is None:
            self.search.setVisible(self.patient is None)
        elif error.code == CHANGED:
            self.ask(self._as_now(identity), partial(self._show_changed, error))

    def _as_now(self, identity: Identity) -> Callable[[], Identity]:
        patient = self.patient
        return (lambda: self._port.of_patient(patient)) if patient else (lambda: self._port.now(identity))

    def _show_changed(self, error: DmpDesktopError, identity: Identity) -> None:
        self.show_identity(identity)
        self.say(error)

    def catch_up(self) -> None:
        """Nothing that is typed or asked meanwhile is taken away for that: it is refused if it came too late."""
        shown, patient = self._identity, self.patient
        if not self.isVisible() or not self.form.isEnabled() or self._unsaved.visible:
            return
        if shown is None and patient is None:
            self._ask_review()
        elif shown is not None:
            self.ask(self._as_now(shown), partial(self._show_again, shown))

    def _show_again(self, former: Identity, now: Identity) -> None:
        if self._identity != former:
            return
        if now != former:
            self._proposal = None
            self.answer.clear()
            self.show_identity(now)
        else:
            self.desk.ask_opinions()


def _lost(identity: Identity, proposal: Proposal) -> str:
    """What is told of a number that INSi no longer knows (rule 49), by whoever asked and left."""
    now = proposal.identity
    return fr.LATE_LOST if identity.matricule and now is not None and now.matricule is None else ""
