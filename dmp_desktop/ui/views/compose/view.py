"""The composer: the note, its proposals beside or below, the preview in their place."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QPushButton, QSplitter, QStackedWidget, QWidget

from dmp_desktop.domain.ports import Clock
from dmp_desktop.domain.proposals import ProposalState
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.services.session_state import SignedIn
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui.habits import HabitsKeeper
from dmp_desktop.ui.models.proposals import lines
from dmp_desktop.ui.ports import Services
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.views.compose.dispatch import Dispatch
from dmp_desktop.ui.views.compose.drafts import Draft, Note
from dmp_desktop.ui.views.compose.form_panel import FormPanel
from dmp_desktop.ui.views.compose.headings import replaced_words, whose_words
from dmp_desktop.ui.views.compose.kinds import REVIEWED, WITHOUT_NOTE
from dmp_desktop.ui.views.compose.layout import lay_out
from dmp_desktop.ui.views.compose.note_pane import NotePane
from dmp_desktop.ui.views.compose.options import DocumentOptions
from dmp_desktop.ui.views.compose.previewing import Previewer
from dmp_desktop.ui.views.compose.proposals import ProposalsPanel
from dmp_desktop.ui.views.compose.proposing import Proposer
from dmp_desktop.ui.views.compose.replacing import Replacer
from dmp_desktop.ui.views.compose.sending import Changed, Renamed
from dmp_desktop.ui.views.compose.sensitive import SensitiveBar
from dmp_desktop.ui.views.compose.together import TogetherBar
from dmp_desktop.ui.views.compose.who_sees import WhoSees
from dmp_desktop.ui.widgets.labels import PlainLabel

BESIDE_FROM_CHARACTERS = 110


class Composer(QWidget):
    """Shows one draft. Everything it does is for the draft's own patient, whatever record is open."""

    sent = Signal(object, object)  # Draft, OutboxItem
    sent_together = Signal(object, object)  # their Drafts, their OutboxItems, in the same order
    held = Signal(object, str, bool)  # Draft, what to look at before it is sent, whether it may go as it is
    failed = Signal(object, object, object)  # Draft or None, DmpDesktopError, what tries again
    changed = Signal()
    settled = Signal()  # a sending ended, whatever its outcome
    left = Signal()
    said = Signal(str)  # something done that the doctor should know
    discarded = Signal(object)  # Draft

    def __init__(self, services: Services, pool: TaskRunner, clock: Clock, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self.draft: Draft | None = None
        self.by: SignedIn | None = None  # before the screen: what is asked is asked by them, from where they practise
        self.whose = PlainLabel(wrap=True)
        self.whose.setProperty("strong", True)
        self.replaced = PlainLabel(role="accent", wrap=True)
        self.kept = PlainLabel(role="muted")  # when the draft was last put on the disk
        self.options = DocumentOptions(services.compose)
        self.form = FormPanel(services.compose, pool)
        self.note = NotePane(services.compose, pool)
        self.editor, self.hint = self.note.editor, self.note.hint
        self.proposals = ProposalsPanel()
        self.sensitive = SensitiveBar()
        self.previewer = Previewer(services.compose, pool, self)
        self.preview = self.previewer.pane
        self.proposer = Proposer(services.compose, pool, self)
        self.replacer = Replacer(services.compose, pool, self)
        self.back, self.discard = QPushButton(fr.BACK_TO_RECORD), QPushButton(fr.DISCARD)
        self.together = TogetherBar(clock.now, self.back)
        self.preview_button = QPushButton(fr.PREVIEW)
        self.preview_button.setCheckable(True)
        self.preview_button.setToolTip(fr.PREVIEW_TIP)
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self.stack = QStackedWidget()
        self.who_sees = WhoSees(self, services.may_show, pool)
        self._column = lay_out(self)
        self.dispatch = Dispatch(self, services, pool)
        self._connect()
        self.show_draft(None)

    def _connect(self) -> None:
        self.editor.textChanged.connect(self._typed)
        self.editor.cursorPositionChanged.connect(self._moved)
        self.editor.accept_asked.connect(self._accept_here)
        self.proposals.model.ticked.connect(self._ticked)
        self.proposals.pointed.connect(lambda row: self.editor.mark(self.proposals.model.proposals, row))
        self.proposer.proposed.connect(self.take_proposals)
        self.proposer.failed.connect(lambda error: self.failed.emit(self.draft, error, None))
        self.together.changed.connect(self.changed)
        self.options.changed.connect(self.changed)
        self.changed.connect(self.offer_others)
        self.options.changed.connect(self._outdated)
        self.options.kind_changed.connect(self._kind_changed)
        self.form.changed.connect(self._form_changed)
        self.form.failed.connect(lambda error: self.failed.emit(None, error, None))
        self.note.failed.connect(lambda error: self.failed.emit(None, error, None))
        self.note.learned.connect(self._learned)
        self.editor.selectionChanged.connect(self._offer_learning)
        self.proposals.pointed.connect(self._offer_learning)
        self.proposals.learn.clicked.connect(self._learn)
        self.previewer.changed.connect(self._preview_changed)
        self.previewer.failed.connect(self._no_preview)
        self.replacer.ready.connect(self._replacement_ready)
        self.replacer.failed.connect(self._replacement_failed)
        self.back.clicked.connect(self.left)
        self.discard.clicked.connect(lambda: self.discarded.emit(self.draft) if self.draft else None)
        self.preview_button.toggled.connect(self._toggle_preview)
        QShortcut(QKeySequence("Ctrl+P"), self).activated.connect(self.preview_button.toggle)

    @property
    def can_send(self) -> bool:
        return self.draft is not None and self.draft.ready and not self.sending and not self.draft.held

    @property
    def sending(self) -> bool:
        return self.draft is not None and self.dispatch.sends(self.draft)

    @property
    def busy(self) -> bool:
        """Whether any note is on its way to the disk, shown or not."""
        return self.dispatch.busy

    def send(self) -> None:
        """Builds the document and puts it into the outbox, for the draft's patient."""
        self.dispatch.send()

    def follow(self, habits: HabitsKeeper) -> None:
        self.note.follow(habits)
        self.options.follow(habits)

    def show_draft(self, draft: Draft | None) -> None:
        """Another note, or none: nothing of the former one stays in any widget."""
        self.proposer.stop()
        self.draft = draft
        self.preview_button.setChecked(False)
        self.previewer.forget()
        self.sensitive.close_question()
        self.options.show_draft(draft)
        self.proposals.model.show(draft.proposals if draft else ())
        self.note.show_text(draft.text if draft else "")
        self._show_kind()
        self.lock()
        self.editor.mark(self.proposals.model.proposals)
        self._moved()
        if draft:
            self.replacer.load(draft)
            self.who_sees.ask(draft)
        self.changed.emit()

    def offer_others(self) -> None:
        """What else is ready for the patient, as it is now."""
        self.together.show_draft(self.draft)

    def _show_kind(self) -> None:
        """The form of the kind, and the note where it leaves with the document."""
        draft = self.draft
        self.head()
        self.form.show_draft(draft)
        noteless = draft is not None and draft.kind in WITHOUT_NOTE
        self.note.set_noteless(noteless)
        self._show_proposals()
        self._share()

    def _show_proposals(self) -> None:
        """Not where nothing can be proposed: no note, or a synthesis without one."""
        draft = self.draft
        nothing = draft is not None and draft.kind in REVIEWED and not draft.proposals and not draft.text.strip()
        self.proposals.setHidden(nothing or (draft is not None and draft.kind in WITHOUT_NOTE))

    def focus(self) -> None:
        """The keyboard where the doctor begins: the form when it is empty, else the note."""
        if not self.form.focus():
            self.editor.setFocus()

    def _kind_changed(self) -> None:
        self._show_kind()
        self.lock()

    def _share(self) -> None:
        """A review takes the room; a form of a few fields leaves it to the note."""
        self._column.setStretchFactor(self.form, 2 if self.form.reviewing else 0)

    def _form_changed(self) -> None:
        self._share()
        self._outdated()
        self.changed.emit()

    def _outdated(self) -> None:
        """The preview is of another document than the one that would leave."""
        self.preview_button.setChecked(False)

    def head(self) -> None:
        replaced = replaced_words(self.draft) if self.draft else ""
        self.replaced.setText(replaced)
        self.replaced.setVisible(bool(replaced))
        self.whose.setText(whose_words(self.draft, self._clock.now()) if self.draft else "")

    def warn(self, other: bool) -> None:
        """Loud while another record than the note's is open."""
        self.whose.set_role("danger" if other else "")

    def lock(self) -> None:
        """A note on its way is read, no more."""
        draft = self.draft
        awaited = draft is not None and draft.replaces is not None and draft.replaces.parent is None
        open_to_change = draft is not None and not self.sending and not awaited and not draft.held
        self.editor.setReadOnly(not open_to_change)
        for part in (self.options, self.form, self.proposals, self.together):
            part.setEnabled(open_to_change)
        waits = draft is not None and draft.proposed is not None and draft.proposed.state is ProposalState.WAITING
        self.discard.setEnabled(draft is not None and not self.sending and not waits)
        self._moved()

    def _typed(self) -> None:
        text = self.editor.toPlainText()
        if self.draft and text != self.draft.text:
            self.draft.text = text
            self.head()
            self.proposer.text_changed(self.draft)
            self.editor.mark(self.proposals.model.proposals)
            self._moved()
            self.changed.emit()

    def take_proposals(self, draft: Draft) -> None:
        if draft is self.draft:
            self.proposals.model.show(draft.proposals)
            self.editor.mark(draft.proposals)
            self.form.take(draft.proposals)
            self._show_proposals()
            self._moved()

    def _ticked(self, row: int, accepted: bool) -> None:
        if self.draft:
            self.draft.tick(row, accepted)
            self.editor.mark(self.draft.proposals, row)
            self.form.take(self.draft.proposals)
            self._moved()
            self._outdated()
            self._offer_learning()
            self.changed.emit()

    def _offer_learning(self) -> None:
        self.proposals.offer_learning(self.note.selected_term)

    def _learn(self) -> None:
        one = self.proposals.pointed_proposal
        if one and self.note.selected_term:
            self.note.learn(one)

    def _learned(self, words: str) -> None:
        self.said.emit(words)
        if self.draft:
            self.proposer.text_changed(self.draft)

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
        if self.draft and self.by:
            self.previewer.show(self.draft, self.by.facility)

    def _preview_changed(self, draft: Draft, note: Note, changed: Changed | Renamed) -> None:
        if draft is self.draft:
            self.preview_button.setChecked(False)
            self.dispatch.changed(draft, note, changed)

    def _no_preview(self, draft: Draft, error: DmpDesktopError) -> None:
        if draft is self.draft:
            self.preview_button.setChecked(False)
            self.dispatch.refused(draft, error)

    def _replacement_ready(self, draft: Draft) -> None:
        if draft is self.draft:
            self.show_draft(draft)
            self.proposer.text_changed(draft)
            self.focus()

    def _replacement_failed(self, draft: Draft, error: DmpDesktopError) -> None:
        if draft is self.draft:
            self.failed.emit(draft, error, lambda: self.replacer.load(draft))

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
