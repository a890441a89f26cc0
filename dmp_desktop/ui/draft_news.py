"""What is told of drafts on the disk: beside the note, in À envoyer, when their patient is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from dmp_desktop.domain.people import Patient
from dmp_desktop.domain.ports import Clock
from dmp_desktop.ui import formats
from dmp_desktop.ui import strings_drafts_fr as fr
from dmp_desktop.ui import strings_fr as window_fr
from dmp_desktop.ui.draft_keeper import DISCARD_NOTICE
from dmp_desktop.ui.views.compose.drafts import Draft
from dmp_desktop.ui.widgets.action_bar import differ
from dmp_desktop.ui.widgets.notice_bar import Notice

if TYPE_CHECKING:
    from dmp_desktop.ui.conductor import Conductor
    from dmp_desktop.ui.main_window import MainWindow

BACK_NOTICE = "draft-back"


class DraftNews(QObject):
    def __init__(self, conductor: Conductor, window: MainWindow, clock: Clock) -> None:
        super().__init__(conductor)
        self._conductor, self._w, self._clock = conductor, window, clock
        window.keeper.told.connect(self._say_kept)
        window.composer.changed.connect(self._say_kept)
        window.composer.changed.connect(self._looked_at)
        window.keeper.found.connect(self._come_back)
        window.keeper.found.connect(self.count)
        window.drafts.changed.connect(self.count)
        window.record.opened.connect(self._offer)
        window.record.closed.connect(lambda: window.notices.clear(BACK_NOTICE))
        window.page.outbox.delete_asked.connect(self.discard)

    def count(self) -> None:
        """At the top of the drafts in À envoyer."""
        w = self._w
        now = formats.day(self._clock.now())
        mine = [draft for draft in w.drafts.of(w.session.state.professional) if draft.unsent]
        today = sum(formats.day(draft.started_at) == now for draft in mine)
        w.page.outbox.drafts.tell(today, w.keeper.elsewhere, w.keeper.unread)

    def discard(self, draft: Draft) -> None:
        """By its author's own act; taken back within 10 s."""
        w = self._w
        if draft not in w.drafts.of(w.session.state.professional) or w.composer.dispatch.sends(draft):
            return
        if draft is w.composer.draft:
            w.composer.show_draft(None)
        if not draft.empty:
            w.keeper.spare(draft)
        w.drafts.remove(draft)
        if not draft.empty:
            undo = Notice(
                window_fr.DISCARDED,
                button=window_fr.DISCARD_UNDO,
                act=lambda: w.drafts.restore(draft),
                key=DISCARD_NOTICE,
            )
            w.notices.tell(undo)

    def _say_kept(self) -> None:
        """Quiet while all is well."""
        w, label = self._w, self._w.composer.kept
        draft = w.composer.draft
        at = w.keeper.kept_at(draft) if draft else None
        failed = draft is not None and w.keeper.failed is not None and not w.keeper.safe(draft)
        label.set_role("danger" if failed else "muted")
        label.setText(fr.NOT_KEPT if failed else fr.KEPT_AT.format(f"{at.astimezone():%H:%M}") if at else "")
        label.setToolTip("" if failed else fr.KEPT_TIP)

    def _looked_at(self) -> None:
        draft, returned = self._w.composer.draft, self._w.keeper.returned
        if draft and draft.id in returned:
            returned.discard(draft.id)
            self._w.notices.clear(BACK_NOTICE)

    def _come_back(self) -> None:
        if patient := self._w.record.patient:
            self._offer(patient)

    def _offer(self, patient: Patient) -> None:
        """Of the open patient's only: those of others are in À envoyer. Not over a note that is being written."""
        w = self._w
        if w.body.currentWidget() is w.composer:
            return
        mine = w.drafts.of(w.session.state.professional)
        back = [draft for draft in mine if draft.id in w.keeper.returned and not differ(draft.patient, patient)]
        if len(back) == 1:
            (draft,) = back
            since = formats.day_and_time(draft.started_at)
            words = fr.BACK.format(kind=window_fr.KIND[draft.kind], since=since)
            act = lambda: self._resume(draft)  # noqa: E731  (one notice, one act)
            w.notices.tell(Notice(words, button=window_fr.RESUME, act=act, key=BACK_NOTICE))
        elif back:
            words = fr.BACK_MANY.format(len(back))
            see, act = window_fr.SEE_OUTBOX, self._conductor.go_outbox
            w.notices.tell(Notice(words, button=see, act=act, key=BACK_NOTICE))

    def _resume(self, draft: Draft) -> None:
        w = self._w
        if w.gate.open(w.session.state) and draft in w.drafts.of(w.session.state.professional):
            self._conductor.show_draft(draft)
