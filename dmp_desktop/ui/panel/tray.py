"""The icon beside the clock, its menu, and the window that hides behind it if the doctor chose so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QApplication, QMenu, QSystemTrayIcon

from dmp_desktop.services.session_state import SIGNED_IN, SessionState
from dmp_desktop.ui import strings_panel_fr as fr
from dmp_desktop.ui.panel.tray_icon import Shown, draw

if TYPE_CHECKING:
    from dmp_desktop.ui.main_window import MainWindow
    from dmp_desktop.ui.panel.choices import Choices
    from dmp_desktop.ui.panel.showing import Showing

EXPLAINED_MS = 10_000
ENDING_MS = 120_000
"""Ours: a system that is still there by then is not being shut down any more."""


class Tray(QObject):
    """Only where the system has a place for it: a window hidden elsewhere would be lost."""

    def __init__(self, window: MainWindow, choices: Choices, showing: Showing) -> None:
        super().__init__(window)
        self._w, self._choices, self._showing = window, choices, showing
        self._shown: Shown | None = None
        self._ending = False
        self._went_on = QTimer(self)
        self._went_on.setSingleShot(True)
        self._went_on.setInterval(ENDING_MS)
        self._went_on.timeout.connect(self._goes_on)
        self.icon = QSystemTrayIcon(self)
        self.menu = QMenu(window)
        self.show_window = self.menu.addAction(fr.SHOW)
        self.write = self.menu.addAction(fr.WRITE)
        self.mask = self.menu.addAction(fr.MASK)
        self.menu.addSeparator()
        self.quit = self.menu.addAction(fr.QUIT)
        self.show_window.triggered.connect(showing.summon)
        self.write.triggered.connect(self._write)
        self.mask.triggered.connect(window.gate.lock)
        self.quit.triggered.connect(self._quit)
        self.icon.setContextMenu(self.menu)
        self.icon.activated.connect(self._activated)
        self.icon.messageClicked.connect(showing.summon)
        window.session.changed.connect(self.refresh)
        window.strip.told.connect(self.refresh)
        window.closed.connect(self.icon.hide)
        window.closed.connect(lambda: QApplication.setQuitOnLastWindowClosed(True))
        window.hides = self._hides
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.commitDataRequest.connect(self._end)
        self.refresh()
        self.icon.show()

    def put_away(self) -> bool:
        """Hides the window, if that was chosen; the program goes on without one."""
        if not self._choices.now.to_tray or self._ending:
            return False
        QApplication.setQuitOnLastWindowClosed(False)  # of a question, while the window is hidden
        self._w.hide()
        if not self._choices.now.tray_told:
            self._choices.change(tray_told=True)
            self.icon.showMessage(
                fr.STAYS_OPEN, fr.STAYS_OPEN_WHAT, QSystemTrayIcon.MessageIcon.Information, EXPLAINED_MS
            )
        return True

    def refresh(self) -> None:
        """What is in the reader, whether the DMP answers, what waits, who may write."""
        state, strip = self._w.session.state, self._w.strip
        there = state.phase in SIGNED_IN and state.professional is not None
        shown = Shown(state.cps_present or there, strip.server_answered, strip.waiting)
        if shown != self._shown:
            self._shown = shown
            self.icon.setIcon(draw(shown))
            self.icon.setToolTip(fr.tip(card=shown.card, server=shown.server, waiting=shown.waiting))
        self.write.setEnabled(self._may_write(state))
        self.mask.setEnabled(there)

    def _may_write(self, state: SessionState) -> bool:
        return state.patient is not None and self._w.gate.open(state)

    def _hides(self, event: QCloseEvent) -> bool:
        """The cross of the window, not what the program closes by itself."""
        return event.spontaneous() and self.put_away()

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason in (QSystemTrayIcon.ActivationReason.Trigger, QSystemTrayIcon.ActivationReason.DoubleClick):
            self._showing.summon()

    def _write(self) -> None:
        self._showing.summon()
        self._w.conductor.write()

    def _quit(self) -> None:
        """In sight: what is still to leave is told there first, and what would be lost is asked."""
        self._showing.summon()
        self._w.close()

    def _end(self) -> None:
        """The system is being shut down: nothing stays behind. No system says that somebody has called it off."""
        self._ending = True
        self._went_on.start()

    def _goes_on(self) -> None:
        self._ending = False
