"""How far the writing or printing of several documents is, and what stops it."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from dmp_desktop.ui import strings_viewer_fr as fr
from dmp_desktop.ui.views.documents.exporting import Exporter
from dmp_desktop.ui.widgets.document_tools import DocumentAct
from dmp_desktop.ui.widgets.labels import PlainLabel


class ExportBar(QFrame):
    """Shown from the first document to the last; it never takes the focus and names no document."""

    def __init__(self, exporter: Exporter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self.setAccessibleName(fr.EXPORT_NAME)
        self.words = PlainLabel(wrap=True)
        self.stop = QPushButton(fr.EXPORT_STOP)
        self.stop.setToolTip(fr.EXPORT_STOP_TIP)
        row = QHBoxLayout(self)
        row.addWidget(self.words, 1)
        row.addWidget(self.stop)
        self.hide()
        self._exporter = exporter
        self.stop.clicked.connect(self._stop)
        exporter.progress.connect(self._show)
        exporter.ended.connect(self._end)

    def _show(self, act: DocumentAct, at: int, count: int) -> None:
        if self._exporter.stopping:
            return
        self.words.setText((fr.PRINT_AT if act is DocumentAct.PRINT else fr.EXPORT_AT).format(at=at, count=count))
        self.stop.setEnabled(True)
        self.show()

    def _stop(self) -> None:
        self._exporter.stop()
        self.stop.setEnabled(False)
        self.words.setText(fr.EXPORT_STOPPING)

    def _end(self) -> None:
        self.words.clear()
        self.hide()
