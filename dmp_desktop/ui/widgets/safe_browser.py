"""Shows a document's HTML, and nothing but what the document holds: no file, no network, no link followed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QImage, QTextCursor, QTextOption, QWheelEvent
from PySide6.QtWidgets import QTextBrowser, QWidget

from dmp_desktop.ui.widgets.ready_html import ReadyHtml

MEDIA_SCHEME = "cda-media"
ZOOM_RANGE = range(-4, 13)


class SafeBrowser(QTextBrowser):
    """Long documents come in slices, the first one at once, so that the window never waits for Qt's layout."""

    complete = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setOpenLinks(False)
        self.setOpenExternalLinks(False)
        self.setUndoRedoEnabled(False)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.document().setDocumentMargin(self.fontMetrics().averageCharWidth() * 1.5)
        self._images: Mapping[str, QImage] = {}
        self._pieces: list[str] = []
        self._zoom = 0
        self._next = QTimer(self)
        self._next.setInterval(0)
        self._next.timeout.connect(self._append)

    @property
    def loading(self) -> bool:
        return bool(self._pieces)

    def show_ready(self, ready: ReadyHtml) -> None:
        """A document as `prepare` made it ready."""
        first, *self._pieces = ready.pieces
        self._images = ready.images
        self.document().clear()
        self.document().setDefaultStyleSheet(ready.sheet)
        self.setHtml(first)
        if self._pieces:
            self._next.start()
        else:
            self._next.stop()
            self.complete.emit()

    def forget(self) -> None:
        """Nothing of the document stays, not even in the document's resources."""
        self._next.stop()
        self._pieces, self._images = [], {}
        self.clear()

    def zoom(self, steps: int) -> None:
        """Larger or smaller by `steps` points, within reason."""
        wanted = max(ZOOM_RANGE.start, min(self._zoom + steps, ZOOM_RANGE.stop - 1))
        self.zoomIn(wanted - self._zoom)
        self._zoom = wanted

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom(1 if event.angleDelta().y() > 0 else -1)
            return
        super().wheelEvent(event)

    def loadResource(self, _kind: int, url: QUrl | str) -> Any:
        """Known media, else a null image: None or empty bytes would make Qt open the path itself (reference/ui.md A2)."""
        url = QUrl(url)
        image = self._images.get(url.path()) if url.scheme() == MEDIA_SCHEME else None
        if image is None:
            return QImage()
        room = max(self.viewport().width() - 4 * self.fontMetrics().averageCharWidth(), 50)
        return image if image.width() <= room else image.scaledToWidth(room)

    def _append(self) -> None:
        if self._pieces:
            cursor = QTextCursor(self.document())
            cursor.movePosition(QTextCursor.MoveOperation.End)
            cursor.insertHtml(self._pieces.pop(0))
        if not self._pieces:
            self._next.stop()
            self.complete.emit()
