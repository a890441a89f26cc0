"""A side page at the front desk: made when it is first asked for, over the day's list, with the way back to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from dmp_desktop.ui import strings_desk_fr as fr

if TYPE_CHECKING:
    from dmp_desktop.ui.main_window import MainWindow
    from dmp_desktop.ui.widgets.side_page import SidePage


class DeskPage:
    """`make` gives the page; `left` is called when somebody goes back, and is to call `leave`."""

    def __init__(self, window: MainWindow, make: Callable[[], SidePage], left: Callable[[], None]) -> None:
        self._w, self._make, self._left = window, make, left
        self._page: SidePage | None = None

    def open(self) -> None:
        if self._page is None:
            page = self._page = self._make()
            page.back.setText(fr.BACK_TO_DESK)
            page.left.connect(self._left)
            page.failed.connect(self._w.session.failed)
        self._w.desk.cover(self._page)
        self._page.show_for(None)

    def leave(self) -> None:
        """Nothing of anybody stays in it. No effect on another page that is over the list."""
        if self._page is not None:
            self._page.clear()
            self._w.desk.uncover(self._page)
