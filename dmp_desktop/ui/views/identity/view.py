"""The page Identité (INS): of the open patient, or of whoever is found, for who treats patients and for the front desk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QWidget

from dmp_desktop.domain.access import DossierStatus
from dmp_desktop.domain.cards import Beneficiary
from dmp_desktop.domain.consent import Channel, Consent, Subject
from dmp_desktop.domain.identity import DocumentKind, Doubt, Identity, StrictTraits
from dmp_desktop.domain.ins import InsStatus
from dmp_desktop.domain.ports import Clock
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.services.identity import CHANGED, Proposal
from dmp_desktop.ui import strings_identity_fr as fr
from dmp_desktop.ui import strings_opinions_fr as opinions_fr
from dmp_desktop.ui.identity_ports import IdentityPort
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.views.identity.answer import AnswerPanel
from dmp_desktop.ui.views.identity.desk import DeskActs, dmp_words
from dmp_desktop.ui.views.identity.opinions import OpinionsPanel
from dmp_desktop.ui.views.identity.person import PersonPanel
from dmp_desktop.ui.views.identity.search import SearchPanel
from dmp_desktop.ui.widgets.labels import PlainLabel
from dmp_desktop.ui.widgets.side_page import SidePage


class IdentityView(SidePage):
    """Nothing is taken without a click. `qualified` tells that a record may now be opened; `desk`, for the front desk, tells
    whether the DMP exists and notes what the patient says of it: it sees no record.
    """

    qualified = Signal(object)  # Identity

    def __init__(
        self,
        port: IdentityPort,
        pool: TaskRunner,
        clock: Clock,
        vitale_in: Callable[[], bool],
        parent: QWidget | None = None,
        *,
        desk: DeskActs | None = None,
    ) -> None:
        super().__init__(fr.TITLE, pool, parent)
        self._port, self._clock, self._vitale_in, self._desk = port, clock, vitale_in, desk
        self._identity: Identity | None = None
        self._proposal: Proposal | None = None
        self._held = False  # the keyboard was on the page when something was asked
        self.search, self.person, self.answer = SearchPanel(), PersonPanel(clock), AnswerPanel()
        self.open_record, self.other = QPushButton(fr.OPEN), QPushButton(fr.OTHER)
        self.open_record.setProperty("primary", True)
        self.ask_dmp, self.dmp = QPushButton(fr.DMP_ASK), PlainLabel(wrap=True)
        self.opinions = OpinionsPanel()
        self.trouble = PlainLabel(role="danger", wrap=True)
        acts = (self.open_record, self.ask_dmp, self.dmp, self.opinions)
        for part in (self.trouble, self.other, self.answer, self.person, *acts):
            self.rows.addWidget(part)
        self.rows.addWidget(self.search)
        self.rows.addStretch(1)
        self._connect()
        self.empty()

    def _connect(self) -> None:
        search, person, answer = self.search, self.person, self.answer
        search.card_chosen.connect(self.ask_vitale)
        search.chosen.connect(self.show_identity)
        search.born_asked.connect(
            lambda day, start: self._do(lambda: self._port.born_on(day, start), search.show_found)
        )
        search.number_asked.connect(lambda typed: self._do(lambda: self._port.with_matricule(typed), search.show_found))
        search.scanned.connect(lambda text: self._do(lambda: self._port.scanned(text), self.show_identity))
        search.created.connect(self._create)
        person.traits_asked.connect(self._ask_traits)
        person.vitale_asked.connect(self.ask_vitale)
        person.document_seen.connect(self._see)
        person.corrected.connect(self._correct)
        person.doubted.connect(self._doubt)
        person.cleared.connect(self._clear)
        answer.taken.connect(self._take)
        answer.taken_seen.connect(self._take_seen)
        self.open_record.clicked.connect(self._open)
        self.other.clicked.connect(lambda: self.show_for(None))
        self.ask_dmp.clicked.connect(self._ask_dmp)
        self.opinions.noted.connect(self._note)

    # What is shown

    def fill(self) -> None:
        patient = self.patient
        self.search.setVisible(patient is None)
        if patient is None:
            self.look_at_card()
            self.ask(self._port.to_review, self.search.show_review)
        else:
            self.ask(lambda: self._port.of_patient(patient), self.show_identity)

    def empty(self) -> None:
        self._identity = self._proposal = None
        self.form.setEnabled(True)  # what was under way for who was shown is of no matter any more
        self.search.clear()
        self.person.clear()
        self.answer.clear()
        self.dmp.clear()
        self.opinions.clear()
        self.trouble.hide()
        for part in (self.search, self.person, self.open_record, self.other, self.ask_dmp):
            part.hide()

    def unsaved(self) -> bool:
        """Traits that were typed and not kept."""
        forms = [form for form in (self.search.form, self.person.form) if form.isVisible()]
        return any(line.isModified() and line.text() for form in forms for line in form.findChildren(QLineEdit))

    def refresh(self) -> None:
        self.person.status.repaint_icon()
        self.opinions.repaint_icons()

    def look_at_card(self) -> None:
        """Another carte Vitale is in, or none."""
        if self._identity is None:
            self.search.show_card(self._card())

    def show_identity(self, identity: Identity) -> None:
        if self._identity != identity:
            self.dmp.clear()
            self.opinions.clear()
        self._identity = identity
        self.search.hide()
        self.trouble.hide()
        privileged = self._port.may_correct()
        self.person.show_identity(identity, self.patient, self._card(), privileged=privileged)
        self.person.show()
        qualified = identity.status is InsStatus.QUALIFIEE and self.patient is None
        self.open_record.setVisible(qualified and self._desk is None)
        self.ask_dmp.setVisible(qualified and self._desk is not None)
        if qualified:
            self._ask_opinions(identity)
        self.other.setVisible(self.patient is None)

    def start_with(self, person: Beneficiary | None) -> None:
        """Somebody was presented who is nobody's here: by the card INSi is asked at once, which takes nothing; a code or
        the appli carte Vitale only fills in."""
        self.show_for(None)
        if person is not None and person in self._card():
            self.ask_vitale(person)
        elif person is not None:
            self._do(lambda: self._port.presented(person), lambda told: self._show_presented(person, told))

    def _show_presented(self, person: Beneficiary, told: Identity | None) -> None:
        if told is None:
            self.search.prefill(person)
        else:
            self.show_identity(told)
            self.said.setText(fr.FROM_CODE)

    # INSi

    def ask_vitale(self, person: Beneficiary) -> None:
        self._do(lambda: self._port.ask_by_vitale(person), self._answered)
        self._wait()

    def _ask_traits(self) -> None:
        identity = self._identity
        if identity is not None:
            self._do(lambda: self._port.ask(identity), self._answered)
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
        other = shown is not None and told is not None and not _may_be(shown, proposal)
        self._proposal = None if other else proposal
        if told is not None and not other:
            if told != shown:
                self.show_identity(told)
            self.person.setVisible(shown is not None or told.matricule is not None)
        self.other.setVisible(self.patient is None)
        today = self._clock.now().astimezone().date()
        self.answer.show_proposal(proposal, today, of_patient=self.patient is not None, other=other)
        if self.answer.offers:
            self.person.give_way()
        self._keep_keyboard()
        if proposal.divergences:
            self.open_record.hide()  # who INSi names may not be who is there

    def _take(self) -> None:
        proposal = self._proposal
        if proposal is not None:
            self._change(lambda: self._port.accept(proposal), fr.TAKEN)

    def _take_seen(self, kind: DocumentKind) -> None:
        proposal = self._proposal
        if proposal is not None:
            self._change(lambda: self._port.take_with_document(proposal, kind), fr.TAKEN)

    # Acts

    def _see(self, kind: DocumentKind) -> None:
        identity = self._identity
        if identity is not None:
            self._change(lambda: self._port.see_document(identity, kind), fr.SEEN_DONE)

    def _correct(self, traits: StrictTraits) -> None:
        identity = self._identity
        if identity is not None:
            self._change(lambda: self._port.correct(identity, traits), fr.CORRECT_DONE)

    def _doubt(self, doubt: Doubt) -> None:
        identity = self._identity
        if identity is not None:
            self._change(lambda: self._port.doubt(identity, doubt), fr.DOUBT_DONE)

    def _clear(self) -> None:
        identity = self._identity
        if identity is not None:
            self._change(lambda: self._port.clear(identity), fr.CLEAR_DONE)

    def _create(self, traits: StrictTraits) -> None:
        self._do(lambda: self._port.homonyms(traits), partial(self._meant, traits))

    def _meant(self, traits: StrictTraits, people: Sequence[Identity]) -> None:
        """One of those who have the same name, sex and day, or somebody new: who is there tells."""
        if not people:
            self.show_identity(Identity(traits))
        elif len(people) == 1 and people[0].traits.exactly(traits):
            self.show_identity(people[0])
        else:
            self.search.show_homonyms(people, traits)

    def _open(self) -> None:
        if self._identity is not None:
            self.qualified.emit(self._identity)

    def _ask_dmp(self) -> None:
        identity, desk = self._identity, self._desk
        if identity is None or desk is None:
            return

        def ask() -> DossierStatus | None:
            patient = self._port.patient(identity)
            return desk.status(patient) if patient else None

        self._do(ask, lambda told: self.dmp.setText(dmp_words(told) if told else ""))

    def _ask_opinions(self, identity: Identity) -> None:
        desk = self._desk
        if desk is None or desk.access is None:
            return
        access = desk.access

        def ask() -> Consent | None:
            patient = self._port.patient(identity)
            return access.consent(patient) if patient else None

        self.ask(ask, lambda told: self._show_opinions(identity, told), self._refused)

    def _show_opinions(self, identity: Identity, consent: Consent | None) -> None:
        if consent is not None and identity == self._identity:
            self.opinions.show_consent(consent)

    def _note(self, subject: Subject, opposed: bool, channel: Channel) -> None:
        identity, desk = self._identity, self._desk
        if identity is None or desk is None or desk.access is None:
            return
        access = desk.access

        def note() -> Consent | None:
            patient = self._port.patient(identity)
            if patient is None:
                return None
            access.record(patient, subject, opposed=opposed, channel=channel)
            return access.consent(patient)

        def noted(consent: Consent | None) -> None:
            self.form.setEnabled(True)
            self._show_opinions(identity, consent)
            self.said.setText(opinions_fr.NOTED if consent else "")
            self._keep_keyboard()

        self._do(note, noted)
        self.form.setEnabled(False)

    def _change(self, act: Callable[[], Identity], words: str) -> None:
        """One at a time: what is shown cannot be touched until it is known how it ended."""

        def changed(identity: Identity) -> None:
            self.form.setEnabled(True)
            self._proposal = None
            self.answer.clear()
            self.show_identity(identity)
            self.said.setText(words)
            self._keep_keyboard()
            if identity.status is InsStatus.QUALIFIEE and self.patient is None and self._desk is None:
                self.said.setText(fr.OPENING)
                self.qualified.emit(identity)

        self._do(act, changed)
        self.form.setEnabled(False)

    def _keep_keyboard(self) -> None:
        """The button that was pressed is gone or was greyed out: the keyboard stays on the page, on what changes nothing."""
        if self._held and not self._holds_keyboard():
            (self.other if self.other.isVisible() else self.back).setFocus()

    def _holds_keyboard(self) -> bool:
        holder = QApplication.focusWidget()
        return holder is not None and self.isAncestorOf(holder)

    def _do(self, act: Callable[[], object], done: Callable[..., None]) -> None:
        """To be called before what was pressed is hidden or greyed out."""
        self._held = self._holds_keyboard()
        self.said.clear()
        self.trouble.hide()
        self.ask(act, done, self._refused)

    def _refused(self, error: DmpDesktopError) -> None:
        """Beside what was asked: the front desk's notices are not far, but above another page."""
        self.form.setEnabled(True)
        self.answer.clear()
        self._keep_keyboard()
        identity = self._identity
        if identity is None:
            self.search.setVisible(self.patient is None)
        elif error.code == CHANGED:
            self.ask(lambda: self._port.now(identity), partial(self._show_changed, error))
        self._say(error)

    def _show_changed(self, error: DmpDesktopError, identity: Identity) -> None:
        self.show_identity(identity)
        self._say(error)

    def _say(self, error: DmpDesktopError) -> None:
        self.trouble.setText(f"{error.message_fr} {error.remedy_fr} (code {error.code})".strip())
        self.trouble.show()

    def _card(self) -> tuple[Beneficiary, ...]:
        return self._port.card() if self._vitale_in() else ()


def _may_be(shown: Identity, proposal: Proposal) -> bool:
    """Whether an answer is about the person shown: the same one, or all their traits, or their number."""
    told, active = proposal.identity, proposal.answer.active
    if told is None or (shown.person and told.person == shown.person):
        return True
    if active is not None and shown.matricule is not None and active.value == shown.matricule.value:
        return True
    return not (shown.person and told.person) and told.traits.exactly(shown.traits)
