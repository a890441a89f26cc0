"""Who looks after the workstation comes in with a name and a code of their own, speaks to no DMP, and sees nobody."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dmp_desktop.domain.acts import Act
from dmp_desktop.domain.people import Role
from dmp_desktop.domain.roles import Task, may
from dmp_desktop.errors import CardError, ContextError, DmpError
from dmp_desktop.services.acts import ActBook
from dmp_desktop.services.administrators import TECHNICAL, Administrators
from dmp_desktop.services.by_role import GUARDS, guarded
from dmp_desktop.services.clinic_preferences import PRACTICE, SharedPreferences
from dmp_desktop.services.session import Phase
from dmp_desktop.services.session_state import SignedIn
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.journal import Journal
from dmp_desktop.storage.preferences import PreferenceStore
from dmp_desktop.storage.sealing import Seal
from tests.helpers.access_world import CABINET, DOCTOR
from tests.helpers.clock import FakeClock
from tests.helpers.outbox import AUTHOR, KEY
from tests.helpers.session_desk import LEA, LILAS, MARTIN, PLACES, PracticeRoom

FAMILY, GIVEN = "TEST-LEROY", "Aurélie"


class World:
    """The real stores, and the real desk of a practice."""

    def __init__(self, folder: Path) -> None:
        self.database = Database.open(folder / "a.db", KEY)
        self.room = PracticeRoom(folder)
        self.desk = self.room.desk
        self.journal = Journal(self.database, Seal(KEY, "journal"), KEY)
        self.acts = ActBook(self.journal, FakeClock(), self.desk.actor)
        self.desk._noted = lambda act, who, result: self.acts.note(act, actor=who, result=result)
        self.preferences = PreferenceStore(self.database, Seal(KEY, "preference"))
        self.who: SignedIn | None = SignedIn(DOCTOR, CABINET, Role.DOCTOR, AUTHOR)
        self.people = Administrators(
            self.preferences, self.acts, FakeClock(), lambda: self.who, lambda: LILAS, self.desk.sign_in
        )

    def told(self) -> list[tuple[str, str, str, str]]:
        self.acts.flush()
        return [(one.action, one.actor, one.result, one.reason) for one in self.journal.records()]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.acts.stop()
    world.database.close()


@pytest.mark.parametrize(
    "typed",
    ["TEST-LEROY Aurélie", "aurelie test leroy", "  Aurélie   TEST-LEROY "],
    ids=["as told", "bare", "turned round"],
)
def test_a_name_and_their_own_code_open_a_session_without_any_key(world: World, typed: str) -> None:
    code = world.people.name(FAMILY, GIVEN)
    assert [len(group) for group in code.split("-")] == [5] * 4
    who = world.people.sign_in(typed, code.lower().replace("-", " "))
    assert (who.role, who.national_id) == (Role.ADMINISTRATOR, f"{TECHNICAL}{FAMILY} {GIVEN}")
    assert world.desk.repository() is None
    assert world.desk.administration() is None
    assert world.desk.retrieval() is None
    assert world.desk.repository_of(who.national_id) is None
    assert not world.desk.reads_records()
    with pytest.raises(CardError):
        world.desk.insi()
    assert world.room.transports == []
    world.desk.sign_out()
    assert world.desk.current() is None
    assert world.told() == [
        (Act.ADMINISTRATOR_NAMED, "", "done", who.national_id),
        (Act.SIGN_IN, who.national_id, "administrator", ""),
        (Act.SIGN_OUT, who.national_id, "administrator", ""),
    ]


def test_who_is_not_named_or_has_another_code_stays_out_and_it_is_told_of_whom_never_what_was_typed(
    world: World,
) -> None:
    code, other = world.people.name(FAMILY, GIVEN), world.people.name("TEST-PETIT", "Jean")
    for named, typed in (
        (f"{FAMILY} {GIVEN}", other),
        ("TEST-INCONNU Paul", code),
        ("", ""),
        (f"{FAMILY} {GIVEN}", ""),
    ):
        with pytest.raises(DmpError, match="administrator-unknown"):
            world.people.sign_in(named, typed)
    assert world.desk.current() is None
    refused = [(actor, result) for action, actor, result, _ in world.told() if action == Act.SIGN_IN_REFUSED]
    known = f"{TECHNICAL}{FAMILY} {GIVEN}"
    assert refused == [
        (known, "administrator-unknown"),
        *[("", "administrator-unknown")] * 2,
        (known, "administrator-unknown"),
    ]
    assert "INCONNU" not in json.dumps(world.told())


def test_a_code_that_was_replaced_or_withdrawn_opens_nothing(world: World) -> None:
    first = world.people.name(FAMILY, GIVEN)
    second = world.people.name(FAMILY, GIVEN)
    with pytest.raises(DmpError):
        world.people.account(f"{FAMILY} {GIVEN}", first)
    assert world.people.account(f"{FAMILY} {GIVEN}", second)
    (person,) = world.people.names()
    world.people.withdraw(person)
    assert world.people.names() == ()
    assert not world.people.any()
    for typed in (first, second, ""):
        with pytest.raises(DmpError):
            world.people.account(f"{FAMILY} {GIVEN}", typed)


def test_what_is_kept_is_no_code(world: World) -> None:
    code = world.people.name(FAMILY, GIVEN)
    kept = json.dumps(world.preferences.of(PRACTICE))
    assert FAMILY in kept
    assert not [group for group in code.split("-") if group in kept]


@pytest.mark.parametrize("role", [one for one in Role if not may(one, Task.NAME_ADMINISTRATORS)])
def test_who_may_not_names_nobody(world: World, role: Role) -> None:
    world.people.name(FAMILY, GIVEN)
    (person,) = world.people.names()
    world.who = SignedIn(DOCTOR, CABINET, role, AUTHOR)
    assert world.people.refusal()
    for ask in (world.people.names, lambda: world.people.name("TEST-A", "B"), lambda: world.people.withdraw(person)):
        with pytest.raises(ContextError, match="role-reserved"):
            ask()
    world.who = None
    assert world.people.names() == (person,), "the workstation's own command line"


@pytest.mark.parametrize(("family", "given"), [("", "Paul"), ("TEST-X", ""), ("Poste 2", "Accueil"), ("X" * 61, "Y")])
def test_an_administrator_is_a_person(world: World, family: str, given: str) -> None:
    with pytest.raises(ContextError, match="administrator-name"):
        world.people.name(family, given)


def test_another_workstation_of_the_practice_knows_them(world: World) -> None:
    code = world.people.name(FAMILY, GIVEN)
    shared = SharedPreferences(world.preferences, lambda: None)
    (row,) = shared.rows()
    assert row.name.startswith(f"{PRACTICE}/")
    (known,) = (one for one in row.values.values())
    assert known["family"] == FAMILY
    assert code not in json.dumps(row.values)


class Anything:
    """Has every method, and none may be reached."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_arguments, **_named: name


@pytest.mark.parametrize("name", sorted(GUARDS))
def test_a_service_that_shows_patients_answers_no_administrator(name: str) -> None:
    """One row of the table each; the same call is answered for a secretary, and for nobody (the program itself)."""
    who: list[SignedIn | None] = [SignedIn(DOCTOR, CABINET, Role.ADMINISTRATOR, f"{TECHNICAL}X")]
    actor: list[str | None] = [f"{TECHNICAL}X"]
    services = type("Services", (), dict.fromkeys(GUARDS, Anything()))()
    there = guarded(services, lambda: who[0], lambda: actor[0])[name]
    with pytest.raises(ContextError, match="role-reserved") as refused:
        there.anything_at_all("TEST-X")
    assert "aucun dossier" in refused.value.message_fr
    for free in GUARDS[name].free:
        assert getattr(there, free)() == free
    who[0] = None
    with pytest.raises(ContextError, match="role-reserved"):
        there.anything_at_all()  # who asked has left since
    actor[0] = None
    assert there.anything_at_all() == "anything_at_all"
    who[0] = SignedIn(DOCTOR, CABINET, Role.SECRETARY, AUTHOR)
    assert there.anything_at_all() == "anything_at_all"


def test_no_patient_presents_themselves_to_an_administrator(world: World) -> None:
    code = world.people.name(FAMILY, GIVEN)
    room = world.room
    room.plug("1", (LEA,))
    state = room.session.sign_in_by(lambda: world.people.sign_in(f"{FAMILY} {GIVEN}", code))
    assert (state.phase, state.role, state.patient) == (Phase.READY, Role.ADMINISTRATOR, None)
    assert "aucun dossier" in state.notice
    state = room.session.present(lambda: (LEA,))
    assert (state.patient, state.candidates) == (None, ())
    room.pull("1")
    assert room.plug("1", (LEA,)).patient is None
    room.know(MARTIN, PLACES[0])
    assert room.plug("0", MARTIN).phase is Phase.PIN, "a doctor's card takes the place of an administrator"
    assert room.give_pin("1234").patient is not None, "and their patient's card is read at once"
    assert world.desk.national_id() == MARTIN.national_id
