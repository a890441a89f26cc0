"""The page Accès au dossier: what the patient said, by what right the record is open, and what else opens it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from dmp_desktop.domain.access import Administrative, Authorization, DossierStatus
from dmp_desktop.domain.consent import Subject
from dmp_desktop.domain.people import Patient, Professional
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.services.access import CONFIRM_ATTENDING, CONFIRM_NO_LONGER_ATTENDING, CONFIRM_WITHDRAW
from dmp_desktop.services.special_words import CONFIRM_HIDDEN_FROM_PARENTS
from dmp_desktop.ui import strings_access_fr as fr
from dmp_desktop.ui import strings_fr
from dmp_desktop.ui.access_ports import AccessPort
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.views.access.parts import Act, Block, Opinion, Question
from dmp_desktop.ui.views.access.words import advice, line, told_words
from dmp_desktop.ui.widgets.identity_banner import dmp_state
from dmp_desktop.ui.widgets.labels import IconLabel, PlainLabel
from dmp_desktop.ui.widgets.side_page import SidePage

if TYPE_CHECKING:
    from dmp_desktop.services.access_acts import AccessOverview


class AccessView(SidePage):
    """`status` gives what the DMP said last of the open record, `who` who is before the screen. `changed` tells of whom how the
    record may be opened has changed: with True, nothing that is shown of it may stay. `act_failed` tells who asked, of whom,
    which act and why; both whatever is shown by then. `barred`: the DMP says that the patient opposes an emergency. One act of a
    patient at a time."""

    authorise_asked = Signal()
    emergency_asked = Signal()
    changed = Signal(object, bool)  # Patient
    act_failed = Signal(object, object, str, object)  # Professional, Patient, words, DmpDesktopError
    barred = Signal(object)  # Patient

    def __init__(
        self,
        port: AccessPort,
        status: Callable[[], DossierStatus | None],
        who: Callable[[], Professional | None],
        pool: TaskRunner,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(fr.PAGE, pool, parent)
        self._port = port
        self._status, self._who = status, who
        self._overview: AccessOverview | None = None
        self._acting: set[Patient] = set()  # for whom something is on its way
        self._asked_dmp = self._declaring = False
        self._opposes_emergency = False
        self._noted: Subject | None = None  # what was answered a moment ago
        self.question = Question()
        self.opinions = {subject: Opinion(subject, self._record) for subject in Subject}
        self.authorisation, self.attending = IconLabel(), IconLabel()
        self.authorise = Act(fr.AUTHORISE, self.authorise_asked.emit)
        self.withdraw = Act(fr.WITHDRAW, self._ask_withdraw)
        self.declare = Act(fr.DECLARE, lambda: self._ask_attending(attending=True))
        self.no_longer = Act(fr.END_ATTENDING, lambda: self._ask_attending(attending=False))
        self.emergency = Act(fr.EMERGENCY, self.emergency_asked.emit)
        self.discreetly = Act(fr.DISCREETLY, self._ask_discreetly)
        self.guidance, self.told = PlainLabel(wrap=True), PlainLabel(wrap=True)
        self.history = PlainLabel(wrap=True)
        self.advice = Block(fr.GUIDANCE)
        self._lay_out()

    def _lay_out(self) -> None:
        self.column.insertWidget(self.column.indexOf(self.said) + 1, self.question)
        opinion = Block(fr.OPINION)
        opinion.add(PlainLabel(fr.OPINION_HINT, role="muted", wrap=True), *self.opinions.values())
        authorisation = Block(fr.AUTHORISATION)
        authorisation.add(self.authorisation, self.authorise, self.withdraw)
        attending = Block(fr.ATTENDING)
        attending.add(self.attending, self.declare, self.no_longer)
        special = Block(fr.SPECIAL)
        special.add(self.emergency, self.discreetly)
        told = Block(fr.TOLD)
        told.add(self.told)
        history = Block(fr.HISTORY)
        history.add(self.history)
        self.advice.add(self.guidance)
        for block in (self.advice, opinion, authorisation, attending, special, told, history):
            self.rows.addWidget(block)
        self.rows.addStretch(1)
        for label in (self.authorisation, self.attending):
            label.words.setWordWrap(True)

    def fill(self) -> None:
        patient = self.patient
        if patient is None:
            return
        if self._overview is None:
            self.form.setEnabled(False)
            self.said.setText(fr.LOADING)
        self.ask(lambda: self._port.overview(patient), self._show, self._fail)

    def empty(self) -> None:
        self._overview = None
        self._asked_dmp = self._opposes_emergency = False
        self.question.take_away()
        for opinion in self.opinions.values():
            opinion.clear()
        for state in (self.authorisation, self.attending):
            state.show_state("", "", "")
        for label in (self.guidance, self.told, self.history):
            label.clear()
        self.advice.hide()

    def step_back(self) -> bool:
        asked = not self.question.isHidden()
        self.question.take_away()
        return asked

    def refresh(self) -> None:
        for state in (self.authorisation, self.attending, *(one.state for one in self.opinions.values())):
            state.repaint_icon()

    def show_declaring(self, under_way: bool) -> None:
        """The consent is on its way to the DMP, asked for here or elsewhere."""
        self._declaring = under_way
        if self._overview is not None:
            self._show_access(self._overview)

    def show_status(self) -> None:
        """The DMP said it anew."""
        if self._overview is not None:
            self.fill()

    def _show(self, overview: AccessOverview) -> None:
        first, self._overview = self._overview is None, overview
        self._show_busy()
        # whoever objects now ends what was begun despite a former objection
        self.opinions[Subject.CONSULTATION].again = self._port.peek() is not None
        self.opinions[Subject.CONSULTATION].show_decision(overview.consent.consultation)
        self.opinions[Subject.FEEDING].show_decision(overview.consent.feeding)
        self.history.setText("\n".join(line(act) for act in overview.history) or fr.NO_HISTORY)
        self._show_access(overview)
        if not self._asked_dmp:
            self._ask_told(overview)
        noted, self._noted = self._noted, None
        if noted:
            self.opinions[noted].settle()
        elif first:
            self.back.setFocus()

    def _show_busy(self) -> None:
        busy = self.patient in self._acting
        self.said.setText(fr.ACTING if busy else "")
        self.form.setEnabled(self._overview is not None and not busy)

    def _show_access(self, overview: AccessOverview) -> None:
        status = self._status()
        shut = _shut(status)
        valid = status is not None and status.authorization is Authorization.VALIDE
        forbidden = status is not None and status.authorization is Authorization.INTERDIT
        self.authorisation.show_state(*(dmp_state(status) if status else strings_fr.DMP_UNREACHED))
        already = fr.ALREADY if valid else None
        declaring = fr.DECLARING if self._declaring else None
        opposed = fr.OPPOSED if overview.consent.consultation.opposed else None
        self.authorise.allow(
            shut or overview.authorise_refusal or opposed or (fr.FORBIDDEN if forbidden else already) or declaring,
        )
        self.withdraw.allow(shut or overview.withdraw_refusal or (None if valid else fr.NO_AUTHORISATION))
        attending = status is not None and status.attending
        self.attending.show_state(*(fr.ATTENDING_YES if attending else fr.ATTENDING_NO))
        self.declare.setVisible(not attending)
        self.no_longer.setVisible(attending)
        why = shut or overview.attending_refusal or (None if valid else fr.AT_AUTHORISED)
        self.declare.allow(why)
        self.no_longer.allow(why)
        under_way = fr.UNDER_WAY if self._port.peek() else None
        barred = fr.BARRED if self._opposes_emergency else None
        needless = None if opposed else already
        self.emergency.allow(shut or under_way or overview.break_glass_refusal or barred or needless)
        self.discreetly.setVisible(overview.minor)
        self.discreetly.allow(shut or under_way or overview.secret_refusal)
        self.guidance.setText(advice(status))
        self.advice.setVisible(bool(self.guidance.text()))

    # What the DMP tells

    def _ask_told(self, overview: AccessOverview) -> None:
        patient = self.patient
        why = overview.administrative_refusal or _shut(self._status())
        if why or patient is None:
            self.told.setText(why or "")
            return
        self._asked_dmp = True
        self.told.setText(fr.TOLD_ASKED)
        self.ask(
            lambda: self._port.administrative(patient),
            lambda told: self._show_told(told, overview),
            lambda error: self.told.setText(f"{fr.NO_ANSWER} {error.why_fr}"),
        )

    def _show_told(self, told: Administrative, overview: AccessOverview) -> None:
        self.told.setText(told_words(told, minor=overview.minor))
        if told.opposes_break_glass:
            self._opposes_emergency = True
            self._show_access(overview)
            self.barred.emit(self.patient)

    # What is done

    def _record(self, subject: Subject, opposed: bool) -> None:
        if self.patient is not None:
            call = partial(self._port.record, self.patient, subject, opposed=opposed)
            words = fr.NOTE_OPPOSED if opposed else fr.NOTE_AGREED
            self._do(words, call, anew=subject is Subject.CONSULTATION, noted=subject)

    def _ask_withdraw(self) -> None:
        if self.patient is not None:
            call = partial(self._port.withdraw, self.patient)
            self.question.ask(CONFIRM_WITHDRAW, lambda: self._do(fr.WITHDRAW, call, anew=True))

    def _ask_attending(self, *, attending: bool) -> None:
        if self.patient is not None:
            words = CONFIRM_ATTENDING if attending else CONFIRM_NO_LONGER_ATTENDING
            call = partial(self._port.attend, self.patient, attending=attending)
            act = fr.DECLARE if attending else fr.END_ATTENDING
            self.question.ask(words, lambda: self._do(act, call, anew=False))

    def _ask_discreetly(self) -> None:
        if self.patient is not None:
            call = partial(self._port.connect_secretly, self.patient)
            self.question.ask(CONFIRM_HIDDEN_FROM_PARENTS, lambda: self._do(fr.DISCREETLY, call, anew=False))

    def _do(self, words: str, call: Callable[[], None], *, anew: bool, noted: Subject | None = None) -> None:
        patient, who = self.patient, self._who()
        if patient is None or who is None or patient in self._acting:
            return
        self._acting.add(patient)
        self.setFocus()  # not on a button that changes its meaning, nor on the way out
        self._show_busy()
        self.act(
            call,
            lambda _done: self._done(patient, anew=anew, noted=noted),
            lambda error: self._not_done(who, patient, words, error, anew=anew),
        )

    def _done(self, patient: Patient, *, anew: bool, noted: Subject | None) -> None:
        self._noted = noted if self.patient == patient else None
        shown = self._ended(patient)
        self.changed.emit(patient, anew)
        if shown:
            self.show_status()

    def _not_done(self, who: Professional, patient: Patient, words: str, error: DmpDesktopError, *, anew: bool) -> None:
        shown = self._ended(patient)
        if getattr(error, "ambiguous", False):  # it may be done: the DMP tells
            self.changed.emit(patient, anew)
        self.act_failed.emit(who, patient, words, error)
        if shown:
            self.show_status()

    def _ended(self, patient: Patient) -> bool:
        """Whether the page is about them still, or again."""
        self._acting.discard(patient)
        shown = self.patient == patient
        if shown:
            self._show_busy()
        return shown

    def _fail(self, error: DmpDesktopError) -> None:
        self._show_busy()
        self.failed.emit(error)


def _shut(status: DossierStatus | None) -> str | None:
    """Why nothing at all can be done in the DMP."""
    if status is None:
        return fr.STATUS_UNKNOWN
    return None if status.exists and not status.closed else fr.NO_RECORD
