"""How the rows of the synthesis are drawn: one column in the docked panel, words and source side by side where there is room."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from dmp_desktop.ui import icons, theme
from dmp_desktop.ui import strings_reading_fr as fr
from dmp_desktop.ui.models.synthesis import ROW_ROLE, Kind, Row, Told

Index = QModelIndex | QPersistentModelIndex
WIDE_CHARACTERS = 110
FLAGS = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
UNFOLDED_SIGN, FOLDED_SIGN = "▾", "▸"


class SynthesisDelegate(QStyledItemDelegate):
    """Paints a Row. `wide` is told by the view's width, in characters."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        row: Row = index.data(ROW_ROLE)
        count = 1
        if row.kind is Kind.SIDES:
            count += max(sum(3 + bool(told.detail) for told in side) for side in row.sides)
        elif row.told:
            count += bool(row.told.detail) + (not self._wide(option))
        metrics = option.fontMetrics
        return QSize(0, count * metrics.height() + self.pad(metrics) * 2)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: Row = index.data(ROW_ROLE)
        colours, rect = theme.current(), option.rect
        painter.save()
        painter.setFont(option.font)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if selected:
            painter.fillRect(rect, QColor(colours.accent))
        elif row.kind is Kind.SECTION:
            painter.fillRect(rect, QColor(colours.panel))
        elif row.kind is Kind.SIDES:
            painter.fillRect(rect, QColor(theme.tint(colours, "warning_tint")))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, QColor(theme.tint(colours, "hover")))
        ink = _Ink(selected)
        if row.kind is Kind.SECTION:
            self._section(painter, option, row, ink)
        elif row.kind is Kind.SIDES:
            self._sides(painter, option, row, ink)
        else:
            self._fact(painter, option, row, ink)
        painter.setPen(QColor(colours.border))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QColor(ink.strong))
            painter.drawRect(rect.adjusted(1, 1, -2, -2))
        painter.restore()

    def toggles(self, option_rect: QRect, metrics: QFontMetrics, row: Row, x: int) -> bool:
        """Whether a click at `x` folds rather than opens: anywhere on a section, on the sign or the count of a fact."""
        if not row.folds:
            return False
        if row.kind is Kind.SECTION:
            return True
        left = option_rect.left() + self._indent(metrics)
        right = option_rect.right() - metrics.horizontalAdvance(row.mark) - 3 * self.pad(metrics)
        return x < left or (bool(row.mark) and x > right)

    def _section(self, painter: QPainter, option: QStyleOptionViewItem, row: Row, ink: _Ink) -> None:
        rect, metrics = option.rect, option.fontMetrics
        pad, side = self.pad(metrics), metrics.height()
        sign = (UNFOLDED_SIGN if row.opened else FOLDED_SIGN) if row.folds else ""
        left = rect.left() + pad
        _write(painter, QRect(left, rect.top(), side, rect.height()), sign, ink.quiet)
        left += side
        icon = icons.icon(fr.SECTION_ICONS[row.section], ink.quiet)
        icon.paint(painter, left, rect.top() + (rect.height() - side) // 2, side, side)
        line = QRect(left + side + pad, rect.top(), rect.right() - left - side - 2 * pad, rect.height())
        line = _right(painter, line, row.mark, ink.quiet, pad)
        with _bold(painter, option.font):
            _write(painter, line, row.title, ink.strong)

    def _fact(self, painter: QPainter, option: QStyleOptionViewItem, row: Row, ink: _Ink) -> None:
        rect, metrics, told = option.rect, option.fontMetrics, row.told
        if told is None:
            return
        pad, height = self.pad(metrics), metrics.height()
        left = rect.left() + self._indent(metrics)
        if row.kind is Kind.SOURCE:
            left += height
        elif row.folds:
            sign = UNFOLDED_SIGN if row.opened else FOLDED_SIGN
            _write(painter, QRect(left - height, rect.top() + pad, height, height), sign, ink.accent)
        line = QRect(left, rect.top() + pad, rect.right() - left - pad, height)
        line = _right(painter, line, row.mark, ink.accent, pad)
        if self._wide(option):
            half = QRect(left, line.top(), (rect.width() * 11) // 20 - left + rect.left(), height)
            source = QRect(half.right() + 2 * pad, line.top(), line.right() - half.right() - 2 * pad, height)
            _write(painter, source, told.source, ink.quiet)
            line = half
        with _bold(painter, option.font, row.kind is Kind.FACT):
            _write(painter, line, told.title, ink.strong)
        if told.detail:
            line = _below(line, rect, pad, height)
            _write(painter, line, told.detail, ink.strong)
        if not self._wide(option):
            _write(painter, _below(line, rect, pad, height), told.source, ink.quiet)

    def _sides(self, painter: QPainter, option: QStyleOptionViewItem, row: Row, ink: _Ink) -> None:
        rect, metrics = option.rect, option.fontMetrics
        pad, height = self.pad(metrics), metrics.height()
        left = rect.left() + self._indent(metrics)
        icons.icon("warning", ink.warning).paint(painter, left - height - pad // 2, rect.top() + pad, height, height)
        sign = UNFOLDED_SIGN if row.opened else FOLDED_SIGN
        head = QRect(left, rect.top() + pad, rect.right() - left - pad, height)
        head = _right(painter, head, sign, ink.warning, pad)
        with _bold(painter, option.font):
            _write(painter, head, row.title, ink.warning)
        middle = self.middle(rect, metrics)
        painter.setPen(QColor(ink.warning))
        painter.drawLine(middle, head.bottom() + pad // 2, middle, rect.bottom() - pad)
        for side, start, end in zip(row.sides, (left, middle + pad), (middle - pad, rect.right() - pad), strict=True):
            top = head.bottom() + 1
            for told in side:
                top = self._telling(painter, option, told, QRect(start, top, end - start, height), ink)

    def _telling(self, painter: QPainter, option: QStyleOptionViewItem, told: Told, line: QRect, ink: _Ink) -> int:
        """The lines of a column; the top of the next."""
        with _bold(painter, option.font):
            _write(painter, line, told.title, ink.strong)
        line.translate(0, line.height())
        if told.detail:
            _write(painter, line, told.detail, ink.strong)
            line.translate(0, line.height())
        _write(painter, line, told.byline, ink.quiet)
        line.translate(0, line.height())
        _write(painter, line, told.entry.title, ink.quiet)
        return line.bottom() + 1

    def middle(self, rect: QRect, metrics: QFontMetrics) -> int:
        """Where the two columns of a contradiction meet."""
        left = rect.left() + self._indent(metrics)
        return left + (rect.right() - left) // 2

    def pad(self, metrics: QFontMetrics) -> int:
        return metrics.height() // 3

    def _indent(self, metrics: QFontMetrics) -> int:
        return metrics.height() + 2 * self.pad(metrics)

    def _wide(self, option: QStyleOptionViewItem) -> bool:
        return bool(option.widget) and option.widget.width() >= WIDE_CHARACTERS * option.fontMetrics.averageCharWidth()


class _Ink:
    """The colours of a row's texts; on the accent, one that stands out from it."""

    def __init__(self, selected: bool) -> None:
        colours = theme.current()
        self.strong, self.quiet, self.accent, self.warning = (
            (colours.base,) * 4 if selected else (colours.text, colours.muted, colours.accent, colours.warning)
        )


class _bold:  # noqa: N801 - a context, read as a word
    """The painter's font in bold for a while."""

    def __init__(self, painter: QPainter, font: QFont, wanted: bool = True) -> None:
        self._painter, self._font, self._wanted = painter, font, wanted

    def __enter__(self) -> None:
        strong = QFont(self._font)
        strong.setBold(self._wanted)
        self._painter.setFont(strong)

    def __exit__(self, *_: object) -> None:
        self._painter.setFont(self._font)


def _below(line: QRect, rect: QRect, pad: int, height: int) -> QRect:
    return QRect(line.left(), line.top() + height, rect.right() - line.left() - pad, height)


def _write(painter: QPainter, line: QRect, text: str, colour: str) -> None:
    painter.setPen(QColor(colour))
    painter.drawText(line, FLAGS, painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, line.width()))


def _right(painter: QPainter, line: QRect, text: str, colour: str, pad: int) -> QRect:
    """Writes at the end of a line; returns what is left of it."""
    if not text:
        return line
    painter.setPen(QColor(colour))
    painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
    return line.adjusted(0, 0, -painter.fontMetrics().horizontalAdvance(text) - pad, 0)
