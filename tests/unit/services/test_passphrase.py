"""Another passphrase for the workstation: who may, what is refused, what the journal keeps; the former one stays until the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from dmp_desktop.domain.acts import Act
from dmp_desktop.domain.people import Role
from dmp_desktop.errors import ContextError, StorageError
from dmp_desktop.platform.keystore import PassphraseKeyStore
from dmp_desktop.services.acts import ActBook
from dmp_desktop.services.passphrase import LEAST, PassphraseDesk, Strength, strength
from dmp_desktop.services.session_state import SignedIn
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.journal import Journal
from dmp_desktop.storage.sealing import Seal
from tests.helpers.clock import FakeClock
from tests.helpers.outbox import AUTHOR, KEY
from tests.helpers.session_desk import DUPONT, LILAS

FORMER, COMING = "l'ancienne phrase", "quatre mots sans rapport"


@dataclass
class World:
    path: Path
    desk: PassphraseDesk
    journal: Journal
    store: PassphraseKeyStore
    who: SignedIn | None = None
    alone: bool = True

    def opens(self, passphrase: str) -> bool:
        try:
            return PassphraseKeyStore(self.path, passphrase).get("a") == "b"
        except StorageError:
            return False

    def acts(self) -> list[tuple[str, str]]:
        return [(one.action, one.result) for one in self.journal.records()]


@contextmanager
def workstation(folder: Path) -> Iterator[World]:
    """With a real journal and a real file of secrets."""
    database = Database.open(folder / "a.db", KEY)
    journal = Journal(database, Seal(KEY, "journal"), KEY)
    acts = ActBook(journal, FakeClock(), lambda: AUTHOR)
    store = PassphraseKeyStore(folder / "s.json", FORMER, cost=1 << 10)
    store.set("a", "b")
    desk = PassphraseDesk(store, lambda: made.alone, acts, lambda: made.who)
    made = World(folder / "s.json", desk, journal, store)
    yield made
    acts.stop()
    database.close()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with workstation(tmp_path) as made:
        yield made


def test_it_is_changed_and_told_to_the_journal_without_a_word_of_it(world: World) -> None:
    world.desk.change(FORMER, COMING, COMING)
    assert (world.opens(FORMER), world.opens(COMING), world.store.get("a")) == (False, True, "b")
    assert world.acts() == [(Act.PASSPHRASE_CHANGED, "done")]


@pytest.mark.parametrize(
    ("former", "coming", "again", "code"),
    [
        (FORMER, COMING, COMING + " ", "passphrase-differs"),
        (FORMER, "trop court", "trop court", "passphrase-short"),
        (FORMER, FORMER, FORMER, "passphrase-same"),
        ("pas la bonne", COMING, COMING, "passphrase"),
    ],
)
def test_what_is_refused_changes_nothing(world: World, former: str, coming: str, again: str, code: str) -> None:
    with pytest.raises(ContextError) as refused:
        world.desk.change(former, coming, again)
    assert refused.value.code == code
    assert "rien n'a été changé" in refused.value.message_fr
    assert refused.value.remedy_fr
    assert not {former, coming} & set(refused.value.told_fr.split())
    assert (world.opens(FORMER), world.opens(COMING)) == (True, False)
    assert world.acts() == ([(Act.PASSPHRASE_CHANGED, "passphrase")] if code == "passphrase" else [])


def test_another_program_that_knows_the_former_one_bars_it(world: World) -> None:
    world.alone = False
    with pytest.raises(ContextError, match="passphrase-others"):
        world.desk.change(FORMER, COMING, COMING)
    assert world.opens(FORMER)


@pytest.mark.parametrize("role", [Role.REPLACEMENT, Role.TRAINEE, Role.SECRETARY])
def test_it_is_for_who_may_change_the_workstation(world: World, role: Role) -> None:
    world.who = SignedIn(DUPONT, LILAS, role)
    assert world.desk.refusal()
    with pytest.raises(ContextError, match="role-reserved"):
        world.desk.change(FORMER, COMING, COMING)
    world.who = SignedIn(DUPONT, LILAS, Role.DOCTOR)
    assert world.desk.refusal() == ""
    world.desk.change(FORMER, COMING, COMING)
    assert world.opens(COMING)


@pytest.mark.parametrize(
    ("passphrase", "told"),
    [
        ("", Strength.SHORT),
        ("x" * (LEAST - 1), Strength.SHORT),
        ("aaaaaaaaaaaaaaaa", Strength.WEAK),
        ("123456789012345", Strength.WEAK),
        ("abababababababab", Strength.WEAK),
        ("girafe violet", Strength.FAIR),
        ("quatre mots sans rapport", Strength.GOOD),
        ("k7#Qz!m2Xp9$Lw4vRt8&Yc", Strength.GOOD),
    ],
)
def test_how_strong_it_is(passphrase: str, told: Strength) -> None:
    assert strength(passphrase) is told
