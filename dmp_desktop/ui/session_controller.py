"""Follows the cards: events in, from any thread; session states out, on the GUI thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, Qt, Signal, Slot

from dmp_desktop.domain.cards import Beneficiary, CardEvent, CardEventType, CardKind
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.services import session_notices as notices
from dmp_desktop.services.session_state import SIGNED_IN, Phase, SessionState, SignedIn
from dmp_desktop.ui import asking
from dmp_desktop.ui.session_ports import SessionPort
from dmp_desktop.ui.tasks import TaskRunner

REMOVALS = (CardEventType.CARD_REMOVED, CardEventType.READER_REMOVED)
INSTEAD = (CardEventType.CARD_INSERTED, CardEventType.CARD_MUTE)
"""What lay in that reader is there no longer, even if nobody told that it left."""


class SessionController(QObject):
    """Masks at once when the professional card may be gone or the doctor locks, before the session itself has had its turn.

    Answers of calls made before that are stale: they never unmask.
    """

    changed = Signal(object)
    failed = Signal(object)
    card = Signal(object)
    entered = Signal()  # the card has answered a PIN or a choice, whatever it said
    _event = Signal(object)

    def __init__(self, session: SessionPort, pool: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.state = session.state()
        self._session = session
        self._pool = pool
        self._kinds: dict[str, CardKind | None] = {}
        self._entering = False
        self._calls = self._ended = 0
        self._oldest_trusted = 0
        self._event.connect(self._handle, Qt.ConnectionType.QueuedConnection)

    def card_event(self, event: CardEvent) -> None:
        """From any thread, the watcher's mostly. Keys wait neither for the window nor for the card pool, the window not for
        their end: a thread takes up to 60 ms to start beside a busy worker, measured."""
        end = self._session.let_go(event)  # before the worker follows the event, which counts on it
        try:
            self._event.emit(event)
        finally:
            end()

    def choose(self, person: Beneficiary | None) -> None:
        self._call(lambda: self._session.choose(person))

    def close_patient(self) -> None:
        self._call(self._session.close_patient)

    def present(self, find: Callable[[], tuple[Beneficiary, ...]], after: Callable[[], None]) -> None:
        """A patient without a carte Vitale; `after` once it is known who, or why not."""
        self._call(lambda: self._session.present(find), after)

    # Signing in

    def give_pin(self, pin: str, question: int) -> None:
        """Once: an entry that comes while the card still works at another is dropped."""
        self._enter(lambda: self._session.give_pin(pin, question))

    def read_again(self, after: Callable[[], None] = lambda: None) -> None:
        """« Réessayer », where a card could not be read or its PIN not be asked."""

        def answered() -> None:
            self.entered.emit()
            after()

        self._call(self._session.read_again, answered)

    def look_again(self, after: Callable[[], None]) -> None:
        """The same unasked, of a card that another program held; see `Rereading`."""
        self._call(self._session.look_again, after)

    def practise(self, number: int) -> None:
        """Among the places on screen at the touch: on another card the same number is another place."""
        asked = _places(self.state)
        session = self._session
        self._enter(lambda: session.practise(number) if _places(session.state()) == asked else session.state())

    def change_activity(self, otherwise: Callable[[], None]) -> None:
        """`otherwise` when there is no other place to choose."""
        self._call(self._session.change_activity, lambda: None if self.state.phase is Phase.ACTIVITY else otherwise())

    def lock(self) -> None:
        if self.state.phase in SIGNED_IN or self.state.phase is Phase.ACTIVITY:
            self._leave(Phase.LOCKED)
            self._call(self._session.lock)

    def unlock(self) -> None:
        self._call(self._session.unlock)

    @Slot()
    def card_reset(self) -> None:
        self._call(self._session.card_reset)

    def sign_in_by(self, sign_in: Callable[[], SignedIn], after: Callable[[], None]) -> None:
        self._call(lambda: self._session.sign_in_by(sign_in), after)

    def sign_out(self, after: Callable[[], None] = lambda: None) -> None:
        self._leave(Phase.MASKED)
        self._call(self._session.sign_out, after)

    def _leave(self, phase: Phase) -> None:
        """Screen and keys at once: the worker may be busy for long, with an appli carte Vitale that is awaited."""
        self._distrust()
        self._publish(_masked(self.state, phase))
        self._session.let_go()()

    def _enter(self, call: Callable[[], SessionState]) -> None:
        if not self._entering:
            self._entering = True
            self._call(call, self._entered)

    def _entered(self) -> None:
        self._entering = False
        self.entered.emit()

    @Slot(object)
    def _handle(self, event: CardEvent) -> None:
        away = self._takes_professional_away(event)
        if event.type is CardEventType.CARD_INSERTED:
            self._kinds[event.reader] = event.kind
        if away:
            asking.end_questions()  # also what the card that left was asked for: the worker waits for the answer
            self._distrust()
            self._publish(replace(_masked(self.state, Phase.MASKED), cps_present=False))
        elif event.type is CardEventType.CARD_INSERTED and event.kind is CardKind.CPS and self.state.cps_present:
            self._distrust()  # whoever is there leaves for the other card: nothing more is typed under their name
            self._publish(replace(_masked(self.state, Phase.MASKED), notice=notices.READING))
        self._call(lambda: self._session.handle(event))
        self.card.emit(event)

    def _takes_professional_away(self, event: CardEvent) -> bool:
        """True when what left, told or not, may be the professional's card."""
        if event.type is CardEventType.SERVICE_DOWN:
            return True
        if event.type not in REMOVALS + INSTEAD:
            return False
        held = self._kinds.pop(event.reader, None)
        if self._calls == self._ended and self.state.slot not in (None, event.reader):
            return False  # the session is up to date: the card in use, if there is one, lies elsewhere
        if event.type is not CardEventType.CARD_REMOVED:
            return held is CardKind.CPS or (held is CardKind.UNKNOWN and self.state.cps_present)
        return CardKind.VITALE not in (event.kind, held)

    def _distrust(self) -> None:
        self._oldest_trusted = self._calls + 1

    def _call(self, call: Callable[[], SessionState], after: Callable[[], None] = lambda: None) -> None:
        """`after` its answer is published, or it failed; also when the answer is stale."""
        self._calls += 1
        number = self._calls

        def answered(state: SessionState) -> None:
            self._ended = number
            if number >= self._oldest_trusted:
                self._publish(state)
            after()

        def refused(error: DmpDesktopError) -> None:
            self._ended = number
            if number >= self._oldest_trusted:
                self._publish(self._session.state())  # it may have left before it failed
            self.failed.emit(error)
            after()

        self._pool.submit(call, answered, refused)

    def _publish(self, state: SessionState) -> None:
        if state != self.state:
            self.state = state
            self.changed.emit(state)


def _places(state: SessionState) -> tuple[object, ...]:
    """Which places are asked, of which card."""
    return state.activities, state.card, state.slot


def _masked(state: SessionState, phase: Phase) -> SessionState:
    """Only what the readers hold."""
    return SessionState(
        phase=phase,
        service_up=state.service_up,
        readers=state.readers,
        cps_present=state.cps_present,
        vitale_present=state.vitale_present,
        notice=state.notice,
        slot=state.slot if phase is Phase.LOCKED else None,
    )
