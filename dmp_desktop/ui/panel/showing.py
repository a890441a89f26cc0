"""How the window shows itself: by itself it is seen and never takes the keyboard; asked for, it gets it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from dmp_desktop.domain.cards import CardEvent, CardEventType

if TYPE_CHECKING:
    from collections.abc import Callable

    from dmp_desktop.ui.main_window import MainWindow

INSIST_MS = 150
"""A window that was hidden is not yet known to the window manager when it is asked to bring it forward."""
SHOWN_MS = 300
"""By then the window manager has done with a window that came."""
CALL_MS = 3000
"""How long its button in the task bar calls, where the system lets no program come in front of another."""
_QUIETLY = "_q_showWithoutActivating"
"""What Qt makes of WA_ShowWithoutActivating when it makes a window: it reads it again at each showing."""


class Showing(QObject):
    """`put_away` hides the window somewhere it can be had back from, and tells whether it did; else it is minimised.
    `give_keyboard` is how the system is told that a press of the shortcut asks for it."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._w = window
        self.put_away: Callable[[], bool] = lambda: False
        self.give_keyboard: Callable[[], None] = lambda: None
        self._insisting = QTimer(self)
        self._insisting.setSingleShot(True)
        self._insisting.setInterval(INSIST_MS)
        self._insisting.timeout.connect(self._insist)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(SHOWN_MS)
        self._soon.timeout.connect(lambda: self._take_keyboard(True))

    def follow_cards(self) -> None:
        """From now on a card that is put in shows the window."""
        self._w.session.card.connect(self._card)

    def appear(self) -> None:
        """For what has come by itself: a card, a patient the practice software hands over. Whoever types elsewhere types on.

        A window manager may give the keyboard to whatever is mapped (openbox does to a window that was minimised): for a moment
        this one takes none.
        """
        w = self._w
        if w.isActiveWindow() and w.isVisible() and not w.isMinimized():  # Qt tells some moments late that it is not
            return
        self._take_keyboard(False)
        self._restore()
        w.raise_()
        QApplication.alert(w, CALL_MS)
        self._soon.start()

    def summon(self) -> None:
        """The doctor asks for it: it comes with the keyboard."""
        self._soon.stop()
        self._take_keyboard(True)
        self._restore()
        self._w.raise_()
        self._w.activateWindow()

    def turn(self) -> None:
        """The shortcut: here with the keyboard, or away, and the program behind has it again."""
        if not self._w.isActiveWindow():
            self.summon()
            self.give_keyboard()
            self._insisting.start()
        elif not self.put_away():
            self._w.showMinimized()

    def _insist(self) -> None:
        if not self._w.isActiveWindow():
            self.give_keyboard()

    def _restore(self) -> None:
        if self._w.isMinimized():
            self._w.setWindowState(self._w.windowState() & ~Qt.WindowState.WindowMinimized)
        self._w.show()

    def _take_keyboard(self, takes: bool) -> None:
        handle = self._w.windowHandle()
        if handle is not None:
            handle.setProperty(_QUIETLY, not takes)
            handle.setFlag(Qt.WindowType.WindowDoesNotAcceptFocus, not takes)

    def _card(self, event: CardEvent) -> None:
        if event.type in (CardEventType.CARD_INSERTED, CardEventType.CARD_MUTE):
            self.appear()
