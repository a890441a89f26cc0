"""The columns of the wide list: as wide as their words, and the mark of a document that not everyone sees."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from dmp_desktop.ui import icons, theme
from dmp_desktop.ui.models.document_lines import Column
from dmp_desktop.ui.models.documents import DocumentsModel
from dmp_desktop.ui.models.row_card import CARD_ROLE, RowCard
from dmp_desktop.ui.widgets import row_painting

Index = QModelIndex | QPersistentModelIndex

HEADING, DATE = 9, 12
"""In characters, the least a column is wide, whatever it holds."""
LEAST = {Column.TYPE: 14, Column.AUTHOR: 14, Column.STATE: 36, Column.TITLE: 34}
"""In characters: below it a column is not cut; the state's holds « actif, invisible au patient » and its mark."""
GIVING = (Column.STATE, Column.TYPE, Column.AUTHOR)
"""Those that are cut where there is not room for all, the first first: few states are long, the title often repeats the type."""


def wanted_widths(model: DocumentsModel, font: QFont) -> dict[Column, int]:
    """Pixels in which no word of a column is cut, the title left out: it takes the rest."""
    plain, strong = QFontMetrics(font), QFontMetrics(_bold(font))
    room = 3 * (plain.height() // 3)
    wanted = {Column.DATE: room + plain.averageCharWidth() * DATE}
    for column in GIVING:
        metrics = strong if column is Column.STATE else plain
        widest = max((metrics.horizontalAdvance(words) for words in model.told(column)), default=0)
        wanted[column] = max(room + widest, plain.averageCharWidth() * HEADING)
    wanted[Column.STATE] += plain.height() + room // 3  # the mark before the words
    return wanted


def shared(wanted: Mapping[Column, int], available: int, character: int) -> dict[Column, int]:
    """`wanted` in what is `available` (pixels), the title's least kept free: those that give are cut in their order."""
    widths = dict(wanted)
    over = sum(widths.values()) + character * LEAST[Column.TITLE] - available
    for column in GIVING:
        given = min(max(over, 0), max(widths[column] - character * LEAST[column], 0))
        widths[column] -= given
        over -= given
    return widths


class StateDelegate(QStyledItemDelegate):
    """The state's column: icon and words of what is not plainly active, in the tone the docked panel gives them."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        card: RowCard = index.data(CARD_ROLE)
        colours, pad, height = theme.current(), row_painting.pad(option), option.fontMetrics.height()
        painter.save()
        selected = row_painting.background(painter, option)
        tone = colours.base if selected else colours.roles()[card.tone] if card.mark_icon else colours.text
        left = pad
        painter.setFont(_bold(option.font) if card.mark_icon else option.font)
        if card.mark_icon:
            top = option.rect.top() + (option.rect.height() - height) // 2
            icons.icon(card.mark_icon, tone).paint(painter, option.rect.left() + left, top, height, height)
            left += height + pad
        line = option.rect.adjusted(left, 0, -pad, 0)
        row_painting.write(painter, line, index.data(Qt.ItemDataRole.DisplayRole), tone)
        painter.restore()


def _bold(font: QFont) -> QFont:
    strong = QFont(font)
    strong.setBold(True)
    return strong
