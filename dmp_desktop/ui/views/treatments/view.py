"""The tab Traitements: prescribed, dispensed, reimbursed, listed, in the note; under them, the time line."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QPoint, QPointF, Qt
from PySide6.QtGui import QCursor, QShowEvent
from PySide6.QtWidgets import QScrollArea, QSplitter, QVBoxLayout, QWidget

from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.domain.notes import Proposal
from dmp_desktop.domain.people import Patient
from dmp_desktop.domain.ports import Clock
from dmp_desktop.services.medication import Medication
from dmp_desktop.services.reading import OnPage, OnReach, Reading
from dmp_desktop.ui import strings_reading_fr as fr
from dmp_desktop.ui.dossier_ports import ReadingPort
from dmp_desktop.ui.models.treatments import (
    COLUMN_COUNT,
    FIRST_ORIGIN,
    LABEL,
    STATE,
    TreatmentsModel,
    TreatmentsPage,
    page_of,
)
from dmp_desktop.ui.record import RecordController
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.views.treatments.rows import MarkDelegate, TreatmentCardDelegate
from dmp_desktop.ui.views.treatments.timeline import Timeline
from dmp_desktop.ui.widgets.labels import PlainLabel
from dmp_desktop.ui.widgets.reading_tab import ReadingTab, offer_sources
from dmp_desktop.ui.widgets.table_or_cards import TableOrCards

TABLE_FROM_CHARACTERS = 120
WIDTHS = {LABEL: 27, STATE: 27}
"""In characters."""
SHARES = dict(zip(range(FIRST_ORIGIN, COLUMN_COUNT), (30, 30, 16, 22, 12), strict=True))
"""By origin, as long as what is told: dates, dosage and how many more; in two lines."""
TABLE_SHARE, TIMELINE_SHARE = 3, 2
Notes = Callable[[Patient], tuple[Proposal, ...]]


class TreatmentsView(ReadingTab):
    """`notes` gives what was recognised in the note under way for a patient: asked when a reading begins."""

    def __init__(
        self,
        record: RecordController,
        reading: ReadingPort,
        pool: TaskRunner,
        clock: Clock,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(record, self._ask_page, self._prepare, pool, parent)
        self.notes: Notes = lambda _patient: ()
        self._reading, self._clock, self._record = reading, clock, record
        self._noted: tuple[Proposal, ...] = ()
        self.model = TreatmentsModel(self)
        self.list = TableOrCards(
            self.model, fr.TREATMENTS_NAME, TreatmentCardDelegate, WIDTHS, SHARES, TABLE_FROM_CHARACTERS
        )
        self.list.cards.setUniformItemSizes(False)
        self.list.table.setWordWrap(True)
        self.list.table.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() * 5 // 2)
        self.list.table.setItemDelegateForColumn(STATE, MarkDelegate(self))
        self.timeline = Timeline()
        self.words = PlainLabel(fr.TIMELINE_HELP, role="muted", wrap=True)
        self.area = QScrollArea()
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self.put(self._content_widget())
        self.reader.started.connect(self._take_note)
        self.list.asked.connect(self._open)
        self.list.cards.selectionModel().currentChanged.connect(self._follow)
        self.timeline.chosen.connect(self.chosen)
        self.timeline.moved.connect(self._reveal)

    def _content_widget(self) -> QWidget:
        self.area.setWidget(self.timeline)
        self.area.setWidgetResizable(True)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.words.setMinimumHeight(self.fontMetrics().height() * 2)
        self.words.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        lower = QWidget()
        column = QVBoxLayout(lower)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(self.fontMetrics().averageCharWidth() // 3)
        column.addWidget(self.words)
        column.addWidget(self.area, 1)
        self.splitter.addWidget(self.list)
        self.splitter.addWidget(lower)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setSizes([TABLE_SHARE * 100, TIMELINE_SHARE * 100])
        return self.splitter

    def show_page(self, page: TreatmentsPage) -> None:
        index = self.list.view.currentIndex()
        key, column = (self.model.rows[index.row()].key, index.column()) if index.isValid() else ("", 0)
        self.model.show(page.rows)
        self.timeline.show_bars(page.bars, [row.label for row in page.rows], page.today)
        self.words.setText(fr.TIMELINE_HELP)
        number = self.model.row_of(key) if key else -1
        if number >= 0:
            self.list.view.setCurrentIndex(self.model.index(number, column))
        if not self.reader.busy and not self.model.rows:
            self.say(fr.TREATMENTS_EMPTY)

    def forget(self) -> None:
        self._noted = ()
        self.model.show([])
        self.timeline.show_bars((), (), self._clock.now().date())
        self.words.setText(fr.TIMELINE_HELP)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.note_changed()

    def note_changed(self) -> None:
        """The note is not what the page was made with: it is made again, when it is looked at."""
        patient = self._record.patient
        if patient and self.reader.reading is not None and self.notes(patient) != self._noted:
            self.reader.renew()

    def _take_note(self) -> None:
        patient = self._record.patient
        self._noted = self.notes(patient) if patient else ()

    def _prepare(self, medication: Medication) -> TreatmentsPage:
        """On a worker thread."""
        return page_of(medication, self._clock.now().astimezone().date())

    def _ask_page(
        self,
        patient: Patient,
        entries: list[DocumentEntry],
        stop: Callable[[], bool],
        on_page: OnPage[Medication],
        on_reach: OnReach,
    ) -> Reading[Medication]:
        """On a worker thread."""
        return self._reading.treatments(patient, entries, self._noted, stop, on_page, on_reach)

    def _open(self, index: QModelIndex) -> None:
        row = self.model.rows[index.row()]
        view = self.list.view
        below = view.viewport().mapToGlobal(view.visualRect(index).bottomLeft())
        at = QCursor.pos() if view.underMouse() else QPoint(below)
        offer_sources(self, row.entries(index.column()), at, self.chosen.emit)

    def _follow(self, index: QModelIndex) -> None:
        if index.isValid():
            self.timeline.look_at_row(index.row())

    def _reveal(self, at: QPointF) -> None:
        self.words.setText(self.timeline.bars[self.timeline.current].words)
        line = self.fontMetrics().height()
        self.area.ensureVisible(int(at.x()), int(at.y()), line, line * 2)
