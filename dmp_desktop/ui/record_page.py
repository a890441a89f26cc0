"""The open record: tabs, their views, the line that filters the list."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui.ports import Services
from dmp_desktop.ui.record import RecordController
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.views.documents.view import DocumentsView
from dmp_desktop.ui.views.later.view import LaterView
from dmp_desktop.ui.views.news.view import NewsView
from dmp_desktop.ui.views.outbox.view import OutboxView
from dmp_desktop.ui.widgets.labels import PlainLabel
from dmp_desktop.ui.widgets.tab_strip import TabStrip

NAMES = (fr.NEWS, fr.SYNTHESIS, fr.DOCUMENTS, fr.LAB, fr.TREATMENTS, fr.OUTBOX)
NEWS, DOCUMENTS, OUTBOX = NAMES.index(fr.NEWS), NAMES.index(fr.DOCUMENTS), NAMES.index(fr.OUTBOX)


class RecordPage(QWidget):
    """Emits `asked` when a tab was asked for, even from elsewhere by its shortcut."""

    asked = Signal()

    def __init__(
        self, services: Services, record: RecordController, pool: TaskRunner, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.news = NewsView(record)
        self.documents = DocumentsView(record, services.dossier, pool)
        self.outbox = OutboxView()
        self.tabs = TabStrip(NAMES, fr.TAB_KEYS)
        self.stack = QStackedWidget()
        views = {fr.NEWS: self.news, fr.DOCUMENTS: self.documents, fr.OUTBOX: self.outbox}
        for name in NAMES:
            self.stack.addWidget(views.get(name) or LaterView(name))
        self.search = QLineEdit()
        self.search.setPlaceholderText(fr.SEARCH_SHORT)
        self.search.setAccessibleName(fr.SEARCH)
        self.search.setToolTip(fr.SEARCH)
        self.search.setClearButtonEnabled(True)
        self._lay_out()
        self._connect(record)
        self.go(NEWS)

    def _lay_out(self) -> None:
        gap = self.fontMetrics().averageCharWidth()
        line = QHBoxLayout()
        line.setContentsMargins(gap, gap // 2, gap, gap // 2)
        line.addWidget(self.search, 1)
        line.addWidget(PlainLabel(fr.SEARCH_KEY, role="muted"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tabs)
        column.addWidget(self.stack, 1)
        column.addLayout(line)

    def _connect(self, record: RecordController) -> None:
        self.tabs.asked.connect(self.go)
        self.news.chosen.connect(self.open_document)
        self.news.counted.connect(lambda count: self.tabs.set_count(NEWS, count))
        self.search.textChanged.connect(self._filter)
        self.documents.filter_cleared.connect(self.search.clear)
        record.closed.connect(self.search.clear)
        find = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        find.activated.connect(self._find)

    def go(self, index: int) -> None:
        self.tabs.set_current(index)
        self.stack.setCurrentIndex(index)
        self.asked.emit()

    def open_document(self, entry: DocumentEntry) -> None:
        self.go(DOCUMENTS)
        self.documents.open(entry)

    def _find(self) -> None:
        self.asked.emit()
        self.search.setFocus()
        self.search.selectAll()

    def _filter(self, words: str) -> None:
        if words:
            self.go(DOCUMENTS)
        self.documents.filters.set_words(words)
