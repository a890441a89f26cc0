"""Ends of words while the doctor types: asked for at a pause, off the GUI thread, shown under the caret, never in the way."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QListWidget, QVBoxLayout, QWidget

from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.services.orders import Suggestion
from dmp_desktop.ui import strings_forms_fr as fr
from dmp_desktop.ui.compose_ports import ComposePort
from dmp_desktop.ui.tasks import Task, TaskRunner

PAUSE_MS = 150
LEAST_LETTERS = 3
SHOWN = 6
WIDTH_CHARACTERS = 42


class Suggester(QObject):
    """`found` gives the word asked about and its suggestions; a word that changed meanwhile is not told of."""

    found = Signal(str, list)

    def __init__(self, compose: ComposePort, pool: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._compose, self._pool = compose, pool
        self._word = ""
        self._task: Task[tuple[Suggestion, ...]] | None = None
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._ask)

    def word_typed(self, word: str) -> None:
        self.stop()
        if len(word) >= LEAST_LETTERS:
            self._word = word
            self._pause.start()

    def stop(self) -> None:
        self._pause.stop()
        if self._task:
            self._task.cancel()
            self._task = None

    def _ask(self) -> None:
        word = self._word
        self._task = self._pool.submit(
            lambda: self._compose.suggest(word),
            lambda found: self.found.emit(word, list(found[:SHOWN])),
            self._no_matter,
        )

    def _no_matter(self, error: DmpDesktopError) -> None:
        """A suggestion that does not come is not worth a message: typing goes on."""


class SuggestionPopup(QFrame):
    """A list inside the editor, never a window of its own: it cannot take the keyboard."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._area = parent
        self.setObjectName("popup")
        self.suggestions: list[Suggestion] = []
        self.list = QListWidget(self)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setAccessibleName(fr.SUGGESTIONS_NAME)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.itemClicked.connect(lambda _item: self.accept())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.list)
        self.hide()

    @property
    def pointed(self) -> bool:
        """Whether the doctor went into the list with the arrows."""
        return self.list.currentRow() >= 0

    def show_under(self, suggestions: list[Suggestion], caret: QPoint, line: int) -> None:
        """Below the caret, or above it where there is no room; `line` is the height of a line."""
        self.suggestions = suggestions
        self.list.clear()
        self.list.addItems([f"{one.label}  {one.detail}".strip() for one in suggestions])
        self.list.setCurrentRow(-1)
        area = self._area.rect()
        width = min(WIDTH_CHARACTERS * self.fontMetrics().averageCharWidth(), area.width())
        height = self.list.sizeHintForRow(0) * len(suggestions) + 2 * self.list.frameWidth() + 2
        below = caret.y() + line
        top = below if below + height <= area.height() else max(caret.y() - height, 0)
        self.setGeometry(max(0, min(caret.x(), area.width() - width)), top, width, height)
        self.show()
        self.raise_()

    def move_by(self, step: int) -> None:
        self.list.setCurrentRow((self.list.currentRow() + step) % len(self.suggestions))

    def accept(self) -> None:
        """The pointed one, else the first."""
        self.hide()
        self.chosen.emit(self.suggestions[max(self.list.currentRow(), 0)].insert)
