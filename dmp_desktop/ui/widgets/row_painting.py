"""What the rows of a table have in common when they are drawn: background, elided words, room around."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from dmp_desktop.ui import theme
from dmp_desktop.ui.models.row_card import CARD_ROLE, RowCard

Index = QModelIndex | QPersistentModelIndex
BEGINNING = 11
"""Letters of a family name that are never cut for a given name: two people of one page are told apart by both."""
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
    """The title of a card in so many pixels. Of a name `kept` are the given ones: those after the first are cut first, then the
    family name down to its beginning, and only then the first given name."""
    right, fits = Qt.TextElideMode.ElideRight, metrics.horizontalAdvance
    if fits(card.title) <= width:
        return card.title
    if not card.kept:
        return metrics.elidedText(card.title, right, width)
    before = card.title.removesuffix(card.kept).rstrip()
    first, *others = card.kept.split()
    shown = f"{first}…" if others else first
    if fits(f"{before} {shown}") <= width:
        return metrics.elidedText(card.title, right, width)
    least = before if len(before) <= BEGINNING else f"{before[:BEGINNING].rstrip()}…"
    room = width - fits(f" {shown}")
    beginning = metrics.elidedText(before, right, room) if room > fits(least) else least
    return metrics.elidedText(f"{beginning} {shown}", right, width)


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
