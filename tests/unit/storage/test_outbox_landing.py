"""A new document lands in one row and is taken in before anybody looks: nothing is lost, doubled or seen in two forms."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from time import monotonic
from types import FrameType
from typing import Any

import pytest
import sqlalchemy as sa

from dmp_desktop.domain.outbox import OutboxState, WaitingFor
from dmp_desktop.errors import ContextError, StorageError
from dmp_desktop.storage import database, outbox_file, outbox_landing
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.inspection import outbox_counts
from dmp_desktop.storage.outbox import OutboxStore, Outcome
from dmp_desktop.storage.outbox_file import OutboxFile
from dmp_desktop.storage.outbox_landing import MOST
from dmp_desktop.storage.rebuild import rebuild
from dmp_desktop.storage.sealing import Seal
from tests.helpers.clock import START
from tests.helpers.outbox import AUTHOR, KEY, PATIENT, built
from tests.helpers.station_files import Station, new

SEAL = Seal(KEY, "outbox")


@contextmanager
def opened(path: Path) -> Iterator[tuple[OutboxFile, OutboxStore]]:
    with OutboxFile.of(path) as file:
        yield file, OutboxStore(file, SEAL)


def on_disk(file: Database) -> tuple[int, int, int]:
    """Rows of `landing`, `outbox` and `outbox_document`, nothing taken in."""
    with Database.read(file) as connection:
        landing, rows, documents = (
            connection.execute(sa.text(f"SELECT count(*) FROM {name}")).scalar_one()
            for name in ("landing", "outbox", "outbox_document")
        )
    return landing, rows, documents


def whole(store: OutboxStore, count: int) -> None:
    items = store.items()[::-1]
    assert [item.unique_id for item in items] == [f"2.25.{number}" for number in range(1, count + 1)]
    assert [item.id for item in items] == list(range(1, count + 1))
    assert [store.document(item.id) for item in items] == [built(number).cda for number in range(1, count + 1)]


def test_a_new_document_is_one_row_until_somebody_looks(tmp_path: Path) -> None:
    with opened(tmp_path / "a.db") as (file, store):
        kept = store.add_lot([replace(new(number), lot="2.25.91") for number in (1, 2)], START, START)
        assert on_disk(file) == (2, 0, 0)
        assert store.items() == kept[::-1]
        assert on_disk(file) == (0, 2, 2)
        assert store.add(new(3), START, START).id == 3
        assert store.claim(3, "me", START, timedelta(minutes=5)) is not None, "who writes takes it in too"
        assert on_disk(file) == (0, 3, 3)
        whole(store, 3)


def test_a_number_is_never_given_again(tmp_path: Path) -> None:
    with opened(tmp_path / "a.db") as (_file, store):
        for number in (1, 2):
            store.add(new(number), START, START)
            store.cancel(number, START)
            assert store.purge(START + timedelta(days=1)) == 1
        assert [store.add(new(number), START, START).id for number in (3, 4)] == [3, 4]


def test_what_is_parked_or_refused_as_it_comes_lands_too(tmp_path: Path) -> None:
    with opened(tmp_path / "a.db") as (file, store):
        for number, state in ((1, OutboxState.WAITING), (2, OutboxState.REFUSED)):
            barred = Outcome(state, WaitingFor.OPPOSITION, code="c", message="Non.", remedy="Si.")
            kept = store.add(new(number), START, START, barred)
            assert on_disk(file)[0] == 1
            assert store.named(kept.unique_id) == kept
            assert (kept.state, kept.message) == (state, "Non.")


def test_what_has_landed_is_known(tmp_path: Path) -> None:
    with opened(tmp_path / "a.db") as (file, store):
        kept = store.add(new(1), START, START)
        assert on_disk(file) == (1, 0, 0)
        assert store.add(new(1), START, START) == kept
        store.add(new(2), START, START)
        with pytest.raises(ContextError, match="outbox-duplicate"):
            store.add(replace(new(2), cda=b"other"), START, START)
        whole(store, 2)


def test_never_much_has_landed(tmp_path: Path) -> None:
    """Nobody looks for as long as many documents come in: each is looked for among few."""
    with opened(tmp_path / "a.db") as (file, store):
        landed = []
        for number in range(1, 3 * MOST):
            assert store.add(new(number), START, START).id == number
            landed.append(on_disk(file)[0])
        assert max(landed) == MOST
        whole(store, 3 * MOST - 1)


def test_another_process_takes_in_what_one_has_kept(tmp_path: Path) -> None:
    with opened(tmp_path / "a.db") as (_one, store), opened(tmp_path / "a.db") as (_other, beside):
        for number in range(1, 6):
            (store if number % 2 else beside).add(new(number), START, START)
        assert [item.id for item in beside.items()] == [5, 4, 3, 2, 1]
        whole(store, 5)


def test_the_diagnosis_counts_it_and_an_opening_moves_nothing(tmp_path: Path) -> None:
    with opened(tmp_path / "a.db") as (_file, store):
        store.add(new(1), START, START)
    with opened(tmp_path / "a.db") as (file, _store):
        file.check()
        assert on_disk(file) == (1, 0, 0), "a file is checked before anything is moved in it"
    with OutboxFile.as_is(tmp_path / "a.db") as file:
        assert outbox_counts(file).waiting == 1


def test_what_a_click_waits_for_is_durable_after_what_was_not(tmp_path: Path) -> None:
    """The connection it has may have served before."""
    with opened(tmp_path / "a.db") as (file, _store):
        with file.write(durable=False):
            pass
        assert file.write_bare(lambda bare: bare.execute("PRAGMA synchronous").fetchone()[0]) == 2


@contextmanager
def full(file: OutboxFile) -> Iterator[None]:
    """No page more for what is taken in; each connection has its own limit."""
    with Database.read(file) as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    for most in (pages + 2, pages + 2000):
        with Database.read(file) as connection:
            connection.exec_driver_sql(f"PRAGMA max_page_count = {most}").fetchall()
        if most == pages + 2:
            yield


def test_where_it_cannot_be_taken_in_it_is_shown_where_it_is(tmp_path: Path) -> None:
    with opened(tmp_path / "a.db") as (file, store):
        store.add(new(1), START, START)
        store.cancel(1, START)
        store.add(replace(new(2), cda=bytes(100_000), replaces="2.25.0"), START, START)
        store.add(new(3), START, START)
        with full(file):
            for _ in range(2):
                assert [item.unique_id for item in store.items()] == ["2.25.3", "2.25.2", "2.25.1"]
                assert [item.id for item in store.items(PATIENT.ins)] == [3, 2, 1]
                assert store.due(START) == [(AUTHOR, 2)]
                assert store.get(2).state is OutboxState.WAITING
                assert [item.id for item in store.followers("2.25.0")] == [2]
                assert [store.document(number) for number in (1, 2, 3)] == [new(1).cda, bytes(100_000), new(3).cda]
                assert outbox_counts(file).waiting == 2
                for act in (lambda: store.cancel(2, START), file.own_connection):
                    with pytest.raises(StorageError, match="storage-full"):
                        act()
                assert on_disk(file) == (2, 1, 1)
        assert store.claim(2, "me", START, timedelta(minutes=5)) is not None, "it can be written again"
        assert on_disk(file) == (0, 3, 3)
        assert [store.document(number) for number in (1, 2, 3)] == [new(1).cda, bytes(100_000), new(3).cda]
        file.check()


def test_who_reads_never_waits_for_who_writes(tmp_path: Path) -> None:
    with opened(tmp_path / "a.db") as (file, store), opened(tmp_path / "a.db") as (other, _):
        store.add(new(1), START, START)
        with Database.write(other):
            begun = monotonic()
            assert [item.unique_id for item in store.items()] == ["2.25.1"]
            assert monotonic() - begun < 2, "the writer was waited for: ten seconds in all"
            assert on_disk(file)[0] == 1
        whole(store, 1)
        assert on_disk(file) == (0, 1, 1)
        with Database.read(file) as connection:
            assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one() == 10_000


def test_where_its_number_is_anothers_it_is_shown_under_one_that_nothing_has(tmp_path: Path) -> None:
    """What is asked for one must not be done to the other."""
    with opened(tmp_path / "a.db") as (file, store):
        of_two_moments(file, store, "Toux. " * 8000)
        with full(file):
            assert [(item.id, item.unique_id) for item in store.items()] == [(1, "2.25.1"), (-1, "2.25.2")]
            assert store.document(1) == built(1, "Toux. " * 8000).cda
            assert store.document(-1) == built(2, "Toux. " * 8000).cda


def cut_chain(path: Path, file: OutboxFile, number: int) -> None:
    """A page of a document that has landed no longer says which one follows. The file is closed, all in it."""
    with Database.write(file) as connection:
        sealed = connection.exec_driver_sql("SELECT document FROM landing WHERE id = ?", (number,)).scalar_one()
        size = connection.exec_driver_sql("PRAGMA page_size").scalar_one()
    file.close()
    whole = bytearray(path.read_bytes())
    page = whole.index(sealed[size * 4 : size * 4 + 16]) // size * size
    whole[page : page + 4] = b"\xff" * 4
    path.write_bytes(whole)


def test_a_damaged_document_is_told_of_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with opened(path) as (file, store):
        for number in (1, 2, 3):
            store.add(new(number, "Toux. " * 8000), START, START)
        cut_chain(path, file, 2)
    with opened(path) as (file, store):
        for _ in range(2):
            assert [item.id for item in store.items()] == [3, 2, 1]
            for number in (1, 3):
                assert store.document(number) == new(number, "Toux. " * 8000).cda
            with pytest.raises(StorageError, match="storage-damaged"):
                store.document(2)
        assert store.add(new(4), START, START).id == 4
        assert store.claim(1, "me", START, timedelta(minutes=5)) is not None, "the others go on"
        assert store.cancel(2, START).state is OutboxState.CANCELLED
        assert on_disk(file) == (1, 4, 4), "it stays, for a repair"


def test_a_backup_may_hold_what_has_landed(tmp_path: Path) -> None:
    with Station(tmp_path / "home") as station:
        station.fill(2)
        station.outbox.items()
        station.outbox.add(new(3), START, START)
        backup = station.backups.make()
        assert on_disk(station.file) == (1, 2, 2)
    for name in ("dmp-desktop.db", "boite-envoi.db"):
        (tmp_path / "home" / name).unlink()
    from tests.unit.storage.test_rebuild import again

    told, folder = again(tmp_path / "home", backup)
    assert told.documents == 3
    with Station(folder) as station:
        whole(station.outbox, 3)


def test_what_has_landed_is_saved_by_a_repair(tmp_path: Path) -> None:
    with Station(tmp_path / "home") as station:
        station.fill(2)
        station.outbox.items()
        station.outbox.add(new(3), START, START)
    made = tmp_path / "made"
    made.mkdir()
    told = rebuild(made, tmp_path / "home" / "dmp-desktop.db", tmp_path / "home" / "boite-envoi.db", KEY)
    assert told.outbox.rows == {"outbox": 3, "outbox_document": 2}
    with Station(made) as station:
        whole(station.outbox, 3)


def of_two_moments(file: OutboxFile, store: OutboxStore, text: str = "") -> None:
    """Pages of different moments: a row that was taken in has not left `landing`, another has its number."""
    store.add(new(1, text), START, START)
    store.items()
    store.add(new(2, text), START, START)
    names = ", ".join(outbox_landing.COLUMNS)
    with Database.write(file) as connection:
        connection.exec_driver_sql("UPDATE landing SET id = 1")
        connection.exec_driver_sql(
            f"INSERT INTO landing (id, {names}, document) SELECT 7, {names}, sealed"
            " FROM outbox JOIN outbox_document ON item_id = outbox.id"
        )
    assert on_disk(file) == (2, 1, 1)


def test_in_a_file_of_two_moments_none_takes_the_place_of_another(tmp_path: Path) -> None:
    with opened(tmp_path / "a.db") as (file, store):
        of_two_moments(file, store)
        items = store.items()[::-1]
        assert [item.unique_id for item in items] == ["2.25.1", "2.25.2"]
        assert [store.document(item.id) for item in items] == [built(number).cda for number in (1, 2)]
        assert on_disk(file) == (0, 2, 2)
        file.check()


def test_a_document_that_a_repair_finds_again_is_given_back_to_its_row(tmp_path: Path) -> None:
    with opened(tmp_path / "a.db") as (file, store):
        of_two_moments(file, store)
        with Database.write(file) as connection:
            connection.exec_driver_sql("UPDATE outbox_document SET sealed = x''")
        assert [store.document(item.id) for item in store.items()[::-1]] == [built(number).cda for number in (1, 2)]


FILES = {one.__file__ for one in (outbox_landing, outbox_file, database)}


def look_until(path: Path, step: int) -> None:
    """In a child: add a document, take in, and die at the `step`-th line run."""
    left = step

    def trace(frame: FrameType, event: str, _argument: object) -> Any:
        nonlocal left
        if frame.f_code.co_filename not in FILES:
            return None
        if event == "line":
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    with opened(path) as (_file, store):
        sys.settrace(trace)
        store.add(new(2), START, START)
        store.items()
        store.add(new(3), START, START)
        store.claim(1, "me", START, timedelta(minutes=5))
        sys.settrace(None)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="fork: Linux only")
def test_killed_at_each_step_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    killed, step, seen = 0, 1, set()
    while True:
        path = tmp_path / f"{step}.db"
        with opened(path) as (_file, store):
            store.add(new(1), START, START)
        child = os.fork()
        if child == 0:
            try:
                look_until(path, step)
                os._exit(0)
            finally:
                os._exit(1)
        _pid, status = os.waitpid(child, 0)
        with opened(path) as (file, store):
            seen.add(on_disk(file)[:2])
            for number in (2, 3):
                store.add(new(number), START, START)
            whole(store, 3)
            assert on_disk(file) == (0, 3, 3)
            file.check()
        if os.WIFEXITED(status):
            assert os.WEXITSTATUS(status) == 0
            break
        killed, step = killed + 1, step + 5
    assert killed > 20
    assert seen == {(1, 0), (2, 0), (0, 2), (1, 2), (0, 3)}, "each moment was met"
