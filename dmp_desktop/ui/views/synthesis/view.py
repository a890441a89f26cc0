"""The tab Synthèse: what the record says of the patient, every line with its document."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QListView, QMenu, QPushButton, QVBoxLayout, QWidget

from dmp_desktop.services.synthesis import Fact, Section, Synthesis
from dmp_desktop.services.synthesis_text import as_text
from dmp_desktop.ui import clipboard
from dmp_desktop.ui import strings_reading_fr as fr
from dmp_desktop.ui.dossier_ports import ReadingPort
from dmp_desktop.ui.habits import HabitsKeeper
from dmp_desktop.ui.models.synthesis import ROW_ROLE, SHUT, Kind, Row, SynthesisModel, SynthesisPage, iso_day, page_of
from dmp_desktop.ui.record import RecordController
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.views.synthesis.rows import SynthesisDelegate
from dmp_desktop.ui.widgets.labels import ElidedLabel
from dmp_desktop.ui.widgets.reading_tab import ReadingTab

LAID_OUT_AT_ONCE = 100
FOLDED = "synthesis/"
"""Before the name of a section among all those a doctor keeps folded, which are those of documents too."""


class SynthesisList(QListView):
    """Emits the document of a row: by Enter or one click. Left and right arrows fold."""

    chosen = Signal(object)  # DocumentEntry
    copy_asked = Signal()

    def __init__(self, model: SynthesisModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._delegate = SynthesisDelegate(self)
        self._pressed = QPoint()
        self.setModel(model)
        self.setItemDelegate(self._delegate)
        self.setAccessibleName(fr.SYNTHESIS_NAME)
        self.setAccessibleDescription(fr.SYNTHESIS_KEYS)
        self.setMouseTracking(True)
        self.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setLayoutMode(QListView.LayoutMode.Batched)
        self.setBatchSize(LAID_OUT_AT_ONCE)
        self.setResizeMode(QListView.ResizeMode.Adjust)

    def row(self, index: QModelIndex) -> Row | None:
        return index.data(ROW_ROLE) if index.isValid() else None

    def toggle(self, number: int) -> None:
        """Folds or unfolds, and stays where it was."""
        key, top = self._model.rows[number].key, self.verticalScrollBar().value()
        self._model.toggle(number)
        self.stand_on(key)
        self.verticalScrollBar().setValue(top)

    def stand_on(self, key: str) -> None:
        number = self._model.row_of(key)
        if number >= 0:
            self.setCurrentIndex(self._model.index(number, 0))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row = self.row(self.currentIndex())
        key = event.key()
        if row and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self._enter(row)
        elif row and key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._fold(row, opening=key == Qt.Key.Key_Right)
        elif row and key == Qt.Key.Key_Space and row.folds:
            self.toggle(self.currentIndex().row())
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copy_asked.emit()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed = event.position().toPoint()
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        at = event.position().toPoint()
        index = self.indexAt(at)
        plain = event.button() is Qt.MouseButton.LeftButton and not event.modifiers()
        if plain and index.isValid() and index == self.indexAt(self._pressed):
            self._click(index, at)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.scheduleDelayedItemsLayout()

    def _click(self, index: QModelIndex, at: QPoint) -> None:
        row, rect = self._model.rows[index.row()], self.visualRect(index)
        if self._delegate.toggles(rect, self.fontMetrics(), row, at.x()):
            self.toggle(index.row())
        elif row.kind is Kind.SIDES:
            right = at.x() > self._delegate.middle(rect, self.fontMetrics())
            self.chosen.emit(row.sides[right][0].entry)
        elif row.entry:
            self.chosen.emit(row.entry)

    def _enter(self, row: Row) -> None:
        if row.kind is Kind.SECTION:
            self.toggle(self.currentIndex().row())
        elif row.entry:
            self.chosen.emit(row.entry)

    def _fold(self, row: Row, *, opening: bool) -> None:
        """As in a tree: left folds, or goes to what holds the row; right unfolds, or goes in."""
        number = self.currentIndex().row()
        if row.folds and row.opened is not opening:
            self.toggle(number)
        elif not opening:
            self.setCurrentIndex(self._model.index(self._model.parent_of(number), 0))
        elif row.folds and number + 1 < self._model.rowCount():
            self.setCurrentIndex(self._model.index(number + 1, 0))


class SynthesisView(ReadingTab):
    """`copied` tells what to say; folded sections are kept for who is signed in."""

    copied = Signal(str)

    def __init__(
        self,
        record: RecordController,
        reading: ReadingPort,
        pool: TaskRunner,
        habits: HabitsKeeper,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(record, reading.synthesis, page_of, pool, parent)
        self._habits = habits
        self.model = SynthesisModel(self)
        self.list = SynthesisList(self.model)
        self.fold_all = QPushButton(fr.FOLD_ALL)
        self.copy = QPushButton(fr.COPY)
        self.copy.setAccessibleName(fr.COPY_NAME)
        self.copy.setToolTip(fr.COPY_NAME)
        self.copy.setMenu(QMenu(self.copy))
        self.said = ElidedLabel(fr.SYNTHESIS_KEYS, role="muted")
        for words, act in (
            (fr.COPY_ALL, self.copy_all),
            (fr.COPY_SECTION, self.copy_section),
            (fr.COPY_SELECTION, self.copy_selection),
        ):
            self.copy.menu().addAction(words).triggered.connect(act)
        self.put(self._content_widget())
        self.list.chosen.connect(self.chosen)
        self.list.copy_asked.connect(self.copy_selection)
        self.fold_all.clicked.connect(self._fold_all)
        self.model.folds_changed.connect(self._keep_folds)
        self.model.modelReset.connect(self._name_fold_all)
        habits.changed.connect(self._take_folds)

    def _content_widget(self) -> QWidget:
        content = QWidget()
        tools = QHBoxLayout()
        tools.addWidget(self.said, 1)
        tools.addWidget(self.fold_all)
        tools.addWidget(self.copy)
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(tools)
        column.addWidget(self.list, 1)
        return content

    def show_page(self, page: SynthesisPage) -> None:
        row, top = self.list.row(self.list.currentIndex()), self.list.verticalScrollBar().value()
        self.model.show(page)
        if row:
            self.list.stand_on(row.key)
        self.list.verticalScrollBar().setValue(top)

    def forget(self) -> None:
        self.model.clear()
        self.said.setText(fr.SYNTHESIS_KEYS)

    def copy_all(self) -> None:
        self._copy(self.model.made)

    def copy_section(self) -> None:
        row = self.list.row(self.list.currentIndex())
        section = row.section if row else Section.ALLERGIES
        self._copy_facts(self.model.made.of(section))

    def copy_selection(self) -> None:
        """The facts of the selected rows, in the order of the page."""
        rows = sorted(index.row() for index in self.list.selectionModel().selectedIndexes())
        self._copy_facts([fact for number in rows for fact in self.model.rows[number].facts])

    def _copy_facts(self, facts: Sequence[Fact]) -> None:
        chosen = {id(fact): fact for fact in facts}
        if chosen:
            self._copy(Synthesis(tuple(chosen.values())))

    def _copy(self, made: Synthesis) -> None:
        text = as_text(made, lambda section: fr.SECTION[section], lambda status: fr.STATUS[status], iso_day)
        clipboard.put(text)
        self.said.setText(fr.COPIED)
        self.copied.emit(fr.COPIED)

    def _fold_all(self) -> None:
        everything = {section.value for section in Section if self.model.made.of(section)}
        self.model.fold(() if everything <= self.model.folded else everything)
        self._keep_folds()

    def _name_fold_all(self) -> None:
        everything = {section.value for section in Section if self.model.made.of(section)}
        self.fold_all.setText(fr.UNFOLD_ALL if everything and everything <= self.model.folded else fr.FOLD_ALL)

    def _take_folds(self) -> None:
        kept = {name.removeprefix(FOLDED) for name in self._habits.current.folded if name.startswith(FOLDED)}
        folded = kept ^ SHUT
        if folded != self.model.folded:
            self.model.fold(folded)

    def _keep_folds(self) -> None:
        others = [name for name in self._habits.current.folded if not name.startswith(FOLDED)]
        self._habits.change(folded=(*others, *sorted(FOLDED + name for name in self.model.folded ^ SHUT)))
