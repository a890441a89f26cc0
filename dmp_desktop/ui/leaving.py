"""Before the window closes: what is being put away is waited for, what would be lost is said first. No dialog.

Drafts on the disk come back by themselves: only those that could not be put there are asked about. What is still to leave is told
for a moment, in which the window closes by itself: nothing is asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QSessionManager
from PySide6.QtWidgets import QApplication

from dmp_desktop.domain.people import Professional
from dmp_desktop.ui import strings_dashboard_fr as dashboard_fr
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui.widgets.notice_bar import Notice

if TYPE_CHECKING:
    from dmp_desktop.ui.main_window import MainWindow

PATIENCE_MS = 5000
"""A document on its way to the disk is waited for no longer; building and keeping one takes half a second."""
FAREWELL_MS = 5000
"""Time to read four short lines; a second click on the cross closes at once."""
LEAVING_NOTICE, AWAY_NOTICE, FAREWELL_NOTICE = "leaving", "away", "farewell"


class Leaving(QObject):
    """`allowed` tells whether the window may close now; if not, it has said why and closes it when that is settled.

    Notes of somebody who is not before the screen are not for the first comer to lose: whose they are is said before it is asked.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._w = window
        self._sure = self._waiting = self._too_long = self._tried = self._hurried = False
        self.patience = QTimer(self)
        self.patience.setSingleShot(True)
        self.patience.setInterval(PATIENCE_MS)
        self.patience.timeout.connect(self._give_up)
        self.farewell = QTimer(self)
        self.farewell.setSingleShot(True)
        self.farewell.setInterval(FAREWELL_MS)
        self.farewell.timeout.connect(self._leave)
        window.record.opened.connect(lambda _patient: self._stay())  # who goes on has not gone
        window.notices.read.connect(lambda told: self._stay() if told.key == FAREWELL_NOTICE else None)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.commitDataRequest.connect(self._hurry)
        window.composer.settled.connect(self._settled)
        window.keeper.settled.connect(self._settled)

    def allowed(self) -> bool:
        """Asked a second time under the question, it may."""
        notice = self._w.notices.notice
        asked = notice is not None and notice.key == LEAVING_NOTICE and not self._waiting
        if self._sure:
            return True
        keeping = not self._tried and self._w.keeper.save_now()
        if (self._w.composer.busy or keeping) and not self._too_long:
            self._wait()
            return False
        if self._w.drafts.unsent and not asked:
            self._ask()
            return False
        return asked or self._said_farewell()

    def _said_farewell(self) -> bool:
        """Whether what is still to leave was told already, or nothing is."""
        if self.farewell.isActive() or self._hurried:
            return True
        words = self._w.day_end.closing()
        if not words:
            return True
        notice = Notice(dashboard_fr.CLOSES, words, button=dashboard_fr.STAY, act=self._stay, key=FAREWELL_NOTICE)
        self._w.notices.tell(notice)
        self._w.announcer.say(f"{dashboard_fr.CLOSES} {words}")
        self.farewell.start()
        return False

    def _stay(self) -> None:
        if self.farewell.isActive():
            self.farewell.stop()
            self._w.notices.clear(FAREWELL_NOTICE)

    def _hurry(self, _manager: QSessionManager) -> None:
        """The system is being shut down: nobody reads."""
        self._hurried = True

    def _wait(self) -> None:
        if not self._waiting:
            self._waiting = True
            self._w.notices.tell(Notice(fr.LEAVING_WAITS, key=LEAVING_NOTICE))
            self.patience.start()

    def _settled(self) -> None:
        """What was on its way is kept, or came back as a draft: the window closes, or asks."""
        if self._w.composer.busy:
            return
        self._too_long = False
        if self._waiting:
            self._waiting, self._tried = False, True
            self.patience.stop()
            self._w.notices.clear(LEAVING_NOTICE)
            self._w.close()

    def _give_up(self) -> None:
        self._waiting, self._too_long = False, True
        self._ask()

    def _ask(self) -> None:
        self._tried = False
        words, told = fr.notes_lost(self._w.drafts.unsent), self._w.notices.notice
        away = sorted({author.display_name for author in self._w.drafts.authors if not self._is_there(author)})
        if away and (told is None or told.key != AWAY_NOTICE):
            self._w.notices.tell(
                Notice(f"{words} {fr.NOTES_AWAY.format(', '.join(away))}", tone="warning", key=AWAY_NOTICE)
            )
            return
        self._w.notices.tell(Notice(words, "", "warning", "", fr.LEAVE_ANYWAY, self._leave, LEAVING_NOTICE))

    def _is_there(self, author: Professional) -> bool:
        state = self._w.session.state
        return self._w.gate.open(state) and author.is_also(state.professional)

    def _leave(self) -> None:
        self._sure = True
        self._w.close()
