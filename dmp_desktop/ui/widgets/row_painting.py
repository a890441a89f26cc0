"""What the rows of a table have in common when they are drawn: background, elided words, room around."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from dmp_desktop.ui import theme

Index = QModelIndex | QPersistentModelIndex
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


def background(painter: QPainter, option: QStyleOptionViewItem) -> bool:
    """Fills it; whether the row is selected."""
    colours = theme.current()
    if option.state & QStyle.StateFlag.State_Selected:
        painter.fillRect(option.rect, QColor(colours.accent))
        return True
    if option.state & QStyle.StateFlag.State_MouseOver:
        painter.fillRect(option.rect, QColor(theme.tint(colours, "hover")))
    return False


def write(painter: QPainter, line: QRect, text: str, colour: str, flags: Qt.AlignmentFlag = LEFT) -> None:
    painter.setPen(QColor(colour))
    painter.drawText(line, flags, painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, line.width()))


def pad(option: QStyleOptionViewItem) -> int:
    return int(option.fontMetrics.height()) // 3


class CellDelegate(QStyledItemDelegate):
    """Words on one line. Qt's own asks the model for seven roles and the style sheet for its rules: four times as long a cell."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        colours, room = theme.current(), pad(option)
        painter.save()
        selected = background(painter, option)
        painter.setFont(option.font)
        line = option.rect.adjusted(room, 0, -room, 0)
        write(painter, line, index.data(Qt.ItemDataRole.DisplayRole), colours.base if selected else colours.text)
        painter.restore()
