"""How who is signed in sees the window: their theme and the size of their text come with them, and go with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from dmp_desktop.services.own_settings import OwnSettings
from dmp_desktop.services.session_state import SIGNED_IN, Phase, SessionState
from dmp_desktop.ui import theme
from dmp_desktop.ui.workstation_ports import OwnSettingsPort

if TYPE_CHECKING:
    from dmp_desktop.ui.main_window import MainWindow


GO_AFTER_MS = 60_000
"""How long after somebody left their theme goes. Another one takes 0.1 s of processor, in steps (ui/restyle.py): who is back in a
moment must not see it change twice."""


class Appearance(QObject):
    """A new style is worked out only where it is another one, and once what has to be covered is. A locked screen keeps that of
    who locked it; who comes has their own at once."""

    def __init__(self, window: MainWindow, port: OwnSettingsPort) -> None:
        super().__init__(window)
        self._w, self._port = window, port
        self._who = ""
        self._shown = OwnSettings()
        self._wanted = OwnSettings()
        self._going = QTimer(self)
        self._going.setSingleShot(True)
        self._going.timeout.connect(lambda: self._want(OwnSettings()))
        window.session.changed.connect(self._follow)
        window.closed.connect(lambda: self._show(OwnSettings()))

    def choose(self, settings: OwnSettings) -> None:
        """At once, for who has just chosen it."""
        self._want(settings)

    def again(self) -> None:
        """As whoever is there has chosen by now, perhaps on another workstation."""
        if who := self._who:
            self._w.tasks.general.submit(self._port.load, lambda own: self._take(who, own), lambda _error: None)

    def _follow(self, state: SessionState) -> None:
        if state.phase not in SIGNED_IN:
            theme.show()  # the screen is covered at once
        if state.phase in SIGNED_IN and state.professional is not None:
            who = state.professional.national_id
            self._going.stop()
            if who != self._who:
                self._who = who
                self.again()
        elif state.phase is not Phase.LOCKED and self._who:
            self._who = ""
            self._going.start(GO_AFTER_MS)

    def _take(self, who: str, own: OwnSettings) -> None:
        if who == self._who:
            self._want(own)

    def _want(self, settings: OwnSettings) -> None:
        self._wanted = settings
        if settings != self._shown:
            QTimer.singleShot(0, self, lambda: self._show(self._wanted))

    def _show(self, settings: OwnSettings) -> None:
        if settings != self._shown:
            self._shown = settings
            theme.wear(settings.theme, settings.text_percent)
