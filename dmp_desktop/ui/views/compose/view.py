"""The composer: the note, its proposals beside or below, the preview in their place."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from dmp_desktop.domain.outbox import OutboxItem
from dmp_desktop.domain.ports import Clock
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.ui import formats, theme
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui.models.proposals import lines
from dmp_desktop.ui.ports import Services
from dmp_desktop.ui.tasks import Task, TaskRunner
from dmp_desktop.ui.views.compose.drafts import Draft, Note
from dmp_desktop.ui.views.compose.editor import NoteEditor
from dmp_desktop.ui.views.compose.options import DocumentOptions
from dmp_desktop.ui.views.compose.proposals import ProposalsPanel
from dmp_desktop.ui.views.compose.proposing import Proposer
from dmp_desktop.ui.views.compose.sending import Changed, Doubtful, build, send
from dmp_desktop.ui.widgets.document_pane import DocumentPane
from dmp_desktop.ui.widgets.labels import PlainLabel
from dmp_desktop.ui.widgets.ready_html import ReadyDocument, prepare

BESIDE_FROM_CHARACTERS = 110


class Composer(QWidget):
    """Shows one draft. Everything it does is for the draft's own patient, whatever record is open."""

    sent = Signal(object, object)  # Draft, OutboxItem
    held = Signal(object, str, bool)  # Draft, what to look at before it is sent, whether it may go as it is
    failed = Signal(object, object)  # DmpDesktopError, what tries again
    changed = Signal()
    settled = Signal()  # a sending ended, whatever its outcome
    left = Signal()
    discarded = Signal(object)  # Draft

    def __init__(self, services: Services, pool: TaskRunner, clock: Clock, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._services, self._pool, self._clock = services, pool, clock
        self._preview_task: Task[ReadyDocument | Changed] | None = None
        self._sending: set[Draft] = set()
        self.draft: Draft | None = None
        self.whose = PlainLabel(wrap=True)
        self.whose.setProperty("strong", True)
        self.options = DocumentOptions()
        self.editor = NoteEditor()
        self.hint = PlainLabel(role="accent")
        self.proposals = ProposalsPanel()
        self.preview = DocumentPane(fr.PREVIEW_NAME)
        self.proposer = Proposer(services.compose, pool, self)
        self.back = QPushButton(fr.BACK_TO_RECORD)
        self.discard = QPushButton(fr.DISCARD)
        self.preview_button = QPushButton(fr.PREVIEW)
        self.preview_button.setCheckable(True)
        self.preview_button.setToolTip(fr.PREVIEW_TIP)
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self.stack = QStackedWidget()
        self._lay_out()
        self._connect()
        self.show_draft(None)

    def _lay_out(self) -> None:
        gap = self.fontMetrics().averageCharWidth()
        note = QWidget()
        note_column = QVBoxLayout(note)
        note_column.setContentsMargins(0, 0, 0, 0)
        note_column.setSpacing(gap // 3)
        note_column.addWidget(self.editor, 1)
        note_column.addWidget(self.hint)
        self.splitter.addWidget(note)
        self.splitter.addWidget(self.proposals)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setStretchFactor(0, 3)
        self.splitter.setStretchFactor(1, 2)
        self.splitter.setHandleWidth(max(gap // 2, 3))
        self.stack.addWidget(self.splitter)
        self.stack.addWidget(self.preview)
        tools = QHBoxLayout()
        tools.addWidget(self.back)
        tools.addStretch(1)
        tools.addWidget(self.discard)
        tools.addWidget(self.preview_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(gap, gap // 2, gap, gap // 2)
        column.addWidget(self.whose)
        column.addWidget(self.options)
        column.addWidget(self.stack, 1)
        column.addLayout(tools)

    def _connect(self) -> None:
        self.editor.textChanged.connect(self._typed)
        self.editor.cursorPositionChanged.connect(self._moved)
        self.editor.accept_asked.connect(self._accept_here)
        self.proposals.model.ticked.connect(self._ticked)
        self.proposals.pointed.connect(lambda row: self.editor.mark(self.proposals.model.proposals, row))
        self.proposer.proposed.connect(self._proposed)
        self.proposer.failed.connect(lambda error: self.failed.emit(error, None))
        self.options.changed.connect(self.changed)
        self.back.clicked.connect(self.left)
        self.discard.clicked.connect(lambda: self.discarded.emit(self.draft) if self.draft else None)
        self.preview_button.toggled.connect(self._toggle_preview)
        QShortcut(QKeySequence("Ctrl+P"), self).activated.connect(self.preview_button.toggle)

    @property
    def can_send(self) -> bool:
        return self.draft is not None and not self.draft.empty and self.draft not in self._sending

    @property
    def sending(self) -> bool:
        return self.draft in self._sending

    @property
    def busy(self) -> bool:
        """Whether any note is on its way to the disk, shown or not."""
        return bool(self._sending)

    def show_draft(self, draft: Draft | None) -> None:
        """Another note, or none: nothing of the former one stays in any widget."""
        self.proposer.stop()
        self.draft = draft
        self.preview_button.setChecked(False)
        self.preview.forget()
        self._head()
        self.options.show_draft(draft)
        self.proposals.model.show(draft.proposals if draft else ())
        self.editor.blockSignals(True)
        self.editor.setPlainText(draft.text if draft else "")
        self.editor.blockSignals(False)
        self._lock()
        self.editor.mark(self.proposals.model.proposals)
        self._moved()
        self.changed.emit()

    def _head(self) -> None:
        """What, for whom, and when the consultation was if it was not today."""
        draft = self.draft
        if draft is None:
            self.whose.clear()
            return
        patient, began = draft.patient, formats.day(draft.started_at)
        words = fr.DRAFT_FOR.format(kind=fr.KIND[draft.kind], name=patient.display_name, born=formats.born(patient))
        today = began == formats.day(self._clock.now())
        self.whose.setText(words if today else f"{words}\n{fr.DRAFT_OF.format(began)}")

    def warn(self, other: bool) -> None:
        """Loud while another record than the note's is open."""
        self.whose.set_role("danger" if other else "")

    def send(self) -> None:
        """Builds the document and puts it into the outbox, for the draft's patient."""
        draft = self.draft
        if draft is None or not self.can_send:
            return
        note = draft.note()
        self._sending.add(draft)
        self.proposer.stop()
        self._lock()
        self.changed.emit()
        self._pool.submit(
            lambda: send(note, self._services.compose, self._services.outbox),
            lambda outcome: self._answered(draft, note, outcome),
            lambda error: self._not_sent(draft, error),
        )

    def _lock(self) -> None:
        """A note on its way is read, no more."""
        open_to_change = self.draft is not None and not self.sending
        self.editor.setReadOnly(not open_to_change)
        for part in (self.options, self.proposals, self.discard):
            part.setEnabled(open_to_change)
        self._moved()

    def _answered(self, draft: Draft, note: Note, outcome: OutboxItem | Changed | Doubtful) -> None:
        self._sending.discard(draft)
        if isinstance(outcome, Changed):
            self._unlock(draft)
            self._show_changed(draft, note, outcome)
        elif isinstance(outcome, Doubtful):
            self._unlock(draft)
            self._show_doubts(draft, note, outcome)
        else:
            if draft is self.draft:
                self.show_draft(None)
            self.sent.emit(draft, outcome)
        self.settled.emit()

    def _not_sent(self, draft: Draft, error: DmpDesktopError) -> None:
        self._sending.discard(draft)
        self._unlock(draft)
        self.failed.emit(error, None)
        self.settled.emit()

    def _unlock(self, draft: Draft) -> None:
        self._lock()
        if draft is self.draft and not draft.proposals_hold:
            self.proposer.text_changed(draft)
        self.changed.emit()

    def _show_changed(self, draft: Draft, note: Note, changed: Changed) -> None:
        """What was accepted is not said any more: the new proposals come before the eyes, and nothing leaves."""
        if draft.text == note.text:
            self.proposer.stop()
            draft.propose(note.text, changed.proposals)
            self._proposed(draft)
        self.held.emit(draft, fr.PROPOSALS_CHANGED, False)

    def _show_doubts(self, draft: Draft, note: Note, doubtful: Doubtful) -> None:
        """What the document does not say as the note does: read once, then sent by a second click."""
        if draft is self.draft:
            draft.warned = (note.text, doubtful.warnings)
        self.held.emit(draft, fr.checks(doubtful.warnings), True)

    def _typed(self) -> None:
        text = self.editor.toPlainText()
        if self.draft and text != self.draft.text:
            self.draft.text = text
            self._head()
            self.proposer.text_changed(self.draft)
            self.editor.mark(self.proposals.model.proposals)
            self._moved()
            self.changed.emit()

    def _proposed(self, draft: Draft) -> None:
        if draft is self.draft:
            self.proposals.model.show(draft.proposals)
            self.editor.mark(draft.proposals)
            self._moved()

    def _ticked(self, row: int, accepted: bool) -> None:
        if self.draft:
            self.draft.tick(row, accepted)
            self.editor.mark(self.draft.proposals, row)
            self._moved()
            self.preview_button.setChecked(False)
            self.changed.emit()

    def _moved(self) -> None:
        """Offers the proposal under the caret, once it is of the text as it is."""
        model = self.proposals.model
        row = model.at(self.editor.position) if self.draft and self.draft.proposals_hold else -1
        offered = row >= 0 and not model.proposals[row].accepted
        self.editor.acceptable = offered and not self.editor.isReadOnly()
        self.hint.setText(fr.TAB_ACCEPTS.format(lines(model.proposals[row])[0]) if self.editor.acceptable else "")

    def _accept_here(self) -> None:
        row = self.proposals.model.at(self.editor.position)
        if row >= 0 and self.editor.acceptable:
            self.proposals.model.tick(row, True)

    def _toggle_preview(self, shown: bool) -> None:
        self.stack.setCurrentWidget(self.preview if shown else self.splitter)
        if shown:
            self._build_preview()
        elif self.draft:
            self.editor.setFocus()

    def _build_preview(self) -> None:
        draft = self.draft
        if draft is None:
            return
        if self._preview_task:
            self._preview_task.cancel()
        self.preview.show_message(fr.VIEWER_LOADING)
        note, compose, palette = draft.note(), self._services.compose, theme.current().roles()

        def make() -> ReadyDocument | Changed:
            built = build(note, compose)
            if isinstance(built, Changed):
                return built
            shown = compose.preview(built, palette)
            return prepare(replace(shown, notices=(*built.warnings, *shown.notices)))

        self._preview_task = self._pool.submit(
            make, lambda made: self._show_preview(draft, note, made), self._no_preview
        )

    def _show_preview(self, draft: Draft, note: Note, made: ReadyDocument | Changed) -> None:
        if draft is not self.draft or not self.preview_button.isChecked():
            return
        if isinstance(made, Changed):
            self.preview_button.setChecked(False)
            self._show_changed(draft, note, made)
        else:
            self.preview.show_document(made)

    def _no_preview(self, error: DmpDesktopError) -> None:
        self.preview_button.setChecked(False)
        self.failed.emit(error, None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = self.width() >= BESIDE_FROM_CHARACTERS * self.fontMetrics().averageCharWidth()
        self.splitter.setOrientation(Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self.editor.refresh()
            self.preview.refresh()
            if self.preview_button.isChecked():
                self._build_preview()
