"""Whatever cards, PINs, choices and locks come in whatever order: nobody sees what is not theirs, and no key stays open."""

from __future__ import annotations

import tempfile
import threading
from contextlib import suppress
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from dmp_desktop.domain.cards import Beneficiary, CardEvent, CardEventType, CardKind, PublicCps
from dmp_desktop.domain.people import Patient
from dmp_desktop.errors import CardError, DmpError
from dmp_desktop.services.session import Phase, SessionState, SignedIn
from tests.helpers.card_opener import FakeCardSession
from tests.helpers.session_desk import DUPONT, LEA, LEO, MARTIN, PLACES, SOFTWARE, PracticeRoom

READERS = st.sampled_from(["A", "B", "C"])
CARDS = st.sampled_from([DUPONT, MARTIN, SOFTWARE, (LEA,), (LEO,), (LEA, LEO)])
WHO = st.sampled_from([DUPONT, MARTIN, SOFTWARE])
PINS = st.sampled_from(["1234", "1234", "4321", "4321", "0000", "12"])
SHOWING = {Phase.READY, Phase.CHOOSING, Phase.OPEN}


def candidate(state: SessionState, index: int) -> Beneficiary | None:
    """One of those asked about, somebody of no card at all, or nobody."""
    return None if index < 0 else (*state.candidates, LEA)[min(index, len(state.candidates))]


class SessionMachine(RuleBasedStateMachine):
    """The real session and desk; `opened_for` tells for whom each record on screen was opened."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.room = PracticeRoom(Path(self.folder.name))
        self.room.know(DUPONT, PLACES[0])
        self.room.know(MARTIN, *PLACES, pin="4321")
        self.software: list[FakeCardSession] = []
        self.before = self.room.state

    def teardown(self) -> None:
        self.room.session.sign_out()
        assert all(one.closings == 1 for one in self.sessions())
        assert all(one.closings == 1 for one in self.room.transports)
        self.folder.cleanup()

    def sessions(self) -> list[FakeCardSession]:
        return self.room.opener.opened

    def owner(self) -> str | None:
        account = self.room.desk.current()
        return account.national_id if account else None

    @rule(reader=READERS, card=CARDS, unknown=st.booleans())
    def insert(self, reader: str, card: PublicCps, unknown: bool) -> None:
        self.room.plug(reader, card, CardKind.UNKNOWN if unknown else None)

    @rule(reader=READERS, who=WHO)
    def arrive(self, reader: str, who: PublicCps) -> None:
        """With their own PIN."""
        self.room.plug(reader, who)
        self.give_own_pin(who)

    def give_own_pin(self, who: PublicCps) -> None:
        if who is not SOFTWARE:
            self.room.give_pin(self.room.opener.cards[who.national_id].pin)

    @rule(reader=READERS)
    def remove(self, reader: str) -> None:
        self.room.pull(reader)

    @rule(reader=READERS)
    def remove_while_the_worker_is_busy(self, reader: str) -> None:
        """Keys go when the card does; the session follows in its turn."""
        out = CardEvent(CardEventType.CARD_REMOVED, reader, b"\x3b")
        held = self.room.state.slot == reader
        self.room.slots.pop(reader, None)
        self.room.session.let_go(out)()
        assert not (held and self.owner())
        self.room.session.give_pin("1234", self.room.state.pin.question if self.room.state.pin else 0)
        self.room.session.practise(1)
        assert not (held and self.owner())
        self.room.session.handle(out)
        for thread in [one for one in threading.enumerate() if one.name == "card-left"]:
            thread.join()

    @rule(reader=READERS)
    def vanish_untold(self, reader: str) -> None:
        self.room.slots.pop(reader, None)

    @rule(event=st.sampled_from([CardEventType.SERVICE_DOWN, CardEventType.SERVICE_UP]))
    def service(self, event: CardEventType) -> None:
        if event is CardEventType.SERVICE_DOWN:
            self.room.slots.clear()
        self.room.session.handle(CardEvent(event))

    @rule(reader=READERS)
    def mute(self, reader: str) -> None:
        self.room.slots.pop(reader, None)
        self.room.session.handle(CardEvent(CardEventType.CARD_MUTE, reader))

    @rule(pin=PINS)
    def give_pin(self, pin: str) -> None:
        """One login at most, and only while it is asked."""
        sent, asked, card = len(self.room.opener.sent), self.room.state.pin, self.room.state.card
        broken = (
            card is not None and card is not SOFTWARE and self.room.opener.cards[card.national_id].fault is not None
        )
        state = self.room.give_pin(pin)
        useful = asked is not None and not asked.refused and len(pin) == 4 and not broken
        assert len(self.room.opener.sent) - sent == useful
        if asked is None:
            assert state.phase is self.before.phase

    @rule(number=st.integers(0, 4))
    def practise(self, number: int) -> None:
        self.room.session.practise(number)

    @rule()
    def change_activity(self) -> None:
        self.room.session.change_activity()

    @rule(index=st.integers(-1, 2))
    def choose(self, index: int) -> None:
        self.room.session.choose(candidate(self.room.state, index))

    @rule()
    def close_patient(self) -> None:
        self.room.session.close_patient()

    @rule(person=st.sampled_from([LEA, LEO]))
    def present(self, person: object) -> None:
        self.room.session.present(lambda: (person,))  # type: ignore[arg-type, return-value]

    @rule()
    def lock(self) -> None:
        self.room.session.lock()

    @rule()
    def unlock(self) -> None:
        self.room.session.unlock()

    @rule()
    def reset(self) -> None:
        """Another program resets the card, which an act of whoever is signed in finds out."""
        if self.room.desk.current():
            with suppress(CardError):
                self.room.identity.signature.sign_sha256(b"")
        self.room.session.card_reset()

    @rule(granted=st.booleans())
    def sign_in_by(self, granted: bool) -> None:
        def come() -> SignedIn:
            if not granted:
                raise DmpError("psc.refused", "Connexion refusée.")
            return self.room.desk.sign_in_with_card(SOFTWARE)

        self.room.session.sign_in_by(come)

    @rule(asked=st.booleans())
    def read_once_more(self, asked: bool) -> None:
        """No PIN is sent by it."""
        sent = len(self.room.opener.sent)
        _ = self.room.session.read_again() if asked else self.room.session.look_again()
        assert len(self.room.opener.sent) == sent

    @rule()
    def sign_out(self) -> None:
        self.room.session.sign_out()

    @rule(who=st.sampled_from([DUPONT, MARTIN]), broken=st.booleans())
    def break_module(self, who: PublicCps, broken: bool) -> None:
        fault = CardError("card.module_broken", "Le logiciel de la carte ne répond pas.", "Réinstallez-le.")
        self.room.opener.cards[who.national_id].fault = fault if broken else None

    @invariant()
    def nothing_of_a_patient_without_a_professional(self) -> None:
        state = self.room.state
        assert (state.phase in SHOWING) == (state.professional is not None)
        if state.phase not in SHOWING:
            assert (state.patient, state.candidates, state.facility, state.role) == (None, (), None, None)
        assert (state.phase is Phase.OPEN) <= (state.patient is not None)
        assert (state.phase is Phase.CHOOSING) == bool(state.candidates)
        assert (state.phase is Phase.PIN) == (state.pin is not None)
        assert (state.phase is Phase.ACTIVITY) == bool(state.activities)

    @invariant()
    def who_is_on_screen_is_who_holds_the_keys(self) -> None:
        professional = self.room.state.professional
        if professional:
            assert professional.national_id == self.owner()
        elif self.room.state.phase is not Phase.ACTIVITY:
            assert self.owner() is None

    @invariant()
    def keys_are_open_for_one_sign_in_at_most(self) -> None:
        still_open = [one for one in self.sessions() if not one.closings]
        assert all(one.closings <= 1 for one in self.sessions())
        assert all(one.closings <= 1 for one in self.room.transports)
        assert len(still_open) <= (self.room.state.phase in SHOWING | {Phase.ACTIVITY})

    @invariant()
    def a_record_never_passes_from_one_professional_to_another(self) -> None:
        """A record comes on screen by a carte Vitale, a choice or a person; else it is back, for who had it."""
        before, now = self.before, self.room.state
        if now.professional and before.professional and now.professional != before.professional:
            assert now.patient is None or self.is_in(now.patient)
        self.before = now

    def is_in(self, patient: Patient) -> bool:
        cards = (card for card in self.room.slots.values() if isinstance(card, tuple))
        return any(person.nir == patient.ins.value for card in cards for person in card)


class KeptRecord(SessionMachine):
    """The same without cartes Vitale in the readers: a record that comes back after a lock is its professional's own."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: dict[str, set[str]] = {}

    @rule(who=WHO)
    def come_back(self, who: PublicCps) -> None:
        """The screen locks, cards are exchanged and nobody tells, the screen is unlocked."""
        self.room.session.lock()
        self.room.slots = dict.fromkeys(self.room.slots, who)
        self.room.session.unlock()
        self.give_own_pin(who)
        self.room.session.practise(1)

    @rule(reader=READERS, card=WHO, unknown=st.booleans())
    def insert(self, reader: str, card: PublicCps, unknown: bool) -> None:
        self.room.plug(reader, card, CardKind.UNKNOWN if unknown else None)

    @rule(person=st.none())
    def present(self, person: object) -> None:
        """Somebody who was never there."""
        self.room.people.add(nir := f"2850351{len(self.room.people):06d}00")
        someone = Beneficiary("TEST-NOUVEAU", "ANNE", "19850312", nir, 1)
        self.saw(self.room.session.present(lambda: (someone,)))

    @rule(reader=READERS)
    def remove(self, reader: str) -> None:
        """Whose card leaves has nothing to come back to."""
        before = self.room.state.phase
        if self.room.pull(reader).phase is Phase.MASKED and before is not Phase.MASKED:
            self.seen.clear()

    @rule(index=st.integers(-1, 2))
    def choose(self, index: int) -> None:
        self.saw(self.room.session.choose(candidate(self.room.state, index)))

    def saw(self, state: SessionState) -> None:
        if state.professional and state.patient:
            self.seen.setdefault(state.professional.rpps, set()).add(state.patient.ins.value)

    @invariant()
    def only_who_opened_it_sees_it(self) -> None:
        state = self.room.state
        if state.professional and state.patient:
            assert state.patient.ins.value in self.seen.get(state.professional.rpps, set())


MANY = settings(max_examples=60, stateful_step_count=40, deadline=None)
SessionMachine.TestCase.settings = KeptRecord.TestCase.settings = MANY
TestSession = SessionMachine.TestCase
TestKeptRecord = KeptRecord.TestCase
