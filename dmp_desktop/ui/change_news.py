"""A change of a document that failed once its record was closed: told to who asked, at once or when they are back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from dmp_desktop.domain.people import Professional
from dmp_desktop.ui.widgets.notice_bar import Notice

if TYPE_CHECKING:
    from dmp_desktop.ui.main_window import MainWindow


class ChangeNews(QObject):
    """Made after what shows the session: what it tells comes last, and over what it was shown."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._w = window
        self._awaited: list[tuple[Professional, Notice]] = []
        window.page.documents.told_late.connect(self._tell)
        window.session.changed.connect(self._come_back)

    def _tell(self, who: Professional, notice: Notice) -> None:
        self._awaited.append((who, notice))
        self._come_back()

    def _come_back(self) -> None:
        for who, notice in tuple(self._awaited):
            if self._is_there(who):
                self._awaited.remove((who, notice))
                self._add(notice)

    def _add(self, notice: Notice) -> None:
        """Two that failed are told both."""
        shown = self._w.notices.notice
        if shown and shown.key == notice.key:
            notice = replace(notice, text=f"{shown.text}\n{notice.text}")
        self._w.notices.tell(notice)

    def _is_there(self, who: Professional) -> bool:
        state = self._w.session.state
        return self._w.gate.open(state) and who.is_also(state.professional)
