"""Pages of a PDF. Imported when the first PDF is shown: QtPdf stays out of the start-up."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QByteArray
from PySide6.QtPdf import QPdfDocument
from PySide6.QtPdfWidgets import QPdfView
from PySide6.QtWidgets import QWidget

from dmp_desktop.ui import strings_fr as fr

ZOOM_STEP = 1.2
ZOOM_RANGE = (0.3, 6.0)


class PdfPane(QPdfView):
    """Fits the width until zoomed. Links in a PDF are never followed (measured, reference/ui.md A2)."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(fr.PDF_NAME)
        self._pdf = QPdfDocument(self)
        self._buffer: QBuffer | None = None
        self.setPageMode(QPdfView.PageMode.MultiPage)
        self.setZoomMode(QPdfView.ZoomMode.FitToWidth)
        self.setDocument(self._pdf)

    @property
    def pages(self) -> int:
        return self._pdf.pageCount()

    def show_pdf(self, content: bytes) -> bool:
        """False when it is no PDF that can be read."""
        self.forget()
        self._buffer = QBuffer(self)
        self._buffer.setData(QByteArray(content))
        self._buffer.open(QBuffer.OpenModeFlag.ReadOnly)
        self._pdf.load(self._buffer)
        self.setZoomMode(QPdfView.ZoomMode.FitToWidth)
        return self._pdf.error() is QPdfDocument.Error.None_ and self.pages > 0

    def forget(self) -> None:
        self._pdf.close()
        if self._buffer:
            self._buffer.close()
            self._buffer.deleteLater()
            self._buffer = None

    def zoom(self, steps: int) -> None:
        factor = self.zoomFactor() * ZOOM_STEP**steps
        if self.zoomMode() is QPdfView.ZoomMode.FitToWidth:
            factor = self._fitted() * ZOOM_STEP**steps
        self.setZoomMode(QPdfView.ZoomMode.Custom)
        self.setZoomFactor(max(ZOOM_RANGE[0], min(factor, ZOOM_RANGE[1])))

    def _fitted(self) -> float:
        """The factor FitToWidth stands for: 1.0 shows a point as a logical 1/72 inch."""
        width = self._pdf.pagePointSize(0).width() * self.logicalDpiX() / 72
        margins = self.documentMargins()
        return (self.viewport().width() - margins.left() - margins.right()) / width if width else 1.0
