"""The keys that show the window from any program: as they were chosen, or why they are not heard."""

from __future__ import annotations

import os
from threading import Lock
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication

from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.platform import global_shortcut
from dmp_desktop.platform.global_shortcut import Listening

if TYPE_CHECKING:
    from dmp_desktop.ui.main_window import MainWindow
    from dmp_desktop.ui.panel.choices import Choices


class Shortcut(QObject):
    """`pressed` on the window's thread. `heard` are the keys that are, empty while there are none; `trouble` says why in French;
    `settled` that one of the two is known anew."""

    pressed = Signal()
    settled = Signal()
    _told = Signal()

    def __init__(self, window: MainWindow, choices: Choices) -> None:
        super().__init__(window)
        self._w, self._choices = window, choices
        self.heard = self.trouble = ""
        self._wanted: str | None = None
        self._busy = self._closed = False
        self._listening: Listening | None = None
        self._kept = Lock()
        """Of `_listening` and `_closed`, which a worker and the window change: what is heard ends with the window."""
        self._told.connect(self.pressed, Qt.ConnectionType.QueuedConnection)
        choices.changed.connect(self.follow)
        window.closed.connect(self._stop)

    def follow(self) -> None:
        """The keys that are wanted now; asking for them takes some milliseconds, on a worker. One asking at a time."""
        wanted = self._choices.now.shortcut
        if self._busy or self._closed or wanted == self._wanted:
            return
        self._busy, self._wanted = True, wanted
        system = QGuiApplication.platformName()
        self._w.tasks.drafts.submit(lambda: self._change(wanted, system), self._changed, self._failed)

    def _change(self, wanted: str, system: str) -> str:
        """On a worker, which may still be at it when the window closes. The keys that are heard from now on."""
        with self._kept:
            former, self._listening = self._listening, None
        if former:
            former.stop()
        made = global_shortcut.listen(wanted, self._told.emit, system, os.environ) if wanted else None
        with self._kept:
            if not self._closed:
                self._listening = made
                return wanted
        if made:
            made.stop()
        return ""

    def give_keyboard(self) -> None:
        """To the window, for the press that was heard."""
        listening = self._listening
        if listening:
            listening.give_keyboard(int(self._w.winId()))

    def _changed(self, heard: str) -> None:
        self._settle(heard, "")

    def _failed(self, error: DmpDesktopError) -> None:
        self._settle("", error.told_fr)

    def _settle(self, heard: str, trouble: str) -> None:
        self._busy = False
        self.heard, self.trouble = heard, trouble
        self.settled.emit()
        self.follow()  # what was chosen meanwhile

    def _stop(self) -> None:
        with self._kept:
            self._closed = True
            listening, self._listening = self._listening, None
        if listening:
            listening.stop()
