"""Says, once a start, that the practice's recovery code is not on paper yet."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from dmp_desktop.services.session_state import SIGNED_IN, SessionState
from dmp_desktop.ui import strings_practice_fr as fr
from dmp_desktop.ui.practice_ports import PracticeCodePort
from dmp_desktop.ui.widgets.notice_bar import Notice

if TYPE_CHECKING:
    from dmp_desktop.ui.main_window import MainWindow

REMINDER_NOTICE = "practice-code"


class PracticeReminder(QObject):
    """Beside nothing else that is told: whatever is there goes first. `show` opens the page of the code."""

    def __init__(self, window: MainWindow, port: PracticeCodePort, show: Callable[[], None]) -> None:
        super().__init__(window)
        self._w = window
        self._port = port
        self._show = show
        self._told = self._asked = False
        window.session.changed.connect(self._session_changed)

    def _session_changed(self, state: SessionState) -> None:
        if state.phase not in SIGNED_IN:
            self._w.notices.clear(REMINDER_NOTICE)
        elif not self._told and not self._asked:
            self._asked = True
            self._w.tasks.general.submit(self._port.to_remind, self._answered, lambda _error: self._answered(False))

    def _answered(self, remind: bool) -> None:
        self._asked = False
        if remind and self._w.session.state.phase in SIGNED_IN and not self._w.notices.busy:
            self._told = True
            self._w.notices.tell(
                Notice(fr.REMINDER, fr.REMINDER_SAFE, button=fr.REMINDER_ACT, act=self._show, key=REMINDER_NOTICE)
            )
