"""Signs in by Pro Santé Connect: waits for the person on a worker, then hands over to the session."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal, Slot

from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.services.session_state import SignedIn
from dmp_desktop.ui.session_controller import SessionController
from dmp_desktop.ui.sign_in_ports import ProSanteConnect, PscProgress, Told
from dmp_desktop.ui.tasks import TaskRunner

CANCELLED = "psc.cancelled"


class PscController(QObject):
    """One attempt at a time; what comes late of one given up is dropped (`_turn`)."""

    asked = Signal()  # an attempt begins
    progressed = Signal(object)  # PscProgress
    failed = Signal(object)  # DmpDesktopError
    agreed = Signal()  # the person did their part, the session opens
    ended = Signal()  # given up
    _told = Signal(int, object)

    def __init__(
        self, psc: ProSanteConnect, session: SessionController, pool: TaskRunner, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._psc, self._session, self._pool = psc, session, pool
        self._turn = 0
        self.waiting = False
        self._told.connect(self._take, Qt.ConnectionType.QueuedConnection)

    def browser(self) -> None:
        self._ask(self._psc.browser)

    def phone(self, number: str) -> None:
        self._ask(lambda tell: self._psc.phone(number, tell))

    def cancel(self) -> None:
        """The person, a card, or the end of the program comes in between."""
        if self.waiting:
            self._turn += 1
            self.waiting = False
            self._psc.cancel()
            self.ended.emit()

    def _ask(self, ask: Callable[[Told], Callable[[], SignedIn]]) -> None:
        if self.waiting:
            return
        self._turn += 1
        self.waiting = True
        turn = self._turn
        self.asked.emit()
        self._pool.submit(
            lambda: ask(lambda progress: self._told.emit(turn, progress)),
            lambda sign_in: self._agreed(turn, sign_in),
            lambda error: self._fail(turn, error),
        )

    @Slot(int, object)
    def _take(self, turn: int, progress: PscProgress) -> None:
        if turn == self._turn and self.waiting:
            self.progressed.emit(progress)

    def _agreed(self, turn: int, sign_in: Callable[[], SignedIn]) -> None:
        """Waiting goes on until the session has answered: a card that comes in between takes the agreement back."""
        if turn == self._turn:
            self.agreed.emit()
            self._session.sign_in_by(sign_in, lambda: self._opened(turn))

    def _opened(self, turn: int) -> None:
        """Or not: what the session did not take is dropped."""
        if turn == self._turn:
            self.cancel()

    def _fail(self, turn: int, error: DmpDesktopError) -> None:
        if turn == self._turn:
            self.waiting = False
            if error.code == CANCELLED:
                self.ended.emit()
            else:
                self.failed.emit(error)
