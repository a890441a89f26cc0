"""A card that another program holds (the billing software, mostly) is read again by itself, until it is free or gone."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QObject, QTimer

from dmp_desktop.services.session_state import SessionState
from dmp_desktop.ui.session_controller import SessionController

EVERY_MS = 3000
SHARE = 4
"""How many times as long as the last look the next one waits: one that hangs must not keep the cards from everybody else."""


class Rereading(QObject):
    """Follows `session` for as long as it lives. It gives no PIN: `Session.look_again` reads what is public."""

    def __init__(self, session: SessionController) -> None:
        super().__init__(session)
        self._session = session
        self._looking = False
        self._spent = QElapsedTimer()
        self._next = QTimer(self)
        self._next.setSingleShot(True)
        self._next.setInterval(EVERY_MS)
        self._next.timeout.connect(self._look)
        session.changed.connect(self._follow)

    def _follow(self, state: SessionState) -> None:
        if not state.busy:
            self._next.stop()
        elif not (self._looking or self._next.isActive()):
            self._next.start()

    def _look(self) -> None:
        self._looking = True
        self._spent.start()
        self._session.look_again(self._looked)

    def _looked(self) -> None:
        self._looking = False
        self._next.setInterval(max(EVERY_MS, SHARE * int(self._spent.elapsed())))
        self._follow(self._session.state)
