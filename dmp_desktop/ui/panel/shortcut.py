"""The keys that show the window from any program: as they were chosen, or why they are not heard."""

from __future__ import annotations

import os
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
        self._told.connect(self.pressed, Qt.ConnectionType.QueuedConnection)
        choices.changed.connect(self.follow)
        window.closed.connect(self._stop)

    def follow(self) -> None:
        """The keys that are wanted now; asking for them takes some milliseconds, on a worker. One asking at a time."""
        wanted = self._choices.now.shortcut
        if self._busy or self._closed or wanted == self._wanted:
            return
        self._busy, self._wanted = True, wanted
        former, self._listening = self._listening, None
        system = QGuiApplication.platformName()

        def change() -> Listening | None:
            if former:
                former.stop()
            return global_shortcut.listen(wanted, self._told.emit, system, os.environ) if wanted else None

        self._w.tasks.drafts.submit(change, self._changed, self._failed)

    def give_keyboard(self) -> None:
        """To the window, for the press that was heard."""
        if self._listening:
            self._listening.give_keyboard(int(self._w.winId()))

    def _changed(self, listening: Listening | None) -> None:
        self._listening = listening
        self._settle("" if listening is None else self._wanted or "", "")

    def _failed(self, error: DmpDesktopError) -> None:
        self._settle("", error.told_fr)

    def _settle(self, heard: str, trouble: str) -> None:
        self._busy = False
        self.heard, self.trouble = heard, trouble
        self.settled.emit()
        self.follow()  # what was chosen meanwhile

    def _stop(self) -> None:
        self._closed = True
        if self._listening:
            self._listening.stop()
