"""The panel as a whole: joined to a window that is made and not yet shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QSystemTrayIcon, QWidget

from dmp_desktop.platform import topmost
from dmp_desktop.platform.panel_file import PanelFile
from dmp_desktop.ui import strings_panel_fr as fr
from dmp_desktop.ui.panel.choices import Choices
from dmp_desktop.ui.panel.docking import Docking

if TYPE_CHECKING:
    from dmp_desktop.ui.main_window import MainWindow
    from dmp_desktop.ui.panel.shortcut import Shortcut
    from dmp_desktop.ui.panel.showing import Showing
    from dmp_desktop.ui.panel.tray import Tray
    from dmp_desktop.ui.views.settings.window import WindowSection


class Panel(QObject):
    """`show` instead of the window's own, the first time. `showing` and `shortcut` come when the window is ready."""

    showing: Showing
    shortcut: Shortcut
    tray: Tray | None = None

    def __init__(self, window: MainWindow, file: PanelFile) -> None:
        super().__init__(window)
        self._w, self._shown = window, False
        self.choices = Choices(file, window)
        self.docking = Docking(window, self.choices)
        self.menu = QMenu(window)
        self.dock, self.wide = QAction(self.menu), QAction(self.menu)
        self.on_top = QAction(fr.ON_TOP, self.menu, checkable=True)
        self.menu.addActions([self.dock, self.on_top, self.wide])
        self.dock.triggered.connect(self._turn_docked)
        self.on_top.triggered.connect(lambda checked: self.choices.change(on_top=checked))
        self.wide.triggered.connect(lambda: self.docking.widen(wide=not self.docking.is_wide))
        self.docking.changed.connect(self._tell)
        self.choices.changed.connect(self._raise_on_demand)
        self._tell()
        window.strip.offer_window(self.menu)
        window.ready.connect(self._complete)

    def show(self) -> None:
        """Where it stood; again, as it is."""
        if self._shown:
            self._w.show()
            return
        self._shown = True
        self.docking.place()
        self._w.setWindowFlag(Qt.WindowType.WindowStaysOnTopHint, self.choices.now.on_top)
        self._w.show()
        self.docking.follow()

    def section(self, page: QWidget) -> WindowSection:
        """Its part of the page Réglages, once the window is ready."""
        from dmp_desktop.ui.views.settings.window import WindowSection

        return WindowSection(self.choices, self.shortcut, self.tray is not None, page)

    def _complete(self) -> None:
        """What is of use only with the program behind the window, and not loaded before it."""
        from dmp_desktop.ui.panel.shortcut import Shortcut
        from dmp_desktop.ui.panel.showing import Showing

        self.showing = Showing(self._w)
        self.showing.follow_cards()
        if QSystemTrayIcon.isSystemTrayAvailable():
            self.offer_tray()
        self.shortcut = Shortcut(self._w, self.choices)
        self.showing.give_keyboard = self.shortcut.give_keyboard
        self.shortcut.pressed.connect(self.showing.turn)
        self.shortcut.follow()

    def offer_tray(self) -> None:
        """Its icon beside the clock."""
        from dmp_desktop.ui.panel.tray import Tray

        self.tray = Tray(self._w, self.choices, self.showing)
        self.showing.put_away = self.tray.put_away

    def _turn_docked(self) -> None:
        if self.docking.is_docked and not self.docking.is_wide:
            self.docking.detach()
        else:
            self.docking.dock()

    def _tell(self) -> None:
        docked, wide = self.docking.is_docked, self.docking.is_wide
        self.dock.setText(fr.DETACH if docked and not wide else fr.DOCK)
        self.wide.setText(fr.NARROW if wide else fr.WIDEN)
        self.on_top.setChecked(self.choices.now.on_top)

    def _raise_on_demand(self) -> None:
        """Of the window that is there: one made anew would be hidden for a moment, and take the keyboard."""
        self._tell()
        handle, on_top = self._w.windowHandle(), self.choices.now.on_top
        flag = Qt.WindowType.WindowStaysOnTopHint
        if handle is None or bool(handle.flags() & flag) == on_top:
            return
        self._w.overrideWindowFlags(self._w.windowFlags() | flag if on_top else self._w.windowFlags() & ~flag)
        handle.setFlag(flag, on_top)
        topmost.set_topmost(int(self._w.winId()), on_top=on_top)
