"""The list of documents: a table where there is room, two-line rows in the docked panel; one model, one selection."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QStackedWidget, QTableView, QWidget

from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.services.document_changes import Change
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui import strings_properties_fr as properties_fr
from dmp_desktop.ui.models.document_filter import Searched
from dmp_desktop.ui.models.document_lines import Column
from dmp_desktop.ui.models.documents import DocumentsModel
from dmp_desktop.ui.views.documents.columns import StateDelegate, shared, wanted_widths
from dmp_desktop.ui.widgets.card_list import CardList
from dmp_desktop.ui.widgets.labels import PlainLabel
from dmp_desktop.ui.widgets.row_painting import CellDelegate

TABLE_FROM_CHARACTERS = 90
"""Below this width five columns cut their words."""


class DocumentList(QStackedWidget):
    """Emits the document asked for, by one click or Enter. With Ctrl or Shift, clicks choose several instead."""

    chosen = Signal(object)
    selected = Signal()
    sorted_by = Signal(int, Qt.SortOrder)
    properties_asked = Signal(object, object)  # DocumentEntry, the Change asked for at once or None

    def __init__(self, model: DocumentsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = model
        self.current_id = ""
        self.changeable = False  # whether documents can be changed from here
        self.empty = PlainLabel(role="muted", wrap=True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.cards = self._cards()
        self.table = self._table()
        for widget in (self.cards, self.table, self.empty):
            self.addWidget(widget)
        self._unread = fr.NO_PATIENT_HINT
        self._pressed = QPoint()
        self._wanted: dict[Column, int] = {}
        self._measured: Collection[Searched] | None = None
        self.cards.selectionModel().selectionChanged.connect(lambda: self.selected.emit())
        model.changed.connect(self._follow)
        self._follow()

    def _cards(self) -> CardList:
        view = CardList(self)
        self._prepare(view)
        return view

    def _table(self) -> QTableView:
        view = QTableView(self)
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
        view.setItemDelegate(CellDelegate(view))
        view.setItemDelegateForColumn(Column.STATE, StateDelegate(view))
        header.setSortIndicator(Column.DATE, Qt.SortOrder.DescendingOrder)
        header.setSortIndicatorShown(True)
        header.setSectionsClickable(True)
        header.sortIndicatorChanged.connect(self._sort)
        return view

    def _prepare(self, view: QAbstractItemView) -> None:
        view.setModel(self.model)
        view.setAccessibleName(fr.DOCUMENTS_NAME)
        view.setMouseTracking(True)
        view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        view.viewport().installEventFilter(self)
        view.installEventFilter(self)
        view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.clicked.connect(self._choose)
        view.activated.connect(self._choose)
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.customContextMenuRequested.connect(self._offer_menu)

    @property
    def view(self) -> QAbstractItemView:
        """The one that is shown, or would be if there were rows."""
        return self.cards if self._narrow() else self.table

    def mark(self, unique_id: str) -> None:
        """Selects the row of a document, and keeps it selected while rows arrive."""
        self.current_id = unique_id
        row = self.model.unfold_to(unique_id) if unique_id else -1
        if row >= 0:
            index = self.model.index(row, 0)
            self.view.setCurrentIndex(index)
            self._reveal(index)
        else:
            self.cards.selectionModel().clear()

    @property
    def current_entry(self) -> DocumentEntry | None:
        """Of the line where the keyboard is."""
        line = self.model.line(self.view.currentIndex())
        return line.entry if line else None

    @property
    def chosen_entries(self) -> list[DocumentEntry]:
        """Of the lines selected, from the top."""
        rows = sorted({index.row() for index in self.cards.selectionModel().selectedIndexes()})
        return [self.model.lines[row].entry for row in rows if row < len(self.model.lines)]

    def toggle(self, unfolded: bool | None = None) -> None:
        """Shows or hides what is under the current row; by default the other way round."""
        row = self.view.currentIndex().row()
        if 0 <= row < len(self.model.lines):
            self.model.set_unfolded(row, not self.model.is_unfolded(row) if unfolded is None else unfolded)
            self.selected.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Where a click falls; Right and Left unfold and fold."""
        if event.type() is QEvent.Type.MouseButtonPress and isinstance(event, QMouseEvent):
            self._pressed = event.position().toPoint()
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and watched is self.view:
            row = self.view.currentIndex().row()
            foldable = 0 <= row < len(self.model.lines) and bool(self.model.lines[row].row.folded)
            if foldable and event.key() in (Qt.Key.Key_Right, Qt.Key.Key_Left):
                self.toggle(event.key() == Qt.Key.Key_Right)
                return True
            if event.key() == Qt.Key.Key_Delete and self.current_entry and not event.isAutoRepeat():
                self.properties_asked.emit(self.current_entry, Change.DELETE)
                return True
        return super().eventFilter(watched, event)

    def _offer_menu(self, at: QPoint) -> None:
        line = self.model.line(self.view.indexAt(at))
        if line is None or not self.changeable:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for words, change in ((properties_fr.ASK, None), (properties_fr.ASK_DELETE, Change.DELETE)):
            action = menu.addAction(words)
            action.triggered.connect(
                lambda _checked=False, change=change: self.properties_asked.emit(line.entry, change)
            )
        menu.popup(self.view.viewport().mapToGlobal(at))

    def explain(self, unread: str) -> None:
        """Why there is no list; empty once one was read: only then may it be said that the record holds nothing."""
        self._unread = unread
        self._follow()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        before = self.currentWidget()
        self._arrange()
        if self.currentWidget() is not before and self.current_id:
            self.mark(self.current_id)  # a table selects whole rows, the cards only the first cell of theirs
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
            self._share()

    def _share(self) -> None:
        """The table's width among its columns, by what they hold."""
        if self.currentWidget() is not self.table:
            return
        if self._measured is not self.model.searched():  # not at each key typed in the filter
            self._measured = self.model.searched()
            self._wanted = wanted_widths(self.model, self.table.font())
        table = self.table
        available = self.width() - 2 * table.frameWidth() - table.verticalScrollBar().sizeHint().width()
        for column, width in shared(self._wanted, available, table.fontMetrics().averageCharWidth()).items():
            if table.columnWidth(column) != width:
                table.setColumnWidth(column, width)

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
        line = self.model.line(index)
        several = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        if line is None or QGuiApplication.keyboardModifiers() & several:
            return
        if line.row.folded and line.reason is None and self._on_mark(index):
            self.toggle()
            return
        self.current_id = line.entry.unique_id
        self.chosen.emit(line.entry)

    def _on_mark(self, index: QModelIndex) -> bool:
        """Whether the click fell on what unfolds: the icon and the mark of a row, or the mark before a title."""
        place, self._pressed = self._pressed, QPoint(-1, -1)
        rect = self.view.visualRect(index)
        room = self.fontMetrics().height()
        if self._narrow():
            return rect.contains(place) and place.x() < rect.left() + 3 * room
        return index.column() == Column.TITLE and rect.contains(place) and place.x() < rect.left() + room
