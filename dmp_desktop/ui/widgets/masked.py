"""What is on screen while no professional card is in: nothing of a patient."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from dmp_desktop.ui import icons
from dmp_desktop.ui import strings_window_fr as fr
from dmp_desktop.ui.widgets.labels import PlainLabel


class MaskedScreen(QWidget):
    """Says what to do, and what is kept. `show_notice` tells of the reader."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.picture = QLabel()
        title = PlainLabel(fr.MASKED_TITLE)
        title.setObjectName("title")
        self.notice = PlainLabel(role="warning", wrap=True)
        column = QVBoxLayout(self)
        column.setSpacing(self.fontMetrics().height())
        column.addStretch(2)
        for widget in (
            self.picture,
            title,
            PlainLabel(fr.MASKED_HINT, wrap=True),
            PlainLabel(fr.MASKED_SAFE, role="muted", wrap=True),
            self.notice,
        ):
            widget.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(widget)
        column.addStretch(3)
        self.refresh()

    def show_notice(self, text: str) -> None:
        self.notice.setText(text)

    def refresh(self) -> None:
        side = self.fontMetrics().height() * 4
        self.picture.setPixmap(icons.role_icon("lock", "muted").pixmap(side, side))
