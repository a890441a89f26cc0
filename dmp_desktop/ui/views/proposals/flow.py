"""Notes proposed to a doctor, in the window: proposed from the composer, found in « À valider », validated or given back."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QBoxLayout

from dmp_desktop.domain import roles
from dmp_desktop.domain.people import Professional
from dmp_desktop.domain.proposals import NotesToValidate, ProposalState, Told, ToValidate, Validators
from dmp_desktop.domain.roles import Task
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.ui import strings_proposals_fr as fr
from dmp_desktop.ui.note_news import NOTE_NOTICE
from dmp_desktop.ui.proposal_ports import ProposalsPort
from dmp_desktop.ui.views.compose.drafts import Draft
from dmp_desktop.ui.views.compose.kept import draft_of
from dmp_desktop.ui.views.tray.flow import NOTICE as TRAY_NOTICE
from dmp_desktop.ui.who_is_there import WhoIsThere
from dmp_desktop.ui.widgets.notice_bar import Notice, of_error

if TYPE_CHECKING:
    from dmp_desktop.domain.drafts import KeptDraft
    from dmp_desktop.ui.main_window import MainWindow
    from dmp_desktop.ui.views.proposals.bars import ProposeBar, ReviewBar

NOTICE = "proposals"


class ProposalFlow(QObject):
    """Follows who is signed in: an intern's drafts know where they are, a doctor is told what waits. Its bars are made when they
    are first needed."""

    def __init__(self, window: MainWindow, port: ProposalsPort) -> None:
        super().__init__(window)
        self._w, self.port = window, port
        self._told: dict[str, Told] = {}
        self._propose: ProposeBar | None = None
        self._review: ReviewBar | None = None
        self._busy: set[str] = set()  # ids of drafts that are being proposed, taken back or given back
        self._reminded = 0  # how many notes were told of
        self._there = WhoIsThere(window.session, self, lambda state: state.role is not None)
        self._there.left.connect(self._forget)
        self._there.came.connect(lambda _state: self.again())
        window.session.changed.connect(lambda _state: self._show())
        window.composer.changed.connect(self._show)
        window.drafts.changed.connect(self._mark)
        window.outbox.changed.connect(self._outbox_changed)
        window.record.opened.connect(lambda _patient: self.again())  # a key that waited for its PIN is open by then
        window.banner.offer_act(fr.MENU, self.open_list, of_patient=False)

    # -- who is there -------------------------------------------------------------------------------------------------------

    @property
    def _who(self) -> Professional | None:
        return self._there.who

    @property
    def proposes(self) -> bool:
        return self._may(Task.PROPOSE_NOTES)

    @property
    def validates(self) -> bool:
        return self._may(Task.VALIDATE_NOTES)

    def _may(self, task: Task) -> bool:
        role = self._w.session.state.role
        return self._who is not None and role is not None and roles.may(role, task)

    def _forget(self) -> None:
        self._told, self._reminded = {}, 0
        self._w.notices.clear(NOTICE)

    def again(self) -> None:
        """What there is by now: at a sign-in, and when another workstation said something."""
        who = self._who
        if who is None:
            return
        if self.proposes:
            self._ask_mine(who)
        elif self.validates:
            self._w.tasks.general.submit(self._meet, lambda count: self._remind(who, count), lambda _error: None)

    def _meet(self) -> int:
        self.port.meet()
        return self.port.to_do()

    def _remind(self, who: Professional, count: int) -> None:
        notices, told = self._w.notices, self._w.notices.notice
        free = not notices.busy or (told is not None and told.key == TRAY_NOTICE)
        if not who.is_also(self._who):
            return
        if count < self._reminded:
            self._reminded = count
        elif count > self._reminded and free:
            self._reminded = count
            notices.tell(Notice(fr.counted(fr.REMINDER, count), button=fr.SEE, act=self.open_list, key=NOTICE))

    def _outbox_changed(self) -> None:
        """A note may be validated by it, or wait again: the row says so as soon as the outbox does."""
        who = self._who
        if self.validates and who is not None:
            self._w.tasks.general.submit(self.port.to_do, lambda count: self._remind(who, count), lambda _error: None)

    # -- its author ---------------------------------------------------------------------------------------------------------

    def _ask_mine(self, who: Professional) -> None:
        def ask() -> tuple[dict[str, Told], Validators]:
            return self.port.mine(), self.port.validators()

        self._w.tasks.general.submit(ask, lambda found: self._take(who, *found), lambda _error: None)

    def _take(self, who: Professional, told: dict[str, Told], validators: Validators) -> None:
        if not who.is_also(self._who):
            return
        fresh = [one for one, now in told.items() if now.state is ProposalState.RETURNED and self._told.get(one) != now]
        self._told = told
        self._propose_bar().offer(validators)
        self._mark()
        if fresh and not self._w.notices.busy:
            words = fr.counted(fr.RETURNED_NOTICE, len(fresh))
            act = self._w.conductor.go_outbox
            self._w.notices.tell(Notice(words, tone="warning", button=fr.SEE, act=act, key=NOTICE))

    def _mark(self) -> None:
        """Each draft knows where it is, the one before the eyes first."""
        if not self.proposes:
            return
        from dmp_desktop.ui.views.proposals.bars import card_words

        changed = False
        for draft in self._w.drafts.of(self._who):
            told = self._told.get(draft.id)
            if draft.proposed != told:
                draft.proposed, changed = told, True
                draft.word = card_words(told) if told else ""
        if changed:
            self._w.composer.lock()
            self._w.drafts.changed.emit()
            self._w.composer.changed.emit()

    def why_not(self, draft: Draft | None) -> str:
        """Why a note cannot be proposed, in French; empty where it can, and where nobody proposes."""
        if draft is None or self._propose is None or draft.held:
            return ""
        return self._propose.why_not

    def propose(self) -> None:
        """The note before the eyes, to the doctor who is chosen: on the disk as its author's, then sealed to the doctor."""
        w, draft, bar = self._w, self._w.composer.draft, self._propose
        doctor = bar.chosen if bar else None
        if draft is None or doctor is None or draft.held or draft.id in self._busy or not w.composer.can_send:
            return
        who = self._who
        w.keeper.save_now()
        now, doctor_id, name = w.keeper.now(draft), doctor.national_id, doctor.name
        self._busy.add(draft.id)

        def proposed(told: Told) -> None:
            self._busy.discard(now.draft_id)
            if who is None or not who.is_also(self._who):
                return
            self._told = {**self._told, now.draft_id: told}
            self._mark()
            if w.composer.draft is draft:
                w.composer.show_draft(None)
                w.conductor.show_record()
            w.notices.tell(Notice(fr.PROPOSED.format(name), tone="success"))

        w.tasks.drafts.submit(
            lambda: self.port.propose(now, doctor_id), proposed, lambda error: self._refused(now.draft_id, error)
        )

    def _withdraw(self) -> None:
        draft, who = self._w.composer.draft, self._who
        if draft is None or draft.id in self._busy or who is None:
            return
        draft_id = draft.id
        self._busy.add(draft_id)

        def withdrawn(_none: None) -> None:
            self._busy.discard(draft_id)
            if who.is_also(self._who):
                self._w.notices.tell(Notice(fr.TAKEN_BACK, tone="success"))
                self._ask_mine(who)

        self._w.tasks.general.submit(
            lambda: self.port.withdraw(draft_id), withdrawn, lambda error: self._refused(draft_id, error)
        )

    # -- the doctor ---------------------------------------------------------------------------------------------------------

    def open_list(self) -> None:
        """« À valider », on the page of what is to be validated."""
        tray = self._w.tray
        if tray is not None and self._w.gate.open(self._w.session.state):
            self._w.notices.clear(NOTICE)
            tray.open_to_validate()

    def notes(self) -> NotesToValidate:
        """For the page, on a worker."""
        return self.port.to_validate() if self.validates else NotesToValidate()

    def open(self, note: ToValidate) -> None:
        """As a draft of the doctor's own; the one of an earlier look where there is one."""
        w, who = self._w, self._who
        there = next((one for one in w.drafts.of(who) if one.id == note.draft_id), None)
        if there is not None:
            w.conductor.show_draft(there)
            return

        def opened(kept: KeptDraft) -> None:
            if who is None or not who.is_also(self._who) or kept.author.national_id != who.national_id:
                return
            draft = next((one for one in w.drafts.of(who) if one.id == kept.draft_id), None)
            if draft is None:
                draft = draft_of(kept)
                w.drafts.restore(draft)
            w.conductor.show_draft(draft)

        w.tasks.general.submit(
            lambda: self.port.open(note.id), opened, lambda error: w.notices.tell(of_error(error, key=NOTE_NOTICE))
        )

    def _give_back(self, reason: str) -> None:
        w, draft, who = self._w, self._w.composer.draft, self._who
        if draft is None or draft.prepared is None or draft.id in self._busy or w.composer.sending:
            return
        prepared = draft.prepared
        self._busy.add(draft.id)

        def returned(_none: None) -> None:
            self._busy.discard(draft.id)
            w.drafts.remove(draft)  # its author has it; what was corrected here was only here
            if who is None or not who.is_also(self._who):
                return
            if w.composer.draft is draft:
                w.composer.show_draft(None)
                w.conductor.show_record()
            w.notices.tell(Notice(fr.GIVEN_BACK.format(prepared.author.display_name), tone="success"))
            self.again()  # how many are left

        w.tasks.general.submit(
            lambda: self.port.give_back(prepared, reason), returned, lambda error: self._refused(draft.id, error)
        )

    # -- what is shown ------------------------------------------------------------------------------------------------------

    def _refused(self, draft_id: str, error: DmpDesktopError) -> None:
        self._busy.discard(draft_id)
        if self._who is not None:
            self._w.notices.tell(of_error(error, key=NOTE_NOTICE))
            self.again()

    def _show(self) -> None:
        """Beside the note before the eyes."""
        draft = self._w.composer.draft
        if self.proposes and draft is not None:
            self._propose_bar().show_note(draft.proposed)
        elif self._propose is not None:
            self._propose.leave()
        if draft is not None and draft.prepared is not None and self.validates:
            bar = self._review_bar()
            if not bar.isVisibleTo(self._w.composer) or bar.property("note") != draft.id:
                bar.setProperty("note", draft.id)
                bar.show_note(draft.prepared.author.display_name)
        elif self._review is not None:
            self._review.leave()

    def _propose_bar(self) -> ProposeBar:
        if self._propose is None:
            from dmp_desktop.ui.views.proposals.bars import ProposeBar

            bar = self._propose = ProposeBar(self._w.composer)
            bar.changed.connect(self._w.conductor.show_target)
            bar.withdraw_asked.connect(self._withdraw)
            self._column.insertWidget(self._column.count() - 1, bar)
        return self._propose

    def _review_bar(self) -> ReviewBar:
        if self._review is None:
            from dmp_desktop.ui.views.proposals.bars import ReviewBar

            bar = self._review = ReviewBar(self._w.composer)
            bar.given_back.connect(self._give_back)
            self._column.insertWidget(1, bar)
        return self._review

    @property
    def _column(self) -> QBoxLayout:
        return cast("QBoxLayout", self._w.composer.layout())  # as ui/views/compose/layout.py makes it


def offer_proposals(window: MainWindow, port: ProposalsPort) -> ProposalFlow:
    return ProposalFlow(window, port)
