"""What the rows of a table have in common when they are drawn: background, elided words, room around."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from dmp_desktop.ui import theme
from dmp_desktop.ui.models.row_card import CARD_ROLE, RowCard

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


def title_in(metrics: QFontMetrics, card: RowCard, width: int) -> str:
    """The title of a card in so many pixels: what comes before `kept` is cut first."""
    right = Qt.TextElideMode.ElideRight
    if not card.kept or metrics.horizontalAdvance(card.title) <= width:
        return metrics.elidedText(card.title, right, width)
    end = f" {card.kept}"
    room = max(0, width - metrics.horizontalAdvance(end))
    before = metrics.elidedText(card.title.removesuffix(card.kept).rstrip(), right, room)
    return metrics.elidedText(f"{before}{end}" if before.strip("…") else card.kept, right, width)


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
        write(
            painter,
            line,
            self.words(painter.fontMetrics(), index, line.width()),
            colours.base if selected else colours.text,
        )
        painter.restore()

    def words(self, _metrics: QFontMetrics, index: Index, _width: int) -> str:
        return str(index.data(Qt.ItemDataRole.DisplayRole) or "")


class TitleDelegate(CellDelegate):
    """The column of the titles: the part that is kept is not cut."""

    def words(self, metrics: QFontMetrics, index: Index, width: int) -> str:
        card = index.data(CARD_ROLE)
        return title_in(metrics, card, width) if card else ""
