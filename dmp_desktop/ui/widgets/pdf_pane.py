"""Pages of a PDF. Imported when the first PDF is shown: QtPdf stays out of the start-up."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QByteArray, QModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtPdf import QPdfDocument, QPdfSearchModel
from PySide6.QtPdfWidgets import QPdfView
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QVBoxLayout, QWidget

from dmp_desktop.ui import strings_fr as fr

ZOOM_STEP = 1.2
ZOOM_RANGE = (0.3, 6.0)
_TOP = QModelIndex()
PRINT_DPI = 200
"""A page of text is clear at 200 dots per inch, and takes 11 MB."""


class PdfPane(QWidget):
    """Fits the width until zoomed. Links in a PDF are never followed (measured, reference/ui.md A2).

    The document is a younger sibling of its view, never its child: a QPdfDocument that dies after its view's own
    destructor tells the view so, and the program ends there (seen with 6.12.0). `found` tells how many places hold the words
    looked for: pages are searched one after the other, it is told several times.
    """

    found = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view = QPdfView(self)
        self.view.setAccessibleName(fr.PDF_NAME)
        self.view.setPageMode(QPdfView.PageMode.MultiPage)
        self.view.setZoomMode(QPdfView.ZoomMode.FitToWidth)
        # Always there: a page that fits beside no bar, and not beside one, has the bar come and go for ever (6.12.0).
        self.view.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self._pdf = QPdfDocument(self)
        self._buffer = QBuffer(self)
        self.view.setDocument(self._pdf)
        self._search = QPdfSearchModel(self)
        self._search.setDocument(self._pdf)
        self.view.setSearchModel(self._search)
        self._search.countChanged.connect(lambda: self.found.emit(self._search.rowCount(_TOP)))
        self.setFocusProxy(self.view)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.view)

    @property
    def pages(self) -> int:
        return self._pdf.pageCount()

    def show_pdf(self, content: bytes) -> bool:
        """False when it is no PDF that can be read."""
        self.forget()
        self._buffer.setData(QByteArray(content))
        self._buffer.open(QBuffer.OpenModeFlag.ReadOnly)
        self._pdf.load(self._buffer)
        self.view.setZoomMode(QPdfView.ZoomMode.FitToWidth)
        return self._pdf.error() is QPdfDocument.Error.None_ and self.pages > 0

    def forget(self) -> None:
        self._search.setSearchString("")
        self._pdf.close()
        self._buffer.close()
        self._buffer.setData(QByteArray())

    def find_all(self, words: str) -> None:
        """`found` follows."""
        self._search.setSearchString(words.strip())

    def go(self, number: int) -> None:
        """Shows the hit of that number, from 0."""
        self.view.setCurrentSearchResultIndex(number)
        link = self._search.resultAtIndex(number)
        if link.isValid():
            self.view.pageNavigator().jump(link)

    def zoom(self, steps: int) -> None:
        fitted = self.view.zoomMode() is QPdfView.ZoomMode.FitToWidth
        factor = (self._fitted() if fitted else self.view.zoomFactor()) * ZOOM_STEP**steps
        self.view.setZoomMode(QPdfView.ZoomMode.Custom)
        self.view.setZoomFactor(max(ZOOM_RANGE[0], min(factor, ZOOM_RANGE[1])))

    def _fitted(self) -> float:
        """The factor FitToWidth stands for: 1.0 shows a point as a logical 1/72 inch."""
        width = self._pdf.pagePointSize(0).width() * self.logicalDpiX() / 72
        margins = self.view.documentMargins()
        return (self.view.viewport().width() - margins.left() - margins.right()) / width if width else 1.0


def print_pdf(content: bytes, printer: QPrinter) -> None:
    """Its pages, each as large as the paper lets it. Works on any thread."""
    pdf, buffer = QPdfDocument(), QBuffer()
    buffer.setData(QByteArray(content))
    buffer.open(QBuffer.OpenModeFlag.ReadOnly)
    pdf.load(buffer)
    painter = QPainter(printer)
    paper = printer.pageRect(QPrinter.Unit.DevicePixel).size().toSize()
    for page in range(pdf.pageCount()):
        if page:
            printer.newPage()
        points = pdf.pagePointSize(page)
        image = pdf.render(page, QSize(int(points.width() * PRINT_DPI / 72), int(points.height() * PRINT_DPI / 72)))
        size = image.size().scaled(paper, Qt.AspectRatioMode.KeepAspectRatio)
        painter.drawImage(QRect(QPoint(0, 0), size), image)
    painter.end()
    pdf.close()
