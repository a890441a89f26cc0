"""The tab Documents: list and open document, side by side or one above the other."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QPushButton, QSplitter, QVBoxLayout, QWidget

from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.domain.people import Patient, Professional
from dmp_desktop.domain.ports import Clock
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.services.updates import sent_with
from dmp_desktop.ui import strings_forms_fr as forms_fr
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui import theme
from dmp_desktop.ui.access_ports import AccessPort
from dmp_desktop.ui.dossier_ports import DossierPort
from dmp_desktop.ui.habits import HabitsKeeper
from dmp_desktop.ui.mail_ports import MailPort
from dmp_desktop.ui.models.documents import DocumentsModel
from dmp_desktop.ui.properties_ports import PropertiesPort
from dmp_desktop.ui.record import RecordController
from dmp_desktop.ui.software_ports import GivingPort
from dmp_desktop.ui.tasks import Task, TaskRunner
from dmp_desktop.ui.views.compose.replacing import not_replaced
from dmp_desktop.ui.views.documents.altering import Altering
from dmp_desktop.ui.views.documents.beside import Beside
from dmp_desktop.ui.views.documents.exporting import Exporter
from dmp_desktop.ui.views.documents.filters import Filters
from dmp_desktop.ui.views.documents.keeping import Keeping
from dmp_desktop.ui.views.documents.listing import DocumentList
from dmp_desktop.ui.views.documents.progress import ExportBar
from dmp_desktop.ui.views.documents.selection import SelectionBar, list_notice
from dmp_desktop.ui.views.documents.unopened import Unopened
from dmp_desktop.ui.widgets.document_pane import DocumentPane
from dmp_desktop.ui.widgets.document_tools import DocumentAct
from dmp_desktop.ui.widgets.labels import PlainLabel
from dmp_desktop.ui.widgets.place import Place
from dmp_desktop.ui.widgets.ready_html import ReadyDocument, prepare

BESIDE_FROM_CHARACTERS = 120
BOTH_FROM_LINES = 36
LEAST_CHARACTERS = 20
"""Of each half: side by side, they never keep the window from being docked again."""
LIST_SHARE, PANE_SHARE = 11, 9
LIST_SHARE_BELOW, PANE_SHARE_BELOW = 1, 2


class DocumentsView(QWidget):
    """Follows the record; `failed` hands over an error with what tries again."""

    failed = Signal(object, object)
    done = Signal(str)
    told = Signal(object)  # Notice
    told_late = Signal(object, object)  # Professional, Notice
    replace_asked = Signal(object)  # DocumentEntry
    settings_asked = Signal()

    def __init__(
        self,
        record: RecordController,
        dossier: DossierPort,
        pool: TaskRunner,
        habits: HabitsKeeper,
        clock: Clock,
        parent: QWidget | None = None,
        properties: PropertiesPort | None = None,
        access: AccessPort | None = None,
        mail: MailPort | None = None,
        giving: GivingPort | None = None,
    ) -> None:
        super().__init__(parent)
        self._record, self._dossier, self._pool = record, dossier, pool
        self._habits = habits
        self._opening: Task[ReadyDocument] | None = None
        self._colours = theme.current()
        self._short = False
        self.entry: DocumentEntry | None = None
        self.model = DocumentsModel(self)
        # Parents first: the style of what they hold is worked out once.
        self.splitter = QSplitter(Qt.Orientation.Vertical, self)
        self._left, self._right = QWidget(self.splitter), QWidget(self.splitter)
        self.filters = Filters(self.model, clock, self._left)
        self.unopened = Unopened(record, access, pool, self._left)
        self.offline = PlainLabel(role="warning", wrap=True)
        self.offline.hide()
        self.list = DocumentList(self.model, self._left)
        self.selection = SelectionBar(self._left)
        self.keeping = Keeping(dossier, pool, self._left)
        self.beside = Beside(self._right)
        self.pane = DocumentPane(habits=habits, parent=self._right)
        self.exporter = Exporter(self.pane, dossier, pool, self, mail, giving)
        for act in (DocumentAct.MAIL, DocumentAct.MAIL_NOW):
            self.selection.acts[act].setVisible(mail is not None)
        self.selection.acts[DocumentAct.GIVE].setVisible(giving is not None)
        self.exporting = ExportBar(self.exporter, self._left)
        self.back = QPushButton(fr.CLOSE_VIEWER)
        self.back.setToolTip(fr.CLOSE_VIEWER_TIP)
        self.professional: Professional | None = None
        self.replace = QPushButton(forms_fr.REPLACE)
        self.replace.setToolTip(forms_fr.REPLACE_TIP)
        self.altering = Altering(self, properties, record, pool, self._right)
        self._lay_out()
        self._connect()
        self.close_document()

    def _lay_out(self) -> None:
        gap = self.fontMetrics().averageCharWidth()
        column = QVBoxLayout(self._left)
        column.setContentsMargins(gap, gap // 2, gap, 0)
        column.addWidget(self.filters)
        self.filters.last.addWidget(self.keeping.button)
        column.addWidget(self.keeping)
        for line in (self.unopened, self.offline):
            column.addWidget(line)
        column.addWidget(self.list, 1)
        column.addWidget(self.exporting)
        column.addWidget(self.selection)
        right = QVBoxLayout(self._right)
        right.setContentsMargins(0, 0, 0, 0)
        self.pane.tools.insertWidget(0, self.back)
        self.pane.acts.add(self.replace)
        self.altering.lay_out()
        right.addWidget(self.pane, 1)
        right.addWidget(self.altering.panel, 1)
        right.addWidget(self.beside)
        self.splitter.addWidget(self._left)
        self.splitter.addWidget(self._right)
        self.splitter.setChildrenCollapsible(False)
        for half in (self._left, self._right):
            half.setMinimumWidth(gap * LEAST_CHARACTERS)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.splitter)

    def _connect(self) -> None:
        self.list.chosen.connect(self.open)
        self.replace.clicked.connect(lambda: self.replace_asked.emit(self.entry) if self.entry else None)
        self.list.sorted_by.connect(self.filters.show_sort)
        self.list.selected.connect(self._show_selection)
        self.selection.unfold.clicked.connect(lambda: self.list.toggle())
        self.selection.pin.clicked.connect(self._pin)
        self.selection.export_asked.connect(self._export)
        self.beside.chosen.connect(self.open)
        for part in (self.exporter, self.keeping):
            part.done.connect(self.done)
            part.failed.connect(lambda error: self.failed.emit(error, None))
        self.exporter.ended.connect(lambda: self.selection.allow_export(True))
        self.unopened.changed.connect(self.selection.bar_export)
        self.unopened.changed.connect(self._bar_replace)
        self.keeping.settings_asked.connect(self.settings_asked)
        self._habits.changed.connect(self._follow_habits)
        self.back.clicked.connect(self.close_document)
        escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        escape.activated.connect(self._escape)
        self.altering.connect_parts()
        self._record.opened.connect(self.keeping.show_patient)
        self._record.closed.connect(self.clear)
        self._record.unread.connect(self.list.explain)
        self._record.list_started.connect(self.model.start)
        self._record.rows_arrived.connect(self.model.add)
        self._record.list_complete.connect(self._complete)
        self._record.failed.connect(self.model.stop)

    def _escape(self) -> None:
        if not self.altering.leave():
            self.close_document()

    def _complete(self, entries: list[DocumentEntry]) -> None:
        self.list.explain("")
        self.offline.setText(list_notice(entries))
        self.offline.setVisible(bool(self.offline.text()))
        self.altering.list_complete(entries)

    def _follow_habits(self) -> None:
        self.model.set_pins(self._habits.current.pins)
        self._show_selection()

    def _show_selection(self) -> None:
        row = self.list.view.currentIndex().row()
        line = self.model.lines[row] if 0 <= row < len(self.model.lines) else None
        pinned = all(entry.unique_id in self._habits.current.pins for entry in self.list.chosen_entries)
        unfolded = self.model.is_unfolded(row) if line and line.row.folded else None
        chosen = len(self.list.chosen_entries)
        below = self.entry is not None and self.splitter.orientation() is Qt.Orientation.Vertical
        self.selection.show_selected(0 if below and chosen == 1 else chosen, pinned=pinned, unfolded=unfolded)

    def _pin(self) -> None:
        """All of those selected, or none of them any more."""
        chosen = [entry.unique_id for entry in self.list.chosen_entries]
        pins = self._habits.current.pins
        if all(name in pins for name in chosen):
            self._habits.change(pins=tuple(name for name in pins if name not in chosen))
        else:
            self._habits.change(pins=(*(name for name in pins if name not in chosen), *chosen))

    def _export(self, act: DocumentAct) -> None:
        if self._record.patient:
            self.exporter.export(self._record.patient, self.list.chosen_entries, act)
            self.selection.allow_export(not self.exporter.running)

    def open(self, entry: DocumentEntry, at: Place | None = None) -> None:
        """Shows a document beside or below the list, `at` a place in it."""
        patient = self._record.patient
        if patient is None:
            return
        self.entry = entry
        self.altering.follow(entry)
        self._bar_replace()
        self._colours = theme.current()
        self.pane.show_message(fr.VIEWER_LOADING)
        if self._right.isHidden():
            self._right.show()
            self._arrange()
        self.list.mark(entry.unique_id)
        self.beside.show_row(entry, self.model.row_with(entry.unique_id))
        self._fetch(patient, entry, at)
        self._ask_beside(patient, entry)

    def _bar_replace(self) -> None:
        """Greyed with the reason: who may open no document replaces none either."""
        why = self.unopened.text()
        if self.entry is not None:
            why = why or not_replaced(self.entry, self.professional, self._record.status)
        self.replace.setEnabled(not why)
        self.replace.setToolTip(why or forms_fr.REPLACE_TIP)

    def _fetch(self, patient: Patient, entry: DocumentEntry, at: Place | None = None) -> None:
        if self._opening:
            self._opening.cancel()
        if self.unopened.text():
            self.pane.show_message(self.unopened.text())
            return
        palette = self._colours.roles()
        self._opening = self._pool.submit(
            lambda: prepare(self._dossier.open(patient, entry, palette)),
            lambda ready: self.pane.show_document(ready, at),
            lambda error: self._refused(patient, entry, error, at),
        )

    def _ask_beside(self, patient: Patient, entry: DocumentEntry) -> None:
        """What was sent with it; nothing is said when that cannot be known."""
        listed, dossier = tuple(self.model.entries), self._dossier
        if self._record.offline_since is None and entry.entry_uuid:
            self._pool.submit(
                lambda: sent_with(entry, listed, dossier.links(patient, entry)),
                lambda sent: self.beside.show_sent(sent) if self.entry is entry else None,
                lambda _error: None,
            )

    def _refused(self, patient: Patient, entry: DocumentEntry, error: DmpDesktopError, at: Place | None) -> None:
        """A document is opened again in its own patient's record only."""
        if why := self.unopened.text():  # learnt meanwhile, and nothing that is offered for this error helps
            self.pane.show_message(why)
            return
        self.pane.show_message(error.why_fr)
        self.failed.emit(error, lambda: self.open(entry, at) if self._record.patient == patient else None)

    def close_document(self) -> None:
        """Back to the whole list, where it was."""
        if self._opening:
            self._opening.cancel()
            self._opening = None
        self.entry = None
        self.altering.follow(None)
        self.pane.forget()
        self.beside.forget()
        self._right.hide()
        self._left.show()
        self.list.view.setFocus()

    def clear(self) -> None:
        """Nothing of the record stays on screen or in the widgets."""
        self.exporter.stop()
        self.close_document()
        self.keeping.show_patient(None)
        self.altering.clear()
        self.list.current_id = ""
        self.offline.clear()
        self.offline.hide()
        self.filters.clear()
        self.model.clear()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = self.width() >= BESIDE_FROM_CHARACTERS * self.fontMetrics().averageCharWidth()
        orientation = Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical
        short = not wide and event.size().height() < BOTH_FROM_LINES * self.fontMetrics().height()
        if orientation is not self.splitter.orientation() or short is not self._short:
            self._short = short
            self.splitter.setOrientation(orientation)
            self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._recolour()

    def _recolour(self) -> None:
        """The document is rendered again in the new colours, where it stands."""
        self.pane.refresh()
        patient = self._record.patient
        if self.entry and patient and theme.current() != self._colours:
            self._colours = theme.current()
            self._fetch(patient, self.entry)

    def _arrange(self) -> None:
        """Beside the list, below it, or in its place where there is not room for both."""
        self._show_selection()
        self._left.setHidden(self._short and self.entry is not None)
        beside = self.splitter.orientation() is Qt.Orientation.Horizontal
        shares = (LIST_SHARE, PANE_SHARE) if beside else (LIST_SHARE_BELOW, PANE_SHARE_BELOW)
        total = self.splitter.width() if beside else self.splitter.height()
        self.splitter.setSizes([total * share // sum(shares) for share in shares])
