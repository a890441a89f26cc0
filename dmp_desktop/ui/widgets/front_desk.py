"""What a secretary's card shows: no clinical content, ever."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from dmp_desktop.ui import strings_card_fr as fr
from dmp_desktop.ui.widgets.centred import CentredScreen
from dmp_desktop.ui.widgets.labels import PlainLabel


class FrontDesk(CentredScreen):
    """What can be done now, and what cannot. `give` puts the work of the front desk in it, until `take_back`: it stays whose it
    is, hidden."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("list", parent)
        self.title.setText(fr.DESK_TITLE)
        self._hints = [PlainLabel(fr.DESK_NOW, wrap=True), PlainLabel(fr.DESK_DOCTOR, role="muted", wrap=True)]
        for label in (PlainLabel(fr.DESK_HINT, wrap=True), *self._hints):
            self.put(label)

    def give(self, work: QWidget) -> None:
        """In the place of the words on what is not there, with all the height."""
        self._column.insertWidget(self._column.count() - 1, work, 1)
        work.show()
        self._make_room(True)

    def take_back(self, work: QWidget) -> None:
        self._column.removeWidget(work)
        work.hide()
        self._make_room(False)

    def _make_room(self, working: bool) -> None:
        for part in (self.picture, *self._hints):
            part.setVisible(not working)
        for place, stretch in ((0, 2), (self._column.count() - 1, 3)):
            self._column.setStretch(place, 0 if working else stretch)
