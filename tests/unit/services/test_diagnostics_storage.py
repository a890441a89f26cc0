"""Checks of database, disk, secrets and outbox, with a real database, a full disk, a folder that cannot be written."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import keyring
import keyring.backend
import pytest

from dmp_desktop.domain.outbox import OutboxState, WaitingFor
from dmp_desktop.errors import StorageError
from dmp_desktop.platform.keystore import KeyringKeyStore, MemoryKeyStore, PassphraseKeyStore
from dmp_desktop.platform.storage_key import KEY_NAME, storage_key
from dmp_desktop.services.diagnostics.model import Verdict
from dmp_desktop.services.diagnostics.service import _keystore, workstation
from dmp_desktop.services.diagnostics.site import Station
from dmp_desktop.services.diagnostics.storage import size_in_words
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.outbox import NewItem, OutboxStore, Outcome
from dmp_desktop.storage.subject import Subject
from tests.helpers.outbox import AUTHOR, KEY, PATIENT, open_store
from tests.helpers.stations import NOW, FixedClock, diagnose, one, station


def kept_key() -> MemoryKeyStore:
    keystore = MemoryKeyStore()
    keystore.set(KEY_NAME, KEY.hex())
    return keystore


@pytest.fixture
def where(tmp_path: Path) -> Station:
    """A data folder with a database, whose key is at hand."""
    place = station(tmp_path, keystore=kept_key)
    place.paths.create()
    Database.open(place.paths.database, KEY).close()
    return place


def spoil(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 0xFF
    path.write_bytes(content)


def test_a_sound_database_opens_and_is_left_as_it_was(where: Station) -> None:
    before = where.paths.database.read_bytes()
    told = one(where, "storage.database")
    assert (told.verdict, "intacte" in told.cause) == (Verdict.OK, True)
    assert where.paths.database.read_bytes() == before


def test_the_database_the_program_has_open_is_looked_at(where: Station) -> None:
    with Database.open(where.paths.database, KEY) as database:
        opened = replace(where, database=database, keystore=lambda: None)
        assert one(opened, "storage.database").verdict is Verdict.OK
        database.check()  # still open


def test_a_workstation_never_used(tmp_path: Path) -> None:
    fresh = station(tmp_path)
    found = diagnose(fresh, "storage.database", "storage.disk", "outbox.waiting")
    assert {result.verdict for result in found.values()} == {Verdict.OK}
    assert not fresh.paths.home.exists()  # nothing was made


@pytest.mark.parametrize(("at", "code"), [(100, "storage-damaged"), (-2000, "storage-damaged"), (3, "storage-key")])
def test_a_database_that_is_damaged(where: Station, at: int, code: str) -> None:
    spoil(where.paths.database, at)
    told = one(where, "storage.database")
    assert (told.verdict, told.code) == (Verdict.PROBLEM, code)
    assert told.action


def test_a_database_of_another_version(where: Station) -> None:
    for level, verdict in ((0, Verdict.ATTENTION), (999, Verdict.PROBLEM)):
        with Database.open_as_is(where.paths.database, KEY) as database, database.write() as connection:
            connection.exec_driver_sql(f"PRAGMA user_version = {level}")
        assert (level, one(where, "storage.database").verdict) == (level, verdict)
    with Database.open_as_is(where.paths.database, KEY) as database, database.read() as connection:
        assert connection.exec_driver_sql("PRAGMA user_version").scalar_one() == 999  # not migrated


def test_a_database_under_a_passphrase_nobody_typed(where: Station) -> None:
    locked = replace(where, keystore=lambda: None)
    found = diagnose(locked, "storage.database", "outbox.waiting")
    assert {result.verdict for result in found.values()} == {Verdict.UNVERIFIABLE}
    assert "phrase de passe" in found["storage.database"].cause


def test_a_database_whose_key_is_gone(where: Station) -> None:
    told = one(replace(where, keystore=MemoryKeyStore), "storage.database")
    assert (told.verdict, told.code) == (Verdict.PROBLEM, "storage-key-lost")
    with pytest.raises(StorageError) as at_start:
        storage_key(MemoryKeyStore(), where.paths.database)
    assert (told.cause, told.action) == (at_start.value.message_fr, at_start.value.remedy_fr)


def test_the_outbox_by_counts_alone(where: Station) -> None:
    database, store = open_store(where.paths.outbox)
    with database:
        assert one(where, "outbox.waiting").verdict is Verdict.OK
        subject = Subject(PATIENT, "Compte rendu de zézaiement", "consultation", frozenset())
        items = [
            store.add(
                NewItem(f"2.25.{number}", f"2.25.9{number}", AUTHOR, subject, b"x"), NOW - timedelta(hours=30), NOW
            )
            for number in (1, 2)
        ]
        told = one(where, "outbox.waiting")
        assert told.verdict is Verdict.ATTENTION
        assert "en attente : 2," in told.cause
        assert "30 h" in told.cause
        recent = replace(where, clock=FixedClock(NOW - timedelta(hours=20)))
        assert one(recent, "outbox.waiting").verdict is Verdict.OK
        refuse(store, items[0].id)
        told = one(where, "outbox.waiting")
        assert told.verdict is Verdict.PROBLEM
        assert told.cause.endswith(": 1.")
        assert "zaiement" not in told.cause + told.action


def test_a_data_folder_that_is_a_file(tmp_path: Path) -> None:
    """Nothing is told to be fine that could not be kept; the disk is the one to settle."""
    place = station(tmp_path)
    for file in (place.paths.home, place.paths.home.parent):
        if file.is_dir():
            place.paths.home.unlink()
            file.rmdir()
        file.write_text("")
        found = diagnose(place, "storage.disk", "storage.database", "outbox.waiting")
        assert found["storage.disk"].verdict is Verdict.PROBLEM
        waiting = (found["storage.database"], found["outbox.waiting"])
        assert {told.verdict for told in waiting} == {Verdict.UNVERIFIABLE}
        assert {told.action for told in waiting} == {"Réglez d’abord « Place sur le disque »."}


def refuse(store: OutboxStore, item_id: int) -> None:
    store.claim(item_id, "me", NOW, timedelta(minutes=5))
    store.settle({item_id: Outcome(OutboxState.REFUSED, WaitingFor.NOTHING, code="X", message="…")}, "me", NOW)


ON_A_SMALL_DISK = """
    import os, sys
    from pathlib import Path
    from tests.helpers.stations import one, station
    place = station(Path("/mnt"))
    place.paths.create()
    print(one(place, "storage.disk").verdict.value)
    try:
        with (place.paths.home / "filler").open("wb") as filler:
            while True:
                filler.write(bytes(4096))
    except OSError:
        pass
    print(one(place, "storage.disk").verdict.value, one(place, "storage.disk").cause)
"""


def in_own_mounts(mount: str, code: str) -> subprocess.CompletedProcess[str]:
    """Run Python where `mount` was done for it alone; skips where this user may not mount."""
    if subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode:
        pytest.skip("unshare -m is not allowed to this user")
    script = f"{mount} && exec {sys.executable} -c '{textwrap.dedent(code)}'"
    return subprocess.run(["unshare", "-m", "sh", "-c", script], capture_output=True, text=True, timeout=300)


def test_a_disk_nearly_full_then_full() -> None:
    told = in_own_mounts("mount -t tmpfs -o size=1m tmpfs /mnt", ON_A_SMALL_DISK)
    first, second = told.stdout.splitlines()
    assert first == "problem", told.stderr
    assert second.startswith("problem Le dossier des données ne peut pas être écrit"), told.stderr


def test_a_disk_with_little_left() -> None:
    code = ON_A_SMALL_DISK.partition("try:")[0]
    assert in_own_mounts("mount -t tmpfs -o size=600m tmpfs /mnt", code).stdout == "attention\n"


def test_a_data_folder_that_cannot_be_written() -> None:
    """Mounted read-only: root writes through any other right."""
    code = """
        from pathlib import Path
        from tests.helpers.stations import one, station
        told = one(station(Path("/mnt")), "storage.disk")
        print(told.verdict.value, told.action)
    """
    told = in_own_mounts("mount -t tmpfs tmpfs /mnt && mkdir /mnt/home && mount -o remount,ro /mnt", code)
    assert told.stdout.startswith("problem Vérifiez les droits"), told.stderr


def test_a_folder_without_rights_is_told_and_not_raised(tmp_path: Path) -> None:
    """A file where the folder should be: neither made nor replaced."""
    place = station(tmp_path)
    place.paths.home.write_text("")
    assert one(place, "storage.disk").verdict is Verdict.PROBLEM


class _Backend(keyring.backend.KeyringBackend):
    """A key store of the system, as one of those that are trusted."""

    priority = 1

    def __init__(self, forgets: bool) -> None:
        super().__init__()
        self.kept: dict[str, str] = {}
        self._forgets = forgets

    def get_password(self, service: str, username: str) -> str | None:
        return None if self._forgets else self.kept.get(username)

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[username] = password

    def delete_password(self, service: str, username: str) -> None:
        self.kept.pop(username, None)


_Backend.__module__ = "keyring.backends.SecretService.test"


@pytest.fixture
def system_keystore() -> Callable[[bool], _Backend]:
    before = keyring.get_keyring()

    def use(forgets: bool) -> _Backend:
        backend = _Backend(forgets)
        keyring.set_keyring(backend)
        return backend

    yield use
    keyring.set_keyring(before)


@pytest.mark.parametrize(("forgets", "verdict"), [(False, Verdict.OK), (True, Verdict.PROBLEM)])
def test_the_key_store_of_the_system(
    tmp_path: Path, system_keystore: Callable[[bool], _Backend], forgets: bool, verdict: Verdict
) -> None:
    backend = system_keystore(forgets)
    assert one(station(tmp_path), "storage.keystore").verdict is verdict
    assert backend.kept == {}  # nothing is left of the trial


def test_no_key_store_a_file_and_a_damaged_one(tmp_path: Path) -> None:
    assert not KeyringKeyStore.available()
    place = station(tmp_path)
    assert one(place, "storage.keystore").verdict is Verdict.ATTENTION
    place.paths.create()
    PassphraseKeyStore(place.paths.secrets, "phrase", cost=1024).set("a", "b")
    assert one(place, "storage.keystore").verdict is Verdict.OK
    place.paths.secrets.write_text("{")
    assert one(place, "storage.keystore").verdict is Verdict.PROBLEM


def test_the_key_is_had_without_a_question_or_not_at_all(tmp_path: Path) -> None:
    environment = {"DMP_DESKTOP_HOME": str(tmp_path)}
    plain = workstation(environment, station(tmp_path).cards, FixedClock())
    assert plain.keystore() is None
    secrets = replace(plain.endpoint.secrets, storage="phrase")
    given = _keystore(plain.paths, replace(plain.endpoint, secrets=secrets))
    assert isinstance(given, PassphraseKeyStore)


@pytest.mark.parametrize(
    ("size", "words"),
    [(999_999, "0 Mo"), (9_999_999_999, "9999 Mo"), (10_000_000_000, "10 Go"), (75_999_999_999, "75 Go")],
)
def test_room_in_the_unit_people_use(size: int, words: str) -> None:
    assert size_in_words(size) == words
