"""A side page with a list that the DMP told: what is chosen above it, how many there are, or why there are none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtWidgets import QHBoxLayout, QListView, QWidget

from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.ui import strings_records_fr as fr
from dmp_desktop.ui.models.told_rows import ToldRow, ToldRows
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.views.compose.options import ValueBox
from dmp_desktop.ui.widgets.card_list import LAID_OUT_AT_ONCE
from dmp_desktop.ui.widgets.labels import PlainLabel
from dmp_desktop.ui.widgets.row_card import RowCardDelegate
from dmp_desktop.ui.widgets.row_painting import CellDelegate, TitleDelegate
from dmp_desktop.ui.widgets.side_page import SidePage
from dmp_desktop.ui.widgets.table_or_cards import TableOrCards

TABLE_FROM_CHARACTERS = 110


class ToldPage(SidePage):
    """`load` asks for the rows; `count` says how many came. A pending answer is dropped once other rows are asked for."""

    unread = fr.UNLISTED
    """What is said in the place of a list that did not come."""

    def __init__(
        self,
        title: str,
        note: str,
        columns: Sequence[str],
        shares: Mapping[int, int],
        pool: TaskRunner,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(title, pool, parent)
        self._asked = 0
        self.model = ToldRows(columns, self)
        self.list = TableOrCards(self.model, title, RowCardDelegate, {}, shares, TABLE_FROM_CHARACTERS)
        self.list.cards.setLayoutMode(QListView.LayoutMode.Batched)
        self.list.cards.setBatchSize(LAID_OUT_AT_ONCE)
        self.list.table.setItemDelegate(CellDelegate(self.list.table))
        self._titles = TitleDelegate(self.list.table)  # the view does not keep it
        self.list.table.setItemDelegateForColumn(0, self._titles)
        self.list.table.setSelectionBehavior(self.list.table.SelectionBehavior.SelectRows)
        self._boxes: list[QWidget] = []
        self.choices = QHBoxLayout()
        self.told = PlainLabel(role="muted", wrap=True)
        self.column.insertWidget(self.column.indexOf(self.said), PlainLabel(note, role="muted", wrap=True))
        self.rows.addLayout(self.choices)
        self.rows.addWidget(self.told)
        self.rows.addWidget(self.list, 1)

    def offer(self, box: ValueBox[str] | ValueBox[int]) -> None:
        """One more choice above the list; another one asks anew."""
        self._boxes.append(box)
        self.choices.addWidget(box, 1)
        box.activated.connect(self.fill)

    def empty(self) -> None:
        self._asked += 1
        self.model.show(())
        self.told.clear()

    def refuse(self, why: str) -> None:
        """Nothing is asked: the list and what is above it are greyed out, with the reason."""
        self._allow(False)
        self.model.show(())
        self.told.setText(why)

    def load(self, words: str, call: Callable[[], Sequence[ToldRow]]) -> None:
        """Skeleton rows, then those of `call`, which runs on a worker."""
        self._allow(True)
        self._asked += 1
        number = self._asked
        self.asking.emit()
        self.told.setText(words)
        self.model.show((), loading=True)

        def came(rows: Sequence[ToldRow]) -> None:
            if number == self._asked:
                self.model.show(rows)
                self.count()

        def refused(error: DmpDesktopError) -> None:
            if number == self._asked:
                self.model.show(())
                self.told.setText(self.unread)
                self.unlisted.emit(error, self.fill)

        self.ask(call, came, refused)

    def count(self) -> None:
        """Says what is in the list."""

    def _allow(self, allowed: bool) -> None:
        for widget in (self.list, *self._boxes):
            widget.setEnabled(allowed)
