"""That the practice software has called while nobody is identified: one line of the strip, which names nobody. Who it is about
is told to who signs in."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.ui import strings_received_fr as fr
from dmp_desktop.ui.received_ports import ReceivedPort

if TYPE_CHECKING:
    from dmp_desktop.ui.main_window import MainWindow

AGAIN_MS = 30_000
"""A context is stale after a quarter of an hour, which nothing announces."""


class CallHint(QObject):
    """`look` while the screen is covered, `hide` as soon as it is not."""

    def __init__(self, window: MainWindow, port: ReceivedPort) -> None:
        super().__init__(window)
        self._w, self._port = window, port
        self._turn, self._words = 0, ""
        self._came = False  # since it was last told: a session that changes meanwhile asks anew
        self._hidden: frozenset[str] = frozenset()
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(AGAIN_MS)
        self._again.timeout.connect(lambda: self.look(self._hidden))

    def look(self, hidden: Collection[str], *, came: bool = False) -> None:
        """How many wait but for the `hidden`; where one has just come, a window that is out of sight shows itself."""
        self._turn += 1
        self._came = self._came or came
        turn, self._hidden = self._turn, frozenset(hidden)
        ids = self._hidden
        self._w.tasks.general.submit(
            lambda: self._port.waits(ids),
            lambda count: self._show(turn, count),
            lambda error: self._untold(turn, error),
        )

    def hide(self) -> None:
        self._turn += 1
        self._came = False
        self._say("")

    def _show(self, turn: int, count: int) -> None:
        if turn != self._turn:
            return
        self._say(fr.CALLS[count > 1].format(count) if count else "")
        came, self._came = self._came, False
        if count and came and self._w.panel is not None:
            self._w.panel.showing.appear()

    def _untold(self, turn: int, _error: DmpDesktopError) -> None:
        """Told to who signs in, when it is looked at for them."""
        if turn == self._turn:
            self._say("")

    def _say(self, words: str) -> None:
        former, self._words = self._words, words
        if words:
            self._again.start()
        else:
            self._again.stop()
        if words != former:
            self._w.strip.show_call(words)
        if words and not former:
            self._w.announcer.say(words)
