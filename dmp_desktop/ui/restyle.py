"""Another style sheet, palette or text size for a window that is there already, in steps that each leave it time to answer.

`QApplication.setStyleSheet` works the style of a widget out once more for each of its parents: 9,000 times for 770 widgets,
0.35 s in one go. It leaves alone those that Qt takes for not polished: each is then given its style once, some at a time.
Nothing is painted meanwhile (0.1 to 0.2 s): the screen keeps the former look until all of it has the other one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import perf_counter

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QFont, QPalette
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

STEP_S = 0.012
"""How long a step goes on, in seconds: with the one that cannot be cut (Qt's own change of style), each stays far below 50 ms."""
POLISHED = Qt.WidgetAttribute.WA_WState_Polished


@dataclass(frozen=True, slots=True)
class Look:
    palette: QPalette
    sheet: str
    point_size: float


class Restyling(QObject):
    """`wear` begins with the next turn of the event loop, and again where another look is asked for meanwhile."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self._frozen: list[QWidget] = []
        self._bare: list[QWidget] = []  # have no style for the moment
        self._steps: Iterator[None] = iter(())
        self._turns = QTimer(self)
        self._turns.timeout.connect(self._step)

    @property
    def busy(self) -> bool:
        return self._turns.isActive()

    def wear(self, look: Look) -> None:
        """In one go where no window is shown: nobody waits for it. The palette tells the colours in use from now on."""
        shown = [one for one in self._app.topLevelWidgets() if one.isVisible()]
        for window in shown:
            if window.updatesEnabled():
                window.setUpdatesEnabled(False)
                self._frozen.append(window)
        self._app.setPalette(look.palette)
        _resize(self._app, look.point_size)
        self._steps = self._change(look.sheet)
        if shown:
            self._turns.start()
        else:
            self.finish()

    def finish(self) -> None:
        """What is left of it, at once."""
        for _ in self._steps:
            pass
        self._end()

    def show(self) -> None:
        """What is on the screen is to be covered at once: it is painted as it is by now, the rest of the look follows."""
        for window in self._frozen:
            if isValid(window):
                window.setUpdatesEnabled(True)
        self._frozen.clear()

    def _step(self) -> None:
        if next(self._steps, self) is self:
            self._end()

    def _end(self) -> None:
        self._turns.stop()
        self.show()

    def _change(self, sheet: str) -> Iterator[None]:
        yield from _slices(self._app.allWidgets(), self._forget)
        for widget in self._app.allWidgets():  # those that got a style since
            self._forget(widget)
        # Qt then changes the style, which leaves alone what is not polished; a mere other sheet does not.
        self._app.setStyleSheet("")
        yield
        self._app.setStyleSheet(sheet)
        yield
        self._bare.sort(key=_hidden)
        yield from _slices(self._bare, _polish)
        self._bare.clear()

    def _forget(self, widget: QWidget) -> None:
        """What was never shown has no style yet, and gets it when it is."""
        if widget.testAttribute(POLISHED):
            widget.style().unpolish(widget)
            widget.setAttribute(POLISHED, False)
            self._bare.append(widget)


def _resize(app: QApplication, point_size: float) -> None:
    font = QFont(app.font())
    if font.pointSizeF() != point_size:
        font.setPointSizeF(point_size)
        app.setFont(font)


def _slices(widgets: list[QWidget], act: Callable[[QWidget], None]) -> Iterator[None]:
    began = perf_counter()
    for widget in widgets:
        if isValid(widget):  # pages go while this goes on
            act(widget)
        if perf_counter() - began > STEP_S:
            yield
            began = perf_counter()


def _hidden(widget: QWidget) -> bool:
    return not (isValid(widget) and widget.isVisible())


def _polish(widget: QWidget) -> None:
    widget.style().polish(widget)
    widget.setAttribute(POLISHED, True)
    QApplication.sendEvent(widget, QEvent(QEvent.Type.StyleChange))
