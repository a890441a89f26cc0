"""Whether somebody is typing: what can wait then leaves the line and the processor alone."""

from __future__ import annotations

from PySide6.QtCore import QObject

from dmp_desktop.domain.ports import Clock

STILL_TYPING = 2.0
"""Seconds since the last key: longer than between two words, shorter than a look at the patient."""


class TypingWatch(QObject):
    """`note` is called on the window's thread, `busy` from any."""

    def __init__(self, clock: Clock, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self._last = -STILL_TYPING

    def note(self) -> None:
        self._last = self._clock.monotonic()

    def busy(self) -> bool:
        return self._clock.monotonic() - self._last < STILL_TYPING
