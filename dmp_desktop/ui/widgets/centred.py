"""The shape of the screens that stand in for the record: a picture, a title, a few words, in the middle."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from dmp_desktop.ui import icons
from dmp_desktop.ui.widgets.labels import PlainLabel

WIDEST_CHARACTERS = 90
"""Lines longer than that are hard to read across a wide window."""


class CentredScreen(QWidget):
    """`put` adds one part under the others, `show_notice` says below them what the reader or the cards have to say.

    Nothing of a patient ever stands here.
    """

    def __init__(self, icon: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = icon
        self.picture = QLabel()
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.title = PlainLabel(wrap=True)
        self.title.setObjectName("title")
        self._middle = middle = QWidget()
        self._column = QVBoxLayout(middle)
        self.widen(WIDEST_CHARACTERS)
        self._column.setSpacing(self.fontMetrics().height() * 3 // 4)
        self.notice = PlainLabel(role="warning", wrap=True)
        self.notice.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.notice.hide()
        self._column.addStretch(2)
        self._column.addWidget(self.notice)
        self._column.addStretch(3)
        row = QHBoxLayout(self)
        row.addStretch(1)
        row.addWidget(middle, 1000)
        row.addStretch(1)
        self.put(self.picture)
        self.put(self.title)
        self.refresh()

    def widen(self, characters: int) -> None:
        """How wide the middle may be."""
        self._middle.setMaximumWidth(characters * self.fontMetrics().averageCharWidth())

    def put(self, widget: QWidget, *, whole: bool = True) -> None:
        """`whole`: across all the width; else as wide as it wants to be, in the middle."""
        if isinstance(widget, PlainLabel):
            widget.setAlignment(Qt.AlignmentFlag.AlignCenter)
        centre = Qt.AlignmentFlag.AlignHCenter
        self._column.insertWidget(self._column.count() - 2, widget, 0, Qt.AlignmentFlag(0) if whole else centre)

    def show_notice(self, text: str) -> None:
        self.notice.setText(text)
        self.notice.setVisible(bool(text))

    def show_icon(self, icon: str) -> None:
        self._icon = icon
        self.refresh()

    def refresh(self) -> None:
        side = self.fontMetrics().height() * 4
        self.picture.setPixmap(icons.role_icon(self._icon, "muted").pixmap(side, side))

    def lead(self) -> None:
        """The keyboard to where one begins, in the window the doctor already works in only; see `in_front`."""

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.lead()

    def in_front(self) -> bool:
        """Whether the keyboard may be led here: on screen, in the window the doctor already works in."""
        return self.isVisible() and self.window().isActiveWindow()
