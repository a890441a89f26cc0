"""A real card signs in: PIN, place of practice, lock, change of professional, and cards that leave in the middle of it."""

from __future__ import annotations

import json
import threading
import time
import weakref
from dataclasses import replace
from pathlib import Path

import pytest

from dmp_desktop.domain.access import AuthenticationMode
from dmp_desktop.domain.cards import CardEvent, CardEventType, CardKind, CardType, CpsActivity, PinState
from dmp_desktop.domain.people import Facility, Role
from dmp_desktop.errors import CardError, ContextError, DmpError
from dmp_desktop.services import presented
from dmp_desktop.services import session_notices as notices
from dmp_desktop.services.accounts import Practice, configured_practice
from dmp_desktop.services.card_accounts import card_account, role_of
from dmp_desktop.services.presented import NOT_QUALIFIED
from dmp_desktop.services.record_search import RecordSearch
from dmp_desktop.services.session import Phase, PinAsked, SessionState, SignedIn
from dmp_desktop.services.session_board import Board
from dmp_desktop.services.session_state import SIGNED_IN
from dmp_desktop.services.sign_in import Account
from dmp_desktop.wiring import open_wiring
from tests.helpers import signers
from tests.helpers.session_desk import (
    DUPONT,
    LEA,
    LEO,
    LILAS,
    MARTIN,
    PLACES,
    SOFTWARE,
    TILLEULS,
    PracticeRoom,
    card,
    patient,
)

EMPTY = (None, None, None, (), ())


@pytest.fixture
def room(tmp_path: Path) -> PracticeRoom:
    room = PracticeRoom(tmp_path)
    room.know(DUPONT, PLACES[0])
    room.know(MARTIN, *PLACES, pin="4321")
    return room


def signed_in(room: PracticeRoom) -> PracticeRoom:
    """Dr DUPONT with her only place of practice, and Léa's record."""
    room.plug("A", DUPONT)
    room.give_pin("1234")
    room.plug("B", (LEA,))
    return room


def shown(room: PracticeRoom) -> tuple[object, ...]:
    state = room.state
    return state.professional, state.patient, state.pin, state.candidates, state.activities


# PIN


def test_one_pin_one_login_and_the_only_place_is_not_asked(room: PracticeRoom) -> None:
    state = room.plug("A", DUPONT)
    assert (state.phase, state.cps_present, state.professional) == (Phase.PIN, True, None)
    assert state.pin is not None
    assert (state.pin.holder, state.pin.card_type, state.pin.said, state.pin.refused) == (
        "Camille DUPONT",
        CardType.CPS,
        "",
        False,
    )
    state = room.give_pin("1234")
    assert (state.phase, state.facility, state.role, state.pin) == (Phase.READY, LILAS, Role.DOCTOR, None)
    assert room.opener.sent == ["1234"]
    assert room.desk.current().mode is AuthenticationMode.DIRECTE  # type: ignore[union-attr]
    assert room.came == 1


def test_a_software_account_of_this_workstation_has_no_pin(room: PracticeRoom) -> None:
    assert room.plug("A", SOFTWARE).phase is Phase.READY
    assert room.opener.sent == []


def test_wrong_pins_are_told_one_by_one_until_the_card_is_locked(room: PracticeRoom) -> None:
    room.plug("A", DUPONT)
    told = []
    for pin in ("0000", "1111", "2222", "1234"):
        asked = room.give_pin(pin).pin
        assert asked is not None
        told.append((asked.state, asked.refused))
    assert told == [
        (PinState.LOW, False),
        (PinState.LAST_TRY, False),
        (PinState.LOCKED, True),
        (PinState.LOCKED, True),
    ]
    assert room.opener.sent == ["0000", "1111", "2222"], "nothing is sent to a locked card, nothing is sent twice"
    assert room.state.phase is Phase.PIN
    assert room.state.professional is None


def test_a_card_that_is_locked_or_down_to_one_try_says_so_before_any_entry(room: PracticeRoom) -> None:
    room.opener.cards[DUPONT.national_id].tries = 1
    asked = room.plug("A", DUPONT).pin
    assert asked is not None
    assert (asked.state, asked.refused) == (PinState.LAST_TRY, False)
    room.pull("A")
    room.opener.cards[DUPONT.national_id].tries = 0
    asked = room.plug("A", DUPONT).pin
    assert asked is not None
    assert (asked.state, asked.refused) == (PinState.LOCKED, True)
    assert "bloqué" in asked.said


@pytest.mark.parametrize("code", ["card.module_missing", "card.module_bits", "card.module_broken"])
def test_without_a_module_the_pin_is_not_asked(room: PracticeRoom, code: str) -> None:
    room.opener.cards[DUPONT.national_id].fault = CardError(code, "Le logiciel de la carte manque.", "Installez-le.")
    asked = room.plug("A", DUPONT).pin
    assert asked is not None
    assert (asked.refused, asked.said) == (True, "Le logiciel de la carte manque. Installez-le.")
    room.give_pin("1234")
    assert room.opener.sent == []


@pytest.mark.parametrize(
    ("code", "refused"),
    [
        ("card.busy", False),
        ("card.pin_format", False),
        ("card.pin_expired", True),
        ("card.other_card", True),
        ("card.removed", True),
        ("card.no_signature_key", True),
        ("card.pin_pad", True),
        ("card.failed", True),
        ("card.stuck", True),
        ("card.pin_unanswered", True),
    ],
)
def test_what_the_card_answers_says_whether_to_try_again(room: PracticeRoom, code: str, refused: bool) -> None:
    room.plug("A", DUPONT)
    room.opener.cards[DUPONT.national_id].fault = CardError(code, "Pas cette fois.", "Faites ceci.")
    asked = room.give_pin("1234").pin
    assert asked is not None
    assert (asked.refused, asked.said) == (refused, "Pas cette fois. Faites ceci.")


class Pin(str):
    """Text whose end can be seen."""


@pytest.mark.parametrize("digits", ["1234", "0000", "12"])
def test_the_pin_is_gone_when_the_call_is_over(room: PracticeRoom, digits: str) -> None:
    room.plug("A", DUPONT)
    pin = Pin(digits)
    seen = weakref.ref(pin)
    state = room.give_pin(pin)
    del pin
    assert seen() is None
    assert digits not in repr(state)


# Cards that move during sign-in


def test_a_pin_given_after_the_card_left_is_not_sent(room: PracticeRoom) -> None:
    room.plug("A", DUPONT)
    room.pull("A")
    state = room.give_pin("1234")
    assert (state.phase, room.opener.sent) == (Phase.MASKED, [])
    assert "remettez-la" in state.notice


def test_the_code_of_one_card_is_never_given_to_another_one(room: PracticeRoom) -> None:
    asked = room.plug("A", DUPONT).pin
    assert asked is not None
    room.plug("B", MARTIN)
    pin = room.session.give_pin("4321", asked.question).pin
    assert pin is not None
    assert (pin.holder, pin.said, room.opener.sent) == ("Camille MARTIN", notices.OTHER_CARD, [])
    assert room.give_pin("4321").phase is Phase.ACTIVITY


def test_a_card_put_back_is_asked_anew(room: PracticeRoom) -> None:
    first = room.plug("A", DUPONT).pin
    room.pull("A")
    again = room.plug("A", DUPONT).pin
    assert first is not None
    assert again is not None
    assert first.question != again.question
    assert room.session.give_pin("1234", first.question).phase is Phase.PIN
    assert room.opener.sent == []


def test_nobody_presented_is_told(room: PracticeRoom) -> None:
    before = signed_in(room).state
    assert before.patient is not None
    after = room.session.present(lambda: ())
    assert after == replace(before, notice=presented.NOBODY)


def test_a_card_pulled_while_it_checks_the_pin_ends_masked(room: PracticeRoom) -> None:
    """The removal waits for the card to answer; the answer never outlives it."""
    thinking, go_on = threading.Event(), threading.Event()

    def think() -> None:
        thinking.set()
        assert go_on.wait(60)

    room.plug("A", DUPONT)
    room.opener.during = think
    giving = threading.Thread(target=lambda: room.give_pin("1234"))
    giving.start()
    assert thinking.wait(60)
    removal = threading.Thread(target=lambda: room.pull("A"))
    removal.start()
    go_on.set()
    giving.join(60)
    removal.join(60)
    assert room.state.phase is Phase.MASKED
    assert [one.closings for one in room.opener.opened] == [1]
    assert room.desk.current() is None


def test_a_card_pulled_while_the_place_is_asked_closes_its_keys(room: PracticeRoom) -> None:
    room.plug("A", MARTIN)
    assert room.give_pin("4321").phase is Phase.ACTIVITY
    room.pull("A")
    assert room.session.practise(1).phase is Phase.MASKED
    assert [one.closings for one in room.opener.opened] == [1]
    assert shown(room) == EMPTY


def test_another_professionals_card_takes_over_the_question(room: PracticeRoom) -> None:
    room.plug("A", DUPONT)
    state = room.plug("C", MARTIN)
    assert state.pin is not None
    assert state.pin.holder == "Camille MARTIN"
    room.pull("A")
    assert room.state.phase is Phase.PIN, "the first card is not the one whose PIN is asked"
    assert room.give_pin("4321").phase is Phase.ACTIVITY


def test_a_vitale_card_that_comes_first_is_read_once_the_pin_is_good(room: PracticeRoom) -> None:
    room.plug("A", DUPONT)
    assert "identifié" in room.plug("B", (LEA,)).notice
    state = room.give_pin("1234")
    assert (state.phase, state.patient, state.notice) == (Phase.OPEN, patient(LEA), "")


# Places of practice


def test_several_places_are_asked_and_the_choice_is_remembered_on_this_workstation(room: PracticeRoom) -> None:
    room.plug("A", MARTIN)
    state = room.give_pin("4321")
    assert (state.phase, state.activities, state.suggested) == (Phase.ACTIVITY, PLACES, None)
    state = room.session.practise(3)
    assert (state.phase, state.facility) == (Phase.READY, TILLEULS)
    room.pull("A")
    room.restart()
    room.plug("A", MARTIN)
    state = room.give_pin("4321")
    assert (state.phase, state.facility) == (Phase.READY, TILLEULS)
    stored = (room.folder / "lieux.json").read_text()
    assert MARTIN.national_id not in stored
    assert "MARTIN" not in stored


def test_a_remembered_place_that_the_card_no_longer_has_is_asked_again(room: PracticeRoom) -> None:
    room.last.set(MARTIN.national_id, 7)
    room.plug("A", MARTIN)
    assert room.give_pin("4321").phase is Phase.ACTIVITY


def test_the_place_can_be_changed_without_a_pin_and_the_record_comes_back(room: PracticeRoom) -> None:
    room.last.set(MARTIN.national_id, 1)
    room.plug("A", MARTIN)
    room.give_pin("4321")
    room.plug("B", (LEA,))
    state = room.session.change_activity()
    assert (state.phase, state.suggested, state.patient, state.professional) == (Phase.ACTIVITY, 1, None, None)
    state = room.session.practise(3)
    assert (state.phase, state.facility, state.patient) == (Phase.OPEN, TILLEULS, patient(LEA))
    assert room.desk.current().facility == TILLEULS  # type: ignore[union-attr]
    assert (room.opener.sent, len(room.transports)) == (["4321"], 1), "same keys, same connection"
    room.pull("A")
    assert ([one.closings for one in room.opener.opened], room.transports[0].closings) == ([1], 1)


def test_one_place_is_nothing_to_change_and_an_unknown_number_is_no_choice(room: PracticeRoom) -> None:
    assert signed_in(room).session.change_activity().phase is Phase.OPEN
    room.pull("A")
    room.plug("A", MARTIN)
    room.give_pin("4321")
    assert room.session.practise(2).phase is Phase.ACTIVITY


def test_a_card_that_tells_no_place_practises_at_the_configured_one(room: PracticeRoom) -> None:
    room.know(DUPONT)
    room.plug("A", DUPONT)
    asked = room.give_pin("1234").pin
    assert asked is not None
    assert asked.refused
    assert "inscrire votre cabinet" in asked.said
    assert [one.closings for one in room.opener.opened] == [1], "the keys do not stay open"
    room.practice = Practice(TILLEULS, "G15_10/SM26")
    room.pull("A")
    room.plug("A", DUPONT)
    state = room.give_pin("1234")
    assert (state.phase, state.facility) == (Phase.READY, TILLEULS)
    assert state.professional is not None
    assert (state.professional.specialty, state.professional.display_name) == ("G15_10/SM26", "Dr Camille DUPONT")


def test_who_replaces_a_doctor_signs_for_themselves_at_that_doctors_place() -> None:
    """Named in the practice's file, else as the card tells how they practise (TRE_G17)."""

    def signed_in(practice: Practice | None, place: CpsActivity | None) -> Account:
        return card_account(DUPONT, place, practice, lambda: None)  # type: ignore[arg-type, return-value]

    elsewhere = CpsActivity(1, LILAS, "G15_10/SM26", "00")
    named = signed_in(Practice(TILLEULS, replacements=frozenset({DUPONT.national_id})), elsewhere)
    assert (named.role, named.facility) == (Role.REPLACEMENT, TILLEULS)
    assert (named.professional.national_id, named.professional.suffix) == (DUPONT.national_id, "DR")
    told = signed_in(None, replace(elsewhere, mode="04"))
    assert (told.role, told.facility) == (Role.REPLACEMENT, LILAS)
    assert signed_in(Practice(TILLEULS), elsewhere).role is Role.DOCTOR


@pytest.mark.parametrize("regulation", [False, True])
def test_the_workstation_tells_whether_its_cards_regulate(regulation: bool) -> None:
    practice = Practice(TILLEULS, regulation=regulation)
    assert card_account(DUPONT, None, practice, lambda: None).regulation is regulation  # type: ignore[arg-type, return-value]


def test_the_configured_specialty_is_not_given_to_another_profession(room: PracticeRoom) -> None:
    nurse = card("INFIRMIER", "10007777777", profession="Infirmier")
    room.know(nurse)
    room.practice = Practice(TILLEULS, "G15_10/SM26")
    room.plug("A", nurse)
    state = room.give_pin("1234")
    assert state.professional is not None
    assert (state.professional.specialty, state.role) == ("G15_60", Role.OTHER_PROFESSIONAL)


def test_the_file_of_the_practice(tmp_path: Path) -> None:
    file = tmp_path / "cabinet.json"
    assert configured_practice(file) is None
    facility = {"id": "410002422979001", "name": "Cabinet", "sector": "SA07", "practice_setting": "AMBULATOIRE"}
    file.write_text(json.dumps({"facility": facility, "specialty": "G15_10/SM26"}))
    assert configured_practice(file) == Practice(Facility("410002422979001", "Cabinet", "SA07"), "G15_10/SM26")
    file.write_text(json.dumps({"facility": facility}))
    assert configured_practice(file) == Practice(Facility("410002422979001", "Cabinet", "SA07"))
    file.write_text(json.dumps({"facility": facility, "cps": ["810002422979"]}))
    assert configured_practice(file) == Practice(
        Facility("410002422979001", "Cabinet", "SA07"), cps=frozenset({"810002422979"})
    )
    file.write_text(json.dumps({"facility": facility, "regulation": True}))
    assert configured_practice(file) == Practice(Facility("410002422979001", "Cabinet", "SA07"), regulation=True)
    wrongs = (
        {"regulation": "oui"},
        {"regulation": 1},
        {"specialty": "G15_99"},
        {"cps": "810002422979"},
        {"cps": ["10002422979"]},
        {"cps": [8]},
    )
    for wrong in ("{", "[]", "{}", *(json.dumps({"facility": facility} | one) for one in wrongs)):
        file.write_text(wrong)
        with pytest.raises(ContextError):
            configured_practice(file)


# Roles


@pytest.mark.parametrize(
    ("card_type", "number", "profession", "role"),
    [
        (CardType.CPS, "10002422979", "10", Role.DOCTOR),
        (CardType.CPS, "10002422979", "Médecin", Role.DOCTOR),
        (CardType.CPS, "10002422979", "60", Role.OTHER_PROFESSIONAL),
        (CardType.CPF, "10002422979", "10", Role.TRAINEE),
        (CardType.CPE, "10002422979/000012", "", Role.SECRETARY),
        (CardType.CPA, "10002422979/000012", "", Role.SECRETARY),
        (CardType.UNKNOWN, "10002422979", "10", Role.TRAINEE),
        (CardType.UNKNOWN, "10002422979", "60", Role.TRAINEE),
        (CardType.UNKNOWN, "10002422979/000012", "10", Role.SECRETARY),
        (CardType.UNKNOWN, "1000242297", "10", Role.SECRETARY),
    ],
)
def test_the_role_follows_the_card(card_type: CardType, number: str, profession: str, role: Role) -> None:
    assert role_of(card("DUPONT", number, card_type, profession)) is role


@pytest.mark.parametrize(
    ("national_id", "role"),
    [("910002422979", Role.TRAINEE), ("310002422979", Role.SECRETARY), ("9/12", Role.SECRETARY), ("", Role.SECRETARY)],
)
def test_a_card_of_unknown_type_without_rpps_is_nobodys_that_sends(national_id: str, role: Role) -> None:
    told_doctor = replace(card("DUPONT", "", CardType.UNKNOWN, "10"), national_id=national_id)
    assert role_of(told_doctor) is role
    assert role_of(told_doctor, [national_id]) is role, "only who has an RPPS number may be said to have a CPS"


@pytest.mark.parametrize("profession", ["10", "60"])
def test_a_card_that_may_be_a_trainees_sends_nothing_and_says_why(room: PracticeRoom, profession: str) -> None:
    """An intern has an RPPS number and the profession of doctor, as has a CPF whose type is not read."""
    unread = card("DUPONT", "10002422979", CardType.UNKNOWN, profession)
    room.know(unread, PLACES[0])
    room.plug("A", unread)
    state = room.give_pin("1234")
    assert (state.role, state.notice) == (Role.TRAINEE, state.doubt)
    assert "voir le guide" in state.doubt
    assert room.desk.repository() is not None, "reading is a trainee's right too"
    assert room.desk.repository_of(unread.national_id) is None
    with pytest.raises(DmpError, match="ne dit pas si c'est une CPS"):
        room.desk.may_send()
    room.plug("B", (LEA,))
    assert room.state.doubt, "as long as they are there"

    room.pull("A")
    assert room.state.doubt == ""
    room.practice = Practice(LILAS, cps=frozenset({unread.national_id}))
    room.plug("A", unread)
    state = room.give_pin("1234")
    assert (state.role, state.doubt) == (Role.DOCTOR if profession == "10" else Role.OTHER_PROFESSIONAL, "")
    room.desk.may_send()


@pytest.mark.parametrize("card_type", [CardType.CPF, CardType.CPE])
def test_what_a_card_tells_is_believed_whatever_the_workstation_says(card_type: CardType) -> None:
    told = card("DUPONT", "10002422979", card_type)
    assert role_of(told, [told.national_id]) is role_of(told)


def test_the_doubt_is_said_also_where_a_carte_vitale_is_in(room: PracticeRoom) -> None:
    unread = card("DUPONT", "10002422979", CardType.UNKNOWN, "10")
    room.know(unread, PLACES[0])
    room.plug("B", (LEA,))
    room.plug("A", unread)
    state = room.give_pin("1234")
    assert (state.phase, state.doubt != "", state.notice) == (Phase.OPEN, True, state.doubt)


def test_no_picture_is_half_made(room: PracticeRoom) -> None:
    """The window may take any of them: when an act fails, while the worker is already in the next one."""
    pictures: list[SessionState] = []

    class Watched(Board):
        def __setattr__(self, name: str, value: object) -> None:
            super().__setattr__(name, value)
            if isinstance(value, SessionState):
                pictures.append(value)

    room.session._board.__class__ = Watched
    room.know(DUPONT, *PLACES)
    room.plug("B", (LEA,))
    room.plug("A", DUPONT)
    room.give_pin("1234")
    room.session.practise(1)
    room.session.change_activity()
    room.session.practise(3)
    room.session.lock()
    room.session.unlock()
    room.give_pin("1234")
    room.pull("A")
    assert {one.phase for one in pictures} >= {*Phase} - {Phase.CHOOSING, Phase.READY}
    for one in pictures:
        assert (one.professional is not None) == (one.phase in SIGNED_IN)
        assert (one.pin is not None) == (one.phase is Phase.PIN)
        assert bool(one.activities) == (one.phase is Phase.ACTIVITY)


def test_a_card_pulled_while_its_pin_is_checked_gets_no_keys(room: PracticeRoom) -> None:
    """The watcher is heard at once; the sign-in that comes to its end afterwards opens nothing, and reads no carte Vitale."""
    out = CardEvent(CardEventType.CARD_REMOVED, "A", b"\x3b")
    room.plug("A", DUPONT)
    room.plug("B", (LEA,))
    room.opener.during = lambda: room.session.let_go(out)()
    state = room.give_pin("1234")
    assert (state.phase, room.desk.current(), room.came) == (Phase.MASKED, None, 0)
    assert [one.closings for one in room.opener.opened] == [1]
    room.opener.during = lambda: None
    assert room.session.handle(out).phase is Phase.MASKED
    room.plug("A", DUPONT)
    assert room.give_pin("1234").phase is Phase.OPEN, "the departure counts once"


def test_what_happens_in_another_reader_drops_nothing(room: PracticeRoom) -> None:
    signed_in(room)
    for kind in (CardEventType.CARD_REMOVED, CardEventType.CARD_INSERTED, CardEventType.READER_REMOVED):
        room.session.let_go(CardEvent(kind, "B"))()
    room.session.let_go(CardEvent(CardEventType.READER_ADDED, "A"))()
    assert room.desk.current() is not None


def test_a_trainee_is_told_why_nothing_leaves(room: PracticeRoom) -> None:
    trainee = card("INTERNE", "10008888888", CardType.CPF)
    room.know(trainee, PLACES[0])
    room.plug("A", trainee)
    assert room.give_pin("1234").role is Role.TRAINEE
    assert room.desk.repository() is not None
    assert room.desk.repository_of(trainee.national_id) is None
    with pytest.raises(DmpError, match="reste un brouillon"):
        room.desk.may_send()


def test_a_secretary_gets_nothing_of_what_is_in_the_records(room: PracticeRoom) -> None:
    secretary = card("SECRETAIRE", "10002422979/000012", CardType.CPE, profession="")
    room.know(secretary, CpsActivity(1, LILAS))
    room.plug("A", secretary)
    state = room.give_pin("1234")
    assert (state.role, state.professional and state.professional.specialty) == (Role.SECRETARY, "SECRETARIAT_MEDICAL")
    assert not room.desk.reads_records()
    dmp = room.desk.repository()
    assert dmp is not None
    ins = patient(LEA).ins
    for ask in (
        lambda: dmp.find(ins, None),  # type: ignore[arg-type]
        lambda: dmp.find_by_unique_id(ins, []),
        lambda: dmp.find_submissions(ins, None),  # type: ignore[arg-type]
        lambda: dmp.find_associations(ins, []),
        lambda: dmp.find_by_entry_uuid(ins, []),
        lambda: dmp.retrieve(ins, None),  # type: ignore[arg-type]
        lambda: dmp.submit(None),  # type: ignore[arg-type]
    ):
        with pytest.raises(DmpError) as refused:
            ask()
        assert refused.value.code == "ReserveAuxSoignants"
    depot = room.desk.repository_of(secretary.national_id)
    assert depot is not None
    assert room.desk.repository_of("810002422979") is None
    with pytest.raises(DmpError, match="ReserveAuxSoignants"):
        depot.find(ins, None)  # type: ignore[arg-type]


# Lock


def test_the_lock_drops_the_keys_and_the_same_professional_finds_the_record_again(room: PracticeRoom) -> None:
    state = signed_in(room).session.lock()
    assert (state.phase, state.cps_present) == (Phase.LOCKED, True)
    assert shown(room) == EMPTY
    assert room.desk.current() is None
    assert [one.closings for one in room.opener.opened] == [1]
    assert room.session.unlock().phase is Phase.PIN
    state = room.give_pin("1234")
    assert (state.phase, state.patient) == (Phase.OPEN, patient(LEA))
    assert room.opener.sent == ["1234", "1234"]


def test_a_software_account_comes_back_at_once(room: PracticeRoom) -> None:
    room.plug("A", SOFTWARE)
    room.plug("B", (LEA,))
    room.session.lock()
    assert room.software.closings == 1
    state = room.session.unlock()
    assert (state.phase, state.patient) == (Phase.OPEN, patient(LEA))


def test_a_patient_who_lost_their_number_while_it_was_locked_does_not_come_back(room: PracticeRoom) -> None:
    signed_in(room).session.lock()
    room.pull("B")
    room.people.clear()
    room.session.unlock()
    state = room.give_pin("1234")
    assert (state.phase, state.patient, state.notice) == (Phase.READY, None, NOT_QUALIFIED)


def test_another_professional_never_finds_what_was_locked(room: PracticeRoom) -> None:
    signed_in(room).session.lock()
    room.pull("B")
    room.plug("C", SOFTWARE)
    assert (room.state.phase, room.state.patient) == (Phase.READY, None)
    room.pull("C")
    room.session.unlock()
    room.pull("A")
    room.plug("A", DUPONT)
    assert room.give_pin("1234").patient is None, "their card left: nothing is kept"


def test_the_card_pulled_while_locked_forgets_the_patient(room: PracticeRoom) -> None:
    signed_in(room).session.lock()
    room.pull("B")
    assert room.pull("A").phase is Phase.MASKED
    assert room.session.unlock().phase is Phase.MASKED
    room.plug("A", DUPONT)
    assert room.give_pin("1234").patient is None


def test_the_card_pulled_while_it_is_unlocked(room: PracticeRoom) -> None:
    signed_in(room).session.lock()
    room.pull("B")
    room.session.unlock()
    assert room.pull("A").phase is Phase.MASKED
    room.plug("A", DUPONT)
    assert room.give_pin("1234").patient is None


def test_a_card_exchanged_unseen_while_locked_is_another_card(room: PracticeRoom) -> None:
    signed_in(room).session.lock()
    room.slots["A"] = SOFTWARE
    state = room.session.unlock()
    assert (state.phase, state.patient) == (Phase.READY, None)


def test_a_card_that_left_unseen_while_locked_does_not_unlock(room: PracticeRoom) -> None:
    signed_in(room).session.lock()
    del room.slots["A"]
    state = room.session.unlock()
    assert (state.phase, shown(room)) == (Phase.LOCKED, EMPTY)
    assert state.notice


def test_a_question_open_when_the_screen_locked_is_asked_again(room: PracticeRoom) -> None:
    signed_in(room)
    room.plug("C", (LEO,))
    room.pull("B")
    assert room.session.lock().candidates == ()
    room.session.unlock()
    state = room.give_pin("1234")
    assert (state.phase, state.patient, state.candidates) == (Phase.CHOOSING, patient(LEA), (LEO,))


def test_a_vitale_card_in_a_locked_room_waits(room: PracticeRoom) -> None:
    signed_in(room).session.lock()
    room.pull("B")
    assert "reprise" in room.plug("B", (LEO,)).notice
    room.session.unlock()
    state = room.give_pin("1234")
    assert (state.phase, state.patient, state.candidates) == (Phase.CHOOSING, patient(LEA), (LEO,))


def test_the_lock_while_the_place_is_asked_closes_the_keys(room: PracticeRoom) -> None:
    room.plug("A", MARTIN)
    room.give_pin("4321")
    assert room.session.lock().phase is Phase.LOCKED
    assert [one.closings for one in room.opener.opened] == [1]
    assert room.session.practise(1).phase is Phase.LOCKED


def test_nothing_to_lock(room: PracticeRoom) -> None:
    assert room.session.lock().phase is Phase.MASKED
    room.plug("A", DUPONT)
    assert room.session.lock().phase is Phase.PIN
    assert room.left == 0


# A card that another program has reset


def sign(room: PracticeRoom) -> str:
    """An act of whoever is signed in, from any thread; what it comes to."""
    with pytest.raises(CardError) as refused:
        room.identity.signature.sign_sha256(b"")
    return refused.value.code


def test_a_card_reset_by_another_program_is_asked_its_pin_again_and_the_record_comes_back(room: PracticeRoom) -> None:
    assert sign(signed_in(room)) == "card.removed"
    assert room.resets == 1
    state = room.session.card_reset()
    assert (state.phase, state.cps_present, shown(room)[:2]) == (Phase.PIN, True, (None, None))
    assert state.pin is not None
    assert state.pin.said == "Un autre logiciel a réinitialisé votre carte : entrez à nouveau votre code."
    assert (state.pin.refused, room.desk.current()) == (False, None)
    assert [one.closings for one in room.opener.opened] == [1]
    came = room.came
    state = room.give_pin("1234")
    assert (state.phase, state.patient) == (Phase.OPEN, patient(LEA))
    assert room.came == came + 1, "what waits for the card is sent"


def test_a_word_of_a_reset_that_comes_late_changes_nothing(room: PracticeRoom) -> None:
    before = signed_in(room).state
    assert room.session.card_reset() == before, "its login lives"
    former = room.identity
    room.pull("A")
    room.plug("A", DUPONT)
    room.give_pin("1234")
    with pytest.raises(CardError):
        former.signature.sign_sha256(b"")
    before = room.state
    assert room.session.card_reset() == before, "that was the login of a moment ago"
    sign(room)
    room.pull("A")
    assert room.session.card_reset().phase is Phase.MASKED


def test_a_card_that_is_gone_before_its_removal_is_told_is_not_asked_its_pin(room: PracticeRoom) -> None:
    sign(signed_in(room))
    del room.slots["A"]
    state = room.session.card_reset()
    assert (state.phase, shown(room)) == (Phase.LOCKED, EMPTY)
    assert room.pull("A").phase is Phase.MASKED


def test_the_patient_of_a_card_that_was_reset_is_not_for_somebody_else(room: PracticeRoom) -> None:
    sign(signed_in(room))
    room.session.card_reset()
    room.pull("B")
    room.plug("C", MARTIN)
    room.give_pin("4321")
    room.session.practise(1)
    assert (room.state.phase, room.state.patient) == (Phase.READY, None)


# Without a card


def by_phone(room: PracticeRoom) -> SignedIn:
    return room.desk.sign_in_with_card(SOFTWARE)


def test_without_a_card_a_professionals_card_takes_over(room: PracticeRoom) -> None:
    state = room.session.sign_in_by(lambda: by_phone(room))
    assert (state.phase, state.cps_present) == (Phase.READY, False)
    room.plug("B", (LEA,))
    state = room.plug("A", DUPONT)
    assert (state.phase, state.patient, state.professional) == (Phase.PIN, None, None)
    assert room.software.closings == 1


def test_what_is_not_granted_becomes_the_notice(room: PracticeRoom) -> None:
    def refuse() -> SignedIn:
        raise DmpError("psc.refused", "Connexion refusée.", "Recommencez.")

    signed_in(room).session.sign_out()
    state = room.session.sign_in_by(refuse)
    assert (state.phase, state.notice) == (Phase.MASKED, "Connexion refusée. Recommencez.")
    assert room.desk.current() is None


def test_without_a_card_the_lock_leads_back_to_the_ways_in_and_the_same_person_finds_the_record(
    room: PracticeRoom,
) -> None:
    room.session.sign_in_by(lambda: by_phone(room))
    room.plug("B", (LEA,))
    room.pull("B")
    assert room.session.lock().phase is Phase.LOCKED
    assert room.session.unlock().phase is Phase.MASKED
    assert room.session.sign_in_by(lambda: by_phone(room)).patient == patient(LEA)
    room.session.lock()
    room.session.unlock()
    room.plug("A", DUPONT)
    assert room.give_pin("1234").patient is None


def test_signing_out_masks_wherever_the_card_is(room: PracticeRoom) -> None:
    state = signed_in(room).session.sign_out()
    assert (state.phase, state.cps_present) == (Phase.MASKED, True)
    assert "retirez-la" in state.notice
    assert shown(room) == EMPTY
    assert [one.closings for one in room.opener.opened] == [1]
    room.session.sign_in_by(lambda: by_phone(room))
    assert room.pull("A").phase is Phase.OPEN, (
        "Léa's card is in, and nobody's session ends with a card that is not theirs"
    )


# Patients who present themselves otherwise


def test_somebody_presents_themselves_without_a_card(room: PracticeRoom) -> None:
    assert "CPS" in room.session.present(lambda: (LEA,)).notice
    room.plug("A", DUPONT)
    room.give_pin("1234")
    assert room.session.present(lambda: (LEA,)).patient == patient(LEA)
    assert room.session.present(lambda: (LEA,)).phase is Phase.OPEN
    state = room.session.present(lambda: (LEO,))
    assert (state.phase, state.patient, state.candidates) == (Phase.CHOOSING, patient(LEA), (LEO,))
    room.session.choose(None)

    def unreadable() -> tuple[()]:
        raise ContextError("datamatrix", "Ce code n'est pas un INS.", "Scannez-le à nouveau.")

    state = room.session.present(unreadable)
    assert (state.phase, state.patient, state.notice) == (
        Phase.OPEN,
        patient(LEA),
        "Ce code n'est pas un INS. Scannez-le à nouveau.",
    )


# Readers


@pytest.mark.parametrize(
    "event",
    [
        CardEvent(CardEventType.SERVICE_DOWN),
        CardEvent(CardEventType.READER_REMOVED, "A"),
        CardEvent(CardEventType.CARD_MUTE, "A"),
        CardEvent(CardEventType.CARD_INSERTED, "A", b"", CardKind.VITALE),
    ],
)
def test_a_removal_nobody_told_masks_all_the_same(room: PracticeRoom, event: CardEvent) -> None:
    signed_in(room)
    room.slots["A"] = (LEA,)
    assert room.session.handle(event).phase is Phase.MASKED
    assert shown(room) == EMPTY
    assert room.desk.current() is None


@pytest.mark.alone
def test_the_state_is_masked_within_5_ms_of_the_removal(room: PracticeRoom) -> None:
    """Whatever the keys and the connection take to close."""
    spent = []
    for _ in range(20):
        signed_in(room)
        masked: list[float] = []
        close = room.opener.opened[-1].close

        def slow(close=close, masked=masked) -> None:  # type: ignore[no-untyped-def]
            masked.append(time.perf_counter() if room.state.phase is Phase.MASKED else float("inf"))
            close()

        room.opener.opened[-1].close = slow  # type: ignore[method-assign]
        begun = time.perf_counter()
        room.pull("A")
        spent.append((masked[0] - begun) * 1000)
        room.pull("B")
    assert max(spent) < 5


# The workstation


def test_the_window_asks_the_pin_by_the_module_of_this_machine_unless_a_software_certificate_is_named(
    tmp_path: Path,
) -> None:
    environment = {"DMP_DESKTOP_HOME": str(tmp_path / "home"), "DMP_DESKTOP_IDENTITY": "pkcs11:/nulle/part.so"}
    with open_wiring(environment, ask=lambda _prompt: "une phrase de passe") as wiring:
        asked = wiring.card_desk().meet(DUPONT)
    assert isinstance(asked, PinAsked)
    assert asked.refused, "no module there, and the sandbox is not needed for a card to count"
    folder = signers.write_identity(tmp_path / "p12")
    facility = {"id": LILAS.id, "name": LILAS.name, "sector": LILAS.sector, "practice_setting": "AMBULATOIRE"}
    person = {"rpps": "10002422979", "family": "DUPONT", "given": "Camille", "specialty": "G15_10/SM26"}
    holder = {"national_id": DUPONT.national_id, "role": "doctor", "professional": person, "facility": facility}
    (folder / "holder.json").write_text(json.dumps(holder))
    environment["DMP_DESKTOP_IDENTITY"] = f"p12:{folder}"
    environment["DMP_DESKTOP_SERVER"] = "https://localhost:1"
    with (
        open_wiring(environment, ask=lambda _prompt: "une phrase de passe") as wiring,
        pytest.raises(DmpError) as refused,
    ):
        wiring.card_desk().meet(MARTIN)
    assert refused.value.code == "CarteSansCompte"


def test_a_secretary_finds_nothing_in_what_the_doctor_has_read() -> None:
    class Found:
        def search(self, *_asked: object) -> tuple[str, ...]:
            return ("trouvé",)

    for may_read, hits in ((True, ("trouvé",)), (False, ())):
        search = RecordSearch(Found(), lambda _patient, _entry: b"", lambda may=may_read: may)  # type: ignore[arg-type, misc]
        assert search.search(patient(LEA), "mot") == hits
