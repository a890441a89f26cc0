"""A page that takes the place of the record for a moment: its way back, its title, what it asks of the services."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QPushButton, QScrollArea, QVBoxLayout, QWidget

from dmp_desktop.domain.people import Patient
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.widgets.labels import PlainLabel

T = TypeVar("T")


class Said(PlainLabel):
    """What was done a moment ago; it takes no room while there is nothing to say."""

    def __init__(self) -> None:
        super().__init__(role="success", wrap=True)
        self.hide()

    def setText(self, text: str) -> None:
        super().setText(text)
        self.setVisible(bool(text))

    def clear(self) -> None:
        self.setText("")


class SidePage(QWidget):
    """`show_for` fills it for a patient or, for a page of nobody, None; `clear` leaves nothing of anybody in it.

    A page gives its own parts by `fill` and takes them back by `empty`; they stand in `rows`. What comes late for another showing
    is dropped.
    """

    left = Signal()
    failed = Signal(object)  # DmpDesktopError
    unlisted = Signal(object, object)  # DmpDesktopError, what tries again
    asking = Signal()  # again: what failed before is out of date

    def __init__(self, title: str, pool: TaskRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.patient: Patient | None = None
        self._pool = pool
        self._turn = 0
        self.setAccessibleName(title)
        self.back = QPushButton(fr.BACK_TO_RECORD)
        self.back.clicked.connect(self.left)
        self.title = PlainLabel(title)
        self.title.setProperty("strong", True)
        self.said = Said()
        self.form = QWidget()
        self.rows = QVBoxLayout(self.form)
        self.rows.setSpacing(self.fontMetrics().averageCharWidth() * 2)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidget(self.form)
        self.column = QVBoxLayout(self)
        self.column.addWidget(self.back, 0, Qt.AlignmentFlag.AlignLeft)
        for part in (self.title, self.said):
            self.column.addWidget(part)
        self.column.addWidget(self._area, 1)

    def show_for(self, patient: Patient | None) -> None:
        """Anew, whatever was in it before."""
        self.clear()
        self.patient = patient
        self.fill()

    def clear(self) -> None:
        self._turn += 1
        self.patient = None
        self.said.clear()
        self.empty()

    def fill(self) -> None:
        """What is shown of `patient` now."""

    def empty(self) -> None:
        """Nothing of a patient remains in any part."""

    def forget(self) -> None:
        """What a page keeps of what was typed in it, to be shown again, is for nobody any more."""

    def step_back(self) -> bool:
        """Takes back a question that stands on the page; False where there is none."""
        return False

    def refresh(self) -> None:
        """Icons again, in the colours of the palette in use."""

    def ask(
        self,
        call: Callable[[], T],
        done: Callable[[T], None],
        refused: Callable[[DmpDesktopError], None] | None = None,
    ) -> None:
        """`call` on a worker, then `done` here, or `refused` (else `failed` tells); neither once something else is shown."""
        turn = self._turn

        def answered(result: T) -> None:
            if turn == self._turn:
                done(result)

        def told(error: DmpDesktopError) -> None:
            if turn == self._turn:
                (refused or self.failed.emit)(error)

        self._pool.submit(call, answered, told)

    def act(
        self,
        call: Callable[[], T],
        done: Callable[[T], None],
        refused: Callable[[DmpDesktopError], None] | None = None,
    ) -> None:
        """As `ask`, for what changes something: what became of it is told whatever is shown by then. `done` and `refused` draw
        nothing of the page that asked unless it is still shown for whom it was asked."""
        self._pool.submit(call, done, refused or self.failed.emit)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif not self.step_back():
            self.left.emit()
