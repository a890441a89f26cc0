"""How a line of biology is drawn: a card of three lines in the docked panel; in the table, the flag and the curve."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from dmp_desktop.ui import icons, theme
from dmp_desktop.ui.models.biology import FLAG_ICONS, ROW_ROLE, LabRow
from dmp_desktop.ui.widgets import row_painting
from dmp_desktop.ui.widgets.sparkline import paint_sparkline

Index = QModelIndex | QPersistentModelIndex
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
SPARK_CHARACTERS = 12


class LabCardDelegate(QStyledItemDelegate):
    """Label and day; last value with its flag; the one before."""

    def sizeHint(self, option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(0, option.fontMetrics.height() * 3 + row_painting.pad(option) * 2)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: LabRow = index.data(ROW_ROLE)
        colours, rect, pad, height = theme.current(), option.rect, row_painting.pad(option), option.fontMetrics.height()
        painter.save()
        selected = row_painting.background(painter, option)
        strong, quiet = (colours.base,) * 2 if selected else (colours.text, colours.muted)
        tone = colours.base if selected else getattr(colours, row.flag.tone)
        icon = FLAG_ICONS.get(row.flag.tone, "lab") if row.series else "document"
        icons.icon(icon, tone).paint(painter, rect.left() + pad, rect.top() + pad, height, height)
        left = rect.left() + height + 2 * pad
        line = QRect(left, rect.top() + pad, rect.right() - left - pad, height)
        day = painter.fontMetrics().horizontalAdvance(row.day)
        row_painting.write(painter, line, row.day, quiet, RIGHT)
        font = QFont(option.font)
        font.setBold(True)
        painter.setFont(font)
        row_painting.write(painter, line.adjusted(0, 0, -day - pad, 0), row.label, strong)
        room = SPARK_CHARACTERS * option.fontMetrics.averageCharWidth() if row.spark.points else 0
        line = line.translated(0, height).adjusted(0, 0, -room, 0)
        if row.series:
            row_painting.write(painter, line, row.last, strong)
            line.setLeft(line.left() + painter.fontMetrics().horizontalAdvance(f"{row.last}  "))
        row_painting.write(painter, line, row.flag_words, tone)
        painter.setFont(option.font)
        below = QRect(left, rect.top() + pad + 2 * height, rect.right() - left - pad - room, height)
        parts = (f"{row.arrow} {row.previous}".strip(), row.note) if row.series else (row.last, row.note)
        row_painting.write(painter, below, " · ".join(part for part in parts if part), quiet)
        if room:
            area = QRect(rect.right() - room, rect.top() + pad + height, room - pad, 2 * height)
            paint_sparkline(painter, area, row.spark, colours.base if selected else "")
        painter.setPen(QColor(colours.border))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        painter.restore()


class FlagDelegate(QStyledItemDelegate):
    """The flag's column: icon and word in its tone."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: LabRow = index.data(ROW_ROLE)
        colours, pad, height = theme.current(), row_painting.pad(option), option.fontMetrics.height()
        painter.save()
        selected = row_painting.background(painter, option)
        tone = colours.base if selected else getattr(colours, row.flag.tone)
        left = option.rect.left() + pad
        if row.flag.tone in FLAG_ICONS:
            top = option.rect.top() + (option.rect.height() - height) // 2
            icons.icon(FLAG_ICONS[row.flag.tone], tone).paint(painter, left, top, height, height)
            left += height + pad
        row_painting.write(painter, option.rect.adjusted(left - option.rect.left(), 0, 0, 0), row.flag_words, tone)
        painter.restore()


class SparkDelegate(QStyledItemDelegate):
    """The curve's column: how many results, and their line."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: LabRow = index.data(ROW_ROLE)
        painter.save()
        selected = row_painting.background(painter, option)
        pad = row_painting.pad(option)
        paint_sparkline(
            painter, option.rect.adjusted(pad, pad, -pad, -pad), row.spark, theme.current().base if selected else ""
        )
        painter.restore()
