"""The open record: tabs, the line that searches in all of it, their views."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.domain.ports import Clock
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui.habits import HabitsKeeper
from dmp_desktop.ui.ports import Services
from dmp_desktop.ui.record import RecordController
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.views.biology.view import BiologyView
from dmp_desktop.ui.views.documents.view import DocumentsView
from dmp_desktop.ui.views.news.view import NewsView
from dmp_desktop.ui.views.outbox.view import OutboxView
from dmp_desktop.ui.views.search.view import RecordSearch
from dmp_desktop.ui.views.synthesis.view import SynthesisView
from dmp_desktop.ui.views.treatments.view import TreatmentsView
from dmp_desktop.ui.widgets.place import Place
from dmp_desktop.ui.widgets.reading_tab import ReadingTab
from dmp_desktop.ui.widgets.tab_strip import TabStrip

NAMES = (fr.NEWS, fr.SYNTHESIS, fr.DOCUMENTS, fr.LAB, fr.TREATMENTS, fr.OUTBOX)
NEWS, DOCUMENTS, OUTBOX = NAMES.index(fr.NEWS), NAMES.index(fr.DOCUMENTS), NAMES.index(fr.OUTBOX)


class RecordPage(QWidget):
    """Emits `asked` when a tab was asked for, even from elsewhere by its shortcut."""

    asked = Signal()

    def __init__(
        self,
        services: Services,
        record: RecordController,
        pool: TaskRunner,
        clock: Clock,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.habits = HabitsKeeper(services.habits, pool, self)
        record.follow(self.habits)
        self.news = NewsView(record, self.habits)
        self.documents = DocumentsView(record, services.dossier, pool, self.habits, clock)
        self.synthesis = SynthesisView(record, services.reading, pool, self.habits)
        self.biology = BiologyView(record, services.reading, pool)
        self.treatments = TreatmentsView(record, services.reading, pool, clock)
        self.outbox = OutboxView()
        self.tabs = TabStrip(NAMES, fr.TAB_KEYS)
        self.stack = QStackedWidget()
        for view in (self.news, self.synthesis, self.documents, self.biology, self.treatments, self.outbox):
            self.stack.addWidget(view)
        self.search = RecordSearch(record, services.search, pool, clock)
        self.body = QStackedWidget()
        self.body.addWidget(self.stack)
        self.body.addWidget(self.search.results)
        self._lay_out()
        self._connect(record, services)
        self.go(NEWS)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tabs)
        column.addWidget(self.search)
        column.addWidget(self.body, 1)

    def _connect(self, record: RecordController, services: Services) -> None:
        record.opened.connect(lambda _patient: self.habits.load())
        record.closed.connect(services.reading.forget)
        self.tabs.asked.connect(self.go)
        for tab in self.readings:
            tab.chosen.connect(self.open_document)
            tab.reader.started.connect(lambda tab=tab: self._only(tab))
        self.news.chosen.connect(self.open_document)
        self.news.counted.connect(lambda count: self.tabs.set_count(NEWS, count))
        self.search.shown.connect(lambda shown: self.body.setCurrentIndex(int(shown)))
        self.search.chosen.connect(self.open_document)
        find = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        find.activated.connect(self._find)

    def go(self, index: int) -> None:
        self.tabs.set_current(index)
        self.stack.setCurrentIndex(index)
        self.search.close_results()
        self.asked.emit()

    def open_document(self, entry: DocumentEntry, at: Place | None = None) -> None:
        self.go(DOCUMENTS)
        self.documents.open(entry, at)

    @property
    def readings(self) -> tuple[ReadingTab, ...]:
        """The tabs made of the whole record."""
        return self.synthesis, self.biology, self.treatments

    def _only(self, tab: ReadingTab) -> None:
        """One page is read at a time: what another one read is at hand when it goes on."""
        for other in self.readings:
            if other is not tab:
                other.reader.pause()

    def _find(self) -> None:
        self.asked.emit()
        self.search.focus()
