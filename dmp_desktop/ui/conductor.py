"""What happens in the window: session, record, note and outbox, each told of the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from dmp_desktop.domain.access import DossierStatus
from dmp_desktop.domain.cards import CardEvent
from dmp_desktop.domain.documents import DocumentEntry, DocumentKind
from dmp_desktop.domain.people import Patient
from dmp_desktop.domain.ports import Clock
from dmp_desktop.errors import DmpDesktopError, DmpError
from dmp_desktop.services.session_notices import of_a_fault
from dmp_desktop.services.session_state import Phase, SessionState, SignedIn
from dmp_desktop.ui import icons, record_page
from dmp_desktop.ui import strings_access_fr as access_fr
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui import strings_proposals_fr as proposals_fr
from dmp_desktop.ui import strings_together_fr as together_fr
from dmp_desktop.ui import strings_viewer_fr as viewer_fr
from dmp_desktop.ui.access_controller import ACCESS_NOTICE
from dmp_desktop.ui.act_news import ACT_NOTICE, ActNews
from dmp_desktop.ui.barring import Barring
from dmp_desktop.ui.draft_news import DraftNews
from dmp_desktop.ui.note_news import NOTE_NOTICE, NoteNews
from dmp_desktop.ui.record import OPPOSED
from dmp_desktop.ui.views.compose.drafts import Draft
from dmp_desktop.ui.views.documents.changing import KEY as CHANGE_NOTICE
from dmp_desktop.ui.widgets.action_bar import differ
from dmp_desktop.ui.widgets.notice_bar import TONE_ICONS, Notice, of_error

if TYPE_CHECKING:
    from dmp_desktop.ui.main_window import MainWindow
    from dmp_desktop.ui.views.proposals.flow import ProposalFlow

SESSION_NOTICE, RECORD_NOTICE, DOCUMENT_NOTICE = "session", "record", "document"


class Conductor(QObject):
    """Knows the window's parts; the parts do not know each other."""

    def __init__(self, window: MainWindow, clock: Clock) -> None:
        super().__init__(window)
        self._w = window
        self._clock = clock
        self._news = NoteNews(self, window, clock)
        self.barring = Barring(window)
        self._interrupted: Draft | None = None  # the note that was before the eyes when the screen was covered
        self._connect_session()
        self.act_news = ActNews(window)
        self.draft_news = DraftNews(self, window, clock)
        window.page.documents.told_late.connect(self.act_news.tell)
        self._connect_note()

    def _connect_session(self) -> None:
        w = self._w
        w.session.changed.connect(self.show_session)
        w.session.failed.connect(lambda error: w.notices.tell(of_error(error)))
        w.session.card.connect(self._announce)
        w.picker.chosen.connect(w.session.choose)
        w.banner.close_asked.connect(self.close_patient)
        w.banner.authorise_asked.connect(self.declare)
        w.record.declaring_changed.connect(lambda: w.banner.show_declaring(w.record.declaring))
        w.record.opened.connect(self._opened)
        w.record.closed.connect(self._closed)
        w.record.asking.connect(lambda: w.notices.clear(RECORD_NOTICE))
        w.record.status_changed.connect(self._show_status)
        w.record.server_answered.connect(w.strip.show_server)
        w.record.failed.connect(self._record_failed)
        w.record.list_complete.connect(lambda _list: self._show_age())
        w.page.documents.failed.connect(self._document_failed)
        w.page.documents.done.connect(self._document_done)
        w.page.documents.told.connect(lambda notice: w.notices.tell(notice) if self._open else None)
        w.page.habits.failed.connect(lambda error: w.notices.tell(of_error(error)))
        w.strip.outbox_asked.connect(self.go_outbox)

    def _connect_note(self) -> None:
        w = self._w
        w.page.asked.connect(self.show_record)
        w.body.currentChanged.connect(lambda _index: self.show_target())  # a page over a note hides it
        w.page.outbox.resume_asked.connect(self.show_draft)
        w.page.outbox.cancel_asked.connect(self._news.undo)
        w.page.outbox.notes = self._news.withdrawable
        w.page.outbox.retry_asked.connect(w.outbox.retry)
        w.page.outbox.hold_asked.connect(w.outbox.hold)
        if opener := w.page.documents.exporter.opener:
            w.page.outbox.can_mail = True
            w.page.outbox.mail_asked.connect(opener.item)
        w.acts.write_asked.connect(lambda: self.write())
        w.acts.kind_asked.connect(self.write)
        w.page.documents.replace_asked.connect(self.replace)
        if changes := w.page.documents.altering.changes:
            changes.awaited = w.outbox.replaces
        w.composer.said.connect(lambda words: w.notices.tell(Notice(words, tone="success")))
        w.acts.send_asked.connect(self.send)
        w.composer.changed.connect(self.show_target)
        w.composer.changed.connect(lambda: w.notices.clear(NOTE_NOTICE))
        w.composer.left.connect(self.show_record)
        w.composer.discarded.connect(self._discard)
        w.composer.together.others = self._beside
        w.drafts.changed.connect(self._show_drafts)
        w.drafts.changed.connect(w.composer.offer_others)
        w.outbox.changed.connect(self._show_outbox)
        w.outbox.failed.connect(lambda error: w.notices.tell(of_error(error, fr.OUTBOX_SAFE)))

    def start(self) -> None:
        self._w.acts.offer_kinds(self._w.composer.options.kinds)
        self.show_session(self._w.session.state)
        self._w.outbox.refresh()
        dmp = (*fr.DMP_STATE.values(), *fr.DMP_SPECIAL.values(), fr.DMP_UNKNOWN, fr.DMP_UNREACHED)
        states = (*fr.INS_STATUS.values(), *dmp, *fr.STATE.values())
        tones = ((icon, tone) for tone, icon in TONE_ICONS.items())
        icons.warm_up(self._w, (*((icon, role) for _words, icon, role in states), *tones))

    # Session

    def show_session(self, state: SessionState) -> None:
        w = self._w
        w.outbox.belong_to(state.professional, state.role)
        w.composer.by = _signed_in(state)
        w.gate.show(state)
        w.strip.show_session(state, self._clock.now().astimezone().date())
        self._count_outbox()
        if not w.gate.open(state):
            self._empty()
            w.gate.lead()  # a stack emptied out of sight takes the keyboard for one of its pages
            return
        w.page.documents.professional = state.professional
        w.record.show(state.patient)
        choosing = state.phase is Phase.CHOOSING
        if state.patient is None:
            hint = fr.CHOOSE_HINT if choosing else fr.NO_PATIENT_HINT
            w.banner.clear()
            w.record.explain(hint)
        if choosing:
            w.picker.ask(state.candidates, record_open=state.patient is not None)
            w.gate.lead()
        else:
            w.picker.clear()
        w.page.outbox.show_patient(state.patient)
        w.page.outbox.show_items(w.outbox.items, w.outbox.of_others, w.outbox.unreadable)
        self._show_drafts()
        author = w.composer.draft.author if w.composer.draft else state.professional
        if author != state.professional and not (author and author.is_also(state.professional)):
            w.composer.show_draft(None)  # somebody else came, without a moment in which all was covered
            self.show_record()
        self._take_up(state)
        self.show_target()
        if state.notice:
            again = fr.RETRY_PLAIN if state.may_read_again else ""
            told = Notice(state.notice, tone="warning", button=again, act=w.session.read_again, key=SESSION_NOTICE)
            w.notices.tell(replace(told, diagnose=of_a_fault(state.notice, state.doubt)))
        else:
            w.notices.clear(SESSION_NOTICE)
        self._news.come_back()

    def _empty(self) -> None:
        """Nothing of a patient stays in a widget, now that all is covered. Notes and outbox are kept."""
        w = self._w
        self._interrupted = w.composer.draft if self._composing else self._interrupted
        w.picker.clear()
        w.scan.close_scan()
        w.composer.show_draft(None)
        w.body.setCurrentIndex(0)
        w.record.show(None)
        w.page.documents.exporter.stop()  # a message of the outbox, with no record open
        w.page.outbox.clear()

    def _take_up(self, state: SessionState) -> None:
        """The note of a moment ago comes back before the eyes of its author: not over the record of somebody else."""
        draft, self._interrupted = self._interrupted, None
        if draft is None or draft.empty or draft not in self._w.drafts.of(state.professional):
            return
        if not differ(draft.patient, state.patient):
            self.show_draft(draft)

    def close_patient(self) -> None:
        if self._w.session.state.patient:
            self._w.session.close_patient()

    def declare(self) -> None:
        """The consent of the patient on screen."""
        who = self._w.session.state.professional
        if who is not None:
            words = fr.AUTHORISE.replace("&", "")
            self._w.record.authorise(lambda patient, error: self.act_news.failed(who, patient, words, error))

    def _announce(self, event: CardEvent) -> None:
        kind = event.kind.value if event.kind else ""
        said = fr.CARD_SAID.get((event.type.value, kind)) or fr.CARD_SAID.get((event.type.value, ""))
        if said:
            self._w.announcer.say(said, urgent=True)

    # Record

    def _opened(self, patient: Patient) -> None:
        self._w.banner.show_patient(patient, self._clock.now().astimezone().date())
        if not self._composing:
            self._w.page.go(record_page.NEWS)

    def _closed(self) -> None:
        """What was told of the record that closes is of no use for the next one."""
        self._w.banner.clear()
        for key in (RECORD_NOTICE, DOCUMENT_NOTICE, CHANGE_NOTICE, ACT_NOTICE):
            self._w.notices.clear(key)

    def _show_status(self, status: DossierStatus) -> None:
        self._w.banner.show_status(status)
        self.show_target()  # a note may have nowhere to go

    def _record_failed(self, error: DmpDesktopError, again: Callable[[], None]) -> None:
        if self._w.record.status is None:
            self._w.banner.show_status(None, reached=False)
        since = self._w.record.offline_since
        shown = viewer_fr.offline(since) if since else fr.READ_SAFE
        safe = shown if since or self._w.page.documents.model.entries else ""
        told = self._w.notices.notice
        if told is not None and told.key in (CHANGE_NOTICE, ACCESS_NOTICE):
            safe = told.text  # which of the two matters more is not known here: both are read
        notice = of_error(error, safe, again, RECORD_NOTICE)
        if error.code == OPPOSED and self._w.banner.offers_access:  # asked again it is refused again
            notice = replace(notice, button=access_fr.PAGE, act=self._w.access.show_page)
        self._w.notices.tell(notice)

    def _show_age(self) -> None:
        """On every tab: what is shown was not told now."""
        if since := self._w.record.offline_since:
            self._w.banner.dmp.show_state(viewer_fr.offline_state(since), "warning", "warning")

    def _document_done(self, words: str) -> None:
        if self._open:
            self._w.notices.tell(Notice(words, tone="success"))

    def _document_failed(self, error: DmpDesktopError, again: Callable[[], None] | None) -> None:
        if self._open:
            helps = not isinstance(error, DmpError) or error.retryable
            self._w.notices.tell(of_error(error, fr.READ_SAFE, again if helps else None, DOCUMENT_NOTICE))

    # Note

    def write(self, kind: DocumentKind | None = None) -> None:
        """A note for the open record, of a kind; the one under way for another patient is kept among the drafts."""
        w = self._w
        state = w.session.state
        if state.professional is None or not w.gate.open(state):
            return
        if state.patient:
            self.show_draft(w.drafts.open_for(state.patient, state.professional, kind))
        elif w.composer.draft:
            self.show_draft(w.composer.draft)

    def replace(self, entry: DocumentEntry) -> None:
        """A new version of a document of the open record."""
        state = self._w.session.state
        if state.patient and state.professional and self._open:
            self.show_draft(self._w.drafts.open_replacement(state.patient, state.professional, entry))

    def send(self) -> None:
        if notice := self.barring.notice(self._shown_draft):
            self._w.notices.tell(notice)
        elif self._composing and (proposing := self._proposing):
            proposing.propose()
        elif self._composing:
            self._w.composer.send()

    @property
    def _open(self) -> bool:
        return self._w.gate.open(self._w.session.state)

    @property
    def _shown_draft(self) -> Draft | None:
        """The note before the eyes."""
        return self._w.composer.draft if self._composing else None

    @property
    def _proposing(self) -> ProposalFlow | None:
        """Where who is signed in proposes notes instead of sending them."""
        flow = self._w.proposals
        return flow if flow is not None and flow.proposes else None

    @property
    def _composing(self) -> bool:
        return self._w.body.currentWidget() is self._w.composer

    def show_draft(self, draft: Draft) -> None:
        w = self._w
        if w.composer.draft is not draft:
            w.composer.show_draft(draft)
        else:
            w.composer.who_sees.ask(draft)  # a secret connection may have begun since
        w.drafts.drop_empty(draft)
        w.body.setCurrentWidget(w.composer)
        w.composer.focus()
        self.show_target()

    def show_record(self) -> None:
        self._w.body.setCurrentWidget(self._w.page)
        self._w.notices.clear(NOTE_NOTICE)
        self._show_drafts()
        self.show_target()

    def _show_drafts(self) -> None:
        w = self._w
        w.page.outbox.show_drafts(w.drafts.of(w.session.state.professional), to_validate=bool(self.barring.who))
        self.draft_news.count()

    def show_target(self) -> None:
        """A note is sent only from before the eyes: never while the record hides it."""
        w = self._w
        draft = self._shown_draft
        w.acts.show_target(
            draft.patient if draft else None,
            w.session.state.patient,
            ready=bool(draft) and w.composer.can_send,
            sending=w.composer.sending,
            barred=self.barring.why(draft),
            verb=self._verb(draft),
        )
        w.composer.warn(draft is not None and differ(draft.patient, w.session.state.patient))
        record_open = w.session.state.patient is not None
        w.acts.allow_writing(record_open or w.composer.draft is not None, kinds=record_open)

    def _verb(self, draft: Draft | None) -> str:
        """What the button that sends does with the note before the eyes."""
        if self._proposing:
            return proposals_fr.PROPOSE
        if draft is not None and draft.prepared is not None:
            return proposals_fr.VALIDATE
        others = len(self._w.composer.together.ticked) if draft is not None else 0
        return together_fr.SEND.format(others + 1) if others else fr.SEND

    def _beside(self, draft: Draft) -> list[Draft]:
        """The other notes for its patient that are not on their way. Who proposes notes sends none."""
        return (
            []
            if self._proposing
            else [one for one in self._w.drafts.beside(draft) if not self._w.composer.dispatch.sends(one)]
        )

    def _discard(self, draft: Draft) -> None:
        w = self._w
        self.draft_news.discard(draft)
        w.composer.show_draft(None)
        self.show_record()

    # Outbox

    def _count_outbox(self) -> None:
        pending = self._w.outbox.pending
        self._w.strip.show_waiting(pending)
        self._w.page.tabs.set_count(record_page.OUTBOX, pending)

    def _show_outbox(self) -> None:
        w = self._w
        self._count_outbox()
        if self._open:
            w.page.outbox.show_items(w.outbox.items, w.outbox.of_others, w.outbox.unreadable)

    def go_outbox(self) -> None:
        if self._open:
            self._w.page.go(record_page.OUTBOX)


def _signed_in(state: SessionState) -> SignedIn | None:
    """Who is before the screen, as their notes carry it from the click on."""
    if state.professional is None or state.facility is None or state.role is None:
        return None
    return SignedIn(state.professional, state.facility, state.role, state.professional.national_id, state.doubt)
