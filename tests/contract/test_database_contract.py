"""What every database behind the outbox must keep: the workstation's and the clinic's."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from dmp_desktop.domain.documents import Visibility
from dmp_desktop.domain.outbox import OutboxState, WaitingFor
from dmp_desktop.errors import ContextError
from dmp_desktop.services.outbox import LEASE as SERVICE_LEASE
from dmp_desktop.storage.clinic import ClinicDatabase
from dmp_desktop.storage.outbox import NewItem, OutboxStore, Outcome
from dmp_desktop.storage.outbox_file import OutboxFile
from dmp_desktop.storage.outbox_schema import outbox, outbox_document
from dmp_desktop.storage.sealing import Seal
from dmp_desktop.storage.store import Store
from dmp_desktop.storage.subject import Subject
from tests.helpers.clock import START
from tests.helpers.outbox import AUTHOR, INS, KEY, PATIENT, built, open_database
from tests.helpers.postgres import Cluster

LEASE = timedelta(minutes=5)
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(params=["workstation", "clinic"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A file, or the address of a database."""
    return str(tmp_path / "a.db") if request.param == "workstation" else request.getfixturevalue("postgres").database()


@pytest.fixture
def database(where: str) -> Iterator[OutboxFile | ClinicDatabase]:
    with open_database(where) as database:
        yield database


@pytest.fixture
def store(database: OutboxFile | ClinicDatabase) -> OutboxStore:
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


def test_a_lot_is_claimed_once_and_whole_among_threads(store: OutboxStore) -> None:
    lot = [replace(new(number), submission_id="2.25.9", lot="2.25.9") for number in range(1, 5)]
    items = store.add_lot(lot, START, START)
    with ThreadPoolExecutor(8) as pool:
        claims = list(pool.map(lambda n: store.claim(items[n % 4].id, f"owner{n}", START, LEASE), range(16)))
    [(claimed, _)] = [claim for claim in claims if claim is not None]
    assert [item.id for item in claimed] == [item.id for item in items]
    assert len({item.updated_at for item in store.items()}) == 1


def test_a_lot_is_kept_whole_or_not_at_all(store: OutboxStore) -> None:
    store.add(new(2), START, START)
    other = replace(new(2), cda=built(2, "autre").cda)
    with pytest.raises(ContextError):
        store.add_lot([new(1), other], START, START)
    assert [item.unique_id for item in store.items()] == ["2.25.2"]


def test_a_claim_puts_in_doubt_and_tells_of_earlier_doubt(store: OutboxStore) -> None:
    item = store.add(new(1), START, START)
    claimed = store.claim(item.id, "me", START, LEASE)
    assert claimed is not None
    assert (claimed[0][0].in_doubt, claimed[1]) == (True, False)
    assert store.release(lambda owner: owner == "me", START)[0].in_doubt
    again = store.claim(item.id, "other", START, LEASE)
    assert again is not None
    assert again[1]


def test_only_the_holder_of_the_lease_settles(store: OutboxStore) -> None:
    item = store.add(new(1), START, START)
    store.claim(item.id, "me", START, LEASE)
    sent = Outcome(OutboxState.SENT, proof="urn:uuid:1")
    assert store.settle({item.id: sent}, "other", START) == []
    [settled] = store.settle({item.id: sent}, "me", START)
    assert (settled.state, settled.proof, settled.in_doubt) == (OutboxState.SENT, "urn:uuid:1", False)
    assert store.settle({item.id: Outcome(OutboxState.REFUSED)}, "me", START) == []


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


def test_a_write_that_fails_leaves_nothing(store: OutboxStore, database: Store) -> None:
    store.add(new(1), START, START)
    with pytest.raises(ZeroDivisionError), database.write() as connection:  # noqa: PT012
        connection.exec_driver_sql("DELETE FROM outbox")
        raise ZeroDivisionError
    assert len(store.items()) == 1


def test_a_lease_of_a_living_owner_lasts_and_then_ends(store: OutboxStore) -> None:
    item = store.add(new(1), START, START)
    store.claim(item.id, "alive", START, SERVICE_LEASE)

    def release(after: timedelta) -> int:
        return len(store.release(lambda _owner: False, START + after))

    assert release(timedelta(seconds=1)) == 0
    assert release(SERVICE_LEASE - timedelta(seconds=1)) == 0
    assert release(SERVICE_LEASE) == 1


def test_a_clock_set_back_by_hours_frees_a_lease(store: OutboxStore) -> None:
    item = store.add(new(1), START, START)
    store.claim(item.id, "unknown", START, SERVICE_LEASE)
    assert len(store.release(lambda _owner: False, START - timedelta(hours=3))) == 1


def test_what_a_dead_owner_held_and_another_took_meanwhile_stays_taken(store: OutboxStore) -> None:
    """Between the question and the change, the item went back and was claimed again."""
    item = store.add(new(1), START, START)
    store.claim(item.id, "dead", START, LEASE)

    def is_dead(owner: str) -> bool:
        if owner == "dead" and not taken:
            taken.append(store.release(lambda _owner: True, START))
            assert store.claim(item.id, "alive", START, LEASE)
        return owner == "dead"

    taken: list[object] = []
    assert store.release(is_dead, START) == []
    assert store.settle({item.id: Outcome(OutboxState.SENT, proof="urn:uuid:1")}, "alive", START)


def test_what_is_claimed_while_it_is_cancelled_is_one_or_the_other(store: OutboxStore) -> None:
    """Never cancelled in the list and on its way to the DMP."""
    items = [store.add(new(number), START, START) for number in range(1, 31)]

    def cancel(item_id: int) -> bool:
        try:
            store.cancel(item_id, START)
        except ContextError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        cancelled = pool.map(cancel, [item.id for item in items])
        claimed = pool.map(lambda item: store.claim(item.id, "me", START, LEASE) is not None, items)
        assert all(one != other for one, other in zip(cancelled, claimed, strict=True))


def test_one_document_added_by_several_at_once_is_one_item(store: OutboxStore) -> None:
    with ThreadPoolExecutor(8) as pool:
        added = list(pool.map(lambda _: store.add(new(1), START, START).id, range(16)))
    assert len(set(added)) == len(store.items()) == 1


def test_two_processes_fill_one_new_database_and_lose_nothing(where: str) -> None:
    """Both create it at once, then write at once: creation, migration and WAL must be safe between processes."""
    command = [sys.executable, "-W", "error", "-m", "tests.helpers.outbox_writer", where]
    children = [subprocess.Popen([*command, str(first), "40"], cwd=ROOT) for first in (1000, 2000)]
    assert [child.wait(60) for child in children] == [0, 0]
    with open_database(where) as database:
        if isinstance(database, OutboxFile):
            database.check()
        assert len(OutboxStore(database, Seal(KEY, "outbox")).items()) == 80


def test_a_claim_does_not_wait_for_who_holds_the_row(postgres: Cluster) -> None:
    with open_database(postgres.database()) as database:
        store = OutboxStore(database, Seal(KEY, "outbox"))
        items = [store.add(new(number), START, START) for number in (1, 2)]
        with database.write() as connection:
            connection.execute(sa.select(outbox).where(outbox.c.id == items[0].id).with_for_update()).one()
            assert store.claim(items[0].id, "me", START, LEASE) is None
            assert store.claim(items[1].id, "me", START, LEASE) is not None


def test_the_columns_of_the_clinic_are_those_the_program_knows(postgres: Cluster) -> None:
    with open_database(postgres.database()) as database, database.read() as connection:
        inspector = sa.inspect(connection)
        for table in (outbox, outbox_document):
            found = {column["name"]: column["nullable"] for column in inspector.get_columns(table.name)}
            assert found == {column.name: column.nullable for column in table.columns}


def test_the_server_never_sees_whom_a_document_is_about(postgres: Cluster) -> None:
    """Neither in its rows nor in its files, the write-ahead log included."""
    address = postgres.database()
    text = "TEST-CLINIQUE douleur thoracique"
    with open_database(address) as database:
        store = OutboxStore(database, Seal(KEY, "outbox"))
        item = store.add(replace(new(1), cda=built(1, text).cda), START, START)
        store.claim(item.id, "me", START, LEASE)
        refused = Outcome(OutboxState.REFUSED, message=text, remedy=text, code="outbox-test")
        store.settle({item.id: refused}, "me", START)
    postgres.administer("CHECKPOINT")
    name = address.rpartition("/")[2]
    rows = repr(postgres.administer("SELECT * FROM outbox, outbox_document", database=name))
    ((own,),) = postgres.administer(f"SELECT oid FROM pg_database WHERE datname = '{name}'")
    data = postgres.folder / "data"
    others = [
        folder for folder in (data / "base").iterdir() if folder.name != str(own)
    ]  # of other tests: seen by theirs
    of_ours = [file for file in data.rglob("*") if not any(file.is_relative_to(other) for other in others)]
    files = [file.read_bytes() for file in of_ours if file.is_file()]
    assert "outbox-test" in rows
    assert any(b"outbox-test" in file for file in files)
    secrets = ("TEST-", "MARIE", INS, AUTHOR, "thoracique", "Compte rendu", "Dolancourt")
    assert [secret for secret in secrets if secret in rows] == []
    assert [secret for secret in secrets for file in files if secret.encode() in file] == []
