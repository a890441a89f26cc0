"""What every database behind the outbox must keep: the workstation's today, the clinic's when it comes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from dmp_desktop.domain.documents import Visibility
from dmp_desktop.domain.outbox import OutboxState, WaitingFor
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.outbox import NewItem, OutboxStore, Outcome
from dmp_desktop.storage.sealing import Seal
from dmp_desktop.storage.subject import Subject
from tests.helpers.clock import START
from tests.helpers.outbox import AUTHOR, KEY, PATIENT, built

LEASE = timedelta(minutes=5)
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with Database.open(tmp_path / "a.db", KEY) as database:
        yield database


@pytest.fixture
def store(database: Database) -> OutboxStore:
    return OutboxStore(database, Seal(KEY, "outbox"))


def new(number: int) -> NewItem:
    subject = Subject(PATIENT, "Compte rendu", "consultation", frozenset({Visibility.INVISIBLE_PATIENT}))
    return NewItem(f"2.25.{number}", f"2.25.9{number}", AUTHOR, subject, built(number).cda)


def test_an_item_comes_back_as_it_went_in(store: OutboxStore) -> None:
    added = store.add(new(1), START, START)
    assert store.get(added.id) == store.items()[0] == added
    assert added.patient == PATIENT
    assert added.visibility == {Visibility.INVISIBLE_PATIENT}
    assert added.created_at == START
    assert store.document(added.id) == built(1).cda


def test_one_item_is_claimed_once_among_threads(store: OutboxStore) -> None:
    item = store.add(new(1), START, START)
    with ThreadPoolExecutor(8) as pool:
        claims = list(pool.map(lambda n: store.claim(item.id, f"owner{n}", START, LEASE), range(16)))
    assert sum(claim is not None for claim in claims) == 1


def test_a_claim_puts_in_doubt_and_tells_of_earlier_doubt(store: OutboxStore) -> None:
    item = store.add(new(1), START, START)
    claimed = store.claim(item.id, "me", START, LEASE)
    assert claimed is not None
    assert (claimed[0].in_doubt, claimed[1]) == (True, False)
    assert store.release(lambda owner: owner == "me", START)[0].in_doubt
    again = store.claim(item.id, "other", START, LEASE)
    assert again is not None
    assert again[1]


def test_only_the_holder_of_the_lease_settles(store: OutboxStore) -> None:
    item = store.add(new(1), START, START)
    store.claim(item.id, "me", START, LEASE)
    sent = Outcome(OutboxState.SENT, proof="urn:uuid:1")
    assert store.settle(item.id, "other", sent, START) is None
    settled = store.settle(item.id, "me", sent, START)
    assert settled is not None
    assert (settled.state, settled.proof, settled.in_doubt) == (OutboxState.SENT, "urn:uuid:1", False)
    assert store.settle(item.id, "me", Outcome(OutboxState.REFUSED), START) is None


def test_due_gives_the_oldest_of_each_author(store: OutboxStore) -> None:
    for number in (1, 2, 3):
        store.add(new(number), START, START + timedelta(seconds=number))
    assert store.due(START) == []
    assert store.next_due(START) == START + timedelta(seconds=1)
    assert store.due(START + timedelta(seconds=2)) == [(AUTHOR, 1)]
    assert store.next_due(START + timedelta(seconds=3)) is None


def test_waiting_for_the_card_is_told_once(store: OutboxStore) -> None:
    store.add(new(1), START, START)
    assert [item.waiting_for for item in store.await_card(AUTHOR, START)] == [WaitingFor.CARD]
    assert store.await_card(AUTHOR, START) == []


def test_a_write_that_fails_leaves_nothing(store: OutboxStore, database: Database) -> None:
    store.add(new(1), START, START)
    with pytest.raises(ZeroDivisionError), database.write() as connection:  # noqa: PT012
        connection.exec_driver_sql("DELETE FROM outbox")
        raise ZeroDivisionError
    assert len(store.items()) == 1


def test_two_processes_fill_one_new_database_and_lose_nothing(tmp_path: Path) -> None:
    """Both create it at once, then write at once: creation, migration and WAL must be safe between processes."""
    writer = Path(__file__).parents[1] / "helpers" / "outbox_writer.py"
    command = [sys.executable, "-W", "error", str(writer), str(tmp_path / "a.db")]
    children = [
        subprocess.Popen([*command, str(first), "40"], cwd=ROOT, env={"PYTHONPATH": str(ROOT)})
        for first in (1000, 2000)
    ]
    assert [child.wait(60) for child in children] == [0, 0]
    with Database.open(tmp_path / "a.db", KEY) as database:
        database.check()
        assert len(OutboxStore(database, Seal(KEY, "outbox")).items()) == 80
