"""Who is in front of the screen: from a professional's card, its PIN and their place of practice to the keys, and back.

Called by one worker at a time (services.session), `let_go` from any thread.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from dmp_desktop.domain.cards import CardEvent, CardEventType, PublicCps
from dmp_desktop.domain.people import Patient
from dmp_desktop.domain.ports import ProfessionalCard
from dmp_desktop.errors import CardError, DmpDesktopError
from dmp_desktop.services import session_notices as notices
from dmp_desktop.services.presented import NOT_QUALIFIED, Match, as_read
from dmp_desktop.services.professional import Desk, after_refusal, told
from dmp_desktop.services.readers import CARD_BUSY, LEFT
from dmp_desktop.services.session_board import Board
from dmp_desktop.services.session_state import BUSY, NO_READER, SIGNED_IN, Phase, PinAsked, PlacesAsked, SignedIn

_DEPARTURES = frozenset(
    {
        CardEventType.CARD_REMOVED,
        CardEventType.READER_REMOVED,
        CardEventType.CARD_MUTE,
        CardEventType.CARD_INSERTED,  # whatever lay there has gone, told or not
    }
)


class Presence:
    """`came` is told once someone has signed in, then `arrived`; `left` once their keys are gone (and the screen is masked).
    `match` tells whether the patient of who locked may still be open."""

    def __init__(
        self,
        board: Board,
        cps: ProfessionalCard,
        desk: Desk,
        came: Callable[[], None],
        left: Callable[[], None],
        arrived: Callable[[], None],
        match: Match,
    ) -> None:
        self._board = board
        self._cps = cps
        self._desk = desk
        self._came = came
        self._left = left
        self._arrived = arrived
        self._match = match
        self.reader: str | None = None  # whose card is being or is signed in, NO_READER without one, None: nobody
        self._in_use: PublicCps | None = None  # the card of `reader`
        self._questions = 0
        self._who = ""  # national identifier of whoever is signed in
        self._kept: tuple[str, Patient | None] | None = None  # whose session is locked, and their patient
        self._departures: Counter[str] = Counter()  # by reader, from `let_go` until the worker follows
        self._counting = threading.Lock()

    # The card leaves while the worker is busy

    def let_go(self, event: CardEvent | None) -> Callable[[], None] | None:
        """No key signs any more if the card in use may have left; what is returned drops them, and may wait. Else None.

        Without an event, whoever is there leaves. A sign-in under way with that card ends without keys: it looks at `gone` once
        it has them.
        """
        if event is None:
            return self._desk.let_go() if self.reader is not None else None
        if event.type not in _DEPARTURES:
            return None
        with self._counting:
            self._departures[event.reader] += 1
        return self._desk.let_go() if event.reader == self.reader else None

    def follow(self, event: CardEvent) -> None:
        """The worker has come to this event."""
        if event.type in _DEPARTURES:
            with self._counting:
                self._departures[event.reader] = max(0, self._departures[event.reader] - 1)

    @property
    def gone(self) -> bool:
        """Whether the card in use may have left, which the worker has not been told yet."""
        reader = self.reader
        return reader is not None and self._departures[reader] > 0

    # Sign-in

    def meet(self, reader: str) -> None:
        """Begin with the card of `reader`. Whoever was there leaves first, as if their card had: nothing is mixed."""
        card = self._public(reader)
        if self.reader is not None and reader != self.reader:
            self.leave()
        self._board.set(cps_present=True)
        former = self.reader, self._in_use
        self.reader, self._in_use = reader, card  # known before the keys are: this card may leave while it is met
        try:
            met = self._desk.meet(card)
        except DmpDesktopError:
            self.reader, self._in_use = former
            raise
        if isinstance(met, PinAsked):
            self._questions += 1
            asked = replace(met, question=self._questions)
            self._board.set(phase=Phase.PIN, pin=asked, card=card, slot=reader, unread="", notice="")
        else:
            self._entered(met)

    def _public(self, reader: str) -> PublicCps:
        try:
            card = self._cps.read_public(reader)
        except CardError as error:
            self._board.readers.unread[reader] = error.code
            self._board.set(unread=error.code)
            raise
        self._board.readers.unread.pop(reader, None)
        return card

    def give_pin(self, pin: str, question: int) -> None:
        """Try the PIN once, if it answers the `PinAsked` that was on screen: the code of one card is never given to another."""
        asked, card = self._board.state.pin, self._in_use
        if asked is None or card is None:  # it left while the PIN was typed
            if self._board.state.phase is Phase.MASKED:
                self._board.set(notice=notices.CARD_LEFT)
            return
        if asked.refused or self.gone:
            return
        if question != asked.question:
            self._board.set(pin=replace(asked, said=notices.OTHER_CARD))
            return
        try:
            entered = self._desk.enter(card, pin)
        except DmpDesktopError as error:
            if error.code in LEFT:
                self._cut_short()
            self._board.set(pin=after_refusal(asked, error))
            return
        finally:
            del pin  # this frame may outlive its call, in the traceback of an exception
        self._board.telling(lambda: self._entered(entered))

    def practise(self, number: int) -> None:
        if number in (place.number for place in self._board.state.activities):
            try:
                who = self._desk.practise(number)
            except DmpDesktopError as error:
                self.leave()
                self._board.set(notice=told(error))
            else:
                self._board.telling(lambda: self._entered(who))

    def change_activity(self) -> None:
        if self._board.state.phase in SIGNED_IN and (places := self._desk.places()):
            self._keep()
            self._entered(places)

    def sign_in_by(self, sign_in: Callable[[], SignedIn]) -> None:
        """Without a card. Whoever was there without one leaves first; whose card came in meanwhile stays, and is told."""
        if self.reader not in (None, NO_READER):
            self._board.set(notice=notices.CARD_CAME)
            return
        if self.reader is not None:
            self.leave()
        self._board.telling(lambda: self._come_without_card(sign_in()))

    def _come_without_card(self, who: SignedIn) -> None:
        self.reader = NO_READER
        self._entered(who)

    def _entered(self, outcome: SignedIn | PlacesAsked) -> None:
        if self.gone:
            self._cut_short()
            self.leave()
        elif isinstance(outcome, PlacesAsked):
            self._mask(Phase.ACTIVITY, activities=outcome.activities, suggested=outcome.suggested)
        else:
            self._signed_in(outcome)

    def _signed_in(self, who: SignedIn) -> None:
        """Their patient again if they were the one who locked, and the patient is still qualified."""
        kept, self._kept = self._kept, None
        before = kept[1] if kept and who.national_id and kept[0] == who.national_id else None
        patient, lost = self._still(before) if before else (None, "")
        self._who = who.national_id
        self._mask(
            Phase.OPEN if patient else Phase.READY,
            professional=who.professional,
            facility=who.facility,
            role=who.role,
            patient=patient,
            doubt=who.doubt,
            notice=who.doubt or lost or who.notice,
        )
        self._came()
        self._arrived()
        if not self._board.state.notice:  # a carte Vitale was read, which leaves none
            self._board.set(notice=who.doubt or who.notice)

    def _still(self, patient: Patient) -> tuple[Patient | None, str]:
        """A patient as known now; else nobody, and why: their identity may have been withdrawn while the session was locked."""
        try:
            now = self._match(as_read(patient))
        except DmpDesktopError as error:
            return None, told(error)
        return now, "" if now else NOT_QUALIFIED

    # Leaving

    def lock(self) -> None:
        if self._board.state.phase in SIGNED_IN:
            self._keep()
        if self._board.state.phase in SIGNED_IN or self._board.state.phase is Phase.ACTIVITY:
            self._mask(Phase.LOCKED)
            self._drop()

    def unlock(self) -> None:
        if self._board.state.phase is Phase.LOCKED and self.reader == NO_READER:
            self.reader = None
            self._mask(Phase.MASKED)
        elif self._board.state.phase is Phase.LOCKED and self.reader is not None:
            reader = self.reader
            self._board.telling(lambda: self.meet(reader))

    def card_reset(self) -> None:
        if self._desk.lost():
            self.lock()
            self.unlock()
            if (asked := self._board.state.pin) and not asked.said:
                self._board.set(pin=replace(asked, said=notices.RESET))

    def leave(self) -> None:
        """Mask first, then let go of the keys: the screen must not wait for a connection to close."""
        self._kept = self.reader = self._in_use = None
        self._board.readers.wait_again()
        self._mask(Phase.MASKED)
        if self._board.state.cps_present:
            busy = self._board.state.unread == BUSY
            self._board.set(notice=CARD_BUSY if busy else notices.STILL_IN)
        self._drop()

    def _cut_short(self) -> None:
        """The card in use left while it was asked something: its removal, once it is told, says so."""
        if self.reader:
            self._board.readers.unread[self.reader] = "card.removed"

    def _keep(self) -> None:
        """Remember the patient before masking. A question that was open is asked again afterwards."""
        self._kept = (self._who, self._board.state.patient)
        if self._board.state.phase is Phase.CHOOSING:
            self._board.readers.wait_again()

    def _drop(self) -> None:
        self._who = ""
        self._desk.sign_out()
        self._left()

    def _mask(self, phase: Phase, **changes: object) -> None:
        self._board.mask(phase, self._in_use, self.reader, **changes)
