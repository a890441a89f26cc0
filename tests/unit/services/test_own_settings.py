"""What is whose among all that is chosen here, and that each person's own comes back to them alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from dmp_desktop.domain.acts import Act
from dmp_desktop.domain.people import Role
from dmp_desktop.errors import ContextError
from dmp_desktop.platform.settings import Settings
from dmp_desktop.services.acts import ActBook
from dmp_desktop.services.clinic_preferences import SharedPreferences
from dmp_desktop.services.habits import Habits
from dmp_desktop.services.own_settings import SETTINGS, OwnSettings, OwnSettingsStore, Whose
from dmp_desktop.services.session_state import SignedIn
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.journal import Journal
from dmp_desktop.storage.preferences import PreferenceStore
from dmp_desktop.storage.sealing import Seal
from tests.helpers.access_world import CABINET, DOCTOR
from tests.helpers.clock import FakeClock
from tests.helpers.outbox import AUTHOR, KEY

OTHER = "810001234567"
CHOSEN = OwnSettings("dark", 130)


class World:
    def __init__(self, folder: Path) -> None:
        self.database = Database.open(folder / "a.db", KEY)
        self.journal = Journal(self.database, Seal(KEY, "journal"), KEY)
        self.acts = ActBook(self.journal, FakeClock(), lambda: self.who.national_id if self.who else None)
        self.preferences = PreferenceStore(self.database, Seal(KEY, "preference"))
        self.who: SignedIn | None = None
        self.store = OwnSettingsStore(self.preferences, self.acts, lambda: self.who)

    def sign_in(self, role: Role = Role.DOCTOR, national_id: str = AUTHOR) -> None:
        self.who = SignedIn(DOCTOR, CABINET, role, national_id)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.acts.stop()
    world.database.close()


def test_every_setting_has_its_line() -> None:
    kept = {one.name for kind in (Settings, Habits, OwnSettings) for one in fields(kind)}
    assert kept <= set(SETTINGS), kept - set(SETTINGS)
    for kind, whose in ((Settings, Whose.WORKSTATION), (Habits, Whose.PERSON), (OwnSettings, Whose.PERSON)):
        assert {SETTINGS[one.name] for one in fields(kind)} == {whose}


@pytest.mark.parametrize("role", [Role.DOCTOR, Role.REPLACEMENT, Role.TRAINEE, Role.OTHER_PROFESSIONAL])
def test_each_person_has_their_own_and_nobody_else_s(world: World, role: Role) -> None:
    world.sign_in(role)
    world.store.save(CHOSEN)
    world.sign_in(role, OTHER)
    assert world.store.load() == OwnSettings()
    world.sign_in(role)
    assert world.store.load() == CHOSEN
    world.acts.flush()
    assert [(one.action, one.actor, one.reason, one.result) for one in world.journal.records()] == [
        (Act.SETTINGS, AUTHOR, "theme", "dark"),
        (Act.SETTINGS, AUTHOR, "text_percent", "130"),
    ]


@pytest.mark.parametrize("role", [Role.SECRETARY, Role.ADMINISTRATOR, None])
def test_who_has_none_changes_none_and_sees_as_it_was_made(world: World, role: Role | None) -> None:
    if role:
        world.sign_in(role)
    with pytest.raises(ContextError, match="role-reserved"):
        world.store.save(CHOSEN)
    assert world.store.load() == OwnSettings()
    assert world.preferences.of(AUTHOR) == {}


@pytest.mark.parametrize("kept", ["dark", {"theme": "pink", "text_percent": 7}, {"text_percent": "130"}, None, []])
def test_what_cannot_be_used_is_as_it_was_made(world: World, kept: object) -> None:
    world.sign_in()
    world.preferences.put(AUTHOR, "own_settings", kept)
    assert world.store.load() == OwnSettings()


def test_they_are_told_to_the_practice_s_other_workstations_and_the_workstation_s_are_not(world: World) -> None:
    world.sign_in()
    world.store.save(CHOSEN)
    shared = {row.name: row.values for row in SharedPreferences(world.preferences, lambda: AUTHOR).rows()}
    assert shared == {f"{AUTHOR}/own_settings": {"theme": "dark", "text_percent": 130}}
