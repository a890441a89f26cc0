"""What a secretary's card shows: no clinical content, ever."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QPushButton, QWidget

from dmp_desktop.ui import strings_card_fr as fr
from dmp_desktop.ui.widgets.centred import CentredScreen
from dmp_desktop.ui.widgets.flow import Flow
from dmp_desktop.ui.widgets.labels import PlainLabel


class FrontDesk(CentredScreen):
    """What can be done now, and what cannot. `give` puts the work of the front desk in it, until `take_back`: it stays whose it
    is, hidden. `cover` puts one more in the place of all of it, until `uncover`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("list", parent)
        self.title.setText(fr.DESK_TITLE)
        self._hints = [PlainLabel(fr.DESK_NOW, wrap=True), PlainLabel(fr.DESK_DOCTOR, role="muted", wrap=True)]
        self._hint = PlainLabel(fr.DESK_HINT, wrap=True)
        for label in (self._hint, *self._hints):
            self.put(label)
        self._works: list[QWidget] = []
        self._cover: QWidget | None = None
        self._ways = Flow()
        self._column.insertWidget(self._column.count() - 1, self._ways)

    def offer(self, words: str, act: Callable[[], None]) -> QPushButton:
        """A way to something else the desk does: a button, hidden at first."""
        button = QPushButton(words)
        button.clicked.connect(act)
        button.hide()
        self._ways.add(button)
        self._ways.show()
        return button

    def give(self, work: QWidget) -> None:
        """In the place of the words on what is not there, with all the height."""
        self._works.append(work)
        self._column.insertWidget(self._column.count() - 1, work, 1)
        self._arrange()

    def take_back(self, work: QWidget) -> None:
        if work in self._works:
            self._works.remove(work)
        self._column.removeWidget(work)
        work.hide()
        self._arrange()

    def cover(self, work: QWidget) -> None:
        self._cover = work
        self._column.insertWidget(self._column.count() - 1, work, 1)
        self._arrange()

    def uncover(self) -> None:
        cover, self._cover = self._cover, None
        if cover is not None:
            self._column.removeWidget(cover)
            cover.hide()
            self._arrange()

    def _arrange(self) -> None:
        covered = self._cover is not None
        for work in (*self._works, self._ways, self.title, self._hint):
            work.setVisible(not covered)
        if self._cover is not None:
            self._cover.show()
        self._make_room(bool(self._works) or covered)

    def _make_room(self, working: bool) -> None:
        for part in (self.picture, *self._hints):
            part.setVisible(not working)
        for place, stretch in ((0, 2), (self._column.count() - 1, 3)):
            self._column.setStretch(place, 0 if working else stretch)
