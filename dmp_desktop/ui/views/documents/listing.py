"""The list of documents: a table where there is room, two-line rows in the docked panel; one model, one selection."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QStackedWidget, QTableView, QWidget

from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui.models.documents import Column, DocumentsModel
from dmp_desktop.ui.widgets.card_list import CardList
from dmp_desktop.ui.widgets.labels import PlainLabel

TABLE_FROM_CHARACTERS = 90
"""Below this width five columns cut their words."""
WIDTHS = {Column.DATE: 13, Column.TYPE: 24, Column.AUTHOR: 18, Column.STATE: 24}
"""In characters; the title takes the rest."""


class DocumentList(QStackedWidget):
    """Emits the document asked for, by one click or Enter."""

    chosen = Signal(object)
    sorted_by = Signal(int, Qt.SortOrder)

    def __init__(self, model: DocumentsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = model
        self.current_id = ""
        self.empty = PlainLabel(role="muted", wrap=True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.cards = self._cards()
        self.table = self._table()
        for widget in (self.cards, self.table, self.empty):
            self.addWidget(widget)
        self._unread = fr.NO_PATIENT_HINT
        model.changed.connect(self._follow)
        self._follow()

    def _cards(self) -> CardList:
        view = CardList()
        self._prepare(view)
        return view

    def _table(self) -> QTableView:
        view = QTableView()
        self._prepare(view)
        view.setSelectionModel(self.cards.selectionModel())
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setShowGrid(False)
        view.setTabKeyNavigation(False)
        view.setWordWrap(False)
        view.verticalHeader().hide()
        view.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        view.verticalHeader().setDefaultSectionSize(view.fontMetrics().height() * 2)
        header = view.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(Column.TITLE, QHeaderView.ResizeMode.Stretch)
        for column, characters in WIDTHS.items():
            view.setColumnWidth(column, characters * view.fontMetrics().averageCharWidth())
        header.setSortIndicator(Column.DATE, Qt.SortOrder.DescendingOrder)
        header.setSortIndicatorShown(True)
        header.setSectionsClickable(True)
        header.sortIndicatorChanged.connect(self._sort)
        return view

    def _prepare(self, view: QAbstractItemView) -> None:
        view.setModel(self.model)
        view.setAccessibleName(fr.DOCUMENTS_NAME)
        view.setMouseTracking(True)
        view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.clicked.connect(self._choose)
        view.activated.connect(self._choose)

    @property
    def view(self) -> QAbstractItemView:
        """The one that is shown, or would be if there were rows."""
        return self.cards if self._narrow() else self.table

    def mark(self, unique_id: str) -> None:
        """Selects the row of a document, and keeps it selected while rows arrive."""
        self.current_id = unique_id
        row = self.model.row_of(unique_id) if unique_id else -1
        if row >= 0:
            index = self.model.index(row, 0)
            self.view.setCurrentIndex(index)
            self._reveal(index)
        else:
            self.cards.selectionModel().clear()

    def explain(self, unread: str) -> None:
        """Why there is no list; empty once one was read: only then may it be said that the record holds nothing."""
        self._unread = unread
        self._follow()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()
        self._reveal(self.view.currentIndex())

    def _follow(self) -> None:
        self.empty.setText(fr.EMPTY_FILTER if self.model.entries else self._unread or fr.EMPTY_LIST)
        self._arrange()
        self.mark(self.current_id)

    def _arrange(self) -> None:
        if not self.model.rowCount():
            self.setCurrentWidget(self.empty)
        else:
            self.setCurrentWidget(self.cards if self.model.skeleton else self.view)

    def _reveal(self, index: QModelIndex) -> None:
        if self._narrow():
            self.cards.reveal(index)
        else:
            self.table.scrollTo(index)

    def _narrow(self) -> bool:
        return self.width() < TABLE_FROM_CHARACTERS * self.fontMetrics().averageCharWidth()

    def _sort(self, column: int, order: Qt.SortOrder) -> None:
        self.model.sort(column, order)
        self.sorted_by.emit(column, order)

    def _choose(self, index: QModelIndex) -> None:
        entry: DocumentEntry | None = self.model.entry(index)
        if entry:
            self.current_id = entry.unique_id
            self.chosen.emit(entry)
