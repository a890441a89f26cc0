"""The pages of a scan, large. QtPdf is loaded when the first ones are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout, QWidget

from dmp_desktop.ui import strings_tray_fr as fr
from dmp_desktop.ui.widgets.labels import PlainLabel

if TYPE_CHECKING:
    from dmp_desktop.ui.widgets.pdf_pane import PdfPane

LEAST_LINES = 26
"""Of height: a page is read, not guessed."""


class Sheet(QWidget):
    """Empty, and without room, until `show_pdf`; `forget` leaves nothing of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(fr.PAGES_NAME)
        self.pane: PdfPane | None = None
        self.told = PlainLabel(fr.NOT_SHOWN, role="danger", wrap=True)
        self.told.hide()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self.told)
        self.hide()

    def show_pdf(self, content: bytes) -> bool:
        """False when its pages cannot be shown."""
        if self.pane is None:
            from dmp_desktop.ui.widgets.pdf_pane import PdfPane

            self.pane = PdfPane()
            self.pane.setMinimumHeight(LEAST_LINES * self.fontMetrics().height())
            self._column.addWidget(self.pane, 1)
        shown = self.pane.show_pdf(content)
        self.pane.setVisible(shown)
        self.told.setVisible(not shown)
        self.show()
        return shown

    def forget(self) -> None:
        if self.pane is not None:
            self.pane.forget()
        self.hide()
