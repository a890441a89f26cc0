"""Keeps Python's garbage collector from stopping the window, and on the one thread where it may meet Qt objects.

A full collection walks every object with the interpreter locked, whatever thread set it off: 86 to 168 ms measured here
with Qt, lxml and fontTools loaded. So nothing is collected while the program starts, and what is loaded by then is set
aside for good (`gc.freeze`). Left to itself Python would then collect on whichever thread allocates, and destroy there Qt
objects of the window ("Timers cannot be stopped from another thread", seen on a worker): a timer of ours collects instead.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QCoreApplication, QTimer

PAUSE_MS = 2000
FULL_EVERY = 30
"""One collection out of so many is a full one: each minute."""


class _Sweeper(QTimer):
    """Collects on the thread of the window."""

    def __init__(self, parent: QCoreApplication | None) -> None:
        super().__init__(parent)
        self._rounds = 0
        self.setInterval(PAUSE_MS)
        self.timeout.connect(self.sweep)

    def sweep(self) -> None:
        self._rounds += 1
        gc.collect(1 if self._rounds % FULL_EVERY else 2)


def hold() -> None:
    """Collect nothing until `settle`. Call first."""
    gc.disable()


def settle() -> None:
    """Set aside everything loaded so far, and collect from now on, on the thread that calls this (the window's)."""
    gc.freeze()
    _Sweeper(QCoreApplication.instance()).start()
