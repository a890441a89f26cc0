"""Asks for proposals when the doctor pauses, off the GUI thread; what comes late for an older text is dropped."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from dmp_desktop.domain.notes import Proposal
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.ui.compose_ports import ComposePort
from dmp_desktop.ui.tasks import Task, TaskRunner
from dmp_desktop.ui.views.compose.drafts import Draft

PAUSE_MS = 300


class Proposer(QObject):
    """`proposed` gives the draft whose `proposals` are new."""

    proposed = Signal(object)
    failed = Signal(object)

    def __init__(self, compose: ComposePort, pool: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._compose, self._pool = compose, pool
        self._draft: Draft | None = None
        self._task: Task[tuple[Proposal, ...]] | None = None
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._ask)

    def text_changed(self, draft: Draft) -> None:
        self.stop()
        self._draft = draft
        self._pause.start()

    def stop(self) -> None:
        self._pause.stop()
        if self._task:
            self._task.cancel()
            self._task = None

    def _ask(self) -> None:
        draft = self._draft
        if draft is None:
            return
        text = draft.text

        def take(proposals: tuple[Proposal, ...]) -> None:
            if draft.text == text:
                draft.propose(text, proposals)
                self.proposed.emit(draft)

        self._task = self._pool.submit(
            lambda: self._compose.propose(draft.patient, text, draft.author), take, self._refused
        )

    def _refused(self, error: DmpDesktopError) -> None:
        self.failed.emit(error)
