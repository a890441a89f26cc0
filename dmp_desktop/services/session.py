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

from dmp_desktop.domain.cards import Beneficiary, CardEvent, CardEventType, CardKind, PublicCps
from dmp_desktop.domain.people import Patient
from dmp_desktop.domain.ports import PatientDirectory, ProfessionalCard, VitaleReader
from dmp_desktop.errors import CardError, DmpDesktopError
from dmp_desktop.services import presented
from dmp_desktop.services import session_notices as notices
from dmp_desktop.services.professional import Desk, after_refusal, told
from dmp_desktop.services.readers import Readers, probe
from dmp_desktop.services.session_state import (
    NO_READER,
    SIGNED_IN,
    Phase,
    PinAsked,
    PlacesAsked,
    SessionState,
    SignedIn,
)

__all__ = ["Phase", "PinAsked", "PlacesAsked", "Session", "SessionState", "SignedIn"]


class Session:
    """Turns card events and the professional's acts into states. All methods but `state` do card I/O: one worker at a time.

    `came` is told once someone has signed in, `left` once their keys are gone (and the screen is masked).
    """

    def __init__(
        self,
        vitale: VitaleReader,
        cps: ProfessionalCard,
        directory: PatientDirectory,
        desk: Desk,
        came: Callable[[], None] = lambda: None,
        left: Callable[[], None] = lambda: None,
    ) -> None:
        self._vitale = vitale
        self._cps = cps
        self._directory = directory
        self._desk = desk
        self._came = came
        self._left = left
        self._state = SessionState()
        self._readers = Readers()
        self._reader: str | None = None  # whose card is being or is signed in, NO_READER without one, None: nobody
        self._in_use: PublicCps | None = None  # the card of `_reader`
        self._questions = 0
        self._who = ""  # national identifier of whoever is signed in
        self._kept: tuple[str, Patient | None] | None = None  # whose session is locked, and their patient
        self._work = threading.Lock()

    def state(self) -> SessionState:
        """The present state; never waits."""
        return self._state

    # Cards

    def handle(self, event: CardEvent) -> SessionState:
        """Follow one event of the watcher. Errors become the notice: a reader must never stop the doctor."""
        with self._work:
            match event.type:
                case CardEventType.SERVICE_UP:
                    self._set(service_up=True, notice="")
                case CardEventType.SERVICE_DOWN:
                    for reader in self._readers.names():
                        self._removed(reader)
                    self._set(service_up=False, notice=notices.NO_SERVICE)
                case CardEventType.READER_ADDED:
                    self._set(readers=(*self._state.readers, event.reader))
                case CardEventType.READER_REMOVED:
                    self._removed(event.reader)
                    self._set(readers=tuple(name for name in self._state.readers if name != event.reader))
                case CardEventType.CARD_MUTE:
                    self._removed(event.reader)
                    self._set(notice=notices.MUTE)
                case CardEventType.CARD_INSERTED:
                    self._removed(event.reader)  # whatever lay there has gone, told or not
                    self._telling(lambda: self._inserted(event.reader, event.kind or CardKind.UNKNOWN))
                case CardEventType.CARD_REMOVED:
                    self._removed(event.reader)
            return self._state

    def _inserted(self, reader: str, kind: CardKind) -> None:
        self._readers.put(reader, kind)
        if kind is CardKind.UNKNOWN:
            kind = probe(reader, self._cps, self._vitale)
            self._readers.put(reader, kind)
        if kind is CardKind.CPS:
            self._meet(reader)
        else:
            self._set(vitale_present=True, notice="")
            self._look_at_vitale()

    def _removed(self, reader: str) -> None:
        kind = self._readers.take(reader)
        if reader == self._reader:
            self._leave()
        elif kind is CardKind.CPS:
            notice = "" if self._state.phase is Phase.MASKED else self._state.notice
            self._set(cps_present=self._readers.hold(CardKind.CPS), unread="", notice=notice)
        elif kind is not None:
            self._set(vitale_present=self._readers.hold(CardKind.VITALE), notice="")

    # Sign-in

    def _meet(self, reader: str) -> None:
        """Begin with the card of `reader`. Whoever was there leaves first, as if their card had: nothing is mixed."""
        card = self._public(reader)
        if self._reader is not None and reader != self._reader:
            self._leave()
        self._set(cps_present=True)
        met = self._desk.meet(card)
        self._reader, self._in_use = reader, card
        if isinstance(met, PinAsked):
            self._questions += 1
            self._set(
                phase=Phase.PIN,
                pin=replace(met, question=self._questions),
                card=card,
                slot=reader,
                unread="",
                notice="",
            )
        else:
            self._signed_in(met)

    def _public(self, reader: str) -> PublicCps:
        try:
            return self._cps.read_public(reader)
        except CardError as error:
            self._set(unread=error.code)
            raise

    def give_pin(self, pin: str, question: int) -> SessionState:
        """Try the PIN once. What the card answers is in `state().pin`, or the sign-in goes on. Nothing keeps it afterwards.

        `question` is the `PinAsked` that was on screen: the code of one card is never given to another one.
        """
        with self._work:
            asked, card = self._state.pin, self._in_use
            if asked is None or card is None:  # it left while the PIN was typed
                if self._state.phase is Phase.MASKED:
                    self._set(notice=notices.CARD_LEFT)
                return self._state
            if asked.refused:
                return self._state
            if question != asked.question:
                self._set(pin=replace(asked, said=notices.OTHER_CARD))
                return self._state
            try:
                entered = self._desk.enter(card, pin)
            except DmpDesktopError as error:
                self._set(pin=after_refusal(asked, error))
                return self._state
            finally:
                del pin  # this frame may outlive its call, in the traceback of an exception
            if isinstance(entered, PlacesAsked):
                self._ask_place(entered)
            else:
                self._telling(lambda: self._signed_in(entered))
            return self._state

    def practise(self, number: int) -> SessionState:
        """Practise at the place of this number."""
        with self._work:
            if number in (place.number for place in self._state.activities):
                try:
                    who = self._desk.practise(number)
                except DmpDesktopError as error:
                    self._leave()
                    self._set(notice=told(error))
                else:
                    self._telling(lambda: self._signed_in(who))
            return self._state

    def change_activity(self) -> SessionState:
        """Ask again where the professional practises; nothing changes when the card knows one place."""
        with self._work:
            if self._state.phase in SIGNED_IN and (places := self._desk.places()):
                self._keep()
                self._ask_place(places)
            return self._state

    def sign_in_by(self, sign_in: Callable[[], SignedIn]) -> SessionState:
        """Sign in without a card. Whoever was there leaves first."""
        with self._work:
            if self._reader is not None:
                self._leave()
            self._telling(lambda: self._came_without_card(sign_in()))
            return self._state

    def sign_out(self) -> SessionState:
        """Leave, wherever the card is."""
        with self._work:
            self._leave()
            return self._state

    def lock(self) -> SessionState:
        """Nobody uses the workstation: keys are dropped, the patient is kept for the same professional."""
        with self._work:
            self._lock()
            return self._state

    def unlock(self) -> SessionState:
        """Begin again with the card that is still in; without one, back to the ways of signing in."""
        with self._work:
            self._unlock()
            return self._state

    def card_reset(self) -> SessionState:
        """Another program may have reset the card: its PIN is asked again if so, and the patient kept as over a lock."""
        with self._work:
            if self._desk.lost():
                self._lock()
                self._unlock()
                if (asked := self._state.pin) and not asked.said:
                    self._set(pin=replace(asked, said=notices.RESET))
            return self._state

    def _lock(self) -> None:
        if self._state.phase in SIGNED_IN:
            self._keep()
        if self._state.phase in SIGNED_IN or self._state.phase is Phase.ACTIVITY:
            self._mask(Phase.LOCKED)
            self._drop()

    def _unlock(self) -> None:
        if self._state.phase is Phase.LOCKED and self._reader == NO_READER:
            self._reader = None
            self._mask(Phase.MASKED)
        elif self._state.phase is Phase.LOCKED and self._reader is not None:
            reader = self._reader
            self._telling(lambda: self._meet(reader))

    def _came_without_card(self, who: SignedIn) -> None:
        self._reader = NO_READER
        self._signed_in(who)

    def _ask_place(self, places: PlacesAsked) -> None:
        self._mask(Phase.ACTIVITY)
        self._set(activities=places.activities, suggested=places.suggested)

    def _signed_in(self, who: SignedIn) -> None:
        """Their patient again if they were the one who locked; then the carte Vitale that waits, if there is one."""
        kept, self._kept = self._kept, None
        patient = kept[1] if kept and who.national_id and kept[0] == who.national_id else None
        self._who = who.national_id
        self._mask(Phase.OPEN if patient else Phase.READY)
        self._set(professional=who.professional, facility=who.facility, role=who.role, patient=patient)
        self._came()
        self._look_at_vitale()

    def _keep(self) -> None:
        """Remember the patient before masking. A question that was open is asked again afterwards."""
        self._kept = (self._who, self._state.patient)
        if self._state.phase is Phase.CHOOSING:
            self._readers.wait_again()

    def _leave(self) -> None:
        """Mask first, then let go of the keys: the screen must not wait for a connection to close."""
        self._kept = self._reader = self._in_use = None
        self._readers.wait_again()
        self._mask(Phase.MASKED)
        if self._state.cps_present:
            self._set(notice=notices.STILL_IN)
        self._drop()

    def _drop(self) -> None:
        self._who = ""
        self._desk.sign_out()
        self._left()

    def _mask(self, phase: Phase) -> None:
        """Only what the readers hold stays."""
        state = self._state
        self._state = SessionState(
            phase=phase,
            service_up=state.service_up,
            readers=state.readers,
            cps_present=self._readers.hold(CardKind.CPS),
            vitale_present=self._readers.hold(CardKind.VITALE),
            card=self._in_use,
            slot=self._reader,
        )

    # Patient

    def choose(self, person: Beneficiary | None) -> SessionState:
        """Open the record of one of the candidates; with None, keep what was open.

        Somebody of a card that was read before is not opened: the list on screen had changed when it was touched.
        """
        with self._work:
            candidates = self._state.candidates
            if not candidates:
                return self._state
            if person is None:
                self._state = presented.stayed(self._state)
            elif person in candidates:
                self._telling(lambda: self._opened(person))
            else:
                self._set(notice=notices.OTHER_PEOPLE)
            return self._state

    def close_patient(self) -> SessionState:
        """Close the record without touching the cards."""
        with self._work:
            if self._state.phase in SIGNED_IN:
                self._state = presented.closed(self._state)
            return self._state

    def present(self, find: Callable[[], tuple[Beneficiary, ...]]) -> SessionState:
        """Somebody presented themselves without a carte Vitale: `find` tells who, or raises DmpDesktopError with why not."""
        with self._work:
            if self._state.phase not in SIGNED_IN:
                self._set(notice=notices.NOBODY_SIGNED_IN)
            else:
                self._telling(lambda: self._shown(find()))
            return self._state

    def _look_at_vitale(self) -> None:
        """Read the carte Vitale that waits, as soon as somebody may open it. Raises CardError."""
        if self._state.phase not in SIGNED_IN:
            if self._readers.waiting is not None:
                self._set(notice=notices.VITALE_WAITS[self._state.phase])
        elif (reader := self._readers.taken()) is not None:
            read = self._vitale.read(reader)
            self._shown(read.beneficiaries)
            if " " in read.source and not self._state.notice:  # a sentence: another reading than usual was needed
                self._set(notice=read.source)

    def _opened(self, person: Beneficiary) -> None:
        self._state = presented.opened(self._state, person, self._directory.match)

    def _shown(self, people: tuple[Beneficiary, ...]) -> None:
        self._state = presented.shown(self._state, people, self._directory.match)

    def _telling(self, act: Callable[[], None]) -> None:
        try:
            act()
        except DmpDesktopError as error:
            self._set(notice=told(error))

    def _set(self, **changes: object) -> None:
        self._state = replace(self._state, **changes)  # type: ignore[arg-type]
