"""The page Accès au dossier: what the patient said, by what right the record is open, and what else opens it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from dmp_desktop.domain.access import Administrative, Authorization, DossierStatus
from dmp_desktop.domain.consent import RESTART, AccessAct, Subject, TracedAct
from dmp_desktop.domain.people import Patient
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.services.access import CONFIRM_ATTENDING, CONFIRM_NO_LONGER_ATTENDING, CONFIRM_WITHDRAW
from dmp_desktop.services.special_words import CONFIRM_HIDDEN_FROM_PARENTS, REASONS
from dmp_desktop.ui import formats, strings_fr
from dmp_desktop.ui import strings_access_fr as fr
from dmp_desktop.ui.access_ports import AccessPort
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.views.access.parts import Act, Block, Opinion, Question
from dmp_desktop.ui.widgets.identity_banner import dmp_state
from dmp_desktop.ui.widgets.labels import IconLabel, PlainLabel
from dmp_desktop.ui.widgets.side_page import SidePage

if TYPE_CHECKING:
    from dmp_desktop.services.access_acts import AccessOverview


class AccessView(SidePage):
    """`status` gives what the DMP said last of the open record. `changed` tells of whom how the record may be opened has changed:
    with True, nothing that is shown of it may stay. `act_failed` tells which act, and why; both whatever is shown by then.
    `barred`: the DMP says that the patient opposes an emergency. One act at a time."""

    authorise_asked = Signal()
    emergency_asked = Signal()
    changed = Signal(object, bool)  # Patient
    act_failed = Signal(str, object)  # DmpDesktopError
    barred = Signal(object)  # Patient

    def __init__(
        self,
        port: AccessPort,
        status: Callable[[], DossierStatus | None],
        pool: TaskRunner,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(fr.PAGE, pool, parent)
        self._port = port
        self._status = status
        self._overview: AccessOverview | None = None
        self._busy = self._asked_dmp = False
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

    def refresh(self) -> None:
        for state in (self.authorisation, self.attending, *(one.state for one in self.opinions.values())):
            state.repaint_icon()

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
        self.history.setText("\n".join(_line(act) for act in overview.history) or fr.NO_HISTORY)
        self._show_access(overview)
        if not self._asked_dmp:
            self._ask_told(overview)
        noted, self._noted = self._noted, None
        if noted:
            self.opinions[noted].settle()
        elif first:
            self.back.setFocus()

    def _show_busy(self) -> None:
        self.said.setText(fr.ACTING if self._busy else "")
        self.form.setEnabled(self._overview is not None and not self._busy)

    def _show_access(self, overview: AccessOverview) -> None:
        status = self._status()
        shut = _shut(status)
        valid = status is not None and status.authorization is Authorization.VALIDE
        forbidden = status is not None and status.authorization is Authorization.INTERDIT
        self.authorisation.show_state(*(dmp_state(status) if status else strings_fr.DMP_UNREACHED))
        already = fr.ALREADY if valid else None
        opposed = fr.OPPOSED if overview.consent.consultation.opposed else None
        self.authorise.allow(
            shut or overview.authorise_refusal or opposed or (fr.FORBIDDEN if forbidden else already),
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
        self.guidance.setText(_advice(status))
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
            lambda error: self.told.setText(f"{fr.NO_ANSWER} {error.message_fr}"),
        )

    def _show_told(self, told: Administrative, overview: AccessOverview) -> None:
        self.told.setText(_told(told, minor=overview.minor))
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
        patient = self.patient
        if patient is None or self._busy:
            return
        self._busy = True
        self.setFocus()  # not on a button that changes its meaning, nor on the way out
        self._show_busy()
        self.act(
            call,
            lambda _done: self._done(patient, anew=anew, noted=noted),
            lambda error: self._not_done(words, error),
        )

    def _done(self, patient: Patient, *, anew: bool, noted: Subject | None) -> None:
        self._busy = False
        shown = self.patient == patient
        self._noted = noted if shown else None
        self._show_busy()
        self.changed.emit(patient, anew)
        if shown:
            self.show_status()

    def _not_done(self, words: str, error: DmpDesktopError) -> None:
        self._busy = False
        self._show_busy()
        self.act_failed.emit(words, error)
        self.show_status()

    def _fail(self, error: DmpDesktopError) -> None:
        self._show_busy()
        self.failed.emit(error)


def _shut(status: DossierStatus | None) -> str | None:
    """Why nothing at all can be done in the DMP."""
    if status is None:
        return fr.STATUS_UNKNOWN
    return None if status.exists and not status.closed else fr.NO_RECORD


def _advice(status: DossierStatus | None) -> str:
    if status is None:
        return ""
    if not status.exists:
        return fr.GUIDANCE_NONE
    if status.closed:
        return fr.GUIDANCE_CLOSED
    return fr.GUIDANCE_FORBIDDEN if status.authorization is Authorization.INTERDIT else ""


def _told(told: Administrative, *, minor: bool) -> str:
    lines = [fr.TOLD_LINE.format(what=words, said=fr.TOLD_WORDS[getattr(told, name)]) for name, words in fr.TOLD_LINES]
    names = [
        " ".join(filter(None, (one.link.display or one.link.code, one.given, one.family)))
        for one in told.representatives or ()
    ]
    if names:
        lines.append(fr.REPRESENTATIVES.format(" ; ".join(names)))
    elif minor:
        lines.append(fr.REPRESENTATIVES_UNTOLD if told.representatives is None else fr.NO_REPRESENTATIVES)
    return "\n".join(lines)


def _line(traced: TracedAct) -> str:
    what = fr.ACT[traced.act]
    if traced.act is AccessAct.GLASS_BROKEN:
        reason = next((words for code, words in REASONS.items() if code == traced.reason), "")
        what = " — ".join(filter(None, (what, reason, traced.words)))
    elif traced.reason == RESTART:
        what = fr.ENDED_BY_RESTART.format(what)
    by = traced.by_name or fr.NOBODY
    return fr.HISTORY_LINE.format(moment=formats.day_and_time(traced.at), what=what, by=by)
