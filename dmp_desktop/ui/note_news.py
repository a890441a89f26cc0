"""What became of each note: told to who wrote it, at once or when they are back, and to nobody else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from dmp_desktop.domain.outbox import NO_FORMER, OutboxItem, OutboxState, WaitingFor
from dmp_desktop.domain.people import Patient, Professional
from dmp_desktop.domain.ports import Clock
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.services.found_person import same_person
from dmp_desktop.ui import strings_drafts_fr as drafts_fr
from dmp_desktop.ui import strings_forms_fr as forms_fr
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui import strings_outbox_fr as outbox_fr
from dmp_desktop.ui import strings_together_fr as together_fr
from dmp_desktop.ui.undo_notice import UNDO_NOTICE, UndoNotice, Words
from dmp_desktop.ui.views.compose.drafts import Draft
from dmp_desktop.ui.widgets.notice_bar import Notice, of_error

if TYPE_CHECKING:
    from dmp_desktop.ui.conductor import Conductor
    from dmp_desktop.ui.main_window import MainWindow

NOTE_NOTICE, REFUSED_NOTICE, DEPOSITED = "note", "refused {}", "deposited"
JUST_SENT = Words(fr.QUEUED, fr.QUEUED_OF)
SENT_BEFORE = Words(drafts_fr.LEFT_BEFORE, drafts_fr.LEFT_BEFORE_OF)


class NoteNews(QObject):
    """A note may be refused, held, sent or come back while its author is away, a colleague or a secretary before the screen."""

    def __init__(self, conductor: Conductor, window: MainWindow, clock: Clock) -> None:
        super().__init__(conductor)
        self._conductor, self._w = conductor, window
        self._watched: dict[str, Draft] = {}  # by the uniqueId it leaves as
        self._named: dict[int, str] = {}  # the uniqueId of each item that was sent here: the list may not have it yet
        self._before: set[str] = set()  # of these: sent before the program began, their author is still to be told
        self._refused: set[str] = set()  # of these: told as refused, their note may still come back
        self._awaited: list[Draft] = []  # their author is still to be told
        self._undo = UndoNotice(window.notices, clock, self._on_screen)
        window.composer.failed.connect(self._failed)
        window.composer.held.connect(self._held)
        window.composer.sent.connect(self._sent)
        window.composer.sent_together.connect(self._sent_together)
        window.outbox.changed.connect(self.follow)
        window.session.changed.connect(self._undo.look)
        window.record.asking.connect(lambda: window.notices.clear(DEPOSITED))  # read again: nothing is left to do
        window.keeper.departing.left_before.connect(self._left_before)

    def come_back(self) -> None:
        """Somebody is before the screen: they are told of their own notes."""
        self.follow()
        mine = [draft for draft in self._awaited if self._is_there(draft.author)]
        if not mine:
            return
        self._awaited = [draft for draft in self._awaited if draft not in mine]
        w = self._w
        kept = [draft for draft in mine if draft in w.drafts.of(w.session.state.professional)]
        if len(kept) == 1:
            (draft,) = kept
            button = "" if w.composer.draft is draft else fr.RESUME
            act = lambda: self._resume(draft)  # noqa: E731  (one notice, one act)
            w.notices.tell(Notice(draft.word, fr.BUILD_SAFE, "warning", "", button, act, NOTE_NOTICE))
        elif kept:
            words = forms_fr.NOTES_HELD.format(len(kept))
            w.notices.tell(Notice(words, tone="warning", button=fr.SEE_OUTBOX, act=self._conductor.go_outbox))

    def undo(self, item_id: int) -> None:
        """The document does not leave; the note comes back, for the same patient: as one of its own where the DMP does not have
        what it was to replace."""
        asker = self._w.session.state.professional
        item = next((item for item in self._w.outbox.all if item.id == item_id), None)
        unique_id = item.unique_id if item else self._named.get(item_id, "")
        draft, code = self._watched.get(unique_id), item.code if item else ""
        words = fr.NOTE_BACK
        if draft and draft.replaces and code in NO_FORMER:
            draft.replaces, words = None, outbox_fr.BACK_AS_NEW
        resumed = item is not None and item.state is OutboxState.REFUSED

        def withdraw() -> None:
            self._w.outbox.cancel(item_id, lambda: self._undone(unique_id, asker, words, resumed=resumed))

        self._w.keeper.departing.keep_first(draft, unique_id, withdraw)

    def undo_sent(self, item_id: int) -> None:
        """By the notice: what left together comes back together."""
        mates = self._mates(item_id)
        if len(mates) > 1:
            self._undo_together(mates)
        else:
            self.undo(item_id)

    def _mates(self, item_id: int) -> list[OutboxItem]:
        """Those that may still be withdrawn of what leaves with it, itself first."""
        items = self._w.outbox.all
        lot = next((item.submission_id for item in items if item.id == item_id), None)
        mates = [one for one in items if one.submission_id == lot and one.waiting_for is WaitingFor.UNDO]
        return sorted(mates, key=lambda one: one.id != item_id)

    def _undo_together(self, items: Sequence[OutboxItem]) -> None:
        """None of them leaves; each note is on the disk before."""
        asker, names = self._w.session.state.professional, [item.unique_id for item in items]

        def withdraw() -> None:
            self._w.outbox.cancel_lot(items[0].id, lambda: self._all_undone(names, asker))

        step = withdraw
        for name in names:
            step = partial(self._w.keeper.departing.keep_first, self._watched.get(name), name, step)
        step()

    def _all_undone(self, names: Sequence[str], asker: Professional | None) -> None:
        w, words = self._w, together_fr.BACK.format(len(names))
        drafts = [draft for name in names if (draft := self._watched.pop(name, None))]
        self._refused.difference_update(names)
        there = {one.id for one in w.drafts.all}
        for draft in drafts:
            if draft.id not in there:
                w.drafts.restore(draft)
        if self._is_there(asker):
            w.notices.tell(self._back(drafts[0], words) if drafts else Notice(fr.NOT_SENT))
            w.announcer.say(fr.NOT_SENT)
        else:
            for draft in drafts:
                self._keep_word(draft, fr.NOTE_BACK)
        w.outbox.refresh()

    def withdrawable(self) -> frozenset[str]:
        """The uniqueIds of the documents whose note comes back when they are withdrawn."""
        return frozenset(unique_id for unique_id, draft in self._watched.items() if self._is_there(draft.author))

    def _is_there(self, author: Professional | None) -> bool:
        state = self._w.session.state
        return author is not None and self._w.gate.open(state) and author.is_also(state.professional)

    def _keep_word(self, draft: Draft, words: str) -> None:
        """On the card of the draft, and before its author's eyes as soon as they are back."""
        draft.word = words
        if draft not in self._awaited:
            self._awaited.append(draft)

    def _failed(self, draft: Draft | None, error: DmpDesktopError, again: Callable[[], None] | None) -> None:
        if draft is None:  # what helps to write, of no note in particular
            if self._w.gate.open(self._w.session.state):
                self._w.notices.tell(of_error(error, "", again))
        elif self._is_there(draft.author):
            told = of_error(error, fr.BUILD_SAFE, again)
            if draft.replaces and error.code in NO_FORMER:
                told = replace(told, button=outbox_fr.SEND_AS_NEW, act=lambda: self._send_as_new(draft))
            self._w.notices.tell(told)
        else:
            self._keep_word(draft, f"{error.message_fr} {error.remedy_fr}".strip())

    def _held(self, draft: Draft, words: str, may_go: bool) -> None:
        """A note that does not leave yet comes back before the eyes; one that made place for another is not."""
        w = self._w
        if not self._is_there(draft.author):
            self._keep_word(draft, words or forms_fr.HELD_SENSITIVE)
        elif draft is w.composer.draft:
            self._conductor.show_draft(draft)
            button = fr.SEND_ANYWAY if may_go else ""
            notice = Notice(words, fr.BUILD_SAFE, "warning", "", button, lambda: self._send_anyway(draft), NOTE_NOTICE)
            if words:
                w.notices.tell(notice)
        else:
            w.notices.tell(Notice(fr.NOTE_HELD, tone="warning", button=fr.SEE_OUTBOX, act=self._conductor.go_outbox))

    def _resume(self, draft: Draft) -> None:
        if self._is_there(draft.author) and draft in self._w.drafts.of(draft.author):
            self._conductor.show_draft(draft)

    def _send_as_new(self, draft: Draft) -> None:
        """What it was to replace is not in the DMP: the doctor says that it stands by itself."""
        if self._is_there(draft.author) and draft in self._w.drafts.of(draft.author):
            draft.replaces = None
            self._conductor.show_draft(draft)
            self._conductor.send()

    def _send_anyway(self, draft: Draft) -> None:
        if self._w.composer.draft is draft:
            self._conductor.send()

    def _sent(self, draft: Draft, item: OutboxItem) -> None:
        w = self._w
        w.keeper.departing.left(draft, item.unique_id)
        w.drafts.remove(draft)
        self._watched[item.unique_id], self._named[item.id] = draft, item.unique_id
        if self._is_there(draft.author):
            if w.composer.draft is None:  # else another note is being written: it keeps the screen
                self._conductor.show_record()
            if item.waiting_for is WaitingFor.UNDO:
                self._undo.tell(item, JUST_SENT, fr.UNDO, lambda: self.undo(item.id))
            elif item.parked:
                self._undo.take(item)
                told = f"{fr.QUEUED} {item.message} {item.remedy}".strip()
                act = self._conductor.go_outbox
                w.notices.tell(Notice(told, tone="warning", button=fr.SEE_OUTBOX, act=act))
            else:
                self._undo.take(item)
                w.notices.tell(Notice(fr.QUEUED, tone="success", key=UNDO_NOTICE))
            w.announcer.say(fr.QUEUED)
        w.outbox.refresh()

    def _sent_together(self, drafts: Sequence[Draft], items: Sequence[OutboxItem]) -> None:
        """Told once, with one way back for all."""
        w, last = self._w, items[-1]
        for draft, item in zip(drafts, items, strict=True):
            w.keeper.departing.left(draft, item.unique_id)
            w.drafts.remove(draft)
            self._watched[item.unique_id], self._named[item.id] = draft, item.unique_id
        if self._is_there(drafts[0].author):
            if w.composer.draft is None:
                self._conductor.show_record()
            words = together_fr.QUEUED.format(len(items))
            if last.waiting_for is WaitingFor.UNDO:
                told = Words(words, together_fr.QUEUED_OF.format(len(items)))
                self._undo.tell(last, told, fr.UNDO, lambda: self._undo_together(self._mates(last.id) or items))
            else:
                self._undo.take(last)
                why = f"{words} {last.message} {last.remedy}".strip() if last.parked else ""
                seen = Notice(why, tone="warning", button=fr.SEE_OUTBOX, act=self._conductor.go_outbox)
                w.notices.tell(seen if why else Notice(words, tone="success", key=UNDO_NOTICE))
            w.announcer.say(words)
        w.outbox.refresh()

    def _left_before(self, draft: Draft, unique_id: str) -> None:
        """It was sent before the program began, and comes back like any other."""
        if unique_id not in self._watched:
            self._watched[unique_id] = draft
            self._before.add(unique_id)
            self.follow()
            self._w.outbox.refresh()  # its line says that it may come back

    def _tell_before(self, item: OutboxItem) -> None:
        """The delay in which it may be taken back is not over: as at the click."""
        self._before.discard(item.unique_id)
        if item.waiting_for is WaitingFor.UNDO:
            mates = len(self._mates(item.id))
            several = Words(together_fr.LEFT_BEFORE.format(mates), together_fr.LEFT_BEFORE_OF.format(mates))
            words = several if mates > 1 else SENT_BEFORE
            self._undo.tell(item, words, fr.UNDO, lambda: self.undo_sent(item.id))

    def _undone(self, unique_id: str, asker: Professional | None, words: str, *, resumed: bool) -> None:
        """`resumed`: to be corrected at once, unless another note is being written."""
        w = self._w
        draft = self._watched.pop(unique_id, None)
        self._refused.discard(unique_id)
        if draft and draft.id in {one.id for one in w.drafts.all}:  # it came back from the disk meanwhile
            words, draft = fr.NOTE_BACK, next(one for one in w.drafts.all if one.id == draft.id)
        elif draft:
            w.drafts.restore(draft)
        if self._is_there(asker):
            if draft and resumed and w.composer.draft is None and draft in w.drafts.all:
                self._conductor.show_draft(draft)
            w.notices.tell(self._offered(draft, words) if draft else Notice(fr.NOT_SENT))
            w.announcer.say(fr.NOT_SENT)
        elif draft:
            self._keep_word(draft, words)
        w.outbox.refresh()

    def _offered(self, draft: Draft, words: str) -> Notice:
        """With the way to go on with it, beside no other patient's record."""

        def resume() -> None:
            if self._on_screen(draft.patient) is False:  # another one was opened since
                self._conductor.go_outbox()
            else:
                self._resume(draft)

        told = self._back(draft, words)
        if told.button or draft is self._w.composer.draft:
            return told
        return replace(told, button=fr.RESUME, act=resume)

    def _back(self, draft: Draft, words: str) -> Notice:
        """A note that came back while another patient's record is on screen is not the one before the eyes."""
        if self._on_screen(draft.patient) is not False:
            return Notice(words)
        return Notice(
            f"{words} {fr.NOTE_OF_ANOTHER}", tone="warning", button=fr.SEE_OUTBOX, act=self._conductor.go_outbox
        )

    def _deposited(self, item: OutboxItem) -> Notice:
        """The list on screen does not have it: the DMP is asked again by who wants it, never by itself (EX_3.1-2030)."""
        if not self._on_screen(item.patient):
            return Notice(fr.SENT_NOTICE, tone="success")
        return Notice(
            fr.SENT_NOTICE, tone="success", button=fr.REFRESH_RECORD, act=self._w.record.refresh, key=DEPOSITED
        )

    def _on_screen(self, patient: Patient) -> bool | None:
        """Whether the open record is this patient's; None where none is open."""
        there = self._w.session.state.patient
        return None if there is None else same_person(there.ins, patient.ins)

    def _told_with(self, item: OutboxItem) -> bool:
        """Whether the refusal was told of another document of the same sending: the DMP refuses a lot whole, for one reason."""
        mates = {one.unique_id for one in self._w.outbox.all if one.submission_id == item.submission_id}
        return bool(self._refused & (mates - {item.unique_id}))

    def follow(self) -> None:
        """Tells once how the sending of each note of theirs ended, the refused ones last: they stay before the eyes."""
        for item in sorted(self._w.outbox.all, key=lambda item: item.state is OutboxState.REFUSED):
            draft = self._watched.get(item.unique_id)
            if draft is None or not self._is_there(draft.author):
                continue
            if item.unique_id in self._before:
                self._tell_before(item)
            if item.waiting_for is not WaitingFor.UNDO:
                self._tell_end(item)

    def _tell_end(self, item: OutboxItem) -> None:
        w = self._w
        if item.state is not OutboxState.REFUSED:
            w.notices.clear(REFUSED_NOTICE.format(item.unique_id))
        if item.state is OutboxState.WAITING and item.waiting_for is WaitingFor.NOTHING:
            self._refused.discard(item.unique_id)
            return
        if item.state is OutboxState.REFUSED and item.unique_id in self._refused:
            return
        if self._undo.withdraws(item):  # what left before says nothing of the one that may still be withdrawn
            self._undo.clear()
        if item.state in (OutboxState.WAITING, OutboxState.SENDING):
            self._refused.discard(item.unique_id)
            return
        if item.state is OutboxState.CANCELLED:
            return  # its note comes back by `_undone`, however late that is told
        if item.state is not OutboxState.REFUSED:
            del self._watched[item.unique_id]
        if item.state is OutboxState.SENT:
            before = w.notices.notice  # of another: it may be withdrawn still, or is to be read first
            if before is None or (before.tone == "success" and before.key != UNDO_NOTICE):
                w.notices.tell(self._deposited(item))
            w.announcer.say(fr.SENT_NOTICE)
        elif item.state is OutboxState.REFUSED:
            self._refused.add(item.unique_id)
            if self._told_with(item):
                return
            whose = fr.OF_ANOTHER if self._on_screen(item.patient) is False else ""
            text = f"{whose} {item.message} {item.remedy}".strip()
            act = self._conductor.go_outbox
            key = REFUSED_NOTICE.format(item.unique_id)
            told = Notice(text, fr.OUTBOX_SAFE, "danger", item.code, fr.SEE_OUTBOX, act, key, lasting=True)
            w.notices.tell(told)
