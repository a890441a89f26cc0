"""A button whose words go on over as many lines as they need: on one that names somebody, nothing may be cut."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QSize
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from dmp_desktop.ui import formats


class WrappedButton(QPushButton):
    """It asks for no width. Its words as they were given are its accessible name."""

    def __init__(self, words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = ""
        self.setSizePolicy(
            QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed
        )  # a button's own lets no layout narrow it
        self.name(words)

    def name(self, words: str) -> None:
        self._words = words
        self.setAccessibleName(words)
        self.setText(formats.button_text(words))
        if self.isVisible():
            self._fit()

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        metrics = self.fontMetrics()
        room = self.width() - 4 * metrics.averageCharWidth()
        lines = (line for given in self._words.split("\n") for line in _wrapped(metrics, given, room))
        text = formats.button_text("\n".join(lines))
        if text != self.text():
            self.setText(text)


def _wrapped(metrics: QFontMetrics, text: str, room: int) -> Iterator[str]:
    """A word wider than the room goes on over several lines."""
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if line and metrics.horizontalAdvance(longer) > room:
            yield line
            longer = word
        while len(longer) > 1 and metrics.horizontalAdvance(longer) > room:
            fitting = _fitting(metrics, longer, room)
            yield longer[:fitting]
            longer = longer[fitting:]
        line = longer
    yield line


def _fitting(metrics: QFontMetrics, text: str, room: int) -> int:
    """How many characters fit; one at least."""
    return next((count for count in range(len(text) - 1, 1, -1) if metrics.horizontalAdvance(text[:count]) <= room), 1)
