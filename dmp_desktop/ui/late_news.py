"""What is told to somebody who may have left the screen meanwhile: at once, or when they are back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from dmp_desktop.domain.people import Professional
from dmp_desktop.ui.widgets.notice_bar import Notice

if TYPE_CHECKING:
    from dmp_desktop.ui.main_window import MainWindow


class LateNews(QObject):
    """It is for whoever was before the screen last; nobody else reads it."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._w = window
        self._who: Professional | None = None
        self._kept: list[tuple[Professional, Notice]] = []

    def tell(self, notice: Notice) -> None:
        if self._w.gate.open(self._w.session.state):
            self._w.notices.tell(notice)
        elif self._who is not None:
            self._kept.append((self._who, notice))

    def come_back(self, who: Professional | None) -> None:
        """Who is before the screen now; None: nobody."""
        self._who = who or self._who
        for whose, notice in tuple(self._kept):
            if whose.is_also(who):
                self._kept.remove((whose, notice))
                self._w.notices.tell(notice)
