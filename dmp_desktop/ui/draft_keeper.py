"""Puts notes under way on the disk while they are written, and brings them back when their author does."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QSessionManager
from PySide6.QtWidgets import QApplication

from dmp_desktop.domain.drafts import FoundDrafts, KeptDraft
from dmp_desktop.domain.ports import Clock
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.services.found_person import same_person
from dmp_desktop.services.session_state import SessionState
from dmp_desktop.ui import strings_drafts_fr as fr
from dmp_desktop.ui.departing import Departing
from dmp_desktop.ui.draft_pens import Pens
from dmp_desktop.ui.draft_ports import DraftsPort
from dmp_desktop.ui.tasks import attempt
from dmp_desktop.ui.views.compose.drafts import Draft
from dmp_desktop.ui.views.compose.kept import draft_of, kept_draft
from dmp_desktop.ui.widgets.notice_bar import Notice, of_error

if TYPE_CHECKING:
    from dmp_desktop.services.drafts import Kept, Pen
    from dmp_desktop.ui.access_controller import AccessController
    from dmp_desktop.ui.main_window import MainWindow

AFTER_KEY_MS, AGAIN_MS, UNDO_MS = 1000, 2000, 10_000
"""How long words may be nowhere but here (2 s with what the disk takes), what failed is tried again, a deletion taken back."""
KEEP_NOTICE, DISCARD_NOTICE = "draft-kept", "draft-discarded"


class DraftKeeper(QObject):
    """Without a port, or for who has no key of their own, drafts stay in memory.

    Rows are kept and forgotten one after the other, in the order they were asked for.
    """

    told = Signal()  # what is on the disk, or could not be, may have changed
    found = Signal()  # what the disk holds for who is there was looked for
    settled = Signal()  # nothing is on its way to the disk

    def __init__(self, window: MainWindow, port: DraftsPort | None, clock: Clock) -> None:
        super().__init__(window)
        self._w, self._port, self._clock = window, port, clock
        self._pool = window.tasks.drafts
        self._pens = Pens(port, self._pool, self._not_told)
        self._who = ""
        self._kept: dict[str, KeptDraft] = {}
        self._revisions: dict[str, int] = {}
        self._under_way: dict[str, KeptDraft] = {}
        self._times: dict[str, datetime] = {}
        self._gone: set[str] = set()
        self._spared: dict[str, QTimer] = {}
        self.departing = Departing(self, window)
        self._reading = False
        self.failed: DmpDesktopError | None = None
        self.elsewhere = self.unread = 0
        self.returned: set[str] = set()  # ids of what came back from the disk and was not looked at since
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(AFTER_KEY_MS)
        self._soon.timeout.connect(self.save_now)
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.timeout.connect(self.look)
        if port is not None:
            window.drafts.safe = self.safe
            self._connect()

    def _connect(self) -> None:
        w = self._w
        w.composer.changed.connect(self._touched)
        w.composer.proposer.proposed.connect(lambda _draft: self._touched())
        w.drafts.changed.connect(self._followed)
        w.composer.dispatch.departure = self.departing.departure
        w.outbox.changed.connect(self.departing.settle)
        w.session.changed.connect(self._session_changed)
        w.record.opened.connect(lambda _patient: self._record_opened())
        w.installEventFilter(self)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.commitDataRequest.connect(self._session_ends)
            application.aboutToQuit.connect(self.flush)

    # What is on the disk

    @property
    def port(self) -> DraftsPort | None:
        return self._port

    def safe(self, draft: Draft) -> bool:
        """Whether it is on the disk as it is now."""
        return self._kept.get(draft.id) == self.now(draft)

    def kept_at(self, draft: Draft) -> datetime | None:
        """When it was last put on the disk by this program."""
        return self._times.get(draft.id)

    def pen_of(self, draft: Draft) -> Pen | None:
        """What it is kept with, while there is any."""
        return self._pens.of(draft)

    def knows(self, draft: Draft) -> bool:
        """Whether it is on the disk, were it as it was before."""
        return draft.id in self._kept

    def recall(self, kept: KeptDraft, revision: int) -> Draft:
        """A note as the disk has it."""
        draft = draft_of(kept)
        self._kept[draft.id], self._revisions[draft.id] = kept, revision
        return draft

    def now(self, draft: Draft) -> KeptDraft:
        """What a special access gave to read ends with it: nothing of it goes to the disk."""
        access: AccessController | None = getattr(self._w, "access", None)
        special = access.opened if access else None
        return kept_draft(draft, with_facts=special is None or not same_person(special.patient.ins, draft.patient.ins))

    # Keeping

    def _touched(self) -> None:
        """Not restarted by each key: who types without a pause is kept meanwhile."""
        if not self._soon.isActive():
            self._soon.start(AFTER_KEY_MS)
        self.told.emit()

    def _unsafe(self) -> list[tuple[Draft, Pen, KeptDraft]]:
        unsafe = []
        for draft in self._w.drafts.all:
            pen = self._pens.of(draft)
            if pen is None or (draft.empty and draft.id not in self._kept):
                continue
            now = self.now(draft)
            if now != self._kept.get(draft.id):
                unsafe.append((draft, pen, now))
        return unsafe

    def save_now(self) -> bool:
        """Whether anything is on its way to the disk."""
        port = self._port
        if port is None:
            return False
        if any(self._is_there(draft) and not draft.empty for draft in self._w.drafts.all):
            self._ask_pen()
        for draft, pen, now in self._unsafe():
            if draft.id not in self._under_way:
                self.submit(port, pen, draft, now)
        return bool(self._under_way)

    def keep_last(self, draft: Draft) -> None:
        """What was written of a note that is no draft any more, since it was last kept."""
        port, pen, now = self._port, self.pen_of(draft), self.now(draft)
        if port is not None and pen is not None and now != self._kept.get(draft.id):
            self.submit(port, pen, draft, now)

    def submit(self, port: DraftsPort, pen: Pen, draft: Draft, now: KeptDraft) -> None:
        self._under_way[draft.id] = now
        self._pool.submit(
            lambda: port.keep(pen, now),
            lambda kept: self._is_kept(draft, now, kept),
            lambda error: self._not_kept(draft, error),
        )

    def flush(self) -> None:
        """All that can be is on the disk when it returns: nothing will run after it."""
        port = self._port
        if port is None:
            return
        for draft, pen, now in self._unsafe():
            attempt(partial(self._put, port, pen, draft, now), self._not_told)
        if spared := [*self._spared]:
            attempt(partial(port.forget, spared), self._not_told)

    def _put(self, port: DraftsPort, pen: Pen, draft: Draft, now: KeptDraft) -> None:
        self._record(draft, now, port.keep(pen, now))

    def _session_ends(self, _manager: QSessionManager) -> None:
        """The system is being shut down."""
        self.flush()

    def _not_told(self, error: DmpDesktopError) -> None:
        self.failed = error

    def _record(self, draft: Draft, now: KeptDraft, kept: Kept) -> bool:
        """Whether it had to be kept as another one."""
        twice = kept.draft_id != draft.id
        if twice:
            self._unknow(draft.id)  # the other window's: not to be forgotten
        draft.id = kept.draft_id
        self._kept[draft.id] = replace(now, draft_id=draft.id)
        self._revisions[draft.id] = kept.revision
        self._times[draft.id] = self._clock.now()
        return twice

    def _is_kept(self, draft: Draft, now: KeptDraft, kept: Kept) -> None:
        self._under_way.pop(draft.id, None)
        if self._record(draft, now, kept):
            if self._is_there(draft):
                self._w.notices.tell(Notice(fr.TWICE, tone="warning"))
            self.look()
        if self.failed is not None:
            self.failed = None
            self._w.notices.clear(KEEP_NOTICE)
        self._followed()
        self._end_of_one()

    def _not_kept(self, draft: Draft, error: DmpDesktopError) -> None:
        self._under_way.pop(draft.id, None)
        news = self.failed is None or self.failed.code != error.code
        self.failed = error
        if news and self._is_there(draft):
            self._tell_failed()
        self._soon.start(AGAIN_MS)
        self._end_of_one()

    def _tell_failed(self) -> None:
        if self.failed is not None:
            self._w.notices.tell(replace(of_error(self.failed, fr.KEPT_SAFE, key=KEEP_NOTICE), lasting=True))

    def _end_of_one(self) -> None:
        self.told.emit()
        if self._under_way:
            return
        if self.failed is None and self._unsafe():
            if self._who:
                self._soon.start(AFTER_KEY_MS) if not self._soon.isActive() else None
            else:
                self.save_now()
                return
        self._give_back()
        self.settled.emit()

    def _give_back(self) -> None:
        """The pens of who has left, once all of theirs is on the disk."""
        self._pens.give_back({self._who, *(draft.author.national_id for draft, _pen, _now in self._unsafe())})

    # Who is there

    def _session_changed(self, state: SessionState) -> None:
        who = state.professional.national_id if state.professional and self._w.gate.open(state) else ""
        if not who:
            self._who, self.elsewhere, self.unread = "", 0, 0
            if not self.save_now():
                self._give_back()
            return
        if who != self._who or not self._pens.has(who):
            self._who = who
            self._pens.take(who)
            if not self.save_now():
                self._give_back()
            if any(draft.author.national_id == who for draft, _pen, _now in self._unsafe()):
                self._tell_failed()  # what was told before the screen was covered is still so
            self.look()

    def _ask_pen(self) -> None:
        if who := self._who:
            self._pens.ask(who, lambda: self._still_of(who), self._pen_taken)

    def _still_of(self, who: str) -> bool:
        return who == self._who or any(draft.author.national_id == who for draft in self._w.drafts.all)

    def _pen_taken(self) -> None:
        self.save_now()
        self.look()

    def _record_opened(self) -> None:
        """The recovery code, or another window, may have brought more since."""
        self._ask_pen()
        self.look()

    def _is_there(self, draft: Draft) -> bool:
        return bool(self._who) and draft.author.national_id == self._who

    def look(self) -> None:
        """What the disk holds for who is there: at their sign-in, and when the window is used again beside another one."""
        port, who = self._port, self._who
        if port is None or not who or self._reading or not self._pens.has(who):
            return
        self._reading = True
        sure = {draft.id for draft in self._w.drafts.all if draft.id not in self._under_way and self.safe(draft)}
        self._pool.submit(lambda: port.mine(), lambda found: self._take(who, sure, found), self._not_found)

    def _not_found(self, error: DmpDesktopError) -> None:
        self._reading = False
        if self._who:
            self._w.notices.tell(of_error(error, key=KEEP_NOTICE))

    def _take(self, who: str, sure: set[str], found: FoundDrafts) -> None:
        """`sure`: those that the disk held when it was asked; one it does not hold any more has left by another window."""
        self._reading = False
        if who != self._who or found.whose != who:  # they left meanwhile, and may be back
            self._again.start(AGAIN_MS)
            return
        self.elsewhere, self.unread = found.elsewhere, found.unread
        mine = {draft.id: draft for draft in self._w.drafts.all}
        there = {kept.draft_id for kept, _revision in found.drafts}
        for draft_id in sure - there:
            draft = mine.get(draft_id)
            if draft and self._is_there(draft) and draft is not self._w.composer.draft and self.safe(draft):
                self._forget_here(draft)
        for kept, revision in found.drafts:
            self._take_one(mine.get(kept.draft_id), kept, revision, doubtful=kept.draft_id in found.doubtful)
        for kept, revision, unique_id in found.leaving:
            self.departing.take(kept, revision, unique_id)
        self.found.emit()
        self.told.emit()

    def _take_one(self, mine: Draft | None, kept: KeptDraft, revision: int, *, doubtful: bool = False) -> None:
        if self.is_gone(kept.draft_id) or not self.departing.stays(kept.draft_id):
            return
        if mine is not None:
            newer = revision > self._revisions.get(mine.id, revision)
            if not newer or mine is self._w.composer.draft or not self.safe(mine):
                return
            self._forget_here(mine)
        draft = self.recall(kept, revision)
        draft.word = fr.MAY_HAVE_LEFT if doubtful else ""
        if draft.empty:
            self.forget([draft.id])
            return
        if mine is None:
            self.returned.add(draft.id)
        self._w.drafts.restore(draft)

    def is_gone(self, draft_id: str) -> bool:
        """Whether it was given up here, or forgotten."""
        return draft_id in self._gone or draft_id in self._spared

    def _forget_here(self, draft: Draft) -> None:
        self._kept.pop(draft.id, None)
        self._w.drafts.remove(draft)

    # Forgetting

    def _followed(self) -> None:
        """What is no longer among the notes was sent or given up; what came back is kept again."""
        there = {draft.id for draft in self._w.drafts.all}
        for back in there & self._spared.keys():
            self._spared.pop(back).stop()
        self._gone -= there
        self.returned &= there
        stay = {*there, *self._spared, *self._under_way, *self.departing.gone_but(there)}
        left = [one for one in self._kept if one not in stay]
        if left:
            self.forget(left)
        self._touched()

    def forget(self, ids: list[str]) -> None:
        """On the disk; they do not come back from there."""
        for one in ids:
            self._unknow(one)
        self._gone |= {*ids}
        if port := self._port:
            self._pool.submit(lambda: port.forget(ids), lambda _none: None, lambda error: self.not_done(error))

    def _unknow(self, draft_id: str) -> None:
        for known in (self._kept, self._revisions, self._times):
            known.pop(draft_id, None)

    def not_done(self, error: DmpDesktopError) -> None:
        if self._who:
            self._w.notices.tell(of_error(error))

    def spare(self, draft: Draft) -> None:
        """It is given up, and forgotten on the disk unless it comes back within 10 s."""
        timer = self._spared[draft.id] = QTimer(self)
        timer.setSingleShot(True)
        timer.timeout.connect(lambda: self._spare_no_more(draft.id))
        timer.start(UNDO_MS)

    def _spare_no_more(self, draft_id: str) -> None:
        self._spared.pop(draft_id, None)
        self._w.notices.clear(DISCARD_NOTICE)
        self._followed()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.WindowDeactivate:
            self.save_now()
        elif event.type() is QEvent.Type.WindowActivate:
            self.look()
        return super().eventFilter(watched, event)
