"""The note with what helps to write it: the hint under it, suggestions, the doctor's own abbreviations."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from dmp_desktop.domain.notes import Proposal
from dmp_desktop.ui import strings_forms_fr as fr
from dmp_desktop.ui.compose_ports import ComposePort
from dmp_desktop.ui.habits import HabitsKeeper
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.views.compose.editor import NoteEditor
from dmp_desktop.ui.views.compose.suggesting import Suggester
from dmp_desktop.ui.widgets.labels import PlainLabel

LEAST_LINES = 5
LONGEST_TERM = 60
"""Characters of an abbreviation (services.own_terms)."""


class NotePane(QWidget):
    """`learned` says, in words, which abbreviation is known from now on."""

    learned = Signal(str)
    failed = Signal(object)

    def __init__(self, compose: ComposePort, pool: TaskRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._compose, self._pool = compose, pool
        self.editor = NoteEditor()
        self.editor.setMinimumHeight(LEAST_LINES * self.fontMetrics().height())
        self.apart = PlainLabel(fr.NOT_IN_DOCUMENT, role="muted", wrap=True)
        self._spare = QWidget()
        self.hint = PlainLabel(role="accent")
        self.suggestions = QToolButton()
        self.suggestions.setText(fr.SUGGESTIONS)
        self.suggestions.setToolTip(fr.SUGGESTIONS_TIP)
        self.suggestions.setCheckable(True)
        self.suggestions.setChecked(True)
        self.suggester = Suggester(compose, pool, self)
        foot = QHBoxLayout()
        foot.addWidget(self.hint, 1)
        foot.addWidget(self.suggestions)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(self.fontMetrics().averageCharWidth() // 3)
        column.addWidget(self.apart)
        column.addWidget(self.editor, 1)
        column.addLayout(foot)
        column.addWidget(self._spare, 1)
        self.editor.word_typed.connect(self._word_typed)
        self.suggester.found.connect(self.editor.suggest)
        self.suggestions.toggled.connect(self._switched)

    def follow(self, habits: HabitsKeeper) -> None:
        """Whether words are suggested, as the doctor chose it last."""
        habits.changed.connect(lambda: self.suggestions.setChecked(habits.current.suggesting))
        self.suggestions.clicked.connect(lambda wanted: habits.change(suggesting=wanted))
        self.suggestions.setChecked(habits.current.suggesting)

    def show_text(self, text: str) -> None:
        """Another note: told to nobody."""
        self.suggester.stop()
        self.editor.popup.hide()
        self.editor.blockSignals(True)
        self.editor.setPlainText(text)
        self.editor.blockSignals(False)

    def set_noteless(self, noteless: bool) -> None:
        """Whether the note stays out of the document: it is said, and it is no longer offered unless there is one."""
        written = bool(self.editor.toPlainText().strip())
        self.apart.setVisible(noteless and written)
        self.editor.setVisible(not noteless or written)
        self._spare.setHidden(not noteless or written)
        self.suggestions.setVisible(not noteless)

    @property
    def selected_term(self) -> str:
        """The abbreviation that is selected, empty when what is selected cannot be one."""
        words = self.editor.textCursor().selectedText().strip()
        return words if 2 <= len(words) <= LONGEST_TERM and words.isprintable() else ""

    def learn(self, meaning: Proposal) -> None:
        term, compose = self.selected_term, self._compose
        self._pool.submit(
            lambda: compose.learn(term, meaning),
            lambda _done: self.learned.emit(fr.LEARNED.format(term=term, label=meaning.label)),
            self.failed.emit,
        )

    def _word_typed(self, word: str) -> None:
        if self.suggestions.isChecked():
            self.suggester.word_typed(word)

    def _switched(self, wanted: bool) -> None:
        if not wanted:
            self.suggester.stop()
            self.editor.popup.hide()
