"""The open record: tabs, the line that searches in all of it, their views."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.domain.notes import Proposal
from dmp_desktop.domain.people import Patient
from dmp_desktop.domain.ports import Clock
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui.habits import HabitsKeeper
from dmp_desktop.ui.ports import Services
from dmp_desktop.ui.record import RecordController
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.views.documents.view import DocumentsView
from dmp_desktop.ui.views.news.view import NewsView
from dmp_desktop.ui.views.outbox.view import OutboxView
from dmp_desktop.ui.views.search.view import RecordSearch
from dmp_desktop.ui.widgets.place import Place
from dmp_desktop.ui.widgets.reading_tab import ReadingTab
from dmp_desktop.ui.widgets.tab_strip import TabStrip

NAMES = (fr.NEWS, fr.SYNTHESIS, fr.DOCUMENTS, fr.LAB, fr.TREATMENTS, fr.OUTBOX)
NEWS, SYNTHESIS, DOCUMENTS, BIOLOGY, TREATMENTS, OUTBOX = range(len(NAMES))

if TYPE_CHECKING:
    from dmp_desktop.ui.views.biology.view import BiologyView
    from dmp_desktop.ui.views.synthesis.view import SynthesisView
    from dmp_desktop.ui.views.treatments.view import TreatmentsView

V = TypeVar("V", bound=ReadingTab)
LATE = ("synthesis", "biology", "treatments")
AFTER_PAINT_MS = 400


class RecordPage(QWidget):
    """Emits `asked` when a tab was asked for, even from elsewhere by its shortcut.

    The tabs made of the whole record are built one by one once the window is painted, at the latest when a record opens: the
    start does not wait for them. `notes` gives the notes under way of a patient to the treatments.
    """

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
        self.notes: Callable[[Patient], tuple[Proposal, ...]] = lambda _patient: ()
        self._record, self._services, self._pool, self._clock = record, services, pool, clock
        self.readings: list[ReadingTab] = []
        self.outbox = OutboxView()
        self.tabs = TabStrip(NAMES, fr.TAB_KEYS)
        self.stack = QStackedWidget()
        self._places = {index: QWidget() for index in (SYNTHESIS, BIOLOGY, TREATMENTS)}
        there = {NEWS: self.news, DOCUMENTS: self.documents, OUTBOX: self.outbox}
        for index in range(len(NAMES)):
            self.stack.addWidget((there | self._places)[index])
        self.search = RecordSearch(record, services.search, pool, clock)
        self.body = QStackedWidget()
        self.body.addWidget(self.stack)
        self.body.addWidget(self.search.results)
        self._lay_out()
        self._connect(record, services)
        self.go(NEWS)
        QTimer.singleShot(AFTER_PAINT_MS, self, self._build_late)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tabs)
        column.addWidget(self.search)
        column.addWidget(self.body, 1)

    def _connect(self, record: RecordController, services: Services) -> None:
        record.opened.connect(lambda _patient: self.build())
        record.opened.connect(lambda _patient: self.habits.load())
        record.closed.connect(services.reading.forget)
        self.tabs.asked.connect(self.go)
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

    @cached_property
    def synthesis(self) -> SynthesisView:
        from dmp_desktop.ui.views.synthesis.view import SynthesisView

        return self._put(SYNTHESIS, SynthesisView(self._record, self._services.reading, self._pool, self.habits))

    @cached_property
    def biology(self) -> BiologyView:
        from dmp_desktop.ui.views.biology.view import BiologyView

        return self._put(BIOLOGY, BiologyView(self._record, self._services.reading, self._pool))

    @cached_property
    def treatments(self) -> TreatmentsView:
        from dmp_desktop.ui.views.treatments.view import TreatmentsView

        view = TreatmentsView(self._record, self._services.reading, self._pool, self._clock)
        view.notes = self.notes
        return self._put(TREATMENTS, view)

    def build(self) -> None:
        """Have all tabs: they hear of a record from its beginning."""
        while len(self.readings) < len(LATE):
            getattr(self, LATE[len(self.readings)])

    def _build_late(self) -> None:
        self._pool.submit(_load, lambda _loaded: self._build_next(), lambda _error: None)

    def _build_next(self) -> None:
        if len(self.readings) < len(LATE):
            getattr(self, LATE[len(self.readings)])
            QTimer.singleShot(0, self, self._build_next)

    def _put(self, index: int, view: V) -> V:
        """In the place of the empty widget that stood for it."""
        empty = self._places.pop(index)
        self.stack.insertWidget(index, view)
        self.stack.removeWidget(empty)
        empty.deleteLater()
        view.chosen.connect(self.open_document)
        view.reader.started.connect(lambda: self._only(view))
        self.readings.append(view)
        return view

    def _only(self, tab: ReadingTab) -> None:
        """One page is read at a time: what another one read is at hand when it goes on."""
        for other in self.readings:
            if other is not tab:
                other.reader.pause()

    def _find(self) -> None:
        self.asked.emit()
        self.search.focus()


def _load() -> None:
    """The modules of the late tabs, off the window's thread."""
    for name in LATE:
        import_module(f"dmp_desktop.ui.views.{name}.view")
