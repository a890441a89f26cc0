"""How the doctor reads, at hand on the GUI thread; read and kept off it, one writing at a time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.services.habits import Habits
from dmp_desktop.ui.dossier_ports import HabitsPort
from dmp_desktop.ui.tasks import TaskRunner


class HabitsKeeper(QObject):
    """`current` is that of the last `load`; what was changed meanwhile stands. `failed`: what was chosen is not kept.

    A choice belongs to who was signed in at that `load`, whoever is when it is written.
    """

    changed = Signal()
    failed = Signal(object)  # DmpDesktopError

    def __init__(self, port: HabitsPort, pool: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.current = Habits()
        self._port, self._pool = port, pool
        self._turn = 0
        self._owner: str | None = None
        self._loading = self._busy = self._stale = False
        self._unsaved: dict[str | None, Habits] = {}  # by owner, while another writing is under way
        self._chosen: dict[str, Any] = {}  # while what was kept is being read

    def load(self) -> None:
        """Of who is signed in now."""
        self._turn += 1
        turn = self._turn
        former, owner = self._owner, self._port.owner()
        self._owner = owner
        if owner != former and self.current != Habits():
            self.current = Habits()  # nobody reads with the habits of somebody else
            self.changed.emit()
        self._loading, self._chosen = True, {}
        self._pool.submit(
            lambda: self._port.load(owner), lambda habits: self._take(turn, habits), lambda e: self._not_loaded(turn, e)
        )

    def again(self) -> None:
        """Another workstation changed them: read anew, once what was chosen here is written."""
        if self._owner is None or self._port.owner() != self._owner:
            return  # read when a record is opened
        if self._busy or self._unsaved:
            self._stale = True
        else:
            self.load()

    def change(self, **chosen: Any) -> None:
        """Fields of Habits; what depends on them is told at once, the writing follows."""
        self.current = replace(self.current, **chosen)
        self.changed.emit()
        if self._loading:
            self._chosen |= chosen
        else:
            self._save()

    def _take(self, turn: int, habits: Habits) -> None:
        if turn != self._turn:
            return
        self._loading = False
        wanted = replace(habits, **self._chosen)
        if wanted != self.current:
            self.current = wanted
            self.changed.emit()
        if wanted != habits:
            self._save()

    def _not_loaded(self, turn: int, error: DmpDesktopError) -> None:
        """What was kept is not written over: choices last until the window closes."""
        if turn == self._turn:
            self.failed.emit(error)

    def _save(self) -> None:
        self._unsaved[self._owner] = self.current
        self._go_on()

    def _go_on(self) -> None:
        if self._busy or not self._unsaved:
            return
        self._busy = True
        owner, habits = self._unsaved.popitem()
        self._pool.submit(lambda: self._port.save(owner, habits), lambda _done: self._saved(), self._not_saved)

    def _saved(self) -> None:
        self._busy = False
        self._go_on()
        if self._stale and not self._busy:
            self._stale = False
            self.again()

    def _not_saved(self, error: DmpDesktopError) -> None:
        self._saved()
        self.failed.emit(error)
