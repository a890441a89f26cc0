"""How a treatment is drawn: a card with a line for each origin in the docked panel; in the table, its marks."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from dmp_desktop.ui import icons, theme
from dmp_desktop.ui import strings_reading_fr as fr
from dmp_desktop.ui.models.treatments import ORIGINS, ROW_ROLE, TreatmentRow
from dmp_desktop.ui.widgets import row_painting

Index = QModelIndex | QPersistentModelIndex
ORIGIN_CHARACTERS = 13


class TreatmentCardDelegate(QStyledItemDelegate):
    """Name and marks, then one line for each origin that tells of it."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        row: TreatmentRow = index.data(ROW_ROLE)
        lines = 1 + sum(bool(cell) for cell in row.cells) + bool(row.note)
        return QSize(0, lines * option.fontMetrics.height() + 2 * row_painting.pad(option))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: TreatmentRow = index.data(ROW_ROLE)
        colours, rect, pad, height = theme.current(), option.rect, row_painting.pad(option), option.fontMetrics.height()
        painter.save()
        selected = row_painting.background(painter, option)
        strong, quiet = (colours.base,) * 2 if selected else (colours.text, colours.muted)
        icon = "document" if row.paper else "pill"
        icons.icon(icon, quiet).paint(painter, rect.left() + pad, rect.top() + pad, height, height)
        left = rect.left() + height + 2 * pad
        line = QRect(left, rect.top() + pad, rect.right() - left - pad, height)
        font = QFont(option.font)
        font.setBold(True)
        painter.setFont(font)
        right = line.right()
        for word, name, role in reversed(row.marks or ((row.state, "", "muted"),)):
            colour = colours.base if selected else getattr(colours, role)
            room = painter.fontMetrics().horizontalAdvance(word)
            row_painting.write(painter, QRect(right - room, line.top(), room + 1, height), word, colour)
            right -= room + pad // 2
            if name:
                right -= height
                icons.icon(name, colour).paint(painter, right, line.top(), height, height)
                right -= pad
        row_painting.write(painter, QRect(left, line.top(), right - left, height), row.label, strong)
        painter.setFont(option.font)
        column = ORIGIN_CHARACTERS * option.fontMetrics.averageCharWidth()
        for origin, cell in zip(ORIGINS, row.cells, strict=True):
            if cell:
                line.translate(0, height)
                row_painting.write(painter, QRect(left, line.top(), column, height), fr.ORIGIN[origin], quiet)
                row_painting.write(painter, line.adjusted(column, 0, 0, 0), cell, strong)
        if row.note:
            line.translate(0, height)
            row_painting.write(painter, line, row.note, quiet)
        painter.setPen(QColor(colours.border))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        painter.restore()


class MarkDelegate(QStyledItemDelegate):
    """The state's column: every mark with its icon and word."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: TreatmentRow = index.data(ROW_ROLE)
        colours, pad, height = theme.current(), row_painting.pad(option), option.fontMetrics.height()
        painter.save()
        selected = row_painting.background(painter, option)
        left, top = option.rect.left() + pad, option.rect.top() + (option.rect.height() - height) // 2
        for word, name, role in row.marks or ((row.state, "", "muted"),):
            tone = colours.base if selected else getattr(colours, role)
            if name:
                icons.icon(name, tone).paint(painter, left, top, height, height)
                left += height + pad // 2
            row_painting.write(painter, QRect(left, top, max(option.rect.right() - left, 0), height), word, tone)
            left += painter.fontMetrics().horizontalAdvance(word) + pad
        painter.restore()
