"""The rows of Nouveautés: what changed, in as many lines as it takes within reason, with its date; its document below."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QResizeEvent, QTextLayout, QTextOption
from PySide6.QtWidgets import QListView, QStyleOptionViewItem, QWidget

from dmp_desktop.ui import icons, theme
from dmp_desktop.ui.models.row_card import CARD_ROLE, RowCard
from dmp_desktop.ui.widgets.row_card import RowCardDelegate
from dmp_desktop.ui.widgets.row_painting import background, pad, write

Index = QModelIndex | QPersistentModelIndex
MAX_LINES = 4
"""Of what changed: in the docked panel some 150 characters, four results or a whole conclusion."""
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


LAID_OUT_AT_ONCE = 50
"""Rows: the lines of each are measured."""


class NewsList(QListView):
    """Rows as high as their words in the width there is, the scroll bar's apart."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setItemDelegate(NewsDelegate(self))
        self.setMouseTracking(True)
        self.setLayoutMode(QListView.LayoutMode.Batched)
        self.setBatchSize(LAID_OUT_AT_ONCE)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.scheduleDelayedItemsLayout()


class NewsDelegate(RowCardDelegate):
    """A result cut after its first analysis would have to be opened to be read."""

    def __init__(self, view: QListView) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        card = index.data(CARD_ROLE)
        if card is None:
            return super().sizeHint(option, index)
        room = _room(QRect(0, 0, self._view.viewport().width(), 0), option, card)
        lines = len(wrapped(card.title, _bold(option.font), room.width()))
        return QSize(0, option.fontMetrics.height() * (lines + 1) + pad(option) * 3)

    def _card(self, painter: QPainter, option: QStyleOptionViewItem, rect: QRect, card: RowCard) -> None:
        colours, height, gap = theme.current(), option.fontMetrics.height(), pad(option)
        selected = background(painter, option)
        strong = colours.base if selected else colours.text
        quiet = colours.base if selected else colours.muted
        tone = colours.base if selected else colours.roles()[card.tone]
        icons.icon(card.icon, tone).paint(painter, rect.left() + gap, rect.top() + gap, height, height)
        room = _room(rect, option, card)
        line = QRect(room.left(), rect.top() + gap, rect.right() - gap - room.left(), height)
        painter.setFont(option.font)
        write(painter, line, card.date, quiet, RIGHT)
        bold = _bold(option.font)
        painter.setFont(bold)
        lines = wrapped(card.title, bold, room.width())[: (rect.height() - 3 * gap) // height - 1]
        for number, words in enumerate(lines):
            write(painter, QRect(room.left(), line.top() + number * height, room.width(), height), words, strong)
        line.translate(0, len(lines) * height + gap)
        write(painter, line, card.mark, tone, RIGHT)
        if card.mark:
            line.adjust(0, 0, -painter.fontMetrics().horizontalAdvance(card.mark) - gap, 0)
        painter.setFont(option.font)
        write(painter, line, card.detail, quiet)


def wrapped(text: str, font: QFont, width: int) -> list[str]:
    """Its lines within `width` pixels; what does not fit in the last one stays in it, to be elided."""
    layout, option = QTextLayout(text, font), QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    starts: list[int] = []
    layout.beginLayout()
    while len(starts) < MAX_LINES:
        line = layout.createLine()
        if not line.isValid():
            break
        line.setLineWidth(width)
        starts.append(line.textStart())
    layout.endLayout()
    ends = [*starts[1:], len(text)]
    return [text[start:end].strip() for start, end in zip(starts, ends, strict=True)] or [""]


def _room(rect: QRect, option: QStyleOptionViewItem, card: RowCard) -> QRect:
    """Where what changed is written: between the icon and the date."""
    gap, height = pad(option), option.fontMetrics.height()
    date = option.fontMetrics.horizontalAdvance(card.date) + gap if card.date else 0
    return rect.adjusted(height + 2 * gap, 0, -gap - date, 0)


def _bold(font: QFont) -> QFont:
    bold = QFont(font)
    bold.setBold(True)
    return bold
