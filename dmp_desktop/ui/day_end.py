"""What has not left of the day, told quietly at its end: in the strip from the evening on and once its author has gone, and when
the window closes. Numbers only: the strip stays while the screen is masked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from dmp_desktop.domain.outbox import OutboxItem, OutboxState, WaitingFor
from dmp_desktop.domain.people import Professional
from dmp_desktop.domain.ports import Clock
from dmp_desktop.services.session_state import SIGNED_IN, SessionState
from dmp_desktop.ui import strings_dashboard_fr as fr
from dmp_desktop.ui.outbox_controller import PENDING

if TYPE_CHECKING:
    from dmp_desktop.ui.main_window import MainWindow

EVENING = time(17)
"""Local time. Before it the strip says nothing of the day to who still works: a morning's notes are not late."""
LOOK_MS = 300_000
"""How late the evening may be noticed while nothing else changes."""


class DayEnd(QObject):
    """Of who is before the screen, or was last: what leaves by itself after they have gone is no longer told."""

    def __init__(self, window: MainWindow, clock: Clock) -> None:
        super().__init__(window)
        self._w, self._clock = window, clock
        self._who: Professional | None = None
        self._there = False
        self._soon = QTimer(self)
        self._soon.setInterval(LOOK_MS)
        self._soon.timeout.connect(self.show)
        self._soon.start()
        window.session.changed.connect(self._session_changed)
        window.outbox.changed.connect(self.show)
        window.drafts.changed.connect(self.show)
        window.composer.changed.connect(self.show)

    def show(self) -> None:
        now = self._clock.now().astimezone()
        late = not self._there or now.time() >= EVENING
        self._w.strip.show_day(self._today(now.date()) if late else "")

    def closing(self) -> str:
        """What is still to leave, whosever it is, and what becomes of it; empty when there is nothing to say."""
        drafts = sum(draft.unsent and self._w.drafts.safe(draft) for draft in self._w.drafts.all)
        return fr.closing(*_sorted(self._w.outbox.all), drafts)

    def _today(self, today: date) -> str:
        if self._who is None:
            return ""
        who = self._who.national_id
        mine = [one for one in self._w.outbox.all if who and one.author_id == who and _day(one.created_at) == today]
        notes = self._w.drafts.of(self._who)
        drafts = sum(draft.unsent and _day(draft.started_at) == today for draft in notes)
        return fr.today(*_sorted(mine), drafts)

    def _session_changed(self, state: SessionState) -> None:
        self._there = state.phase in SIGNED_IN and state.professional is not None
        if self._there:
            self._who = state.professional
        self.show()


def _day(moment: datetime) -> date:
    return moment.astimezone().date()


def _sorted(items: Iterable[OutboxItem]) -> tuple[int, int, int]:
    """How many leave by themselves, are held, were refused."""
    pending = [item for item in items if item.state in PENDING]
    refused = sum(item.state is OutboxState.REFUSED for item in pending)
    held = sum(item.waiting_for is WaitingFor.HOLD for item in pending if item.state is not OutboxState.REFUSED)
    return len(pending) - refused - held, held, refused
