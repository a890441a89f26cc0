"""What did not leave: each with its one act, which opens it where it is."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from dmp_desktop.ui import strings_dashboard_fr as fr
from dmp_desktop.ui import strings_drafts_fr as drafts_fr
from dmp_desktop.ui.models.told_rows import ToldRow, ToldRows
from dmp_desktop.ui.widgets.labels import PlainLabel
from dmp_desktop.ui.widgets.row_card import RowCardDelegate
from dmp_desktop.ui.widgets.row_painting import CellDelegate, TitleDelegate
from dmp_desktop.ui.widgets.table_or_cards import TableOrCards
from dmp_desktop.ui.widgets.told_page import TABLE_FROM_CHARACTERS

SHARES = {0: 26, 1: 22, 2: 14, 3: 22, 4: 16}
ROWS_AT_ONCE = 4
"""Others are reached by scrolling: the numbers below stay in sight."""


class UnsentSection(QWidget):
    """`asked` gives what is to be opened: a Draft or an OutboxItem."""

    asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = ToldRows(fr.UNSENT_COLUMNS, self)
        self.list = TableOrCards(self.model, fr.UNSENT, RowCardDelegate, {}, SHARES, TABLE_FROM_CHARACTERS)
        self.list.table.setItemDelegate(CellDelegate(self.list.table))
        self._titles = TitleDelegate(self.list.table)  # the view does not keep it
        self.list.table.setItemDelegateForColumn(0, self._titles)
        self.list.table.setSelectionBehavior(self.list.table.SelectionBehavior.SelectRows)
        self.list.asked.connect(self._ask)
        self.title = PlainLabel(fr.UNSENT)
        self.title.setProperty("strong", True)
        self.told = PlainLabel(role="muted", wrap=True)
        self.closed = PlainLabel(role="warning", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for part in (self.title, self.told, self.closed, self.list):
            column.addWidget(part)
        self.empty()

    def show_rows(self, rows: Sequence[ToldRow], elsewhere: int = 0, unread: int = 0) -> None:
        """`elsewhere`: drafts that another card keeps closed, `unread`: those that could not be read. Nothing is said to be none
        of what is not known."""
        self.model.show(rows)
        total = len(rows)
        unknown = [
            words(count) for words, count in ((drafts_fr.elsewhere, elsewhere), (drafts_fr.unread, unread)) if count
        ]
        none = "" if unknown else fr.UNSENT_NONE
        self.told.setText(fr.UNSENT_COUNT[total > 1].format(total) if total else none)
        self.told.setVisible(bool(self.told.text()))
        self.closed.setText(" ".join(unknown))
        self.closed.setVisible(bool(unknown))
        self.list.setVisible(total > 0)
        if total:
            row = max(self.list.cards.sizeHintForRow(0), self.list.table.rowHeight(0))
            head = self.list.table.horizontalHeader().sizeHint().height()
            self.list.setFixedHeight(row * min(total, ROWS_AT_ONCE) + head)

    def say(self, words: str) -> None:
        """In the place of the list."""
        self.empty()
        self.told.setText(words)
        self.told.show()

    def empty(self) -> None:
        self.model.show(())
        for part in (self.told, self.closed):
            part.clear()
            part.hide()
        self.list.hide()

    def _ask(self, index: QModelIndex) -> None:
        if row := self.model.row(index):
            self.asked.emit(row.of)
