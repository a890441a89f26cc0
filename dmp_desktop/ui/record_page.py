"""The open record: tabs, the line that searches in all of it, their views."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractScrollArea, QStackedWidget, QVBoxLayout, QWidget

from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.domain.notes import Proposal
from dmp_desktop.domain.people import Patient
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
NEWS, SYNTHESIS, DOCUMENTS, BIOLOGY, TREATMENTS, OUTBOX = range(len(NAMES))

V = TypeVar("V", bound=QWidget)


class RecordPage(QWidget):
    """Emits `asked` when a tab was asked for, even from elsewhere by its shortcut.

    It has its tabs once `build` has ended. `notes` gives the notes under way of a patient to the treatments; to be set before.
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
        self.notes: Callable[[Patient], tuple[Proposal, ...]] = lambda _patient: ()
        self._record, self._services, self._pool, self._clock = record, services, pool, clock
        self.readings: tuple[ReadingTab, ...] = ()
        self.habits = HabitsKeeper(services.habits, pool, self)
        record.follow(self.habits)
        self.tabs = TabStrip(NAMES, fr.TAB_KEYS, self)
        self.body = QStackedWidget(self)
        self.stack = QStackedWidget(self.body)
        self.search = RecordSearch(record, services.search, pool, clock, self)
        self._lay_out()

    def build(self) -> Iterator[None]:
        """The tabs, a step each, before the first record opens: they hear of it from its beginning."""
        record, services, pool, clock = self._record, self._services, self._pool, self._clock
        self.news = self._put(NewsView(record, self.habits, self.stack))
        yield
        self.synthesis = self._put(SynthesisView(record, services.reading, pool, self.habits, self.stack))
        yield
        self.documents = self._put(
            DocumentsView(
                record,
                services.dossier,
                pool,
                self.habits,
                clock,
                self.stack,
                services.properties,
                services.access,
                services.mail,
                services.giving,
            )
        )
        yield
        self.biology = self._put(BiologyView(record, services.reading, pool, self.stack))
        yield
        self.treatments = self._put(TreatmentsView(record, services.reading, pool, clock, self.stack))
        self.treatments.notes = self.notes
        yield
        self.outbox = self._put(OutboxView(self.stack))
        self.readings = (self.synthesis, self.biology, self.treatments)
        self._connect(record, services)
        self.go(NEWS)
        yield

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tabs)
        column.addWidget(self.search)
        column.addWidget(self.body, 1)
        self.body.addWidget(self.stack)
        self.body.addWidget(self.search.results)

    def _connect(self, record: RecordController, services: Services) -> None:
        record.opened.connect(lambda _patient: self.habits.load())
        record.closed.connect(services.reading.forget)
        self.tabs.asked.connect(self.go)
        self.tabs.keyed.connect(self.lead_keyboard)
        for view in self.readings:
            view.chosen.connect(self.open_document)
            view.reader.started.connect(partial(self._only, view))
            self.documents.unopened.changed.connect(view.bar_reading)
        self.documents.unopened.changed.connect(self.news.show_unopened)
        self.news.chosen.connect(self.open_document)
        self.news.counted.connect(lambda count: self.tabs.set_count(NEWS, count))
        self.search.shown.connect(lambda shown: self.body.setCurrentIndex(int(shown)))
        self.search.chosen.connect(self.open_document)
        self._find_key = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        self._find_key.activated.connect(self._find)

    def go(self, index: int) -> None:
        self.tabs.set_current(index)
        self.stack.setCurrentIndex(index)
        self.search.close_results()
        self.asked.emit()

    def hear_keys_in(self, whole: QWidget) -> None:
        """The keys of the tabs and of the search work wherever `whole` is shown, a note before them: those of a hidden part do
        not."""
        for key in (*self.tabs.keys, self._find_key):
            key.setParent(whole)

    def lead_keyboard(self) -> None:
        """To what the tab shown lists, else to the tab itself."""
        shown = self.stack.currentWidget()
        found = shown.findChildren(QAbstractScrollArea) if shown else []
        lists = [one for one in found if one.isVisible() and one.focusPolicy() & Qt.FocusPolicy.TabFocus]
        (lists[0] if lists else self.tabs.buttons[self.tabs.current]).setFocus()

    def open_document(self, entry: DocumentEntry, at: Place | None = None) -> None:
        self.go(DOCUMENTS)
        self.documents.open(entry, at)

    def _put(self, view: V) -> V:
        self.stack.addWidget(view)
        return view

    def _only(self, tab: ReadingTab) -> None:
        """One page is read at a time: what another one read is at hand when it goes on."""
        for other in self.readings:
            if other is not tab:
                other.reader.pause()

    def _find(self) -> None:
        self.asked.emit()
        self.search.focus()
