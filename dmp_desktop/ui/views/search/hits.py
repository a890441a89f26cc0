"""The documents a search found: one line each with its author and date, below it the words around the first passage."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QTextCharFormat, QTextLayout, QTextOption
from PySide6.QtWidgets import QListView, QStyledItemDelegate, QStyleOptionViewItem

from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.domain.search import Hit
from dmp_desktop.ui import formats, icons, theme
from dmp_desktop.ui import strings_viewer_fr as fr
from dmp_desktop.ui.models.documents import author_label
from dmp_desktop.ui.models.row_card import icon_of
from dmp_desktop.ui.widgets.row_painting import background, write

Index = QModelIndex | QPersistentModelIndex
NO_INDEX = QModelIndex()
HIT_ROLE = Qt.ItemDataRole.UserRole + 5
SNIPPET_LINES = 2
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class HitsModel(QAbstractListModel):
    """In the order of the service: the most relevant first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.hits: tuple[Hit, ...] = ()
        self._entries: dict[str, DocumentEntry] = {}

    def show(self, hits: tuple[Hit, ...], entries: dict[str, DocumentEntry]) -> None:
        """`entries` by uniqueId; a hit whose document is no longer listed is left out."""
        wanted = tuple(hit for hit in hits if hit.unique_id in entries)
        if wanted == self.hits:
            return
        self.beginResetModel()
        self.hits, self._entries = wanted, entries
        self.endResetModel()

    def entry(self, row: int) -> DocumentEntry:
        return self._entries[self.hits[row].unique_id]

    def rowCount(self, parent: Index = NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.hits)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        hit = self.hits[index.row()]
        if role == HIT_ROLE:
            entry = self.entry(index.row())
            return hit, icon_of(entry), author_label(entry)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            author, day = author_label(self.entry(index.row())), formats.day(hit.created)
            told = ", ".join(part for part in (hit.title, author, day, fr.passages(hit.count)) if part)
            return fr.HIT_SPOKEN.format(told=told, snippet=hit.snippet)
        return None


class HitDelegate(QStyledItemDelegate):
    """Paints the (Hit, icon, author) a model gives for HIT_ROLE; the words found are bold and underlined, not only coloured."""

    def __init__(self, view: QListView) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """With the second line of a snippet where the width of the list may need it: measured all in bold, at once."""
        height, pad = option.fontMetrics.height(), self._pad(option)
        room = self._view.viewport().width() - height - 3 * pad
        bold = QFont(option.font)
        bold.setBold(True)
        short = QFontMetrics(bold).horizontalAdvance(index.data(HIT_ROLE)[0].snippet) <= room
        return QSize(0, height * (2 if short else 1 + SNIPPET_LINES) + pad * 3)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        hit, icon, author = index.data(HIT_ROLE)
        colours = theme.current()
        painter.save()
        selected = background(painter, option)
        rect, pad, height = option.rect, self._pad(option), option.fontMetrics.height()
        strong = colours.base if selected else colours.text
        quiet = colours.base if selected else colours.muted
        icons.icon(icon, quiet).paint(painter, rect.left() + pad, rect.top() + pad, height, height)
        left = rect.left() + height + 2 * pad
        first = QRect(left, rect.top() + pad, rect.right() - left - pad, height)
        told = f"{fr.passages(hit.count)} · {formats.day(hit.created)}" if hit.count > 1 else formats.day(hit.created)
        painter.setFont(option.font)
        write(painter, first, told, quiet, RIGHT)
        room = first.adjusted(0, 0, -option.fontMetrics.horizontalAdvance(told) - pad, 0)
        bold = QFont(option.font)
        bold.setBold(True)
        painter.setFont(bold)
        write(painter, room, hit.title, strong)
        taken = painter.fontMetrics().horizontalAdvance(hit.title)
        painter.setFont(option.font)
        if author and taken < room.width():
            write(painter, room.adjusted(taken, 0, 0, 0), f" · {author}", quiet)
        painter.setPen(QColor(strong))
        snippet = _snippet(option.font, rect.width() - height - 3 * pad, hit)
        snippet.draw(painter, QPointF(left, first.bottom() + pad // 2 + 1))
        painter.setPen(QColor(colours.border))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        painter.restore()

    def _pad(self, option: QStyleOptionViewItem) -> int:
        return int(option.fontMetrics.height()) // 3


def _snippet(font: QFont, width: int, hit: Hit) -> QTextLayout:
    """At most SNIPPET_LINES lines of it, laid out; it is made to be about as long."""
    layout = QTextLayout(hit.snippet, font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    ranges = []
    for start, end in hit.spans:
        found = QTextLayout.FormatRange()
        found.start, found.length = start, end - start
        words = QTextCharFormat()
        words.setFontWeight(QFont.Weight.Bold)
        words.setFontUnderline(True)
        found.format = words
        ranges.append(found)
    layout.setFormats(ranges)
    layout.beginLayout()
    for number in range(SNIPPET_LINES):
        line = layout.createLine()
        if not line.isValid():
            break
        line.setLineWidth(width)
        line.setPosition(QPointF(0, number * QFontMetrics(font).height()))
    layout.endLayout()
    return layout
