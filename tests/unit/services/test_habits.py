"""How a professional reads and writes: hers alone, kept whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dmp_desktop.services.habits import MAX_KEPT, Habits, HabitStore
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.preferences import PreferenceStore
from dmp_desktop.storage.sealing import Seal
from tests.helpers.outbox import KEY

DOCTOR, COLLEAGUE = "810002422979", "810003456788"


@pytest.fixture
def preferences(tmp_path: Path) -> Iterator[PreferenceStore]:
    with Database.open(tmp_path / "a.db", KEY) as database:
        yield PreferenceStore(database, Seal(KEY, "preference"))


def store(preferences: PreferenceStore, owner: str | None = DOCTOR) -> HabitStore:
    return HabitStore(preferences, lambda: owner)


def test_all_of_them_come_back(preferences: PreferenceStore) -> None:
    habits = Habits(
        ("8716-3",),
        ("10160-0",),
        ("1.2",),
        ("1.3", "1.4"),
        ("Biologie",),
        suggesting=False,
        shown=("letter:masque_ps",),
    )
    store(preferences).save(DOCTOR, habits)
    assert store(preferences).load(DOCTOR) == habits
    assert store(preferences).load(COLLEAGUE) == Habits()


def test_nobody_is_signed_in(preferences: PreferenceStore) -> None:
    store(preferences).save(None, Habits(suggesting=False))
    assert store(preferences).load(None) == Habits()
    assert store(preferences).load(DOCTOR) == Habits()


def test_what_an_earlier_version_kept(preferences: PreferenceStore) -> None:
    """Without the newer ones, and with one this version does not know."""
    preferences.put(DOCTOR, "reading_habits", {"pins": ["1.2"], "counted": None, "colour": "vert"})
    assert store(preferences).load(DOCTOR) == Habits(pins=("1.2",))


def test_only_the_last_documents_are_kept(preferences: PreferenceStore) -> None:
    seen = tuple(f"1.2.{rank}" for rank in range(MAX_KEPT + 3))
    store(preferences).save(DOCTOR, Habits(seen=seen))
    assert store(preferences).load(DOCTOR).seen == seen[3:]
