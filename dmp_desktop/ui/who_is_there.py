"""Who is signed in at this window, for what begins with somebody and ends with them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from dmp_desktop.domain.people import Professional
from dmp_desktop.services.session_state import SIGNED_IN, SessionState
from dmp_desktop.ui.session_controller import SessionController


class WhoIsThere(QObject):
    """`left` before `came` where one follows the other; neither while the same person goes on, by whatever card."""

    left = Signal()  # nobody is there, or not who was
    came = Signal(object)  # SessionState

    def __init__(
        self,
        session: SessionController,
        parent: QObject,
        concerned: Callable[[SessionState], bool] = lambda _state: True,
    ) -> None:
        """Who is not `concerned` is nobody."""
        super().__init__(parent)
        self.who: Professional | None = None
        self._concerned = concerned
        session.changed.connect(self._follow)

    def _follow(self, state: SessionState) -> None:
        here = state.phase in SIGNED_IN and self._concerned(state)
        former, self.who = self.who, state.professional if here else None
        if former is not None and former.is_also(self.who):
            return
        if former is not None or self.who is None:
            self.left.emit()
        if self.who is not None:
            self.came.emit(state)
