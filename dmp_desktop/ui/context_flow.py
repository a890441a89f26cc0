"""What the practice software hands over, before the eyes: it proposes, and nothing changes until somebody has answered.

A note becomes a draft of the open record's patient only, once their identity agrees; what was received is dropped once that draft
is on the disk. Cut between the two, the draft is there and has the same id: nothing is taken twice.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout

from dmp_desktop.domain.drafts import FoundDrafts
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.services.context_desk import Proposed
from dmp_desktop.services.found_person import same_person
from dmp_desktop.services.session_state import SIGNED_IN, Phase, SessionState
from dmp_desktop.ui import strings_received_fr as fr
from dmp_desktop.ui.call_hint import CallHint
from dmp_desktop.ui.received_ports import ReceivedPort
from dmp_desktop.ui.views.compose.drafts import Draft
from dmp_desktop.ui.widgets.notice_bar import Notice, of_error

if TYPE_CHECKING:
    from dmp_desktop.ui.main_window import MainWindow
    from dmp_desktop.ui.widgets.proposed_bar import ProposedBar

RECEIVED_NOTICE, IGNORED_NOTICE = "received", "received ignored"
UNDO_MS = 10_000


class ContextFlow(QObject):
    """Looks at what waits when something comes, and whenever who is there or the open record changes."""

    _came = Signal()

    def __init__(self, window: MainWindow, port: ReceivedPort) -> None:
        super().__init__(window)
        self._w, self._port = window, port
        self.bar: ProposedBar | None = None  # made when there is something to propose
        self.shown: Proposed | None = None
        self._turn = 0
        self._opening = ""  # the id whose record was asked for: its note follows
        self._hidden: set[str] = set()  # ids being ignored, or taken
        self._taken: dict[str, Draft] = {}
        self._ignored: dict[str, QTimer] = {}
        self._hint = CallHint(window, port)
        self._came.connect(self._has_come, Qt.ConnectionType.QueuedConnection)
        port.follow(self._came.emit)
        window.session.changed.connect(self._session_changed)
        window.keeper.told.connect(self._settle)
        window.keeper.found.connect(self._found)
        window.drafts.changed.connect(self._settle)
        window.closed.connect(self._stop_ignoring)
        self.look()  # what came before the window was there

    # What waits

    def _has_come(self) -> None:
        self.look(came=True)

    def look(self, *, came: bool = False) -> None:
        """Ask what is proposed to who is there, beside the record that is open; over a covered screen, how many wait."""
        self._turn += 1
        turn, state = self._turn, self._w.session.state
        if state.phase in SIGNED_IN:
            self._hint.hide()
        else:
            self._hint.look(self._hidden, came=came)
        if not self._w.gate.open(state):
            self._clear()
            return
        who, shown, hidden = state.professional, state.patient, frozenset(self._hidden)
        self._w.tasks.general.submit(
            lambda: self._port.proposed(who, shown, hidden),
            lambda found: self._show(turn, found),
            lambda error: self._failed(turn, error),
        )

    def _session_changed(self, state: SessionState) -> None:
        if not self._w.gate.open(state) or (state.phase is not Phase.CHOOSING and not self._theirs(self.shown)):
            self._opening = ""  # they were not opened, or are no more
        self.look()

    def _show(self, turn: int, found: Proposed | None) -> None:
        if turn != self._turn:
            return
        if found is None:
            self._clear()
            return
        if self._w.panel is not None and (self.shown is None or self.shown.received.id != found.received.id):
            self._w.panel.showing.appear()  # seen, without the keyboard of whoever types in the practice software
        self.shown = found
        if found.same and found.received.id == self._opening and found.received.note and not found.note_barred:
            self._take_note(found)
            return
        bar = self._bar()
        bar.show_proposed(found)

    def _failed(self, turn: int, error: DmpDesktopError) -> None:
        if turn == self._turn:
            self._w.notices.tell(of_error(error, key=RECEIVED_NOTICE))

    def _clear(self) -> None:
        self.shown = None
        if self.bar is not None:
            self.bar.clear()

    def _bar(self) -> ProposedBar:
        if self.bar is None:
            from dmp_desktop.ui.widgets.proposed_bar import ProposedBar

            self.bar = ProposedBar(self._w.content)
            self.bar.settling.since_key = self._w.gate.idle.since_key
            rows = self._w.content.layout()
            if isinstance(rows, QVBoxLayout):
                rows.insertWidget(rows.indexOf(self._w.body), self.bar)
            self.bar.taken.connect(self._take)
            self.bar.ignored.connect(self._ignore)
            self._w.parts.append(self.bar)
        return self.bar

    def _theirs(self, found: Proposed | None) -> bool:
        """Whether the open record is that of who is proposed."""
        patient = self._w.session.state.patient
        return (
            found is not None and patient is not None and same_person(patient.ins, found.received.context.patient.ins)
        )

    # Answers

    def _take(self) -> None:
        found = self.shown
        if found is None:
            return
        if found.same:
            self._take_note(found)
            return
        self._opening = found.received.id
        self._port.answered(found.received.id)
        self._w.session.present(lambda: self._port.people(found.received), self.look)

    def _ignore(self) -> None:
        """A note goes 10 s later: until then it may be called back, and stays where the program ends."""
        found = self.shown
        if found is None:
            return
        received_id = found.received.id
        self._hidden.add(received_id)
        self._port.answered(received_id)
        if not found.received.note:
            self._drop_ignored(received_id)
        else:
            timer = self._ignored[received_id] = QTimer(self)
            timer.setSingleShot(True)
            timer.timeout.connect(lambda: self._ignored_for_good(received_id))
            timer.start(UNDO_MS)
            undo = Notice(fr.NOTE_IGNORED, button=fr.UNDO, act=lambda: self._recall(received_id), key=IGNORED_NOTICE)
            self._w.notices.tell(undo)
        self.look()

    def _recall(self, received_id: str) -> None:
        timer = self._ignored.pop(received_id, None)
        if timer is not None:
            timer.stop()
            self._hidden.discard(received_id)
            self.look()

    def _ignored_for_good(self, received_id: str) -> None:
        if self._ignored.pop(received_id, None) is not None:
            self._w.notices.clear(IGNORED_NOTICE)
            self._drop_ignored(received_id)

    def _stop_ignoring(self) -> None:
        """The window closes within the 10 s: what was ignored waits again at the next start."""
        for timer in self._ignored.values():
            timer.stop()
        self._ignored.clear()

    # Notes

    def _take_note(self, found: Proposed) -> None:
        """Not before it is known that no draft of the disk is this one already."""
        self._opening = ""
        received_id, drafts = found.received.id, self._w.keeper.port
        if received_id in self._hidden:
            return
        self._hidden.add(received_id)
        self._clear()
        if drafts is None:
            self._begin(found, FoundDrafts())
            return
        self._w.tasks.drafts.submit(
            lambda: drafts.mine(),
            lambda mine: self._begin(found, mine),
            lambda error: self._untaken(received_id, error),
        )

    def _begin(self, found: Proposed, mine: FoundDrafts) -> None:
        received_id, state = found.received.id, self._w.session.state
        kept = {one[0].draft_id for one in mine.drafts} | {one[0].draft_id for one in mine.leaving}
        if received_id in kept:
            self._drop_taken(received_id)
            self._w.keeper.look()
            return
        context = found.received.context
        patient, who = state.patient, state.professional
        if (
            not self._w.gate.open(state)
            or not self._theirs(found)
            or patient is None
            or who is None
            or not context.professional.is_also(who)
        ):
            self._hidden.discard(received_id)  # another record is open by now
            self.look()
            return
        began = context.encounter.start.astimezone(UTC)
        draft = self._w.drafts.receive(patient, who, found.received.note, began, received_id)
        self._port.answered(received_id)
        self._taken[received_id] = draft
        self._w.conductor.show_draft(draft)
        self._w.notices.tell(Notice(fr.NOTE_TAKEN, tone="success", key=RECEIVED_NOTICE))
        self._w.keeper.save_now()
        self._settle()
        self.look()

    def _untaken(self, received_id: str, error: DmpDesktopError) -> None:
        self._hidden.discard(received_id)
        self._w.notices.tell(of_error(error, fr.SAFE, key=RECEIVED_NOTICE))
        self.look()

    def _settle(self) -> None:
        """What is a draft on the disk, or was one and has been sent or given up, is received no more."""
        there = set(self._w.drafts.all)
        for received_id, draft in [*self._taken.items()]:
            if draft not in there or self._w.drafts.safe(draft):
                del self._taken[received_id]
                self._drop_taken(received_id)

    def _found(self) -> None:
        """The drafts of who is there have come back from the disk: some were taken before a cut."""
        back = [draft.id for draft in self._w.drafts.all if self._w.drafts.safe(draft)]
        if back:
            self._drop_taken(*back)

    def _drop_taken(self, *received_ids: str) -> None:
        self._drop(lambda: self._port.taken(received_ids))

    def _drop_ignored(self, received_id: str) -> None:
        self._drop(lambda: self._port.ignored((received_id,)))

    def _drop(self, work: Callable[[], None]) -> None:
        """Not where notes are kept: what it came from may be on a share that does not answer."""
        self._w.tasks.general.submit(
            work, lambda _done: None, lambda error: self._w.notices.tell(of_error(error, key=RECEIVED_NOTICE))
        )
