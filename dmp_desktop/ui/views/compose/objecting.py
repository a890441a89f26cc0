"""Whether the patient of the note before the eyes lets documents be sent into their DMP (DMP/CONF.09)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from dmp_desktop.domain.people import Patient
from dmp_desktop.ui.access_ports import AccessPort
from dmp_desktop.ui.tasks import TaskRunner

if TYPE_CHECKING:
    from dmp_desktop.ui.views.compose.view import Composer


class Objecting(QObject):
    """Asked when a note comes before the eyes, and anew whenever somebody's opinion is noted, wherever that is done. The service
    refuses again at sending; `changed` tells that the answer is another one."""

    changed = Signal()
    _noted = Signal()

    def __init__(self, composer: Composer, port: AccessPort, pool: TaskRunner) -> None:
        super().__init__(composer)
        self._c, self._port, self._pool = composer, port, pool
        self._patient: Patient | None = None
        self._why = ""
        self._turn = 0
        self._noted.connect(self._ask, Qt.ConnectionType.QueuedConnection)
        port.follow_opinions(lambda _patient: self._noted.emit())
        composer.changed.connect(self._follow)

    def why(self, patient: Patient) -> str:
        """Why nothing is sent for the note's patient, in French; empty for who lets it be sent."""
        return self._why if patient == self._patient else ""

    def _follow(self) -> None:
        patient = self._c.draft.patient if self._c.draft else None
        if patient != self._patient:
            self._patient, self._why = patient, ""
            self._ask()

    def _ask(self) -> None:
        self._turn += 1
        patient, turn = self._patient, self._turn
        if patient is not None:
            self._pool.submit(
                lambda: self._port.feeding_refusal(patient) or "",
                lambda why: self._take(turn, why),
                lambda _error: None,  # told at sending, if it lasts
            )

    def _take(self, turn: int, why: str) -> None:
        if turn == self._turn and why != self._why:
            self._why = why
            self.changed.emit()
