"""The page Diagnostic: what is wrong with this workstation first, each with the one thing to do. Nothing of a patient."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.services.diagnostics.model import Result, Verdict
from dmp_desktop.ui import strings_diagnostic_fr as fr
from dmp_desktop.ui.stand_in import StandIn
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.views.diagnostic.card import ResultCard
from dmp_desktop.ui.widgets.labels import PlainLabel

if TYPE_CHECKING:
    from dmp_desktop.ui.workstation_ports import DiagnosticsPort

_CTRL = Qt.KeyboardModifier.ControlModifier
_CARD_MS = 4
"""Between two cards: making and placing one takes a few milliseconds, and what else waits comes in between."""


class DiagnosticView(StandIn):
    """`open` runs every check. Results come from worker threads, one at a time, and are placed a card a turn.

    `find` gives the checks, off the window's thread: they load much that the start does without.
    """

    _told = Signal(int, object)  # number of the run, Result

    def __init__(self, find: Callable[[], DiagnosticsPort], pool: TaskRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._find, self._pool = find, pool
        self._port: DiagnosticsPort | None = None
        self._run = 0  # a run that another one replaces, or that is left, tells nothing any more
        self._total = self._done = 0
        self._coming: deque[Result] = deque()
        self.cards: dict[str, ResultCard] = {}
        self.back, self.again, self.copy = QPushButton(fr.BACK), QPushButton(fr.RUN_ALL), QPushButton(fr.COPY)
        self.progress = PlainLabel(wrap=True)
        self.said = PlainLabel(role="success", wrap=True)
        self.list = QWidget()
        self._rows = QVBoxLayout(self.list)
        self._placing = QTimer(self)
        self._placing.setInterval(_CARD_MS)
        self._placing.timeout.connect(self._place_one)
        self._told.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self.back.clicked.connect(self.leave)
        self.again.clicked.connect(self.open)
        self.copy.clicked.connect(self._copy)
        self._lay_out()

    def _lay_out(self) -> None:
        gap = self.fontMetrics().averageCharWidth()
        title = PlainLabel(fr.TITLE)
        title.setObjectName("title")
        self._rows.setContentsMargins(0, 0, gap, 0)
        self._rows.setSpacing(gap)
        self._rows.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(self.list)
        buttons = QHBoxLayout()
        buttons.addWidget(self.again)
        buttons.addWidget(self.copy)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.addWidget(self.back, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(title)
        column.addWidget(PlainLabel(fr.NOTE, role="muted", wrap=True))
        column.addLayout(buttons)
        column.addWidget(self.progress)
        column.addWidget(self.said)
        column.addWidget(area, 1)

    def open(self) -> None:
        """Every check anew. What the last run said stays until it is said again."""
        self.said.clear()
        self.back.setFocus()
        if self._port is None:
            self._pool.submit(self._find, self._found, self._fail)
        else:
            self._start()

    def stop(self) -> None:
        """Nothing more is told; what hangs is left to its thread."""
        self._run += 1
        self._rest()

    @property
    def results(self) -> list[Result]:
        """Those shown, in the order of the page."""
        return self._port.ordered(card.result for card in self.cards.values()) if self._port else []

    def _found(self, port: DiagnosticsPort) -> None:
        self._port = port
        self._start()

    def _start(self, *ids: str) -> None:
        port = self._port
        if port is None:
            return
        self._run += 1
        run = self._run
        self._coming.clear()
        self._total = len(ids) or len(port.topics)
        self._done = 0
        self._busy(True)

        def call() -> None:
            port.run(lambda result: self._told.emit(run, result), ids, lambda: self._run != run)

        self._pool.submit(call, lambda _none: None, self._fail)

    def _take(self, run: int, result: Result) -> None:
        if run == self._run:
            self._coming.append(result)
            self._placing.start()

    def _place_one(self) -> None:
        if self._coming:
            self._show(self._coming.popleft())
            self._done += 1
            self._busy(self._done < self._total)
        else:
            self._placing.stop()

    def _show(self, result: Result) -> None:
        card = self.cards.get(result.id)
        if card is None:
            card = self.cards[result.id] = ResultCard(result, self.list)
            card.again_asked.connect(self._look_again)
        else:
            focused = card.again.hasFocus()
            self._rows.removeWidget(card)
            card.show_result(result)
            if focused:
                card.again.setFocus()
        self._rows.insertWidget([one.id for one in self.results].index(result.id), card)
        before = self.copy
        for one in self.results:  # the Tab key follows the page, not the order in which the checks were done
            QWidget.setTabOrder(before, self.cards[one.id].again)
            before = self.cards[one.id].again

    def _look_again(self, check: str) -> None:
        """With what depends on it: two cards of the page must not contradict each other."""
        if self._port is None:
            return
        self.said.clear()
        related = self._port.again(check, self.results)
        for one in related:
            if one in self.cards:
                self.cards[one].show_under_way()
        self._start(*related)

    def _busy(self, busy: bool) -> None:
        self.again.setEnabled(not busy)
        self.copy.setEnabled(not busy)
        for card in self.cards.values():
            card.again.setEnabled(not busy)
        self.progress.setText(fr.RUNNING.format(done=self._done, all=self._total) if busy else self._summary())

    def _summary(self) -> str:
        verdicts = [card.result.verdict for card in self.cards.values()]
        counts = [
            words[count > 1].format(count) for verdict, words in fr.COUNTS.items() if (count := verdicts.count(verdict))
        ]
        fine = set(verdicts) <= {Verdict.OK}
        return (fr.NOTHING_WRONG if fine else fr.ENDED).format(all=len(verdicts), counts=", ".join(counts))

    def _copy(self) -> None:
        if self._port is not None:
            QGuiApplication.clipboard().setText(self._port.report(self.results))
            self.said.setText(fr.COPIED)

    def _rest(self) -> None:
        self._coming.clear()
        self._placing.stop()
        for card in self.cards.values():
            card.again.setText(fr.RUN_ONE)
        if self._port is not None:
            self._busy(False)

    def _fail(self, error: DmpDesktopError) -> None:
        self._rest()
        self.failed.emit(error)

    def event(self, event: QEvent) -> bool:
        """Keys of what is hidden behind this page (send, close the patient) do nothing while it is before the eyes."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.ShortcutOverride and _is_ours(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        elif event.key() == Qt.Key.Key_F5 and self.again.isEnabled():
            self.open()
        elif not event.modifiers() & _CTRL:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            for card in self.cards.values():
                card.state.repaint_icon()


def _is_ours(event: QKeyEvent) -> bool:
    return bool(event.modifiers() & _CTRL) or event.key() == Qt.Key.Key_F5
