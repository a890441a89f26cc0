"""Who is in front of the screen and which patient is open: follows the cards, never decides alone.

    phase      card in            card out   PIN          place     lock    unlock           Vitale in
    MASKED     PIN | READY        MASKED     -            -         -       as card in       told, read after sign-in
    PIN        PIN of the other   MASKED     PIN | ACTIVITY | READY | OPEN   -  -            told, read after sign-in
    ACTIVITY   PIN of the other   MASKED     -            READY | OPEN  LOCKED  -            told, read after sign-in
    LOCKED     PIN of the other   MASKED     -            -         -       PIN | READY | OPEN   told, read after sign-in
    READY …    PIN of the other   MASKED     -            (change) ACTIVITY  LOCKED  -       OPEN | CHOOSING

"Card" is the professional's one: "in" is READY at once where it asks no PIN, and whoever was signed in leaves first, as if
their own card had been pulled. "Card out" of another card than the one signed in changes nothing. A card that another program
has reset is locked and unlocked. The patient is kept over LOCKED and ACTIVITY, out of sight, for the same professional only.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TypeVar

from dmp_desktop.domain import roles
from dmp_desktop.domain.cards import Beneficiary, CardEvent, CardEventType, CardKind
from dmp_desktop.domain.ports import PatientDirectory, ProfessionalCard, VitaleReader
from dmp_desktop.domain.roles import Task
from dmp_desktop.errors import CardError, DmpDesktopError
from dmp_desktop.services import presented
from dmp_desktop.services import session_notices as notices
from dmp_desktop.services.presence import Presence
from dmp_desktop.services.professional import Desk, told
from dmp_desktop.services.readers import CARD_REMOVED, LEFT, READER_REMOVED, probe
from dmp_desktop.services.session_board import Board
from dmp_desktop.services.session_state import BUSY, SIGNED_IN, Phase, PinAsked, PlacesAsked, SessionState, SignedIn

__all__ = ["Phase", "PinAsked", "PlacesAsked", "Session", "SessionState", "SignedIn"]

_REMOVALS = frozenset({CardEventType.CARD_REMOVED, CardEventType.READER_REMOVED})
_Read = TypeVar("_Read")


class Session:
    """Turns card events and the professional's acts into states. All methods but `state` and `let_go` do card I/O, one at a time.

    `came` is told once someone has signed in, `left` once their keys are gone (and the screen is masked). `stop_reading` ends
    what is being read from a carte Vitale, as far as it can be.
    """

    def __init__(
        self,
        vitale: VitaleReader,
        cps: ProfessionalCard,
        directory: PatientDirectory,
        desk: Desk,
        came: Callable[[], None] = lambda: None,
        left: Callable[[], None] = lambda: None,
        *,
        stop_reading: Callable[[], None] = lambda: None,
    ) -> None:
        self._vitale = vitale
        self._cps = cps
        self._directory = directory
        self._board = Board()
        self._readers = self._board.readers
        self._presence = Presence(self._board, cps, desk, came, left, self._look_at_vitale, directory.match)
        self._stop_reading = stop_reading
        self._asking: str | None = None  # the reader of the carte Vitale that a choice is asked of
        self._cut = ""  # the reader whose card left while it was being used: nothing else has happened since
        self._work = threading.Lock()

    def state(self) -> SessionState:
        """The present state; never waits."""
        return self._board.state

    # Cards

    def let_go(self, event: CardEvent | None = None) -> Callable[[], None]:
        """Before `handle`, or `lock` and `sign_out` (no event); from any thread, never waits. If the card in use may have left,
        or who is there leaves, its keys sign nothing any more from now on, whatever the worker is busy with. To be called then,
        in any case: what is returned begins, on a thread of its own, to end a reading, log out and disconnect.
        """
        close = self._presence.let_go(event)
        if close is None:
            return lambda: None
        return threading.Thread(target=self._end, args=(close,), name="card-left", daemon=True).start

    def _end(self, close: Callable[[], None]) -> None:
        self._stop_reading()
        close()

    def handle(self, event: CardEvent) -> SessionState:
        """Follow one event of the watcher. Errors become the notice: a reader must never stop the doctor."""
        with self._work:
            self._presence.follow(event)
            match event.type:
                case CardEventType.SERVICE_UP:
                    self._board.set(service_up=True, notice="")
                case CardEventType.SERVICE_DOWN:
                    for reader in self._readers.names():
                        self._removed(reader)
                    self._board.set(service_up=False, notice=notices.SERVICE_DOWN.get(event.why, notices.NO_SERVICE))
                case CardEventType.READER_ADDED:
                    self._board.set(readers=(*self.state().readers, event.reader))
                    if self.state().notice == READER_REMOVED:
                        self._board.set(notice="")
                case CardEventType.READER_REMOVED:
                    self._removed(event.reader)
                    self._board.set(readers=tuple(name for name in self.state().readers if name != event.reader))
                    if self._cut == event.reader:
                        self._board.set(notice=READER_REMOVED)
                case CardEventType.CARD_MUTE:
                    self._removed(event.reader)
                    self._board.set(notice=notices.MUTE)
                case CardEventType.CARD_INSERTED:
                    self._removed(event.reader)  # whatever lay there has gone, told or not
                    self._board.telling(lambda: self._inserted(event.reader, event.kind or CardKind.UNKNOWN))
                case CardEventType.CARD_REMOVED:
                    self._removed(event.reader)
            if event.reader != self._cut or event.type not in _REMOVALS:
                self._cut = ""
            return self._told()

    def _inserted(self, reader: str, kind: CardKind) -> None:
        why = self._readers.unread.get(reader)
        self._readers.put(reader, kind)
        if kind is CardKind.UNKNOWN:
            kind = self._reading(reader, lambda: probe(reader, self._cps, self._vitale))
            self._readers.put(reader, kind)
        if kind is CardKind.CPS and why and self._presence.reader not in (None, reader):
            self._readers.unread[reader] = why  # read again, it throws nobody out: it is met once they have left
        elif kind is CardKind.CPS:
            self._presence.meet(reader)
        else:
            self._board.set(vitale_present=True, notice="")
            self._look_at_vitale()

    def _reading(self, reader: str, read: Callable[[], _Read]) -> _Read:
        """Keeps why the card of `reader` could not be read. Raises CardError as `read`."""
        try:
            return read()
        except CardError as error:
            self._readers.unread[reader] = error.code
            raise

    def read_again(self) -> SessionState:
        """« Réessayer »: the cards that could not be read, or whose PIN could not be asked, as if they had just come in."""
        return self._done(self._read_again)

    def look_again(self) -> SessionState:
        """Unasked, the cards that another program held. Whoever is signed in stays; what is said changes once a card is free."""
        return self._done(self._look_again)

    def _read_again(self) -> None:
        pin, reader, unread = self.state().pin, self._presence.reader, [*self._readers.unread]
        for one in unread:
            self._board.telling(partial(self._inserted, one, self._readers.kind(one)))
        if reader and reader not in unread and pin and pin.refused:
            self._board.telling(lambda: self._presence.meet(reader))

    def _look_again(self) -> None:
        for reader in [one for one, code in self._readers.unread.items() if code == BUSY]:
            before = self.state()
            if reader == self._presence.reader:
                continue  # locked: whose session it is asks for it
            try:
                self._inserted(reader, self._readers.kind(reader))
            except DmpDesktopError as error:
                if self._readers.unread.get(reader) == BUSY:
                    self._board.state = before
                else:
                    self._board.set(notice=told(error))

    def _removed(self, reader: str) -> None:
        if self._readers.unread.get(reader) in LEFT:
            self._cut = reader
        kind = self._readers.take(reader)
        if reader == self._presence.reader:
            self._presence.leave()
        elif kind is CardKind.CPS:
            unread = self._readers.unread_professional()
            notice = self.state().notice if unread or self.state().phase is not Phase.MASKED else ""
            self._board.set(cps_present=self._readers.hold(CardKind.CPS), unread=unread, notice=notice)
        elif kind is not None:
            self._board.set(vitale_present=self._readers.hold(CardKind.VITALE), notice="")
            if reader == self._asking and self.state().phase is Phase.CHOOSING:
                self._board.state = replace(presented.stayed(self.state()), notice=notices.QUESTION_LEFT)
        if reader == self._cut and kind is not None:
            self._board.set(notice=CARD_REMOVED)

    # Who is there

    def give_pin(self, pin: str, question: int) -> SessionState:
        """Try the PIN once. What the card answers is in `state().pin`, or the sign-in goes on. Nothing keeps it afterwards.

        `question` is the `PinAsked` that was on screen: the code of one card is never given to another one.
        """
        try:
            with self._work:
                self._presence.give_pin(pin, question)
                return self._told()
        finally:
            del pin  # this frame may outlive its call, in the traceback of an exception

    def practise(self, number: int) -> SessionState:
        """Practise at the place of this number."""
        return self._done(lambda: self._presence.practise(number))

    def change_activity(self) -> SessionState:
        """Ask again where the professional practises; nothing changes when the card knows one place."""
        return self._done(self._presence.change_activity)

    def sign_in_by(self, sign_in: Callable[[], SignedIn]) -> SessionState:
        """Sign in without a card. Whoever was there leaves first."""
        return self._done(lambda: self._presence.sign_in_by(sign_in))

    def sign_out(self) -> SessionState:
        """Leave, wherever the card is."""
        return self._done(self._presence.leave)

    def lock(self) -> SessionState:
        """Nobody uses the workstation: keys are dropped, the patient is kept for the same professional."""
        return self._done(self._presence.lock)

    def unlock(self) -> SessionState:
        """Begin again with the card that is still in; without one, back to the ways of signing in."""
        return self._done(self._presence.unlock)

    def card_reset(self) -> SessionState:
        """Another program may have reset the card: its PIN is asked again if so, and the patient kept as over a lock."""
        return self._done(self._presence.card_reset)

    # Patient

    def choose(self, person: Beneficiary | None) -> SessionState:
        """Open the record of one of the candidates; with None, keep what was open.

        Somebody of a card that was read before is not opened: the list on screen had changed when it was touched.
        """
        return self._done(lambda: self._choose(person))

    def close_patient(self) -> SessionState:
        """Close the record without touching the cards."""
        return self._done(self._close_patient)

    def present(self, find: Callable[[], tuple[Beneficiary, ...]]) -> SessionState:
        """Somebody presented themselves without a carte Vitale: `find` tells who, or raises DmpDesktopError with why not."""
        return self._done(lambda: self._present(find))

    def _choose(self, person: Beneficiary | None) -> None:
        candidates = self.state().candidates
        if not candidates:
            return
        if person is None:
            self._board.state = presented.stayed(self.state())
        elif person in candidates:
            self._board.telling(lambda: self._opened(person))
        else:
            self._board.set(notice=notices.OTHER_PEOPLE)

    def _close_patient(self) -> None:
        if self.state().phase in SIGNED_IN:
            self._board.state = presented.closed(self.state())

    def _present(self, find: Callable[[], tuple[Beneficiary, ...]]) -> None:
        if self.state().phase not in SIGNED_IN:
            self._board.set(notice=notices.NOBODY_SIGNED_IN)
        elif why := self._barred():
            self._board.set(notice=why)
        else:
            self._board.telling(lambda: self._shown(find()))
            self._asking = None

    def _look_at_vitale(self) -> None:
        """Read the carte Vitale that waits, as soon as somebody may open it. Raises CardError."""
        if self.state().phase not in SIGNED_IN:
            if self._readers.waiting is not None:
                self._board.set(notice=notices.VITALE_WAITS[self.state().phase])
        elif why := self._barred():
            if self._readers.waiting is not None:
                self._board.set(notice=why)  # not even read
        elif (reader := self._readers.taken()) is not None:
            read = self._reading(reader, lambda: self._vitale.read(reader))
            self._readers.unread.pop(reader, None)
            self._shown(read.beneficiaries)
            self._asking = reader
            if " " in read.source and not self.state().notice:  # a sentence: another reading than usual was needed
                self._board.set(notice=read.source)

    def _barred(self) -> str:
        """Why no patient presents themselves to who is signed in, in French; empty where they may."""
        role = self.state().role
        return roles.refusal(role, Task.SEE_PATIENTS) if role else ""

    def _opened(self, person: Beneficiary) -> None:
        self._board.state = presented.opened(self.state(), person, self._directory.match)

    def _shown(self, people: tuple[Beneficiary, ...]) -> None:
        """Nobody's record is opened for who has left meanwhile."""
        if not self._presence.gone:
            self._board.state = presented.shown(self.state(), people, self._directory.match)

    def _done(self, act: Callable[[], None]) -> SessionState:
        """One act in its turn."""
        with self._work:
            act()
            return self._told()

    def _told(self) -> SessionState:
        self._board.tell_unread()
        return self.state()
