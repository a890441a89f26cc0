"""A card that cannot be read, or leaves while it is: what is said stays, and it is read again without throwing anybody out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from dmp_desktop.card.failures import E_READER_UNAVAILABLE, PcscError, card_failure
from dmp_desktop.domain.cards import CardEvent, CardEventType, CardKind, PublicCps, VitaleIdentity
from dmp_desktop.domain.people import Professional, Role
from dmp_desktop.errors import CardError
from dmp_desktop.services import session_notices as notices
from dmp_desktop.services.professional import told
from dmp_desktop.services.session import Phase, SignedIn
from dmp_desktop.services.session_state import NO_READER
from tests.helpers.session_desk import DUPONT, LEA, LEO, LILAS, MARTIN, PLACES, PracticeRoom

BUSY, REMOVED = told(card_failure("busy")), told(card_failure("removed"))
UNPLUGGED = told(PcscError(E_READER_UNAVAILABLE))
ALICE = Professional("10001234567", "MARTIN", "Alice", "G15_10/SM26")
ZOE = LEO.__class__("TEST-ZOE", "ZOE", "19700101", "270015145412301", 1)


@dataclass
class Room(PracticeRoom):
    """`faults` says by reader why a card cannot be read; `visits` counts how often each was asked."""

    faults: dict[str, CardError] = field(default_factory=dict)
    visits: list[str] = field(default_factory=list)

    def read_public(self, reader: str) -> PublicCps:
        self._visit(reader)
        return super().read_public(reader)

    def read(self, reader: str) -> VitaleIdentity:
        self._visit(reader)
        return super().read(reader)

    def _visit(self, reader: str) -> None:
        self.visits.append(reader)
        if reader in self.faults:
            raise self.faults[reader]

    def hold(self, reader: str, *, held: bool = True) -> None:
        """Another program takes the card for itself, or lets go of it."""
        if held:
            self.faults[reader] = card_failure("busy")
        else:
            self.faults.pop(reader)

    def unplug(self, reader: str) -> None:
        """As the watcher tells it."""
        self.pull(reader)
        self.session.handle(CardEvent(CardEventType.READER_REMOVED, reader))


@pytest.fixture
def room(tmp_path: Path) -> Room:
    room = Room(tmp_path)
    room.know(DUPONT, PLACES[0])
    room.know(MARTIN, PLACES[0])
    return room


def signed_in(room: Room) -> Room:
    room.plug("A", DUPONT)
    room.give_pin("1234")
    assert room.state.phase is Phase.READY
    return room


# Pro Santé Connect against a card


def alice(asked: list[str]) -> Callable[[], SignedIn]:
    def open_it() -> SignedIn:
        asked.append("opened")
        return SignedIn(ALICE, LILAS, Role.DOCTOR, "810001234567")

    return open_it


def test_who_agreed_elsewhere_does_not_throw_out_whose_card_has_just_gone_in(room: Room) -> None:
    room.plug("A", DUPONT)
    asked: list[str] = []
    state = room.session.sign_in_by(alice(asked))
    assert (state.phase, state.card, state.notice) == (Phase.PIN, DUPONT, notices.CARD_CAME)
    assert asked == [], "no session is opened at the DMP"
    assert room.give_pin("1234").professional.family == "DUPONT"


def test_nor_whose_record_is_open(room: Room) -> None:
    signed_in(room).plug("B", (LEA,))
    state = room.session.sign_in_by(alice([]))
    assert (state.phase, state.professional.family) == (Phase.OPEN, "DUPONT")
    assert (state.patient.birth_given, state.notice) == ("LEA", notices.CARD_CAME)


# A card that left while it was being used


def cut(room: Room, reader: str) -> None:
    """Pulled while it is read: the reading says so first, the watcher next."""
    room.faults[reader] = PcscError(0x80100069)
    room.plug(reader, DUPONT)


def test_a_card_pulled_while_it_is_read_is_told_until_something_else_happens(room: Room) -> None:
    cut(room, "A")
    assert room.state.notice == REMOVED
    assert room.pull("A").notice == REMOVED
    assert (room.state.cps_present, room.state.unread, room.state.unreadable) == (False, "", ())
    room.faults.clear()
    state = room.plug("A", DUPONT)
    assert (state.phase, state.notice) == (Phase.PIN, "")


@pytest.mark.parametrize("why", [card_failure("removed"), PcscError(E_READER_UNAVAILABLE)])
def test_a_reader_unplugged_during_a_reading_is_told_until_it_is_back(room: Room, why: CardError) -> None:
    room.session.handle(CardEvent(CardEventType.READER_ADDED, "A"))
    room.faults["A"] = why
    room.plug("A", DUPONT)
    room.unplug("A")
    assert room.state.notice == UNPLUGGED
    assert room.session.handle(CardEvent(CardEventType.READER_ADDED, "A")).notice == ""


def test_a_reader_unplugged_long_after_is_not_told_as_a_reading_that_failed(room: Room) -> None:
    cut(room, "A")
    room.pull("A")
    room.faults.clear()
    room.plug("B", DUPONT)
    room.session.handle(CardEvent(CardEventType.READER_REMOVED, "A"))
    assert (room.state.phase, room.state.notice) == (Phase.PIN, "")


@pytest.mark.parametrize("unplugged", [False, True])
def test_a_card_pulled_while_its_pin_is_checked_is_told(room: Room, unplugged: bool) -> None:
    room.plug("A", DUPONT)
    room.opener.cards[DUPONT.national_id].fault = card_failure("removed")
    room.give_pin("1234")
    if unplugged:
        room.unplug("A")
    else:
        room.pull("A")
    assert (room.state.phase, room.state.notice) == (Phase.MASKED, UNPLUGGED if unplugged else REMOVED)


def test_a_carte_vitale_pulled_while_it_is_read_is_told(room: Room) -> None:
    signed_in(room).faults["B"] = card_failure("removed")
    room.plug("B", (LEA,))
    state = room.pull("B")
    assert (state.phase, state.vitale_present, state.notice) == (Phase.READY, False, REMOVED)


def test_a_card_pulled_after_any_other_failure_needs_no_word(room: Room) -> None:
    room.hold("A")
    room.plug("A", DUPONT)
    assert room.pull("A").notice == ""


# A card that another program holds


def test_a_busy_card_is_read_once_it_is_free(room: Room) -> None:
    room.hold("A")
    state = room.plug("A", DUPONT)
    assert (state.notice, state.unread, state.busy, state.may_read_again) == (BUSY, "card.busy", True, True)
    assert room.session.look_again() == state, "nothing on screen moves while it is held"
    room.hold("A", held=False)
    state = room.session.look_again()
    assert (state.phase, state.card, state.notice, state.busy) == (Phase.PIN, DUPONT, "", False)
    assert room.opener.sent == [], "no PIN, no login"


def test_a_busy_card_that_has_gone_is_left_alone(room: Room) -> None:
    room.hold("A")
    room.plug("A", DUPONT)
    assert not room.pull("A").busy
    seen = len(room.visits)
    room.session.look_again()
    assert len(room.visits) == seen


def test_a_busy_card_that_fails_otherwise_once_free_says_so_and_is_asked_no_more(room: Room) -> None:
    room.hold("A")
    room.plug("A", DUPONT)
    room.faults["A"] = card_failure("failed")
    state = room.session.look_again()
    assert (state.notice, state.busy, state.may_read_again) == (told(card_failure("failed")), False, True)
    seen = len(room.visits)
    room.session.look_again()
    assert len(room.visits) == seen


def test_a_busy_carte_vitale_opens_the_record_once_it_is_free(room: Room) -> None:
    signed_in(room).hold("B")
    state = room.plug("B", (LEA,))
    assert (state.phase, state.notice, state.busy) == (Phase.READY, BUSY, True)
    room.hold("B", held=False)
    state = room.session.look_again()
    assert (state.phase, state.patient.birth_given, state.notice, state.busy) == (Phase.OPEN, "LEA", "", False)


def test_what_is_said_meanwhile_is_not_overwritten(room: Room) -> None:
    signed_in(room).hold("B")
    room.plug("B", (LEA,))
    room.session.present(lambda: (ZOE,))
    said = room.state.notice
    assert said not in ("", BUSY)
    assert room.session.look_again().notice == said


def test_a_second_professionals_card_throws_nobody_out_and_is_read_when_they_leave(room: Room) -> None:
    """The billing software holds another card for as long as it likes: whoever consults is not interrupted."""
    signed_in(room).hold("B")
    state = room.plug("B", MARTIN)
    assert (state.professional.family, state.notice) == ("DUPONT", BUSY)
    room.hold("B", held=False)
    assert room.session.look_again().professional.family == "DUPONT"
    room.hold("B")
    state = room.pull("A")
    assert (state.phase, state.notice, state.unread, state.busy) == (Phase.MASKED, BUSY, "card.busy", True)
    room.hold("B", held=False)
    state = room.session.look_again()
    assert (state.phase, state.card) == (Phase.PIN, MARTIN)


def test_nor_anybody_without_a_card(room: Room) -> None:
    room.hold("A")
    room.plug("A", DUPONT)
    room.session.sign_in_by(alice([]))
    room.hold("A", held=False)
    assert room.session.look_again().slot == NO_READER


def test_read_again_is_as_if_the_card_had_just_come_in(room: Room) -> None:
    room.faults["A"] = card_failure("failed")
    room.plug("A", DUPONT)
    assert room.state.may_read_again
    assert room.session.read_again().notice == told(card_failure("failed"))
    room.faults.clear()
    state = room.session.read_again()
    assert (state.phase, state.card, state.may_read_again) == (Phase.PIN, DUPONT, False)


def test_read_again_finds_the_module_that_was_missing(room: Room) -> None:
    room.opener.cards[DUPONT.national_id].fault = card_failure("module_missing")
    state = room.plug("A", DUPONT)
    assert state.pin.refused
    assert state.may_read_again
    room.opener.cards[DUPONT.national_id].fault = None
    state = room.session.read_again()
    assert (state.phase, state.pin.refused, room.opener.sent) == (Phase.PIN, False, [])


def test_read_again_throws_out_nobody_who_is_signed_in(room: Room) -> None:
    """Whoever pressed it is not the one whose card waits in the other reader."""
    room.hold("B")
    signed_in(room).plug("V", (LEA,))
    room.plug("B", MARTIN)
    room.hold("B", held=False)
    state = room.session.read_again()
    assert (state.phase, state.professional.family, state.patient.birth_given) == (Phase.OPEN, "DUPONT", "LEA")
    room.pull("A")
    assert room.session.read_again().card == MARTIN


def test_read_again_meets_a_card_once(room: Room) -> None:
    room.plug("A", DUPONT)
    room.opener.cards[DUPONT.national_id].fault = card_failure("removed")
    refused = room.give_pin("1234").pin
    room.opener.cards[DUPONT.national_id].fault = None
    room.visits.clear()
    asked = room.session.read_again().pin
    assert (room.visits, asked.question - refused.question, asked.refused) == (["A"], 1, False)


def test_read_again_with_nothing_to_read_changes_nothing(room: Room) -> None:
    state = signed_in(room).state
    assert room.session.read_again() == state
    assert not state.may_read_again


def test_a_card_of_unknown_kind_that_is_busy_is_read_too(room: Room) -> None:
    room.hold("A")
    assert room.plug("A", DUPONT, CardKind.UNKNOWN).busy
    room.hold("A", held=False)
    assert room.session.look_again().card == DUPONT


def test_a_carte_vitale_of_unknown_kind_that_is_busy_is_read_too_while_somebody_is_signed_in(room: Room) -> None:
    signed_in(room).hold("V")
    assert room.plug("V", (LEA,), CardKind.UNKNOWN).busy
    room.hold("V", held=False)
    state = room.session.look_again()
    assert (state.phase, state.patient.birth_given, state.busy, state.notice) == (Phase.OPEN, "LEA", False, "")


def test_a_professionals_card_of_unknown_kind_waits_until_they_leave(room: Room) -> None:
    signed_in(room).hold("B")
    room.plug("B", MARTIN, CardKind.UNKNOWN)
    room.hold("B", held=False)
    assert room.session.look_again().professional.family == "DUPONT"
    room.pull("A")
    assert room.session.look_again().card == MARTIN


def test_of_two_busy_cards_the_one_that_stays_is_still_told(room: Room) -> None:
    for reader, card in (("A", DUPONT), ("B", MARTIN)):
        room.hold(reader)
        room.plug(reader, card)
    state = room.pull("A")
    assert (state.notice, state.unread, state.busy, state.cps_present) == (BUSY, "card.busy", True, True)
    state = room.pull("B")
    assert (state.notice, state.unread, state.busy, state.cps_present) == ("", "", False, False)


# A question whose card has gone


def test_a_question_goes_with_its_card(room: Room) -> None:
    room.people.add(ZOE.nir)
    signed_in(room).plug("B", (LEA,))
    room.pull("B")
    assert room.plug("B", (ZOE,)).candidates == (ZOE,)
    state = room.pull("B")
    assert (state.phase, state.candidates, state.notice) == (Phase.OPEN, (), notices.QUESTION_LEFT)
    assert room.plug("B", (LEA,)).notice == ""
    room.session.choose(ZOE)
    assert room.state.patient.birth_given == "LEA"


def test_a_question_is_withdrawn_when_the_open_patient_is_presented(room: Room) -> None:
    room.people.add(ZOE.nir)
    signed_in(room).plug("B", (LEA,))
    room.plug("C", (ZOE,))
    assert room.state.phase is Phase.CHOOSING
    state = room.session.present(lambda: (LEA,))
    assert (state.phase, state.candidates) == (Phase.OPEN, ())


def test_a_question_that_no_card_asked_stays(room: Room) -> None:
    signed_in(room).plug("B", (LEA,))
    room.session.present(lambda: (LEO,))
    assert room.pull("B").candidates == (LEO,)
