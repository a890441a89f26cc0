"""Two-line rows for lists in the docked panel: an icon, a strong line with its date, a quiet line below. Three where large text
leaves little room: a name is not cut for a date."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from dmp_desktop.ui import icons, theme
from dmp_desktop.ui.models.row_card import CARD_ROLE, RowCard
from dmp_desktop.ui.widgets.row_painting import title_in

Index = QModelIndex | QPersistentModelIndex
TALL_BELOW = 52
"""Characters of width below which the date has a line of its own, with the mark: 420 px hold 63, 48 at 130 %, 42 at 150 %."""


def tall(metrics: QFontMetrics, width: int) -> bool:
    return width < TALL_BELOW * metrics.averageCharWidth()


class CardsView(QListView):
    """Lays its rows out again where another width gives them another height: Qt keeps the height of the first one."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        metrics = self.fontMetrics()
        if tall(metrics, event.size().width()) is not tall(metrics, event.oldSize().width()):
            self.scheduleDelayedItemsLayout()


class RowCardDelegate(QStyledItemDelegate):
    """Paints the RowCard a model gives for CARD_ROLE; a row without one is a skeleton."""

    def sizeHint(self, option: QStyleOptionViewItem, _index: Index) -> QSize:
        view = option.widget
        width = view.viewport().width() if isinstance(view, QAbstractItemView) else option.rect.width()
        lines = 3 if tall(option.fontMetrics, width) else 2
        return QSize(0, option.fontMetrics.height() * lines + self._pad(option) * (lines + 1))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        rect = option.rect
        card = index.data(CARD_ROLE)
        if card is None:
            self._skeleton(painter, option, rect)
        else:
            self._card(painter, option, rect, card)
        painter.setPen(QColor(theme.current().border))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        painter.restore()

    def _card(self, painter: QPainter, option: QStyleOptionViewItem, rect: QRect, card: RowCard) -> None:
        colours = theme.current()
        state = option.state
        selected = bool(state & QStyle.StateFlag.State_Selected)
        if selected:
            painter.fillRect(rect, QColor(colours.accent))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, QColor(colours.shades()["hover"]))
        strong = colours.base if selected else colours.text
        quiet = colours.base if selected else colours.muted
        tone = colours.base if selected else colours.roles()[card.tone]
        pad, height = self._pad(option), option.fontMetrics.height()
        side = height
        edge = rect.left() + card.depth * (side + pad)
        icons.icon(card.icon, tone).paint(painter, edge + pad, rect.top() + pad, side, side)
        left = edge + side + 2 * pad
        first = QRect(left, rect.top() + pad, rect.right() - left - pad, height)
        second = first.translated(0, height + pad)
        three = rect.height() >= 3 * height + 4 * pad
        marked = second.translated(0, height + pad) if three else second
        font = QFont(option.font)
        painter.setFont(font)
        if three:  # the mark gives way to the date
            self._left(painter, marked, card.date, quiet)
            marked.setLeft(
                marked.left() + (painter.fontMetrics().horizontalAdvance(card.date) + pad if card.date else 0)
            )
        else:
            first = self._right(painter, first, card.date, quiet, pad)
        font.setBold(True)
        painter.setFont(font)
        marked = self._right(painter, marked, card.mark, tone, pad, 10 if three else 6)
        if card.mark_icon:
            square = QRect(marked.right() - side, marked.top(), side, side)
            icons.icon(card.mark_icon, tone).paint(painter, square.adjusted(1, 1, -1, -1))
            marked.adjust(0, 0, -side - pad, 0)
        self._left(painter, first, title_in(painter.fontMetrics(), card, first.width()), strong)
        font.setBold(False)
        painter.setFont(font)
        self._left(painter, second if three else marked, card.detail, quiet)

    def _right(self, painter: QPainter, line: QRect, text: str, colour: str, pad: int, tenths: int = 6) -> QRect:
        """Draws at the end of a line, in so many tenths of it at most, and returns what is left of it."""
        if not text:
            return line
        text = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, line.width() * tenths // 10)
        painter.setPen(QColor(colour))
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        return line.adjusted(0, 0, -painter.fontMetrics().horizontalAdvance(text) - pad, 0)

    def _left(self, painter: QPainter, line: QRect, text: str, colour: str) -> None:
        painter.setPen(QColor(colour))
        text = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, line.width())
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)

    def _skeleton(self, painter: QPainter, option: QStyleOptionViewItem, rect: QRect) -> None:
        pad, height = self._pad(option), option.fontMetrics.height()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.current().border))
        left = rect.left() + height + 2 * pad
        bar = QRect(left, rect.top() + pad, rect.width() // 2, height // 2 + 2)
        painter.drawRoundedRect(bar, 3, 3)
        painter.drawRoundedRect(bar.translated(0, height + pad).adjusted(0, 0, -rect.width() // 6, 0), 3, 3)

    def _pad(self, option: QStyleOptionViewItem) -> int:
        return int(option.fontMetrics.height()) // 3
