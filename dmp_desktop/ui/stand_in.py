"""A page in the place of everything but the strip and the notices: the diagnosis, the first run. One at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from dmp_desktop.ui.widgets.notice_bar import of_error

if TYPE_CHECKING:
    from dmp_desktop.ui.main_window import MainWindow


class StandIn(QWidget):
    """`open` begins anew, `leave` ends; `stop`: nothing more is done for it."""

    left = Signal()
    failed = Signal(object)  # DmpDesktopError

    def open(self) -> None:
        raise NotImplementedError

    def stop(self) -> None:
        raise NotImplementedError

    def leave(self) -> None:
        self.stop()
        self.left.emit()


V = TypeVar("V", bound=StandIn)


def stand_in(window: MainWindow, kind: type[V], make: Callable[[QWidget | None], V]) -> None:
    """Shows the page of this kind, made when first asked for; another one that is there is left."""
    view = window.findChild(kind) or _placed(window, make)
    window.gate.give_way(view.leave)
    window.stack.hide()
    view.show()
    view.open()


def _placed(window: MainWindow, make: Callable[[QWidget | None], V]) -> V:
    whole = window.stack.parentWidget()
    view = make(whole)
    rows = whole.layout() if whole else None
    if isinstance(rows, QVBoxLayout):
        rows.insertWidget(rows.indexOf(window.stack) + 1, view, 1)
    view.left.connect(view.hide)
    view.left.connect(window.stack.show)
    view.left.connect(window.gate.take_back)
    view.failed.connect(lambda error: window.notices.tell(of_error(error)))
    window.closed.connect(view.stop)
    return view
