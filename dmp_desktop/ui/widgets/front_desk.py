"""What a secretary's card shows: no clinical content, ever."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from dmp_desktop.ui import strings_card_fr as fr
from dmp_desktop.ui.widgets.centred import CentredScreen
from dmp_desktop.ui.widgets.labels import PlainLabel


class FrontDesk(CentredScreen):
    """What can be done now, and what cannot. The front desk's own work comes with its own issue."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("list", parent)
        self.title.setText(fr.DESK_TITLE)
        self.put(PlainLabel(fr.DESK_HINT, wrap=True))
        self.put(PlainLabel(fr.DESK_NOW, wrap=True))
        self.put(PlainLabel(fr.DESK_DOCTOR, role="muted", wrap=True))
