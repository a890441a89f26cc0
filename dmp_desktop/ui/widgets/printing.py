"""A document on paper or as a PDF, black on white whatever the window's colours. To be called on a worker thread."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QBuffer, QMarginsF, QUrl
from PySide6.QtGui import QImage, QPagedPaintDevice, QPageLayout, QPageSize, QPdfWriter, QTextDocument

from dmp_desktop.ui import theme
from dmp_desktop.ui.widgets.ready_html import ReadyHtml

MARGIN_MM = 15.0
MEDIA_SCHEME = "cda-media"


class _Paper(QTextDocument):
    """Loads nothing but the document's own images (as SafeBrowser)."""

    def __init__(self, ready: ReadyHtml, width: float) -> None:
        super().__init__()
        self._images, self._room = ready.images, width
        self.setDefaultStyleSheet(on_paper(ready.sheet))
        self.setHtml("".join(ready.pieces))

    def loadResource(self, _kind: int, url: QUrl | str) -> Any:
        url = QUrl(url)
        image = self._images.get(url.path()) if url.scheme() == MEDIA_SCHEME else None
        if image is None:
            return QImage()
        return image if image.width() <= self._room else image.scaledToWidth(int(self._room))


def on_paper(sheet: str) -> str:
    """The stylesheet in the light colours."""
    for name, colour in theme.LIGHT.roles().items():
        for other in theme.SCHEMES.values():
            sheet = sheet.replace(f":{other.roles()[name]}", f":{colour}") if other is not theme.LIGHT else sheet
    return sheet


def print_html(ready: ReadyHtml, device: QPagedPaintDevice) -> None:
    """All its pages on a printer or a PDF."""
    layout = QPageLayout(QPageSize(QPageSize.PageSizeId.A4), QPageLayout.Orientation.Portrait, QMarginsF())
    layout.setUnits(QPageLayout.Unit.Millimeter)
    layout.setMargins(QMarginsF(MARGIN_MM, MARGIN_MM, MARGIN_MM, MARGIN_MM))
    device.setPageLayout(layout)
    paper = _Paper(ready, layout.paintRectPoints().width())
    paper.print_(device)


def pdf_of(ready: ReadyHtml) -> bytes:
    """The pages as a PDF file."""
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    print_html(ready, QPdfWriter(buffer))
    return bytes(buffer.data().data())
