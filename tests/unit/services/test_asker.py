"""An act that one person asked for is theirs, or nobody's: never that of who signed in while it waited or was under way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dmp_desktop.domain.consent import AccessAct, Subject
from dmp_desktop.domain.identity import Identity, StrictTraits
from dmp_desktop.domain.ins_access import Why
from dmp_desktop.domain.people import Professional, Role, Sex
from dmp_desktop.errors import CardError, DmpDesktopError
from dmp_desktop.platform.settings import Settings
from dmp_desktop.services.access_desk import AccessDesk
from dmp_desktop.services.asker import asked_by
from dmp_desktop.services.identity import IdentityService
from dmp_desktop.services.ins_accesses import InsAccessJournal
from dmp_desktop.services.sign_in import Account, SignInDesk
from dmp_desktop.services.special_words import Reason
from dmp_desktop.storage.identities import IdentityStore
from dmp_desktop.storage.ins_accesses import InsAccessStore
from dmp_desktop.storage.journal import Journal
from dmp_desktop.storage.sealing import Seal
from tests.helpers.access_world import CABINET, ModalDmp, World
from tests.helpers.identities import KEY, ScriptedInsi, found, told
from tests.helpers.outbox import PATIENT

LEA = StrictTraits("TEST-LEA", "LEA", "LEA", Sex.FEMALE, date(1997, 2, 3), "22020")


class Key:
    def close(self) -> None:
        return None


def professional(family: str, rpps: str) -> Professional:
    return Professional(rpps, family, "CLAIRE", "G15_10/SM26", suffix="DR")


def account(who: Professional) -> Account:
    return Account(who.national_id, who, CABINET, Role.DOCTOR, lambda: Key())  # type: ignore[arg-type, return-value]


A, B = account(professional("TEST-AVANT", "10002422979")), account(professional("TEST-APRES", "10002422987"))


class Place:
    """The services of a workstation that trace acts, behind a real desk, as wiring joins them."""

    def __init__(self, path: Path) -> None:
        self.world = World(path)
        self.dmp = self.world.dmp
        self.insi = ScriptedInsi(lambda _query: found(told(LEA)))
        self.desk = SignInDesk(
            [A, B],
            lambda _identity: Key(),  # type: ignore[arg-type, return-value]
            lambda *_: self.dmp,  # type: ignore[arg-type, return-value]
            lambda *_: SimpleNamespace(by_traits=self.insi.by_traits, close=lambda: None),  # type: ignore[arg-type, return-value]
        )
        self.access = AccessDesk.open(self.world.accesses, self.desk, self.world.clock, Settings())
        database, clock = self.world.database, self.world.clock
        self.journal = Journal(database, Seal(KEY, "j"), KEY)
        self.accesses = InsAccessJournal(InsAccessStore(database, Seal(KEY, "a")), clock, self.desk.actor)
        people = IdentityStore(database, Seal(KEY, "identity"), clock)
        self.identities = IdentityService(
            self.desk.insi, people, self.journal, clock, self.desk.actor, accessed=self.accesses.note_all
        )
        self.desk.sign_in(A)

    def asked(self, call: Callable[[], Any], by: Account = A) -> Callable[[], Any]:
        return asked_by(by.professional, call)

    def traced(self) -> list[tuple[AccessAct, str]]:
        return [(one.act, one.by) for one in self.access.oppositions.history(PATIENT.ins)]

    def break_glass(self) -> None:
        self.access.special.break_glass(PATIENT, Reason.IMMEDIATE_RISK)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path / "a.db")
    yield place
    place.accesses.stop()
    place.world.database.close()


def object_to_feeding(place: Place) -> None:
    place.access.oppositions.record(PATIENT, Subject.FEEDING, opposed=True)


@pytest.mark.parametrize("act", [object_to_feeding, Place.break_glass])
def test_what_begins_once_somebody_else_is_signed_in_is_refused(place: Place, act: Callable[[Place], None]) -> None:
    late = place.asked(lambda: act(place))
    place.desk.sign_in(B)
    with pytest.raises(DmpDesktopError):
        late()
    assert (place.traced(), place.dmp.asked, place.access.special.peek()) == ([], [], None)
    act(place)  # asked by nobody before: theirs who is signed in
    assert {by for _, by in place.traced()} == {B.national_id}


def test_who_asked_and_came_back_is_who_asked(place: Place) -> None:
    late = place.asked(lambda: object_to_feeding(place))
    place.desk.sign_in(B)
    place.desk.sign_in(A)
    late()
    assert place.traced() == [(AccessAct.FEEDING_OPPOSED, A.national_id)]


@pytest.mark.parametrize("question", ["administrative", "find"])
@pytest.mark.parametrize("then", [B, None])
@pytest.mark.parametrize("asked", [True, False])
def test_the_glass_is_not_broken_for_who_has_left(
    place: Place, question: str, then: Account | None, asked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The DMP answers once the doctor has left: what was begun is closed in their name, nothing opens for the next one."""
    answer = getattr(ModalDmp, question)

    def answered(*arguments: Any) -> Any:
        place.desk.sign_out()
        if then:
            place.desk.sign_in(then)
        return answer(*arguments)

    monkeypatch.setattr(ModalDmp, question, answered)
    place.dmp.told = place.dmp.told if question == "administrative" else type(place.dmp.told)(None, None)
    act = place.asked(place.break_glass) if asked else place.break_glass
    if asked or question == "find" or then is None:
        with pytest.raises(DmpDesktopError):
            act()
        assert place.access.special.peek() is None
        assert {by for _, by in place.traced()} <= {A.national_id}
        assert not place.traced() or place.traced()[0][0] is AccessAct.SPECIAL_ENDED


def test_what_insi_answers_later_is_traced_as_theirs_who_asked(place: Place) -> None:
    def answered(_query: Any) -> Any:
        place.desk.sign_in(B)
        return found(told(LEA))

    place.insi.answer = answered
    place.asked(lambda: place.identities.ask(Identity(LEA)))()
    assert place.desk.national_id() == B.national_id
    assert {record.actor for record in place.journal.records()} == {A.national_id}
    assert {one.by for one in place.accesses.accesses()} <= {A.national_id}


def test_who_asked_for_a_number_is_who_got_at_it(place: Place) -> None:
    late = place.asked(lambda: place.accesses.note(PATIENT.ins.value, Why.DISPLAY))
    place.desk.sign_in(B)
    late()
    assert [one.by for one in place.accesses.accesses()] == [A.national_id]


def test_a_document_of_somebody_else_is_not_theirs_who_asked_either(place: Place) -> None:
    place.desk.sign_in(B)
    place.asked(lambda: place.desk.may_handle(A.national_id))()
    with pytest.raises(DmpDesktopError):
        place.asked(lambda: place.desk.may_handle(B.national_id))()


def test_nothing_is_asked_with_the_keys_of_somebody_else(place: Place) -> None:
    place.desk.sign_in(B)
    seen = place.asked(lambda: (place.desk.repository(), place.desk.administration(), place.desk.retrieval()))()
    assert seen == (None, None, None)
    with pytest.raises(CardError):
        place.asked(place.desk.insi)()
    assert place.asked(place.desk.repository, B)() is place.dmp
