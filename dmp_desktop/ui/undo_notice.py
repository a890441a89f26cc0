"""The delay in which what was just sent may be withdrawn: how long it lasts still, and whose document it is.

The patient is named only where the window shows somebody else, or nobody: never in a title, a log or an announcement."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from dmp_desktop.domain.outbox import OutboxItem
from dmp_desktop.domain.people import Patient
from dmp_desktop.domain.ports import Clock
from dmp_desktop.ui.widgets.notice_bar import Notice, NoticeBar

UNDO_NOTICE = "undo"


@dataclass(frozen=True, slots=True)
class Words:
    """What is told beside the record of the patient, and elsewhere ({} is the patient's name)."""

    here: str
    elsewhere: str


class UndoNotice:
    """`on_screen` says whether the open record is this patient's."""

    def __init__(self, notices: NoticeBar, clock: Clock, on_screen: Callable[[Patient], bool | None]) -> None:
        self._notices, self._clock, self._on_screen = notices, clock, on_screen
        self._told: tuple[Patient, Words] | None = None
        self._item_id = 0  # what the button withdraws: the last one sent

    def tell(self, item: OutboxItem, words: Words, button: str, act: Callable[[], None]) -> None:
        self._told, self._item_id = (item.patient, words), item.id
        until = time.monotonic() + self._seconds_left(item)
        told = Notice(self._text(), "", "success", "", button, act, UNDO_NOTICE, lasting=True, until=until)
        self._notices.tell(told)

    def withdraws(self, item: OutboxItem) -> bool:
        return item.id == self._item_id

    def take(self, item: OutboxItem) -> None:
        """Sent last, with no delay: nothing of a former one is told to be withdrawn."""
        self._told, self._item_id = None, item.id

    def look(self) -> None:
        """Another record may be open since."""
        if self._told:
            self._notices.reword(UNDO_NOTICE, self._text())

    def clear(self) -> None:
        self._told = None
        self._notices.clear(UNDO_NOTICE)

    def _text(self) -> str:
        if self._told is None:
            return ""
        patient, words = self._told
        return words.here if self._on_screen(patient) else words.elsewhere.format(patient.display_name)

    def _seconds_left(self, item: OutboxItem) -> float:
        """By the clock at this moment; a clock that jumps later changes nothing on the screen."""
        if item.next_attempt_at is None:
            return 0.0
        left = (item.next_attempt_at - self._clock.now()).total_seconds()
        return min(max(left, 0.0), (item.next_attempt_at - item.created_at).total_seconds())
