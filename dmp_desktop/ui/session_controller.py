"""Follows the cards: events in, from any thread; session states out, on the GUI thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, Qt, Signal, Slot

from dmp_desktop.domain.cards import CardEvent, CardEventType, CardKind
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.services.session import Phase, SessionState
from dmp_desktop.ui.ports import SessionPort
from dmp_desktop.ui.tasks import TaskRunner

REMOVALS = (CardEventType.CARD_REMOVED, CardEventType.READER_REMOVED)


class SessionController(QObject):
    """Masks at once when the professional card may be gone, before the session itself has had its turn.

    Answers of calls made before such a removal are stale: they never unmask.
    """

    changed = Signal(object)
    failed = Signal(object)
    card = Signal(object)
    _event = Signal(object)

    def __init__(self, session: SessionPort, pool: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.state = session.state()
        self._session = session
        self._pool = pool
        self._kinds: dict[str, CardKind | None] = {}
        self._calls = 0
        self._oldest_trusted = 0
        self._event.connect(self._handle, Qt.ConnectionType.QueuedConnection)

    def card_event(self, event: CardEvent) -> None:
        """From any thread, the watcher's mostly."""
        self._event.emit(event)

    def choose(self, index: int) -> None:
        self._call(lambda: self._session.choose(index))

    def close_patient(self) -> None:
        self._call(self._session.close_patient)

    @Slot(object)
    def _handle(self, event: CardEvent) -> None:
        if event.type is CardEventType.CARD_INSERTED:
            self._kinds[event.reader] = event.kind
        if self._takes_professional_away(event):
            self._oldest_trusted = self._calls + 1
            self._publish(_masked(self.state))
        self._call(lambda: self._session.handle(event))
        self.card.emit(event)

    def _takes_professional_away(self, event: CardEvent) -> bool:
        """True unless what left is surely not the professional's card."""
        if event.type is CardEventType.SERVICE_DOWN:
            return True
        if event.type not in REMOVALS:
            return False
        held = self._kinds.pop(event.reader, None)
        if event.type is CardEventType.READER_REMOVED:
            return held is CardKind.CPS or (held is CardKind.UNKNOWN and self.state.cps_present)
        return CardKind.VITALE not in (event.kind, held)

    def _call(self, call: Callable[[], SessionState]) -> None:
        self._calls += 1
        number = self._calls
        self._pool.submit(call, lambda state: self._answer(number, state), self._fail)

    def _answer(self, number: int, state: SessionState) -> None:
        if number >= self._oldest_trusted:
            self._publish(state)

    def _fail(self, error: DmpDesktopError) -> None:
        self.failed.emit(error)

    def _publish(self, state: SessionState) -> None:
        if state != self.state:
            self.state = state
            self.changed.emit(state)


def _masked(state: SessionState) -> SessionState:
    return replace(
        state,
        phase=Phase.MASKED,
        cps_present=False,
        professional=None,
        facility=None,
        role=None,
        patient=None,
        candidates=(),
    )
