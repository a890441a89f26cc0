"""A tab whose content comes with a next version: it says so, and where to look meanwhile."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui.widgets.labels import PlainLabel


class LaterView(QWidget):
    """`tab` is the name of a tab in `strings_fr.LATER`."""

    def __init__(self, tab: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        margin = self.fontMetrics().height() * 2
        column.setContentsMargins(margin, margin, margin, margin)
        for text, role in ((fr.LATER[tab], ""), (fr.LATER_HINT, "muted")):
            label = PlainLabel(text, role=role, wrap=True)
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(label)
        column.addStretch(1)
