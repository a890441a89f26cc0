"""A step of the first run: some of the checks of the diagnosis, run when it is shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.services.diagnostics.model import Result
from dmp_desktop.ui import strings_first_run_fr as fr
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.views.diagnostic.card import ResultCard
from dmp_desktop.ui.widgets.labels import PlainLabel
from dmp_desktop.ui.workstation_ports import DiagnosticsPort


class ChecksStep(QWidget):
    """`checks` are ids of the diagnosis; `find` gives it, off the window's thread."""

    failed = Signal(object)  # DmpDesktopError
    _told = Signal(int, object)  # number of the run, Result

    def __init__(self, note: str, checks: Sequence[str], find: Callable[[], DiagnosticsPort], pool: TaskRunner) -> None:
        super().__init__()
        self._checks, self._find, self._pool = tuple(checks), find, pool
        self._run = 0
        self.cards: dict[str, ResultCard] = {}
        self.again = QPushButton(fr.LOOK_AGAIN)
        self.again.clicked.connect(self.begin)
        self.looking = PlainLabel(fr.LOOKING, role="muted")
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        for part in (PlainLabel(note, wrap=True), self.looking):
            self._rows.addWidget(part)
        self._rows.addWidget(self.again, 0, Qt.AlignmentFlag.AlignLeft)
        self._rows.addStretch(1)
        self._told.connect(self._take, Qt.ConnectionType.QueuedConnection)

    def begin(self) -> None:
        """Every check of the step anew; what the last run said stays until it is said again."""
        self._run += 1
        run = self._run
        self._busy(True)

        def look() -> None:
            self._find().run(lambda result: self._told.emit(run, result), self._checks, lambda: self._run != run)

        self._pool.submit(look, lambda _none: self._busy(False), self._fail)

    def stop(self) -> None:
        """Nothing more is told."""
        self._run += 1

    def _busy(self, busy: bool) -> None:
        self.again.setEnabled(not busy)
        self.looking.setVisible(busy)

    def _take(self, run: int, result: Result) -> None:
        if run != self._run:
            return
        card = self.cards.get(result.id)
        if card is not None:
            card.show_result(result)
            return
        card = self.cards[result.id] = ResultCard(result)
        card.again.hide()  # one button for the whole step
        shown = sorted(self.cards, key=self._checks.index)
        self._rows.insertWidget(1 + shown.index(result.id), card)

    def _fail(self, error: DmpDesktopError) -> None:
        self._busy(False)
        self.failed.emit(error)
