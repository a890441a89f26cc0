"""Shows a document's HTML, and nothing but what the document holds: no file, no network, no link followed."""

from __future__ import annotations

from collections.abc import Mapping
from time import perf_counter
from typing import Any

from PySide6.QtCore import QMimeData, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QColor, QImage, QTextCharFormat, QTextCursor, QTextDocument, QTextOption, QWheelEvent
from PySide6.QtWidgets import QTextBrowser, QTextEdit, QWidget

from dmp_desktop.ui import theme
from dmp_desktop.ui.widgets.found_text import ShownText, folded, joined
from dmp_desktop.ui.widgets.html_slices import JOINER
from dmp_desktop.ui.widgets.leaving_text import LeavingTexts
from dmp_desktop.ui.widgets.place import Place
from dmp_desktop.ui.widgets.ready_html import ReadyHtml

MEDIA_SCHEME = "cda-media"
ZOOM_RANGE = range(-4, 13)
LIT_AT_ONCE = 200
"""Hits highlighted; going to one beyond lights it up."""
_AT_ONCE_SECONDS = 0.003
_JOINT = "\u200b"
"""Begins what is appended: Qt gives the first paragraph of a fragment to the last one of the document."""


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
        self._leaving = LeavingTexts(self)
        self._images: Mapping[str, QImage] = {}
        self._anchors: Mapping[int, str] = {}
        self._pieces: list[str] = []
        self._done = 0
        self._zoom = 0
        self._scroll = 0
        self._shown = ShownText()
        self._found: list[tuple[int, int]] = []
        self.forget_found()
        self.places: dict[str, int] = {}
        self._next = QTimer(self)
        self._next.setInterval(0)
        self._next.timeout.connect(self._append)

    @property
    def loading(self) -> bool:
        return bool(self._pieces)

    def show_ready(self, ready: ReadyHtml, *, stay: bool = False) -> None:
        """A document as `prepare` made it ready; `stay` where it was scrolled to, for the same one laid out otherwise."""
        self._scroll = self.verticalScrollBar().value() if stay else 0
        first, *self._pieces = ready.pieces or ("",)
        self._images, self._anchors, self._done = ready.images, ready.anchors, 1
        self.places = {ready.anchors[0]: 0} if 0 in ready.anchors else {}
        self.forget_found()
        self._begin()
        self.document().setDefaultStyleSheet(ready.sheet)
        self.setHtml(first)
        self._note(0)
        if self._pieces:
            self._next.start()
        else:
            self._end()

    def stay_at(self, scroll: int) -> None:
        """Where it was scrolled to, once all is there."""
        self._scroll = scroll
        if not self._pieces:
            self.verticalScrollBar().setValue(scroll)

    def forget(self) -> None:
        """Nothing of the document stays, not even in the document's resources."""
        self._next.stop()
        self._pieces, self._images, self._anchors, self.places = [], {}, {}, {}
        self.forget_found()
        self._begin()

    def zoom(self, steps: int) -> None:
        """Larger or smaller by `steps` points, within reason."""
        wanted = max(ZOOM_RANGE.start, min(self._zoom + steps, ZOOM_RANGE.stop - 1))
        self.zoomIn(wanted - self._zoom)
        self._zoom = wanted

    def find_all(self, words: str) -> int:
        """How many places hold the words; `go` shows one. Case and accents do not count."""
        self.forget_found()
        wanted = folded(words.strip())
        self._found = self._shown.find(wanted) if wanted else []
        self._light()
        return len(self._found)

    def mark(self, number: int) -> None:
        """Makes the hit of that number, from 0, the strong one; the text stays where it is. -1: none."""
        self._current = number
        self._light()

    def go(self, number: int) -> None:
        """Shows the hit of that number, from 0."""
        self.mark(number)
        self._reveal(self._found[number][0])

    def forget_found(self) -> None:
        self._found = []
        self._current = -1
        if self.extraSelections():
            self.setExtraSelections([])

    def hit_at(self, place: Place, anchor: str) -> int:
        """Number of the hit that a place means, after `find_all(place.text)`; -1 for none. `anchor`: of its section, or ''."""
        if not self._found:
            return -1
        start = self.places.get(anchor, 0)
        end = (
            min((at for at in self.places.values() if at > start), default=self.document().characterCount())
            if anchor
            else None
        )
        inside = [number for number, (at, _to) in enumerate(self._found) if at >= start and (end is None or at < end)]
        if not inside:
            return 0
        return inside[min(place.occurrence, len(inside) - 1)]

    def go_to_section(self, anchor: str) -> None:
        if anchor in self.places:
            self._reveal(self.places[anchor], at_top=True)

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

    def createMimeDataFromSelection(self) -> QMimeData:
        """Words that were cut to be laid out are copied whole."""
        data = super().createMimeDataFromSelection()
        if JOINER in data.text():
            words, data = joined(data.text()), QMimeData()
            data.setText(words)
        return data

    def _begin(self) -> None:
        """An empty document. Its parent is that of Qt's own: through it media are asked of `loadResource`, of nothing else."""
        old = self.document()
        new = QTextDocument(old.parent())
        new.setDefaultFont(old.defaultFont())
        new.setDocumentMargin(old.documentMargin())
        new.setUndoRedoEnabled(False)
        self._shown = ShownText()
        self._leaving.drop(old)
        self.setDocument(new)

    def _append(self) -> None:
        """As many slices as a few milliseconds allow."""
        began = perf_counter()
        while self._pieces and perf_counter() - began < _AT_ONCE_SECONDS:
            cursor = QTextCursor(self.document())
            cursor.movePosition(QTextCursor.MoveOperation.End)
            start = cursor.position()
            cursor.beginEditBlock()
            cursor.insertHtml(f"<p>{_JOINT}</p>{self._pieces.pop(0)}")
            cursor.setPosition(start)
            cursor.setPosition(start + 1, QTextCursor.MoveMode.KeepAnchor)
            cursor.removeSelectedText()
            cursor.endEditBlock()
            self._note(start)
            if self._done in self._anchors:
                self.places[self._anchors[self._done]] = min(start + 1, self.document().characterCount() - 1)
            self._done += 1
        if not self._pieces:
            self._next.stop()
            self._end()

    def _end(self) -> None:
        if self._scroll:
            self.verticalScrollBar().setValue(self._scroll)
        self.complete.emit()

    def _note(self, start: int) -> None:
        """Keeps the words from `start` on, to look for others in them: all at once would hold the window."""
        cursor = QTextCursor(self.document())
        cursor.setPosition(start)
        cursor.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
        self._shown.add(cursor.selectedText())

    def _reveal(self, position: int, *, at_top: bool = False) -> None:
        cursor = QTextCursor(self.document())
        cursor.setPosition(min(position, self.document().characterCount() - 1))
        top = self.cursorRect(cursor).top()
        room = 0 if at_top else self.viewport().height() // 3
        if at_top or not 0 <= top < self.viewport().height() - 2 * self.fontMetrics().height():
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() + top - room)

    def _light(self) -> None:
        colours = theme.current()
        found = QTextCharFormat()
        found.setBackground(QColor(colours.shades()["warning_tint"]))
        found.setFontUnderline(True)
        current = QTextCharFormat()
        current.setBackground(QColor(colours.accent))
        current.setForeground(QColor(colours.base))
        lit = list(enumerate(self._found[:LIT_AT_ONCE]))
        if self._current >= LIT_AT_ONCE:
            lit.append((self._current, self._found[self._current]))
        if not lit:
            return
        selections = []
        for number, (start, end) in lit:
            selection = QTextEdit.ExtraSelection()
            cursor = QTextCursor(self.document())
            cursor.setPosition(start)
            cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
            selection.cursor = cursor
            selection.format = current if number == self._current else found
            selections.append(selection)
        self.setExtraSelections(selections)
