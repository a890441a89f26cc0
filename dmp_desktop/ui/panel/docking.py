"""Keeps the window where the doctor put it: docked at the right edge, free, or over the whole screen; above others on demand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QMargins, QObject, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QScreen

from dmp_desktop.platform.panel_file import Place
from dmp_desktop.ui.panel.geometry import Screen, docked, in_view, screen_of, screen_set

if TYPE_CHECKING:
    from dmp_desktop.ui.main_window import MainWindow
    from dmp_desktop.ui.panel.choices import Choices

SETTLED_MS = 300
"""Without another move: a window that is dragged, or follows a screen that comes, has then arrived."""
NEAR = 24
"""Points within which a docked window that was resized is still at its edge: window managers round."""


class Docking(QObject):
    """`place` before the window is shown, `follow` once it is. `changed` tells that `is_docked` or `is_wide` may be another.

    A place is kept by set of screens and taken again only where a screen still covers it; else the window docks at the first
    screen. A window that is dragged away from its edge is docked no more.
    """

    changed = Signal()

    def __init__(self, window: MainWindow, choices: Choices) -> None:
        super().__init__(window)
        self._w, self._choices = window, choices
        self.is_docked = True
        self._width = self._usual = window.width()
        self._asked = QRect()
        self._margins = QMargins()
        self._other_screens = False
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(SETTLED_MS)
        self._soon.timeout.connect(self._settle)

    @property
    def is_wide(self) -> bool:
        return self._w.isMaximized()

    def place(self) -> None:
        """As it stood with these screens, back in view where it no longer is."""
        screens = _screens()
        kept = self._choices.now.places.get(screen_set(screens))
        frame = QRect(kept.x, kept.y, kept.width, kept.height) if kept else QRect()
        screen = screen_of(frame, screens) if kept else None
        if kept is None or screen is None:
            self.is_docked = True
            self._dock(_primary(screens))
            return
        self.is_docked, self._width = kept.docked, kept.width
        if kept.docked:
            self._dock(screen)
        else:
            self._put(in_view(frame, screen))
        if kept.wide:
            self._w.setWindowState(self._w.windowState() | Qt.WindowState.WindowMaximized)

    def follow(self) -> None:
        """From now on, what the doctor and the screens do to the window."""
        handle = self._w.windowHandle()
        for told in (handle.xChanged, handle.yChanged, handle.widthChanged, handle.heightChanged):
            told.connect(self._soon_settled)
        handle.visibilityChanged.connect(self._soon_settled)
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.screenAdded.connect(self._screen_came)
            application.screenRemoved.connect(self._screens_changed)
        for screen in QGuiApplication.screens():
            self._watch(screen)
        self._soon.start()  # the frame is known now

    def dock(self) -> None:
        """At the right edge of the screen it is on, as wide as it is in the usual panel."""
        self._leave_wide()
        self.is_docked = True
        self._width = min(self._w.frameGeometry().width(), self._usual)
        self._dock(self._screen())
        self._keep()

    def detach(self) -> None:
        """A little away from the edge, so that it is seen."""
        self._leave_wide()
        self.is_docked = False
        room, frame = self._screen().available, self._w.frameGeometry()
        step = 2 * NEAR
        frame.setHeight(min(frame.height(), max(room.height() - 2 * step, self._w.minimumSizeHint().height())))
        frame.moveTopRight(room.topRight())
        frame.translate(-step, step)
        self._put(in_view(frame, self._screen()))
        self._keep()

    def widen(self, *, wide: bool) -> None:
        """Over the whole screen, and back."""
        if wide:
            self._w.showMaximized()
        else:
            self._w.showNormal()
        self._soon.start()

    def _leave_wide(self) -> None:
        if self.is_wide:
            self._w.showNormal()

    def _dock(self, screen: Screen) -> None:
        self._put(docked(screen, self._width))

    def _put(self, frame: QRect) -> None:
        """With the frame it has now; on X11 it has none before it is shown."""
        outer, inner = self._w.frameGeometry(), self._w.geometry()
        self._margins = _margins(outer, inner)
        self._asked = frame
        size = frame.marginsRemoved(self._margins).size()
        self._w.resize(size.expandedTo(self._w.minimumSizeHint()))
        self._w.move(frame.topLeft())

    def _soon_settled(self) -> None:
        self._soon.start()

    def _screen_came(self, screen: QScreen) -> None:
        self._watch(screen)
        self._screens_changed()

    def _watch(self, screen: QScreen) -> None:
        screen.availableGeometryChanged.connect(self._screens_changed)
        screen.geometryChanged.connect(self._screens_changed)
        screen.logicalDotsPerInchChanged.connect(self._screens_changed)

    def _screens_changed(self) -> None:
        """What the system does to the window meanwhile is not what the doctor chose."""
        self._other_screens = True
        self._soon.start()

    def _settle(self) -> None:
        if not self._w.isVisible() or self._w.isMinimized():
            return  # it is looked at again when it is seen
        if self._other_screens:
            self._other_screens = False
            if not self.is_wide:
                self.place()
            self.changed.emit()
            return
        if not self.is_wide:
            self._follow_hand()
        self._keep()

    def _follow_hand(self) -> None:
        frame = self._w.frameGeometry()
        if self._margins != _margins(frame, self._w.geometry()):  # just shown: it has a frame now
            self._put(docked(self._screen(), self._width) if self.is_docked else self._asked)
            return
        if frame == self._asked or not self.is_docked:
            return
        at_edge = abs(frame.right() - self._asked.right()) <= NEAR and abs(frame.top() - self._asked.top()) <= NEAR
        if not at_edge:
            self.is_docked = False
        elif frame.width() != self._asked.width():
            self._width = frame.width()
            self._dock(self._screen())

    def _keep(self) -> None:
        screens = _screens()
        former = self._choices.now.places.get(screen_set(screens))
        frame = self._w.frameGeometry()
        if self.is_docked:
            frame = docked(self._screen(), self._width)
        elif self.is_wide and former:
            frame = QRect(former.x, former.y, former.width, former.height)
        place = Place(frame.x(), frame.y(), frame.width(), frame.height(), self.is_docked, self.is_wide)
        self._choices.change(places=self._choices.now.placed(screen_set(screens), place))
        self.changed.emit()

    def _screen(self) -> Screen:
        """The one it is on."""
        screens = _screens()
        return screen_of(self._w.frameGeometry(), screens) or _primary(screens)


def _margins(outer: QRect, inner: QRect) -> QMargins:
    return QMargins(
        inner.left() - outer.left(),
        inner.top() - outer.top(),
        outer.right() - inner.right(),
        outer.bottom() - inner.bottom(),
    )


def _screens() -> list[Screen]:
    """As they are now, the primary one first."""
    return [_screen(one) for one in QGuiApplication.screens()]


def _screen(one: QScreen) -> Screen:
    return Screen(one.geometry(), one.availableGeometry(), one.devicePixelRatio())


def _primary(screens: list[Screen]) -> Screen:
    return screens[0] if screens else Screen(QRect(0, 0, 800, 600), QRect(0, 0, 800, 600))
