"""Long texts nobody looks at any more, emptied a piece at a time: Qt takes 60 ms to drop 20,000 rows in one go."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QTextCursor, QTextDocument

PIECE_CHARACTERS = 6_000
"""About 5 ms (measured); a table that begins in a piece goes with it."""
PAUSE_MS = 20


class LeavingTexts(QTimer):
    """Owns the documents given to `drop` until nothing is left of them; the last given go first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.documents: list[QTextDocument] = []
        self.setInterval(PAUSE_MS)
        self.timeout.connect(self._empty)

    def drop(self, document: QTextDocument) -> None:
        document.setParent(None)
        if document.characterCount() > PIECE_CHARACTERS:
            self.documents.append(document)
            self.start()

    def _empty(self) -> None:
        if not self.documents:
            self.stop()
            return
        cursor = QTextCursor(self.documents[-1])
        cursor.movePosition(QTextCursor.MoveOperation.End)
        end = cursor.position()
        cursor.setPosition(max(end - PIECE_CHARACTERS, 0))
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        cursor.removeSelectedText()
        if end <= PIECE_CHARACTERS:
            self.documents.pop()
